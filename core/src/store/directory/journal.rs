//! The lock of a session's folder, and the note that makes an append atomic.
//!
//! A kill or a power cut in the middle of an append leaves a torn tail. So the length before it is noted, durably, in the
//! journal first; a note that is still there when the lock is taken tells of an append whose writer is gone, and what it
//! left is cut off. Nothing else changes the folder while a note stands, as every change holds the lock.
//!
//! A note is erased without waiting for the disk. After a power cut it may be back; it then describes a whole append,
//! which stays, because every other change makes the erasure durable first ([`Journal::settle`]).
//! The first byte tells all that: of a note, a hex digit; else whether the erasure is known to be durable.

use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::time::Instant;

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::folder::Folder;
use super::lock::{Lock, Share};

pub(super) const NAME: &str = "journal";

/// What a journal begins with when no append is under way.
const CLEAN: u8 = b'\n';
/// The same, and durably so.
const SETTLED: u8 = b'!';

/// An append that was begun.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Note {
    /// The names from the session's folder to the file.
    pub(super) names: Vec<String>,
    /// The file's length before; none where there was no file.
    pub(super) old_len: Option<u64>,
    /// Its length afterwards.
    pub(super) new_len: u64,
    /// The checksum of what was appended.
    pub(super) sum: u64,
}

impl Note {
    /// One line: the checksum of the rest, and the rest.
    fn encode(&self) -> io::Result<Vec<u8>> {
        let json = serde_json::to_string(self)?;
        Ok(format!("{:016x} {json}\n", checksum(json.as_bytes())).into_bytes())
    }

    /// None where the text is no whole note; such a one was never durable, so its append had not begun.
    fn decode(text: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(text.split(|&byte| byte == b'\n').next()?).ok()?;
        let (sum, json) = line.split_once(' ')?;
        let whole = u64::from_str_radix(sum, 16).ok()? == checksum(json.as_bytes());
        whole.then(|| serde_json::from_str(json).ok()).flatten()
    }
}

/// FNV-1a: finds what a crash tore; it is no protection against anybody.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The journal of a folder, locked until this is dropped.
pub(super) struct Journal {
    file: Lock,
    /// What readers leave out, where a torn append cannot be taken back.
    pub(super) torn: Option<Note>,
}

impl Journal {
    /// Makes the journal of a new folder.
    pub(super) fn create(folder: &Folder) -> io::Result<()> {
        let file = folder.file(NAME, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)?;
        file.write_all_at(&[SETTLED], 0)?;
        file.sync_all()
    }

    /// Waits for every holder of the lock in this and other processes, until `deadline`: then
    /// [`io::ErrorKind::ResourceBusy`]. `NotFound` where the folder was deleted.
    pub(super) fn lock_exclusive(folder: &Folder, deadline: Instant) -> io::Result<Self> {
        Self::lock(folder, Share::Exclusive, deadline)
    }

    /// Waits for those who change the folder, in the same way. Asks for no right to write.
    pub(super) fn lock_shared(folder: &Folder, deadline: Instant) -> io::Result<Self> {
        Self::lock(folder, Share::Shared, deadline)
    }

    fn lock(folder: &Folder, share: Share, deadline: Instant) -> io::Result<Self> {
        let flags = match share {
            Share::Shared => OFlags::RDONLY,
            Share::Exclusive => OFlags::RDWR,
        };
        let file = Lock::acquire(folder.file(NAME, flags)?, share, deadline).map_err(|error| match error
            .kind()
        {
            io::ErrorKind::ResourceBusy => io::Error::new(error.kind(), format!("the session is {error}")),
            _ => error,
        })?;
        // Whoever deletes the session unlinks the journal under the lock that we waited for.
        match file.metadata()?.nlink() {
            0 => Err(io::ErrorKind::NotFound.into()),
            _ => Ok(Journal { file, torn: None }),
        }
    }

    /// The note of a writer that is gone.
    pub(super) fn note(&self) -> io::Result<Option<Note>> {
        if matches!(self.first()?, CLEAN | SETTLED) {
            return Ok(None);
        }
        let mut text = Vec::new();
        (&*self.file).read_to_end(&mut text)?;
        Ok(Note::decode(&text))
    }

    /// Notes an append, durably, before it begins.
    pub(super) fn begin(&self, note: &Note) -> io::Result<()> {
        self.file.write_all_at(&note.encode()?, 0)?;
        self.file.sync_data()
    }

    /// Erases the note of an append that is done, and durable.
    pub(super) fn end(&self) -> io::Result<()> {
        self.file.write_all_at(&[CLEAN], 0)
    }

    /// Makes the erasure durable. Before any change that a note which comes back would be wrong about.
    pub(super) fn settle(&self) -> io::Result<()> {
        if self.first()? == SETTLED {
            return Ok(());
        }
        self.file.sync_data()?;
        self.file.write_all_at(&[SETTLED], 0)
    }

    /// The first byte; an empty journal is a clean one.
    fn first(&self) -> io::Result<u8> {
        let mut first = [CLEAN];
        self.file.read_at(&mut first, 0)?;
        Ok(first[0])
    }

    /// Sets the time of the journal, which is that of the session's last change.
    pub(super) fn touch(&self) -> io::Result<()> {
        self.file.set_modified(std::time::SystemTime::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_that_is_torn_anywhere_is_none() {
        let note =
            Note { names: vec!["files".into(), "a\nb".into()], old_len: Some(3), new_len: 9, sum: u64::MAX };
        let text = note.encode().unwrap();
        assert_eq!(Note::decode(&text), Some(note));
        for len in 0..text.len() - 1 {
            assert_eq!(Note::decode(&text[..len]), None, "{len} bytes");
            let mut zeroed = text.clone();
            zeroed[len..].fill(0);
            assert_eq!(Note::decode(&zeroed), None, "zeros from {len}");
        }
    }
}
