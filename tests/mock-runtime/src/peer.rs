//! The conversation: what came from the client and waits for a step, what was asked and waits for an answer.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::BufRead;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::frame::{self, FrameReader};
use crate::output::{Output, Sink};
use crate::pattern::{self, Captures};
use crate::report::Report;
use crate::script::RpcFailure;

/// A request or notification of the client.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// The JSON-RPC id; none for a notification.
    pub id: Option<Value>,
    /// The method.
    pub method: String,
    /// The parameters; null where there are none.
    pub params: Value,
}

/// One end of a connection, shared by the thread that reads and those that write.
pub struct Peer {
    output: Mutex<Output>,
    inbox: Mutex<Inbox>,
    arrived: Condvar,
    next_id: AtomicU64,
    next_uuid: AtomicU64,
    /// What is written down.
    pub report: Report,
}

#[derive(Default)]
struct Inbox {
    queued: VecDeque<Inbound>,
    asked: HashSet<String>,
    answers: HashMap<String, Value>,
    closed: bool,
}

impl Peer {
    /// A peer that writes to `sink`.
    pub fn new(sink: Sink, report: Report) -> Self {
        Peer {
            output: Mutex::new(Output::new(sink)),
            inbox: Mutex::default(),
            arrived: Condvar::new(),
            next_id: AtomicU64::new(1),
            next_uuid: AtomicU64::new(1),
            report,
        }
    }

    /// Reads until the client leaves, giving every request and notification to `route`, which keeps it (`None`) or hands
    /// it back for the script.
    pub fn read_all(&self, input: impl BufRead, mut route: impl FnMut(Inbound) -> Option<Inbound>) {
        let mut reader = FrameReader::new(input);
        loop {
            match reader.next_body() {
                Ok(Some(body)) => match serde_json::from_slice::<Value>(&body) {
                    Ok(message) => self.take_in(message, &mut route),
                    Err(error) => self.report.fail(&format!("the client sent no JSON: {error}")),
                },
                Ok(None) => break,
                Err(error) => {
                    // A client that is killed leaves a torn frame; whether it should have lived is for others to say.
                    self.report.note_text("mock", || format!("the client's stream broke: {error}"));
                    break;
                }
            }
        }
        self.close_inbox();
    }

    fn take_in(&self, mut message: Value, route: &mut impl FnMut(Inbound) -> Option<Inbound>) {
        self.report.note("client", &message);
        let id = message.get("id").cloned();
        let Some(method) = message.get("method").and_then(Value::as_str).map(str::to_owned) else {
            return self.take_answer(id, message);
        };
        let inbound = Inbound { id, method, params: message["params"].take() };
        if let Some(kept) = route(inbound) {
            self.inbox().queued.push_back(kept);
            self.arrived.notify_all();
        }
    }

    fn take_answer(&self, id: Option<Value>, message: Value) {
        let key = id.unwrap_or_default().to_string();
        let mut inbox = self.inbox();
        if !inbox.asked.contains(&key) {
            self.report.fail(&format!("the client answered {key}, which was never asked"));
        } else if inbox.answers.insert(key.clone(), message).is_some() {
            self.report.fail(&format!("the client answered {key} twice"));
        }
        drop(inbox);
        self.arrived.notify_all();
    }

    /// Nothing more will come: every wait ends.
    pub fn close_inbox(&self) {
        self.inbox().closed = true;
        self.arrived.notify_all();
    }

    /// Waits until the client has left.
    pub fn wait_closed(&self) {
        let inbox = self.inbox();
        drop(self.arrived.wait_while(inbox, |inbox| !inbox.closed));
    }

    /// Takes the oldest waiting message of `method` that matches; tells what was there instead if none comes in time.
    pub fn expect(
        &self,
        method: &str,
        params: &Value,
        captures: &mut Captures,
        within: Duration,
    ) -> Result<Inbound, String> {
        let mut near = String::from("nothing of that method came");
        let found = self.wait(within, |inbox| {
            for index in 0..inbox.queued.len() {
                if inbox.queued[index].method != method {
                    continue;
                }
                match pattern::matches(params, &inbox.queued[index].params, captures) {
                    Ok(()) => return inbox.queued.remove(index),
                    Err(mismatch) => near = format!("one came that differs at {mismatch}"),
                }
            }
            None
        });
        found.ok_or_else(|| format!("expected {method}: {near}"))
    }

    /// Waits for the answer to a request of ours.
    pub fn answer_to(&self, id: &Value, within: Duration) -> Option<Value> {
        let key = id.to_string();
        self.wait(within, |inbox| inbox.answers.get(&key).cloned())
    }

    fn wait<T>(&self, within: Duration, mut look: impl FnMut(&mut Inbox) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + within;
        let mut inbox = self.inbox();
        loop {
            if let Some(found) = look(&mut inbox) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if inbox.closed || left.is_zero() {
                return None;
            }
            inbox = self.arrived.wait_timeout(inbox, left).unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
    }

    /// The messages that no step has taken.
    pub fn left_over(&self) -> Vec<String> {
        self.inbox().queued.iter().map(|m| format!("{} {}", m.method, pattern::short(&m.params))).collect()
    }

    /// Sends a message as a frame.
    pub fn send(&self, message: &Value) {
        self.report.note("mock", message);
        self.write(&frame::render(message.to_string().as_bytes()));
    }

    /// Sends a result.
    pub fn reply(&self, id: &Option<Value>, result: Value) {
        if let Some(id) = id {
            self.send(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
        }
    }

    /// Sends an error.
    pub fn reply_error(&self, id: &Option<Value>, failure: &RpcFailure) {
        if let Some(id) = id {
            let mut error = json!({"code": failure.code, "message": failure.message});
            if let Some(data) = &failure.data {
                error["data"] = data.clone();
            }
            self.send(&json!({"jsonrpc": "2.0", "id": id, "error": error}));
        }
    }

    /// Sends a notification.
    pub fn notify(&self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request, with the next free id unless one is given, and returns its id.
    pub fn request(&self, method: &str, params: Value, id: Option<Value>) -> Value {
        let id = id.unwrap_or_else(|| self.next_id.fetch_add(1, Ordering::Relaxed).into());
        self.expect_answer(&id);
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// Lets an answer to `id` come in, for a request that was written raw.
    pub fn expect_answer(&self, id: &Value) {
        self.inbox().asked.insert(id.to_string());
    }

    /// Sends a `session.event` with a fresh id.
    pub fn event(&self, session: &Value, kind: &str, data: Value, ephemeral: bool) {
        let mut event =
            json!({"id": self.uuid(), "timestamp": TIMESTAMP, "parentId": null, "type": kind, "data": data});
        if ephemeral {
            event["ephemeral"] = true.into();
        }
        self.notify("session.event", json!({"sessionId": session, "event": event}));
    }

    /// Writes bytes as they are.
    pub fn write(&self, bytes: &[u8]) {
        self.output().write(bytes);
    }

    /// The output, locked: while it is, nobody else writes.
    pub fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The next identifier: shaped like a UUID, and the same in every run, so that runs can be compared.
    pub fn uuid(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.next_uuid.fetch_add(1, Ordering::Relaxed))
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// The time of everything that happens here: runs can be compared.
pub const TIMESTAMP: &str = "2026-01-01T00:00:00.000Z";

#[cfg(test)]
mod tests {
    use super::*;

    fn peer_that_heard(messages: &[Value]) -> Peer {
        let peer = Peer::new(Box::new(std::io::sink()), Report::new(None));
        let wire: Vec<u8> = messages.iter().flat_map(|m| frame::render(m.to_string().as_bytes())).collect();
        peer.expect_answer(&json!(1));
        peer.read_all(&wire[..], Some);
        peer
    }

    #[test]
    fn expect_takes_the_oldest_that_matches_and_leaves_the_rest() {
        let peer = peer_that_heard(&[
            json!({"id": 1, "method": "a", "params": {"n": 1}}),
            json!({"id": 2, "method": "a", "params": {"n": 2}}),
        ]);
        let mut captures = Captures::default();
        let taken = peer.expect("a", &json!({"n": 2}), &mut captures, Duration::ZERO).unwrap();
        assert_eq!(taken.id, Some(json!(2)));
        assert_eq!(peer.left_over(), ["a {\"n\":1}"]);
        let near = peer.expect("a", &json!({"n": 3}), &mut captures, Duration::ZERO).unwrap_err();
        assert_eq!(near, "expected a: one came that differs at .n: is 1, wanted 3");
    }

    #[test]
    fn an_answer_to_nothing_and_a_second_answer_are_failures() {
        assert!(peer_that_heard(&[json!({"id": 1, "result": null})]).report.is_clean());
        assert!(!peer_that_heard(&[json!({"id": 2, "result": null})]).report.is_clean());
        let twice = [json!({"id": 1, "result": null}), json!({"id": 1, "result": null})];
        assert!(!peer_that_heard(&twice).report.is_clean());
    }

    #[test]
    fn a_string_id_is_another_than_the_number() {
        assert!(!peer_that_heard(&[json!({"id": "1", "result": null})]).report.is_clean());
    }
}
