//! One session in one file: a tar that any `tar` unpacks, with sums for all that is in it. Pure.
//!
//! | member, in this order | what |
//! |---|---|
//! | `manifest.json` | [`ArchiveManifest`]: what follows, with sizes and SHA-256 sums |
//! | `session/…/` | the directories, sorted |
//! | `session/…` | the files, sorted; below `session` they are as in the store |
//! | `archive.sha256` | the SHA-256 of every byte before this member, in hex |
//!
//! The manifest is for people, tools and those who unpack; the sum at the end finds any byte that was changed or is missing,
//! also one that tar itself would not notice. Neither is a signature: an archive is as trustworthy as who gave it.

mod manifest;
mod pack;
mod unpack;

use sha2::{Digest as _, Sha256};

pub use manifest::{ArchiveManifest, ArchivedFile};
pub(super) use pack::pack;
pub(super) use unpack::unpack;

const MANIFEST: &str = "manifest.json";
const SESSION: &str = "session";
const SEAL: &str = "archive.sha256";
const BLOCK: usize = 512;

/// Two blocks of zeros say that a tar ends.
const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// The SHA-256 of what these make together, in hex.
fn sum<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    parts.into_iter().for_each(|part| hash.update(part));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
