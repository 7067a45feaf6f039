//! What a cache knows of its session, without I/O.

use bytes::Bytes;

use crate::fs::{DirEntry, EntryKind, FsChange, FsPath, FsResult, FsStat, LoadedEntry};
use crate::store::layout;
use crate::store::tree::{File, Tree};

/// The largest file that is kept, in bytes.
pub(super) const MAX_FILE_BYTES: u64 = 64 << 10;
/// How much is kept of all files together, in bytes.
const MAX_BYTES: usize = 1 << 20;
/// The most files and directories of a session that is cached.
const MAX_ENTRIES: usize = 4096;

/// Every file and directory of a session, some with their content.
#[derive(Debug, Default)]
pub(super) struct View {
    tree: Tree<Known>,
    /// The bytes of the contents that are kept.
    bytes: usize,
}

/// What is known of a file.
#[derive(Debug, Clone, Default)]
struct Known {
    size: u64,
    content: Option<Bytes>,
}

impl File for Known {
    fn size(&self) -> u64 {
        self.size
    }
}

impl Known {
    fn kept(&self) -> usize {
        self.content.as_ref().map_or(0, Bytes::len)
    }
}

impl View {
    /// What was loaded; none where it is too much.
    pub(super) fn of(loaded: Vec<LoadedEntry>) -> Option<Self> {
        let mut view = View::default();
        if loaded.len() > MAX_ENTRIES {
            return None;
        }
        for LoadedEntry { path, stat, content } in loaded {
            let file = (stat.kind == EntryKind::File).then(|| {
                let content = content.filter(|content| view.keeps(&path, content));
                Known { size: stat.size, content }
            });
            view.bytes += file.as_ref().map_or(0, Known::kept);
            view.tree.insert(&path, &stat, file);
        }
        Some(view)
    }

    /// Whether nothing more can be made in it.
    pub(super) fn is_full(&self) -> bool {
        self.tree.len() >= MAX_ENTRIES
    }

    /// Whether that content would be kept. The event log never is: it grows, and others may read it from the store.
    pub(super) fn keeps(&self, path: &FsPath, content: &Bytes) -> bool {
        path.as_str() != layout::EVENTS
            && content.len() as u64 <= MAX_FILE_BYTES
            && self.bytes + content.len() <= MAX_BYTES
    }

    /// A file's content; none where only the store has it.
    pub(super) fn read(&self, path: &FsPath) -> FsResult<Option<Bytes>> {
        Ok(self.tree.file(path)?.content.clone())
    }

    pub(super) fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.tree.stat(path)
    }

    pub(super) fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.tree.read_dir(path)
    }

    /// Whether nothing would change.
    pub(super) fn has(&self, change: &FsChange) -> bool {
        match change {
            FsChange::Mkdir { path, .. } => {
                self.tree.stat(path).is_ok_and(|stat| stat.kind == EntryKind::Directory)
            }
            FsChange::Write { path, content, .. } => {
                self.tree.file(path).is_ok_and(|known| known.content.as_ref() == Some(content))
            }
            _ => false,
        }
    }

    /// Follows a change of the store.
    pub(super) fn make(&mut self, change: &FsChange) -> FsResult<()> {
        match change {
            FsChange::Expect { .. } => Ok(()),
            FsChange::Write { path, content, .. } => {
                let known = self.tree.file_to_change(path)?;
                self.bytes -= known.kept();
                *known = Known { size: content.len() as u64, content: None };
                if self.keeps(path, content) {
                    self.bytes += content.len();
                    // Owned: a slice would keep the whole message alive that it came in.
                    self.tree.file_to_change(path)?.content = Some(Bytes::copy_from_slice(content));
                }
                Ok(())
            }
            FsChange::Append { path, content, .. } => {
                let known = self.tree.file_to_change(path)?;
                self.bytes -= known.kept();
                *known = Known { size: known.size + content.len() as u64, content: None };
                Ok(())
            }
            FsChange::Mkdir { path, .. } => self.tree.mkdir(path, true),
            FsChange::Remove { path, recursive, force } => {
                self.tree.remove(path, *recursive, *force)?;
                self.count();
                Ok(())
            }
            FsChange::Rename { from, to } => {
                self.tree.rename(from, to)?;
                self.count();
                Ok(())
            }
        }
    }

    fn count(&mut self) {
        self.bytes = self.tree.files().map(Known::kept).sum();
    }
}
