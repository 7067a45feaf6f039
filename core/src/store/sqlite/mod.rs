//! Sessions in one SQLite file.
//!
//! - What is acknowledged is on the disk: WAL with `synchronous=FULL`.
//! - Every change is one transaction, begun as one (`BEGIN IMMEDIATE`): several processes may use one file, each waits for
//!   the others, and reads wait for nobody. The file must be on a disk of this machine, as SQLite's WAL demands.
//! - A file is kept in segments; an append adds one and touches no other.

#[cfg(unix)]
mod directory;
mod list;
mod schema;
mod session;
mod tree;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use self::schema::ReadOnly;
use self::session::Source;
use self::tree::{Tree, failed, now};
use super::{Store, StoredSession, check_id, create, not_stored, stored_already};
use crate::error::Result;
use crate::fs::blocking::blocking;
use crate::fs::{FsError, FsPath, FsResult, LoadedEntry, SessionFs};

#[cfg(unix)]
pub use directory::SqliteDirectoryStore;
pub use session::SqliteFs;

/// How many connections for reading are kept when they are not in use.
const IDLE_READERS: usize = 4;

/// Sessions in one SQLite file. Clones share it.
#[derive(Clone)]
pub struct SqliteStore {
    database: Arc<Database>,
}

/// The connections to a file: one that writes, and as many for reading as there are reads at a time.
struct Database {
    path: PathBuf,
    /// Why the file can only be read, where that is so.
    read_only: Option<ReadOnly>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Database {
    /// The database in that file, which must be there.
    fn open(path: PathBuf) -> FsResult<Self> {
        let read_only =
            schema::read_only(&path).map_err(|error| cannot_be_opened(&path, &error.to_string()))?;
        let connection = schema::connect(&path, read_only.as_ref());
        let writer = Mutex::new(connection.map_err(|reason| cannot_be_opened(&path, &reason))?);
        Ok(Database { path, read_only, writer, readers: Mutex::default() })
    }

    fn connect(&self) -> FsResult<Connection> {
        let connection = schema::connect(&self.path, self.read_only.as_ref());
        connection.map_err(|reason| cannot_be_opened(&self.path, &reason))
    }

    /// Writes what is there already: tells at once, and not with the first event, that nothing can be written. Not over what
    /// a newer version of codriver made of the file meanwhile.
    fn try_to_write(&self) -> FsResult<()> {
        self.write(|transaction| match schema::check(transaction).map_err(failed)? {
            Some(Err(reason)) => Err(cannot_be_opened(&self.path, &reason).with_write_changed(false)),
            _ => transaction.pragma_update(None, "user_version", schema::VERSION).map_err(failed),
        })
    }

    /// Runs `work` on one state of the file.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> FsResult<T>) -> FsResult<T> {
        let idle = lock(&self.readers).pop();
        let mut connection = idle.map_or_else(|| self.connect(), Ok)?;
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Deferred).map_err(failed)?;
        let result = work(&transaction);
        transaction.finish().map_err(failed)?;
        let mut readers = lock(&self.readers);
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
        result
    }

    /// Runs `work` on one state of the file, on the only connection that is ever made.
    #[cfg(unix)]
    fn read_once<T>(self, work: impl FnOnce(&Connection) -> FsResult<T>) -> FsResult<T> {
        work(&self.writer.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs `work` alone; changes nothing where it fails.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> FsResult<T>) -> FsResult<T> {
        if let Some(read_only) = &self.read_only {
            let (path, why) = (self.path.display(), &read_only.why);
            let text = format!("the store sqlite:{path} cannot be written: {why}");
            return Err(FsError::io(text).with_write_changed(false));
        }
        let mut connection = lock(&self.writer);
        let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begun.map_err(|error| self.located(failed(error)).with_write_changed(false))?;
        let result = work(&transaction).map_err(|error| self.located(error))?;
        transaction.commit().map_err(|error| self.located(failed(error)))?;
        Ok(result)
    }

    /// Says of a failure of the file itself which file it is.
    fn located(&self, error: FsError) -> FsError {
        super::located(error, "sqlite", &self.path)
    }
}

fn cannot_be_opened(path: &Path, reason: &str) -> FsError {
    FsError::io(format!("the store sqlite:{} cannot be opened: {reason}", path.display()))
}

impl SqliteStore {
    /// The store in this file, which is made (mode 0600) if it is not there; its directory must be. One that is there and
    /// cannot be written can be read, if nobody was killed while writing it.
    /// [`ErrorKind::FsIo`](crate::ErrorKind::FsIo) where it cannot be made or read, is not a store, or was written by
    /// a newer version of codriver.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let open = move || {
            // The file stays the same one when the working directory changes.
            let path = std::path::absolute(&path)?;
            schema::make_file(&path).map_err(|error| cannot_be_opened(&path, &error.to_string()))?;
            let database = Database::open(path)?;
            if database.read_only.is_none() {
                database.try_to_write()?;
            }
            Ok(SqliteStore { database: Arc::new(database) })
        };
        Ok(blocking(open).await?)
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let database = Arc::clone(&self.database);
        Ok(blocking(move || database.read(|connection| work(connection).map_err(failed))).await?)
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let database = Arc::clone(&self.database);
        Ok(blocking(move || database.write(|transaction| work(transaction).map_err(failed))).await?)
    }
}

fn session_key(connection: &Connection, id: &str) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT key FROM sessions WHERE id = ?")?;
    statement.query_row([id], |row| row.get(0)).optional()
}

fn make_session(connection: &Connection, id: &str) -> rusqlite::Result<i64> {
    let sql = "INSERT INTO sessions (id, created, modified) VALUES (?1, ?2, ?2)";
    connection.prepare_cached(sql)?.insert(params![id, now()])
}

/// Makes a session with these files; whether there was none yet.
fn create_session(connection: &Connection, id: &str, entries: Vec<LoadedEntry>) -> FsResult<bool> {
    if session_key(connection, id).map_err(failed)?.is_some() {
        return Ok(false);
    }
    let tree = Tree::new(connection, make_session(connection, id).map_err(failed)?);
    create::changes(entries).iter().try_for_each(|change| tree.make(change))?;
    Ok(true)
}

#[async_trait]
impl Store for SqliteStore {
    async fn open(&self, session_id: &str) -> Result<Arc<dyn SessionFs>> {
        check_id(session_id)?;
        let id = session_id.to_owned();
        let key = self.read(move |connection| session_key(connection, &id)).await?;
        Ok(Arc::new(SqliteFs::new(Source::Shared(Arc::clone(&self.database)), session_id, key)))
    }

    async fn list(&self) -> Result<Vec<StoredSession>> {
        self.read(|connection| {
            let sql = "SELECT id, modified, created FROM sessions ORDER BY modified DESC, id";
            connection.prepare_cached(sql)?.query_map([], list::stored)?.collect()
        })
        .await
    }

    async fn list_with_file(
        &self,
        path: &FsPath,
        max_bytes: u64,
    ) -> Result<Vec<(StoredSession, Option<Bytes>)>> {
        let path = path.as_str().to_owned();
        self.read(move |connection| list::with_file(connection, &path, max_bytes)).await
    }

    async fn find(&self, session_id: &str) -> Result<Option<StoredSession>> {
        let id = session_id.to_owned();
        self.read(move |connection| {
            let sql = "SELECT id, modified, created FROM sessions WHERE id = ?";
            connection.prepare_cached(sql)?.query_row([id], list::stored).optional()
        })
        .await
    }

    async fn exists(&self, session_id: &str) -> Result<bool> {
        check_id(session_id)?;
        let id = session_id.to_owned();
        Ok(self.read(move |connection| session_key(connection, &id)).await?.is_some())
    }

    async fn delete(&self, session_id: &str) -> Result<()> {
        check_id(session_id)?;
        let id = session_id.to_owned();
        match self
            .write(move |transaction| transaction.execute("DELETE FROM sessions WHERE id = ?", [id]))
            .await?
        {
            0 => Err(not_stored(session_id)),
            _ => Ok(()),
        }
    }

    async fn create(&self, session_id: &str, entries: Vec<LoadedEntry>) -> Result<()> {
        check_id(session_id)?;
        let (database, id) = (Arc::clone(&self.database), session_id.to_owned());
        let create = move || database.write(|transaction| create_session(transaction, &id, entries));
        match blocking(create).await? {
            true => Ok(()),
            false => Err(stored_already(session_id)),
        }
    }

    /// In one step, with all that is in it.
    async fn copy(&self, from: &str, to: &str) -> Result<()> {
        check_id(to)?;
        let (from_id, to_id) = (from.to_owned(), to.to_owned());
        let copied = self.write(move |transaction| {
            let Some(source) = session_key(transaction, &from_id)? else {
                return Ok(Some(not_stored(&from_id)));
            };
            if session_key(transaction, &to_id)?.is_some() {
                return Ok(Some(stored_already(&to_id)));
            }
            let target = make_session(transaction, &to_id)?;
            transaction.execute(
                "INSERT INTO nodes (session, path, parent, is_file, size, created, modified)
                    SELECT ?, path, parent, is_file, size, created, modified FROM nodes WHERE session = ?",
                [target, source],
            )?;
            transaction.execute(
                "INSERT INTO segments (node, number, content)
                    SELECT copy.key, number, content FROM segments
                    JOIN nodes AS original ON original.key = segments.node AND original.session = ?
                    JOIN nodes AS copy ON copy.session = ? AND copy.path = original.path",
                [source, target],
            )?;
            Ok(None)
        });
        copied.await?.map_or(Ok(()), Err)
    }
}

#[cfg(all(test, unix))]
mod tests;
