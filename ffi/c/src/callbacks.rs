//! The callbacks of a client.

use std::ffi::c_void;

use codriver_ffi_support::{Callbacks, Error, ErrorKind, FsRequest, Request, Result, fail};

use crate::request::{codriver_fs_request, codriver_request};

/// How a client tells and asks the program: one thread at a time calls these, and `destroy` once, last. Each returns at
/// once. A member that is NULL is not called: questions are then refused.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct codriver_callbacks {
    /// `sizeof(codriver_callbacks)`, as the program knows it.
    pub struct_size: usize,
    /// Given to each of them. Used from another thread than the one that made the client.
    pub user_data: *mut c_void,
    /// `id`, a client, session or stream, has something for `codriver_take`, and had nothing before.
    pub wake: Option<unsafe extern "C" fn(user_data: *mut c_void, id: u64)>,
    /// A question: answer it later, from any thread, by one `codriver_respond` or `codriver_fail`. What `request` points to
    /// lives until the callback returns.
    pub request: Option<unsafe extern "C" fn(user_data: *mut c_void, request: *const codriver_request)>,
    /// A call of the program's own filesystem (`sessionFs.store` is `"foreign"`): answer it as a question. What `request`
    /// points to lives until the callback returns.
    pub fs_request: Option<unsafe extern "C" fn(user_data: *mut c_void, request: *const codriver_fs_request)>,
    /// Nobody waits for the answer to `call_id` any more.
    pub cancel: Option<unsafe extern "C" fn(user_data: *mut c_void, call_id: u64)>,
    /// Nothing of this client is called any more; `user_data` may be freed. Called once. Where the client could not be made,
    /// `codriver_client_new` calls it on its caller's thread before it returns; only of a struct with a wrong `struct_size`
    /// nothing is read, and so nothing called.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
}

/// The callbacks of a program, on their way to the one thread that calls them.
pub(crate) struct Program(codriver_callbacks);

// SAFETY: the conventions say that `user_data` is used on a thread of the library (README, Threads); the rest is function
// pointers. Only one thread has it at a time.
unsafe impl Send for Program {}

impl Program {
    /// # Errors
    /// `INVALID_ARGUMENT` where `struct_size` is not one of a version of this interface.
    ///
    /// # Safety
    /// `callbacks` is NULL or points to `struct_size` bytes of callbacks that keep the conventions.
    pub(crate) unsafe fn new(callbacks: *const codriver_callbacks) -> Result<Self> {
        let nobody = codriver_callbacks {
            struct_size: size_of::<codriver_callbacks>(),
            user_data: std::ptr::null_mut(),
            wake: None,
            request: None,
            fs_request: None,
            cancel: None,
            destroy: None,
        };
        if callbacks.is_null() {
            return Ok(Program(nobody));
        }
        // SAFETY: `struct_size` is the first member in every version.
        let size = unsafe { callbacks.cast::<usize>().read() };
        if size != size_of::<codriver_callbacks>() {
            let text = format!(
                "callbacks.struct_size is {size}, this library knows {}: set it to sizeof(codriver_callbacks)",
                size_of::<codriver_callbacks>()
            );
            return Err(Error::new(ErrorKind::InvalidArgument, text));
        }
        // SAFETY: by this function's contract, and it has the size of this version.
        Ok(Program(unsafe { callbacks.read() }))
    }
}

impl Callbacks for Program {
    fn wake(&self, id: u64) {
        if let Some(wake) = self.0.wake {
            // SAFETY: the program keeps `user_data` usable until `destroy`.
            unsafe { wake(self.0.user_data, id) };
        }
    }

    fn request(&self, request: Request) {
        let Some(ask) = self.0.request else {
            return refuse(
                request.call_id,
                ErrorKind::InvalidConfig,
                "the program has no callback `request`",
            );
        };
        let told = codriver_request::of(&request);
        // SAFETY: as above; `told` borrows from `request`, which outlives the call.
        unsafe { ask(self.0.user_data, &raw const told) };
    }

    fn fs_request(&self, request: FsRequest) {
        let Some(ask) = self.0.fs_request else {
            return refuse(
                request.call_id,
                ErrorKind::FsUnsupported,
                "the program has no callback `fs_request`",
            );
        };
        let told = codriver_fs_request::of(&request);
        // SAFETY: as above.
        unsafe { ask(self.0.user_data, &raw const told) };
    }

    fn cancel(&self, call_id: u64) {
        if let Some(cancel) = self.0.cancel {
            // SAFETY: as above.
            unsafe { cancel(self.0.user_data, call_id) };
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(destroy) = self.0.destroy {
            // SAFETY: as above; nothing is called after this.
            unsafe { destroy(self.0.user_data) };
        }
    }
}

fn refuse(call_id: u64, kind: ErrorKind, text: &str) {
    // One that was cancelled meanwhile needs no answer.
    let _ = fail(call_id, kind.number(), text);
}
