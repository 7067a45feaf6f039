//! The HTTP side of the stand-in.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::options::{AgentEvent, MissionControlOptions};
use super::task::{RpcCall, Steer, Task};
use crate::record::{End, RecordedRequest};
use crate::server::LoopbackServer;
use crate::stub::json as respond;

const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// Mission Control on 127.0.0.1. Ends when dropped.
#[derive(Debug)]
pub struct MissionControl {
    server: LoopbackServer,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    base_url: String,
    options: MissionControlOptions,
    state: watch::Sender<ServerState>,
}

#[derive(Debug, Default)]
struct ServerState {
    tasks: Vec<Task>,
    requests: Vec<RecordedRequest>,
}

/// Status and body of an answer.
type Answer = (StatusCode, Value);

impl MissionControl {
    /// Starts it.
    ///
    /// # Errors
    /// When the port cannot be bound or no thread started.
    pub fn start(options: MissionControlOptions) -> io::Result<MissionControl> {
        let mut shared = None;
        let port = options.port;
        let server = LoopbackServer::start("mission-control", port, |address| {
            let base_url = format!("http://{address}");
            let state = Arc::new(Shared { base_url, options, state: watch::Sender::default() });
            shared = Some(Arc::clone(&state));
            Router::new().fallback(serve).with_state(state)
        })?;
        let shared = shared.ok_or_else(|| io::Error::other("the server has no state"))?;
        Ok(MissionControl { server, shared })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.server.address().port()
    }

    /// The variables that point a runtime at it. The runtime needs a login besides: any token, or the required one.
    pub fn environment(&self) -> [(&'static str, String); 3] {
        ["COPILOT_MC_BASE_URL", "COPILOT_DEBUG_GITHUB_API_URL", "COPILOT_API_URL"]
            .map(|name| (name, self.shared.base_url.clone()))
    }

    /// Every task so far, in the order of creation.
    pub fn tasks(&self) -> Vec<Task> {
        self.shared.state.borrow().tasks.clone()
    }

    /// Every request so far, in the order of arrival, polls of events excepted (see [`Task::polls`]).
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.state.borrow().requests.clone()
    }

    /// Waits until the tasks satisfy `condition`, and returns them. It looks again at each request and each emitted
    /// event, and waits for ever; wrap it in a timeout.
    pub async fn wait_until(&self, mut condition: impl FnMut(&[Task]) -> bool) -> Vec<Task> {
        let mut state = self.shared.state.subscribe();
        // The sender lives in `self`, so the wait cannot fail.
        let found = state.wait_for(|state| condition(&state.tasks)).await;
        found.map(|state| state.tasks.clone()).unwrap_or_default()
    }

    /// Lets a task's agent emit an event, e.g. `permission.requested`; false if there is no such task. It shows at the
    /// next poll, not before the worker has started.
    pub fn emit(&self, task_id: &str, kind: &str, data: Value) -> bool {
        let event: AgentEvent = (kind.to_owned(), data);
        self.shared
            .with_task(task_id, |task| task.emit(vec![event], Duration::ZERO, Instant::now()))
            .is_some()
    }
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = body::to_bytes(body, MAX_BODY_BYTES).await else {
        return respond(
            StatusCode::PAYLOAD_TOO_LARGE,
            &json!({"message": "the body is too large or was cut off"}),
        );
    };
    let mut request = RecordedRequest::new(&parts, &body);
    request.end = End::Complete;
    let path: Vec<_> = parts.uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let authorized = shared.options.token.as_ref().is_none_or(|token| request.authorization_is(token));
    let (status, body) = if authorized {
        shared.route(&parts.method, &path, &request.body).unwrap_or_else(not_found)
    } else {
        (StatusCode::UNAUTHORIZED, json!({"message": "Bad credentials"}))
    };
    if !matches!(path.as_slice(), ["tasks", _, "events"]) {
        shared.state.send_modify(|state| state.requests.push(request));
    }
    respond(status, &body)
}

impl Shared {
    fn route(&self, method: &Method, path: &[&str], body: &Value) -> Option<Answer> {
        let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
        match (method, path) {
            (&Method::GET, [.., "user"]) => Some(ok(self.user())),
            (&Method::POST, ["tasks"]) => Some(self.create_task(body)),
            (&Method::GET, ["tasks", id]) => self.with_task(id, |task| ok(task.summary())),
            (&Method::DELETE, ["tasks", id]) => self.with_task(id, |task| {
                task.deleted = true;
                ok(json!({}))
            }),
            (&Method::GET, ["tasks", id, "events"]) => {
                self.with_task(id, |task| ok(task.poll(Instant::now())))
            }
            (&Method::POST, ["tasks", id, "steer"]) => {
                let steer =
                    Steer { kind: text("type"), content: text("content"), external_id: text("external_id") };
                self.with_task(id, |task| self.steer(task, steer))
            }
            (&Method::POST, ["tasks", id, "rpc"]) => self.with_task(id, |task| {
                task.rpcs.push(RpcCall { method: text("rpc_method"), params: body["params"].clone() });
                ok(json!({"id": format!("rpc-{}", task.rpcs.len()), "state": "pending"}))
            }),
            (&Method::GET, ["tasks", id, "rpc", call]) => {
                self.with_task(id, |task| self.rpc_result(task, call))?
            }
            _ => None,
        }
    }

    fn user(&self) -> Value {
        json!({
            "login": "stub",
            "id": 1,
            "copilot_plan": "individual",
            "endpoints": {"api": self.base_url},
            "chat_enabled": true,
            "cli_enabled": true,
        })
    }

    fn create_task(&self, body: &Value) -> Answer {
        let mut summary = Value::Null;
        self.state.send_modify(|state| {
            let number = state.tasks.len() + 1;
            let task = Task::new(number, body.clone(), self.options.worker_start, Instant::now());
            summary = task.summary();
            state.tasks.push(task);
        });
        (StatusCode::CREATED, summary)
    }

    fn steer(&self, task: &mut Task, steer: Steer) -> Answer {
        let events = match steer.kind.as_str() {
            "user_message" => (self.options.agent)(&steer.content),
            "abort" => vec![
                ("abort".to_owned(), json!({"reason": "user_initiated"})),
                ("session.idle".to_owned(), json!({"aborted": true})),
            ],
            _ => Vec::new(),
        };
        task.steers.push(steer);
        task.emit(events, self.options.answer_delay, Instant::now());
        ok(json!({"ok": true}))
    }

    fn rpc_result(&self, task: &Task, call: &str) -> Option<Answer> {
        let number: usize = call.strip_prefix("rpc-")?.parse().ok()?;
        let method = &task.rpcs.get(number.checked_sub(1)?)?.method;
        let result = self.options.rpc_results.get(method).cloned().unwrap_or_else(|| json!({}));
        Some(ok(json!({"id": call, "state": "completed", "result": result})))
    }

    fn with_task<T>(&self, id: &str, work: impl FnOnce(&mut Task) -> T) -> Option<T> {
        let mut result = None;
        self.state.send_modify(|state| {
            let task = state.tasks.iter_mut().find(|task| task.id == id && !task.deleted);
            result = task.map(work);
        });
        result
    }
}

fn ok(body: Value) -> Answer {
    (StatusCode::OK, body)
}

fn not_found() -> Answer {
    (StatusCode::NOT_FOUND, json!({"message": "Not Found"}))
}
