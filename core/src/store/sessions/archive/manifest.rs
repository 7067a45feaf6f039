//! What an archive says of itself.

use serde::{Deserialize, Serialize};

/// What `format` is in every manifest.
pub(super) const FORMAT: &str = "codriver-session";

/// The layout of the archive that this version writes and reads.
pub(super) const VERSION: u32 = 1;

/// What is in an archive: its first member, `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ArchiveManifest {
    /// `codriver-session`.
    pub format: String,
    /// The version of the layout; 1.
    pub version: u32,
    /// The id that the session had.
    pub session_id: String,
    /// When the archive was made: ISO 8601, UTC, milliseconds.
    pub created: String,
    /// The version of codriver that made it.
    pub codriver: String,
    /// The directories, as absolute paths in the store, sorted.
    pub directories: Vec<String>,
    /// The files, sorted by their paths.
    pub files: Vec<ArchivedFile>,
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ArchivedFile {
    /// Its absolute path in the store, e.g. `/state/events.jsonl`.
    pub path: String,
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 of its content, in hex.
    pub sha256: String,
}
