//! The client and the sessions that the commands speak of.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use codriver::options::{SessionFsOptions, Transport};
use codriver::protocol::results::SessionListFilter;
use codriver::{Client, ClientOptions, Error, ErrorKind, Registration, Result, Session, SessionConfig};
use serde_json::{Map, Value, json};

use crate::command::{Command, Handlers, Runtime, Start};
use crate::foreign::ForeignStore;
use crate::handlers;
use crate::lock;
use crate::say::{self, Say};

const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that outlives a command.
pub(crate) struct Driver {
    say: Say,
    started: Mutex<Option<Started>>,
    sessions: Mutex<HashMap<String, Session>>,
    foreign: ForeignStore,
}

/// A client, how it was asked for, and what listens to it.
struct Started {
    start: Start,
    client: Client,
    stopped: bool,
    _listeners: [Registration; 2],
}

impl Driver {
    pub(crate) fn new(say: Say) -> Self {
        Driver { say, started: Mutex::default(), sessions: Mutex::default(), foreign: ForeignStore::new(say) }
    }

    /// Runs one command; `id` is its own.
    pub(crate) async fn run(&self, id: u64, command: Command) -> Result<Value> {
        match command {
            Command::Start(start) => self.start(start).await,
            Command::CreateSession { session, config, handlers } => {
                let config = self.config(&session, config, &handlers)?;
                let opened = self.client()?.create_session(config).await?;
                Ok(self.keep(session, opened))
            }
            Command::ResumeSession { session, session_id, config, handlers } => {
                self.foreign.expect(Some(&session_id), handlers.fs.clone());
                let config = self.config(&session, config, &handlers)?;
                let opened = self.client()?.resume_session(&session_id, config).await?;
                Ok(self.keep(session, opened))
            }
            Command::Send { session, prompt } => {
                let message_id = self.session(&session)?.send(prompt.as_str()).await?;
                Ok(json!({"message_id": message_id}))
            }
            Command::SendAndWait { session, prompt, timeout_ms } => {
                let timeout = timeout_ms.map_or(PATIENCE, Duration::from_millis);
                let turn = self.session(&session)?.send_and_wait(prompt.as_str(), timeout).await?;
                Ok(json!({"content": turn.content}))
            }
            Command::WaitReady { session } => {
                self.session(&session)?.wait_until_ready(PATIENCE).await.map(nothing)
            }
            Command::Abort { session } => self.session(&session)?.abort().await.map(nothing),
            Command::Disconnect { session } => self.session(&session)?.disconnect().await.map(nothing),
            Command::GetEvents { session } => {
                let events = self.session(&session)?.get_events().await?;
                let types: Vec<&str> = events.iter().map(|event| event.event_type()).collect();
                Ok(json!({"types": types}))
            }
            Command::SetModel { session, model } => {
                self.session(&session)?.set_model(&model, None).await.map(nothing)
            }
            Command::Subscribe { session, from_seq } => self.subscribe(id, session, from_seq),
            Command::ListSessions { filter } => {
                let filter =
                    filter.map(serde_json::from_value::<SessionListFilter>).transpose().map_err(unusable)?;
                let sessions = self.client()?.list_sessions(filter).await?;
                let ids: Vec<&str> = sessions.iter().map(|session| session.session_id.as_str()).collect();
                Ok(json!({"ids": ids}))
            }
            Command::GetMetadata { session_id } => {
                let found = self.client()?.get_session_metadata(&session_id).await?.is_some();
                Ok(json!({"found": found}))
            }
            Command::DeleteSession { session_id } => {
                self.client()?.delete_session(&session_id).await.map(nothing)
            }
            Command::LastSessionId => {
                let last = self.client()?.get_last_session_id().await?;
                Ok(json!({"session_id": last}))
            }
            Command::Ping { message } => {
                let pong = self.client()?.ping(message.as_deref()).await?;
                Ok(json!({"message": pong.message}))
            }
            Command::Rpc { session: Some(session), method, params } => {
                let params: Map<String, Value> = serde_json::from_value(params).map_err(unusable)?;
                self.session(&session)?.rpc(&method, params).await
            }
            Command::Rpc { session: None, method, params } => self.client()?.rpc(&method, params).await,
            Command::Counters { session: Some(session) } => {
                serde_json::to_value(self.session(&session)?.counters()).map_err(unusable)
            }
            Command::Counters { session: None } => {
                serde_json::to_value(self.client()?.counters()).map_err(unusable)
            }
            Command::Stop => Ok(errors(&self.stopping()?.stop().await)),
            Command::ForceStop => Ok(errors(&self.stopping()?.force_stop().await)),
            Command::Cancel { .. } | Command::Exit => Ok(json!({})),
        }
    }

    /// Connects: the client there is, if it was asked for in the same words and was not stopped; else a new one.
    async fn start(&self, start: Start) -> Result<Value> {
        let client = {
            let mut started = lock(&self.started);
            match &*started {
                Some(there) if there.start == start && !there.stopped => there.client.clone(),
                _ => {
                    let new = self.prepare(start)?;
                    started.insert(new).client.clone()
                }
            }
        };
        client.connect().await?;
        let closed = || Error::new(ErrorKind::Closed, "the connection ended at once");
        let runtime = client.runtime().ok_or_else(closed)?;
        Ok(json!({"protocol_version": runtime.protocol_version, "runtime_version": runtime.version}))
    }

    fn prepare(&self, start: Start) -> Result<Started> {
        let client = Client::new(self.options(&start)?)?;
        let say = self.say;
        let on_state =
            client.on_state(move |state| say.line(&json!({"obs": "state", "state": state.as_str()})));
        let on_lifecycle = client.on_lifecycle(move |event| {
            say.line(
                &json!({"obs": "lifecycle", "type": event.kind.as_str(), "session_id": event.session_id}),
            );
        });
        Ok(Started { start, client, stopped: false, _listeners: [on_state, on_lifecycle] })
    }

    fn options(&self, start: &Start) -> Result<ClientOptions> {
        let given = if start.options.is_null() { json!({}) } else { start.options.clone() };
        let mut options = ClientOptions::from_json(given)?;
        options = match &start.runtime {
            Runtime::Stdio { path, args, env } => {
                let with_path = options.cli_path(path).cli_args(args.iter().map(String::as_str));
                env.iter().fold(with_path, |options, (name, value)| options.env(name, value.as_str()))
            }
            Runtime::Tcp { host, port, token } => options.transport(Transport::External {
                host: host.clone(),
                port: *port,
                token: token.as_deref().map(Into::into),
            }),
        };
        let Some(fs) = &start.session_fs else { return Ok(options) };
        let url = |url: String| SessionFsOptions::url(&fs.initial_cwd, &fs.state_path, url);
        let mut session_fs = match fs.store.split_once(':').unwrap_or((&fs.store, "")) {
            ("foreign", "") => {
                let foreign = self.foreign.clone();
                SessionFsOptions::new(&fs.initial_cwd, &fs.state_path, move |id| Ok(foreign.open(id)))
            }
            ("memory", "") => url("memory:".to_owned()),
            ("directory", path) => url(format!("dir:{path}")),
            ("sqlite", path) => url(format!("sqlite:{path}")),
            _ => {
                let text = format!("the driver has no store {:?}", fs.store);
                return Err(Error::new(ErrorKind::InvalidArgument, text));
            }
        };
        session_fs.conventions = serde_json::from_value(fs.conventions.clone()).map_err(unusable)?;
        (session_fs.sqlite, session_fs.binary) = (fs.sqlite, fs.binary);
        Ok(options.session_fs(session_fs))
    }

    fn config(&self, session: &str, config: Value, handlers: &Handlers) -> Result<SessionConfig> {
        let mut config = if config.is_null() { json!({}) } else { config };
        self.foreign.expect(config["sessionId"].as_str(), handlers.fs.clone());
        let declared = config.as_object_mut().and_then(|fields| fields.remove("tools"));
        let tools = declared.map_or(Ok(Vec::new()), serde_json::from_value).map_err(unusable)?;
        let config = SessionConfig::from_json(config)?;
        Ok(handlers::attach(config, session, tools, handlers, self.say, self.client()?))
    }

    fn keep(&self, name: String, session: Session) -> Value {
        let mut value = json!({"session_id": session.id()});
        if let Some(path) = session.workspace_path() {
            value["workspace_path"] = json!(path);
        }
        lock(&self.sessions).insert(name, session);
        value
    }

    fn subscribe(&self, id: u64, name: String, from_seq: Option<u64>) -> Result<Value> {
        let session = self.session(&name)?;
        let mut events = match from_seq {
            Some(seq) => session.subscribe_from(seq),
            None => session.subscribe(),
        };
        let say = self.say;
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                say.event(&name, &event, Some(id));
            }
        });
        Ok(json!({}))
    }

    fn client(&self) -> Result<Client> {
        let started = lock(&self.started);
        let none = || Error::new(ErrorKind::InvalidArgument, "no start came before this");
        started.as_ref().map(|started| started.client.clone()).ok_or_else(none)
    }

    /// The client, which after this takes no further `start`.
    fn stopping(&self) -> Result<Client> {
        if let Some(started) = &mut *lock(&self.started) {
            started.stopped = true;
        }
        self.client()
    }

    fn session(&self, name: &str) -> Result<Session> {
        let none = || Error::new(ErrorKind::InvalidArgument, format!("no session is called {name:?}"));
        lock(&self.sessions).get(name).cloned().ok_or_else(none)
    }
}

fn nothing<T>(_: T) -> Value {
    json!({})
}

fn errors(errors: &[Error]) -> Value {
    json!({"errors": errors.iter().map(say::error).collect::<Vec<_>>()})
}

fn unusable(error: impl ToString) -> Error {
    Error::new(ErrorKind::InvalidArgument, error.to_string())
}
