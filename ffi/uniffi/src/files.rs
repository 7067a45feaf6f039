//! Files of sessions that are kept by foreign code.

use codriver_ffi_support as support;
use support::FsOperation;

use crate::callbacks::CallbackError;

/// The files of all sessions of a client, told apart by the session's id. Each method must return at once; later comes one
/// answer with its call id: `respond_content` to `read`, `respond_exists`, `respond_stat`, `respond_entries` to `read_dir`, and
/// `respond_done` to the others; or `fail` with the number of an `FS_…` error. Paths are absolute and normalised.
#[uniffi::export(with_foreign)]
pub trait SessionFiles: Send + Sync {
    /// The whole content of a file.
    fn read(&self, call_id: u64, session_id: String, path: String) -> Result<(), CallbackError>;

    /// Replaces the whole content, or makes the file. `mode` is a POSIX mode for what is newly made.
    fn write(
        &self,
        call_id: u64,
        session_id: String,
        path: String,
        content: Vec<u8>,
        mode: Option<u32>,
    ) -> Result<(), CallbackError>;

    /// Adds to the end, or makes the file.
    fn append(
        &self,
        call_id: u64,
        session_id: String,
        path: String,
        content: Vec<u8>,
        mode: Option<u32>,
    ) -> Result<(), CallbackError>;

    /// Whether there is something.
    fn exists(&self, call_id: u64, session_id: String, path: String) -> Result<(), CallbackError>;

    /// Kind, size and times.
    fn stat(&self, call_id: u64, session_id: String, path: String) -> Result<(), CallbackError>;

    /// Makes a directory; fine if it is there.
    fn mkdir(
        &self,
        call_id: u64,
        session_id: String,
        path: String,
        recursive: bool,
        mode: Option<u32>,
    ) -> Result<(), CallbackError>;

    /// The names in a directory.
    fn read_dir(&self, call_id: u64, session_id: String, path: String) -> Result<(), CallbackError>;

    /// Removes a file or directory.
    fn remove(
        &self,
        call_id: u64,
        session_id: String,
        path: String,
        recursive: bool,
        force: bool,
    ) -> Result<(), CallbackError>;

    /// Moves, and replaces a file that is there.
    fn rename(&self, call_id: u64, session_id: String, path: String, to: String)
    -> Result<(), CallbackError>;
}

/// Hands a call over by the method of its operation.
pub(crate) fn call(files: &dyn SessionFiles, request: support::FsRequest) -> Result<(), CallbackError> {
    let support::FsRequest { call_id, session_id, operation } = request;
    match operation {
        FsOperation::Read { path } => files.read(call_id, session_id, path),
        FsOperation::Write { path, content, mode } => {
            files.write(call_id, session_id, path, content.into(), mode)
        }
        FsOperation::Append { path, content, mode } => {
            files.append(call_id, session_id, path, content.into(), mode)
        }
        FsOperation::Exists { path } => files.exists(call_id, session_id, path),
        FsOperation::Stat { path } => files.stat(call_id, session_id, path),
        FsOperation::Mkdir { path, recursive, mode } => {
            files.mkdir(call_id, session_id, path, recursive, mode)
        }
        FsOperation::ReadDir { path } => files.read_dir(call_id, session_id, path),
        FsOperation::Remove { path, recursive, force } => {
            files.remove(call_id, session_id, path, recursive, force)
        }
        FsOperation::Rename { path, to } => files.rename(call_id, session_id, path, to),
        other => Err(CallbackError::Failed { reason: format!("{other:?} is not known to this binding") }),
    }
}
