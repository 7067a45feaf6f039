//! What a permission handler asks before it answers.

use codriver_ffi_support::approve_for_session;

use crate::error::codriver_error;
use crate::gate::give;
use crate::status::codriver_status;
use crate::text::{codriver_buf, codriver_str};

/// Gives the answer to a `permission` that approves the same thing as `request` (its payload, JSON) for the rest of its session.
/// Asks nobody.
///
/// # Safety
/// The conventions: `request` is readable during the call, `out` is a place for a buffer, `error` is NULL or a place for a
/// pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_approve_for_session(
    request: codriver_str,
    out: *mut codriver_buf,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { give(out, error, || Ok(codriver_buf::of(approve_for_session(&request.to_text("request")?)?))) }
}
