//! The disk of this machine as a [`SessionFs`]: for the workspace, mounted beside a store.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;

use super::blocking::blocking;
use super::{Conventions, DirEntry, EntryKind, FsError, FsErrorKind, FsPath, FsResult, FsStat, SessionFs};

/// What files that are being written begin with; they are not listed.
const TEMPORARY: &str = ".codriver-tmp-";

/// The files of this machine under their own paths, as the runtime itself would see them: symbolic links are followed,
/// modes are those asked for less the umask, and what this process must not touch fails. Mount it only where the agent may
/// go: `..` cannot leave a mount, a symbolic link can.
///
/// - A write replaces the file in one step and keeps its mode; where the directory takes no new file, it is written in
///   place. A hard link to the old content keeps it.
/// - Nothing waits for the disk: after a power cut the last writes may be missing, as with any editor.
/// - Several appends of this process never mix; one that a crash cuts may be there in part.
/// - Names that are not UTF-8, and what is neither file nor directory, are not listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskFs;

impl DiskFs {
    /// The whole disk.
    pub fn new() -> Self {
        DiskFs
    }
}

async fn on_disk<T: Send + 'static>(
    path: &FsPath,
    work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> FsResult<T> {
    if path.conventions() != Conventions::host() {
        return Err(FsError::invalid_path(format!("not a path of this machine: {path}")));
    }
    let path = path.clone();
    blocking(move || work(Path::new(path.as_str())).map_err(|error| failed(&path, &error))).await
}

fn failed(path: &FsPath, error: &io::Error) -> FsError {
    match FsError::from(io::Error::from(error.kind())).kind() {
        FsErrorKind::NotFound => FsError::not_found(path),
        kind => FsError::new(kind, format!("{path}: {error}")),
    }
}

/// Whether something is there, links followed; `a/b` is not, where `a` is a file.
fn kind(path: &Path) -> io::Result<Option<EntryKind>> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(Some(EntryKind::Directory)),
        Ok(_) => Ok(Some(EntryKind::File)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn make_parents(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

fn write(path: &Path, content: &[u8], mode: Option<u32>) -> io::Result<()> {
    make_parents(path)?;
    let (target, permissions) = match fs::canonicalize(path) {
        Ok(target) => {
            let metadata = fs::metadata(&target)?;
            if !metadata.is_file() {
                return in_place(&target, content, mode);
            }
            // A file that may not be written is not replaced either.
            OpenOptions::new().write(true).open(&target)?;
            (target, Some(metadata.permissions()))
        }
        // A link to nothing is written through, as the runtime would.
        Err(_) if fs::symlink_metadata(path).is_ok() => return in_place(path, content, mode),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (path.to_owned(), None),
        Err(error) => return Err(error),
    };
    let temporary = target.with_file_name(format!("{TEMPORARY}{}", uuid::Uuid::new_v4()));
    let options = OpenOptions::new().write(true).create_new(true).mode(mode.unwrap_or(0o666)).to_owned();
    let mut file = match options.open(&temporary) {
        Ok(file) => file,
        Err(_) => return in_place(&target, content, mode),
    };
    let replaced = file
        .write_all(content)
        .and_then(|()| permissions.map_or(Ok(()), |permissions| file.set_permissions(permissions)))
        .and_then(|()| fs::rename(&temporary, &target));
    replaced.inspect_err(|_| drop(fs::remove_file(&temporary)))
}

fn in_place(path: &Path, content: &[u8], mode: Option<u32>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(mode.unwrap_or(0o666)).open(path)?.write_all(content)
}

fn append(path: &Path, content: &[u8], mode: Option<u32>) -> io::Result<()> {
    make_parents(path)?;
    let mut file: File =
        OpenOptions::new().append(true).create(true).mode(mode.unwrap_or(0o666)).open(path)?;
    file.write_all(content)
}

fn stat(path: &Path) -> io::Result<FsStat> {
    let metadata = match fs::metadata(path) {
        // Nothing can be below a file.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(io::ErrorKind::NotFound.into()),
        result => result,
    }?;
    let modified = metadata.modified()?;
    let created = metadata.created().unwrap_or(modified);
    Ok(match metadata.is_dir() {
        true => FsStat::directory(modified, created),
        false => FsStat::file(metadata.len(), modified, created),
    })
}

fn mkdir(path: &Path, recursive: bool, mode: Option<u32>) -> io::Result<()> {
    match DirBuilder::new().recursive(recursive).mode(mode.unwrap_or(0o777)).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        result => result,
    }
}

fn read_dir(path: &Path) -> io::Result<Vec<DirEntry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with(TEMPORARY) {
            continue;
        }
        let file_type = entry.file_type()?;
        let kind = if file_type.is_symlink() { kind(&entry.path())? } else { kind_of(file_type) };
        entries.extend(kind.map(|kind| DirEntry::new(name, kind)));
    }
    Ok(entries)
}

fn kind_of(file_type: fs::FileType) -> Option<EntryKind> {
    match (file_type.is_file(), file_type.is_dir()) {
        (true, _) => Some(EntryKind::File),
        (_, true) => Some(EntryKind::Directory),
        _ => None,
    }
}

/// A link is removed, never what it leads to.
fn remove(path: &Path, recursive: bool) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.is_dir() {
        return fs::remove_file(path);
    }
    match recursive {
        true => fs::remove_dir_all(path),
        false => Err(io::ErrorKind::IsADirectory.into()),
    }
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let source = fs::symlink_metadata(from)?;
    if from == to {
        return Ok(());
    }
    if to.starts_with(from) {
        return Err(io::Error::other("a directory cannot be moved into itself"));
    }
    match fs::symlink_metadata(to) {
        Ok(target) if target.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) if source.is_dir() => return Err(io::ErrorKind::NotADirectory.into()),
        _ => make_parents(to)?,
    }
    fs::rename(from, to)
}

#[async_trait]
impl SessionFs for DiskFs {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        on_disk(path, |path| fs::read(path).map(Bytes::from)).await
    }

    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        on_disk(path, move |path| write(path, &content, mode)).await
    }

    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        on_disk(path, move |path| append(path, &content, mode)).await
    }

    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        on_disk(path, stat).await
    }

    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        on_disk(path, move |path| mkdir(path, recursive, mode)).await
    }

    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        on_disk(path, read_dir).await
    }

    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        match on_disk(path, move |path| remove(path, recursive)).await {
            Err(error) if force && error.kind() == FsErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        let to = PathBuf::from(to.as_str());
        on_disk(from, move |from| rename(from, &to)).await
    }
}

#[cfg(test)]
mod tests;
