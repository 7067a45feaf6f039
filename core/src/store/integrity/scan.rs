//! What of an event log is whole, and what is not. Pure: bytes to ranges of bytes.
//!
//! What every [`Scan`] keeps:
//! - `kept` and the ranges of `damage` that were taken away are in order, do not overlap and cover every byte.
//! - A range of `kept` is whole lines, but that the last may want its line break.
//! - What is written from it ([`Scan::log`]) is a log without damage.

use std::collections::HashMap;
use std::ops::Range;

use memchr::{memchr, memmem};
use serde::Serialize;
use serde::de::IgnoredAny;
use uuid::Uuid;

use super::envelope::Envelope;

/// Looking for events inside of a damaged line reads at most this many times the line's length: text that was made to
/// look like the beginnings of many events costs no more.
const MAX_READS_OF_A_LINE: usize = 32;

/// What can be wrong with an event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DamageKind {
    /// The last line ends in its middle. It is taken away.
    Torn,
    /// Bytes that are zero, or a line with such bytes in it. They are taken away.
    NulBytes,
    /// A line that is not UTF-8. It is taken away.
    InvalidUtf8,
    /// A line that is not JSON. It is taken away.
    NotJson,
    /// JSON that is no event: it has no `type`, no `data`, no `timestamp`, or no UUIDs for `id` and `parentId`. It is taken
    /// away.
    NotAnEvent,
    /// A line that is there before, byte for byte. It is taken away.
    Duplicate,
    /// An event that begins in the middle of a line. It gets a line of its own.
    Fused,
    /// The last event has no line break. It gets one.
    Unterminated,
    /// The first event is not the `session.start` that the runtime demands. One is made.
    NoStart,
}

impl DamageKind {
    /// Whether a repair moves the bytes into the quarantine; else it only adds to the log.
    pub fn is_taken_away(self) -> bool {
        !matches!(self, DamageKind::Fused | DamageKind::Unterminated | DamageKind::NoStart)
    }

    /// Whether what is there is no event.
    fn is_no_event(self) -> bool {
        self.is_taken_away() && self != DamageKind::Duplicate
    }

    /// The word for it, as it is in JSON: `nul_bytes`.
    pub fn name(self) -> &'static str {
        match self {
            DamageKind::Torn => "torn",
            DamageKind::NulBytes => "nul_bytes",
            DamageKind::InvalidUtf8 => "invalid_utf8",
            DamageKind::NotJson => "not_json",
            DamageKind::NotAnEvent => "not_an_event",
            DamageKind::Duplicate => "duplicate",
            DamageKind::Fused => "fused",
            DamageKind::Unterminated => "unterminated",
            DamageKind::NoStart => "no_start",
        }
    }
}

/// One place of an event log that is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Damage {
    /// What is wrong.
    pub kind: DamageKind,
    /// The line, from 1.
    pub line: u64,
    /// Where it begins, in bytes from the log's start.
    pub offset: u64,
    /// How many bytes a repair takes away; 0 where it only adds something.
    pub bytes: u64,
}

impl Damage {
    /// The bytes that are taken away.
    pub(super) fn range(&self) -> Range<usize> {
        self.offset as usize..(self.offset + self.bytes) as usize
    }
}

/// What was found in a log.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Scan {
    /// What stays, in order. Ranges that touch are one, unless a line break belongs between them.
    pub(super) kept: Vec<Range<usize>>,
    /// What is wrong, in order.
    pub(super) damage: Vec<Damage>,
    /// How many events are whole.
    pub(super) events: u64,
}

impl Scan {
    pub(super) fn of(log: &[u8]) -> Self {
        let mut scanner =
            Scanner { log, line: 0, seen: HashMap::new(), has_start: None, scan: Scan::default() };
        let mut at = 0;
        while at < log.len() {
            let end = memchr(b'\n', &log[at..]).map_or(log.len(), |found| at + found + 1);
            scanner.line += 1;
            scanner.line(at..end);
            at = end;
        }
        let Scanner { has_start, mut scan, .. } = scanner;
        let unterminated =
            scan.kept.last().is_some_and(|kept| kept.end == log.len() && !log.ends_with(b"\n"));
        if unterminated {
            scan.damage.push(Damage {
                kind: DamageKind::Unterminated,
                line: scanner.line,
                offset: log.len() as u64,
                bytes: 0,
            });
        }
        if has_start == Some(false) {
            let kind = DamageKind::NoStart;
            scan.damage.insert(0, Damage { kind, line: 1, offset: 0, bytes: 0 });
        }
        scan
    }

    /// The whole events in order, each without what is around it, and how many places are no event. One that is there
    /// twice, byte for byte, is one.
    pub(super) fn whole<'a>(&self, log: &'a [u8]) -> (Vec<&'a str>, u64) {
        // A range is whole lines, or an event that shares its line: an event never has a line break in it.
        let lines = self.kept.iter().flat_map(|kept| log[kept.clone()].split(|&byte| byte == b'\n'));
        let texts = lines.map(trim).filter(|text| !text.is_empty());
        let whole = texts.filter_map(|text| std::str::from_utf8(text).ok()).collect();
        (whole, self.damage.iter().filter(|damage| damage.kind.is_no_event()).count() as u64)
    }

    /// The whole events, and where one is there twice, the second too; in no order.
    pub(super) fn every<'a>(&self, log: &'a [u8]) -> Vec<&'a str> {
        let again = self.damage.iter().filter(|damage| damage.kind == DamageKind::Duplicate);
        let again = again.filter_map(|damage| std::str::from_utf8(trim(&log[damage.range()])).ok());
        self.whole(log).0.into_iter().chain(again).collect()
    }

    /// Whether nothing is wrong.
    pub(super) fn is_healthy(&self) -> bool {
        self.damage.is_empty()
    }

    /// Whether the log wants a `session.start`.
    pub(super) fn lacks_start(&self) -> bool {
        self.damage.first().is_some_and(|first| first.kind == DamageKind::NoStart)
    }

    /// The log without its damage, behind `head`.
    pub(super) fn log(&self, log: &[u8], head: &[u8]) -> Vec<u8> {
        let length: usize = self.kept.iter().map(|kept| kept.len() + 1).sum();
        let mut repaired = Vec::with_capacity(head.len() + length);
        repaired.extend_from_slice(head);
        for kept in &self.kept {
            repaired.extend_from_slice(&log[kept.clone()]);
            if !repaired.ends_with(b"\n") {
                repaired.push(b'\n');
            }
        }
        repaired
    }
}

struct Scanner<'a> {
    log: &'a [u8],
    line: u64,
    /// Where the first event of each id is.
    seen: HashMap<Uuid, Range<usize>>,
    /// Whether the first event is a start; none before there is one.
    has_start: Option<bool>,
    scan: Scan,
}

/// What JSON takes for white space, without the line break. A byte order mark is that for every runtime.
fn trim(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    line.trim_ascii()
}

impl Scanner<'_> {
    fn line(&mut self, line: Range<usize>) {
        let text = trim(&self.log[line.clone()]);
        if text.is_empty() {
            // The runtimes pass over empty lines.
            return self.keep(line);
        }
        match std::str::from_utf8(text).ok().and_then(Envelope::of) {
            Some(envelope) => self.event(envelope, line),
            None => self.damaged_line(line),
        }
    }

    /// An event with what is around it: white space and the line break.
    fn event(&mut self, envelope: Envelope, range: Range<usize>) {
        if let Some(first) = self.seen.get(&envelope.id)
            && trim(&self.log[first.clone()]) == trim(&self.log[range.clone()])
        {
            return self.take_away(DamageKind::Duplicate, range);
        }
        // Another event of the same id is nothing that the runtimes mind.
        self.seen.entry(envelope.id).or_insert_with(|| range.clone());
        self.has_start.get_or_insert(envelope.is_start);
        self.scan.events += 1;
        self.keep(range);
    }

    /// Finds the whole events in a line that is not one: several in a row, or behind what was torn or zeroed.
    fn damaged_line(&mut self, line: Range<usize>) {
        let bytes = &self.log[line.clone()];
        let (mut done, mut look_at) = (0, 0);
        let mut reads = bytes.len().saturating_mul(MAX_READS_OF_A_LINE);
        while let Some(found) = memmem::find(&bytes[look_at..], b"{\"") {
            let start = look_at + found;
            look_at = start + 1;
            if !Envelope::may_start(&bytes[start..]) || is_inside_a_value(&bytes[done..start]) {
                continue;
            }
            // What stands at the begin of the line, or right behind an event, is in nothing else.
            let follows = trim(&bytes[done..start]).is_empty();
            match Envelope::at_start_of(&bytes[start..]) {
                Ok((envelope, length)) if follows || is_end_of_event(&bytes[start + length..]) => {
                    let end = start + length + spaces(&bytes[start + length..]);
                    let begin = if follows { done } else { start };
                    self.junk(line.start + done..line.start + begin);
                    if follows && done > 0 {
                        self.note(DamageKind::Fused, line.start + start);
                    }
                    self.event(envelope, line.start + begin..line.start + end);
                    (done, look_at) = (end, end);
                }
                Ok((_, read)) | Err(read) => reads = reads.saturating_sub(read + 1),
            }
            if reads == 0 {
                break;
            }
        }
        self.junk(line.start + done..line.end);
    }

    /// Bytes of a line that are no event.
    fn junk(&mut self, range: Range<usize>) {
        let bytes = &self.log[range.clone()];
        if bytes.is_empty() {
            return;
        }
        if trim(bytes).is_empty() {
            return self.keep(range);
        }
        let kind = if memchr(0, bytes).is_some() {
            DamageKind::NulBytes
        } else if range.end == self.log.len() && !bytes.ends_with(b"\n") {
            DamageKind::Torn
        } else if std::str::from_utf8(bytes).is_err() {
            DamageKind::InvalidUtf8
        } else if serde_json::from_slice::<IgnoredAny>(trim(bytes)).is_ok() {
            DamageKind::NotAnEvent
        } else {
            DamageKind::NotJson
        };
        self.take_away(kind, range);
    }

    fn take_away(&mut self, kind: DamageKind, range: Range<usize>) {
        let (offset, bytes) = (range.start as u64, range.len() as u64);
        self.scan.damage.push(Damage { kind, line: self.line, offset, bytes });
    }

    fn note(&mut self, kind: DamageKind, offset: usize) {
        self.scan.damage.push(Damage { kind, line: self.line, offset: offset as u64, bytes: 0 });
    }

    fn keep(&mut self, range: Range<usize>) {
        match self.scan.kept.last_mut() {
            Some(last) if last.end == range.start && self.log[..last.end].ends_with(b"\n") => {
                last.end = range.end
            }
            _ => self.scan.kept.push(range),
        }
    }
}

/// Whether what comes behind `torn` would be a part of it: a value of an object or list that was begun there.
fn is_inside_a_value(torn: &[u8]) -> bool {
    matches!(torn.trim_ascii_end().last(), Some(b':' | b',' | b'['))
}

/// Whether an event may end before these bytes of its line.
fn is_end_of_event(rest: &[u8]) -> bool {
    matches!(rest.get(spaces(rest)), None | Some(0 | b'{'))
}

/// How many bytes of white space these begin with, the line break included.
fn spaces(bytes: &[u8]) -> usize {
    bytes.len() - bytes.trim_ascii_start().len()
}

#[cfg(test)]
pub(super) mod tests;
