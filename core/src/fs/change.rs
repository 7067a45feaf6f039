//! Several changes at once, and all files at once: what saves round trips to a store that is far away.

use bytes::Bytes;

use super::{EntryKind, FsError, FsPath, FsResult, FsStat, SessionFs};

/// One step of [`SessionFs::apply`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FsChange {
    /// Changes nothing: the batch fails with [`FsErrorKind::Conflict`](super::FsErrorKind::Conflict) unless the file has
    /// exactly this content, or, for `None`, nothing is there.
    Expect {
        /// The file.
        path: FsPath,
        /// Its content as it was last seen.
        content: Option<Bytes>,
    },
    /// [`SessionFs::write`].
    Write {
        /// The file.
        path: FsPath,
        /// The whole content.
        content: Bytes,
        /// A POSIX mode for what is newly made.
        mode: Option<u32>,
    },
    /// [`SessionFs::append`].
    Append {
        /// The file.
        path: FsPath,
        /// What is added.
        content: Bytes,
        /// A POSIX mode for what is newly made.
        mode: Option<u32>,
    },
    /// [`SessionFs::mkdir`], with its parents.
    Mkdir {
        /// The directory.
        path: FsPath,
        /// A POSIX mode for what is newly made.
        mode: Option<u32>,
    },
    /// [`SessionFs::remove`].
    Remove {
        /// The file or directory.
        path: FsPath,
        /// Whether a directory goes with all in it.
        recursive: bool,
        /// Whether it is fine if nothing is there.
        force: bool,
    },
    /// [`SessionFs::rename`].
    Rename {
        /// What is moved.
        from: FsPath,
        /// Where to.
        to: FsPath,
    },
}

impl FsChange {
    /// The path it is about; of a rename, the source.
    pub(crate) fn path(&self) -> &FsPath {
        match self {
            FsChange::Expect { path, .. }
            | FsChange::Write { path, .. }
            | FsChange::Append { path, .. }
            | FsChange::Mkdir { path, .. }
            | FsChange::Remove { path, .. }
            | FsChange::Rename { from: path, .. } => path,
        }
    }

    /// The same change elsewhere.
    pub(crate) fn try_map_paths(self, mut map: impl FnMut(FsPath) -> FsResult<FsPath>) -> FsResult<Self> {
        Ok(match self {
            FsChange::Expect { path, content } => FsChange::Expect { path: map(path)?, content },
            FsChange::Write { path, content, mode } => FsChange::Write { path: map(path)?, content, mode },
            FsChange::Append { path, content, mode } => FsChange::Append { path: map(path)?, content, mode },
            FsChange::Mkdir { path, mode } => FsChange::Mkdir { path: map(path)?, mode },
            FsChange::Remove { path, recursive, force } => {
                FsChange::Remove { path: map(path)?, recursive, force }
            }
            FsChange::Rename { from, to } => FsChange::Rename { from: map(from)?, to: map(to)? },
        })
    }
}

/// A file or directory as [`SessionFs::load`] finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadedEntry {
    /// Where it is.
    pub path: FsPath,
    /// Kind, size and times.
    pub stat: FsStat,
    /// The content; `None` for a directory and for a file larger than was asked for.
    pub content: Option<Bytes>,
}

impl LoadedEntry {
    /// An entry of that path, stat and content.
    pub fn new(path: FsPath, stat: FsStat, content: Option<Bytes>) -> Self {
        LoadedEntry { path, stat, content }
    }
}

/// The changes one after the other; the first that fails ends it, and says of itself whether there were others before it.
pub(crate) async fn apply_each<F: SessionFs + ?Sized>(fs: &F, changes: Vec<FsChange>) -> FsResult<()> {
    let mut has_changed = false;
    for change in changes {
        let changes_something = !matches!(change, FsChange::Expect { .. });
        apply_one(fs, change).await.map_err(|error| match has_changed {
            true => error.with_write_changed(true),
            false => error,
        })?;
        has_changed |= changes_something;
    }
    Ok(())
}

async fn apply_one<F: SessionFs + ?Sized>(fs: &F, change: FsChange) -> FsResult<()> {
    match change {
        FsChange::Expect { path, content } => {
            let found = match fs.read(&path).await {
                Err(error) if error.kind() == super::FsErrorKind::NotFound => None,
                found => Some(found?),
            };
            if found == content { Ok(()) } else { Err(FsError::conflict(&path)) }
        }
        FsChange::Write { path, content, mode } => fs.write(&path, content, mode).await,
        FsChange::Append { path, content, mode } => fs.append(&path, content, mode).await,
        FsChange::Mkdir { path, mode } => fs.mkdir(&path, true, mode).await,
        FsChange::Remove { path, recursive, force } => fs.remove(&path, recursive, force).await,
        FsChange::Rename { from, to } => fs.rename(&from, &to).await,
    }
}

/// What is below a directory, found call by call.
pub(crate) async fn walk<F: SessionFs + ?Sized>(
    fs: &F,
    below: &FsPath,
    max_file_bytes: u64,
) -> FsResult<Vec<LoadedEntry>> {
    let mut loaded = Vec::new();
    let mut directories = vec![below.clone()];
    while let Some(directory) = directories.pop() {
        let entries = match fs.read_dir(&directory).await {
            Err(error) if error.kind() == super::FsErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let path = directory.join(&entry.name)?;
            let stat = fs.stat(&path).await?;
            let content = match entry.kind {
                EntryKind::File if stat.size <= max_file_bytes => Some(fs.read(&path).await?),
                _ => None,
            };
            if entry.kind == EntryKind::Directory {
                directories.push(path.clone());
            }
            loaded.push(LoadedEntry::new(path, stat, content));
        }
    }
    Ok(loaded)
}
