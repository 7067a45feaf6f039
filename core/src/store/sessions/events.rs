//! The events of a session, from its log. Pure.

use crate::SessionEvent;

/// What the log of a stored session holds.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct StoredEvents {
    /// The events in the order of the log, with sequence numbers from 1.
    pub events: Vec<SessionEvent>,
    /// How many lines are no event: torn by a crash, or damaged. They stay in the log.
    pub unreadable: u64,
}

impl StoredEvents {
    /// Reads a log: a JSON object a line. Lines end with a line feed and with nothing else; empty ones are passed over.
    pub(super) fn read(log: &[u8]) -> Self {
        let mut found = StoredEvents::default();
        for line in log.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
            let event = std::str::from_utf8(line).ok().and_then(|line| SessionEvent::from_json(line).ok());
            match event {
                Some(event) => found.events.push(event.with_seq(found.events.len() as u64 + 1)),
                None => found.unreadable += 1,
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_whole_line_is_an_event_in_order_and_the_others_are_counted() {
        let log = "{\"type\":\"a\",\"id\":\"1\"}\n{\"type\":\"torn\n\n{\"type\":\"b\",\"data\":{\"x\":\"\u{2028}\"}}\r\n[]\n\
            {\"no\":\"type\"}\n{\"type\":\"a.new.one\",\"unknown\":1}\n\0\0\0\n{\"type\":\"last\"}";
        let found = StoredEvents::read(log.as_bytes());
        let read: Vec<_> = found.events.iter().map(|event| (event.seq(), event.event_type())).collect();
        assert_eq!(read, [(1, "a"), (2, "b"), (3, "a.new.one"), (4, "last")]);
        assert_eq!(found.unreadable, 4);
        let torn = StoredEvents::read(b"{\"type\":\"a\"}\n{\"type\":\"b\",\"x\":\"\xc3");
        assert_eq!((torn.events.len(), torn.unreadable), (1, 1));
        assert_eq!(StoredEvents::read(b"").unreadable, 0);
    }
}
