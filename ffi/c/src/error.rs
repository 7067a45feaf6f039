//! Errors that the caller owns.

use codriver_ffi_support::{Error, error_json};

use crate::status::codriver_status;
use crate::text::codriver_str;

/// Why a function failed; the caller's, to be given back by `codriver_error_free`. Never changes: any thread may read it.
pub struct codriver_error {
    status: codriver_status,
    message: String,
    json: String,
}

impl codriver_error {
    pub(crate) fn new(error: &Error) -> Self {
        codriver_error {
            status: error.kind().into(),
            message: error.message().to_owned(),
            json: error_json(error),
        }
    }

    pub(crate) fn status(&self) -> codriver_status {
        self.status
    }
}

/// Its number; `CODRIVER_OK` for NULL.
///
/// # Safety
/// `error` is NULL or an error of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_error_status(error: *const codriver_error) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { error.as_ref() }.map_or(codriver_status::CODRIVER_OK, |error| error.status)
}

/// What happened, in a sentence; lives as long as the error. Empty for NULL.
///
/// # Safety
/// `error` is NULL or an error of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_error_message(error: *const codriver_error) -> codriver_str {
    // SAFETY: by this function's contract.
    codriver_str::of(unsafe { error.as_ref() }.map_or("", |error| &error.message))
}

/// `{"number", "name", "message", "rpc"?: {"code", "message", "data"?}}`; lives as long as the error. Empty for NULL.
///
/// # Safety
/// `error` is NULL or an error of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_error_json(error: *const codriver_error) -> codriver_str {
    // SAFETY: by this function's contract.
    codriver_str::of(unsafe { error.as_ref() }.map_or("", |error| &error.json))
}

/// Gives an error back; NULL is fine.
///
/// # Safety
/// `error` is NULL, or an error that a function gave out and that was not given back yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_error_free(error: *mut codriver_error) {
    if !error.is_null() {
        // SAFETY: by this function's contract it is one of `gate::enter`'s boxes.
        drop(unsafe { Box::from_raw(error) });
    }
}
