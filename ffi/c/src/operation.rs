//! What takes time: completed by a callback, or waited for.

use std::ffi::c_void;
use std::ptr;
use std::time::Duration;

use codriver_ffi_support::{Completion, Error, ErrorKind, Operation, Result, cancel, wait};

use crate::error::codriver_error;
use crate::gate::{check_out, enter, put};
use crate::status::codriver_status;
use crate::text::{codriver_buf, codriver_str};

/// Who is told of the end of an operation that began: `done` is called once, where the client's callbacks are and before their
/// `destroy`. A store has a thread of its own for it. Where the function failed, nothing began, and `done` is not called.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct codriver_completion {
    /// `sizeof(codriver_completion)`, as the program knows it.
    pub struct_size: usize,
    /// Given to `done`.
    pub user_data: *mut c_void,
    /// `status` is 0 and `result` is JSON, or `error` says why not. Both live until the callback returns.
    pub done: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            status: codriver_status,
            result: codriver_str,
            error: *const codriver_error,
        ),
    >,
}

struct Program(codriver_completion);

// SAFETY: the conventions say that `user_data` is used on a thread of the library (README, Threads).
unsafe impl Send for Program {}

impl Program {
    fn done(&self, outcome: &Result<String>) {
        let Some(done) = self.0.done else { return };
        let (result, error) = match outcome {
            Ok(json) => (codriver_str::of(json), None),
            Err(error) => (codriver_str { ptr: ptr::null(), len: 0 }, Some(codriver_error::new(error))),
        };
        let status = error.as_ref().map_or(codriver_status::CODRIVER_OK, codriver_error::status);
        // SAFETY: the program keeps `user_data` usable until this call; what is given outlives it.
        unsafe { done(self.0.user_data, status, result, error.as_ref().map_or(ptr::null(), ptr::from_ref)) };
    }
}

/// # Safety
/// `completion` is NULL or points to `struct_size` bytes of a completion.
unsafe fn completion(completion: *const codriver_completion) -> Result<Option<Completion>> {
    if completion.is_null() {
        return Ok(None);
    }
    // SAFETY: `struct_size` is the first member in every version.
    let size = unsafe { completion.cast::<usize>().read() };
    if size != size_of::<codriver_completion>() {
        let text = format!("completion.struct_size is {size}: set it to sizeof(codriver_completion)");
        return Err(Error::new(ErrorKind::InvalidArgument, text));
    }
    // SAFETY: by this function's contract, and it has the size of this version.
    let program = Program(unsafe { completion.read() });
    if program.0.done.is_none() {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            "completion.done is NULL; give no completion to wait",
        ));
    }
    Ok(Some(Box::new(move |outcome| program.done(&outcome))))
}

/// Begins an operation: what every function does that has a completion.
///
/// # Safety
/// The conventions: `completion` is NULL or a completion, `out` is NULL or a place for an id, `error` is NULL or a place for
/// a pointer.
pub(crate) unsafe fn begin(
    given: *const codriver_completion,
    out: *mut u64,
    error: *mut *mut codriver_error,
    operation: impl FnOnce() -> Result<Operation>,
) -> codriver_status {
    let work = || {
        // SAFETY: by this function's contract.
        let completion = unsafe { completion(given) }?;
        if completion.is_none() {
            check_out(out)?;
        }
        let id = operation()?.start(completion)?;
        // SAFETY: by this function's contract.
        if out.is_null() { Ok(()) } else { unsafe { put(out, id) } }
    };
    // SAFETY: by this function's contract.
    unsafe { enter(error, work) }
}

/// Waits for an operation that was begun without a completion, at most `timeout_ms`, and gives its result as JSON, or its
/// error. Then the operation is over. `CODRIVER_TIMEOUT` with the operation still running: wait again, or cancel it.
/// `CODRIVER_WOULD_DEADLOCK` within a callback.
///
/// # Safety
/// The conventions: `out` is NULL or a place for a buffer, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_op_wait(
    op: u64,
    timeout_ms: u64,
    out: *mut codriver_buf,
    error: *mut *mut codriver_error,
) -> codriver_status {
    let work = || {
        let json = wait(op, Duration::from_millis(timeout_ms))?;
        // SAFETY: by this function's contract.
        if out.is_null() { Ok(()) } else { unsafe { put(out, codriver_buf::of(json)) } }
    };
    // SAFETY: by this function's contract.
    unsafe { enter(error, work) }
}

/// Asks an operation to end: it ends with `CODRIVER_CANCELLED`, unless it is over already. What the runtime does with it is
/// not undone.
///
/// # Safety
/// `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_op_cancel(op: u64, error: *mut *mut codriver_error) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { enter(error, || cancel(op)) }
}
