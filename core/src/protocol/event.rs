//! A session event: the runtime's own bytes, with the few fields that everybody asks for found once.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The type of the event that stands for events that were replaced at the queue's bound (DESIGN I14).
/// It never comes from the runtime.
pub const EVENTS_LOST: &str = "codriver.events_lost";

/// The type of the event that tells that a session's event log was repaired; its data is
/// [`SessionRepaired`](super::event_data::SessionRepaired). It never comes from the runtime.
pub const SESSION_REPAIRED: &str = "codriver.session_repaired";

/// One event of a session, as the runtime sent it. Cloning is cheap: the text is shared.
///
/// Source: notification `session.event`, `{id, timestamp, parentId, type, data, ephemeral?, agentId?}`.
#[derive(Clone)]
pub struct SessionEvent {
    seq: u64,
    first_seq: u64,
    raw: Arc<str>,
    kind: Text,
    id: Text,
    data: Option<Span>,
    ephemeral: bool,
}

/// What [`EVENTS_LOST`] carries: how many events were replaced, and the range of sequence numbers they had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, Deserialize)]
#[non_exhaustive]
pub struct EventsLost {
    /// How many.
    pub count: u64,
    /// The first sequence number.
    pub from: u64,
    /// The last sequence number.
    pub to: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Span(u32, u32);

/// A JSON string of the event: where it stands, or its own text where it has escapes.
#[derive(Clone, Debug)]
enum Text {
    Span(Span),
    Owned(Arc<str>),
    Absent,
}

/// An event in the text of a message: what the core looks at, and where it stands. Found in the one pass that also checks
/// the text, however deep in the message the event is.
#[derive(Default)]
pub(crate) struct EventText<'a> {
    /// The event's braces are around its first key, `None` where that is written with escapes, and its last value.
    first_key: Option<&'a str>,
    last_value: &'a str,
    kind: Cow<'a, str>,
    id: Option<Cow<'a, str>>,
    data: Option<&'a str>,
    ephemeral: bool,
}

/// The fields that are decoded only when somebody asks.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Rest<'a> {
    #[serde(borrow, default, deserialize_with = "optional_text")]
    timestamp: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "optional_text")]
    parent_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "optional_text")]
    agent_id: Option<Cow<'a, str>>,
}

/// A text, borrowed where it has no escapes; serde by itself does so for a field `Cow`, but not for keys and options.
#[derive(Deserialize)]
pub(crate) struct BorrowedText<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

fn optional_text<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Cow<'a, str>>, D::Error> {
    Ok(Option::<BorrowedText<'a>>::deserialize(deserializer)?.map(|text| text.0))
}

fn span_of(whole: &str, part: &str) -> Option<Span> {
    let start = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    (start + part.len() <= whole.len()).then(|| Span(start as u32, (start + part.len()) as u32))
}

/// The JSON string or null that `raw` is.
fn string<E: serde::de::Error>(raw: &RawValue) -> Result<Option<Cow<'_, str>>, E> {
    let inner = raw.get().strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match inner {
        Some(text) if memchr::memchr(b'\\', text.as_bytes()).is_none() => Ok(Some(Cow::Borrowed(text))),
        _ => serde_json::from_str::<Option<String>>(raw.get())
            .map(|text| text.map(Cow::Owned))
            .map_err(E::custom),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for EventText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = EventText<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EventText<'de>, A::Error> {
                let mut found = EventText::default();
                let mut kind = None;
                while let Some(BorrowedText(key)) = map.next_key()? {
                    let value: &RawValue = map.next_value()?;
                    if found.last_value.is_empty()
                        && let Cow::Borrowed(key) = key
                    {
                        found.first_key = Some(key);
                    }
                    found.last_value = value.get();
                    match &*key {
                        "type" => kind = string(value)?,
                        "id" => found.id = string(value)?,
                        "data" => found.data = Some(value.get()),
                        "ephemeral" => found.ephemeral = value.get() == "true",
                        _ => {}
                    }
                }
                found.kind = kind.ok_or_else(|| serde::de::Error::missing_field("type"))?;
                Ok(found)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

impl EventText<'_> {
    /// Where the event stands in `whole`, its braces included. `None` where its first key is written with escapes.
    fn span(&self, whole: &str) -> Option<Span> {
        let (Span(key, _), Span(_, end)) =
            (span_of(whole, self.first_key?)?, span_of(whole, self.last_value)?);
        let open = whole[..key as usize].rfind('{')?;
        let close = end as usize + whole[end as usize..].find('}')?;
        Some(Span(open as u32, close as u32 + 1))
    }
}

fn text_of(whole: &str, part: Option<Cow<'_, str>>) -> Text {
    match part {
        None => Text::Absent,
        Some(Cow::Borrowed(s)) => match span_of(whole, s) {
            Some(span) => Text::Span(span),
            None => Text::Owned(s.into()),
        },
        Some(Cow::Owned(s)) => Text::Owned(s.into()),
    }
}

impl SessionEvent {
    /// Makes an event of what was found in the text of a frame. `None` where it has to be read by itself to know where it
    /// stands. It has memory of its own: a frame is a part of a read buffer, which one small event must not keep alive.
    pub(crate) fn cut(frame: &str, found: EventText<'_>) -> Option<Self> {
        let Span(start, end) = found.span(frame)?;
        Some(Self::take(&frame[start as usize..end as usize], found))
    }

    /// `found` was found in `text`.
    fn take(text: &str, found: EventText<'_>) -> Self {
        let kind = text_of(text, Some(found.kind));
        let id = text_of(text, found.id);
        let data = found.data.and_then(|data| span_of(text, data));
        SessionEvent { seq: 0, first_seq: 0, raw: text.into(), kind, id, data, ephemeral: found.ephemeral }
    }

    /// Makes an event from its JSON text, for tests and for events stored elsewhere: its sequence number is 0, which
    /// no event of a live session has.
    ///
    /// ```
    /// use codriver::protocol::event::SessionEvent;
    ///
    /// let event = SessionEvent::from_json(r#"{"type": "session.idle", "id": "e1", "data": {}}"#).unwrap();
    /// assert_eq!((event.event_type(), event.id(), event.seq()), ("session.idle", "e1", 0));
    /// ```
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        Ok(Self::take(json, serde_json::from_str(json)?))
    }

    /// Stamps the sequence number; the reader does this once.
    pub(crate) fn with_seq(mut self, seq: u64) -> Self {
        self.seq = seq;
        self.first_seq = seq;
        self
    }

    /// Widens the range this event stands for (a merge of streamed deltas, or [`EVENTS_LOST`]).
    pub(crate) fn covering(mut self, first_seq: u64, seq: u64) -> Self {
        self.first_seq = first_seq;
        self.seq = seq;
        self
    }

    /// The sequence number in this session: from 1, in wire order. An event that stands for several (merged deltas,
    /// [`EVENTS_LOST`]) has the last of them here and the first in [`SessionEvent::first_seq`]: ranges have no holes.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The first sequence number this event stands for; equal to [`SessionEvent::seq`] for nearly all.
    pub fn first_seq(&self) -> u64 {
        self.first_seq
    }

    /// The type, e.g. `assistant.message_delta`.
    pub fn event_type(&self) -> &str {
        self.text(&self.kind).unwrap_or_default()
    }

    /// The runtime's id of the event (a UUID), empty where it sent none.
    pub fn id(&self) -> &str {
        self.text(&self.id).unwrap_or_default()
    }

    /// Whether it is live only: never stored, never in `get_events`.
    pub fn is_ephemeral(&self) -> bool {
        self.ephemeral
    }

    /// When the runtime made it: ISO 8601, empty where it sent none.
    pub fn timestamp(&self) -> Cow<'_, str> {
        self.rest().timestamp.unwrap_or_default()
    }

    /// The id of the event before it in the session's tree.
    pub fn parent_id(&self) -> Option<Cow<'_, str>> {
        self.rest().parent_id
    }

    /// The sub-agent that caused it; `None` for the main agent.
    pub fn agent_id(&self) -> Option<Cow<'_, str>> {
        self.rest().agent_id
    }

    /// The whole event as the runtime wrote it, unknown fields included.
    pub fn raw_json(&self) -> &str {
        &self.raw
    }

    /// The `data` object as the runtime wrote it; `null` where there is none.
    pub fn data_json(&self) -> &str {
        match self.data {
            Some(Span(a, b)) => &self.raw[a as usize..b as usize],
            None => "null",
        }
    }

    /// Decodes `data` into a type of yours.
    pub fn data_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.data_json())
    }

    /// What [`EVENTS_LOST`] says; `None` for every other event.
    pub fn events_lost(&self) -> Option<EventsLost> {
        (self.event_type() == EVENTS_LOST).then(|| self.data_as().ok()).flatten()
    }

    fn text<'a>(&'a self, text: &'a Text) -> Option<&'a str> {
        match text {
            Text::Span(Span(a, b)) => Some(&self.raw[*a as usize..*b as usize]),
            Text::Owned(s) => Some(s),
            Text::Absent => None,
        }
    }

    fn rest(&self) -> Rest<'_> {
        serde_json::from_str(self.raw_json()).unwrap_or_default()
    }
}

impl fmt::Debug for SessionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionEvent")
            .field("seq", &self.seq)
            .field("type", &self.event_type())
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(json: &str) -> SessionEvent {
        SessionEvent::from_json(json).unwrap()
    }

    const USUAL: &str = r#"{"id":"e1","timestamp":"2026-11-21T01:44:36.251Z","parentId":null,"agentId":"a1",
        "ephemeral":true,"type":"session.idle","data":{"mode":"plan"}}"#;

    #[test]
    fn the_usual_event_is_read_without_copying_its_text() {
        let read = event(USUAL);
        assert_eq!((read.event_type(), read.id(), read.is_ephemeral()), ("session.idle", "e1", true));
        assert!(matches!((&read.kind, &read.id), (Text::Span(_), Text::Span(_))));
        assert_eq!(read.timestamp(), "2026-11-21T01:44:36.251Z");
        assert!(matches!(read.timestamp(), Cow::Borrowed(_)));
        assert_eq!((read.parent_id(), read.agent_id().as_deref()), (None, Some("a1")));
        assert_eq!(read.raw_json(), USUAL);
    }

    #[test]
    fn escapes_in_type_and_id_are_decoded() {
        let read = event(r#"{"type":"session\u002eidle","id":"a\"b\\\n\u00e9","data":{}}"#);
        assert_eq!((read.event_type(), read.id()), ("session.idle", "a\"b\\\né"));
        assert_eq!(read.clone().with_seq(4).id(), "a\"b\\\né");
    }

    #[test]
    fn whitespace_and_the_order_of_keys_do_not_matter() {
        let read = event(" {\n\t\"data\" : { \"a\" : [ 1 ] } ,\r\n \"id\" : \"x\" , \"type\" : \"t\" } \n");
        assert_eq!((read.event_type(), read.id(), read.data_json()), ("t", "x", "{ \"a\" : [ 1 ] }"));
    }

    #[test]
    fn a_missing_or_null_id_is_empty_and_missing_data_is_null() {
        for json in [r#"{"type":"t"}"#, r#"{"type":"t","id":null,"data":null,"ephemeral":null}"#] {
            let read = event(json);
            assert_eq!((read.id(), read.data_json(), read.is_ephemeral()), ("", "null", false));
            assert_eq!((read.timestamp().as_ref(), read.parent_id()), ("", None));
        }
    }

    #[test]
    fn what_is_not_an_object_with_a_type_is_an_error() {
        for json in
            ["", "null", "5", "\"t\"", "{}", r#"{"type":null}"#, r#"{"type":5}"#, r#"{"type":"t""#, "{} {}"]
        {
            assert!(SessionEvent::from_json(json).is_err(), "{json}");
        }
    }

    #[test]
    fn text_of_any_script_stays_whole_where_it_stands() {
        let read = event(r#"{"type":"тип.事件","id":"🦀","data":{"text":"naïve 日本 🎉"},"x":"é"}"#);
        assert_eq!((read.event_type(), read.id()), ("тип.事件", "🦀"));
        assert_eq!(read.data_json(), r#"{"text":"naïve 日本 🎉"}"#);
        #[derive(Deserialize)]
        struct Data {
            text: String,
        }
        assert_eq!(read.data_as::<Data>().unwrap().text, "naïve 日本 🎉");
    }

    #[test]
    fn a_sequence_number_is_one_event_or_the_range_it_stands_for() {
        let one = event(USUAL).with_seq(7);
        assert_eq!((one.first_seq(), one.seq()), (7, 7));
        let many = one.covering(3, 9);
        assert_eq!((many.first_seq(), many.seq()), (3, 9));
    }
}
