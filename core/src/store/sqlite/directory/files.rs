//! The folders and files of the sessions: which there are, which of them is whose, which are open.

use std::fs::{self, File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use bytes::Bytes;
use rusqlite::{Connection, Transaction};
use rustix::fs::OFlags;
use uuid::Uuid;

use super::super::super::directory::{Root, name, unfinished};
use super::super::super::{StoredSession, by_age};
use super::super::session::deleted;
use super::super::tree::{failed, now};
use super::super::{Database, create_session, list, lock, make_session, schema};
use crate::fs::{EntryKind, FsError, FsPath, FsResult, LoadedEntry};

pub(super) const CURRENT: &str = "current";

/// How many files are kept open when they are not in use.
pub(super) const IDLE_FILES: usize = 32;

/// The files of the sessions.
pub(in super::super) struct Files {
    root: Root,
    /// Open files, the last used one at the end.
    pub(super) open: Mutex<Vec<(Uuid, Arc<Database>)>>,
}

impl Files {
    pub(super) fn new(root: Root) -> Self {
        Files { root, open: Mutex::default() }
    }

    pub(super) fn failed(&self, error: &io::Error) -> FsError {
        FsError::io(format!("the store sqlite-dir:{}: {error}", self.root.path.display()))
    }

    pub(super) fn path(&self, folder: &str, file: Uuid) -> PathBuf {
        self.root.path.join(folder).join(format!("{file}.db"))
    }

    /// Which file a session has now.
    pub(super) fn current(&self, name: &str) -> FsResult<Option<Uuid>> {
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
    pub(super) fn database(&self, name: &str, file: Uuid) -> FsResult<Option<Arc<Database>>> {
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

    pub(super) fn forget(&self, file: Uuid) {
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

    /// The same, with a file in which `fill` makes the session; whether there was none yet.
    fn make_filled(&self, name: &str, fill: impl FnOnce(&Transaction<'_>) -> FsResult<()>) -> FsResult<bool> {
        let made = self.make(name, |path| {
            schema::make_file(&path).map_err(|error| self.failed(&error))?;
            Database::open(path)?.write(fill)
        });
        Ok(made?.is_some())
    }

    pub(super) fn make_empty(&self, name: &str, id: &str) -> FsResult<()> {
        self.make_filled(name, |transaction| make_session(transaction, id).map(drop).map_err(failed))
            .map(drop)
    }

    /// Makes a session with these files; whether there was none yet.
    pub(super) fn create(&self, name: &str, id: &str, entries: Vec<LoadedEntry>) -> FsResult<bool> {
        if self.current(name)?.is_some() {
            return Ok(false);
        }
        self.make_filled(name, |transaction| create_session(transaction, id, entries).map(drop))
    }

    pub(super) fn delete(&self, name: &str) -> FsResult<bool> {
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
    pub(super) fn copy(&self, from: &str, to: &str, to_id: &str) -> FsResult<(bool, bool)> {
        let Some(file) = self.current(from)? else { return Ok((false, true)) };
        if self.current(to)?.is_some() {
            return Ok((true, false));
        }
        let Some(source) = self.database(from, file)? else { return Ok((false, true)) };
        let mut was_there = true;
        let made = self.make(to, |path| {
            // One state of the source, whoever changes it meanwhile. Not in a transaction: SQLite wants none here.
            let connection = source.connect()?;
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

    pub(super) fn list(&self) -> io::Result<Vec<StoredSession>> {
        Ok(self.sessions()?.into_iter().map(|(session, _)| session).collect())
    }

    /// All sessions, each with its file at `path`; none where that is missing, too large or cannot be read.
    pub(super) fn list_with_file(
        &self,
        path: &FsPath,
        max_bytes: u64,
    ) -> io::Result<Vec<(StoredSession, Option<Bytes>)>> {
        let with_file = |(session, name): (StoredSession, String)| {
            let content = self.look_into(&name, path, max_bytes).unwrap_or_else(|error| {
                tracing::warn!(session = session.id, %path, %error, "a file for the list of sessions cannot be read");
                None
            });
            (session, content)
        };
        Ok(self.sessions()?.into_iter().map(with_file).collect())
    }

    /// The file at `path` of the session in that folder. Does not keep the session's file open: a list would put out what
    /// is in use.
    fn look_into(&self, name: &str, path: &FsPath, max_bytes: u64) -> FsResult<Option<Bytes>> {
        let Some(file) = self.current(name)? else { return Ok(None) };
        let look = |connection: &Connection| {
            let listed = list::with_file(connection, path.as_str(), max_bytes).map_err(failed)?;
            Ok(listed.into_iter().find_map(|(_, content)| content))
        };
        let open =
            lock(&self.open).iter().find(|(known, _)| *known == file).map(|(_, open)| Arc::clone(open));
        match open {
            Some(open) => open.read(look),
            None => Database::open(self.path(name, file))?.read_once(look),
        }
    }

    /// The sessions with the names of their folders, the last changed first.
    fn sessions(&self) -> io::Result<Vec<(StoredSession, String)>> {
        let (mut sessions, mut failed) = (Vec::new(), None);
        for entry in self.root.folder.entries()? {
            let (EntryKind::Directory, Some(id)) = (entry.kind, name::decode(&entry.name)) else { continue };
            match self.stored(&entry.name, id) {
                Ok(session) => sessions.extend(session.map(|session| (session, entry.name))),
                Err(error) => {
                    tracing::warn!(folder = entry.name, %error, "a session cannot be listed");
                    failed = failed.or(Some(error));
                }
            }
        }
        // One that cannot be looked at does not hide the others; but nothing is not told where nobody knows.
        if let (true, Some(error)) = (sessions.is_empty(), failed) {
            return Err(error);
        }
        sessions.sort_unstable_by(|(a, _), (b, _)| by_age(a, b));
        Ok(sessions)
    }

    /// None where there is no session of that name.
    pub(super) fn stored(&self, name: &str, id: String) -> io::Result<Option<StoredSession>> {
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
    pub(super) fn touch(&self, name: &str) {
        let touch = || -> io::Result<()> {
            let current: File = self.root.folder.folder(name)?.file(CURRENT, OFlags::WRONLY)?;
            current.set_modified(SystemTime::now())
        };
        if let Err(error) = touch() {
            tracing::warn!(%error, "the time of a session's last change was not kept");
        }
    }
}
