//! The built-in peer: what a sensible runtime answers to every method it knows, and -32601 to all others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};

use crate::firehose::{self, Burst};
use crate::peer::{Inbound, Peer, TIMESTAMP};
use crate::recorded_fs;
use crate::script::RpcFailure;

const METHOD_NOT_FOUND: i64 = -32601;
const INTERNAL: i64 = -32603;

/// Fields of `session.create` that runtimes refuse beside `cloud`, with a misleading -32601; booleans only when true.
const REFUSED_WITH_CLOUD: [&str; 8] = [
    "requestPermission",
    "requestUserInput",
    "requestElicitation",
    "requestExitPlanMode",
    "requestAutoModeSwitch",
    "requestMcpApps",
    "hooks",
    "includeSubAgentStreamingEvents",
];
const REFUSED_EVEN_EMPTY: [&str; 3] = ["tools", "commands", "canvases"];

/// How the built-in peer is set up.
#[derive(Debug, Default)]
pub struct Settings {
    /// The token that `connect` must bring.
    pub token: Option<String>,
    /// What follows on `session.send` in place of one turn.
    pub firehose: Option<Burst>,
}

/// The built-in peer and its sessions.
pub struct Builtin {
    peer: Arc<Peer>,
    settings: Settings,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    authorised: bool,
    state_path: Option<String>,
    sessions: BTreeMap<String, Stored>,
    last: Option<String>,
    foreground: Option<String>,
    clouds: u64,
    poured: u64,
}

#[derive(Default)]
struct Stored {
    cwd: Value,
    events: Vec<Value>,
}

type Answer = Result<Value, RpcFailure>;

impl Builtin {
    /// A peer without sessions.
    pub fn new(peer: Arc<Peer>, settings: Settings) -> Self {
        let state = State { authorised: settings.token.is_none(), ..State::default() };
        Builtin { peer, settings, state: Mutex::new(state) }
    }

    /// Answers a request, with the events that belong to it. What takes long goes on in a thread of its own, so that the
    /// reader is never kept. Tells whether the peer is to end.
    pub fn answer(self: &Arc<Self>, request: Inbound) -> bool {
        let slow = match request.method.as_str() {
            "session.create" | "session.resume" => self.state().state_path.is_some(),
            "session.send" => self.settings.firehose.is_some(),
            _ => false,
        };
        if slow {
            let this = Arc::clone(self);
            std::thread::spawn(move || this.answer_here(&request));
            return false;
        }
        self.answer_here(&request);
        request.method == "runtime.shutdown"
    }

    /// Knows a session that a script has opened by itself.
    pub fn adopt(&self, session: &str) {
        self.state().sessions.entry(session.to_owned()).or_default();
    }

    fn answer_here(&self, request: &Inbound) {
        let Inbound { id, method, params } = request;
        let answer = match method.as_str() {
            _ if !self.state().authorised && method != "connect" => {
                Err(failure(-32001, "not authenticated: call connect with a token first"))
            }
            "session.send" => return self.send(id, params),
            "session.create" => self.create(params),
            "session.resume" => self.resume(params),
            "session.destroy" => self.destroy(params),
            _ => self.look_up(method, params),
        };
        match answer {
            Ok(result) => self.peer.reply(id, result),
            Err(error) => self.peer.reply_error(id, &error),
        }
        if let ("session.create" | "session.resume", Some(session)) =
            (method.as_str(), params["sessionId"].as_str())
        {
            let kind = if method == "session.create" { "session.start" } else { "session.resume" };
            if self.state().sessions.contains_key(session) {
                self.peer.event(
                    &session.into(),
                    kind,
                    json!({"sessionId": session, "producer": "mock"}),
                    false,
                );
            }
        }
    }

    fn look_up(&self, method: &str, params: &Value) -> Answer {
        let session = params["sessionId"].as_str().unwrap_or_default();
        let mut state = self.state();
        Ok(match method {
            "connect" => {
                let token = params["token"].as_str();
                if self.settings.token.is_some() && token != self.settings.token.as_deref() {
                    return Err(failure(-32002, "wrong or missing connection token"));
                }
                state.authorised = true;
                json!({"ok": true, "protocolVersion": 3, "version": "0.0.0-mock", "taskKinds": ["agent", "shell"]})
            }
            "ping" => {
                let message = format!("pong: {}", params["message"].as_str().unwrap_or_default());
                json!({"message": message, "timestamp": TIMESTAMP, "protocolVersion": 3})
            }
            "status.get" => json!({"version": "0.0.0-mock", "protocolVersion": 3}),
            "auth.getStatus" => json!({"isAuthenticated": false}),
            "models.list" => json!({"models": []}),
            "sessionFs.setProvider" if !state.sessions.is_empty() => {
                return Err(failure(INTERNAL, "a session exists already"));
            }
            "sessionFs.setProvider" => {
                state.state_path = Some(params["sessionStatePath"].as_str().unwrap_or("/state").to_owned());
                json!({"success": true})
            }
            "session.list" => {
                let cwd = &params["filter"]["cwd"];
                let sessions: Vec<Value> = state
                    .sessions
                    .iter()
                    .filter(|(_, stored)| !stored.events.is_empty() && (cwd.is_null() || *cwd == stored.cwd))
                    .map(|(id, stored)| metadata(id, stored))
                    .collect();
                json!({"sessions": sessions})
            }
            "session.getMetadata" => match state.sessions.get(session) {
                Some(stored) => json!({"session": metadata(session, stored)}),
                None => json!({}),
            },
            "session.getLastId" => json!({"sessionId": state.last}),
            "session.getForeground" => json!({"sessionId": state.foreground}),
            "session.setForeground" => {
                state.foreground = Some(session.to_owned());
                json!({"success": true})
            }
            "session.getMessages" => match state.sessions.get(session) {
                Some(stored) => json!({"events": stored.events}),
                None => return Err(not_found(session)),
            },
            "session.delete" => match state.sessions.remove(session) {
                Some(_) => json!({"success": true}),
                None => json!({"success": false, "error": format!("Session not found: {session}")}),
            },
            "session.model.switchTo" => json!({"modelId": params["modelId"]}),
            "session.log" => json!({"eventId": self.peer.uuid()}),
            "runtime.shutdown" => Value::Null,
            "plugins.builtin.set"
            | "llmInference.setProvider"
            | "session.abort"
            | "session.options.update"
            | "session.eventLog.registerInterest"
            | "session.permissions.handlePendingPermissionRequest"
            | "session.tools.handlePendingToolCall"
            | "session.ui.handlePendingElicitation"
            | "session.commands.handlePendingCommand"
            | "session.mcp.oauth.handlePendingRequest" => json!({"success": true}),
            _ => return Err(failure(METHOD_NOT_FOUND, &format!("Unhandled method {method}"))),
        })
    }

    fn create(&self, params: &Value) -> Answer {
        if !params["cloud"].is_null() {
            return self.create_in_the_cloud(params);
        }
        let session = params["sessionId"].as_str().map_or_else(|| self.peer.uuid(), str::to_owned);
        self.play_recorded_fs(&session)?;
        {
            let mut state = self.state();
            let stored = Stored { cwd: params["workingDirectory"].clone(), events: Vec::new() };
            state.sessions.entry(session.clone()).or_insert(stored);
            state.last = Some(session.clone());
        }
        self.lifecycle("session.created", &session);
        Ok(opened(&session, params))
    }

    fn create_in_the_cloud(&self, params: &Value) -> Answer {
        if !params["sessionId"].is_null() {
            return Err(failure(
                INTERNAL,
                "Cannot specify sessionId when creating a remote session in the cloud.",
            ));
        }
        let refused = REFUSED_WITH_CLOUD.iter().any(|field| params[*field] == true)
            || REFUSED_EVEN_EMPTY.iter().any(|field| params.get(field).is_some())
            || !params["provider"].is_null();
        if refused {
            return Err(failure(METHOD_NOT_FOUND, "Unhandled method session.create"));
        }
        let session = {
            let mut state = self.state();
            state.clouds += 1;
            let session = format!("task-{}", state.clouds);
            state.sessions.insert(session.clone(), Stored::default());
            session
        };
        let capabilities =
            json!({"ui": {"elicitation": false, "mcpApps": false, "canvases": false}, "extensions": false});
        Ok(json!({"sessionId": session, "capabilities": capabilities, "modelState": {}}))
    }

    fn resume(&self, params: &Value) -> Answer {
        let session = params["sessionId"].as_str().unwrap_or_default();
        if !self.state().sessions.contains_key(session) {
            return Err(not_found(session));
        }
        self.state().last = Some(session.to_owned());
        Ok(opened(session, params))
    }

    fn destroy(&self, params: &Value) -> Answer {
        let session = params["sessionId"].as_str().unwrap_or_default();
        if !self.state().sessions.contains_key(session) {
            return Err(not_found(session));
        }
        self.peer.event(&session.into(), "session.shutdown", json!({"shutdownType": "routine"}), false);
        self.lifecycle("session.deleted", session);
        Ok(json!({"success": true}))
    }

    fn send(&self, id: &Option<Value>, params: &Value) {
        let session = params["sessionId"].as_str().unwrap_or_default();
        if !self.state().sessions.contains_key(session) {
            return self.peer.reply_error(id, &not_found(session));
        }
        let message_id = self.peer.uuid();
        self.peer.reply(id, json!({"messageId": message_id}));
        let Some(burst) = &self.settings.firehose else {
            let prompt = &params["prompt"];
            let content = format!("You said: {}", prompt.as_str().unwrap_or_default());
            let kept = turn(&self.peer, &session.into(), &message_id.into(), prompt, &content.into());
            self.state().sessions.entry(session.to_owned()).or_default().events.extend(kept);
            return;
        };
        let first = {
            let mut state = self.state();
            let first = state.poured;
            state.poured += burst.events;
            first
        };
        pour(&self.peer, session, burst, first);
        self.peer.event(&session.into(), "session.idle", json!({}), true);
    }

    fn play_recorded_fs(&self, session: &str) -> Result<(), RpcFailure> {
        let Some(state_path) = self.state().state_path.clone() else { return Ok(()) };
        for (method, params) in recorded_fs::calls(session, &state_path) {
            let asked = self.peer.request(method, params, None);
            let answer = self.peer.answer_to(&asked, Duration::from_secs(60)).unwrap_or_default();
            let result = answer.get("result").unwrap_or(&Value::Null);
            if !recorded_fs::has_promised_shape(method, result) {
                self.peer.report.fail(&format!("{method} was answered with the wrong shape: {answer}"));
            }
            if answer.get("result").is_none() || recorded_fs::is_failure(result) {
                return Err(failure(INTERNAL, "session construction failed"));
            }
        }
        Ok(())
    }

    fn lifecycle(&self, kind: &str, session: &str) {
        let metadata = json!({"startTime": TIMESTAMP, "modifiedTime": TIMESTAMP});
        self.peer
            .notify("session.lifecycle", json!({"type": kind, "sessionId": session, "metadata": metadata}));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Streams a burst into a session; other messages may come between two buffers.
pub fn pour(peer: &Peer, session: &str, burst: &Burst, first: u64) {
    peer.report.note_text("mock", || format!("(firehose of {} {} events)", burst.events, burst.kind));
    let _ = firehose::pour(session, burst, first, |bytes| {
        peer.write(bytes);
        if peer.output().is_open() { Ok(()) } else { Err(std::io::ErrorKind::BrokenPipe.into()) }
    });
}

/// Sends the events of one turn and returns those that are stored. Without a message id none of the events has one.
pub fn turn(peer: &Peer, session: &Value, message_id: &Value, prompt: &Value, content: &Value) -> Vec<Value> {
    let text = content.as_str().unwrap_or_default();
    let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    let answer_id = peer.uuid();
    let mut user = json!({"content": prompt});
    let mut answer = json!({"messageId": answer_id, "content": content});
    if !message_id.is_null() {
        user["messageId"] = message_id.clone();
        answer["originatingMessageId"] = message_id.clone();
    }
    let delta = |part: &str| json!({"messageId": answer_id, "deltaContent": part});
    let events = [
        ("user.message", user, false),
        ("assistant.turn_start", json!({"turnId": "0"}), false),
        ("assistant.message_start", json!({"messageId": answer_id}), true),
        ("assistant.message_delta", delta(&text[..half]), true),
        ("assistant.message_delta", delta(&text[half..]), true),
        ("assistant.message", answer, false),
        ("assistant.turn_end", json!({"turnId": "0"}), false),
        ("session.idle", json!({}), true),
    ];
    let mut kept = Vec::new();
    for (kind, data, ephemeral) in events {
        if !ephemeral {
            kept.push(json!({"id": peer.uuid(), "timestamp": TIMESTAMP, "type": kind, "data": data}));
        }
        peer.event(session, kind, data, ephemeral);
    }
    kept
}

fn opened(session: &str, params: &Value) -> Value {
    json!({
        "sessionId": session,
        "nativeSessionId": session,
        "startTime": TIMESTAMP,
        "isRemote": false,
        "mode": "interactive",
        "workspacePath": format!("/home/me/.copilot/session-state/{session}"),
        "capabilities": {"ui": {"elicitation": false, "mcpApps": false, "canvases": false}, "extensions": false},
        "modelState": {"modelId": params["model"]},
    })
}

fn metadata(session: &str, stored: &Stored) -> Value {
    json!({
        "sessionId": session,
        "startTime": TIMESTAMP,
        "modifiedTime": TIMESTAMP,
        "isRemote": false,
        "context": {"cwd": stored.cwd},
    })
}

fn not_found(session: &str) -> RpcFailure {
    failure(INTERNAL, &format!("Session not found: {session}"))
}

fn failure(code: i64, message: &str) -> RpcFailure {
    RpcFailure { code, message: message.to_owned(), data: None }
}
