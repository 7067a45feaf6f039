//! The events of a session, from its log. Pure.

use crate::SessionEvent;
use crate::store::integrity::whole_events;

/// What the log of a stored session holds.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct StoredEvents {
    /// The events in the order of the log, with sequence numbers from 1.
    pub events: Vec<SessionEvent>,
    /// How many places of the log are no event: torn by a crash, or damaged. They stay in the log.
    pub unreadable: u64,
}

impl StoredEvents {
    /// Reads a log as [`check`](crate::store::check) does: what counts as an event there, and as one, does here.
    pub(super) fn read(log: &[u8]) -> Self {
        let (whole, unreadable) = whole_events(log);
        let mut found = StoredEvents { events: Vec::with_capacity(whole.len()), unreadable };
        for text in whole {
            match SessionEvent::from_json(text) {
                Ok(event) => found.events.push(event.with_seq(found.events.len() as u64 + 1)),
                Err(_) => found.unreadable += 1,
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::integrity::event;

    /// Each event's number and text, and how many places are none.
    fn read(log: impl AsRef<[u8]>) -> (Vec<(u64, String)>, u64) {
        let found = StoredEvents::read(log.as_ref());
        let text = |event: &SessionEvent| {
            let data = event.data_as::<serde_json::Value>().unwrap_or_default();
            data["text"].as_str().unwrap_or_default().to_owned()
        };
        (found.events.iter().map(|event| (event.seq(), text(event))).collect(), found.unreadable)
    }

    #[test]
    fn every_whole_event_is_read_in_order_and_what_is_none_is_counted() {
        let [a, b, c] = [("session.start", "a"), ("user.message", "b\u{2028}"), ("a.new.one", "c")]
            .map(|(kind, text)| event(text.as_bytes()[0], kind, text));
        let all = |texts: [&str; 3]| (1..).zip(texts.map(str::to_owned)).collect::<Vec<(u64, String)>>();
        let whole = all(["a", "b\u{2028}", "c"]);
        for (log, unreadable) in [
            (format!("{a}\n{b}\n{c}\n"), 0),
            (format!("\u{feff}{a}\r\n\n {b} \n{c}"), 0),
            // On one line: three events all the same.
            (format!("{a}{b} {c}\n"), 0),
            // Twice the same line is one event, which can be read.
            (format!("{a}\n{b}\n{b}\n{c}\n"), 0),
            (format!("{a}\n[]\n{{\"no\":\"type\"}}\n{b}\n\0\0\0{c}\n{}", &c[..c.len() / 2]), 4),
        ] {
            assert_eq!(read(&log), (whole.clone(), unreadable), "{log:?}");
        }
        let torn = [a.as_bytes(), b"\n{\"type\":\"b\",\"x\":\"\xc3"].concat();
        assert_eq!(read(torn), (vec![(1, "a".to_owned())], 1));
        assert_eq!(read(""), (Vec::new(), 0));
    }

    #[test]
    fn a_lone_surrogate_hides_no_event() {
        let log = event(1, "session.start", "a\\ud800");
        assert_eq!((read(&log).0.len(), read(&log).1), (1, 0));
    }
}
