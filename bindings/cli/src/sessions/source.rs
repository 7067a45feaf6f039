//! Where the sessions are.

use codriver::protocol::results::{SessionListFilter, SessionMetadata};
use codriver::store::SessionStore;
use codriver::{Client, Result, SessionEvent};

/// A runtime, or a store that needs none: they answer the same.
pub(super) enum Source {
    Runtime(Client),
    Store(SessionStore),
}

impl Source {
    pub(super) async fn list(&self, filter: Option<SessionListFilter>) -> Result<Vec<SessionMetadata>> {
        match self {
            Source::Runtime(client) => client.list_sessions(filter).await,
            Source::Store(store) => store.list_sessions(filter).await,
        }
    }

    pub(super) async fn metadata(&self, id: &str) -> Result<Option<SessionMetadata>> {
        match self {
            Source::Runtime(client) => client.get_session_metadata(id).await,
            Source::Store(store) => store.get_session_metadata(id).await,
        }
    }

    /// The stored events, and how many lines of the log are none where that can be known.
    pub(super) async fn events(&self, id: &str) -> Result<(Vec<SessionEvent>, u64)> {
        match self {
            Source::Runtime(client) => Ok((client.get_events(id).await?, 0)),
            Source::Store(store) => {
                store.get_events(id).await.map(|stored| (stored.events, stored.unreadable))
            }
        }
    }

    pub(super) async fn delete(&self, id: &str) -> Result<()> {
        match self {
            Source::Runtime(client) => client.delete_session(id).await,
            Source::Store(store) => store.delete_session(id).await,
        }
    }
}
