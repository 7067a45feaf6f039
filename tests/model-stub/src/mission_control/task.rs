//! One task: its events and what reached it. No I/O; time is given.

use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::options::{AgentEvent, WorkerStart};

/// A cloud session as the server sees it.
#[derive(Debug, Clone)]
pub struct Task {
    /// `task-1`, `task-2`, …; the session id a client gets, unless the worker was there at the first poll.
    pub id: String,
    /// `remote-task-1`, …: what the worker calls its session.
    pub worker_session_id: String,
    /// The body the task was created with.
    pub request: Value,
    /// Everything steered at the task, oldest first.
    pub steers: Vec<Steer>,
    /// Every remote procedure called, oldest first.
    pub rpcs: Vec<RpcCall>,
    /// How many times its events were asked for.
    pub polls: usize,
    /// When they were last asked for.
    pub last_poll: Option<Instant>,
    /// Whether a client deleted it.
    pub deleted: bool,
    events: Vec<ScheduledEvent>,
    worker_due: Option<Instant>,
}

/// One `POST /tasks/{id}/steer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steer {
    /// `user_message`, `abort`, `permission_response`, …
    pub kind: String,
    /// The prompt, or the answer as JSON text; empty for an abort.
    pub content: String,
    /// The client's id for it.
    pub external_id: String,
}

/// One `POST /tasks/{id}/rpc`.
#[derive(Debug, Clone, PartialEq)]
pub struct RpcCall {
    /// The method, e.g. `session.sandbox.getEnforcementStatus`.
    pub method: String,
    /// Its parameters.
    pub params: Value,
}

#[derive(Debug, Clone)]
struct ScheduledEvent {
    due: Instant,
    event: Value,
}

impl Task {
    pub(super) fn new(number: usize, request: Value, start: WorkerStart, now: Instant) -> Task {
        let id = format!("task-{number}");
        let worker_session_id = format!("remote-{id}");
        let worker_due = match start {
            WorkerStart::After(delay) => Some(now + delay),
            WorkerStart::Never => None,
        };
        let mut task = Task {
            id,
            worker_session_id: worker_session_id.clone(),
            request,
            steers: Vec::new(),
            rpcs: Vec::new(),
            polls: 0,
            last_poll: None,
            deleted: false,
            events: Vec::new(),
            worker_due,
        };
        task.schedule(now, ("session.requested".to_owned(), json!({})));
        if let Some(due) = worker_due {
            let start = json!({
                "sessionId": worker_session_id,
                "version": 1,
                "producer": "copilot-agent",
                "copilotVersion": "0.0.0-stub",
                "startTime": rfc3339(SystemTime::now() + due.duration_since(now)),
            });
            task.schedule(due, ("session.start".to_owned(), start));
        }
        task
    }

    /// The prompts that arrived, oldest first.
    pub fn prompts(&self) -> Vec<&str> {
        let messages = self.steers.iter().filter(|steer| steer.kind == "user_message");
        messages.map(|steer| steer.content.as_str()).collect()
    }

    /// Whether its events were asked for within this time; a live session asks every second.
    pub fn is_polled_within(&self, time: Duration) -> bool {
        self.last_poll.is_some_and(|poll| poll.elapsed() <= time)
    }

    /// Whether the worker has started.
    pub fn has_worker(&self) -> bool {
        self.worker_due.is_some_and(|due| due <= Instant::now())
    }

    /// Appends events that appear `delay` from now, but not before the worker.
    pub(super) fn emit(&mut self, events: Vec<AgentEvent>, delay: Duration, now: Instant) {
        let Some(worker) = self.worker_due else { return };
        for event in events {
            self.schedule(worker.max(now + delay), event);
        }
    }

    /// What a poll at `now` sees.
    pub(super) fn poll(&mut self, now: Instant) -> Value {
        self.polls += 1;
        self.last_poll = Some(now);
        let due = self.events.iter().filter(|scheduled| scheduled.due <= now);
        json!({"events": due.map(|scheduled| &scheduled.event).collect::<Vec<_>>()})
    }

    pub(super) fn summary(&self) -> Value {
        let state = if self.has_worker() { "in_progress" } else { "queued" };
        json!({"id": self.id, "state": state, "sessions": [{"id": self.worker_session_id}]})
    }

    /// The runtime sorts the events of a poll by timestamp, so each gets a millisecond of its own.
    fn schedule(&mut self, due: Instant, (kind, data): AgentEvent) {
        let due = self.events.last().map_or(due, |last| due.max(last.due + Duration::from_millis(1)));
        let parent = self.events.last().map_or(Value::Null, |last| last.event["id"].clone());
        let timestamp = rfc3339(SystemTime::now() + due.saturating_duration_since(Instant::now()));
        let id = Uuid::new_v4().to_string();
        let event = json!({"id": id, "timestamp": timestamp, "parentId": parent, "type": kind, "data": data});
        self.events.push(ScheduledEvent { due, event });
    }
}

fn rfc3339(time: SystemTime) -> String {
    OffsetDateTime::from(time).format(&Rfc3339).unwrap_or_default()
}
