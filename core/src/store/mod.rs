//! Where sessions are kept: stores of session filesystems.
//!
//! A [`Store`] names sessions and gives each its [`SessionFs`]. [`open`] makes one from a URL: `memory:`, `dir:PATH`,
//! `sqlite:PATH`, `sqlite-dir:PATH`.

mod copy;
#[cfg(unix)]
mod directory;
mod layout;
mod lazy;
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;
mod url;

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;

use crate::error::{Error, ErrorKind, Result};
use crate::fs::SessionFs;

#[cfg(unix)]
pub use directory::{DirectoryFs, DirectoryStore};
pub(crate) use lazy::LazyFs;
pub use memory::{MemoryFs, MemoryStore};
#[cfg(all(unix, feature = "sqlite"))]
pub use sqlite::SqliteDirectoryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteFs, SqliteStore};
pub use url::open;

/// What a [`Store`] knows of a session without looking at its files.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredSession {
    /// The session's id.
    pub id: String,
    /// When the session was last changed.
    pub modified: SystemTime,
    /// When the session was first stored; where a store cannot know, the time of a change.
    pub created: SystemTime,
}

impl StoredSession {
    /// A session of that id, last changed and made at these times.
    pub fn new(id: impl Into<String>, modified: SystemTime, created: SystemTime) -> Self {
        StoredSession { id: id.into(), modified, created }
    }
}

/// Sessions by their ids. What holds for every store:
///
/// - A session is there from its first change on; opening one that is not there makes nothing.
/// - Ids are compared byte by byte, and any text but the empty one is an id, up to a length that the store may limit
///   ([`ErrorKind::InvalidArgument`]).
/// - What a [`SessionFs`] acknowledged is seen by every later call here and by every filesystem of that session.
/// - Clones and filesystems keep the store open; nothing needs to be closed.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The files of a session, whether or not it is there. After [`delete`](Store::delete), one that was opened before
    /// is of no use any more: open it again.
    async fn open(&self, session_id: &str) -> Result<Arc<dyn SessionFs>>;

    /// The sessions that are there, the last changed first.
    async fn list(&self) -> Result<Vec<StoredSession>>;

    /// Whether the session is there.
    async fn exists(&self, session_id: &str) -> Result<bool>;

    /// Removes a session with all its files, in one step. [`ErrorKind::SessionNotFound`] where it is not there.
    async fn delete(&self, session_id: &str) -> Result<()>;

    /// Makes the session `to` with the files of `from`. [`ErrorKind::SessionNotFound`] where `from` is not there,
    /// [`ErrorKind::InvalidArgument`] where `to` is: nothing is overwritten.
    ///
    /// This implementation goes file by file: it wants nobody to change either session meanwhile, removes what it made
    /// where it fails, and leaves a part of `to` where the process dies. It does not see files on Windows shares
    /// (`\\server\share\`).
    async fn copy(&self, from: &str, to: &str) -> Result<()> {
        copy::copy(self, from, to).await
    }
}

/// The order of [`Store::list`].
fn newest_first(mut sessions: Vec<StoredSession>) -> Vec<StoredSession> {
    sessions.sort_unstable_by(|a, b| b.modified.cmp(&a.modified).then_with(|| a.id.cmp(&b.id)));
    sessions
}

fn not_stored(id: &str) -> Error {
    Error::new(ErrorKind::SessionNotFound, format!("the store has no session {id:?}"))
}

fn stored_already(id: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("the store has a session {id:?} already"))
}

fn check_id(id: &str) -> Result<()> {
    match id.is_empty() {
        true => Err(Error::new(ErrorKind::InvalidArgument, "the session id is empty")),
        false => Ok(()),
    }
}

#[cfg(all(test, unix, feature = "sqlite"))]
mod crash_tests;
#[cfg(all(test, unix, feature = "sqlite"))]
mod process_tests;
#[cfg(all(test, unix, feature = "sqlite"))]
mod tests;
