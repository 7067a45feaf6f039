//! Whether two drivers saw the same: results by label, observations by kind and session, without what is theirs alone.

use std::collections::BTreeMap;

use mock_runtime::pattern;
use serde_json::{Map, Value};

/// Tells the first difference between two timelines of one scenario. Observations are compared as far as both have come:
/// whether enough of them came is for the scenario's demands.
pub(crate) fn difference(one: &[Value], other: &[Value]) -> Option<String> {
    let (one, other) = (streams(one), streams(other));
    let empty = Vec::new();
    for key in one.keys().chain(other.keys()) {
        let (here, there) = (one.get(key).unwrap_or(&empty), other.get(key).unwrap_or(&empty));
        let is_result = key.starts_with("result of ");
        if is_result && here.len() != there.len() {
            return Some(format!("{key}: only one of them has it"));
        }
        if let Some((a, b)) = here.iter().zip(there).find(|(a, b)| a != b) {
            return Some(format!("{key}: {} but {}", pattern::short(a), pattern::short(b)));
        }
    }
    None
}

/// The timeline taken apart into what has an order of its own: between two of these streams there is none.
fn streams(timeline: &[Value]) -> BTreeMap<String, Vec<Value>> {
    let mut streams: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for entry in timeline {
        let key = match &entry["result"] {
            Value::String(label) if label == "stop" => continue,
            Value::String(label) => format!("result of {label}"),
            _ => format!("{} of {} {}", entry["obs"], entry["session"], entry["subscriber"]),
        };
        streams.entry(key).or_default().push(comparable(entry));
    }
    streams
}

/// The entry without messages (they are not compared) and with every UUID made the same.
fn comparable(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(key, value)| *key != "message" || !value.is_string());
            kept.map(|(key, value)| (key.clone(), comparable(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(comparable).collect(),
        Value::String(text) if looks_like_uuid(text) => "<uuid>".into(),
        other => other.clone(),
    }
}

fn looks_like_uuid(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(i, b)| if [8, 13, 18, 23].contains(&i) { b == b'-' } else { b.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(seq: u64, id: &str) -> Value {
        json!({"obs": "event", "session": "s", "seq": seq, "event_id": id})
    }

    #[test]
    fn ids_messages_and_the_order_between_streams_are_no_difference() {
        let error =
            |message: &str| json!({"result": "x", "error": {"number": 60, "name": "N", "message": message}});
        let one = [event(1, "936da01f-9abd-4d9d-80c7-02af85c822a8"), error("a")];
        let other = [error("b"), event(1, "00000000-9abd-4d9d-80c7-02af85c822a8")];
        assert_eq!(difference(&one, &other), None);
    }

    #[test]
    fn another_number_a_hole_a_missing_result_and_another_order_are_differences() {
        let ok = |n: u64| [json!({"result": "x", "ok": {"n": n}})];
        assert!(difference(&ok(1), &ok(2)).is_some());
        assert!(difference(&ok(1), &[]).is_some());
        assert!(difference(&[event(1, "a"), event(2, "b")], &[event(2, "b")]).is_some());
        assert!(difference(&[event(1, "a"), event(2, "b")], &[event(1, "a")]).is_none());
        assert!(difference(&[event(1, "a"), event(2, "b")], &[event(2, "b"), event(1, "a")]).is_some());
    }
}
