//! The user's handle to a session.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::core::SessionCore;
use super::dispatch::Registration;
use super::stream::EventStream;
use super::ui::Ui;
use crate::client::api::Success;
use crate::client::connection::Connection;
use crate::counters::Counters;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::capabilities::SessionCapabilities;
use crate::protocol::event::SessionEvent;
use crate::protocol::methods;

/// A session that is open in this client. Cloning is cheap: all clones are the same session.
///
/// [`Session::disconnect`] ends it here and tells the runtime; its stored state stays. Where the last clone is dropped
/// without, it ends here only: its handlers are gone, and the runtime keeps it open until the client stops. A filesystem
/// of its own is served until then.
#[derive(Clone)]
pub struct Session {
    handle: Arc<SessionHandle>,
}

pub(super) struct SessionHandle {
    pub(super) core: Arc<SessionCore>,
    pub(super) connection: Arc<Connection>,
    workspace_path: Option<String>,
}

impl Session {
    pub(crate) fn new(
        core: Arc<SessionCore>,
        connection: Arc<Connection>,
        workspace_path: Option<String>,
    ) -> Self {
        Session { handle: Arc::new(SessionHandle { core, connection, workspace_path }) }
    }

    pub(super) fn core(&self) -> &Arc<SessionCore> {
        &self.handle.core
    }

    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.handle.connection
    }

    /// The session's id.
    pub fn id(&self) -> &str {
        self.core().id()
    }

    /// Where the runtime keeps the session's state; `None` for cloud sessions.
    pub fn workspace_path(&self) -> Option<&str> {
        self.handle.workspace_path.as_deref()
    }

    /// What the host's interface can do, as the runtime said last.
    pub fn capabilities(&self) -> SessionCapabilities {
        serde_json::from_value(self.core().capabilities()).unwrap_or_default()
    }

    /// Stops what the session is doing. Handlers at work are cancelled; a hook that is waited for gets its secure default.
    ///
    /// # Errors
    /// `SESSION_ERROR` where the runtime could not, and as [`Session::rpc`].
    pub async fn abort(&self) -> Result<()> {
        // The runtime answers an abort only after a pending hook is answered [P].
        self.core().end_work();
        let answer = self.rpc(methods::SESSION_ABORT, Map::new()).await?;
        Success::check(answer, |_| ErrorKind::SessionError, "the session was not aborted")
    }

    /// Calls `handler` for each event from now on: in wire order, one at a time, after the handlers registered before, on a
    /// thread where it may block. One that panics is reported to `on_handler_error`, and called for the next event again.
    pub fn on(&self, handler: impl Fn(&SessionEvent) + Send + Sync + 'static) -> Registration {
        self.core().on(Arc::new(handler))
    }

    /// The events from now on, as a stream. It ends when the session does, after the last event.
    pub fn subscribe(&self) -> EventStream {
        EventStream::new(self.core().clone(), None)
    }

    /// The events from sequence number `seq` on, as far as they are still held (the last 64 KiB that all have read, and
    /// what somebody has not; `limits.replay_max_bytes`); then as [`Session::subscribe`].
    pub fn subscribe_from(&self, seq: u64) -> EventStream {
        EventStream::new(self.core().clone(), Some(seq))
    }

    /// The stored events: what is ephemeral is not among them. They have no sequence numbers (`seq()` is 0).
    ///
    /// # Errors
    /// As [`Session::rpc`].
    pub async fn get_events(&self) -> Result<Vec<SessionEvent>> {
        self.connection().events_of_open(self.id()).await
    }

    /// Switches to another model, from the next turn on.
    ///
    /// # Errors
    /// As [`Session::rpc`].
    pub async fn set_model(&self, model: &str, reasoning_effort: Option<&str>) -> Result<()> {
        let mut params = Map::from_iter([("modelId".to_owned(), Value::from(model))]);
        if let Some(effort) = reasoning_effort {
            params.insert("reasoningEffort".into(), effort.into());
        }
        self.rpc(methods::SESSION_MODEL_SWITCH_TO, params).await.map(drop)
    }

    /// Puts a line into the session's log: an event `session.info`, `session.warning` or `session.error`. `level`: `info`,
    /// `warning` or `error`; ephemeral lines are not stored. Gives the event's id.
    ///
    /// # Errors
    /// As [`Session::rpc`].
    pub async fn log(&self, message: &str, level: Option<&str>, ephemeral: bool) -> Result<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Logged {
            #[serde(default)]
            event_id: String,
        }
        let mut params = json!({ "message": message, "ephemeral": ephemeral });
        if let Some(level) = level {
            params["level"] = level.into();
        }
        let Value::Object(params) = params else { unreachable!("an object was just made") };
        let answer = self.rpc(methods::SESSION_LOG, params).await?;
        Ok(serde_json::from_value::<Logged>(answer).map(|logged| logged.event_id).unwrap_or_default())
    }

    /// Questions to the user of whoever shows this session.
    pub fn ui(&self) -> Ui<'_> {
        Ui::new(self)
    }

    /// Waits until the session takes prompts. Only a cloud session's worker has to come first; [`Session::send`] waits for
    /// it by itself, at most two minutes.
    ///
    /// # Errors
    /// `CLOUD_NOT_READY` when `patience` is over, `CLOSED` or `RUNTIME_LOST` when the session ends before.
    pub async fn wait_until_ready(&self, patience: Duration) -> Result<()> {
        let core = self.core();
        let mut ready = core.readiness();
        tokio::select! {
            biased;
            _ = ready.wait_for(|ready| *ready) => Ok(()),
            () = core.on_end().cancelled() => Err(self.ended()),
            () = tokio::time::sleep(patience) => {
                let text = format!(
                    "the worker of cloud session `{}` was not there within {patience:?}; the prompt was not sent, try again",
                    self.id()
                );
                Err(Error::new(ErrorKind::CloudNotReady, text))
            }
        }
    }

    /// Any method of the runtime, with `sessionId` added to `params`, and its result as it came.
    ///
    /// # Errors
    /// `METHOD_NOT_FOUND`, `SESSION_NOT_FOUND`, `RPC` with the runtime's code, `CLOSED`, `RUNTIME_LOST`, `TIMEOUT`.
    pub async fn rpc(&self, method: &str, mut params: Map<String, Value>) -> Result<Value> {
        params.insert("sessionId".into(), self.id().into());
        let connection = self.connection();
        if self.core().on_end().is_cancelled() {
            return Err(self.ended());
        }
        connection.peer.request(method, &params, connection.options().limits.request_timeout).await
    }

    /// Ends the session here and tells the runtime, which keeps what it stored. Handlers are served until it has answered
    /// (the hook `sessionEnd` comes before); streams get what is left, then end. A second time it does nothing.
    ///
    /// # Errors
    /// As [`Session::rpc`], and `FS_IO` where its store does not take what was still to be written; the session is over here
    /// all the same.
    pub async fn disconnect(&self) -> Result<()> {
        if self.core().on_end().is_cancelled() {
            return Ok(());
        }
        let answer = self.rpc(methods::SESSION_DESTROY, Map::new()).await;
        match &answer {
            Ok(_) => self.connection().registry.remove(self.core()),
            Err(_) => self.connection().registry.leave(self.core()),
        }
        let flushed = self.core().flush_fs(self.connection().options().limits.stop_timeout).await;
        Success::check(answer?, |_| ErrorKind::SessionError, "the session was not disconnected")?;
        flushed
    }

    /// What was counted for this session.
    pub fn counters(&self) -> Counters {
        self.core().counters()
    }

    /// Why nothing can be asked of the session any more.
    pub(super) fn ended(&self) -> Error {
        self.connection().peer.ended().unwrap_or_else(|| {
            Error::new(
                ErrorKind::Closed,
                format!("session `{}` was disconnected; resume it to go on", self.id()),
            )
        })
    }
}

impl Drop for SessionHandle {
    fn drop(&mut self) {
        self.connection.registry.leave(&self.core);
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.id()).finish_non_exhaustive()
    }
}
