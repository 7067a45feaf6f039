//! Prompts, and waiting for their turns.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::{MutexGuard, oneshot};

use super::core::SessionCore;
use super::handle::Session;
use super::wait::Outcome;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::methods;
use crate::rpc::peer::{Hook, decode, within};

/// How long the runtime may take to say whether it knows a method.
const PROBE: Duration = Duration::from_secs(10);
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
        let order = self.my_turn().await?;
        self.send_in_order(order, &prompt.into(), None).await
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
        let core = self.core();
        let order = self.my_turn().await?;
        if self.runtime_waits().await? {
            let call =
                self.connection().peer.call(methods::SESSION_SEND_AND_WAIT, &self.send_params(options));
            drop(order);
            return waited(&call.await?);
        }
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
        let message_id = self.send_in_order(order, options, Some(bind)).await?;
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

    /// Waits until the prompts before this one are out and the session takes prompts. Taken before the wait for a cloud
    /// worker, so that the order of the calls holds there too.
    async fn my_turn(&self) -> Result<MutexGuard<'_, ()>> {
        let order = self.core().sending.lock().await;
        self.wait_until_ready(self.connection().options().limits.cloud_ready_timeout).await?;
        if self.core().on_end().is_cancelled() {
            return Err(self.ended());
        }
        Ok(order)
    }

    async fn send_in_order(
        &self,
        order: MutexGuard<'_, ()>,
        options: &SendOptions,
        hook: Option<Hook>,
    ) -> Result<String> {
        let connection = self.connection();
        let call = connection.peer.call_hooked(methods::SESSION_SEND, &self.send_params(options), hook);
        let result = within(connection.options().limits.request_timeout, methods::SESSION_SEND, call).await?;
        drop(order);
        message_id(&result)
            .ok_or_else(|| Error::new(ErrorKind::Protocol, "`session.send`: the answer has no messageId"))
    }

    /// Whether the runtime has `session.sendAndWait`. Asked once a connection, by a call without parameters: one that knows
    /// the method refuses that in another way than one that does not.
    async fn runtime_waits(&self) -> Result<bool> {
        let connection = self.connection();
        let probe = async || {
            let nothing = json!({});
            let answer =
                connection.peer.request::<Value>(methods::SESSION_SEND_AND_WAIT, &nothing, Some(PROBE));
            match answer.await {
                Ok(_) => Ok(true),
                Err(error) => match error.kind() {
                    ErrorKind::MethodNotFound => Ok(false),
                    // Refused for its parameters; gone, or silent, is no answer.
                    ErrorKind::Rpc | ErrorKind::SessionNotFound => Ok(true),
                    _ => Err(error),
                },
            }
        };
        connection.has_send_and_wait.get_or_try_init(probe).await.copied()
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

/// The result of `session.sendAndWait`: `{response, aborted}`, the response the assistant's message event or its text.
fn waited(result: &[u8]) -> Result<TurnResult> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(default)]
        response: Value,
        #[serde(default)]
        aborted: bool,
    }
    let Answer { response, aborted } = decode(methods::SESSION_SEND_AND_WAIT, result)?;
    let content = response.as_str().or_else(|| response.pointer("/data/content")?.as_str());
    let content = content.filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(TurnResult { message_id: String::new(), content, aborted })
}

fn message_id(result: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Sent {
        message_id: String,
    }
    serde_json::from_slice::<Sent>(result).ok().map(|sent| sent.message_id)
}
