//! Files to an archive.

use bytes::Bytes;
use tar::{EntryType, Header};

use super::manifest::{FORMAT, VERSION};
use super::{ArchiveManifest, ArchivedFile, BLOCK, END, MANIFEST, SEAL, SESSION, sum};
use crate::fs::{EntryKind, LoadedEntry};

/// The longest name that a header holds, in bytes.
const MAX_NAME_BYTES: usize = 100;

/// The archive of a session, in pieces that follow each other: the contents are not copied. The same files, id and time
/// make the same bytes. Every file must have its content.
pub(crate) fn pack(
    session_id: &str,
    created: String,
    mut entries: Vec<LoadedEntry>,
) -> (ArchiveManifest, Vec<Bytes>) {
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let is_directory = |entry: &LoadedEntry| entry.stat.kind == EntryKind::Directory;
    let (directories, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_directory);
    let content = |entry: &LoadedEntry| entry.content.clone().unwrap_or_default();
    let archived = |entry: &LoadedEntry| ArchivedFile {
        path: entry.path.as_str().to_owned(),
        size: content(entry).len() as u64,
        sha256: sum([&content(entry)[..]]),
    };
    let manifest = ArchiveManifest {
        format: FORMAT.to_owned(),
        version: VERSION,
        session_id: session_id.to_owned(),
        created,
        codriver: env!("CARGO_PKG_VERSION").to_owned(),
        directories: directories.iter().map(|entry| entry.path.as_str().to_owned()).collect(),
        files: files.iter().map(archived).collect(),
    };
    let mut pieces = Vec::with_capacity(3 * files.len() + directories.len() + 4);
    let json = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    add(&mut pieces, MANIFEST, EntryType::Regular, json.into());
    for entry in &directories {
        add(&mut pieces, &format!("{SESSION}{}/", entry.path), EntryType::Directory, Bytes::new());
    }
    for entry in &files {
        add(&mut pieces, &format!("{SESSION}{}", entry.path), EntryType::Regular, content(entry));
    }
    let sum = sum(pieces.iter().map(|piece| &piece[..]));
    pieces.push(seal(&sum));
    (manifest, pieces)
}

/// The last member and the end, for an archive with that sum.
pub(super) fn seal(sum: &str) -> Bytes {
    let mut pieces = Vec::new();
    add(&mut pieces, SEAL, EntryType::Regular, Bytes::copy_from_slice(sum.as_bytes()));
    pieces.push(Bytes::from_static(&END));
    pieces.concat().into()
}

fn add(pieces: &mut Vec<Bytes>, name: &str, kind: EntryType, content: Bytes) {
    let mut head = Vec::new();
    if name.len() > MAX_NAME_BYTES {
        // A member of its own that holds the name of the next one, with a NUL behind it.
        let long = [name.as_bytes(), b"\0"].concat();
        head.extend_from_slice(&header("././@LongLink", EntryType::GNULongName, long.len()));
        head.extend_from_slice(&long);
        head.extend_from_slice(padding(long.len()));
    }
    head.extend_from_slice(&header(name, kind, content.len()));
    let padding = padding(content.len());
    pieces.push(head.into());
    pieces.push(content);
    pieces.push(Bytes::from_static(padding));
}

/// A header with as much of the name as it holds.
fn header(name: &str, kind: EntryType, size: usize) -> [u8; BLOCK] {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size as u64);
    header.set_mode(if kind == EntryType::Directory { 0o700 } else { 0o600 });
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    if let Some(gnu) = header.as_gnu_mut() {
        let held = &name.as_bytes()[..name.len().min(MAX_NAME_BYTES)];
        gnu.name[..held.len()].copy_from_slice(held);
    }
    header.set_cksum();
    *header.as_bytes()
}

/// What fills the last block.
fn padding(size: usize) -> &'static [u8] {
    &END[..size.next_multiple_of(BLOCK) - size]
}
