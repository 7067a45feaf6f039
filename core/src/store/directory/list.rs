//! The sessions of a directory, with the content of a small file of each.

use std::io::{self, Read as _};

use bytes::Bytes;
use rustix::fs::OFlags;

use super::files::{self, Open};
use super::folder::Folder;
use super::journal::{self, Journal};
use super::{Found, Root, name};
use crate::fs::{EntryKind, FsPath};
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
        let names = files::names(path).map_err(io::Error::other)?;
        self.list_with(|folder, id| match read(folder, &names, max_bytes) {
            Ok(content) => content,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                None
            }
            Err(error) => {
                tracing::warn!(session = id, %path, %error, "a file for the list of sessions cannot be read");
                None
            }
        })
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
        for entry in self.folder.entries()? {
            let (EntryKind::Directory, Some(id)) = (entry.kind, name::decode(&entry.name)) else { continue };
            let Some(folder) = self.session(&entry.name)? else { continue };
            if let Some(session) = stored(&folder, &id)? {
                let found = look(&folder, &id);
                listed.push((session, found));
            }
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

/// The file that these names lead to, while nobody changes the session.
fn read(folder: &Folder, names: &[String], max_bytes: u64) -> io::Result<Option<Bytes>> {
    let mut lock = Journal::lock_shared(folder)?;
    if lock.note()?.is_some() {
        drop(lock);
        // Takes back what a crash tore.
        drop(Open::new(folder.folder(".")?)?);
        lock = Journal::lock_shared(folder)?;
    }
    let Some((name, above)) = names.split_last() else { return Ok(None) };
    let mut at = folder.folder(".")?;
    for name in above {
        at = at.folder(name)?;
    }
    let file = at.file(name, OFlags::RDONLY)?;
    let size = file.metadata()?.len();
    if size > max_bytes {
        return Ok(None);
    }
    let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(max_bytes).read_to_end(&mut content)?;
    drop(lock);
    Ok(Some(content.into()))
}
