//! The disk of this machine as a [`SessionFs`]: for the workspace, mounted beside a store.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use rustix::fs::OFlags;

use super::blocking::blocking;
use super::{Conventions, DirEntry, EntryKind, FsError, FsErrorKind, FsPath, FsResult, FsStat, SessionFs};

/// What files that are being written begin with; they are not listed.
const TEMPORARY: &str = ".codriver-tmp-";

/// The longest file that is read, in bytes: more fits into no answer to the runtime.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// The files of this machine under their own paths, as the runtime itself would see them: symbolic links are followed,
/// modes are those asked for less the umask, and what this process must not touch fails. Mount it only where the agent may
/// go: `..` cannot leave a mount, a symbolic link can.
///
/// - A write replaces the file in one step and keeps its mode; where the directory takes no new file, it is written in
///   place. A hard link to the old content keeps it.
/// - Nothing waits for the disk: after a power cut the last writes may be missing, as with any editor.
/// - Several appends of this process never mix; one that a crash cuts may be there in part.
/// - A file of more than 64 MiB is not read: [`FsErrorKind::Unsupported`].
/// - What is neither file nor directory (a device, a FIFO, a socket) is there, but has no stat and is neither read, written
///   nor waited for: [`FsErrorKind::Unsupported`]. It and names that are not UTF-8 are not listed.
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
        FsErrorKind::Unsupported => FsError::unsupported(format!("{path}: {error}")),
        kind => FsError::new(kind, format!("{path}: {error}")),
    }
}

/// What is there, links followed; nothing is at `a/b` where `a` is a file.
fn metadata(path: &Path) -> io::Result<Option<fs::Metadata>> {
    match fs::metadata(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        metadata => metadata.map(Some),
    }
}

fn special() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "neither a file nor a directory")
}

/// Opens a regular file. Nothing else is opened where that can be helped, as for some devices the opening alone does
/// something, and what took the file's place meanwhile is not waited for.
fn open_file(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let check = |found: fs::Metadata| match found.is_file() || found.is_dir() {
        true => Ok(()),
        false => Err(special()),
    };
    metadata(path)?.map_or(Ok(()), check)?;
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = options.custom_flags(flags).open(path)?;
    check(file.metadata()?)?;
    Ok(file)
}

fn read(path: &Path) -> io::Result<Bytes> {
    let file = open_file(OpenOptions::new().read(true), path)?;
    // What the kernel makes up says 0 here.
    let size = file.metadata()?.len();
    let mut content = Vec::new();
    if size <= MAX_FILE_BYTES {
        content.reserve_exact(usize::try_from(size).map_err(io::Error::other)?);
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut content)?;
    }
    let size = size.max(content.len() as u64);
    match size > MAX_FILE_BYTES {
        false => Ok(content.into()),
        true => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!("the file has {size} bytes or more, at most {MAX_FILE_BYTES} can be read"),
        )),
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
            open_file(OpenOptions::new().write(true), &target)?;
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
    options.write(true).create(true).truncate(true).mode(mode.unwrap_or(0o666));
    open_file(&mut options, path)?.write_all(content)
}

fn append(path: &Path, content: &[u8], mode: Option<u32>) -> io::Result<()> {
    make_parents(path)?;
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(mode.unwrap_or(0o666));
    open_file(&mut options, path)?.write_all(content)
}

fn stat(path: &Path) -> io::Result<FsStat> {
    let metadata = metadata(path)?.ok_or(io::ErrorKind::NotFound)?;
    let modified = metadata.modified()?;
    let created = metadata.created().unwrap_or(modified);
    match kind_of(metadata.file_type()) {
        Some(EntryKind::Directory) => Ok(FsStat::directory(modified, created)),
        Some(EntryKind::File) => Ok(FsStat::file(metadata.len(), modified, created)),
        None => Err(special()),
    }
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
        let file_type = match entry.file_type()? {
            link if link.is_symlink() => metadata(&entry.path())?.map(|target| target.file_type()),
            found => Some(found),
        };
        entries.extend(file_type.and_then(kind_of).map(|kind| DirEntry::new(name, kind)));
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
        on_disk(path, read).await
    }

    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        on_disk(path, move |path| write(path, &content, mode)).await
    }

    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        on_disk(path, move |path| append(path, &content, mode)).await
    }

    /// Also of what has no stat.
    async fn exists(&self, path: &FsPath) -> FsResult<bool> {
        on_disk(path, |path| Ok(metadata(path)?.is_some())).await
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
