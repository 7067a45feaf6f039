//! What a filesystem tells about its files, and about itself.

use std::time::SystemTime;

/// Whether something is a file or a directory; there is nothing else on this wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A file.
    File,
    /// A directory.
    Directory,
}

/// What [`SessionFs::stat`](super::SessionFs::stat) answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FsStat {
    /// File or directory.
    pub kind: EntryKind,
    /// Bytes of a file; of a directory any number.
    pub size: u64,
    /// When the content last changed.
    pub modified: SystemTime,
    /// When it was made.
    pub created: SystemTime,
}

impl FsStat {
    /// The stat of a file of `size` bytes.
    pub fn file(size: u64, modified: SystemTime, created: SystemTime) -> Self {
        FsStat { kind: EntryKind::File, size, modified, created }
    }

    /// The stat of a directory.
    pub fn directory(modified: SystemTime, created: SystemTime) -> Self {
        FsStat { kind: EntryKind::Directory, size: 0, modified, created }
    }
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct DirEntry {
    /// The name, without any directory.
    pub name: String,
    /// File or directory.
    pub kind: EntryKind,
}

impl DirEntry {
    /// An entry of that name and kind.
    pub fn new(name: impl Into<String>, kind: EntryKind) -> Self {
        DirEntry { name: name.into(), kind }
    }
}

/// What a filesystem can do beyond text files (wire: `capabilities` of `sessionFs.setProvider`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct FsCapabilities {
    /// `readFileBytes` and `writeFileBytes`; the trait speaks bytes, so this is the default.
    pub binary: bool,
    /// `sqliteQuery`, `sqliteTransaction` and `sqliteExists`.
    pub sqlite: bool,
}

impl Default for FsCapabilities {
    fn default() -> Self {
        FsCapabilities { binary: true, sqlite: false }
    }
}

impl FsCapabilities {
    /// Says whether bytes are offered to the runtime.
    #[must_use]
    pub fn with_binary(mut self, binary: bool) -> Self {
        self.binary = binary;
        self
    }

    /// Says whether there is a database.
    #[must_use]
    pub fn with_sqlite(mut self, sqlite: bool) -> Self {
        self.sqlite = sqlite;
        self
    }
}
