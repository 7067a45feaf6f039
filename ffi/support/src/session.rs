//! Sessions by their ids.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use codriver::options::SessionConfig;
use codriver::{Error, ErrorKind, Result, SendOptions};
use serde_json::{Value, json};

use crate::batch;
use crate::calls::Asker;
use crate::client::{Client, ClientState, object};
use crate::error::{invalid, nothing, read, read_or, write};
use crate::handlers::{self, SessionAsker};
use crate::operation::Operation;
use crate::process::{Object, Process, lock};
use crate::stream::StreamState;

/// A session, by its id. The id is there before the session is: what asks and tells of it can be known before the first
/// byte of [`create`](Session::create) is written.
///
/// Every method can fail with `BAD_HANDLE` and `FORKED`, and with `CLOSED` before the session is open; an [`Operation`] as
/// the core's method of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Session(
    /// The id.
    pub u64,
);

pub(crate) struct SessionState {
    id: u64,
    pub(crate) client: Arc<ClientState>,
    /// Until the session is asked for.
    config: Mutex<Option<SessionConfig>>,
    opened: OnceLock<codriver::Session>,
    /// With `handlers.onEvent`.
    pub(crate) stream: Option<Arc<StreamState>>,
    ended: OnceLock<()>,
}

impl Session {
    /// A session that is not open yet. `config`: [`SessionConfig`] as JSON (empty text: the defaults), with `handlers`:
    /// which questions foreign code answers, e.g.
    /// `{"onEvent":true,"permission":true,"hooks":["preToolUse"],"tools":[{"name":…,"parameters":…}]}`.
    ///
    /// # Errors
    /// `INVALID_CONFIG` with the name of the field.
    pub fn new(client: Client, config: &str) -> Result<Session> {
        let client = client.state()?;
        let process = Process::current();
        let mut value: Value = read_or("session config", config, json!({}))?;
        let wanted = handlers::split(&mut value)?;
        let id = process.new_id();
        let dispatcher = client.runner.dispatcher.clone();
        let mut config = SessionConfig::from_json(value)?;
        let stream = wanted.on_event.then(|| StreamState::new(id, client.id, dispatcher.clone()));
        if let Some(stream) = &stream {
            // The session holds its handlers, and the stream the session.
            let stream = Arc::downgrade(stream);
            config = config.on_stream(move |events| {
                if let Some(stream) = stream.upgrade() {
                    stream.begin(events);
                }
            });
        }
        let notices = client.notices.clone();
        config = config.on_handler_error(move |failure| notices.handler_failed(id, failure));
        let asker = Asker { client: client.id, dispatcher };
        let config = handlers::attach(config, wanted, &SessionAsker { asker, session: id });
        let (config, opened, ended) = (Mutex::new(Some(config)), OnceLock::new(), OnceLock::new());
        let runner = client.runner.clone();
        let session = Arc::new(SessionState { id, client, config, opened, stream, ended });
        runner.admit(|| process.insert(id, Object::Session(session)))?;
        Ok(Session(id))
    }

    /// Creates it. Gives `{"sessionId", "workspacePath"?}`. Only one of `create`, `resume` and `join` can be called, once.
    pub fn create(self) -> Result<Operation> {
        self.open(async |client, config| client.create_session(config).await)
    }

    /// Resumes a stored one.
    pub fn resume(self, session_id: String) -> Result<Operation> {
        self.open(async move |client, config| client.resume_session(&session_id, config).await)
    }

    /// Joins the session of the runtime that started this process.
    pub fn join(self) -> Result<Operation> {
        self.open(async |client, config| client.join_session(config).await)
    }

    /// Sends a prompt; gives its message id. `options`: `{"prompt": …}` as [`SendOptions`] has it.
    pub fn send(self, options: &str) -> Result<Operation> {
        let options: SendOptions = read("send options", options)?;
        self.operation(async move |session| write(&session.send(options).await?))
    }

    /// Sends a prompt and waits for the end of its turn; gives `{"message_id", "content", "aborted"}`.
    pub fn send_and_wait(
        self,
        options: &str,
        timeout: Duration,
        abort_on_timeout: bool,
    ) -> Result<Operation> {
        let mut options: SendOptions = read("send options", options)?;
        options.abort_on_timeout = abort_on_timeout;
        self.operation(async move |session| {
            let turn = session.send_and_wait(options, timeout).await?;
            write(&json!({ "messageId": turn.message_id, "content": turn.content, "aborted": turn.aborted }))
        })
    }

    /// Stops what it is doing.
    pub fn abort(self) -> Result<Operation> {
        self.operation(async |session| nothing(session.abort().await?))
    }

    /// The stored events, an array of the runtime's own bytes.
    pub fn get_events(self) -> Result<Operation> {
        self.operation(async |session| Ok(batch::array(&session.get_events().await?)))
    }

    /// Switches the model.
    pub fn set_model(self, model: String, reasoning_effort: Option<String>) -> Result<Operation> {
        self.operation(async move |session| {
            nothing(session.set_model(&model, reasoning_effort.as_deref()).await?)
        })
    }

    /// Puts a line into the log; gives the event's id. `level`: `info`, `warning`, `error`.
    pub fn log(self, message: String, level: Option<String>, ephemeral: bool) -> Result<Operation> {
        self.operation(async move |session| write(&session.log(&message, level.as_deref(), ephemeral).await?))
    }

    /// Shows a form; gives the answer. `schema`: a JSON schema object.
    pub fn ui_elicitation(self, message: String, schema: &str) -> Result<Operation> {
        let schema: Value = read("schema", schema)?;
        self.operation(async move |session| write(&session.ui().elicitation(&message, schema).await?))
    }

    /// Asks a yes-or-no question; gives `true` or `false`.
    pub fn ui_confirm(self, message: String) -> Result<Operation> {
        self.operation(async move |session| write(&session.ui().confirm(&message).await?))
    }

    /// Lets the user choose; gives a choice or `null`. `choices`: a JSON array of strings.
    pub fn ui_select(self, message: String, choices: &str) -> Result<Operation> {
        let choices: Vec<String> = read("choices", choices)?;
        self.operation(async move |session| {
            let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
            write(&session.ui().select(&message, &choices).await?)
        })
    }

    /// Lets the user enter a line; gives it or `null`.
    pub fn ui_input(self, message: String) -> Result<Operation> {
        self.operation(async move |session| write(&session.ui().input(&message).await?))
    }

    /// Waits until it takes prompts.
    pub fn wait_until_ready(self, patience: Duration) -> Result<Operation> {
        self.operation(async move |session| nothing(session.wait_until_ready(patience).await?))
    }

    /// Any method of the runtime, with `sessionId` added to `params` (a JSON object, or empty).
    pub fn rpc(self, method: String, params: &str) -> Result<Operation> {
        let params = object("params", params)?;
        self.operation(async move |session| write(&session.rpc(&method, params).await?))
    }

    /// Ends it here and tells the runtime. Its id stays, for the events that are left; [`close`](crate::close) it then.
    pub fn disconnect(self) -> Result<Operation> {
        self.operation(async |session| nothing(session.disconnect().await?))
    }

    /// `{"sessionId", "workspacePath"?, "capabilities"}`, as it is now.
    pub fn info(self) -> Result<String> {
        let session = self.opened()?;
        let mut info = described(&session);
        info["capabilities"] = serde_json::to_value(session.capabilities()).unwrap_or_default();
        write(&info)
    }

    /// What was counted for it.
    pub fn counters(self) -> Result<String> {
        write(&self.opened()?.counters())
    }

    /// The id of a stream of the events from now on, or from a sequence number as far as they are held. [`close`](crate::close) ends it.
    pub fn subscribe(self, from_seq: Option<u64>) -> Result<u64> {
        let session = self.opened()?;
        let process = Process::current();
        let state = process.session(self.0)?;
        let id = process.new_id();
        let stream = StreamState::new(id, state.client.id, state.client.runner.dispatcher.clone());
        state.client.runner.admit(|| process.insert(id, Object::Stream(stream.clone())))?;
        stream.begin(match from_seq {
            Some(seq) => session.subscribe_from(seq),
            None => session.subscribe(),
        });
        Ok(id)
    }

    fn opened(self) -> Result<codriver::Session> {
        Process::current().session(self.0)?.opened()
    }

    fn open<F>(self, open: impl FnOnce(codriver::Client, SessionConfig) -> F) -> Result<Operation>
    where
        F: Future<Output = Result<codriver::Session>> + Send + 'static,
    {
        let state = Process::current().session(self.0)?;
        let config = lock(&state.config).take();
        let config = config.ok_or_else(|| invalid("the session was opened before; make a new one"))?;
        let opening = open(state.client.core.clone(), config);
        let runner = state.client.runner.clone();
        Ok(Operation::new(&runner, async move {
            let session = opening.await?;
            let info = write(&described(&session));
            // One that was closed meanwhile ends here.
            if state.ended.get().is_none() {
                let _ = state.opened.set(session);
            }
            info
        }))
    }

    fn operation<F>(self, run: impl FnOnce(codriver::Session) -> F) -> Result<Operation>
    where
        F: Future<Output = Result<String>> + Send + 'static,
    {
        let state = Process::current().session(self.0)?;
        Ok(Operation::new(&state.client.runner, run(state.opened()?)))
    }
}

fn described(session: &codriver::Session) -> Value {
    let mut info = json!({ "sessionId": session.id() });
    if let Some(path) = session.workspace_path() {
        info["workspacePath"] = path.into();
    }
    info
}

impl SessionState {
    fn opened(&self) -> Result<codriver::Session> {
        let closed = || Error::new(ErrorKind::Closed, "the session is not open (yet)");
        self.opened.get().cloned().ok_or_else(closed)
    }

    pub(crate) fn close(&self) {
        Process::current().remove(self.id);
        self.end();
    }

    pub(crate) fn end(&self) {
        let _ = self.ended.set(());
        if let Some(stream) = &self.stream {
            stream.end();
        }
    }
}
