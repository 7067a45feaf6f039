//! An archive to files. Nothing in it is believed.

use std::collections::HashSet;
use std::io::{self, Read as _};
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use tar::{Archive, Entry, EntryType};

use super::manifest::{FORMAT, VERSION};
use super::{ArchiveManifest, ArchivedFile, MANIFEST, SEAL, SESSION, pack, sum};
use crate::error::{Error, ErrorKind, Result};
use crate::fs::{Conventions, FsPath, FsStat, LoadedEntry};

/// The manifest and the files of an archive whose every byte is as it was written: each member is the next one that the
/// manifest tells, of the same size and sum, a plain file or directory, at a path that is absolute and normal in the store.
/// The contents are parts of `archive`, not copies.
///
/// `FS_CORRUPT` for everything else, `FS_UNSUPPORTED` for an archive of a newer version.
pub(crate) fn unpack(archive: &Bytes) -> Result<(ArchiveManifest, Vec<LoadedEntry>)> {
    let body = sealed(archive)?;
    let mut tar = Archive::new(&body[..]);
    let mut members = Members { body: &body, entries: tar.entries().map_err(unreadable)? };
    let manifest: ArchiveManifest = serde_json::from_slice(&members.next(MANIFEST, EntryType::Regular)?)
        .map_err(|error| corrupt(format!("its manifest cannot be read: {error}")))?;
    check(&manifest)?;
    let mut unpacked = Vec::with_capacity(manifest.directories.len() + manifest.files.len());
    for directory in &manifest.directories {
        members.next(&format!("{SESSION}{directory}/"), EntryType::Directory)?;
        unpacked.push(LoadedEntry::new(path(directory)?, FsStat::directory(UNIX_EPOCH, UNIX_EPOCH), None));
    }
    for file in &manifest.files {
        let content = members.next(&format!("{SESSION}{}", file.path), EntryType::Regular)?;
        let ArchivedFile { path: text, size, sha256 } = file;
        if content.len() as u64 != *size || sum([&content[..]]) != *sha256 {
            return Err(corrupt(format!("the size or sum of {text} is not what the manifest says")));
        }
        let stat = FsStat::file(*size, UNIX_EPOCH, UNIX_EPOCH);
        unpacked.push(LoadedEntry::new(path(text)?, stat, Some(content)));
    }
    members.end()?;
    Ok((manifest, unpacked))
}

/// What is before the last member, where the sum in that is right and nothing follows it.
fn sealed(archive: &Bytes) -> Result<Bytes> {
    let no_archive = || corrupt("it is none, or the end of it is missing");
    let len = archive.len().checked_sub(pack::seal(&sum([])).len()).ok_or_else(no_archive)?;
    let (body, seal) = (archive.slice(..len), archive.slice(len..));
    if !seal.starts_with(SEAL.as_bytes()) {
        return Err(no_archive());
    }
    match seal == pack::seal(&sum([&body[..]])) {
        true => Ok(body),
        false => Err(corrupt("it was changed after it was made: its sum is another")),
    }
}

/// The members of a tar, in order.
struct Members<'a> {
    body: &'a Bytes,
    entries: tar::Entries<'a, &'a [u8]>,
}

impl Members<'_> {
    /// The content of the next member, which must be this one.
    fn next(&mut self, name: &str, kind: EntryType) -> Result<Bytes> {
        let missing = || corrupt(format!("{name} is missing"));
        let mut entry = self.entries.next().ok_or_else(missing)?.map_err(unreadable)?;
        if *entry.path_bytes() != *name.as_bytes() || entry.header().entry_type() != kind {
            let found = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            return Err(corrupt(format!("{found:?} is where {name} must be, or is no plain {kind:?}")));
        }
        content(&mut entry, self.body)
    }

    fn end(&mut self) -> Result<()> {
        match self.entries.next() {
            None => Ok(()),
            Some(_) => Err(corrupt("something is in it that the manifest does not tell")),
        }
    }
}

fn content(entry: &mut Entry<'_, &[u8]>, body: &Bytes) -> Result<Bytes> {
    let place = || {
        let start = usize::try_from(entry.raw_file_position()).ok()?;
        let end = start.checked_add(usize::try_from(entry.size()).ok()?)?;
        (end <= body.len()).then(|| body.slice(start..end))
    };
    let content = place().ok_or_else(|| corrupt("a member is larger than the archive"))?;
    // Makes the tar reader check that the member is there as a whole.
    io::copy(&mut entry.by_ref(), &mut io::sink()).map_err(unreadable)?;
    Ok(content)
}

fn check(manifest: &ArchiveManifest) -> Result<()> {
    if manifest.format != FORMAT {
        return Err(corrupt(format!("its manifest is of another format: {:?}", manifest.format)));
    }
    if manifest.version != VERSION {
        let text = format!(
            "the archive has version {}, and this version of codriver knows {VERSION}; use codriver {} or later",
            manifest.version, manifest.codriver
        );
        return Err(Error::new(ErrorKind::FsUnsupported, text));
    }
    let mut seen = HashSet::new();
    let files: HashSet<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    for text in manifest.directories.iter().chain(manifest.files.iter().map(|file| &file.path)) {
        if !seen.insert(text) {
            return Err(corrupt(format!("{text} is in it twice")));
        }
        let mut above = path(text)?.parent();
        while let Some(parent) = above {
            if files.contains(parent.as_str()) {
                return Err(corrupt(format!("{parent} is both a file and a directory")));
            }
            above = parent.parent();
        }
    }
    Ok(())
}

/// A path of the manifest, which must be absolute and normal: what is not could mean another file than the one it names.
fn path(text: &str) -> Result<FsPath> {
    let parsed = FsPath::parse(text, Conventions::Posix);
    let normal = parsed.ok().filter(|path| path.as_str() == text && !path.is_root());
    normal.ok_or_else(|| corrupt(format!("{text:?} is no absolute, normal path")))
}

fn corrupt(why: impl AsRef<str>) -> Error {
    Error::new(ErrorKind::FsCorrupt, format!("the session archive cannot be used: {}", why.as_ref()))
}

fn unreadable(error: io::Error) -> Error {
    corrupt(format!("it is no tar: {error}"))
}
