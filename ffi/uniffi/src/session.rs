//! Sessions.

use std::sync::Arc;
use std::time::Duration;

use codriver_ffi_support as support;

use crate::error::Result;
use crate::events::{EventBatch, EventCursor, take_events};
use crate::operation::{done, run};

/// A session; its id is there before it is open. What its methods give is JSON, as the core's method of the same name has
/// it. Dropped, it ends here, and the runtime keeps it.
#[derive(Debug, uniffi::Object)]
pub struct Session {
    pub(crate) handle: support::Session,
}

#[uniffi::export]
impl Session {
    /// The id that a wake and a request name.
    pub fn id(&self) -> u64 {
        self.handle.0
    }

    /// Takes events, of a session with `handlers.onEvent`.
    pub fn take(&self, max: u32, max_bytes: u64) -> Result<EventBatch> {
        take_events(self.handle.0, max, max_bytes)
    }

    /// `{"sessionId", "workspacePath"?, "capabilities"}`.
    pub fn info(&self) -> Result<String> {
        Ok(self.handle.info()?)
    }

    /// What was counted for it.
    pub fn counters(&self) -> Result<String> {
        Ok(self.handle.counters()?)
    }

    /// The events from now on, or from a sequence number as far as they are held.
    #[uniffi::method(default(from_seq = None))]
    pub fn subscribe(&self, from_seq: Option<u64>) -> Result<Arc<EventCursor>> {
        Ok(Arc::new(EventCursor { id: self.handle.subscribe(from_seq)? }))
    }

    /// Reports that a handler failed that was given an event taken here.
    pub fn report_handler_error(&self, place: String, message: String) -> Result<()> {
        Ok(support::report_handler_error(self.handle.0, &place, &message)?)
    }

    /// Gives it back before it is dropped.
    pub fn close(&self) {
        let _ = support::close(self.handle.0);
    }

    /// Creates it; gives `{"sessionId", "workspacePath"?}`.
    pub async fn create(&self) -> Result<String> {
        run(self.handle.create()).await
    }

    /// Resumes a stored one.
    pub async fn resume(&self, session_id: String) -> Result<String> {
        run(self.handle.resume(session_id)).await
    }

    /// Joins the session of the runtime that started this process.
    pub async fn join(&self) -> Result<String> {
        run(self.handle.join()).await
    }

    /// Sends a prompt; gives its message id. `options` is JSON: `{"prompt": …}`.
    pub async fn send(&self, options: String) -> Result<String> {
        run(self.handle.send(&options)).await
    }

    /// Sends a prompt and waits for the end of its turn; gives `{"messageId", "content", "aborted"}`.
    #[uniffi::method(default(abort_on_timeout = false))]
    pub async fn send_and_wait(
        &self,
        options: String,
        timeout_ms: u64,
        abort_on_timeout: bool,
    ) -> Result<String> {
        let timeout = Duration::from_millis(timeout_ms);
        run(self.handle.send_and_wait(&options, timeout, abort_on_timeout)).await
    }

    /// Stops what it is doing.
    pub async fn abort(&self) -> Result<()> {
        done(self.handle.abort()).await
    }

    /// The stored events, an array.
    pub async fn get_events(&self) -> Result<String> {
        run(self.handle.get_events()).await
    }

    /// Switches the model.
    #[uniffi::method(default(reasoning_effort = None))]
    pub async fn set_model(&self, model: String, reasoning_effort: Option<String>) -> Result<()> {
        done(self.handle.set_model(model, reasoning_effort)).await
    }

    /// Puts a line into the log; gives the event's id.
    #[uniffi::method(default(level = None, ephemeral = false))]
    pub async fn log(&self, message: String, level: Option<String>, ephemeral: bool) -> Result<String> {
        run(self.handle.log(message, level, ephemeral)).await
    }

    /// Shows a form; gives the answer. `schema` is a JSON schema object.
    pub async fn ui_elicitation(&self, message: String, schema: String) -> Result<String> {
        run(self.handle.ui_elicitation(message, &schema)).await
    }

    /// Asks a yes-or-no question; gives `true` or `false`.
    pub async fn ui_confirm(&self, message: String) -> Result<String> {
        run(self.handle.ui_confirm(message)).await
    }

    /// Lets the user choose of a JSON array of strings; gives one or `null`.
    pub async fn ui_select(&self, message: String, choices: String) -> Result<String> {
        run(self.handle.ui_select(message, &choices)).await
    }

    /// Lets the user enter a line; gives it or `null`.
    pub async fn ui_input(&self, message: String) -> Result<String> {
        run(self.handle.ui_input(message)).await
    }

    /// Waits until it takes prompts.
    pub async fn wait_until_ready(&self, patience_ms: u64) -> Result<()> {
        done(self.handle.wait_until_ready(Duration::from_millis(patience_ms))).await
    }

    /// Any method of the runtime, with `sessionId` added to `params`, a JSON object or empty.
    #[uniffi::method(default(params = ""))]
    pub async fn rpc(&self, method: String, params: String) -> Result<String> {
        run(self.handle.rpc(method, &params)).await
    }

    /// Ends it here and tells the runtime.
    pub async fn disconnect(&self) -> Result<()> {
        done(self.handle.disconnect()).await
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.close();
    }
}
