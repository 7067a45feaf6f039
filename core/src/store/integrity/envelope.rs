//! What makes a line of the log an event. Pure.
//!
//! The runtimes refuse a whole session for one event without a proper envelope, of whatever version they are; what is in
//! `data` is theirs to know, and so is the type.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::protocol::event::BorrowedText;

/// The type of the event that a log begins with.
pub(super) const START: &str = "session.start";

/// The keys that an event's first one is among.
const KEYS: [&str; 7] = ["type", "data", "id", "timestamp", "parentId", "ephemeral", "agentId"];

/// The head of an event that has all that every event needs: a type, `data` that is an object, an id and a parent's id
/// that are UUIDs (the parent's may be null), and a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) id: Uuid,
    /// Whether it is a [`START`].
    pub(super) is_start: bool,
}

impl Envelope {
    /// The envelope of a text that is one event and nothing else.
    pub(super) fn of(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The event that `bytes` begin with, and its length; else how many bytes were looked at.
    pub(super) fn at_start_of(bytes: &[u8]) -> Result<(Self, usize), usize> {
        let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<Envelope>();
        match values.next() {
            Some(Ok(envelope)) => {
                let length = values.byte_offset();
                // What is passed over was not looked at.
                std::str::from_utf8(&bytes[..length]).map(|_| (envelope, length)).map_err(|_| length)
            }
            // There is one line, so a column is an offset.
            Some(Err(error)) => Err(error.column()),
            None => Err(0),
        }
    }

    /// Whether an event may begin with these bytes; says so without reading it.
    pub(super) fn may_start(bytes: &[u8]) -> bool {
        let Some(rest) = bytes.strip_prefix(b"{\"") else { return false };
        KEYS.iter().any(|key| rest.strip_prefix(key.as_bytes()).is_some_and(|rest| rest.starts_with(b"\"")))
    }
}

impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Envelope;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Envelope, A::Error> {
                let (mut kind, mut id, mut timestamp, mut parent, mut data) = (None, None, None, None, None);
                while let Some(BorrowedText(key)) = map.next_key()? {
                    match &*key {
                        "type" => kind = Some(map.next_value::<BorrowedText<'_>>()?.0),
                        "id" => id = Some(map.next_value::<BorrowedText<'_>>()?.0),
                        "timestamp" => timestamp = Some(map.next_value::<BorrowedText<'_>>()?.0),
                        "parentId" => parent = Some(map.next_value::<Option<BorrowedText<'_>>>()?),
                        "data" => data = Some(map.next_value::<&RawValue>()?),
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                let uuid = |text: Cow<'_, str>| Uuid::try_parse(&text).map_err(A::Error::custom);
                let missing = A::Error::missing_field;
                let kind = kind.ok_or_else(|| missing("type"))?;
                let id = uuid(id.ok_or_else(|| missing("id"))?)?;
                parent.ok_or_else(|| missing("parentId"))?.map(|parent| uuid(parent.0)).transpose()?;
                if !timestamp.is_some_and(|text| is_time(&text)) {
                    return Err(missing("timestamp"));
                }
                if !data.is_some_and(|data| data.get().starts_with('{')) {
                    return Err(missing("data"));
                }
                Ok(Envelope { id, is_start: kind == START })
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// Whether the text has the shape of an ISO 8601 time in UTC: `2026-11-21T01:44:36.251Z`.
fn is_time(text: &str) -> bool {
    const SHAPE: &[u8; 19] = b"0000-00-00T00:00:00";
    let fits = |(byte, shape): (&u8, &u8)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == shape };
    text.len() > SHAPE.len() && text.ends_with('Z') && text.as_bytes().iter().zip(SHAPE).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "33333333-3333-4333-8333-333333333333";

    fn text(parent: &str) -> String {
        format!(
            r#"{{"type":"session.start","data":{{"a":"\ud800"}},"id":"{ID}","timestamp":"2026-11-21T01:44:36.251Z","parentId":{parent}}}"#
        )
    }

    #[test]
    fn an_event_has_a_type_data_ids_and_a_time() {
        let whole = text("null");
        let envelope = Envelope { id: Uuid::try_parse(ID).unwrap(), is_start: true };
        assert_eq!(Envelope::of(&whole), Some(envelope));
        assert_eq!(Envelope::of(&text(&format!("\"{ID}\""))), Some(envelope));
        for (from, to) in [
            (r#""type":"session.start","#, ""),
            ("\"session.start\"", "5"),
            (r#","parentId":null"#, ""),
            ("null", "\"nobody\""),
            (ID, "x"),
            ("2026-11-21T", "21.11.2026 "),
            ("36.251Z", "36"),
            (r#"{"a":"\ud800"}"#, "null"),
            (r#"{"a":"\ud800"}"#, "[]"),
            (r#"\ud800"#, "\u{1}"),
            ("}", ""),
            ("{", "[{"),
        ] {
            assert_eq!(Envelope::of(&whole.replace(from, to)), None, "{from} → {to}");
        }
        // Unknown types and fields are the runtime's.
        let newer = whole.replace("session.start", "zzz.new").replace("{\"type\"", "{\"new\":[{}],\"type\"");
        assert_eq!(Envelope::of(&newer), Some(Envelope { is_start: false, ..envelope }));
    }

    #[test]
    fn an_event_is_found_where_more_follows() {
        let whole = text("null");
        let fused = format!("{whole}{whole}");
        assert_eq!(Envelope::at_start_of(fused.as_bytes()).unwrap().1, whole.len());
        let mut bytes = fused.into_bytes();
        bytes[40] = 0xff;
        assert!(Envelope::at_start_of(&bytes).is_err());
        assert!(Envelope::may_start(whole.as_bytes()));
        assert!(!Envelope::may_start(b"{\"typed\":1}") && !Envelope::may_start(b"{}"));
    }
}
