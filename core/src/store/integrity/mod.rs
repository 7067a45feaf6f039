//! Event logs that are damaged: found, shown and repaired.
//!
//! A session is its event log, and the runtimes are hard on a damaged one: by version and kind of damage they refuse the
//! whole session, drop what they cannot read, or repeat what is there twice. So it is repaired before they read it: with
//! every [resume](crate::Client::resume_session), and here on demand. What is whole stays as it is, byte for byte and in
//! its order; everything else goes to `events.jsonl.quarantine` beside the log. Nothing is ever deleted.
//!
//! Left as they are, because the runtimes take them so: empty lines, `\r\n`, a byte order mark, U+2028 in a text, types
//! and fields that nobody knows, another event with the same id, and a `parentId` that leads nowhere.
//!
//! Older layouts are not converted: an event that lacks what every event has today, such as `parentId`, goes to the quarantine,
//! and a flat `<id>.jsonl`, which no pinned runtime reads or asks a filesystem for (PROTOCOL §11), is not looked for.

mod envelope;
mod notice;
mod quarantine;
mod recover;
mod scan;

use serde::Serialize;

use super::{Store, layout};
use crate::error::{Error, ErrorKind, Result};

pub(crate) use notice::notice;
pub(crate) use recover::{Recovery, recover};
pub use scan::{Damage, DamageKind};

/// The state of a stored session's event log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LogHealth {
    /// The session.
    pub session_id: String,
    /// How long the log is, in bytes; 0 where there is none. Before the repair, if there was one.
    pub bytes: u64,
    /// How many events are whole.
    pub events: u64,
    /// What is wrong, in the log's order; after a repair, what was.
    pub damage: Vec<Damage>,
    /// The file of the session that holds what a repair took out of the log.
    pub quarantine: Option<String>,
}

impl LogHealth {
    fn new(session_id: &str, recovery: Option<Recovery>) -> Self {
        let (bytes, events, damage, quarantine) = match recovery {
            Some(found) => (found.bytes, found.events, found.damage, found.quarantine),
            None => (0, 0, Vec::new(), None),
        };
        let quarantine = quarantine.map(|path| path.to_string());
        LogHealth { session_id: session_id.to_owned(), bytes, events, damage, quarantine }
    }

    /// Whether nothing is wrong.
    pub fn is_healthy(&self) -> bool {
        self.damage.is_empty()
    }
}

/// Reads the event log of a stored session and says what is wrong with it. Changes nothing.
///
/// [`ErrorKind::SessionNotFound`] where the session is not there.
///
/// ```
/// # use codriver::fs::{Conventions, FsPath};
/// # use codriver::store::{self, DamageKind, MemoryStore};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> codriver::Result<()> {
/// # let memory = MemoryStore::new();
/// # let log = FsPath::parse("/state/events.jsonl", Conventions::Posix)?;
/// # memory.open("s1").write(&log, "{\"type\":\"session.st".into(), None).await?;
/// # let store: std::sync::Arc<dyn store::Store> = std::sync::Arc::new(memory);
/// let health = store::check(&*store, "s1").await?;
/// assert_eq!((health.events, health.damage[0].kind), (0, DamageKind::Torn));
/// # Ok(())
/// # }
/// ```
pub async fn check(store: &dyn Store, session_id: &str) -> Result<LogHealth> {
    let fs = open(store, session_id).await?;
    Ok(LogHealth::new(session_id, recover::look(&*fs, &layout::path(layout::EVENTS)).await?))
}

/// Repairs the event log of a stored session, and says what was wrong with it. A second repair finds nothing.
///
/// [`ErrorKind::SessionNotFound`] where the session is not there, [`ErrorKind::FsCorrupt`] where no event is whole: that
/// log is left as it is. The session must not be open in a runtime meanwhile.
pub async fn repair(store: &dyn Store, session_id: &str) -> Result<LogHealth> {
    let fs = open(store, session_id).await?;
    let found = recover(&*fs, &layout::path(layout::EVENTS), session_id).await?;
    match found {
        Some(found) => {
            found.or_beyond_repair(session_id).map(|found| LogHealth::new(session_id, Some(found)))
        }
        None => Ok(LogHealth::new(session_id, None)),
    }
}

/// [`check`]s every session of a store, the last changed first. One that cannot be read does not hinder the others.
pub async fn check_all(store: &dyn Store) -> Result<Vec<(String, Result<LogHealth>)>> {
    let mut all = Vec::new();
    for session in store.list().await? {
        let health = check(store, &session.id).await;
        all.push((session.id, health));
    }
    Ok(all)
}

/// [`repair`]s every session of a store, the last changed first. One that cannot be repaired does not hinder the others.
pub async fn repair_all(store: &dyn Store) -> Result<Vec<(String, Result<LogHealth>)>> {
    let mut all = Vec::new();
    for session in store.list().await? {
        let health = repair(store, &session.id).await;
        all.push((session.id, health));
    }
    Ok(all)
}

/// The whole events of a log in order, as JSON, and how many places of it are no event. Pure.
pub(super) fn whole_events(log: &[u8]) -> (Vec<&str>, u64) {
    scan::Scan::of(log).whole(log)
}

/// Those, and the ones that are there twice. Pure.
pub(super) fn every_event(log: &[u8]) -> Vec<&str> {
    scan::Scan::of(log).every(log)
}

async fn open(store: &dyn Store, session_id: &str) -> Result<std::sync::Arc<dyn crate::fs::SessionFs>> {
    match store.exists(session_id).await? {
        true => store.open(session_id).await,
        false => Err(super::not_stored(session_id)),
    }
}

impl Recovery {
    /// Refuses a log in which nothing is whole.
    pub(crate) fn or_beyond_repair(self, session_id: &str) -> Result<Self> {
        if self.events > 0 || self.damage.is_empty() {
            return Ok(self);
        }
        let text = format!(
            "no event in the log of session {session_id:?} is whole ({} bytes): it is left as it is; put a whole copy of \
             the log in its place (an import or a backup), or delete the session",
            self.bytes
        );
        Err(Error::new(ErrorKind::FsCorrupt, text))
    }
}

#[cfg(test)]
pub(super) use scan::tests::event;

#[cfg(test)]
mod tests;
