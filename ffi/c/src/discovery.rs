//! Where the runtime is.

use codriver_ffi_support::{find_runtime, runtime_install_dir};

use crate::error::codriver_error;
use crate::gate::give;
use crate::status::codriver_status;
use crate::text::{codriver_buf, codriver_str};

/// Finds the runtime that a client with these options (JSON, or NULL) would start. Gives `{"path", "origin"}`; the error of one
/// that is not there says where was looked.
///
/// # Safety
/// The conventions: `options` is readable during the call, `out` is a place for a buffer, `error` is NULL or a place for a
/// pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_find_runtime(
    options: codriver_str,
    out: *mut codriver_buf,
    error: *mut *mut codriver_error,
) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { give(out, error, || Ok(codriver_buf::of(find_runtime(&options.to_text("options")?)?))) }
}

/// The directory that `codriver doctor --install` fills, which is looked at last; empty where there is no home.
///
/// # Safety
/// The conventions: `out` is a place for a buffer, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_runtime_install_dir(
    out: *mut codriver_buf,
    error: *mut *mut codriver_error,
) -> codriver_status {
    let work = || {
        let directory = runtime_install_dir().unwrap_or_default();
        Ok(codriver_buf::of(directory.to_string_lossy().into_owned()))
    };
    // SAFETY: by this function's contract.
    unsafe { give(out, error, work) }
}
