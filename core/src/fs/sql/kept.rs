//! A database in a filesystem: a head, which says what holds, and the log that it names.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::pages;
use crate::fs::blocking::blocking;
use crate::fs::{FsChange, FsError, FsErrorKind, FsPath, FsResult, SessionFs};

const FORMAT: &str = "codriver session database";
const VERSION: u32 = 1;
/// For what a store may know of modes.
const MODE: Option<u32> = Some(0o600);
/// A log is written anew when it has more than twice the bytes of the database, and these.
const SLACK_BYTES: u64 = 64 * 1024;
/// How often a head is read again that somebody replaced while its log was being read.
const READS: usize = 8;

/// The first file: which bytes of which log are the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
    /// Names this change among all that were ever tried.
    change: String,
    /// The number in the log's name.
    log: u64,
    /// How much of the log holds; what is behind it was never acknowledged.
    bytes: u64,
}

/// What is read of a head before its version is known.
#[derive(Deserialize)]
struct Preamble {
    format: String,
    version: u32,
}

impl Head {
    fn read(bytes: &[u8], path: &FsPath) -> FsResult<Self> {
        let damaged = |_| unreadable(path, "is damaged: its head cannot be read");
        let preamble: Preamble = serde_json::from_slice(bytes).map_err(damaged)?;
        match preamble.version {
            _ if preamble.format != FORMAT => Err(unreadable(path, "is not a database of codriver")),
            VERSION => serde_json::from_slice(bytes).map_err(damaged),
            version => Err(unreadable(
                path,
                &format!(
                    "has format {version}, and this version of codriver knows {VERSION}; use the version that wrote it"
                ),
            )),
        }
    }
}

fn unreadable(path: &FsPath, what: &str) -> FsError {
    FsError::io(format!("the session's database {path} {what}")).with_write_changed(false)
}

/// A place for a database in a filesystem.
pub(super) struct Place {
    pub(super) below: Arc<dyn SessionFs>,
    pub(super) path: FsPath,
}

/// A database as it was last seen in its place.
pub(super) struct Kept {
    /// The head with the bytes it was read of or written as.
    head: Option<(Head, Bytes)>,
    pub(super) image: Vec<u8>,
    /// Whether the log has more than the head says: a change that was cut short.
    has_tail: bool,
}

impl Place {
    async fn read_head(&self) -> FsResult<Option<Bytes>> {
        match self.below.read(&self.path).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == FsErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.with_write_changed(false)),
        }
    }

    fn log(&self, number: u64) -> FsResult<FsPath> {
        let name = self.path.file_name().unwrap_or("database");
        let directory = self.path.parent().ok_or_else(|| unreadable(&self.path, "is not a file"))?;
        directory.join(&format!("{name}-{number}"))
    }

    /// Whether nobody changed the database since.
    pub(super) async fn is_current(&self, kept: &Kept) -> FsResult<bool> {
        Ok(self.read_head().await? == kept.head.as_ref().map(|(_, bytes)| bytes.clone()))
    }

    pub(super) async fn load(&self) -> FsResult<Kept> {
        let mut last = None;
        for _ in 0..READS {
            let Some(bytes) = self.read_head().await? else {
                return Ok(Kept { head: None, image: Vec::new(), has_tail: false });
            };
            let head = Head::read(&bytes, &self.path)?;
            let damaged = || unreadable(&self.path, "is damaged: its log is not what its head says");
            let log = match self.below.read(&self.log(head.log)?).await {
                Err(error) if error.kind() == FsErrorKind::NotFound => Bytes::new(),
                log => log.map_err(|error| error.with_write_changed(false))?,
            };
            let has_tail = log.len() as u64 > head.bytes;
            let end = usize::try_from(head.bytes).ok();
            let replay = move || Ok(end.and_then(|end| log.get(..end)).and_then(pages::replay));
            if let Some(image) = blocking(replay).await? {
                return Ok(Kept { has_tail, head: Some((head, bytes)), image });
            }
            // Somebody may have begun a new log meanwhile; the same head again means that nobody did.
            if last.as_ref() == Some(&bytes) {
                return Err(damaged());
            }
            last = Some(bytes);
        }
        Err(FsError::conflict(&self.path))
    }

    /// The image `new`, and the record that makes it of `old`.
    async fn record(&self, old: Vec<u8>, new: Vec<u8>) -> FsResult<(Vec<u8>, Vec<u8>)> {
        let record = move || {
            let record = pages::record(&old, &new);
            Ok((new, record))
        };
        let (new, record) = blocking(record).await?;
        Ok((new, record.ok_or_else(|| unreadable(&self.path, "has pages of another size"))?))
    }

    /// Stores `image`. [`FsErrorKind::Conflict`] where somebody else was faster; `kept` is of no use after an error.
    pub(super) async fn store(&self, kept: &mut Kept, image: Vec<u8>) -> FsResult<()> {
        let old = kept.head.as_ref().map(|(head, bytes)| (head.clone(), bytes.clone()));
        let mut head = Head {
            format: FORMAT.into(),
            version: VERSION,
            change: uuid::Uuid::new_v4().to_string(),
            log: 1,
            bytes: 0,
        };
        let mut changes =
            vec![FsChange::Expect { path: self.path.clone(), content: old.as_ref().map(|(_, b)| b.clone()) }];
        let (mut image, appended) = self.record(std::mem::take(&mut kept.image), image).await?;
        match &old {
            Some((old, _))
                if !kept.has_tail
                    && old.bytes + appended.len() as u64 <= 2 * image.len() as u64 + SLACK_BYTES =>
            {
                (head.log, head.bytes) = (old.log, old.bytes + appended.len() as u64);
                let path = self.log(head.log)?;
                changes.push(FsChange::Append { path, content: appended.into(), mode: MODE });
            }
            old => {
                let (same, whole) = self.record(Vec::new(), image).await?;
                image = same;
                (head.log, head.bytes) = (old.as_ref().map_or(1, |(old, _)| old.log + 1), whole.len() as u64);
                let path = self.log(head.log)?;
                changes.push(FsChange::Write { path, content: whole.into(), mode: MODE });
            }
        }
        let written = serde_json::to_vec(&head).map_err(|error| FsError::io(error.to_string()))?;
        let written = Bytes::from(written);
        changes.push(FsChange::Write { path: self.path.clone(), content: written.clone(), mode: MODE });
        // Last: whoever reads by the old head finds its log until the new one is there.
        if let Some((old, _)) = old.filter(|(old, _)| old.log != head.log) {
            changes.push(FsChange::Remove { path: self.log(old.log)?, recursive: false, force: true });
        }
        if let Err(error) = self.below.apply(changes).await {
            // A store that tries again by itself, or whose answer was lost, has it nevertheless.
            if self.read_head().await.ok().flatten().as_ref() != Some(&written) {
                return Err(error);
            }
        }
        *kept = Kept { head: Some((head, written)), image, has_tail: false };
        Ok(())
    }
}
