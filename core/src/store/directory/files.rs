//! The operations on an open session folder. Who calls one holds the lock.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::time::SystemTime;

use bytes::Bytes;
use rustix::fs::OFlags;

use super::folder::{Folder, Found};
use super::journal::{Journal, Note, checksum};
use super::{FILES, TEMPORARY, name};
use crate::fs::{Conventions, DirEntry, EntryKind, FsError, FsErrorKind, FsPath, FsResult, FsStat};

/// The folder of a session that is there.
pub(super) struct Open {
    folder: Folder,
    temporary: Folder,
}

pub(super) fn failed(path: &FsPath, error: &io::Error) -> FsError {
    match FsError::from(io::Error::from(error.kind())).kind() {
        FsErrorKind::NotFound => FsError::not_found(path),
        kind if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
            FsError::new(kind, format!("{path}: the disk is full: {error}"))
        }
        kind => FsError::new(kind, format!("{path}: {error}")),
    }
}

/// The journal is missing only where the session was deleted while it was open here.
pub(super) fn failed_lock(path: &FsPath, error: &io::Error) -> FsError {
    match error.kind() {
        io::ErrorKind::NotFound => FsError::io("the session was deleted").with_write_changed(false),
        _ => failed(path, error),
    }
}

fn is_a_directory(path: &FsPath) -> FsError {
    FsError::io(format!("is a directory: {path}")).with_write_changed(false)
}

fn not_a_directory(path: &FsPath) -> FsError {
    FsError::io(format!("not a directory: {path}")).with_write_changed(false)
}

fn foreign(path: &FsPath) -> FsError {
    FsError::io(format!("neither a file nor a directory, and not followed: {path}")).with_write_changed(false)
}

/// The folder that stands for the root of a path, and the names below it.
pub(super) fn names(path: &FsPath) -> FsResult<Vec<String>> {
    let root = match path.conventions() {
        Conventions::Posix => FILES.to_owned(),
        Conventions::Windows => {
            let root = name::encode(path.root())
                .map_err(|_| FsError::invalid_path("the share's name is too long"))?;
            format!("windows-{root}")
        }
    };
    Ok(std::iter::once(root).chain(path.components().map(str::to_owned)).collect())
}

/// Where something is or would be: its folder, and its name there.
struct Place {
    folder: Folder,
    name: String,
}

impl Open {
    /// Takes what is in an open folder, and cleans it of what a crash left.
    pub(super) fn new(folder: Folder) -> io::Result<Self> {
        let temporary = folder.make_folder(TEMPORARY)?;
        let open = Open { folder, temporary };
        let _lock = open.lock_for_changing()?;
        // Temporary files are made under the lock only, so nobody uses these any more.
        open.temporary.clear()?;
        Ok(open)
    }

    pub(super) fn lock_for_changing(&self) -> io::Result<Journal> {
        let journal = Journal::lock_exclusive(&self.folder)?;
        if let Some(note) = journal.note()? {
            self.undo(&note)?;
            journal.end()?;
        }
        Ok(journal)
    }

    pub(super) fn lock_for_reading(&self) -> io::Result<Journal> {
        let journal = Journal::lock_shared(&self.folder)?;
        match journal.note()? {
            None => Ok(journal),
            Some(_) => {
                drop(journal);
                self.lock_for_changing()
            }
        }
    }

    /// Takes back an append that is not whole; what is whole stays.
    fn undo(&self, note: &Note) -> io::Result<()> {
        let Some((name, above)) = note.names.split_last() else { return Ok(()) };
        let mut folder = None;
        for name in above {
            match folder.as_ref().unwrap_or(&self.folder).folder(name) {
                Ok(inner) => folder = Some(inner),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        let folder = folder.as_ref().unwrap_or(&self.folder);
        if folder.find(name)? != Found::File {
            return Ok(());
        }
        let file = folder.file(name, OFlags::RDWR)?;
        let (len, old_len) = (file.metadata()?.len(), note.old_len.unwrap_or(0));
        if len < old_len
            || len > note.new_len
            || (len == note.new_len && tail_sum(&file, old_len)? == note.sum)
        {
            return Ok(());
        }
        tracing::warn!(file = ?note.names, len, old_len, "took back an append that a crash tore");
        match note.old_len {
            Some(old_len) => {
                file.set_len(old_len)?;
                file.sync_all()
            }
            None => {
                folder.unlink(name)?;
                folder.sync()
            }
        }
    }

    /// The folder that these names lead to.
    fn walk(&self, names: &[String], path: &FsPath) -> FsResult<Option<Folder>> {
        let mut folder: Option<Folder> = None;
        for name in names {
            let at = folder.as_ref().unwrap_or(&self.folder);
            match at.folder(name) {
                Ok(inner) => folder = Some(inner),
                Err(error) => {
                    return match at.find(name).map_err(|error| failed(path, &error))? {
                        Found::Nothing | Found::File => Ok(None),
                        Found::Foreign => Err(foreign(path)),
                        Found::Directory => Err(failed(path, &error)),
                    };
                }
            }
        }
        Ok(folder)
    }

    /// Where `path` is; its folder must be there.
    fn place(&self, path: &FsPath) -> FsResult<Place> {
        let names = names(path)?;
        match names.split_last() {
            Some((name, [])) => {
                let folder = self.folder.folder(".").map_err(|error| failed(path, &error))?;
                Ok(Place { folder, name: name.clone() })
            }
            Some((name, above)) => {
                let folder = self.walk(above, path)?.ok_or_else(|| FsError::not_found(path))?;
                Ok(Place { folder, name: name.clone() })
            }
            None => Err(FsError::not_found(path)),
        }
    }

    /// Where `path` is to be; makes the folders above it. Changes nothing where one of them is a file.
    fn place_to_make(&self, path: &FsPath) -> FsResult<Place> {
        let mut names = names(path)?;
        let name = names.pop().filter(|_| !names.is_empty()).ok_or_else(|| is_a_directory(path))?;
        let mut folder = self.folder.folder(".").map_err(|error| failed(path, &error))?;
        for name in names {
            folder = match folder.find(&name).map_err(|error| failed(path, &error))? {
                Found::File => return Err(not_a_directory(path)),
                Found::Foreign => return Err(foreign(path)),
                Found::Nothing | Found::Directory => {
                    folder.make_folder(&name).map_err(|error| failed(path, &error))?
                }
            };
        }
        Ok(Place { folder, name })
    }

    pub(super) fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        let place = self.place(path)?;
        match place.find(path)? {
            Found::Directory => return Err(is_a_directory(path)),
            Found::Foreign => return Err(foreign(path)),
            Found::File | Found::Nothing => {}
        }
        let read = || {
            let mut file = place.folder.file(&place.name, OFlags::RDONLY)?;
            let mut content = Vec::with_capacity(usize::try_from(file.metadata()?.len()).unwrap_or(0));
            file.read_to_end(&mut content)?;
            Ok(content.into())
        };
        read().map_err(|error| failed(path, &error))
    }

    pub(super) fn write(&self, journal: &Journal, path: &FsPath, content: &[u8]) -> FsResult<()> {
        let place = self.place_to_make(path)?;
        match place.find(path)? {
            Found::Directory => return Err(is_a_directory(path)),
            Found::Foreign => return Err(foreign(path)),
            Found::File | Found::Nothing => {}
        }
        let temporary = uuid::Uuid::new_v4().to_string();
        let write = || {
            journal.settle()?;
            let mut file = self.temporary.file(&temporary, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)?;
            file.write_all(content)?;
            file.sync_all()?;
            self.temporary.rename(&temporary, &place.folder, &place.name)?;
            place.folder.sync()
        };
        write().map_err(|error| {
            // The next open cleans up what cannot be removed now.
            let _gone_already = self.temporary.unlink(&temporary);
            failed(path, &error)
        })
    }

    pub(super) fn append(&self, journal: &Journal, path: &FsPath, content: &[u8]) -> FsResult<()> {
        let place = self.place_to_make(path)?;
        let found = place.find(path)?;
        match found {
            Found::Directory => return Err(is_a_directory(path)),
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

    pub(super) fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        let place = match self.place(path) {
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
                false => FsStat::file(metadata.len(), modified, created),
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

    pub(super) fn mkdir(&self, path: &FsPath, recursive: bool) -> FsResult<()> {
        if path.is_root() {
            return Ok(());
        }
        let place = match recursive {
            true => self.place_to_make(path)?,
            false => match path.parent().map(|parent| self.kind(&parent)).transpose()? {
                Some(EntryKind::File) => return Err(not_a_directory(path)),
                _ => self.place_to_make(path)?,
            },
        };
        match place.find(path)? {
            Found::Directory => Ok(()),
            Found::File => Err(not_a_directory(path)),
            Found::Foreign => Err(foreign(path)),
            Found::Nothing => match place.folder.make_folder(&place.name) {
                Ok(_) => Ok(()),
                Err(error) => Err(failed(path, &error)),
            },
        }
    }

    fn kind(&self, path: &FsPath) -> FsResult<EntryKind> {
        Ok(self.stat(path)?.kind)
    }

    pub(super) fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        match self.kind(path)? {
            EntryKind::File => Err(not_a_directory(path)),
            EntryKind::Directory => match self.walk(&names(path)?, path)? {
                Some(folder) => folder.entries().map_err(|error| failed(path, &error)),
                None => Ok(Vec::new()),
            },
        }
    }

    pub(super) fn remove(&self, journal: &Journal, path: &FsPath, recursive: bool) -> FsResult<()> {
        if path.is_root() {
            return Err(FsError::unsupported("the root cannot be removed"));
        }
        let place = self.place(path)?;
        let found = place.find(path)?;
        match found {
            Found::Nothing => return Err(FsError::not_found(path)),
            Found::Directory if !recursive => return Err(is_a_directory(path)),
            _ => {}
        }
        let remove = || {
            journal.settle()?;
            if found != Found::Directory {
                place.folder.unlink(&place.name)?;
                return place.folder.sync();
            }
            // Moved away in one step, and emptied then.
            let temporary = uuid::Uuid::new_v4().to_string();
            place.folder.rename(&place.name, &self.temporary, &temporary)?;
            place.folder.sync()?;
            self.temporary.remove_all(&temporary)
        };
        remove().map_err(|error| failed(path, &error))
    }

    pub(super) fn rename(&self, journal: &Journal, from: &FsPath, to: &FsPath) -> FsResult<()> {
        let kind = self.kind(from)?;
        if from == to {
            return Ok(());
        }
        let inside =
            from.is_root() || to.as_str().starts_with(&format!("{from}{}", to.conventions().separator()));
        if inside {
            return Err(FsError::io(format!("{from} cannot be moved into itself")).with_write_changed(false));
        }
        match self.kind(to) {
            Ok(EntryKind::Directory) => return Err(is_a_directory(to)),
            Ok(EntryKind::File) if kind == EntryKind::Directory => return Err(not_a_directory(to)),
            Err(error) if error.kind() != FsErrorKind::NotFound => return Err(error),
            Ok(EntryKind::File) | Err(_) => {}
        }
        let (source, target) = (self.place(from)?, self.place_to_make(to)?);
        let rename = || {
            journal.settle()?;
            source.folder.rename(&source.name, &target.folder, &target.name)?;
            target.folder.sync()?;
            source.folder.sync()
        };
        rename().map_err(|error| failed(to, &error))
    }
}

impl Place {
    fn find(&self, path: &FsPath) -> FsResult<Found> {
        self.folder.find(&self.name).map_err(|error| failed(path, &error))
    }
}

pub(super) fn empty_root() -> FsStat {
    FsStat::directory(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH)
}

/// The checksum of what is behind `at`.
fn tail_sum(file: &File, at: u64) -> io::Result<u64> {
    let mut tail =
        vec![0; usize::try_from(file.metadata()?.len().saturating_sub(at)).map_err(io::Error::other)?];
    file.read_exact_at(&mut tail, at)?;
    Ok(checksum(&tail))
}
