//! Clients.

use codriver_ffi_support::{Client, Dispatch, Error, ErrorKind};

use crate::callbacks::{Program, codriver_callbacks};
use crate::error::codriver_error;
use crate::gate::{check_out, enter, give, put};
use crate::operation::{begin, codriver_completion};
use crate::status::codriver_status;
use crate::text::{codriver_buf, codriver_str};

/// A flag of `codriver_client_new`: callbacks are called by `codriver_wait`, not by a thread of the library.
pub const CODRIVER_CLIENT_WAIT: u32 = 1;

/// Makes a client that is not connected yet. `options`: JSON, or NULL for the defaults; README has the names.
///
/// # Safety
/// The conventions: `options` is readable during the call, `callbacks` is NULL or callbacks, `out` is a place for an id,
/// `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_new(
    options: codriver_str,
    callbacks: *const codriver_callbacks,
    flags: u32,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    let work = || {
        // First of all, so that `destroy` is called whatever fails.
        // SAFETY: by this function's contract.
        let program = unsafe { Program::new(callbacks) }?;
        check_out(out)?;
        let dispatch = match flags {
            0 => Dispatch::Thread,
            CODRIVER_CLIENT_WAIT => Dispatch::Wait,
            other => {
                let text = format!("flags: {other} has bits that this library does not know");
                return Err(Error::new(ErrorKind::InvalidArgument, text));
            }
        };
        let client = Client::new(&options.to_text("options")?, Box::new(program), dispatch)?;
        // SAFETY: by this function's contract.
        unsafe { put(out, client.0) }
    };
    // SAFETY: by this function's contract.
    unsafe { enter(error, work) }
}

/// Connects, and starts the runtime where that is ours to do. Result: `{"protocolVersion", "runtimeVersion"}`.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_connect(
    client: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).connect()) }
}

/// Ends the client in order: sessions, runtime, descendants. Result: the array of errors there were. Twice is fine.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_stop(
    client: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).stop()) }
}

/// Ends the client at once. Result: the array of errors there were.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_force_stop(
    client: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).force_stop()) }
}

/// Asks for a sign of life; `message` may be NULL. Result: `{"message", "timestamp", "protocolVersion"}`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_ping(
    client: u64,
    message: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).ping(message.to_optional("message")?)) }
}

/// The runtime's version and protocol. Result: an object.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_get_status(
    client: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).get_status()) }
}

/// Who is logged in. Result: an object.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_get_auth_status(
    client: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).get_auth_status()) }
}

/// The models there are. Result: an array.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_list_models(
    client: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).list_models()) }
}

/// The session the terminal shows. Result: its id, or `null`.
///
/// # Safety
/// The conventions of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_get_foreground_session_id(
    client: u64,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Client(client).get_foreground_session_id()) }
}

/// Makes the terminal show a session. Result: `null`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_set_foreground_session_id(
    client: u64,
    session_id: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || {
            Client(client).set_foreground_session_id(session_id.to_text("session_id")?)
        })
    }
}

/// Any method of the runtime. `params`: JSON, or NULL for an empty object. Result: the runtime's.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_rpc(
    client: u64,
    method: codriver_str,
    params: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || {
            Client(client).rpc(method.to_text("method")?, &params.to_text("params")?)
        })
    }
}

/// `{"state", "protocolVersion"?, "runtimeVersion"?, "runtimePid"?}`, as it is now.
///
/// # Safety
/// The conventions: `out` is a place for a buffer, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_info(
    client: u64,
    out: *mut codriver_buf,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { give(out, error, || Ok(codriver_buf::of(Client(client).info()?))) }
}

/// The counters of all sessions of the client together.
///
/// # Safety
/// The conventions: `out` is a place for a buffer, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_client_counters(
    client: u64,
    out: *mut codriver_buf,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { give(out, error, || Ok(codriver_buf::of(Client(client).counters()?))) }
}
