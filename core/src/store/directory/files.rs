//! The operations on an open session folder. Who calls one holds the lock.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;

use bytes::Bytes;
use rustix::fs::OFlags;

use super::folder::Found;
use super::journal::{Journal, Note, checksum};
use super::open::{Open, empty_root, failed, foreign, names};
use crate::fs::{DirEntry, EntryKind, FsError, FsErrorKind, FsPath, FsResult, FsStat};

impl Open {
    pub(super) fn read(&self, journal: &Journal, path: &FsPath) -> FsResult<Bytes> {
        let place = self.place(journal, path)?;
        match place.find(path)? {
            Found::Directory => return Err(FsError::is_a_directory(path)),
            Found::Foreign => return Err(foreign(path)),
            Found::Nothing => return Err(FsError::not_found(path)),
            Found::File => {}
        }
        let read = || {
            let file = place.folder.file(&place.name, OFlags::RDONLY)?;
            let len = place.len(file.metadata()?.len());
            let mut content = Vec::with_capacity(usize::try_from(len).unwrap_or(0));
            file.take(len).read_to_end(&mut content)?;
            Ok(content.into())
        };
        read().map_err(|error| failed(path, &error))
    }

    pub(super) fn write(&self, journal: &Journal, path: &FsPath, content: &[u8]) -> FsResult<()> {
        let place = self.place_to_make(path)?;
        match place.find(path)? {
            Found::Directory => return Err(FsError::is_a_directory(path)),
            Found::Foreign => return Err(foreign(path)),
            Found::File | Found::Nothing => {}
        }
        let temporary = self.temporary().map_err(|error| failed(path, &error))?;
        let name = uuid::Uuid::new_v4().to_string();
        let write = || {
            journal.settle()?;
            let mut file = temporary.file(&name, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)?;
            file.write_all(content)?;
            file.sync_all()?;
            temporary.rename(&name, &place.folder, &place.name)?;
            place.folder.sync()
        };
        write().map_err(|error| {
            // The next open cleans up what cannot be removed now.
            let _gone_already = temporary.unlink(&name);
            failed(path, &error)
        })
    }

    pub(super) fn append(&self, journal: &Journal, path: &FsPath, content: &[u8]) -> FsResult<()> {
        let place = self.place_to_make(path)?;
        let found = place.find(path)?;
        match found {
            Found::Directory => return Err(FsError::is_a_directory(path)),
            Found::Foreign => return Err(foreign(path)),
            Found::File | Found::Nothing => {}
        }
        let append = || {
            let old_len = match found {
                Found::File => Some(place.folder.file(&place.name, OFlags::WRONLY)?.metadata()?.len()),
                _ => None,
            };
            let at = old_len.unwrap_or(0);
            let names = names(path).map_err(io::Error::other)?;
            let note = Note { names, old_len, new_len: at + content.len() as u64, sum: checksum(content) };
            journal.begin(&note)?;
            let append = || {
                let file = place.folder.file(&place.name, OFlags::WRONLY | OFlags::CREATE)?;
                file.write_all_at(content, at)?;
                file.sync_all()?;
                if old_len.is_none() { place.folder.sync() } else { Ok(()) }
            };
            // What failed midway is taken back as after a crash; where even that fails, the note stands.
            let result = append();
            if result.is_err() {
                self.undo(&note)?;
            }
            journal.end()?;
            result
        };
        append().map_err(|error| failed(path, &error))
    }

    pub(super) fn stat(&self, journal: &Journal, path: &FsPath) -> FsResult<FsStat> {
        let place = match self.place(journal, path) {
            Err(error) if path.is_root() && error.kind() == FsErrorKind::NotFound => return Ok(empty_root()),
            place => place?,
        };
        let stat = |file: File| {
            let metadata = file.metadata()?;
            let modified = metadata.modified()?;
            // Not every filesystem knows when a file was made.
            let created = metadata.created().unwrap_or(modified);
            Ok(match metadata.is_dir() {
                true => FsStat::directory(modified, created),
                false => FsStat::file(place.len(metadata.len()), modified, created),
            })
        };
        let opened = match place.find(path)? {
            Found::Nothing if path.is_root() => return Ok(empty_root()),
            Found::Nothing => return Err(FsError::not_found(path)),
            Found::Foreign => return Err(foreign(path)),
            Found::File => place.folder.file(&place.name, OFlags::RDONLY),
            Found::Directory => place.folder.folder(&place.name).map(|folder| File::from(folder.into_fd())),
        };
        opened.and_then(stat).map_err(|error| failed(path, &error))
    }

    pub(super) fn mkdir(&self, journal: &Journal, path: &FsPath, recursive: bool) -> FsResult<()> {
        if path.is_root() {
            return Ok(());
        }
        let place = match recursive {
            true => self.place_to_make(path)?,
            false => match path.parent().map(|parent| self.kind(journal, &parent)).transpose()? {
                Some(EntryKind::File) => return Err(FsError::not_a_directory(path)),
                _ => self.place_to_make(path)?,
            },
        };
        match place.find(path)? {
            Found::Directory => Ok(()),
            Found::File => Err(FsError::not_a_directory(path)),
            Found::Foreign => Err(foreign(path)),
            Found::Nothing => match place.folder.make_folder(&place.name) {
                Ok(_) => Ok(()),
                Err(error) => Err(failed(path, &error)),
            },
        }
    }

    fn kind(&self, journal: &Journal, path: &FsPath) -> FsResult<EntryKind> {
        Ok(self.stat(journal, path)?.kind)
    }

    pub(super) fn read_dir(&self, journal: &Journal, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        let names = match self.kind(journal, path)? {
            EntryKind::File => return Err(FsError::not_a_directory(path)),
            EntryKind::Directory => names(path)?,
        };
        let Some(folder) = self.walk(&names, path)? else { return Ok(Vec::new()) };
        let mut entries = folder.entries().map_err(|error| failed(path, &error))?;
        let torn = journal.torn.as_ref().filter(|torn| torn.old_len.is_none());
        if let Some((name, above)) = torn.and_then(|torn| torn.names.split_last())
            && above == names
        {
            entries.retain(|entry| entry.name != *name);
        }
        Ok(entries)
    }

    pub(super) fn remove(&self, journal: &Journal, path: &FsPath, recursive: bool) -> FsResult<()> {
        if path.is_root() {
            return Err(FsError::unsupported("the root cannot be removed"));
        }
        let place = self.place(journal, path)?;
        let found = place.find(path)?;
        match found {
            Found::Nothing => return Err(FsError::not_found(path)),
            Found::Directory if !recursive => return Err(FsError::is_a_directory(path)),
            _ => {}
        }
        let remove = || {
            journal.settle()?;
            if found != Found::Directory {
                place.folder.unlink(&place.name)?;
                return place.folder.sync();
            }
            // Moved away in one step, and emptied then.
            let (temporary, name) = (self.temporary()?, uuid::Uuid::new_v4().to_string());
            place.folder.rename(&place.name, temporary, &name)?;
            place.folder.sync()?;
            temporary.remove_all(&name)
        };
        remove().map_err(|error| failed(path, &error))
    }

    pub(super) fn rename(&self, journal: &Journal, from: &FsPath, to: &FsPath) -> FsResult<()> {
        let kind = self.kind(journal, from)?;
        if from == to {
            return Ok(());
        }
        let inside =
            from.is_root() || to.as_str().starts_with(&format!("{from}{}", to.conventions().separator()));
        if inside {
            return Err(FsError::io(format!("{from} cannot be moved into itself")).with_write_changed(false));
        }
        match self.kind(journal, to) {
            Ok(EntryKind::Directory) => return Err(FsError::is_a_directory(to)),
            Ok(EntryKind::File) if kind == EntryKind::Directory => return Err(FsError::not_a_directory(to)),
            Err(error) if error.kind() != FsErrorKind::NotFound => return Err(error),
            Ok(EntryKind::File) | Err(_) => {}
        }
        let (source, target) = (self.place(journal, from)?, self.place_to_make(to)?);
        let rename = || {
            journal.settle()?;
            source.folder.rename(&source.name, &target.folder, &target.name)?;
            target.folder.sync()?;
            source.folder.sync()
        };
        rename().map_err(|error| failed(to, &error))
    }
}
