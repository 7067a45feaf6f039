//! From a frame to what it means, pure, in one pass over the bytes for the messages that come in bursts.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::surrogate;
use crate::error::RpcError;
use crate::protocol::event::{BorrowedText, EventText, SessionEvent};
use crate::protocol::methods;

/// A message of the peer. Parts are slices of the frame, not copies; only an event has memory of its own.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    /// `session.event`, the hot path.
    Event { session_id: Cow<'a, str>, event: SessionEvent },
    /// Any other notification; `params` is JSON text (`null` where absent).
    Notification { method: Box<str>, params: Bytes },
    /// A request; `id` is its JSON text, to be echoed as it came.
    Request { id: Box<str>, method: Box<str>, params: Bytes },
    /// The answer to call `id` of ours.
    Response { id: u64, outcome: Outcome },
    /// An answer to nothing of ours, e.g. an error with `id: null`.
    Stray { what: String },
}

/// How a call ended on the far side: the result's JSON text or the error.
pub(crate) type Outcome = Result<Bytes, RpcError>;

/// Repairs the lone surrogates of a frame, so that its text can always be decoded later.
pub(crate) fn repair(frame: Bytes) -> Result<Bytes, String> {
    if !surrogate::suspicious(&frame) {
        return Ok(frame);
    }
    match surrogate::repair(text_of(&frame)?) {
        Cow::Borrowed(_) => Ok(frame),
        Cow::Owned(repaired) => Ok(Bytes::from(repaired)),
    }
}

fn text_of(frame: &Bytes) -> Result<&str, String> {
    std::str::from_utf8(frame).map_err(|e| format!("a frame is not UTF-8: {e}"))
}

/// Reads a frame that was [repaired](repair).
pub(crate) fn parse(frame: &Bytes) -> Result<Message<'_>, String> {
    let text = text_of(frame)?;
    // An event whose params are not of the usual shape is read again as a plain notification.
    let fast = serde_json::from_str::<Fast<'_>>(text).ok();
    if let Some(message) = fast.and_then(|Fast(envelope)| envelope.into_message(frame, text)) {
        return Ok(message);
    }
    let no_json_rpc = |e| format!("a frame is not JSON-RPC: {e}");
    let Slow(envelope) = serde_json::from_str(text).map_err(no_json_rpc)?;
    envelope.into_message(frame, text).ok_or_else(|| "a frame is not JSON-RPC".into())
}

struct Envelope<'a> {
    id: Option<&'a RawValue>,
    method: Option<Cow<'a, str>>,
    params: Params<'a>,
    result: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
}

enum Params<'a> {
    Absent,
    Raw(&'a RawValue),
    Event(EventParams<'a>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventParams<'a> {
    #[serde(borrow)]
    session_id: Cow<'a, str>,
    #[serde(borrow)]
    event: EventText<'a>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Key {
    Id,
    Method,
    Params,
    Result,
    Error,
    #[serde(other)]
    Other,
}

/// Reads the params of `session.event` in the same pass, where `method` stands before them.
struct Fast<'a>(Envelope<'a>);
/// Reads every params as raw text.
struct Slow<'a>(Envelope<'a>);

struct EnvelopeVisitor {
    fast: bool,
}

impl<'de> Visitor<'de> for EnvelopeVisitor {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON-RPC message object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Envelope<'de>, A::Error> {
        let mut e = Envelope { id: None, method: None, params: Params::Absent, result: None, error: None };
        while let Some(key) = map.next_key()? {
            match key {
                Key::Id => e.id = Some(map.next_value()?),
                Key::Method => e.method = Some(map.next_value::<BorrowedText<'de>>()?.0),
                Key::Params if self.fast && e.method.as_deref() == Some(methods::SESSION_EVENT) => {
                    e.params = Params::Event(map.next_value()?);
                }
                Key::Params => e.params = Params::Raw(map.next_value()?),
                Key::Result => e.result = Some(map.next_value()?),
                Key::Error => e.error = Some(map.next_value()?),
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(e)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fast<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EnvelopeVisitor { fast: true }).map(Fast)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Slow<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EnvelopeVisitor { fast: false }).map(Slow)
    }
}

impl<'a> Envelope<'a> {
    /// `None` for an event that is to be read again, the slow way.
    fn into_message(self, frame: &Bytes, text: &str) -> Option<Message<'a>> {
        let slice = |raw: &RawValue| frame.slice_ref(raw.get().as_bytes());
        let id = self.id.filter(|id| id.get() != "null");
        let Some(method) = self.method else {
            let ours = id.and_then(|id| id.get().parse::<u64>().ok());
            return Some(match (ours, self.error.filter(|e| e.get() != "null"), self.result) {
                (Some(id), Some(error), _) => Message::Response { id, outcome: Err(rpc_error(error)) },
                (Some(id), None, Some(result)) => Message::Response { id, outcome: Ok(slice(result)) },
                (Some(id), None, None) => Message::Response { id, outcome: Ok(Bytes::from_static(b"null")) },
                (None, error, _) => Message::Stray {
                    what: error.map_or("a response without an id of ours".into(), |e| rpc_error(e).message),
                },
            });
        };
        let params = match self.params {
            Params::Event(params) if id.is_none() => {
                let event = SessionEvent::cut(text, params.event)?;
                return Some(Message::Event { session_id: params.session_id, event });
            }
            // A request named like the notification: nothing of ours, and answered as unknown.
            Params::Event(_) | Params::Absent => Bytes::from_static(b"null"),
            Params::Raw(raw) => slice(raw),
        };
        Some(match id {
            Some(id) => Message::Request { id: id.get().into(), method: method.into(), params },
            None => Message::Notification { method: method.into(), params },
        })
    }
}

fn rpc_error(raw: &RawValue) -> RpcError {
    #[derive(Deserialize)]
    struct Shape {
        #[serde(default)]
        code: Option<serde_json::Number>,
        #[serde(default)]
        message: Option<String>,
        #[serde(default)]
        data: Option<Value>,
    }
    match serde_json::from_str::<Shape>(raw.get()) {
        Ok(e) => RpcError {
            code: e.code.and_then(|c| c.as_i64()).unwrap_or_default(),
            message: e.message.unwrap_or_default(),
            data: e.data,
        },
        Err(_) => RpcError { code: 0, message: raw.get().chars().take(1024).collect(), data: None },
    }
}

/// The JSON of a call of ours.
pub(crate) fn call_json<P: Serialize + ?Sized>(
    id: u64,
    method: &str,
    params: &P,
) -> serde_json::Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Call<'a, P: ?Sized> {
        jsonrpc: &'static str,
        id: u64,
        method: &'a str,
        params: &'a P,
    }
    serde_json::to_vec(&Call { jsonrpc: "2.0", id, method, params })
}

/// The JSON of the answer to a request; `id` is the request's own JSON text.
pub(crate) fn answer_json(id: &str, answer: &Answer) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    out.extend_from_slice(id.as_bytes());
    match answer {
        Ok(result) => {
            out.extend_from_slice(b",\"result\":");
            out.extend_from_slice(result.get().as_bytes());
        }
        Err(refusal) => {
            let message = serde_json::to_string(&refusal.message).unwrap_or_else(|_| "\"\"".into());
            out.extend_from_slice(
                format!(",\"error\":{{\"code\":{},\"message\":{message}}}", refusal.code).as_bytes(),
            );
        }
    }
    out.push(b'}');
    out
}

/// What we answer a request with: a result's JSON text, or a refusal.
pub(crate) type Answer = Result<Box<RawValue>, RpcError>;

/// Turns a value into an answer; a value that cannot be JSON is an internal refusal.
pub(crate) fn answer<T: Serialize + ?Sized>(value: &T) -> Answer {
    serde_json::value::to_raw_value(value).map_err(|e| RpcError::new(RpcError::INTERNAL, e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Message<'static> {
        // Leaked, so that every test may take the message apart where it stands.
        let frame = repair(Bytes::from(json.to_owned())).unwrap();
        parse(Box::leak(Box::new(frame))).unwrap()
    }

    #[test]
    fn an_event_does_not_keep_its_frame_alive() {
        let frame = Bytes::from(
            r#"{"jsonrpc":"2.0","method":"session.event","params":{"sessionId":"s","event":{"type":"x","data":{}}}}"#,
        );
        let Message::Event { session_id, event } = parse(&frame).unwrap() else { panic!() };
        assert_eq!((&*session_id, event.raw_json()), ("s", r#"{"type":"x","data":{}}"#));
        assert!(!frame.as_ptr_range().contains(&event.raw_json().as_ptr()));
    }

    #[test]
    fn an_event_is_cut_out_whole_wherever_it_stands_in_its_message() {
        for event in [
            r#"{"type":"x"}"#,
            r#"{ "a" : {"b":[{}]} , "type" : "x" , "n" : -1.5e3 }"#,
            "{\n\t\"data\": {\"}\": \"{\"},\r\n\"type\": \"x\" }",
            r#"{"data":"}{","id":null,"type":"x","é":"}"}"#,
            r#"{"\u0061":1,"type":"x","data":{}}"#,
            r#"{"a":1,"t\u0079pe":"x","data":{}}"#,
        ] {
            for params in [
                format!(r#"{{"sessionId":"s","event": {event} }}"#),
                format!(r#"{{"event":{event},"sessionId":"s"}}"#),
            ] {
                let text = format!(r#"{{"method":"session.event","params":{params}}}"#);
                let cut = match read(&text) {
                    Message::Event { event, .. } => event,
                    // Read by itself: its first key is written with escapes.
                    Message::Notification { .. } if event.contains("0061") => continue,
                    other => panic!("{text}: {other:?}"),
                };
                let alone = SessionEvent::from_json(event).unwrap();
                assert_eq!((cut.raw_json(), cut.event_type()), (event, "x"));
                assert_eq!((cut.id(), cut.data_json()), (alone.id(), alone.data_json()));
            }
        }
    }

    #[test]
    fn key_order_does_not_matter() {
        let text =
            r#"{"params":{"event":{"type":"x"},"sessionId":"s"},"method":"session.event","jsonrpc":"2.0"}"#;
        let Message::Notification { method, params } = read(text) else { panic!() };
        assert_eq!(&*method, "session.event");
        assert_eq!(&params[..], br#"{"event":{"type":"x"},"sessionId":"s"}"#);
    }

    #[test]
    fn an_event_without_session_is_still_a_notification() {
        let Message::Notification { method, .. } = read(r#"{"method":"session.event","params":{"event":1}}"#)
        else {
            panic!()
        };
        assert_eq!(&*method, "session.event");
    }

    #[test]
    fn any_json_id_is_kept_as_it_came() {
        for id in ["1", "\"a-1\"", "\"\\u0041\"", "12345678901234567890123", "1.5"] {
            let Message::Request { id: read, .. } = read(&format!(r#"{{"id":{id},"method":"m"}}"#)) else {
                panic!()
            };
            assert_eq!(&*read, id);
            let answered = answer_json(&read, &answer(&Value::Null));
            assert_eq!(
                String::from_utf8(answered).unwrap(),
                format!(r#"{{"jsonrpc":"2.0","id":{id},"result":null}}"#)
            );
        }
    }

    #[test]
    fn responses_carry_result_or_error() {
        let Message::Response { id: 7, outcome: Ok(result) } = read(r#"{"id":7,"result":{"a":1}}"#) else {
            panic!()
        };
        assert_eq!(&result[..], br#"{"a":1}"#);
        let Message::Response { outcome: Err(error), .. } =
            read(r#"{"id":7,"error":{"code":-32601,"message":"no","data":[1]}}"#)
        else {
            panic!()
        };
        assert_eq!(
            error,
            RpcError { code: -32601, message: "no".into(), data: Some(serde_json::json!([1])) }
        );
        assert!(matches!(read(r#"{"id":7}"#), Message::Response { outcome: Ok(_), .. }));
        assert!(matches!(read(r#"{"id":null,"error":{"code":1,"message":"x"}}"#), Message::Stray { .. }));
        assert!(matches!(read(r#"{"id":"7","result":1}"#), Message::Stray { .. }));
    }

    #[test]
    fn what_is_no_json_rpc_is_an_error() {
        for text in ["", "[]", "nope", "{", "{}x", r#"{"id":1,"method":5}"#] {
            assert!(parse(&Bytes::from(text.to_owned())).is_err(), "{text}");
        }
        assert!(parse(&Bytes::from_static(b"{\"a\":\"\xff\"}")).is_err());
    }

    #[test]
    fn lone_surrogates_do_not_end_the_stream() {
        let text = r#"{"method":"session.event","params":{"sessionId":"s","event":{"type":"x","data":{"c":"\ud800"}}}}"#;
        let Message::Event { event, .. } = read(text) else { panic!() };
        assert_eq!(event.data_as::<Value>().unwrap()["c"], "\u{FFFD}");
    }
}
