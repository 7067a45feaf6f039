//! Stores.

use codriver_ffi_support::Store;

use crate::error::codriver_error;
use crate::gate::give;
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
    // SAFETY: by this function's contract.
    unsafe { give(out, error, || Ok(Store::open(&url.to_text("url")?)?.0)) }
}

/// Opens a store as `codriver_store_open`, and makes nothing where nothing is.
///
/// # Safety
/// The conventions: `url` is readable during the call, `out` is a place for an id, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_open_existing(
    url: codriver_str,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { give(out, error, || Ok(Store::open_existing(&url.to_text("url")?)?.0)) }
}

/// The sessions of the store. `filter`: a JSON object, or NULL. Result: an array, as `codriver_client_list_sessions`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_list_sessions(
    store: u64,
    filter: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Store(store).list_sessions(&filter.to_text("filter")?)) }
}

/// What is known of a session. Result: an object, or `null`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_get_session_metadata(
    store: u64,
    session_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || Store(store).get_session_metadata(session_id.to_text("session_id")?))
    }
}

/// The session that was changed last. Result: its id, or `null`.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_get_last_session_id(
    store: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Store(store).get_last_session_id()) }
}

/// The events of a session. Result: `{"events": […], "unreadable": how many lines of the log are none}`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_get_events(
    store: u64,
    session_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Store(store).get_events(session_id.to_text("session_id")?)) }
}

/// Erases a session with all its files. Result: `null`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_delete_session(
    store: u64,
    session_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || Store(store).delete_session(session_id.to_text("session_id")?))
    }
}

/// Makes the session `new_id` of what `session_id` is now. Result: `null`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_fork_session(
    store: u64,
    session_id: codriver_str,
    new_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || {
            Store(store).fork_session(session_id.to_text("session_id")?, new_id.to_text("new_id")?)
        })
    }
}

/// Writes a session into a new file. Result: the archive's manifest.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_export_session(
    store: u64,
    session_id: codriver_str,
    path: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || {
            Store(store).export_session(session_id.to_text("session_id")?, path.to_text("path")?)
        })
    }
}

/// Makes a session of what `codriver_store_export_session` wrote, under the id it had or, where it is not NULL, `new_id`.
/// Result: the id.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_import_session(
    store: u64,
    path: codriver_str,
    new_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || {
            Store(store).import_session(path.to_text("path")?, new_id.to_optional("new_id")?)
        })
    }
}

/// Looks at the event log of a session, which stays as it is. Result:
/// `{"sessionId", "bytes", "events", "damage": [{"kind", "line", "offset", "bytes"}], "quarantine"}`; no `damage`: it is whole.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_check(
    store: u64,
    session_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Store(store).check(session_id.to_text("session_id")?)) }
}

/// `codriver_store_check` of every session, the last changed first. Result: an array, in which one that cannot be read is
/// `{"sessionId", "error": {"number", "name", "message"}}`.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_check_all(
    store: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Store(store).check_all()) }
}

/// Repairs the event log of a session, which must not be open meanwhile. Nothing is deleted: what is not whole goes to the file
/// of the session that `quarantine` names. Result: what was wrong, as `codriver_store_check`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_repair(
    store: u64,
    session_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Store(store).repair(session_id.to_text("session_id")?)) }
}

/// `codriver_store_repair` of every session. Result: as `codriver_store_check_all`.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_store_repair_all(
    store: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Store(store).repair_all()) }
}
