//! Stores.

use codriver_ffi_support::Store;

use crate::error::codriver_error;
use crate::gate::{check_out, enter, put};
use crate::operation::{begin, codriver_completion};
use crate::status::codriver_status;
use crate::text::codriver_str;

/// Opens the store that a URL names: `memory:`, `dir:PATH`, `sqlite:PATH`. Blocks while it opens. Its id may be
/// `sessionFs.store` of a client.
///
/// # Safety
/// The conventions: `url` is readable during the call, `out` is a place for an id, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_open(
    url: codriver_str,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    let work = || {
        check_out(out)?;
        let store = Store::open(&url.to_text("url")?)?;
        // SAFETY: by this function's contract.
        unsafe { put(out, store.0) }
    };
    // SAFETY: by this function's contract.
    unsafe { enter(error, work) }
}

/// The sessions that are there, the last changed first. Result: an array of `{"sessionId", "modifiedMs", "createdMs"}`.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_list(
    store: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Store(store).list()) }
}

/// Whether a session is there. Result: `true` or `false`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_exists(
    store: u64,
    session_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Store(store).exists(session_id.to_text("session_id")?)) }
}

/// Removes a session with all its files. Result: `null`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_delete(
    store: u64,
    session_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Store(store).delete(session_id.to_text("session_id")?)) }
}

/// Makes the session `to` with the files of `from`. Result: `null`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_copy(
    store: u64,
    from: codriver_str,
    to: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Store(store).copy(from.to_text("from")?, to.to_text("to")?)) }
}
