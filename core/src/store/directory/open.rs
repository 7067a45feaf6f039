//! The folder of a session that is there: its lock, what a crash left in it, and the way to its files.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::OFlags;

use super::folder::{Folder, Found};
use super::journal::{Journal, Note, checksum};
use super::{FILES, TEMPORARY, is_read_only, name};
use crate::fs::{Conventions, FsError, FsErrorKind, FsPath, FsResult, FsStat};

/// The folder of a session that is there.
pub(super) struct Open {
    folder: Folder,
    /// How long a call waits for another process.
    lock_wait: Duration,
    temporary: OnceLock<Folder>,
    /// The folders, by their names from the session's folder, in which every name is durable but those under work: the
    /// one who made them may have been killed before it made sure.
    durable: Mutex<HashSet<Vec<String>>>,
}

/// Where something is or would be: its folder, and its name there.
pub(super) struct Place {
    pub(super) folder: Folder,
    pub(super) name: String,
    /// Of a file with a torn append that cannot be taken back: how long it was before, if it was there.
    pub(super) cut: Option<Option<u64>>,
}

/// What there is of an append that was noted.
enum Appended {
    Nothing,
    Whole(Folder),
    Torn(Folder),
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
        io::ErrorKind::ResourceBusy => FsError::io(error.to_string()).with_write_changed(false),
        _ => failed(path, error),
    }
}

pub(super) fn foreign(path: &FsPath) -> FsError {
    FsError::io(format!("neither a file nor a directory, and not followed: {path}")).with_write_changed(false)
}

pub(super) fn empty_root() -> FsStat {
    FsStat::directory(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH)
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

impl Open {
    /// Takes what is in an open folder, and cleans it of what a crash left, as far as that can be done now.
    pub(super) fn new(folder: Folder, lock_wait: Duration) -> Self {
        let open = Open { folder, lock_wait, temporary: OnceLock::new(), durable: Mutex::default() };
        if let Err(error) = open.clean_up() {
            tracing::warn!(%error, "what a crash left in a session cannot be removed");
        }
        open
    }

    fn clean_up(&self) -> io::Result<()> {
        let temporary = match self.folder.folder(TEMPORARY) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            temporary => temporary?,
        };
        if !temporary.is_empty()? {
            // Temporary files are made under the lock only, so who has it knows that nobody uses them any more.
            match self.lock_for_changing_until(Instant::now()) {
                // Somebody is at work, or nothing can be written.
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy || is_read_only(&error) => {}
                lock => {
                    let _lock = lock?;
                    temporary.clear()?;
                }
            }
        }
        let _set_already = self.temporary.set(temporary);
        Ok(())
    }

    pub(super) fn lock_for_changing(&self) -> io::Result<Journal> {
        self.lock_for_changing_until(Instant::now() + self.lock_wait)
    }

    fn lock_for_changing_until(&self, deadline: Instant) -> io::Result<Journal> {
        let journal = Journal::lock_exclusive(&self.folder, deadline)?;
        if let Some(note) = journal.note()? {
            self.undo(&note)?;
            journal.end()?;
        }
        Ok(journal)
    }

    pub(super) fn lock_for_reading(&self) -> io::Result<Journal> {
        let deadline = Instant::now() + self.lock_wait;
        let journal = Journal::lock_shared(&self.folder, deadline)?;
        if journal.note()?.is_none() {
            return Ok(journal);
        }
        drop(journal);
        match self.lock_for_changing_until(deadline) {
            Err(error) if is_read_only(&error) => {}
            taken_back => return taken_back,
        }
        let mut journal = Journal::lock_shared(&self.folder, deadline)?;
        if let Some(note) = journal.note()?
            && let Appended::Torn(_) = self.appended(&note)?
        {
            journal.torn = Some(note);
        }
        Ok(journal)
    }

    /// Takes back an append that is not whole; what is whole stays, and is durable then.
    pub(super) fn undo(&self, note: &Note) -> io::Result<()> {
        match (self.appended(note)?, note.old_len) {
            (Appended::Nothing, _) | (Appended::Whole(_), Some(_)) => Ok(()),
            (Appended::Whole(folder), None) => folder.sync(),
            (Appended::Torn(folder), old_len) => {
                tracing::warn!(file = ?note.names, old_len, "took back an append that a crash tore");
                let name = note.names.last().map_or("", String::as_str);
                match old_len {
                    Some(old_len) => {
                        let file = folder.file(name, OFlags::WRONLY)?;
                        file.set_len(old_len)?;
                        file.sync_all()
                    }
                    None => {
                        folder.unlink(name)?;
                        folder.sync()
                    }
                }
            }
        }
    }

    fn appended(&self, note: &Note) -> io::Result<Appended> {
        let Some((name, above)) = note.names.split_last() else { return Ok(Appended::Nothing) };
        let mut folder = self.folder.folder(".")?;
        for name in above {
            folder = match folder.folder(name) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Appended::Nothing),
                inner => inner?,
            };
        }
        if folder.find(name)? != Found::File {
            return Ok(Appended::Nothing);
        }
        let file = folder.file(name, OFlags::RDONLY)?;
        let (len, old_len) = (file.metadata()?.len(), note.old_len.unwrap_or(0));
        Ok(if len < old_len || len > note.new_len {
            Appended::Nothing
        } else if len == note.new_len && tail_sum(&file, old_len)? == note.sum {
            Appended::Whole(folder)
        } else {
            Appended::Torn(folder)
        })
    }

    /// Where files are that are being written.
    pub(super) fn temporary(&self) -> io::Result<&Folder> {
        if let Some(temporary) = self.temporary.get() {
            return Ok(temporary);
        }
        let made = self.folder.make_folder(TEMPORARY)?;
        Ok(self.temporary.get_or_init(|| made))
    }

    /// The folder that these names lead to.
    pub(super) fn walk(&self, names: &[String], path: &FsPath) -> FsResult<Option<Folder>> {
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
    pub(super) fn place(&self, journal: &Journal, path: &FsPath) -> FsResult<Place> {
        let names = names(path)?;
        let cut = journal.torn.as_ref().filter(|torn| torn.names == names).map(|torn| torn.old_len);
        match names.split_last() {
            Some((name, [])) => {
                let folder = self.folder.folder(".").map_err(|error| failed(path, &error))?;
                Ok(Place { folder, name: name.clone(), cut })
            }
            Some((name, above)) => {
                let folder = self.walk(above, path)?.ok_or_else(|| FsError::not_found(path))?;
                Ok(Place { folder, name: name.clone(), cut })
            }
            None => Err(FsError::not_found(path)),
        }
    }

    /// Where `path` is to be; makes the folders above it, durably. Changes nothing where one of them is a file.
    pub(super) fn place_to_make(&self, path: &FsPath) -> FsResult<Place> {
        let mut names = names(path)?;
        let name = names.pop().filter(|_| !names.is_empty()).ok_or_else(|| FsError::is_a_directory(path))?;
        let mut folder = self.folder.folder(".").map_err(|error| failed(path, &error))?;
        self.make_durable(&[], &folder).map_err(|error| failed(path, &error))?;
        for (depth, name) in names.iter().enumerate() {
            folder = match folder.find(name).map_err(|error| failed(path, &error))? {
                Found::File => return Err(FsError::not_a_directory(path)),
                Found::Foreign => return Err(foreign(path)),
                Found::Nothing | Found::Directory => folder
                    .make_folder(name)
                    .and_then(|folder| {
                        self.make_durable(&names[..=depth], &folder)?;
                        Ok(folder)
                    })
                    .map_err(|error| failed(path, &error))?,
            };
        }
        Ok(Place { folder, name, cut: None })
    }

    /// Syncs a folder that is used here for the first time.
    fn make_durable(&self, names: &[String], folder: &Folder) -> io::Result<()> {
        let durable = || self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        if !durable().contains(names) {
            folder.sync()?;
            durable().insert(names.to_vec());
        }
        Ok(())
    }
}

impl Place {
    pub(super) fn find(&self, path: &FsPath) -> FsResult<Found> {
        match self.cut {
            Some(None) => Ok(Found::Nothing),
            _ => self.folder.find(&self.name).map_err(|error| failed(path, &error)),
        }
    }

    /// How much of a file of that length counts.
    pub(super) fn len(&self, found: u64) -> u64 {
        self.cut.flatten().map_or(found, |cut| cut.min(found))
    }
}

/// The checksum of what is behind `at`.
fn tail_sum(file: &File, at: u64) -> io::Result<u64> {
    let mut tail =
        vec![0; usize::try_from(file.metadata()?.len().saturating_sub(at)).map_err(io::Error::other)?];
    file.read_exact_at(&mut tail, at)?;
    Ok(checksum(&tail))
}
