//! What belongs to no client.

use std::time::Duration;

use codriver::{ClientOptions, PermissionDecision, PermissionRequest};
use codriver_ffi_support as support;
use support::ErrorKind;

use crate::error::Result;

/// Closes whatever is open and ends all threads of Codriver. What a program does before its language's runtime ends:
/// after it no foreign code is called.
#[uniffi::export]
pub fn shutdown(timeout_ms: u64) -> Result<()> {
    Ok(support::shutdown(Duration::from_millis(timeout_ms))?)
}

/// The version of this library.
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Where the runtime is that a client with these options (JSON, or empty) would start: `{"path", "origin"}`; the error of one
/// that is not there says where was looked.
#[uniffi::export(default(options = ""))]
pub fn find_runtime(options: String) -> Result<String> {
    let options = match options.trim() {
        "" => ClientOptions::new(),
        text => ClientOptions::from_json(serde_json::from_str(text).map_err(unreadable)?)?,
    };
    let found = codriver::find_runtime(&options)?;
    Ok(serde_json::json!({ "path": found.path, "origin": found.origin }).to_string())
}

/// The decision that approves the same thing as `request` (JSON) for the rest of its session, as JSON.
#[uniffi::export]
pub fn approve_for_session(request: String) -> Result<String> {
    let request: PermissionRequest = serde_json::from_str(&request).map_err(unreadable)?;
    Ok(serde_json::to_string(&PermissionDecision::approve_for_session(&request)).map_err(unreadable)?)
}

fn unreadable(error: serde_json::Error) -> support::Error {
    support::Error::new(ErrorKind::InvalidArgument, error.to_string())
}
