//! What a permission handler asks the core before it answers.

use codriver::{PermissionDecision, PermissionRequest, Result};

use crate::error::{read, write};

/// The decision that approves the same thing as `request` for the rest of its session, both as JSON
/// ([`PermissionDecision::approve_for_session`]).
///
/// # Errors
/// `INVALID_ARGUMENT` for what is no request.
pub fn approve_for_session(request: &str) -> Result<String> {
    let request: PermissionRequest = read("permission request", request)?;
    write(&PermissionDecision::approve_for_session(&request))
}
