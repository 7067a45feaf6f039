//! Which library this is, and its end.

use std::time::Duration;

use codriver_ffi_support::shutdown;

use crate::error::codriver_error;
use crate::gate::enter;
use crate::status::codriver_status;
use crate::text::codriver_str;

/// The version of this interface. A program compiled with this header works with a library whose number is the same.
pub const CODRIVER_ABI_VERSION: u32 = 1;

/// The version of the interface that the library has; compare it with `CODRIVER_ABI_VERSION`.
#[unsafe(no_mangle)]
pub extern "C" fn codriver_abi_version() -> u32 {
    CODRIVER_ABI_VERSION
}

/// The version of the library, e.g. `0.1.0`; lives as long as the program.
#[unsafe(no_mangle)]
pub extern "C" fn codriver_version() -> codriver_str {
    codriver_str::of(env!("CARGO_PKG_VERSION"))
}

/// Closes whatever is open and ends all threads of the library. A program need not call it; one that counts leaks, or
/// unloads the library, does so last. A client made later starts anew.
///
/// Fails with `CODRIVER_WOULD_DEADLOCK` within a callback, and with `CODRIVER_TIMEOUT` where a callback did not return within
/// `timeout_ms`.
///
/// # Safety
/// `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_shutdown(
    timeout_ms: u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { enter(error, || shutdown(Duration::from_millis(timeout_ms))) }
}
