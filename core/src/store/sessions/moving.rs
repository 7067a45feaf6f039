//! Sessions that become other sessions or files, and files that become sessions.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::{ArchiveManifest, SessionStore, archive, identity};
use crate::error::{Error, ErrorKind, Result};
use crate::fs::blocking::blocking;
use crate::fs::{FsError, LoadedEntry, timestamp};
use crate::options::check_session_id;
use crate::store::create;

/// The largest archive that is written and read, and the largest session that is forked, in bytes: 2 GiB. It is held in memory.
pub const MAX_ARCHIVE_BYTES: u64 = 2 << 30;

impl SessionStore {
    /// Makes the session `new_id` with all that is in `session_id`: a runtime that resumes it knows the history, and both go
    /// on by themselves. Over the stores of this crate the new session is there as a whole or not at all.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> codriver::Result<()> {
    /// # use codriver::fs::{Conventions, FsPath};
    /// # use codriver::store::SessionStore;
    /// # let sessions = SessionStore::open("memory:").await?;
    /// # let path = |text: &str| FsPath::parse(text, Conventions::Posix);
    /// # sessions.store().open("s-1").await?.write(&path("/state/x")?, "x".into(), None).await?;
    /// sessions.fork_session("s-1", "s-2").await?;
    /// assert!(sessions.get_session_metadata("s-2").await?.is_some());
    /// assert_eq!(sessions.fork_session("s-1", "s-2").await.unwrap_err().name(), "INVALID_ARGUMENT");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `SESSION_NOT_FOUND`; `INVALID_ARGUMENT` where there is a session `new_id` already or that can be no id, or for more than
    /// [`MAX_ARCHIVE_BYTES`]; `FS_IO`.
    pub async fn fork_session(&self, session_id: &str, new_id: &str) -> Result<()> {
        check_session_id(ErrorKind::InvalidArgument, "new_id", new_id)?;
        let entries = create::load(&*self.store, session_id, MAX_ARCHIVE_BYTES).await?;
        self.place(entries, session_id, new_id).await
    }

    /// Writes a session as one tar with a manifest of SHA-256 sums. The session is in memory meanwhile. Not flushed to any
    /// disk: that is the writer's.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> codriver::Result<()> {
    /// # use codriver::fs::{Conventions, FsPath};
    /// # use codriver::store::SessionStore;
    /// # let sessions = SessionStore::open("memory:").await?;
    /// # let path = |text: &str| FsPath::parse(text, Conventions::Posix);
    /// # sessions.store().open("s-1").await?.write(&path("/state/x")?, "x".into(), None).await?;
    /// let mut archive = Vec::new();
    /// let manifest = sessions.export_session("s-1", &mut archive).await?;
    /// assert_eq!(manifest.files[0].path, "/state/x");
    ///
    /// let elsewhere = SessionStore::open("memory:").await?;
    /// assert_eq!(elsewhere.import_session(&mut &archive[..], None).await?, "s-1");
    /// let altered = String::from_utf8_lossy(&archive).replace("/state/x", "/state/y");
    /// let refused = elsewhere.import_session(&mut altered.as_bytes(), Some("s-2")).await;
    /// assert_eq!(refused.unwrap_err().name(), "FS_CORRUPT");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `SESSION_NOT_FOUND`, `FS_IO`; `INVALID_ARGUMENT` for more than [`MAX_ARCHIVE_BYTES`].
    pub async fn export_session(
        &self,
        session_id: &str,
        writer: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<ArchiveManifest> {
        let (manifest, pieces) = self.pack(session_id).await?;
        let failed = |error| FsError::io(format!("the archive cannot be written: {error}"));
        for piece in pieces {
            writer.write_all(&piece).await.map_err(failed)?;
        }
        writer.flush().await.map_err(failed)?;
        Ok(manifest)
    }

    /// [`SessionStore::export_session`] into a new file, which only its owner may read (mode 0600). It is on the disk when
    /// this returns, and is not left behind where it fails.
    ///
    /// # Errors
    /// As that; `INVALID_ARGUMENT` where there is a file already.
    pub async fn export_session_to_file(
        &self,
        session_id: &str,
        path: impl Into<PathBuf>,
    ) -> Result<ArchiveManifest> {
        let (manifest, pieces) = self.pack(session_id).await?;
        let path = path.into();
        let exists_already = Error::new(
            ErrorKind::InvalidArgument,
            format!("{} exists already, and is not overwritten; name another file", path.display()),
        );
        let write = move || match write_new(&path, &pieces) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(FsError::io(format!("{} cannot be written: {error}", path.display()))),
        };
        match blocking(write).await? {
            true => Ok(manifest),
            false => Err(exists_already),
        }
    }

    /// Makes a session of what [`SessionStore::export_session`] wrote, under the id it had or a new one, and returns that id.
    ///
    /// Nothing of the archive is believed: a sum that is wrong, a member too many or too few, a path that leaves the session,
    /// a link, and nothing is stored. Over the stores of this crate the session is there as a whole or not at all.
    ///
    /// # Errors
    /// `FS_CORRUPT` for a damaged archive, `FS_UNSUPPORTED` for one of a newer version, `INVALID_ARGUMENT` where there is a
    /// session of that id already or that can be no id, or for more than [`MAX_ARCHIVE_BYTES`]; `FS_IO`.
    pub async fn import_session(
        &self,
        reader: &mut (impl AsyncRead + Unpin + Send),
        new_id: Option<&str>,
    ) -> Result<String> {
        let mut archive = Vec::new();
        let read = reader.take(MAX_ARCHIVE_BYTES + 1).read_to_end(&mut archive).await;
        read.map_err(|error| FsError::io(format!("the archive cannot be read: {error}")))?;
        self.import(archive.into(), new_id).await
    }

    /// [`SessionStore::import_session`] from a file.
    ///
    /// # Errors
    /// As that; `INVALID_ARGUMENT` where there is no such file.
    pub async fn import_session_from_file(
        &self,
        path: impl Into<PathBuf>,
        new_id: Option<&str>,
    ) -> Result<String> {
        let path = path.into();
        let shown = path.display().to_string();
        let read = move || match read_bounded(&path) {
            Ok(archive) => Ok(Some(archive)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FsError::io(format!("{} cannot be read: {error}", path.display()))),
        };
        match blocking(read).await? {
            Some(archive) => self.import(archive.into(), new_id).await,
            None => Err(Error::new(ErrorKind::InvalidArgument, format!("there is no file {shown}"))),
        }
    }

    async fn import(&self, archive: Bytes, new_id: Option<&str>) -> Result<String> {
        if archive.len() as u64 > MAX_ARCHIVE_BYTES {
            return Err(too_large());
        }
        let (manifest, entries) = blocking(move || Ok(archive::unpack(&archive))).await??;
        let (had, id) = (manifest.session_id.as_str(), new_id.unwrap_or(&manifest.session_id));
        match new_id {
            Some(id) => check_session_id(ErrorKind::InvalidArgument, "new_id", id)?,
            None => check_session_id(ErrorKind::FsCorrupt, "the session id of the archive", had)?,
        }
        self.place(entries, had, id).await?;
        Ok(id.to_owned())
    }

    async fn pack(&self, session_id: &str) -> Result<(ArchiveManifest, Vec<Bytes>)> {
        let entries = create::load(&*self.store, session_id, MAX_ARCHIVE_BYTES).await?;
        let id = session_id.to_owned();
        let created = timestamp::format(SystemTime::now());
        let (manifest, pieces) = blocking(move || Ok(archive::pack(&id, created, entries))).await?;
        match pieces.iter().map(|piece| piece.len() as u64).sum::<u64>() {
            0..=MAX_ARCHIVE_BYTES => Ok((manifest, pieces)),
            _ => Err(too_large()),
        }
    }

    /// Makes the session `id` with the files that session `had` has.
    async fn place(&self, mut entries: Vec<LoadedEntry>, had: &str, id: &str) -> Result<()> {
        if had != id {
            let (from, to) = (had.to_owned(), id.to_owned());
            entries = blocking(move || identity::carry(entries, &from, &to)).await?;
        }
        self.store.create(id, entries).await
    }
}

fn too_large() -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("the archive has more than {MAX_ARCHIVE_BYTES} bytes"))
}

/// Removes a file that was not finished.
struct Unfinished<'a>(Option<&'a Path>);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some(path) = self.0 {
            // Where even that fails, the file is no whole archive, and is refused as one.
            let _ = std::fs::remove_file(path);
        }
    }
}

fn write_new(path: &Path, pieces: &[Bytes]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut unfinished = Unfinished(Some(path));
    for piece in pieces {
        file.write_all(piece)?;
    }
    file.sync_all()?;
    // Its name is on the disk too.
    #[cfg(unix)]
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => File::open(parent)?.sync_all()?,
        None => File::open(".")?.sync_all()?,
    }
    unfinished.0 = None;
    Ok(())
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut archive = Vec::new();
    File::open(path)?.take(MAX_ARCHIVE_BYTES + 1).read_to_end(&mut archive)?;
    Ok(archive)
}
