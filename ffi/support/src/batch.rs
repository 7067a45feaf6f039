//! What a take gives: everything there is, in one piece.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use codriver::{Error, ErrorKind, Result, SessionEvent};

use crate::process::{Object, Process};
use crate::stream::{StreamState, Taken};

/// What was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Of a client, an array of notices. Of a session or a stream, an object of arrays of the same length:
    /// `{"seq":[4,7],"first":[4,5],"type":["…","…"],"size":[120,98],"events":[{…},{…}]}`. An event stands for the numbers
    /// from `first` to `seq`. `events` are the runtime's own bytes, `size` says how many each has: they stand one after the
    /// other, a comma between, behind the first `"events":[`. So a batch is read by one parse, or event by event without any.
    pub json: String,
    /// How many.
    pub count: usize,
    /// Whether there is more: then take again, no wake will come. Else the next one comes with a wake.
    pub more: bool,
    /// Whether this is the end: the session is over and all was taken.
    pub ended: bool,
}

/// Takes up to `max` events, of at most `max_bytes` bytes together (at least one), or notices.
///
/// # Errors
/// `BAD_HANDLE` where `id` is no client, session with `onEvent`, or stream; `FORKED`.
pub fn take(id: u64, max: usize, max_bytes: usize) -> Result<Batch> {
    if let Object::Client(client) = Process::current().find(id)? {
        return Ok(client.notices.take(max));
    }
    let Taken { events: taken, more, ended } = stream(id)?.take(max, max_bytes);
    Ok(Batch { json: events(&taken), count: taken.len(), more, ended })
}

/// What was taken of a session or a stream, for languages that read numbers faster than JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventBatch {
    /// Four numbers for each event, eight bytes each, little-endian: `seq`, `first` (it stands for the numbers from there to
    /// `seq`), the place of its type in `types`, and how many bytes of `events` are its own.
    pub marks: Vec<u8>,
    /// The types, each once.
    pub types: Vec<String>,
    /// The runtime's own bytes of the events, one after the other.
    pub events: Vec<u8>,
    /// Whether there is more: then take again, no wake will come. Else the next one comes with a wake.
    pub more: bool,
    /// Whether this is the end: the session is over and all was taken.
    pub ended: bool,
}

/// As [`take`], of a session with `onEvent` or a stream.
///
/// # Errors
/// `BAD_HANDLE` where `id` is neither; `FORKED`.
pub fn take_events(id: u64, max: usize, max_bytes: usize) -> Result<EventBatch> {
    let Taken { events, more, ended } = stream(id)?.take(max, max_bytes);
    let (marks, types) = marks(&events);
    let events = events.iter().map(SessionEvent::raw_json).collect::<String>().into_bytes();
    Ok(EventBatch { marks, types, events, more, ended })
}

fn marks(events: &[SessionEvent]) -> (Vec<u8>, Vec<String>) {
    let (mut marks, mut types) = (Vec::with_capacity(events.len() * 32), Vec::new());
    let mut places: HashMap<&str, usize> = HashMap::new();
    for event in events {
        let place = *places.entry(event.event_type()).or_insert_with(|| {
            types.push(event.event_type().to_owned());
            types.len() - 1
        });
        for number in [event.seq(), event.first_seq(), place as u64, event.raw_json().len() as u64] {
            marks.extend_from_slice(&number.to_le_bytes());
        }
    }
    (marks, types)
}

/// Reports that foreign code failed to handle an event it took from `id`, a session or a stream: it is counted, logged, and
/// told as a notice `handlerError`, as the failure of any other handler is.
///
/// # Errors
/// `BAD_HANDLE` where `id` has no events, `CLOSED` where they have not begun; `FORKED`.
pub fn report_handler_error(id: u64, place: &str, message: &str) -> Result<()> {
    let stream = stream(id)?;
    match stream.report_handler_error(place, Error::new(ErrorKind::Internal, message)) {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Closed, "the session was not asked for yet")),
    }
}

fn stream(id: u64) -> Result<Arc<StreamState>> {
    match Process::current().find(id)? {
        Object::Stream(stream) => Ok(stream),
        Object::Session(session) => session.stream.clone().ok_or_else(|| {
            Error::new(ErrorKind::BadHandle, "the session was made without `handlers.onEvent`")
        }),
        _ => Err(Error::new(ErrorKind::BadHandle, format!("{id} has nothing to take"))),
    }
}

/// The JSON of events.
pub(crate) fn events(events: &[SessionEvent]) -> String {
    let bytes: usize =
        events.iter().map(|event| event.raw_json().len() + event.event_type().len() + 32).sum();
    let mut json = String::with_capacity(bytes + 48);
    json.push_str("{\"seq\":[");
    list(&mut json, events, |json, event| {
        let _ = write!(json, "{}", event.seq());
    });
    json.push_str("],\"first\":[");
    list(&mut json, events, |json, event| {
        let _ = write!(json, "{}", event.first_seq());
    });
    json.push_str("],\"type\":[");
    list(&mut json, events, |json, event| string(json, event.event_type()));
    json.push_str("],\"size\":[");
    list(&mut json, events, |json, event| {
        let _ = write!(json, "{}", event.raw_json().len());
    });
    json.push_str("],\"events\":[");
    list(&mut json, events, |json, event| json.push_str(event.raw_json()));
    json.push_str("]}");
    json
}

/// The runtime's own bytes of events, as an array.
pub(crate) fn array(events: &[SessionEvent]) -> String {
    let mut json = String::from("[");
    list(&mut json, events, |json, event| json.push_str(event.raw_json()));
    json.push(']');
    json
}

fn list(json: &mut String, events: &[SessionEvent], mut each: impl FnMut(&mut String, &SessionEvent)) {
    for (at, event) in events.iter().enumerate() {
        if at > 0 {
            json.push(',');
        }
        each(json, event);
    }
}

fn string(json: &mut String, text: &str) {
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        json.push('"');
        json.push_str(text);
        json.push('"');
    } else {
        json.push_str(&serde_json::Value::from(text).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_one_json_and_each_event_can_be_cut_out_of_it() {
        let texts = [
            r#"{"type":"a.b","id":"1","data":{"x":"]}"}}"#,
            r#"{ "type" : "q\"\u0001", "data" : {"events":["\"events\":["]} }"#,
            r#"{"type":"ü","unknown":[1]}"#,
        ];
        let made: Vec<SessionEvent> =
            texts.iter().map(|text| SessionEvent::from_json(text).unwrap()).collect();
        let json = events(&made);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["type"], serde_json::json!(["a.b", "q\"\u{1}", "ü"]));
        assert_eq!(read["seq"], serde_json::json!([0, 0, 0]));
        assert_eq!(read["events"][2]["unknown"][0], 1);
        let mut at = json.find("\"events\":[").unwrap() + "\"events\":[".len();
        for (text, size) in texts.iter().zip(read["size"].as_array().unwrap()) {
            let size = size.as_u64().unwrap() as usize;
            assert_eq!(&json[at..at + size], *text, "the runtime's own bytes");
            at += size + 1;
        }
        assert_eq!(&json[at - 1..], "]}");
        let (marks, types) = marks(&made);
        let numbers: Vec<u64> =
            marks.chunks(8).map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap())).collect();
        assert_eq!(types, ["a.b", "q\"\u{1}", "ü"]);
        let sizes = texts.map(|text| text.len() as u64);
        assert_eq!(numbers, [0, 0, 0, sizes[0], 0, 0, 1, sizes[1], 0, 0, 2, sizes[2]]);
        assert_eq!(events(&[]), r#"{"seq":[],"first":[],"type":[],"size":[],"events":[]}"#);
    }
}
