//! The sessions of a directory, with the content of a small file of each.

use std::io::{self, Read as _};
use std::time::Instant;

use bytes::Bytes;
use rustix::fs::OFlags;

use super::folder::Folder;
use super::journal::{self, Journal};
use super::open::{Open, names};
use super::{Found, Root, name};
use crate::fs::{EntryKind, FsError, FsErrorKind, FsPath, FsResult};
use crate::store::{StoredSession, by_age};

impl Root {
    pub(super) fn list(&self) -> io::Result<Vec<StoredSession>> {
        self.list_with(|_, _| ()).map(|listed| listed.into_iter().map(|(session, ())| session).collect())
    }

    /// All sessions, each with its file at `path`; none where that is missing, too large or cannot be read.
    pub(super) fn list_with_file(
        &self,
        path: &FsPath,
        max_bytes: u64,
    ) -> io::Result<Vec<(StoredSession, Option<Bytes>)>> {
        let names = names(path).map_err(io::Error::other)?;
        // One for all, so that many sessions that hang take no longer than one.
        let deadline = Instant::now() + self.lock_wait;
        self.list_with(|folder, id| {
            let read = match read(folder, &names, max_bytes, deadline) {
                Ok(Read::Done(content)) => Ok(content),
                Ok(Read::Torn) => self.read_torn(folder, path, max_bytes),
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
                {
                    Ok(None)
                }
                Err(error) => Err(FsError::from(error)),
            };
            read.unwrap_or_else(|error| {
                tracing::warn!(session = id, %path, %error, "a file for the list of sessions cannot be read");
                None
            })
        })
    }

    /// The same as [`read`], by way of what takes a torn append back.
    fn read_torn(&self, folder: &Folder, path: &FsPath, max_bytes: u64) -> FsResult<Option<Bytes>> {
        let open = Open::new(folder.folder(".")?, self.lock_wait);
        let journal = open.lock_for_reading()?;
        match open.stat(&journal, path) {
            Ok(stat) if stat.kind == EntryKind::File && stat.size <= max_bytes => {
                open.read(&journal, path).map(Some)
            }
            Err(error) if error.kind() != FsErrorKind::NotFound => Err(error),
            _ => Ok(None),
        }
    }

    /// The session in the folder of that name; none where it is no session, or was deleted meanwhile.
    pub(super) fn stored(&self, name: &str, id: &str) -> io::Result<Option<StoredSession>> {
        match self.session(name)? {
            Some(folder) => stored(&folder, id),
            None => Ok(None),
        }
    }

    fn list_with<T>(&self, look: impl Fn(&Folder, &str) -> T) -> io::Result<Vec<(StoredSession, T)>> {
        let mut listed = Vec::new();
        let mut failed = None;
        for entry in self.folder.entries()? {
            let (EntryKind::Directory, Some(id)) = (entry.kind, name::decode(&entry.name)) else { continue };
            let look =
                |folder: Folder| Ok(stored(&folder, &id)?.map(|session| (session, look(&folder, &id))));
            match self.session(&entry.name).and_then(|folder| folder.map_or(Ok(None), look)) {
                Ok(session) => listed.extend(session),
                Err(error) => {
                    tracing::warn!(session = id, %error, "a session cannot be listed");
                    failed = failed.or(Some(error));
                }
            }
        }
        // One that cannot be looked at does not hide the others; but nothing is not told where nobody knows.
        if let (true, Some(error)) = (listed.is_empty(), failed) {
            return Err(error);
        }
        listed.sort_unstable_by(|(a, _), (b, _)| by_age(a, b));
        Ok(listed)
    }
}

fn stored(folder: &Folder, id: &str) -> io::Result<Option<StoredSession>> {
    if folder.find(journal::NAME)? != Found::File {
        return Ok(None);
    }
    let journal = match folder.file(journal::NAME, OFlags::RDONLY) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        journal => journal?.metadata()?,
    };
    let modified = journal.modified()?;
    Ok(Some(StoredSession::new(id, modified, journal.created().unwrap_or(modified))))
}

/// What became of reading a file in one go.
enum Read {
    /// None where it is too large.
    Done(Option<Bytes>),
    /// A crash tore an append somewhere in the session.
    Torn,
}

/// The file that these names lead to, while nobody changes the session.
fn read(folder: &Folder, names: &[String], max_bytes: u64, deadline: Instant) -> io::Result<Read> {
    let lock = Journal::lock_shared(folder, deadline)?;
    if lock.note()?.is_some() {
        return Ok(Read::Torn);
    }
    let Some((name, above)) = names.split_last() else { return Ok(Read::Done(None)) };
    let mut at = folder.folder(".")?;
    for name in above {
        at = at.folder(name)?;
    }
    let file = at.file(name, OFlags::RDONLY)?;
    let size = file.metadata()?.len();
    if size > max_bytes {
        return Ok(Read::Done(None));
    }
    let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(max_bytes).read_to_end(&mut content)?;
    drop(lock);
    Ok(Read::Done(Some(content.into())))
}
