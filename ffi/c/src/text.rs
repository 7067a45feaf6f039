//! Text and bytes on their way in (borrowed) and out (owned).

use std::ffi::c_char;
use std::ptr;
use std::slice;

use codriver_ffi_support::{Error, ErrorKind, Result};

/// Text or bytes that are somebody else's: UTF-8 where text is wanted, not ended by a NUL. `ptr` may be NULL where `len` is
/// 0; for an argument that may be left out, NULL means that it is.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct codriver_str {
    /// The first byte.
    pub ptr: *const c_char,
    /// How many bytes.
    pub len: usize,
}

/// Text or bytes that are the caller's: to be given back by `codriver_buf_free`. All zero: nothing. A NUL stands behind the
/// last byte, which `len` does not count.
#[derive(Debug)]
#[repr(C)]
pub struct codriver_buf {
    /// The first byte.
    pub ptr: *mut c_char,
    /// How many bytes.
    pub len: usize,
}

impl codriver_str {
    pub(crate) fn of(text: &str) -> Self {
        codriver_str::bytes(text.as_bytes())
    }

    /// The pointer is one to memory in any case: what Rust has for nothing, a small number, ends a Go program that has it on
    /// its stack.
    pub(crate) fn bytes(bytes: &[u8]) -> Self {
        let first = if bytes.is_empty() { c"".as_ptr() } else { bytes.as_ptr().cast() };
        codriver_str { ptr: first, len: bytes.len() }
    }

    /// # Errors
    /// `INVALID_ARGUMENT` that names the argument.
    pub(crate) fn to_bytes(self, what: &str) -> Result<Vec<u8>> {
        if self.len == 0 {
            return Ok(Vec::new());
        }
        if self.ptr.is_null() || self.len > isize::MAX as usize {
            let text = format!("{what}: `ptr` is NULL or `len` is impossible");
            return Err(Error::new(ErrorKind::InvalidArgument, text));
        }
        // SAFETY: the caller vouches for `len` bytes at `ptr` that nobody changes during the call (README, Strings); they
        // are copied before it ends.
        Ok(unsafe { slice::from_raw_parts(self.ptr.cast::<u8>(), self.len) }.to_vec())
    }

    /// # Errors
    /// As [`to_bytes`](Self::to_bytes), and `INVALID_UTF8`.
    pub(crate) fn to_text(self, what: &str) -> Result<String> {
        String::from_utf8(self.to_bytes(what)?)
            .map_err(|error| Error::new(ErrorKind::InvalidUtf8, format!("{what}: {}", error.utf8_error())))
    }

    /// `None` where it is left out.
    pub(crate) fn to_optional(self, what: &str) -> Result<Option<String>> {
        if self.ptr.is_null() && self.len == 0 { Ok(None) } else { self.to_text(what).map(Some) }
    }
}

impl codriver_buf {
    pub(crate) const NOTHING: codriver_buf = codriver_buf { ptr: ptr::null_mut(), len: 0 };

    pub(crate) fn of(text: String) -> Self {
        let len = text.len();
        let mut bytes = text.into_bytes();
        // Not twice as much: a batch is large.
        bytes.reserve_exact(1);
        bytes.push(0);
        let ptr = Box::into_raw(bytes.into_boxed_slice()).cast::<c_char>();
        codriver_buf { ptr, len }
    }
}

/// Gives back what a function gave out, and makes it nothing; nothing and NULL are fine.
///
/// # Safety
/// `buf` is NULL, or points to a buffer of this library that was not given back yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_buf_free(buf: *mut codriver_buf) {
    // SAFETY: by this function's contract.
    let Some(buf) = (unsafe { buf.as_mut() }) else { return };
    let codriver_buf { ptr, len } = std::mem::replace(buf, codriver_buf::NOTHING);
    if !ptr.is_null() {
        // SAFETY: `codriver_buf::of` made it of a boxed slice of `len + 1` bytes.
        drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(ptr.cast::<u8>(), len + 1)) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_empty_is_at_an_address_too() {
        for empty in [codriver_str::of(""), codriver_str::bytes(&[]), codriver_str::bytes(&Vec::new())] {
            assert_eq!((empty.ptr, empty.len), (c"".as_ptr(), 0));
        }
    }
}
