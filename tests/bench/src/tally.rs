//! What a user's event handler does here: the same on both sides.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// What a handler does with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Consumer {
    /// Looks at its type.
    Count,
    /// Reads the streamed text.
    Read,
    /// Reads the text, and pauses for a millisecond after every hundredth event.
    Slow,
}

/// Counts the events of one turn.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) consumer: Consumer,
    /// Events of the firehose that arrived, also as parts of merged ones.
    pub(crate) covered: u64,
    /// How often the handler was called with them.
    pub(crate) calls: u64,
    first: Option<Instant>,
    last: Option<Instant>,
}

/// What the handler has to do after an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Go,
    Pause(Duration),
    /// That was the turn's last.
    End,
}

impl Tally {
    pub(crate) fn new(consumer: Consumer) -> Self {
        Tally { consumer, covered: 0, calls: 0, first: None, last: None }
    }

    /// Takes an event of type `kind` that says it stands for `stands_for` events; `text` is called where the text is read,
    /// and then the text says for how many.
    pub(crate) fn take<'a>(
        &mut self,
        kind: &str,
        stands_for: u64,
        text: impl FnOnce() -> Option<&'a str>,
    ) -> Next {
        match kind {
            "assistant.message_delta" => {}
            "session.idle" => {
                self.last = Some(Instant::now());
                return Next::End;
            }
            _ => return Next::Go,
        }
        if self.calls == 0 {
            self.first = Some(Instant::now());
        }
        self.calls += 1;
        self.covered += match self.consumer {
            Consumer::Count => stands_for,
            Consumer::Read | Consumer::Slow => text().map_or(0, deltas_in),
        };
        match self.consumer {
            Consumer::Slow if self.calls.is_multiple_of(100) => Next::Pause(Duration::from_millis(1)),
            _ => Next::Go,
        }
    }

    /// From the first event of the firehose to the end of the turn.
    pub(crate) fn seconds(&self) -> f64 {
        match (self.first, self.last) {
            (Some(first), Some(last)) => (last - first).as_secs_f64(),
            _ => 0.0,
        }
    }
}

/// How many deltas of the firehose a text is made of: each is a number, one space and filler.
fn deltas_in(text: &str) -> u64 {
    text.bytes().filter(|byte| *byte == b' ').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_counts_by_its_text_and_the_rest_by_what_it_says() {
        let mut read = Tally::new(Consumer::Read);
        assert_eq!(
            read.take("assistant.message_delta", 9, || Some("000000000001 xx000000000002 xx")),
            Next::Go
        );
        assert_eq!((read.calls, read.covered), (1, 2));
        let mut count = Tally::new(Consumer::Count);
        count.take("session.start", 1, || None);
        count.take("assistant.message_delta", 9, || unreachable!("nobody reads it"));
        assert_eq!((count.calls, count.covered), (1, 9));
        assert_eq!(count.take("session.idle", 1, || None), Next::End);
        assert!(count.seconds() > 0.0);
    }

    #[test]
    fn a_slow_consumer_pauses_after_every_hundredth_event() {
        let mut slow = Tally::new(Consumer::Slow);
        let pauses =
            (0..1000).filter(|_| slow.take("assistant.message_delta", 1, || None) != Next::Go).count();
        assert_eq!(pauses, 10);
    }
}
