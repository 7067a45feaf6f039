//! The one gate of every function that can fail: no panic passes it, and each failure has a number and an error.

use codriver_ffi_support::{Error, ErrorKind, Result, gate};

use crate::error::codriver_error;
use crate::status::codriver_status;

/// Runs a function's work, and tells its failure.
///
/// # Safety
/// `error` is NULL or a place for a pointer.
pub(crate) unsafe fn enter(
    error: *mut *mut codriver_error,
    work: impl FnOnce() -> Result<()>,
) -> codriver_status {
    let (status, told) = match gate(work) {
        Ok(()) => (codriver_status::CODRIVER_OK, std::ptr::null_mut()),
        Err(failure) => {
            let made = codriver_error::new(&failure);
            if error.is_null() {
                return made.status();
            }
            (made.status(), Box::into_raw(Box::new(made)))
        }
    };
    if !error.is_null() {
        // SAFETY: by this function's contract.
        unsafe { error.write(told) };
    }
    status
}

/// Puts a result into the caller's place.
///
/// # Errors
/// `INVALID_ARGUMENT` where there is none.
///
/// # Safety
/// `out` is NULL or a place for a `T`; what is there is overwritten.
pub(crate) unsafe fn put<T>(out: *mut T, value: T) -> Result<()> {
    check_out(out)?;
    // SAFETY: by this function's contract.
    unsafe { out.write(value) };
    Ok(())
}

/// Runs a function that gives something at once.
///
/// # Safety
/// `out` is NULL or a place for a `T`, `error` is NULL or a place for a pointer.
pub(crate) unsafe fn give<T>(
    out: *mut T,
    error: *mut *mut codriver_error,
    work: impl FnOnce() -> Result<T>,
) -> codriver_status {
    let work = || {
        check_out(out)?;
        let value = work()?;
        // SAFETY: by this function's contract.
        unsafe { put(out, value) }
    };
    // SAFETY: by this function's contract.
    unsafe { enter(error, work) }
}

/// To be asked before something is begun whose result could not be told.
pub(crate) fn check_out<T>(out: *mut T) -> Result<()> {
    match out.is_null() {
        true => Err(Error::new(ErrorKind::InvalidArgument, "the place for the result is NULL")),
        false => Ok(()),
    }
}
