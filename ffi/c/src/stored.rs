//! The stored sessions of a client.

use codriver_ffi_support::Client;

use crate::error::codriver_error;
use crate::gate::give;
use crate::operation::{begin, codriver_completion};
use crate::status::codriver_status;
use crate::text::codriver_str;

/// The stored sessions. `filter`: a JSON object, or NULL. Result: an array.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_list_sessions(
    client: u64,
    filter: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).list_sessions(&filter.to_text("filter")?)) }
}

/// What is known of a stored session. Result: an object, or `null`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_get_session_metadata(
    client: u64,
    session_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || {
            Client(client).get_session_metadata(session_id.to_text("session_id")?)
        })
    }
}

/// The session that was used last. Result: its id, or `null`.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_get_last_session_id(
    client: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).get_last_session_id()) }
}

/// The stored events of a session, whether or not anybody has it open. Result: an array of the runtime's own bytes.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_get_events(
    client: u64,
    session_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).get_events(session_id.to_text("session_id")?)) }
}

/// Erases a stored session. Result: `null`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_delete_session(
    client: u64,
    session_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || Client(client).delete_session(session_id.to_text("session_id")?))
    }
}

/// Opens the store that has the client's sessions; `codriver_close` gives it back. Gives 0 where the runtime keeps them, or the
/// program itself.
///
/// # Safety
/// The conventions: `out` is a place for an id, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_session_store(
    client: u64,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { give(out, error, || Ok(Client(client).session_store()?.map_or(0, |store| store.0))) }
}
