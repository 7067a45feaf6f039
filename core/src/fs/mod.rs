//! The filesystem of a session: what a provider implements, and what stands between it and the wire.
//!
//! - [`SessionFs`] is the trait: bytes in, bytes out, on paths that [`FsPath`] has normalised once (DESIGN I23).
//! - [`FsServer`] answers the runtime's `sessionFs.*` calls from any [`SessionFs`], in order and in time (I21, I22).
//! - [`Mounts`] puts several providers behind one trait.
//! - `SqlFs` (feature `sqlite`) gives any of them a database.
//! - `conformance` (feature of that name) is the suite every provider passes.

pub(crate) mod blocking;
mod change;
#[cfg(unix)]
mod disk;
mod entry;
mod error;
mod method;
mod mount;
mod operation;
mod order;
mod path;
mod serve;
#[cfg(feature = "sqlite")]
mod sql;
mod sqlite;
pub(crate) mod timestamp;
mod wire;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;

use async_trait::async_trait;
use bytes::Bytes;

pub use change::{FsChange, LoadedEntry};
#[cfg(test)]
pub(crate) use change::{apply_each, walk};
#[cfg(unix)]
pub use disk::DiskFs;
pub use entry::{DirEntry, EntryKind, FsCapabilities, FsStat};
pub use error::{FsError, FsErrorKind, FsResult};
pub use method::FsAnswer;
pub use mount::{Mounts, Rest};
#[cfg(fuzzing)]
pub(crate) use path::assert_invariants;
pub use path::{Conventions, FsPath};
pub use serve::{DEFAULT_DEADLINE, FsServer};
#[cfg(feature = "sqlite")]
pub use sql::SqlFs;
pub use sqlite::{SqliteErrorClass, SqliteOutcome, SqliteQueryType, SqliteStatement, SqliteTransactionError};

/// The files of one session, wherever they are.
///
/// A provider is made for one session by a factory that is given the session's id; two sessions use the same paths.
/// What every implementation owes, and `conformance` checks:
///
/// - An operation that changes state is atomic: whoever reads, also after a crash, sees all of it or nothing (I24).
/// - What was acknowledged is seen by every later read.
/// - [`write`](SessionFs::write), [`append`](SessionFs::append) and the destination of
///   [`rename`](SessionFs::rename) make missing parent directories; a directory stays until it is removed.
/// - What is not there is [`FsErrorKind::NotFound`]; a file where a directory is needed, or the reverse, is
///   [`FsErrorKind::Io`] and changes nothing.
/// - `mode` is a POSIX mode for what is newly made; a store without modes ignores it.
///
/// [`FsServer`] calls operations that change state one at a time and in order; reads overlap with them and with each
/// other. Futures must not block their thread. Dropping the future of a read cancels it; the future of an operation that
/// changes state is dropped only when the session is gone and the deadline has passed.
#[async_trait]
pub trait SessionFs: Send + Sync + 'static {
    /// The whole content of a file.
    async fn read(&self, path: &FsPath) -> FsResult<Bytes>;

    /// Replaces a file's whole content, or makes the file.
    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()>;

    /// Adds to the end of a file, or makes it. The event log grows so: the cost must not depend on the file's size.
    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()>;

    /// Whether there is a file or directory. An error means nobody knows: it is never told as "no".
    async fn exists(&self, path: &FsPath) -> FsResult<bool> {
        match self.stat(path).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == FsErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Kind, size and times.
    async fn stat(&self, path: &FsPath) -> FsResult<FsStat>;

    /// Makes a directory, with its parents if `recursive`; fine if it is there already.
    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()>;

    /// What is directly in a directory, in any order.
    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>>;

    /// Removes a file, or with `recursive` a directory and all in it. With `force` it is fine if nothing is there.
    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()>;

    /// Moves a file or directory. A file at the destination is replaced in one step; a directory there is not.
    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()>;

    /// Makes several changes, in order. Where one fails, those after it are not made, and whether those before it stay is
    /// the provider's: a store of this crate makes all or none, this implementation goes call by call.
    async fn apply(&self, changes: Vec<FsChange>) -> FsResult<()> {
        change::apply_each(self, changes).await
    }

    /// Everything below a directory, in any order, with the content of the files of at most `max_file_bytes` bytes; nothing
    /// where the directory is not there. One round trip in a store of this crate, a walk in this implementation.
    async fn load(&self, below: &FsPath, max_file_bytes: u64) -> FsResult<Vec<LoadedEntry>> {
        change::walk(self, below, max_file_bytes).await
    }

    /// Ends when nothing that was acknowledged is held back any more. Only layers that hold something back do anything here.
    async fn flush(&self) -> FsResult<()> {
        Ok(())
    }

    /// What this provider can do, as told to the runtime before the first session.
    fn capabilities(&self) -> FsCapabilities {
        FsCapabilities::default()
    }

    /// Runs one statement on the session's database.
    async fn sqlite_query(&self, statement: SqliteStatement) -> FsResult<SqliteOutcome> {
        let _ = statement;
        Err(FsError::unsupported("this filesystem has no SQLite database"))
    }

    /// Runs statements in one transaction: all or none.
    async fn sqlite_transaction(
        &self,
        statements: Vec<SqliteStatement>,
    ) -> Result<Vec<SqliteOutcome>, SqliteTransactionError> {
        let _ = statements;
        Err(SqliteTransactionError::fatal("this filesystem has no SQLite database"))
    }

    /// Whether the session has a database; does not make one.
    async fn sqlite_exists(&self) -> FsResult<bool> {
        Err(FsError::unsupported("this filesystem has no SQLite database"))
    }
}
