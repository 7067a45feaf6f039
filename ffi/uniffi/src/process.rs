//! What belongs to no client.

use std::time::Duration;

use codriver_ffi_support as support;

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
    Ok(support::find_runtime(&options)?)
}

/// The decision that approves the same thing as `request` (JSON) for the rest of its session, as JSON.
#[uniffi::export]
pub fn approve_for_session(request: String) -> Result<String> {
    Ok(support::approve_for_session(&request)?)
}
