//! The files of one session in the file of all.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::{Connection, Transaction};

#[cfg(unix)]
use super::directory::OwnFile;
use super::tree::{Tree, failed, now};
use super::{Database, lock, make_session, session_key};
use crate::fs::blocking::blocking;
use crate::fs::{DirEntry, FsChange, FsError, FsPath, FsResult, FsStat, LoadedEntry, SessionFs};

/// Never the key of a session: keys begin at 1.
const NO_SESSION: i64 = 0;

/// The files of one session in a [`SqliteStore`](super::SqliteStore) or a
/// [`SqliteDirectoryStore`](super::SqliteDirectoryStore). Modes are ignored.
#[derive(Clone)]
pub struct SqliteFs {
    session: Arc<Session>,
}

struct Session {
    source: Source,
    id: String,
    /// The key of the session that was found or made; keys are never used again, so one that was deleted and made anew
    /// is another.
    key: Mutex<Option<i64>>,
}

/// The database that a session is in.
pub(super) enum Source {
    /// With all the others.
    Shared(Arc<Database>),
    /// Alone.
    #[cfg(unix)]
    Own(OwnFile),
}

impl Source {
    fn read<T>(&self, work: impl FnOnce(&Connection) -> FsResult<T>) -> FsResult<T> {
        match self {
            Source::Shared(database) => database.read(work),
            #[cfg(unix)]
            Source::Own(file) => file.read(work),
        }
    }

    fn write<T>(&self, id: &str, work: impl FnOnce(&Transaction<'_>) -> FsResult<T>) -> FsResult<T> {
        match self {
            Source::Shared(database) => database.write(work),
            #[cfg(unix)]
            Source::Own(file) => file.write(id, work),
        }
    }

    /// Makes a session in a database that has none of that id. A file of its own is made with its session; without,
    /// it belongs to one that was deleted.
    fn make(&self, transaction: &Transaction<'_>, id: &str) -> FsResult<i64> {
        match self {
            Source::Shared(_) => make_session(transaction, id).map_err(failed),
            #[cfg(unix)]
            Source::Own(_) => Err(deleted()),
        }
    }
}

pub(super) fn deleted() -> FsError {
    FsError::io("the session was deleted").with_write_changed(false)
}

impl SqliteFs {
    pub(super) fn new(source: Source, id: &str, key: Option<i64>) -> Self {
        SqliteFs { session: Arc::new(Session { source, id: id.to_owned(), key: Mutex::new(key) }) }
    }

    async fn reading<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tree<'_>) -> FsResult<T> + Send + 'static,
    ) -> FsResult<T> {
        let session = Arc::clone(&self.session);
        blocking(move || {
            session.source.read(|connection| {
                let key = session.found(connection)?.unwrap_or(NO_SESSION);
                work(&Tree::new(connection, key))
            })
        })
        .await
    }

    async fn changing(&self, work: impl FnOnce(&Tree<'_>) -> FsResult<()> + Send + 'static) -> FsResult<()> {
        let session = Arc::clone(&self.session);
        blocking(move || {
            let key = session.source.write(&session.id, |transaction| {
                let key = match session.found(transaction)? {
                    Some(key) => key,
                    None => session.source.make(transaction, &session.id)?,
                };
                let sql = "UPDATE sessions SET modified = ? WHERE key = ?";
                let touched =
                    transaction.prepare_cached(sql).and_then(|mut touch| touch.execute([now(), key]));
                if touched.map_err(failed)? == 0 {
                    return Err(deleted());
                }
                work(&Tree::new(transaction, key))?;
                Ok(key)
            })?;
            *lock(&session.key) = Some(key);
            Ok(())
        })
        .await
    }
}

impl Session {
    fn found(&self, connection: &Connection) -> FsResult<Option<i64>> {
        let known = *lock(&self.key);
        match known {
            Some(key) => Ok(Some(key)),
            None => {
                let found = session_key(connection, &self.id).map_err(failed)?;
                if found.is_some() {
                    *lock(&self.key) = found;
                }
                Ok(found)
            }
        }
    }
}

#[async_trait]
impl SessionFs for SqliteFs {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        let path = path.clone();
        self.reading(move |tree| tree.read(&path)).await
    }

    async fn write(&self, path: &FsPath, content: Bytes, _mode: Option<u32>) -> FsResult<()> {
        let path = path.clone();
        self.changing(move |tree| tree.write(&path, &content)).await
    }

    async fn append(&self, path: &FsPath, content: Bytes, _mode: Option<u32>) -> FsResult<()> {
        let path = path.clone();
        self.changing(move |tree| tree.append(&path, &content)).await
    }

    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        let path = path.clone();
        self.reading(move |tree| tree.stat(&path)).await
    }

    async fn mkdir(&self, path: &FsPath, recursive: bool, _mode: Option<u32>) -> FsResult<()> {
        let path = path.clone();
        self.changing(move |tree| tree.mkdir(&path, recursive)).await
    }

    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        let path = path.clone();
        self.reading(move |tree| tree.read_dir(&path)).await
    }

    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        let path = path.clone();
        self.changing(move |tree| tree.remove(&path, recursive, force)).await
    }

    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        let (from, to) = (from.clone(), to.clone());
        self.changing(move |tree| tree.rename(&from, &to)).await
    }

    /// All or none, in one transaction.
    async fn apply(&self, changes: Vec<FsChange>) -> FsResult<()> {
        self.changing(move |tree| changes.iter().try_for_each(|change| tree.make(change))).await
    }

    /// One state of the file.
    async fn load(&self, below: &FsPath, max_file_bytes: u64) -> FsResult<Vec<LoadedEntry>> {
        let below = below.clone();
        self.reading(move |tree| tree.load(&below, max_file_bytes)).await
    }
}
