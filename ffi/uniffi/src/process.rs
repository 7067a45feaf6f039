//! What belongs to no client.

use std::time::Duration;

use codriver::ErrorKind;
use codriver_ffi_support as support;

use crate::error::Result;

/// Closes whatever is open and ends all threads of Codriver. What a program does before its language's runtime ends:
/// after it no foreign code is called.
#[uniffi::export]
pub fn shutdown(timeout_ms: u64) -> Result<()> {
    Ok(support::shutdown(Duration::from_millis(timeout_ms))?)
}

/// Calls the callbacks of a client on this thread, until the client is closed. For languages in which a thread that is theirs
/// costs less than one that only comes in.
#[uniffi::export]
pub fn call_back(client: u64) -> Result<()> {
    const HOUR: Duration = Duration::from_secs(60 * 60);
    loop {
        match support::gate(|| support::Client(client).wait(HOUR)) {
            Ok(_) => {}
            Err(error) if [ErrorKind::Closed, ErrorKind::BadHandle].contains(&error.kind()) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
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
