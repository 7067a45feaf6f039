//! Folders by descriptor: each step is one name, and no step follows a symbolic link.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, mkdirat, openat, statat, unlinkat};
use rustix::io::Errno;

use crate::fs::{DirEntry, EntryKind};

const FILE_MODE: Mode = Mode::RUSR.union(Mode::WUSR);
const DIRECTORY_MODE: Mode = Mode::RWXU;

/// An open folder. Whatever happens to its path, operations stay inside it.
#[derive(Debug)]
pub(in crate::store) struct Folder(OwnedFd);

impl AsFd for Folder {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// What is at a name; nothing else is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    File,
    Directory,
    /// A symbolic link, a device or the like: never ours, never followed.
    Foreign,
}

impl Folder {
    /// Opens the folder at a path that the user chose; links in it are followed.
    pub(super) fn at(path: &std::path::Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Folder(rustix::fs::open(path, flags, Mode::empty())?))
    }

    /// The descriptor itself.
    pub(super) fn into_fd(self) -> OwnedFd {
        self.0
    }

    /// The folder of that name directly inside.
    pub(in crate::store) fn folder(&self, name: &str) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Folder(openat(self, name, flags, Mode::empty())?))
    }

    /// The folder of that name, made if it is not there. A new one is durable when this returns; of one that was there,
    /// nobody knows.
    pub(in crate::store) fn make_folder(&self, name: &str) -> io::Result<Self> {
        match mkdirat(self, name, DIRECTORY_MODE) {
            Ok(()) => self.sync()?,
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        self.folder(name)
    }

    /// Opens a regular file with these flags; made ones have mode 0600.
    pub(in crate::store) fn file(&self, name: &str, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(openat(self, name, flags, FILE_MODE)?);
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::Error::other("is not a regular file")),
        }
    }

    pub(super) fn find(&self, name: &str) -> io::Result<Found> {
        match statat(self, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Found::File,
                FileType::Directory => Found::Directory,
                _ => Found::Foreign,
            }),
            Err(Errno::NOENT) => Ok(Found::Nothing),
            Err(error) => Err(error.into()),
        }
    }

    /// The files and folders directly inside whose names are UTF-8.
    pub(in crate::store) fn entries(&self) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in rustix::fs::Dir::read_from(self)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            let kind = match entry.file_type() {
                FileType::RegularFile => EntryKind::File,
                FileType::Directory => EntryKind::Directory,
                FileType::Unknown => match self.find(name)? {
                    Found::File => EntryKind::File,
                    Found::Directory => EntryKind::Directory,
                    Found::Nothing | Found::Foreign => continue,
                },
                _ => continue,
            };
            if !matches!(name, "." | "..") {
                entries.push(DirEntry::new(name, kind));
            }
        }
        Ok(entries)
    }

    pub(super) fn unlink(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(self, name, AtFlags::empty())?)
    }

    /// Moves a name from here to there, over a file that is there.
    pub(in crate::store) fn rename(&self, name: &str, to: &Folder, new_name: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(self, name, to, new_name)?)
    }

    /// Makes the names in this folder durable.
    pub(in crate::store) fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(self)?)
    }

    /// Removes everything inside, however deep; not durable by itself.
    pub(super) fn clear(&self) -> io::Result<()> {
        // Folders are moved up before they are emptied, so that no depth exhausts the stack or the descriptors.
        loop {
            let names = self.names()?;
            if names.is_empty() {
                return Ok(());
            }
            for name in names {
                match unlinkat(self, &*name, AtFlags::empty()) {
                    Ok(()) | Err(Errno::NOENT) => continue,
                    Err(Errno::ISDIR | Errno::PERM) => {}
                    Err(error) => return Err(error.into()),
                }
                let inner = Folder(openat(
                    self,
                    &*name,
                    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
                    Mode::empty(),
                )?);
                for inner_name in inner.names()? {
                    match unlinkat(&inner, &*inner_name, AtFlags::empty()) {
                        Ok(()) | Err(Errno::NOENT) => {}
                        Err(Errno::ISDIR | Errno::PERM) => {
                            let up = format!(".removed-{}", uuid::Uuid::new_v4());
                            rustix::fs::renameat(&inner, &*inner_name, self, &up)?;
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
                match unlinkat(self, &*name, AtFlags::REMOVEDIR) {
                    Ok(()) | Err(Errno::NOENT | Errno::NOTEMPTY) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }

    /// Removes a file, or a folder with everything inside.
    pub(in crate::store) fn remove_all(&self, name: &str) -> io::Result<()> {
        match self.find(name)? {
            Found::Nothing => Ok(()),
            Found::Directory => {
                self.folder(name)?.clear()?;
                Ok(unlinkat(self, name, AtFlags::REMOVEDIR)?)
            }
            Found::File | Found::Foreign => self.unlink(name),
        }
    }

    pub(super) fn is_empty(&self) -> io::Result<bool> {
        Ok(self.names()?.is_empty())
    }

    /// Every name inside, of whatever kind and encoding.
    fn names(&self) -> io::Result<Vec<std::ffi::CString>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(self)? {
            let entry = entry?;
            if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
                names.push(entry.file_name().to_owned());
            }
        }
        Ok(names)
    }
}
