//! The one gate that no panic passes (DESIGN I27).

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use codriver::{Error, ErrorKind, Result};

/// Runs what a foreign caller asked for; a panic in it is `INTERNAL`.
///
/// # Errors
/// Those of `work`, and `INTERNAL` with what the panic said.
pub fn gate<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(&*panic)))
}

pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    let text = text.unwrap_or_else(|| "no message".to_owned());
    Error::new(ErrorKind::Internal, format!("a bug in codriver, please report it: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i27_a_panic_is_an_internal_error_with_its_text() {
        let error = gate(|| -> Result<()> { panic!("lost {}", "it") }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert!(error.message().ends_with("lost it"), "{error}");
    }
}
