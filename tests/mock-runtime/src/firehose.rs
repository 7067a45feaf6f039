//! Streams session events as fast as a pipe takes them: frames are rendered once, and only their counters are patched.

use std::io::{self, Write};

use serde::Deserialize;
use serde_json::json;

use crate::frame;

const BUFFER: usize = 1 << 20;
const DIGITS: usize = 12;
const PLACEHOLDER: &str = "############";

/// How many events, of which type and size.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Burst {
    /// How many.
    pub events: u64,
    /// Bytes of one JSON-RPC body; the least possible if it is too small.
    #[serde(default = "usual_size")]
    pub bytes: usize,
    /// The event's type.
    #[serde(default = "usual_type", rename = "type")]
    pub kind: String,
    /// Whether they are live only; the type's nature unless told (deltas are).
    #[serde(default)]
    pub ephemeral: Option<bool>,
}

fn usual_size() -> usize {
    300
}

fn usual_type() -> String {
    "assistant.message_delta".to_owned()
}

/// A buffer full of equal frames, each with two counters: the tail of the event's id, and the head of its text.
#[derive(Debug)]
struct Template {
    frame: Vec<u8>,
    counters: Vec<usize>,
}

impl Template {
    fn new(session: &str, burst: &Burst) -> Self {
        let ephemeral = burst.ephemeral.unwrap_or_else(|| burst.kind.ends_with("_delta"));
        let body = |filler: usize| {
            let text = format!("{PLACEHOLDER} {}", "x".repeat(filler));
            let field = match burst.kind.as_str() {
                kind if kind.ends_with("_delta") => "deltaContent",
                "assistant.message" => "content",
                _ => "padding",
            };
            let mut event = json!({
                "id": format!("f15e0000-0000-4000-8000-{PLACEHOLDER}"),
                "timestamp": "2026-01-01T00:00:00.000Z",
                "parentId": null,
                "type": burst.kind,
                "data": {"messageId": "firehose", field: text},
            });
            if ephemeral {
                event["ephemeral"] = true.into();
            }
            json!({"jsonrpc": "2.0", "method": "session.event", "params": {"sessionId": session, "event": event}}).to_string()
        };
        let body = body(burst.bytes.saturating_sub(body(0).len()));
        let frame = frame::render(body.as_bytes());
        let text = String::from_utf8_lossy(&frame).into_owned();
        let counters = text.match_indices(PLACEHOLDER).map(|(at, _)| at).collect();
        Template { frame, counters }
    }
}

/// Writes the burst, `write` being given whole frames, up to 1 MiB of them at once. Ids and texts count from `first`.
pub fn pour(
    session: &str,
    burst: &Burst,
    first: u64,
    mut write: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let template = Template::new(session, burst);
    let size = template.frame.len();
    let per_buffer = (BUFFER / size).max(1).min(usize::try_from(burst.events).unwrap_or(usize::MAX).max(1));
    let mut buffer = template.frame.repeat(per_buffer);
    let mut counter = Counter::new(first);
    let mut left = burst.events;
    while left > 0 {
        let now = left.min(per_buffer as u64) as usize;
        for frame in buffer.chunks_exact_mut(size).take(now) {
            for &at in &template.counters {
                frame[at..at + DIGITS].copy_from_slice(&counter.digits);
            }
            counter.advance();
        }
        write(&buffer[..now * size])?;
        left -= now as u64;
    }
    Ok(())
}

/// A decimal counter that is kept as text, so that an event costs a copy and mostly one increment.
struct Counter {
    digits: [u8; DIGITS],
}

impl Counter {
    fn new(value: u64) -> Self {
        let mut digits = [b'0'; DIGITS];
        let text = format!("{value:0DIGITS$}");
        digits.copy_from_slice(&text.as_bytes()[text.len() - DIGITS..]);
        Counter { digits }
    }

    fn advance(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return;
            }
            *digit = b'0';
        }
    }
}

/// Writes a burst without a protocol around it, for measuring the firehose itself.
pub fn pour_plain(burst: &Burst, out: &mut impl Write) -> io::Result<()> {
    pour("measure", burst, 0, |bytes| out.write_all(bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn burst(events: u64, bytes: usize, kind: &str) -> Burst {
        Burst { events, bytes, kind: kind.to_owned(), ephemeral: None }
    }

    fn poured(burst: &Burst, first: u64) -> Vec<Value> {
        let mut wire = Vec::new();
        pour("s-1", burst, first, |bytes| {
            wire.extend_from_slice(bytes);
            Ok(())
        })
        .unwrap();
        let mut reader = frame::FrameReader::new(&wire[..]);
        let mut events = Vec::new();
        while let Some(body) = reader.next_body().unwrap() {
            events.push(serde_json::from_slice(&body).unwrap());
        }
        events
    }

    #[test]
    fn every_event_is_whole_has_its_own_id_and_counts_on() {
        let events = poured(&burst(10_000, 300, "assistant.message_delta"), 995);
        assert_eq!(events.len(), 10_000);
        let ids: BTreeSet<&str> =
            events.iter().map(|e| e["params"]["event"]["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 10_000);
        for (i, event) in events.iter().enumerate() {
            let text = event["params"]["event"]["data"]["deltaContent"].as_str().unwrap();
            assert_eq!(text[..DIGITS].parse::<usize>().unwrap(), 995 + i);
            assert_eq!(event["params"]["sessionId"], "s-1");
            assert_eq!(event["params"]["event"]["ephemeral"], true);
        }
    }

    #[test]
    fn an_event_has_the_size_that_was_asked_for() {
        let mut lengths = BTreeSet::new();
        pour("s", &burst(3, 500, "assistant.message"), 0, |bytes| {
            lengths.insert(bytes.len());
            Ok(())
        })
        .unwrap();
        assert_eq!(lengths, BTreeSet::from([3 * ("Content-Length: 500\r\n\r\n".len() + 500)]));
        assert!(
            poured(&burst(1, 500, "assistant.message"), 0)[0]["params"]["event"].get("ephemeral").is_none()
        );
    }
}
