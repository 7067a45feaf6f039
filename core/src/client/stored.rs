//! Sessions that are stored, whether or not anybody has them open: the runtime's own and those of the client's store, as
//! one list.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::api::Success;
use super::{Client, Connection};
use crate::SessionEvent;
use crate::error::{Error, ErrorKind, Result};
use crate::options::SessionConfig;
use crate::protocol::methods;
use crate::protocol::results::{SessionListFilter, SessionMetadata};
use crate::store::{SessionStore, merge};

/// How many stored events are asked for at once; the runtime's own limit.
const PAGE: u64 = 1000;

impl Client {
    /// The sessions of the store that was given with `session_fs`; `None` where the runtime stores them by itself, and with
    /// a filesystem of one's own that is no [`Store`](crate::store::Store). Needs no connection; a store that is given by its URL
    /// is there from the first start on.
    pub fn session_store(&self) -> Option<SessionStore> {
        let opened = self.shared.files.get().and_then(|files| files.store());
        let store = opened.or(self.shared.options.session_fs.as_ref()?.given_store())?;
        Some(SessionStore::new(Arc::clone(store)))
    }

    /// The stored sessions, the last changed first: the runtime's own, which lists a session once a turn of it was stored,
    /// and those of the client's store. One that is in both is there once, by what is known later.
    ///
    /// # Errors
    /// As [`Client::rpc`]; `FS_IO` of the store.
    pub async fn list_sessions(&self, filter: Option<SessionListFilter>) -> Result<Vec<SessionMetadata>> {
        let Some(store) = self.session_store() else {
            return Ok(merge(Vec::new(), self.list_of_runtime(filter).await?));
        };
        // Not filtered yet: what one list says of a session the other may know better.
        let (ours, theirs) = tokio::join!(store.list_sessions(None), self.list_of_runtime(None));
        let mut sessions = merge(ours?, theirs?);
        if let Some(filter) = filter {
            sessions.retain(|session| filter.matches(session));
        }
        Ok(sessions)
    }

    async fn list_of_runtime(&self, filter: Option<SessionListFilter>) -> Result<Vec<SessionMetadata>> {
        #[derive(Deserialize)]
        struct Sessions {
            #[serde(default)]
            sessions: Vec<SessionMetadata>,
        }
        let params = filter.map_or_else(|| json!({}), |filter| json!({ "filter": filter }));
        Ok(self.call::<Sessions>(methods::SESSION_LIST, params).await?.sessions)
    }

    /// What is known of a stored session; `None` where neither the runtime nor the client's store has one of that id.
    ///
    /// # Errors
    /// As [`Client::rpc`]; `FS_IO` of the store.
    pub async fn get_session_metadata(&self, session_id: &str) -> Result<Option<SessionMetadata>> {
        let Some(store) = self.session_store() else { return self.metadata_of_runtime(session_id).await };
        let (ours, theirs) =
            tokio::join!(store.get_session_metadata(session_id), self.metadata_of_runtime(session_id));
        Ok(merge(ours?.into_iter().collect(), theirs?.into_iter().collect()).into_iter().next())
    }

    async fn metadata_of_runtime(&self, session_id: &str) -> Result<Option<SessionMetadata>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            session: Option<SessionMetadata>,
        }
        let params = json!({ "sessionId": session_id });
        Ok(self.call::<Answer>(methods::SESSION_GET_METADATA, params).await?.session)
    }

    /// The id of the session that was used last, by the runtime or in the client's store.
    ///
    /// # Errors
    /// As [`Client::rpc`]; `FS_IO` of the store.
    pub async fn get_last_session_id(&self) -> Result<Option<String>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Last {
            #[serde(default)]
            session_id: Option<String>,
        }
        let last = self.call::<Last>(methods::SESSION_GET_LAST_ID, json!({})).await?.session_id;
        let Some(store) = self.session_store() else { return Ok(last) };
        match (store.get_last_session_id().await?, last) {
            (Some(ours), Some(theirs)) if ours != theirs => {
                let (ours, theirs) =
                    tokio::join!(self.get_session_metadata(&ours), self.get_session_metadata(&theirs));
                let both = merge(ours?.into_iter().collect(), theirs?.into_iter().collect());
                Ok(both.into_iter().next().map(|session| session.session_id))
            }
            (ours, theirs) => Ok(ours.or(theirs)),
        }
    }

    /// The stored events of a session, whether or not it is open: what is ephemeral is not among them.
    ///
    /// An open session is asked itself. One of the client's store is read there, with sequence numbers from 1; lines that
    /// a crash tore are passed over, and [`SessionStore::get_events`] tells how many. Any other is read by the runtime;
    /// 1.0.57 has to resume it for that.
    ///
    /// # Errors
    /// `SESSION_NOT_FOUND`; as [`Client::rpc`]; `FS_IO` of the store.
    pub async fn get_events(&self, session_id: &str) -> Result<Vec<SessionEvent>> {
        let connection = self.connection()?;
        if connection.registry.get(session_id).is_some() {
            return connection.events_of_open(session_id).await;
        }
        if let Some(store) = self.session_store() {
            match store.get_events(session_id).await {
                Err(error) if error.kind() == ErrorKind::SessionNotFound => {}
                stored => {
                    let stored = stored?;
                    if stored.unreadable > 0 {
                        let lines = stored.unreadable;
                        tracing::warn!(session = session_id, lines, "lines of the stored log are no events");
                    }
                    return Ok(stored.events);
                }
            }
        }
        if self.metadata_of_runtime(session_id).await?.is_none() {
            let text = format!("there is no stored session `{session_id}`");
            return Err(Error::new(ErrorKind::SessionNotFound, text));
        }
        self.events_of_runtime(session_id).await
    }

    async fn events_of_runtime(&self, session_id: &str) -> Result<Vec<SessionEvent>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Page {
            #[serde(default)]
            events: Vec<Box<RawValue>>,
            #[serde(default)]
            cursor: Option<String>,
            #[serde(default)]
            has_more: bool,
        }
        let mut events = Vec::new();
        let mut params = json!({ "sessionId": session_id, "max": PAGE });
        loop {
            let page = match self.call::<Page>(methods::SESSIONS_READ_PERSISTED_EVENTS, params.clone()).await
            {
                Err(error) if error.kind() == ErrorKind::MethodNotFound => break,
                page => page?,
            };
            let read = page.events.iter().map(|event| SessionEvent::from_json(event.get()));
            events.extend(read.filter_map(std::result::Result::ok));
            match page.cursor {
                Some(cursor) if page.has_more => params["cursor"] = Value::from(cursor),
                _ => return Ok(events),
            }
        }
        let session = self.resume_session(session_id, SessionConfig::new().disable_resume(true)).await?;
        let events = session.get_events().await;
        session.disconnect().await?;
        events
    }

    /// Erases a stored session, of the runtime's own and of the client's store. One that is open in this client ends here too.
    ///
    /// # Errors
    /// `SESSION_NOT_FOUND` where neither has it, and as [`Client::rpc`]; `FS_IO` of the store.
    pub async fn delete_session(&self, session_id: &str) -> Result<()> {
        let connection = self.connection()?;
        let of_runtime = self.delete_of_runtime(session_id).await;
        let Some(store) = self.session_store() else {
            of_runtime?;
            connection.forget(session_id);
            return Ok(());
        };
        let not_found = match of_runtime {
            Ok(()) => None,
            Err(error) if error.kind() == ErrorKind::SessionNotFound => Some(error),
            Err(error) => return Err(error),
        };
        if not_found.is_some() && connection.registry.get(session_id).is_some() {
            // It is open there, and only its files are here: the runtime writes a last time, and lets go of it.
            let params = json!({ "sessionId": session_id });
            if let Err(error) = self.rpc(methods::SESSION_DESTROY, params).await {
                tracing::warn!(session = session_id, %error, "a session that is deleted was not closed");
            }
        }
        if let Some(core) = connection.registry.get(session_id) {
            // What is written after the session was deleted would make it anew.
            if let Err(error) = core.flush_fs(connection.options().limits.stop_timeout).await {
                tracing::debug!(session = session_id, %error, "the last files of a session that is deleted");
            }
        }
        connection.forget(session_id);
        match (store.delete_session(session_id).await, not_found) {
            (Ok(()), _) => Ok(()),
            (Err(error), None) if error.kind() == ErrorKind::SessionNotFound => Ok(()),
            (Err(error), Some(not_found)) if error.kind() == ErrorKind::SessionNotFound => Err(not_found),
            (Err(error), _) => Err(error),
        }
    }

    async fn delete_of_runtime(&self, session_id: &str) -> Result<()> {
        let answer = self.rpc(methods::SESSION_DELETE, json!({ "sessionId": session_id })).await?;
        let kind = |why: &str| match why.contains("not found") {
            true => ErrorKind::SessionNotFound,
            false => ErrorKind::SessionError,
        };
        Success::check(answer, kind, &format!("session `{session_id}` was not deleted"))
    }
}

impl Connection {
    /// Ends a session here, if it is open.
    fn forget(&self, session_id: &str) {
        if let Some(core) = self.registry.get(session_id) {
            self.registry.remove(&core);
        }
    }

    /// The stored events of a session that is open on this connection.
    pub(crate) async fn events_of_open(&self, session_id: &str) -> Result<Vec<SessionEvent>> {
        #[derive(Deserialize)]
        struct Stored<'a> {
            #[serde(borrow, default)]
            events: Vec<&'a RawValue>,
        }
        let unreadable = |error: serde_json::Error| {
            Error::new(ErrorKind::Protocol, format!("the stored events cannot be read: {error}"))
        };
        let params = json!({ "sessionId": session_id });
        let result = self.peer.call(methods::SESSION_GET_MESSAGES, &params).await?;
        let stored: Stored<'_> = serde_json::from_slice(&result).map_err(unreadable)?;
        let event = |raw: &&RawValue| SessionEvent::from_json(raw.get());
        stored.events.iter().map(event).collect::<Result<_, _>>().map_err(unreadable)
    }
}
