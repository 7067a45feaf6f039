//! Sessions in a directory, each in an SQLite file of its own.
//!
//! ```text
//! PATH/.lock                 held by those who make and remove sessions
//! PATH/<id>/current          names the session's file; its time is that of the last change
//! PATH/<id>/<uuid>.db        the file, with its -wal and -shm while it is in use
//! ```
//!
//! What holds for the one file of all holds for each of these: durable, and shared by several processes. Sessions do not
//! wait for each other, and a session that is deleted gives its place on the disk back.
//!
//! No file name is used twice. So whoever still has the file of a deleted session open, with a log beside it that SQLite
//! finds by its name, cannot meet a new session of the same id. A folder is made and removed in one step, by its name.

mod files;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::{Connection, Transaction};
use uuid::Uuid;

use self::files::Files;
use super::super::directory::{Root, name};
use super::super::{Store, StoredSession, not_stored, stored_already};
use super::session::{Source, SqliteFs, deleted};
use super::tree::failed;
use super::{Database, lock, schema};
use crate::error::Result;
use crate::fs::blocking::blocking;
use crate::fs::{FsError, FsPath, FsResult, LoadedEntry, SessionFs};

/// Sessions in a directory, each in an SQLite file of its own. Clones share it.
#[derive(Clone)]
pub struct SqliteDirectoryStore {
    files: Arc<Files>,
}

/// The file of one session.
pub(super) struct OwnFile {
    files: Arc<Files>,
    name: String,
    /// The file that was first found: another one is of another session with the same id.
    bound: Mutex<Option<Uuid>>,
}

/// What there is of the session that a handle was opened for.
enum Found {
    Nothing,
    /// It was deleted, whether or not there is a new one.
    Deleted,
    Here(Arc<Database>),
}

impl SqliteDirectoryStore {
    /// The store in this directory, which is made (mode 0700) if it is not there. What a crash left of sessions that
    /// were being made or deleted is removed. One that is there and cannot be written can be read.
    /// [`ErrorKind::FsIo`](crate::ErrorKind::FsIo) where the directory cannot be made or opened.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        Ok(blocking(move || {
            let open = || {
                // The directory stays the same one when the working directory changes.
                let root = Root::open(&std::path::absolute(&path)?)?;
                Ok(SqliteDirectoryStore { files: Arc::new(Files::new(root)) })
            };
            open().map_err(|error: io::Error| {
                FsError::io(format!("the store sqlite-dir:{} cannot be opened: {error}", path.display()))
            })
        })
        .await?)
    }

    async fn with_files<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Files) -> FsResult<T> + Send + 'static,
    ) -> Result<T> {
        let files = Arc::clone(&self.files);
        Ok(blocking(move || work(&files)).await?)
    }
}

impl OwnFile {
    fn find(&self) -> FsResult<Found> {
        let current = self.files.current(&self.name)?;
        let bound = *lock(&self.bound);
        let Some(file) = current.filter(|current| bound.is_none_or(|bound| bound == *current)) else {
            return Ok(if bound.is_some() { Found::Deleted } else { Found::Nothing });
        };
        *lock(&self.bound) = Some(file);
        Ok(self.files.database(&self.name, file)?.map_or(Found::Deleted, Found::Here))
    }

    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> FsResult<T>) -> FsResult<T> {
        match self.find()? {
            Found::Here(database) => database.read(work),
            Found::Nothing | Found::Deleted => work(&schema::empty().map_err(failed)?),
        }
    }

    pub(super) fn write<T>(
        &self,
        id: &str,
        work: impl FnOnce(&Transaction<'_>) -> FsResult<T>,
    ) -> FsResult<T> {
        let mut found = self.find()?;
        if matches!(found, Found::Nothing) {
            self.files.make_empty(&self.name, id)?;
            found = self.find()?;
        }
        let Found::Here(database) = found else { return Err(deleted()) };
        let result = database.write(work)?;
        self.files.touch(&self.name);
        Ok(result)
    }
}

#[async_trait]
impl Store for SqliteDirectoryStore {
    async fn open(&self, session_id: &str) -> Result<Arc<dyn SessionFs>> {
        let name = name::encode(session_id)?;
        let bound = self.with_files({
            let name = name.clone();
            move |files| files.current(&name)
        });
        let bound = Mutex::new(bound.await?);
        let file = OwnFile { files: Arc::clone(&self.files), name, bound };
        Ok(Arc::new(SqliteFs::new(Source::Own(file), session_id, None)))
    }

    async fn list(&self) -> Result<Vec<StoredSession>> {
        self.with_files(|files| files.list().map_err(|error| files.failed(&error))).await
    }

    /// One connection to each file that is not open already.
    async fn list_with_file(
        &self,
        path: &FsPath,
        max_bytes: u64,
    ) -> Result<Vec<(StoredSession, Option<Bytes>)>> {
        let path = path.clone();
        self.with_files(move |files| {
            files.list_with_file(&path, max_bytes).map_err(|error| files.failed(&error))
        })
        .await
    }

    async fn find(&self, session_id: &str) -> Result<Option<StoredSession>> {
        let (name, id) = (name::encode(session_id)?, session_id.to_owned());
        self.with_files(move |files| files.stored(&name, id).map_err(|error| files.failed(&error))).await
    }

    async fn exists(&self, session_id: &str) -> Result<bool> {
        let name = name::encode(session_id)?;
        Ok(self.with_files(move |files| files.current(&name)).await?.is_some())
    }

    async fn delete(&self, session_id: &str) -> Result<()> {
        let name = name::encode(session_id)?;
        match self.with_files(move |files| files.delete(&name)).await? {
            true => Ok(()),
            false => Err(not_stored(session_id)),
        }
    }

    async fn create(&self, session_id: &str, entries: Vec<LoadedEntry>) -> Result<()> {
        let (name, id) = (name::encode(session_id)?, session_id.to_owned());
        match self.with_files(move |files| files.create(&name, &id, entries)).await? {
            true => Ok(()),
            false => Err(stored_already(session_id)),
        }
    }

    /// In one step, with all that is in it.
    async fn copy(&self, from: &str, to: &str) -> Result<()> {
        let (from_name, to_name, to_id) = (name::encode(from)?, name::encode(to)?, to.to_owned());
        match self.with_files(move |files| files.copy(&from_name, &to_name, &to_id)).await? {
            (false, _) => Err(not_stored(from)),
            (true, false) => Err(stored_already(to)),
            (true, true) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
