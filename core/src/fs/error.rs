//! The error of a filesystem: five kinds inside, two codes on the wire, one line of text.

use std::io;

use crate::error::{Error, ErrorKind};

/// What every operation of a [`SessionFs`](super::SessionFs) returns.
pub type FsResult<T> = Result<T, FsError>;

/// The kinds of [`FsError`], each with its kind in [`ErrorKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FsErrorKind {
    /// Nothing is there (wire: `ENOENT`; `FS_NOT_FOUND`).
    NotFound,
    /// The path is malformed or leaves its mount (wire: `UNKNOWN`; `FS_INVALID_PATH`).
    InvalidPath,
    /// The filesystem cannot or must not do this (wire: `UNKNOWN`; `FS_UNSUPPORTED`).
    Unsupported,
    /// The file is not as the caller last saw it: somebody else changed it (wire: `UNKNOWN`; `FS_CONFLICT`).
    Conflict,
    /// Everything else (wire: `UNKNOWN`; `FS_IO`).
    Io,
}

impl From<FsErrorKind> for ErrorKind {
    fn from(kind: FsErrorKind) -> Self {
        match kind {
            FsErrorKind::NotFound => ErrorKind::FsNotFound,
            FsErrorKind::InvalidPath => ErrorKind::FsInvalidPath,
            FsErrorKind::Unsupported => ErrorKind::FsUnsupported,
            FsErrorKind::Conflict => ErrorKind::FsConflict,
            FsErrorKind::Io => ErrorKind::FsIo,
        }
    }
}

/// Why an operation of a filesystem failed. `Display` is `NAME: message`.
///
/// The runtime is told the code and the first line of the message, cut at 300 characters: a provider may put a whole
/// stack trace here and none of it leaves this process.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", ErrorKind::from(*kind).name())]
pub struct FsError {
    kind: FsErrorKind,
    message: String,
    write_changed: Option<bool>,
}

impl FsError {
    /// An error of any kind.
    pub fn new(kind: FsErrorKind, message: impl Into<String>) -> Self {
        FsError { kind, message: message.into(), write_changed: None }
    }

    /// Nothing is at `path`.
    pub fn not_found(path: impl std::fmt::Display) -> Self {
        FsError::new(FsErrorKind::NotFound, format!("no such file or directory: {path}"))
    }

    /// A directory is at `path`, where a file is needed; nothing was changed.
    pub fn is_a_directory(path: impl std::fmt::Display) -> Self {
        FsError::io(format!("is a directory: {path}")).with_write_changed(false)
    }

    /// No directory is at `path`, or above it, where one is needed; nothing was changed.
    pub fn not_a_directory(path: impl std::fmt::Display) -> Self {
        FsError::io(format!("not a directory: {path}")).with_write_changed(false)
    }

    /// A path that cannot be used; it never reached a provider.
    pub fn invalid_path(message: impl Into<String>) -> Self {
        FsError::new(FsErrorKind::InvalidPath, message).with_write_changed(false)
    }

    /// The filesystem cannot do this; nothing was changed.
    pub fn unsupported(message: impl Into<String>) -> Self {
        FsError::new(FsErrorKind::Unsupported, message).with_write_changed(false)
    }

    /// The file at `path` is not as it was expected; nothing was changed.
    pub fn conflict(path: impl std::fmt::Display) -> Self {
        let text = format!("changed by somebody else: {path}");
        FsError::new(FsErrorKind::Conflict, text).with_write_changed(false)
    }

    /// Any other failure.
    pub fn io(message: impl Into<String>) -> Self {
        FsError::new(FsErrorKind::Io, message)
    }

    /// Says whether the failed operation changed anything; unsaid, nobody knows.
    #[must_use]
    pub fn with_write_changed(mut self, changed: bool) -> Self {
        self.write_changed = Some(changed);
        self
    }

    /// The kind.
    pub fn kind(&self) -> FsErrorKind {
        self.kind
    }

    /// The sentence, without the name.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the failed operation changed anything, where that is known.
    pub fn write_changed(&self) -> Option<bool> {
        self.write_changed
    }
}

impl From<io::Error> for FsError {
    fn from(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => FsErrorKind::NotFound,
            io::ErrorKind::InvalidFilename => FsErrorKind::InvalidPath,
            io::ErrorKind::Unsupported => FsErrorKind::Unsupported,
            _ => FsErrorKind::Io,
        };
        FsError::new(kind, error.to_string())
    }
}

impl From<FsError> for Error {
    fn from(error: FsError) -> Self {
        Error::new(error.kind.into(), error.message)
    }
}

/// Kinds that are not of a filesystem become [`FsErrorKind::Io`] and keep their name in the message.
impl From<Error> for FsError {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::FsNotFound => FsErrorKind::NotFound,
            ErrorKind::FsInvalidPath => FsErrorKind::InvalidPath,
            ErrorKind::FsUnsupported => FsErrorKind::Unsupported,
            ErrorKind::FsConflict => FsErrorKind::Conflict,
            ErrorKind::FsIo => FsErrorKind::Io,
            _ => return FsError::io(error.to_string()),
        };
        FsError::new(kind, error.message())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_the_way_to_the_public_error_and_back() {
        for (kind, name) in [
            (FsErrorKind::NotFound, "FS_NOT_FOUND"),
            (FsErrorKind::InvalidPath, "FS_INVALID_PATH"),
            (FsErrorKind::Unsupported, "FS_UNSUPPORTED"),
            (FsErrorKind::Conflict, "FS_CONFLICT"),
            (FsErrorKind::Io, "FS_IO"),
        ] {
            let public = Error::from(FsError::new(kind, "why"));
            assert_eq!(public.to_string(), format!("{name}: why"));
            assert_eq!(FsError::from(public), FsError::new(kind, "why"));
        }
    }

    #[test]
    fn an_error_that_is_not_of_a_filesystem_keeps_its_name() {
        let error = FsError::from(Error::new(ErrorKind::Timeout, "slow"));
        assert_eq!(error, FsError::io("TIMEOUT: slow"));
    }

    #[test]
    fn io_errors_keep_what_the_wire_can_tell_apart() {
        let kind = |kind: io::ErrorKind| FsError::from(io::Error::from(kind)).kind();
        assert_eq!(kind(io::ErrorKind::NotFound), FsErrorKind::NotFound);
        assert_eq!(kind(io::ErrorKind::InvalidFilename), FsErrorKind::InvalidPath);
        assert_eq!(kind(io::ErrorKind::Unsupported), FsErrorKind::Unsupported);
        assert_eq!(kind(io::ErrorKind::PermissionDenied), FsErrorKind::Io);
        assert_eq!(kind(io::ErrorKind::StorageFull), FsErrorKind::Io);
    }
}
