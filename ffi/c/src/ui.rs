//! What is shown to the user of a session.

use codriver_ffi_support::Session;

use crate::error::codriver_error;
use crate::operation::{begin, codriver_completion};
use crate::status::codriver_status;
use crate::text::codriver_str;

/// Shows a form. `schema`: a JSON schema object. Result: the answer.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_ui_elicitation(
    session: u64,
    message: codriver_str,
    schema: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || {
            Session(session).ui_elicitation(message.to_text("message")?, &schema.to_text("schema")?)
        })
    }
}

/// Asks a yes-or-no question. Result: `true` or `false`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_ui_confirm(
    session: u64,
    message: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Session(session).ui_confirm(message.to_text("message")?)) }
}

/// Lets the user choose. `choices`: a JSON array of strings. Result: a choice, or `null`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_ui_select(
    session: u64,
    message: codriver_str,
    choices: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe {
        begin(completion, out, error, || {
            Session(session).ui_select(message.to_text("message")?, &choices.to_text("choices")?)
        })
    }
}

/// Lets the user enter a line. Result: it, or `null`.
///
/// # Safety
/// The conventions: the texts are readable during the call, and those of an operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_session_ui_input(
    session: u64,
    message: codriver_str,
    completion: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { begin(completion, out, error, || Session(session).ui_input(message.to_text("message")?)) }
}
