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

use std::fs::{self, File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use async_trait::async_trait;
use rusqlite::{Connection, Transaction};
use rustix::fs::OFlags;
use uuid::Uuid;

use super::super::directory::{Root, name, unfinished};
use super::super::{Store, StoredSession, newest_first, not_stored, stored_already};
use super::session::{Source, SqliteFs, deleted};
use super::tree::{failed, now};
use super::{Database, create_session, lock, make_session, schema};
use crate::error::Result;
use crate::fs::blocking::blocking;
use crate::fs::{EntryKind, FsError, FsResult, LoadedEntry, SessionFs};

const CURRENT: &str = "current";

/// How many files are kept open when they are not in use.
const IDLE_FILES: usize = 32;

/// Sessions in a directory, each in an SQLite file of its own. Clones share it.
#[derive(Clone)]
pub struct SqliteDirectoryStore {
    files: Arc<Files>,
}

/// The files of the sessions.
pub(super) struct Files {
    root: Root,
    /// Open files, the last used one at the end.
    open: Mutex<Vec<(Uuid, Arc<Database>)>>,
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
    /// were being made or deleted is removed. [`ErrorKind::FsIo`](crate::ErrorKind::FsIo) where the directory cannot be
    /// made or written.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        Ok(blocking(move || {
            let open = || {
                // The directory stays the same one when the working directory changes.
                let root = Root::open(&std::path::absolute(&path)?)?;
                Ok(SqliteDirectoryStore { files: Arc::new(Files { root, open: Mutex::default() }) })
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

impl Files {
    fn failed(&self, error: &io::Error) -> FsError {
        FsError::io(format!("the store sqlite-dir:{}: {error}", self.root.path.display()))
    }

    fn path(&self, folder: &str, file: Uuid) -> PathBuf {
        self.root.path.join(folder).join(format!("{file}.db"))
    }

    /// Which file a session has now.
    fn current(&self, name: &str) -> FsResult<Option<Uuid>> {
        let read = || {
            let mut text = String::new();
            self.root.folder.folder(name)?.file(CURRENT, OFlags::RDONLY)?.read_to_string(&mut text)?;
            Uuid::parse_str(&text).map_err(|_| io::Error::other(format!("{name}/{CURRENT} names no file")))
        };
        match read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            current => current.map(Some).map_err(|error| self.failed(&error)),
        }
    }

    /// The database in a file; none where the session was deleted meanwhile.
    fn database(&self, name: &str, file: Uuid) -> FsResult<Option<Arc<Database>>> {
        let take = |open: &mut Vec<(Uuid, Arc<Database>)>| {
            let place = open.iter().position(|(known, _)| *known == file)?;
            Some(open.remove(place).1)
        };
        let known = take(&mut lock(&self.open));
        let database = match known {
            Some(database) => database,
            None => match Database::open(self.path(name, file)) {
                Ok(database) => Arc::new(database),
                Err(_) if self.current(name)? != Some(file) => return Ok(None),
                Err(error) => return Err(error),
            },
        };
        let mut open = lock(&self.open);
        let others = take(&mut open);
        open.push((file, Arc::clone(&database)));
        let oldest = (open.len() > IDLE_FILES).then(|| open.remove(0));
        drop(open);
        // Closed out of the lock: the last connection of a file writes its log back.
        drop((others, oldest));
        Ok(Some(database))
    }

    fn forget(&self, file: Uuid) {
        let mut open = lock(&self.open);
        let place = open.iter().position(|(known, _)| *known == file);
        let forgotten = place.map(|place| open.remove(place));
        drop(open);
        drop(forgotten);
    }

    /// Makes a session's folder in one step, with the file that `fill` makes at a path. None where there is one already.
    fn make(&self, name: &str, fill: impl FnOnce(PathBuf) -> FsResult<()>) -> FsResult<Option<Uuid>> {
        let failed = |error: io::Error| self.failed(&error);
        let _lock = self.root.lock().map_err(failed)?;
        let (unfinished, file) = (unfinished(), Uuid::new_v4());
        let folder = self.root.folder.make_folder(&unfinished).map_err(failed)?;
        let made = fill(self.path(&unfinished, file)).and_then(|()| {
            let publish = || {
                let mut current = folder.file(CURRENT, OFlags::WRONLY | OFlags::CREATE)?;
                current.write_all(file.to_string().as_bytes())?;
                current.sync_all()?;
                folder.sync()?;
                self.root.folder.rename(&unfinished, &self.root.folder, name)?;
                self.root.folder.sync()
            };
            publish().map_err(failed)
        });
        match made {
            Ok(()) => Ok(Some(file)),
            Err(error) => {
                self.root.folder.remove_all(&unfinished).map_err(failed)?;
                match self.current(name)? {
                    Some(_theirs) => Ok(None),
                    None => Err(error),
                }
            }
        }
    }

    fn make_empty(&self, name: &str, id: &str) -> FsResult<()> {
        let made = self.make(name, |path| {
            schema::make_file(&path).map_err(|error| self.failed(&error))?;
            Database::open(path)?.write(|transaction| make_session(transaction, id).map_err(failed))?;
            Ok(())
        });
        made.map(drop)
    }

    /// Makes a session with these files; whether there was none yet.
    fn create(&self, name: &str, id: &str, entries: Vec<LoadedEntry>) -> FsResult<bool> {
        if self.current(name)?.is_some() {
            return Ok(false);
        }
        let made = self.make(name, |path| {
            schema::make_file(&path).map_err(|error| self.failed(&error))?;
            Database::open(path)?.write(|transaction| create_session(transaction, id, entries))?;
            Ok(())
        });
        Ok(made?.is_some())
    }

    fn delete(&self, name: &str) -> FsResult<bool> {
        let _lock = self.root.lock().map_err(|error| self.failed(&error))?;
        let Some(file) = self.current(name)? else { return Ok(false) };
        let Some(database) = self.database(name, file)? else { return Ok(false) };
        let removed = unfinished();
        let was_there = database.write(|transaction| {
            // For those who have the file open.
            if transaction.execute("DELETE FROM sessions", []).map_err(failed)? == 0 {
                return Ok(false);
            }
            // Before anybody can change the file again.
            let folder = &self.root.folder;
            let renamed = folder.rename(name, folder, &removed).and_then(|()| folder.sync());
            renamed.map_err(|error| self.failed(&error))?;
            Ok(true)
        })?;
        self.forget(file);
        drop(database);
        self.root.folder.remove_all(&removed).map_err(|error| self.failed(&error))?;
        Ok(was_there)
    }

    /// Whether there was something to copy, and a place for it.
    fn copy(&self, from: &str, to: &str, to_id: &str) -> FsResult<(bool, bool)> {
        let Some(file) = self.current(from)? else { return Ok((false, true)) };
        if self.current(to)?.is_some() {
            return Ok((true, false));
        }
        let Some(source) = self.database(from, file)? else { return Ok((false, true)) };
        let mut was_there = true;
        let made = self.make(to, |path| {
            // One state of the source, whoever changes it meanwhile. Not in a transaction: SQLite wants none here.
            let connection = Database::connect(&source.path)?;
            let target = path.to_str().ok_or_else(|| FsError::io("the path of the store is not UTF-8"))?;
            connection.execute("VACUUM INTO ?", [target]).map_err(failed)?;
            fs::set_permissions(&path, Permissions::from_mode(0o600))?;
            let copy = Connection::open(&path).map_err(failed)?;
            schema::switch_to_wal(&copy).map_err(failed)?;
            copy.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
            let sql = "UPDATE sessions SET id = ?1, created = ?2, modified = ?2";
            was_there = copy.execute(sql, rusqlite::params![to_id, now()]).map_err(failed)? > 0;
            if was_there { Ok(()) } else { Err(deleted()) }
        });
        match made {
            Err(_) if !was_there => Ok((false, true)),
            made => Ok((true, made?.is_some())),
        }
    }

    fn list(&self) -> io::Result<Vec<StoredSession>> {
        let mut sessions = Vec::new();
        for entry in self.root.folder.entries()? {
            if let (EntryKind::Directory, Some(id)) = (entry.kind, name::decode(&entry.name)) {
                sessions.extend(self.stored(&entry.name, id)?);
            }
        }
        Ok(newest_first(sessions))
    }

    /// None where there is no session of that name.
    fn stored(&self, name: &str, id: String) -> io::Result<Option<StoredSession>> {
        match fs::metadata(self.root.path.join(name).join(CURRENT)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            current => {
                let current = current?;
                let modified = current.modified()?;
                let created = current.created().unwrap_or(modified).min(modified);
                Ok(Some(StoredSession { id, modified, created }))
            }
        }
    }

    /// Says that the session was changed now; the change itself holds whatever becomes of this.
    fn touch(&self, name: &str) {
        let touch = || -> io::Result<()> {
            let current: File = self.root.folder.folder(name)?.file(CURRENT, OFlags::WRONLY)?;
            current.set_modified(SystemTime::now())
        };
        if let Err(error) = touch() {
            tracing::warn!(%error, "the time of a session's last change was not kept");
        }
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
#[path = "directory_tests.rs"]
mod tests;
