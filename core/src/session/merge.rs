//! What a full queue may do to its events, pure (DESIGN I14): merge streamed deltas, give up ephemeral events.

use serde_json::{Map, Value};

use crate::protocol::event::{EVENTS_LOST, EventsLost, SessionEvent};

/// The delta types whose content adds up, with the key that names what they belong to and the key of their text.
const DELTAS: [(&str, &str, &str); 3] = [
    ("assistant.message_delta", "messageId", "deltaContent"),
    ("assistant.reasoning_delta", "reasoningId", "deltaContent"),
    ("assistant.tool_call_delta", "toolCallId", "inputDelta"),
];

/// A running count of the response's size: each makes the one before it worthless.
const PROGRESS: &str = "assistant.streaming_delta";

/// Merges runs of deltas that belong together, progress reports between them included; says how many events went into
/// others. A merged event has the last one's id and fields, the whole text, and covers the range of all.
pub(crate) fn deltas(events: &mut Vec<SessionEvent>) -> u64 {
    let before = events.len();
    let mut merged: Vec<SessionEvent> = Vec::with_capacity(before);
    let mut run: Option<Run> = None;
    for event in events.drain(..) {
        if run.as_mut().is_some_and(|run| run.takes(&event)) {
            continue;
        }
        merged.extend(run.take().map(Run::finish));
        match Run::begin(event) {
            Ok(begun) => run = Some(begun),
            Err(other) => merged.push(other),
        }
    }
    merged.extend(run.map(Run::finish));
    *events = merged;
    (before - events.len()) as u64
}

/// Deltas of one message on their way into one event.
struct Run {
    first_seq: u64,
    last_seq: u64,
    /// The one event of a run of one, which needs no new JSON.
    single: Option<SessionEvent>,
    key: &'static str,
    text_key: &'static str,
    kind: String,
    owner: String,
    last: Map<String, Value>,
    text: String,
}

impl Run {
    fn begin(event: SessionEvent) -> Result<Run, SessionEvent> {
        let Some((_, key, text_key)) = DELTAS.iter().find(|(kind, ..)| *kind == event.event_type()) else {
            return Err(event);
        };
        let Some((owner, text, last)) = delta(&event, key, text_key) else { return Err(event) };
        Ok(Run {
            first_seq: event.first_seq(),
            last_seq: event.seq(),
            key,
            text_key,
            kind: event.event_type().to_owned(),
            single: Some(event),
            owner,
            last,
            text,
        })
    }

    /// Takes the event in, if it belongs to the run.
    fn takes(&mut self, event: &SessionEvent) -> bool {
        if event.event_type() == PROGRESS {
            // Superseded by the next one; its number is covered by the run.
        } else if event.event_type() == self.kind
            && let Some((owner, text, last)) = delta(event, self.key, self.text_key)
            && owner == self.owner
        {
            self.text.push_str(&text);
            self.last = last;
        } else {
            return false;
        }
        self.single = None;
        self.last_seq = event.seq();
        true
    }

    fn finish(mut self) -> SessionEvent {
        if let Some(event) = self.single {
            return event;
        }
        if let Some(Value::Object(data)) = self.last.get_mut("data") {
            data.insert(self.text_key.to_owned(), Value::String(self.text));
        }
        synthetic(&Value::Object(self.last)).covering(self.first_seq, self.last_seq)
    }
}

/// Owner, text and whole object of a delta of the expected shape.
fn delta(event: &SessionEvent, key: &str, text_key: &str) -> Option<(String, String, Map<String, Value>)> {
    let Value::Object(object) = serde_json::from_str(event.raw_json()).ok()? else { return None };
    let data = object.get("data")?;
    let owner = data.get(key)?.as_str()?.to_owned();
    let text = data.get(text_key)?.as_str()?.to_owned();
    // A sub-agent's deltas are another stream.
    let agent = object.get("agentId").and_then(Value::as_str).unwrap_or_default();
    Some((format!("{agent}/{owner}"), text, object))
}

/// Replaces ephemeral events, oldest first, by one `codriver.events_lost` per run, until `excess` bytes are free; says how
/// many were lost.
pub(crate) fn drop_ephemeral(
    events: &mut Vec<SessionEvent>,
    excess: usize,
    weight: impl Fn(&SessionEvent) -> usize,
) -> u64 {
    let (mut freed, mut lost) = (0, 0);
    let mut kept: Vec<SessionEvent> = Vec::with_capacity(events.len());
    let mut gap: Option<EventsLost> = None;
    for event in events.drain(..) {
        let earlier = event.events_lost();
        if earlier.is_none() && (freed >= excess || !event.is_ephemeral()) {
            kept.extend(gap.take().map(lost_event));
            kept.push(event);
            continue;
        }
        let count = earlier.map_or(event.seq() - event.first_seq() + 1, |lost| lost.count);
        freed += weight(&event);
        if earlier.is_none() {
            lost += count;
        }
        let gap = gap.get_or_insert(EventsLost { count: 0, from: event.first_seq(), to: 0 });
        gap.count += count;
        gap.to = event.seq();
    }
    kept.extend(gap.map(lost_event));
    *events = kept;
    lost
}

fn lost_event(lost: EventsLost) -> SessionEvent {
    let json = serde_json::json!({ "type": EVENTS_LOST, "data": lost, "ephemeral": true });
    synthetic(&json).covering(lost.from, lost.to)
}

fn synthetic(json: &Value) -> SessionEvent {
    SessionEvent::from_json(&json.to_string()).expect("an object with a type is an event")
}
