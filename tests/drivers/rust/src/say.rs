//! Lines of JSON on standard output, each whole, in the order they were said.

use std::io::{self, Write};

use codriver::{Error, SessionEvent};
use serde_json::{Value, json};

/// The way to the runner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Say;

impl Say {
    /// Says one line.
    pub(crate) fn line(self, value: &Value) {
        let mut out = io::stdout().lock();
        // A runner that is gone hears nothing; the driver ends with its standard input.
        let _ = writeln!(out, "{value}").and_then(|()| out.flush());
    }

    /// Says that an event came, to `on_event` or to the subscriber that a command made.
    pub(crate) fn event(self, session: &str, event: &SessionEvent, subscriber: Option<u64>) {
        let mut line = match event.data_as::<Value>().unwrap_or_default() {
            data if event.event_type() == codriver::EVENTS_LOST => {
                json!({"obs": "events_lost", "session": session, "count": data["count"]})
            }
            data => {
                let mut line = json!({
                    "obs": "event",
                    "session": session,
                    "seq": event.seq(),
                    "type": event.event_type(),
                    "event_id": event.id(),
                    "ephemeral": event.is_ephemeral(),
                });
                if let Some(content) = ["content", "deltaContent"].iter().find_map(|key| data.get(key)) {
                    line["content"] = content.clone();
                }
                line
            }
        };
        if let Some(subscriber) = subscriber {
            line["subscriber"] = subscriber.into();
        }
        self.line(&line);
    }
}

/// An error as the contract has it.
pub(crate) fn error(error: &Error) -> Value {
    let mut value = json!({"number": error.number(), "name": error.name(), "message": error.message()});
    if let Some(rpc) = error.rpc() {
        value["rpc_code"] = rpc.code.into();
    }
    value
}
