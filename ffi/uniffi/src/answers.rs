//! Answers of foreign code, each to one call id, from any thread.
//!
//! A late or second one is `BAD_HANDLE`; one that cannot be used is `INVALID_ARGUMENT`, and the question stays open.

use codriver_ffi_support as support;
use support::{EntryKind, FsReply};

use crate::error::Result;

/// File or directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum FileKind {
    /// A file.
    File,
    /// A directory.
    Directory,
}

/// Kind, size in bytes, and times in milliseconds since 1970.
#[derive(Debug, Clone, uniffi::Record)]
pub struct FileStat {
    /// File or directory.
    pub kind: FileKind,
    /// Bytes of a file.
    pub size: u64,
    /// When the content last changed.
    pub modified_ms: u64,
    /// When it was made.
    pub created_ms: u64,
}

/// A name in a directory.
#[derive(Debug, Clone, uniffi::Record)]
pub struct FileEntry {
    /// The name, without the directory.
    pub name: String,
    /// File or directory.
    pub kind: FileKind,
}

impl From<FileKind> for EntryKind {
    fn from(kind: FileKind) -> Self {
        match kind {
            FileKind::File => EntryKind::File,
            FileKind::Directory => EntryKind::Directory,
        }
    }
}

/// Answers a question with JSON.
#[uniffi::export]
pub fn respond(call_id: u64, json: String) -> Result<()> {
    Ok(support::respond(call_id, &json)?)
}

/// Says that there is no answer, and why; `number` is that of an error of DESIGN §5, or 0.
#[uniffi::export]
pub fn fail(call_id: u64, number: u32, message: String) -> Result<()> {
    Ok(support::fail(call_id, number, &message)?)
}

/// Answers `write`, `append`, `mkdir`, `remove` and `rename`.
#[uniffi::export]
pub fn respond_done(call_id: u64) -> Result<()> {
    Ok(support::respond_fs(call_id, FsReply::Done)?)
}

/// Answers `read`.
#[uniffi::export]
pub fn respond_content(call_id: u64, content: &[u8]) -> Result<()> {
    Ok(support::respond_fs(call_id, FsReply::Content(content.to_vec().into()))?)
}

/// Answers `exists`.
#[uniffi::export]
pub fn respond_exists(call_id: u64, exists: bool) -> Result<()> {
    Ok(support::respond_fs(call_id, FsReply::Exists(exists))?)
}

/// Answers `stat`.
#[uniffi::export]
pub fn respond_stat(call_id: u64, stat: FileStat) -> Result<()> {
    let FileStat { kind, size, modified_ms, created_ms } = stat;
    Ok(support::respond_fs(call_id, FsReply::Stat { kind: kind.into(), size, modified_ms, created_ms })?)
}

/// Answers `read_dir`.
#[uniffi::export]
pub fn respond_entries(call_id: u64, entries: Vec<FileEntry>) -> Result<()> {
    let entries = entries.into_iter().map(|entry| (entry.name, entry.kind.into())).collect();
    Ok(support::respond_fs(call_id, FsReply::Entries(entries))?)
}
