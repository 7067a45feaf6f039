//! Prompts, and waiting for their turns.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::core::SessionCore;
use super::session::Session;
use super::wait::Outcome;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::methods;
use crate::rpc::peer::{Hook, decode, within};

/// How long a prompt waits for a cloud worker.
const CLOUD_PATIENCE: Duration = Duration::from_secs(120);
/// How long the runtime may take for a sign of life when a turn has timed out.
const LIVENESS: Duration = Duration::from_secs(2);

/// A prompt and what goes with it (wire: `session.send`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct SendOptions {
    /// What the model reads.
    pub prompt: String,
    /// What people read instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_prompt: Option<String>,
    /// Files, directories, selections, …, as the runtime's schema has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Value>,
    /// `enqueue` (the default) waits for the running turn, `immediate` steers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The agent's mode for this prompt, e.g. `plan`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_mode: Option<String>,
    /// Headers for the model provider.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub request_headers: Map<String, Value>,
    /// W3C trace context.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// W3C trace state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracestate: Option<String>,
    /// Whether `send_and_wait` aborts the session when its time is over; default: the turn goes on.
    #[serde(skip)]
    pub abort_on_timeout: bool,
    /// Options without a field here, sent as they are.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SendOptions {
    /// A prompt.
    pub fn new(prompt: impl Into<String>) -> Self {
        SendOptions { prompt: prompt.into(), ..SendOptions::default() }
    }

    /// Steers the running turn instead of waiting for its end.
    #[must_use]
    pub fn immediate(mut self) -> Self {
        self.mode = Some("immediate".into());
        self
    }

    /// Adds an attachment, e.g. `{"type": "file", "path": …}`.
    #[must_use]
    pub fn attachment(mut self, attachment: Value) -> Self {
        self.attachments.push(attachment);
        self
    }

    /// Makes `send_and_wait` abort the session when its time is over.
    #[must_use]
    pub fn abort_on_timeout(mut self) -> Self {
        self.abort_on_timeout = true;
        self
    }
}

impl<T: Into<String>> From<T> for SendOptions {
    fn from(prompt: T) -> Self {
        SendOptions::new(prompt)
    }
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TurnResult {
    /// The id the runtime gave the prompt; empty where it does not tell (`session.sendAndWait`).
    pub message_id: String,
    /// The last text the assistant said in this turn; `None` where it said none.
    pub content: Option<String>,
    /// Whether the turn was aborted.
    pub aborted: bool,
}

impl Session {
    /// Sends a prompt and gives its message id; the turn goes on by itself. Prompts of one session go out in the order of
    /// the calls. To a cloud session whose worker is not there yet, the prompt waits for it.
    ///
    /// # Errors
    /// `CLOUD_NOT_READY` after two minutes without a worker; as [`Session::rpc`].
    pub async fn send(&self, prompt: impl Into<SendOptions>) -> Result<String> {
        self.send_hooked(&prompt.into(), None).await
    }

    /// Sends a prompt and waits for the end of *its* turn, whatever else the session does (DESIGN I18).
    ///
    /// # Errors
    /// `TIMEOUT` with the last event, pending tools and permissions, and whether the runtime lives; the turn goes on unless
    /// [`SendOptions::abort_on_timeout`]. `SESSION_ERROR` where the turn failed, `CLOSED` where the session ended, and as
    /// [`Session::send`].
    pub async fn send_and_wait(
        &self,
        prompt: impl Into<SendOptions>,
        timeout: Duration,
    ) -> Result<TurnResult> {
        let options = prompt.into();
        match tokio::time::timeout(timeout, self.turn(&options)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.timed_out(&options, timeout).await),
        }
    }

    async fn turn(&self, options: &SendOptions) -> Result<TurnResult> {
        if let Some(result) = self.runtime_waits(options).await? {
            return Ok(result);
        }
        let core = self.core();
        let (id, over) = core.wait_for(&options.prompt, options.mode.as_deref() == Some("immediate"));
        let waiting = Waiting { core: core.clone(), id };
        let bind: Hook = Box::new({
            let core = core.clone();
            move |answer| {
                if let Some(message_id) = answer.as_ref().ok().and_then(|result| message_id(result)) {
                    core.bind_wait(id, &message_id);
                }
            }
        });
        let message_id = self.send_hooked(options, Some(bind)).await?;
        self.outcome(over, message_id).await.inspect(|_| drop(waiting))
    }

    async fn outcome(&self, over: oneshot::Receiver<Outcome>, message_id: String) -> Result<TurnResult> {
        match over.await {
            Ok(Outcome::Done { content, aborted }) => Ok(TurnResult { message_id, content, aborted }),
            Ok(Outcome::Failed { message }) => Err(Error::new(
                ErrorKind::SessionError,
                format!("the turn failed: {}", self.connection().redactor.clean(message)),
            )),
            Ok(Outcome::SessionEnded) | Err(_) => Err(self.ended()),
        }
    }

    async fn send_hooked(&self, options: &SendOptions, hook: Option<Hook>) -> Result<String> {
        // Taken before the wait for a worker, so that the order of the calls holds there too.
        let _turn = self.core().sending.lock().await;
        self.wait_until_ready(CLOUD_PATIENCE).await?;
        if self.core().on_end().is_cancelled() {
            return Err(self.ended());
        }
        let connection = self.connection();
        let call = connection.peer.call_hooked(methods::SESSION_SEND, &self.send_params(options), hook);
        let result = within(connection.options().limits.request_timeout, methods::SESSION_SEND, call).await?;
        message_id(&result)
            .ok_or_else(|| Error::new(ErrorKind::Protocol, "`session.send`: the answer has no messageId"))
    }

    /// Lets the runtime wait, where it can (`session.sendAndWait`); `None` where it cannot. Asked once a connection.
    async fn runtime_waits(&self, options: &SendOptions) -> Result<Option<TurnResult>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            response: Value,
            #[serde(default)]
            aborted: bool,
        }
        let connection = self.connection();
        if connection.lacks_send_and_wait.load(Ordering::Relaxed) {
            return Ok(None);
        }
        self.wait_until_ready(CLOUD_PATIENCE).await?;
        let call = connection.peer.call(methods::SESSION_SEND_AND_WAIT, &self.send_params(options));
        match call.await.and_then(|result| decode::<Answer>(methods::SESSION_SEND_AND_WAIT, &result)) {
            Ok(Answer { response, aborted }) => {
                // The assistant's message event, or its text.
                let content = response.as_str().or_else(|| response.pointer("/data/content")?.as_str());
                let content = content.filter(|text| !text.is_empty()).map(str::to_owned);
                Ok(Some(TurnResult { message_id: String::new(), content, aborted }))
            }
            Err(error) if error.kind() == ErrorKind::MethodNotFound => {
                connection.knows_no_send_and_wait();
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn send_params(&self, options: &SendOptions) -> Value {
        let mut params =
            serde_json::to_value(options).unwrap_or_else(|_| json!({ "prompt": options.prompt }));
        params["sessionId"] = self.id().into();
        params
    }

    async fn timed_out(&self, options: &SendOptions, timeout: Duration) -> Error {
        let peer = &self.connection().peer;
        let lives = match peer.request::<Value>(methods::PING, &json!({}), Some(LIVENESS)).await {
            Ok(_) => "the runtime answers".to_owned(),
            Err(error) => format!("the runtime does not answer ({error})"),
        };
        let goes_on = match options.abort_on_timeout {
            false => "the turn goes on".to_owned(),
            true => match self.abort().await {
                Ok(()) => "the turn was aborted".to_owned(),
                Err(error) => format!("the turn could not be aborted ({error})"),
            },
        };
        let facts = self.core().state().facts.describe();
        Error::new(
            ErrorKind::Timeout,
            format!("the turn did not end within {timeout:?}: {facts}; {lives}; {goes_on}"),
        )
    }
}

/// A registered wait; dropped, nobody waits any more.
struct Waiting {
    core: Arc<SessionCore>,
    id: u64,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.core.forget_wait(self.id);
    }
}

fn message_id(result: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Sent {
        message_id: String,
    }
    serde_json::from_slice::<Sent>(result).ok().map(|sent| sent.message_id)
}
