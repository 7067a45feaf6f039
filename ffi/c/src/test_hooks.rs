//! Functions that fail on purpose; only with the cargo feature `test-hooks`.

use codriver_ffi_support::Client;

use crate::error::codriver_error;
use crate::gate::enter;
use crate::operation::{begin, codriver_completion};
use crate::status::codriver_status;

/// Panics in the library, on the caller's thread.
///
/// # Safety
/// `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_test_panic(error: *mut *mut codriver_error) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { enter(error, || panic!("on purpose")) }
}

/// Panics in the library, in an operation.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_test_panic_later(
    client: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).panic_on_purpose()) }
}

/// Runs the conformance suite of filesystems over `fs_request`: every case with the files of a session of its own
/// (`conformance-1`, …), which must be empty. Gives `{"passed": […], "failures": [{"case", "reason"}]}`.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_test_fs_conformance(
    client: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).fs_conformance()) }
}

/// Reads a small file of the session `measured` through `fs_request`, `calls` times, one after the other. Gives
/// `{"nanoseconds"}`, which all of them took.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_test_fs_round_trips(
    client: u64,
    calls: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).fs_round_trips(calls)) }
}
