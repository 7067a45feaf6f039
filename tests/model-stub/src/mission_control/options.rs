//! How the stand-in behaves.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

/// An event of the cloud's agent: its `type` and `data`.
pub type AgentEvent = (String, Value);

type Agent = dyn Fn(&str) -> Vec<AgentEvent> + Send + Sync;

/// When the worker of a new task emits `session.start`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerStart {
    /// This long after the task was created. With zero it is there at the first poll, and the runtime then takes the
    /// worker's id for the session's.
    After(Duration),
    /// Never. Runtimes from 1.0.85 on give up after 60 s; 1.0.57 polls for ever.
    Never,
}

/// How a [`MissionControl`](super::MissionControl) behaves; the default starts workers after one second.
#[derive(Clone)]
pub struct MissionControlOptions {
    pub(super) port: u16,
    pub(super) worker_start: WorkerStart,
    pub(super) answer_delay: Duration,
    pub(super) token: Option<String>,
    pub(super) agent: Arc<Agent>,
    pub(super) rpc_results: BTreeMap<String, Value>,
}

impl MissionControlOptions {
    /// Listens on this port instead of any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// When workers start.
    pub fn worker_start(mut self, start: WorkerStart) -> Self {
        self.worker_start = start;
        self
    }

    /// How long after a prompt the agent's events appear; none by default.
    pub fn answer_delay(mut self, delay: Duration) -> Self {
        self.answer_delay = delay;
        self
    }

    /// Answers 401 to every request without this token.
    pub fn require_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// What the agent emits for a prompt, instead of one turn that says `You said: …`.
    pub fn agent(mut self, agent: impl Fn(&str) -> Vec<AgentEvent> + Send + Sync + 'static) -> Self {
        self.agent = Arc::new(agent);
        self
    }

    /// The result of a remote procedure; `{}` for those not named.
    pub fn rpc_result(mut self, method: impl Into<String>, result: Value) -> Self {
        self.rpc_results.insert(method.into(), result);
        self
    }
}

impl Default for MissionControlOptions {
    fn default() -> Self {
        let unsandboxed = json!({"required": false, "blocked": false});
        MissionControlOptions {
            port: 0,
            worker_start: WorkerStart::After(Duration::from_secs(1)),
            answer_delay: Duration::ZERO,
            token: None,
            agent: Arc::new(one_turn),
            rpc_results: BTreeMap::from([("session.sandbox.getEnforcementStatus".to_owned(), unsandboxed)]),
        }
    }
}

impl fmt::Debug for MissionControlOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MissionControlOptions")
            .field("port", &self.port)
            .field("worker_start", &self.worker_start)
            .field("answer_delay", &self.answer_delay)
            .field("requires_token", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

fn one_turn(prompt: &str) -> Vec<AgentEvent> {
    let answer =
        json!({"messageId": uuid::Uuid::new_v4().to_string(), "content": format!("You said: {prompt}")});
    [
        ("user.message", json!({"content": prompt})),
        ("assistant.turn_start", json!({"turnId": "0"})),
        ("assistant.message", answer),
        ("assistant.turn_end", json!({"turnId": "0"})),
        ("session.idle", json!({})),
    ]
    .map(|(kind, data)| (kind.to_owned(), data))
    .into()
}
