//! The files of one session in its folder.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use super::journal::Journal;
use super::open::{Open, empty_root, failed, failed_lock};
use super::{Root, batch};
use crate::fs::blocking::blocking;
use crate::fs::{DirEntry, FsChange, FsError, FsErrorKind, FsPath, FsResult, FsStat, LoadedEntry, SessionFs};

/// The files of one session in a [`DirectoryStore`](super::DirectoryStore). Its folder is made by the first change.
///
/// Modes are ignored: files are 0600, folders 0700. Symbolic links are not followed and not listed.
#[derive(Clone)]
pub struct DirectoryFs {
    session: Arc<Session>,
}

struct Session {
    root: Arc<Root>,
    name: String,
    open: Mutex<Option<Arc<Open>>>,
}

impl DirectoryFs {
    pub(super) fn new(root: Arc<Root>, name: String, open: Option<Open>) -> Self {
        let open = Mutex::new(open.map(Arc::new));
        DirectoryFs { session: Arc::new(Session { root, name, open }) }
    }

    /// Runs `work` while nobody changes the session; `nothing` is the answer where the session is not there.
    async fn reading<T: Send + 'static>(
        &self,
        path: &FsPath,
        nothing: impl FnOnce(&FsPath) -> FsResult<T> + Send + 'static,
        work: impl FnOnce(&Open, &Journal, &FsPath) -> FsResult<T> + Send + 'static,
    ) -> FsResult<T> {
        let (session, path) = (Arc::clone(&self.session), path.clone());
        blocking(move || match session.open(false).map_err(|error| failed(&path, &error))? {
            Some(open) => {
                let journal = open.lock_for_reading().map_err(|error| failed_lock(&path, &error))?;
                work(&open, &journal, &path)
            }
            None => nothing(&path),
        })
        .await
    }

    /// Runs `work` alone.
    async fn changing(
        &self,
        path: &FsPath,
        work: impl FnOnce(&Open, &Journal, &FsPath) -> FsResult<()> + Send + 'static,
    ) -> FsResult<()> {
        let (session, path) = (Arc::clone(&self.session), path.clone());
        let change = move |session: &Session| {
            let open = session.open(true).map_err(|error| failed(&path, &error))?;
            let open = open.ok_or_else(|| FsError::io("the session's folder was not made"))?;
            let journal = open.lock_for_changing().map_err(|error| failed_lock(&path, &error))?;
            work(&open, &journal, &path)?;
            // The change holds whatever becomes of this.
            if let Err(error) = journal.touch() {
                tracing::warn!(%error, "the time of a session's last change was not kept");
            }
            Ok(())
        };
        blocking(move || change(&session).map_err(|error| session.root.located(error))).await
    }
}

impl Session {
    fn open(&self, make: bool) -> io::Result<Option<Arc<Open>>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.is_none() {
            let folder = match self.root.session(&self.name)? {
                None if make => Some(self.root.make_session(&self.name)?),
                found => found,
            };
            *open = folder.map(|folder| Arc::new(Open::new(folder, self.root.lock_wait)));
        }
        Ok(open.clone())
    }
}

#[async_trait]
impl SessionFs for DirectoryFs {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        self.reading(path, |path| Err(FsError::not_found(path)), Open::read).await
    }

    async fn write(&self, path: &FsPath, content: Bytes, _mode: Option<u32>) -> FsResult<()> {
        self.changing(path, move |open, journal, path| open.write(journal, path, &content)).await
    }

    async fn append(&self, path: &FsPath, content: Bytes, _mode: Option<u32>) -> FsResult<()> {
        self.changing(path, move |open, journal, path| open.append(journal, path, &content)).await
    }

    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        let nothing = |path: &FsPath| match path.is_root() {
            true => Ok(empty_root()),
            false => Err(FsError::not_found(path)),
        };
        self.reading(path, nothing, Open::stat).await
    }

    async fn mkdir(&self, path: &FsPath, recursive: bool, _mode: Option<u32>) -> FsResult<()> {
        self.changing(path, move |open, journal, path| open.mkdir(journal, path, recursive)).await
    }

    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        let nothing = |path: &FsPath| match path.is_root() {
            true => Ok(Vec::new()),
            false => Err(FsError::not_found(path)),
        };
        self.reading(path, nothing, Open::read_dir).await
    }

    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.changing(path, move |open, journal, path| match open.remove(journal, path, recursive) {
            Err(error) if force && error.kind() == FsErrorKind::NotFound => Ok(()),
            result => result,
        })
        .await
    }

    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        let to = to.clone();
        self.changing(from, move |open, journal, from| open.rename(journal, from, &to)).await
    }

    /// Under one lock, so that nobody sees a part of the changes. What cannot be done is found before the first is made;
    /// a crash, or a disk that fails midway, leaves the first ones, as if they had been made one by one.
    async fn apply(&self, changes: Vec<FsChange>) -> FsResult<()> {
        let Some(first) = changes.first() else { return Ok(()) };
        let path = first.path().clone();
        self.changing(&path, move |open, journal, _| batch::apply(open, journal, &changes)).await
    }

    /// One state of the session.
    async fn load(&self, below: &FsPath, max_file_bytes: u64) -> FsResult<Vec<LoadedEntry>> {
        self.reading(
            below,
            |_| Ok(Vec::new()),
            move |open, journal, below| batch::load(open, journal, below, max_file_bytes),
        )
        .await
    }
}
