//! Where sessions are kept: stores of session filesystems.
//!
//! A [`Store`] names sessions and gives each its [`SessionFs`]. [`open`] makes one from a URL: `memory:`, `dir:PATH`,
//! `sqlite:PATH`, `sqlite-dir:PATH`. [`SessionStore`] is what can be done with its sessions: list them, read their events,
//! fork, export, import.

mod cache;
mod create;
#[cfg(unix)]
mod directory;
mod integrity;
mod layout;
mod lazy;
mod list;
mod memory;
mod sessions;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stack;
mod tree;
mod url;

use std::cmp::Ordering;
#[cfg(any(unix, feature = "sqlite"))]
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::{Error, ErrorKind, Result};
#[cfg(any(unix, feature = "sqlite"))]
use crate::fs::{FsError, FsErrorKind};
use crate::fs::{FsPath, LoadedEntry, SessionFs};

pub use cache::CachedFs;
#[cfg(unix)]
pub use directory::{DirectoryFs, DirectoryStore};
pub use integrity::{Damage, DamageKind, LogHealth, check, check_all, repair, repair_all};
pub(crate) use integrity::{notice, recover};
pub(crate) use lazy::LazyFs;
pub use memory::{MemoryFs, MemoryStore};
pub(crate) use sessions::merge;
pub use sessions::{ArchiveManifest, ArchivedFile, MAX_ARCHIVE_BYTES, SessionStore, StoredEvents};
#[cfg(all(unix, feature = "sqlite"))]
pub use sqlite::SqliteDirectoryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteFs, SqliteStore};
pub(crate) use stack::SessionFiles;
pub(crate) use url::check_url;
pub use url::{open, open_existing};

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
/// - [`open`](Store::open) asks a store that is far away nothing: the first call of the filesystem does.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Whether each call takes a way through a network. The sessions of such a store are cached unless the user says
    /// otherwise; a store on this machine is fast without, and others who use it see each change at once.
    fn is_far(&self) -> bool {
        false
    }

    /// The files of a session, whether or not it is there. After [`delete`](Store::delete), one that was opened before
    /// is of no use any more: open it again.
    async fn open(&self, session_id: &str) -> Result<Arc<dyn SessionFs>>;

    /// The sessions that are there, the last changed first.
    async fn list(&self) -> Result<Vec<StoredSession>>;

    /// The sessions that are there, in the same order, each with the content of its file at `path`: none where that is missing,
    /// is larger than `max_bytes` or cannot be read.
    ///
    /// A store of this crate answers in one round trip; this implementation asks for one file after the other, several
    /// at a time.
    async fn list_with_file(
        &self,
        path: &FsPath,
        max_bytes: u64,
    ) -> Result<Vec<(StoredSession, Option<Bytes>)>> {
        list::with_file(self, path, max_bytes).await
    }

    /// The session of that id, where it is there. This implementation looks through [`list`](Store::list).
    async fn find(&self, session_id: &str) -> Result<Option<StoredSession>> {
        Ok(self.list().await?.into_iter().find(|session| session.id == session_id))
    }

    /// Whether the session is there.
    async fn exists(&self, session_id: &str) -> Result<bool>;

    /// Removes a session with all its files, in one step. [`ErrorKind::SessionNotFound`] where it is not there.
    async fn delete(&self, session_id: &str) -> Result<()>;

    /// Makes a session with these files and directories; an entry without content is a directory.
    /// [`ErrorKind::InvalidArgument`] where the session is there already: nothing is overwritten.
    ///
    /// A store of this crate makes all of it in one step, or nothing. This implementation makes one
    /// [`apply`](SessionFs::apply) of it, and removes what it made where that fails; over a filesystem that applies one change
    /// after the other, it leaves a part of the session where the process dies.
    async fn create(&self, session_id: &str, entries: Vec<LoadedEntry>) -> Result<()> {
        create::create(self, session_id, entries).await
    }

    /// Makes the session `to` with the files of `from`, as [`create`](Store::create) does. [`ErrorKind::SessionNotFound`]
    /// where `from` is not there, [`ErrorKind::InvalidArgument`] where `to` is.
    ///
    /// This implementation has the files in memory meanwhile, [`MAX_ARCHIVE_BYTES`] at most, and does not see those on
    /// Windows drives and shares.
    async fn copy(&self, from: &str, to: &str) -> Result<()> {
        let entries = create::load(self, from, MAX_ARCHIVE_BYTES).await?;
        self.create(to, entries).await
    }
}

/// The order of [`Store::list`].
fn by_age(a: &StoredSession, b: &StoredSession) -> Ordering {
    b.modified.cmp(&a.modified).then_with(|| a.id.cmp(&b.id))
}

fn newest_first(mut sessions: Vec<StoredSession>) -> Vec<StoredSession> {
    sessions.sort_unstable_by(by_age);
    sessions
}

fn not_stored(id: &str) -> Error {
    Error::new(ErrorKind::SessionNotFound, format!("the store has no session {id:?}"))
}

fn stored_already(id: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("the store has a session {id:?} already"))
}

/// Says of a failure of the disk itself which store it is.
#[cfg(any(unix, feature = "sqlite"))]
fn located(error: FsError, scheme: &str, path: &Path) -> FsError {
    match (error.kind(), error.write_changed()) {
        (FsErrorKind::Io, None) => {
            FsError::io(format!("{} (the store {scheme}:{})", error.message(), path.display()))
        }
        _ => error,
    }
}

fn check_id(id: &str) -> Result<()> {
    match id.is_empty() {
        true => Err(Error::new(ErrorKind::InvalidArgument, "the session id is empty")),
        false => Ok(()),
    }
}

#[cfg(all(test, unix, feature = "sqlite"))]
mod crash_tests;
#[cfg(all(test, target_os = "linux", feature = "sqlite"))]
mod disk_tests;
#[cfg(all(test, unix, feature = "sqlite"))]
mod process_tests;
#[cfg(all(test, unix, feature = "sqlite"))]
mod tests;
