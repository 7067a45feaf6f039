//! Sessions in a directory of this machine: one folder each, whose files can be looked at.
//!
//! ```text
//! PATH/.lock                 held by those who make and remove session folders
//! PATH/<id>/journal          lock and journal of the session; its time is that of the last change
//! PATH/<id>/files/…          the files, by their posix paths; windows roots are in windows-<root>/
//! PATH/<id>/tmp/             what is being written or removed: empty unless a crash left something
//! ```
//!
//! What is acknowledged is on the disk: a write is a temporary file, fsync, rename, fsync of the folder. Several
//! processes may use one directory, if its filesystem has `flock`.

mod batch;
mod files;
mod folder;
mod journal;
mod list;
mod lock;
pub(super) mod name;
mod open;
mod session;

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use rustix::fs::OFlags;

use self::folder::{Folder, Found};
use self::journal::Journal;
use self::lock::{LOCK_WAIT, Lock, Share};
use self::open::Open;
use super::{Store, StoredSession, create, not_stored, stored_already};
use crate::error::Result;
use crate::fs::blocking::blocking;
use crate::fs::{FsChange, FsError, FsPath, FsResult, LoadedEntry, SessionFs};

pub use session::DirectoryFs;

const FILES: &str = "files";
const TEMPORARY: &str = "tmp";
const LOCK: &str = ".lock";

/// What folders that are no sessions, being made or removed, begin with.
const UNFINISHED: &str = ".unfinished-";

/// Sessions in a directory. Clones share it.
#[derive(Clone)]
pub struct DirectoryStore {
    root: Arc<Root>,
}

/// The directory of the sessions.
pub(super) struct Root {
    pub(super) path: PathBuf,
    pub(super) folder: Folder,
    /// How long a call waits for another process.
    lock_wait: Duration,
}

impl DirectoryStore {
    /// The store in this directory, which is made (mode 0700) if it is not there. What a crash left of sessions that
    /// were being made or deleted is removed. One that is there and cannot be written can be read.
    /// [`ErrorKind::FsIo`](crate::ErrorKind::FsIo) where the directory cannot be made or opened.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        Ok(blocking(move || match Root::open(&path) {
            Ok(root) => Ok(DirectoryStore { root: Arc::new(root) }),
            Err(error) => {
                Err(FsError::io(format!("the store dir:{} cannot be opened: {error}", path.display())))
            }
        })
        .await?)
    }

    async fn with_root<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Root) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let root = Arc::clone(&self.root);
        let failed =
            |root: &Root, error| FsError::io(format!("the store dir:{}: {error}", root.path.display()));
        let result: FsResult<T> = blocking(move || work(&root).map_err(|error| failed(&root, error))).await;
        Ok(result?)
    }
}

impl Root {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        make_directory(path)?;
        let root = Root { path: path.to_owned(), folder: Folder::at(path)?, lock_wait: LOCK_WAIT };
        root.clean_up()?;
        Ok(root)
    }

    /// Removes what a crash left, as far as that can be done.
    fn clean_up(&self) -> io::Result<()> {
        let lock = match self.folder.file(LOCK, OFlags::RDWR | OFlags::CREATE) {
            Err(error) if is_read_only(&error) => return Ok(()),
            lock => Lock::try_acquire(lock?, Share::Exclusive),
        };
        // Somebody else at work may be making or removing one of these; another open will clean up.
        if let Ok(Some(_lock)) = lock {
            for entry in self.folder.entries()? {
                if entry.name.starts_with(UNFINISHED)
                    && let Err(error) = self.folder.remove_all(&entry.name)
                {
                    tracing::warn!(name = entry.name, %error, "what a crash left in a store cannot be removed");
                }
            }
        }
        Ok(())
    }

    /// Keeps [`Root::open`] elsewhere from cleaning up until it is dropped.
    pub(super) fn lock(&self) -> io::Result<Lock> {
        let lock = self.folder.file(LOCK, OFlags::RDWR | OFlags::CREATE)?;
        Lock::acquire(lock, Share::Shared, self.deadline())
    }

    /// Says of a failure of the disk which directory it is.
    fn located(&self, error: FsError) -> FsError {
        super::located(error, "dir", &self.path)
    }

    /// When a call that begins now gives up waiting.
    fn deadline(&self) -> Instant {
        Instant::now() + self.lock_wait
    }

    fn session(&self, name: &str) -> io::Result<Option<Folder>> {
        match self.folder.folder(name) {
            Ok(folder) => Ok(Some(folder)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the folder of a session in one step; where somebody else was faster, theirs is taken.
    fn make_session(&self, name: &str) -> io::Result<Folder> {
        let _lock = self.lock()?;
        let (unfinished, folder) = self.begin_session()?;
        let renamed = self.folder.rename(&unfinished, &self.folder, name);
        self.folder.sync()?;
        match (renamed, self.session(name)?) {
            (Ok(()), _) => Ok(folder),
            (Err(_), Some(theirs)) => {
                self.folder.remove_all(&unfinished)?;
                Ok(theirs)
            }
            (Err(error), None) => Err(error),
        }
    }

    /// The folder of a session that has no name yet.
    fn begin_session(&self) -> io::Result<(String, Folder)> {
        let unfinished = unfinished();
        let folder = self.folder.make_folder(&unfinished)?;
        folder.make_folder(FILES)?;
        folder.make_folder(TEMPORARY)?;
        Journal::create(&folder)?;
        folder.sync()?;
        Ok((unfinished, folder))
    }

    /// Makes a session by these changes, in one step; whether there was none yet.
    fn create(&self, name: &str, changes: &[FsChange]) -> FsResult<bool> {
        let _lock = self.lock()?;
        if self.session(name)?.is_some() {
            return Ok(false);
        }
        let (unfinished, folder) = self.begin_session()?;
        let fill = || {
            let open = Open::new(folder, self.lock_wait);
            batch::apply(&open, &open.lock_for_changing()?, changes)?;
            self.folder.rename(&unfinished, &self.folder, name)?;
            Ok(self.folder.sync()?)
        };
        let Err(error) = fill() else { return Ok(true) };
        self.folder.remove_all(&unfinished)?;
        match self.session(name)? {
            Some(_theirs) => Ok(false),
            None => Err(error),
        }
    }

    fn delete(&self, name: &str) -> io::Result<bool> {
        let _lock = self.lock()?;
        let Some(folder) = self.session(name)? else { return Ok(false) };
        let journal = match Journal::lock_exclusive(&folder, self.deadline()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            journal => journal?,
        };
        let unfinished = unfinished();
        self.folder.rename(name, &self.folder, &unfinished)?;
        self.folder.sync()?;
        // Tells those who wait for the lock that the session is gone.
        folder.unlink(journal::NAME)?;
        drop(journal);
        self.folder.remove_all(&unfinished)?;
        Ok(true)
    }
}

/// Makes a directory, durably, with its parents.
fn make_directory(path: &Path) -> io::Result<()> {
    let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    for made in missing {
        let parent = made.parent().filter(|parent| !parent.as_os_str().is_empty());
        Folder::at(parent.unwrap_or(Path::new(".")))?.sync()?;
    }
    Ok(())
}

/// Whether it failed because nothing can be written here, by anybody or by us.
pub(super) fn is_read_only(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
}

/// A new name for a folder that is being made or removed.
pub(super) fn unfinished() -> String {
    format!("{UNFINISHED}{}", uuid::Uuid::new_v4())
}

#[async_trait]
impl Store for DirectoryStore {
    async fn open(&self, session_id: &str) -> Result<Arc<dyn SessionFs>> {
        let (name, root) = (name::encode(session_id)?, Arc::clone(&self.root));
        let open = self
            .with_root({
                let name = name.clone();
                move |root| Ok(root.session(&name)?.map(|folder| Open::new(folder, root.lock_wait)))
            })
            .await?;
        Ok(Arc::new(DirectoryFs::new(root, name, open)))
    }

    async fn list(&self) -> Result<Vec<StoredSession>> {
        self.with_root(Root::list).await
    }

    async fn list_with_file(
        &self,
        path: &FsPath,
        max_bytes: u64,
    ) -> Result<Vec<(StoredSession, Option<Bytes>)>> {
        let path = path.clone();
        self.with_root(move |root| root.list_with_file(&path, max_bytes)).await
    }

    async fn find(&self, session_id: &str) -> Result<Option<StoredSession>> {
        let (name, id) = (name::encode(session_id)?, session_id.to_owned());
        self.with_root(move |root| root.stored(&name, &id)).await
    }

    async fn exists(&self, session_id: &str) -> Result<bool> {
        Ok(self.find(session_id).await?.is_some())
    }

    async fn create(&self, session_id: &str, entries: Vec<LoadedEntry>) -> Result<()> {
        let (name, root) = (name::encode(session_id)?, Arc::clone(&self.root));
        let create =
            move || root.create(&name, &create::changes(entries)).map_err(|error| root.located(error));
        match blocking(create).await? {
            true => Ok(()),
            false => Err(stored_already(session_id)),
        }
    }

    async fn delete(&self, session_id: &str) -> Result<()> {
        let name = name::encode(session_id)?;
        match self.with_root(move |root| root.delete(&name)).await? {
            true => Ok(()),
            false => Err(not_stored(session_id)),
        }
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests;
