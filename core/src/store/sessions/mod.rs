//! The sessions of a store, as a client lists them: the store itself is the index.

mod archive;
mod events;
mod identity;
mod metadata;
mod moving;
mod workspace;

use std::num::NonZero;
use std::sync::Arc;
use std::{fmt, mem, thread};

use futures_util::future::try_join_all;

pub use archive::{ArchiveManifest, ArchivedFile};
pub use events::StoredEvents;
pub(crate) use metadata::merge;
pub use moving::MAX_ARCHIVE_BYTES;

use super::{Store, layout, not_stored};
use crate::error::Result;
use crate::fs::FsErrorKind;
use crate::fs::blocking::blocking;
use crate::protocol::results::{SessionListFilter, SessionMetadata};

/// The longest `workspace.yaml` that a list reads, in bytes; they have a few hundred.
const MAX_WORKSPACE_BYTES: u64 = 64 << 10;

/// How many sessions of a list a thread describes at least: fewer are not worth waking one more.
const MIN_SHARE: usize = 512;

/// The stored sessions of a [`Store`]: listed, read, deleted, forked, and moved in and out as one file. Needs no runtime.
///
/// Its calls are those of [`Client`](crate::Client), by the same names and with the same results. Clones share the store.
///
/// What a runtime has open goes on changing. A list and a description are of one moment each; so are a fork and an export,
/// over the stores of this crate. A session that is open somewhere should be disconnected before it is deleted.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> codriver::Result<()> {
/// use codriver::fs::{Conventions, FsPath};
/// use codriver::protocol::results::SessionListFilter;
/// use codriver::store::SessionStore;
///
/// let sessions = SessionStore::open("memory:").await?;
/// // What a runtime writes there, with `SessionFsOptions::store`:
/// let files = sessions.store().open("s-1").await?;
/// let workspace = FsPath::parse("/state/workspace.yaml", Conventions::Posix)?;
/// files.write(&workspace, "id: s-1\ncwd: /project\nname: Greets\n".into(), None).await?;
///
/// let listed = sessions.list_sessions(Some(SessionListFilter::new().cwd("/project"))).await?;
/// assert_eq!(listed[0].session_id, "s-1");
/// assert_eq!(listed[0].name.as_deref(), Some("Greets"));
/// assert_eq!(sessions.get_last_session_id().await?.as_deref(), Some("s-1"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SessionStore {
    store: Arc<dyn Store>,
}

impl SessionStore {
    /// The sessions of the store that a URL names; see [`store::open`](super::open).
    ///
    /// # Errors
    /// `INVALID_CONFIG`, `FS_IO`.
    pub async fn open(url: &str) -> Result<Self> {
        Ok(SessionStore::new(super::open(url).await?))
    }

    /// The same of a store that must be there already; see [`store::open_existing`](super::open_existing).
    ///
    /// # Errors
    /// As that, and `FS_NOT_FOUND`.
    pub async fn open_existing(url: &str) -> Result<Self> {
        Ok(SessionStore::new(super::open_existing(url).await?))
    }

    /// The sessions of any store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        SessionStore { store }
    }

    /// The store itself, with the files of its sessions.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The sessions that match every field of the filter, the last changed first.
    ///
    /// A session whose `workspace.yaml` is missing or damaged is there with what is known of it: its id and its times.
    ///
    /// # Errors
    /// `FS_IO`.
    pub async fn list_sessions(&self, filter: Option<SessionListFilter>) -> Result<Vec<SessionMetadata>> {
        let workspace = layout::path(layout::WORKSPACE);
        let mut listed = self.store.list_with_file(&workspace, MAX_WORKSPACE_BYTES).await?;
        // Ten thousand take tens of milliseconds: not on a thread that others wait for, and on all that there are.
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let share = listed.len().div_ceil(threads).max(MIN_SHARE);
        let mut shares = Vec::with_capacity(threads);
        while !listed.is_empty() {
            let rest = listed.split_off(share.min(listed.len()));
            let (share, filter) = (mem::replace(&mut listed, rest), filter.clone());
            shares.push(blocking(move || Ok(metadata::describe_all(share, filter.as_ref()))));
        }
        let mut described = try_join_all(shares).await?.into_iter();
        let mut sessions = described.next().unwrap_or_default();
        described.for_each(|mut share| sessions.append(&mut share));
        Ok(sessions)
    }

    /// What is known of a session; `None` where the store has none of that id.
    ///
    /// # Errors
    /// `FS_IO`.
    pub async fn get_session_metadata(&self, session_id: &str) -> Result<Option<SessionMetadata>> {
        if session_id.is_empty() {
            return Ok(None);
        }
        let Some(stored) = self.store.find(session_id).await? else { return Ok(None) };
        let files = self.store.open(session_id).await?;
        // As in a list: a file that cannot be read does not hide the session.
        let workspace = files.read(&layout::path(layout::WORKSPACE)).await.ok();
        Ok(Some(metadata::describe(stored, workspace.as_deref())))
    }

    /// The id of the session that was changed last; `None` in an empty store.
    ///
    /// # Errors
    /// `FS_IO`.
    pub async fn get_last_session_id(&self) -> Result<Option<String>> {
        Ok(self.store.list().await?.into_iter().next().map(|session| session.id))
    }

    /// The stored events of a session: every event of its log that is whole, in order, as [`check`](super::check) counts
    /// them. Changes nothing. None is no error; how many places are no event is told.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> codriver::Result<()> {
    /// # use codriver::fs::{Conventions, FsPath};
    /// # use codriver::store::SessionStore;
    /// # let sessions = SessionStore::open("memory:").await?;
    /// let files = sessions.store().open("s-1").await?;
    /// let log = FsPath::parse("/state/events.jsonl", Conventions::Posix)?;
    /// let start = r#"{"type":"session.start","id":"33333333-3333-4333-8333-333333333333","parentId":null,"data":{},"timestamp":"2026-11-21T01:44:36.251Z"}"#;
    /// files.append(&log, format!("{start}\n{{\"type\":\"torn").into(), None).await?;
    ///
    /// let stored = sessions.get_events("s-1").await?;
    /// assert_eq!((stored.events[0].event_type(), stored.events[0].seq()), ("session.start", 1));
    /// assert_eq!((stored.events.len(), stored.unreadable), (1, 1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `SESSION_NOT_FOUND`, `FS_IO`.
    pub async fn get_events(&self, session_id: &str) -> Result<StoredEvents> {
        self.require(session_id).await?;
        let files = self.store.open(session_id).await?;
        match files.read(&layout::path(layout::EVENTS)).await {
            Ok(log) => Ok(blocking(move || Ok(StoredEvents::read(&log))).await?),
            Err(error) if error.kind() == FsErrorKind::NotFound => Ok(StoredEvents::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// Erases a session with all its files.
    ///
    /// # Errors
    /// `SESSION_NOT_FOUND`, `FS_IO`.
    pub async fn delete_session(&self, session_id: &str) -> Result<()> {
        match session_id.is_empty() {
            true => Err(not_stored(session_id)),
            false => self.store.delete(session_id).await,
        }
    }

    /// Fails with `SESSION_NOT_FOUND` where the session is not there.
    async fn require(&self, session_id: &str) -> Result<()> {
        match !session_id.is_empty() && self.store.exists(session_id).await? {
            true => Ok(()),
            false => Err(not_stored(session_id)),
        }
    }
}

impl fmt::Debug for SessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionStore").finish_non_exhaustive()
    }
}

#[cfg(all(test, unix, feature = "sqlite"))]
mod tests;
