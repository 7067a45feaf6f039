//! Sessions.

use std::time::Duration;

use codriver_ffi_support::{Client, Session};

use crate::error::codriver_error;
use crate::gate::give;
use crate::operation::{begin, codriver_completion};
use crate::status::codriver_status;
use crate::text::{codriver_buf, codriver_str};

/// Makes a session that is not open yet; its id is what asks and tells of it from the first byte on. `config`: JSON, or
/// NULL for the defaults, with `handlers`: what the program answers. README has the names.
///
/// # Safety
/// The conventions: `config` is readable during the call, `out` is a place for an id, `error` is NULL or a place for a
/// pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_new(
    client: u64,
    config: codriver_str,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { give(out, error, || Ok(Session::new(Client(client), &config.to_text("config")?)?.0)) }
}

/// Opens a stream of the session's events, with its own id and its own wakes: from now on, or, where `from_seq` is not 0,
/// from that number on as far as they are held. `codriver_close` ends it.
///
/// # Safety
/// The conventions: `out` is a place for an id, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_subscribe(
    session: u64,
    from_seq: u64,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { give(out, error, || Session(session).subscribe((from_seq > 0).then_some(from_seq))) }
}

/// Creates the session. A session is created, resumed or joined once. Result: `{"sessionId", "workspacePath"?}`.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_create(
    session: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Session(session).create()) }
}

/// Resumes a stored session. Result: as create.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_resume(
    session: u64,
    session_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Session(session).resume(session_id.to_text("session_id")?)) }
}

/// Joins the session of the runtime that started this process. Result: as create.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_join(
    session: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Session(session).join()) }
}

/// Sends a prompt. `options`: `{"prompt": …, …}`. Result: the message id.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_send(
    session: u64,
    options: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Session(session).send(&options.to_text("options")?)) }
}

/// Sends a prompt and waits for the end of its turn, at most `timeout_ms`; the turn then goes on, unless `abort_on_timeout`.
/// Result: `{"messageId", "content", "aborted"}`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_send_and_wait(
    session: u64,
    options: codriver_str,
    timeout_ms: u64,
    abort_on_timeout: bool,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || {
            Session(session).send_and_wait(
                &options.to_text("options")?,
                Duration::from_millis(timeout_ms),
                abort_on_timeout,
            )
        })
    }
}

/// Stops what the session does. Result: `null`.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_abort(
    session: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Session(session).abort()) }
}

/// The stored events. Result: an array of the runtime's own bytes.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_get_events(
    session: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Session(session).get_events()) }
}

/// Switches the model; `reasoning_effort` may be NULL. Result: `null`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_set_model(
    session: u64,
    model: codriver_str,
    reasoning_effort: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || {
            Session(session)
                .set_model(model.to_text("model")?, reasoning_effort.to_optional("reasoning_effort")?)
        })
    }
}

/// Puts a line into the session's log; `level` (`info`, `warning`, `error`) may be NULL. Result: the event's id.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_log(
    session: u64,
    message: codriver_str,
    level: codriver_str,
    ephemeral: bool,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || {
            Session(session).log(message.to_text("message")?, level.to_optional("level")?, ephemeral)
        })
    }
}

/// Waits until the session takes prompts, at most `timeout_ms`. Result: `null`.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_wait_until_ready(
    session: u64,
    timeout_ms: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || Session(session).wait_until_ready(Duration::from_millis(timeout_ms)))
    }
}

/// Any method of the runtime, with `sessionId` added to `params` (a JSON object, or NULL). Result: the runtime's.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_rpc(
    session: u64,
    method: codriver_str,
    params: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || {
            Session(session).rpc(method.to_text("method")?, &params.to_text("params")?)
        })
    }
}

/// Ends the session here and tells the runtime, which keeps what it stored. The id stays, for the events that are left:
/// close it then. Result: `null`.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_disconnect(
    session: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Session(session).disconnect()) }
}

/// `{"sessionId", "workspacePath"?, "capabilities"}`, as it is now.
///
/// # Safety
/// The conventions: `out` is a place for a buffer, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_info(
    session: u64,
    out: *mut codriver_buf,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { give(out, error, || Ok(codriver_buf::of(Session(session).info()?))) }
}

/// What was counted for the session.
///
/// # Safety
/// The conventions: `out` is a place for a buffer, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_counters(
    session: u64,
    out: *mut codriver_buf,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { give(out, error, || Ok(codriver_buf::of(Session(session).counters()?))) }
}
