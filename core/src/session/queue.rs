//! The event queue of one session, pure: bounded in bytes, lossless until it cannot be, without holes (DESIGN I13, I14).
//!
//! One log, many cursors. Every event is held once; each subscriber has a position in the log. What all have read stays
//! for late subscribers until it is over `replay_max_bytes`. When what somebody has *not* read is over `max_bytes`:
//!
//! 1. runs of streamed deltas of one message become one delta with the whole content;
//! 2. if that is not enough, ephemeral events, oldest first, are replaced by one `codriver.events_lost` per run.
//!
//! Nothing is ever changed across a cursor, so a subscriber that keeps up sees every single event, whatever a slow one
//! does. Events that are not ephemeral are never dropped: with only such events the log grows over its bound.

use std::collections::{HashMap, VecDeque};
use std::task::Waker;

use super::merge;
use crate::protocol::event::SessionEvent;

/// The bounds of a queue, in bytes of event JSON plus a small fixed cost each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueueLimits {
    pub(crate) max_bytes: usize,
    pub(crate) replay_max_bytes: usize,
}

/// What the queue has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct QueueCounters {
    pub(crate) received: u64,
    pub(crate) merged: u64,
    pub(crate) lost: u64,
}

/// Names a subscriber of one queue; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SubscriberId(u64);

#[derive(Debug)]
pub(crate) struct EventQueue {
    limits: QueueLimits,
    log: VecDeque<SessionEvent>,
    /// Position of the first entry of `log`, counted over the queue's life.
    base: u64,
    /// Position of the first entry that somebody has not read.
    head: u64,
    next_seq: u64,
    /// Weight of the entries before and from `head`.
    read_bytes: usize,
    unread_bytes: usize,
    /// Unread weight at which to compact next; above `max_bytes` when nothing more could be given up.
    compact_at: usize,
    cursors: HashMap<SubscriberId, Cursor>,
    next_subscriber: u64,
    counters: QueueCounters,
    closed: bool,
}

#[derive(Debug)]
struct Cursor {
    position: u64,
    waker: Option<Waker>,
}

/// The cost of holding an event: its bytes and its record.
fn weight(event: &SessionEvent) -> usize {
    event.raw_json().len() + size_of::<SessionEvent>()
}

impl EventQueue {
    pub(crate) fn new(limits: QueueLimits) -> Self {
        EventQueue {
            limits,
            log: VecDeque::new(),
            base: 0,
            head: 0,
            next_seq: 1,
            read_bytes: 0,
            unread_bytes: 0,
            compact_at: limits.max_bytes,
            cursors: HashMap::new(),
            next_subscriber: 1,
            counters: QueueCounters::default(),
            closed: false,
        }
    }

    /// Appends an event and stamps its sequence number.
    pub(crate) fn push(&mut self, event: SessionEvent) {
        let event = event.with_seq(self.next_seq);
        self.next_seq += 1;
        self.counters.received += 1;
        self.unread_bytes += weight(&event);
        self.log.push_back(event);
        if self.cursors.is_empty() {
            self.advance_head();
        } else if self.unread_bytes > self.compact_at {
            self.compact();
        }
    }

    /// Adds a subscriber: from now, or from the oldest entry that covers `from_seq` or comes after it.
    pub(crate) fn subscribe(&mut self, from_seq: Option<u64>) -> SubscriberId {
        let position = match from_seq {
            None => self.end(),
            Some(seq) => self.base + self.log.partition_point(|event| event.seq() < seq) as u64,
        };
        let id = SubscriberId(self.next_subscriber);
        self.next_subscriber += 1;
        self.cursors.insert(id, Cursor { position, waker: None });
        self.rewind_head(position);
        id
    }

    /// Removes a subscriber; what only it had not read is given up.
    pub(crate) fn unsubscribe(&mut self, id: SubscriberId) {
        self.cursors.remove(&id);
        self.advance_head();
    }

    /// Moves up to `max` events of a subscriber into `out`; says how many.
    pub(crate) fn take(&mut self, id: SubscriberId, max: usize, out: &mut Vec<SessionEvent>) -> usize {
        let Some(cursor) = self.cursors.get_mut(&id) else { return 0 };
        let start = (cursor.position - self.base) as usize;
        let count = max.min(self.log.len() - start);
        out.extend(self.log.range(start..start + count).cloned());
        cursor.position += count as u64;
        if count > 0 {
            self.advance_head();
        }
        count
    }

    /// As [`EventQueue::take`], of at most `max_bytes` of event JSON; where `out` is empty, a first event is moved whatever
    /// its size.
    pub(crate) fn take_within(
        &mut self,
        id: SubscriberId,
        max: usize,
        max_bytes: usize,
        out: &mut Vec<SessionEvent>,
    ) -> usize {
        let Some(cursor) = self.cursors.get(&id) else { return 0 };
        let start = (cursor.position - self.base) as usize;
        let mut bytes = 0;
        let fits = |event: &&SessionEvent| {
            bytes += event.raw_json().len();
            bytes <= max_bytes
        };
        let fitting = self.log.range(start..).take(max).take_while(fits).count();
        let at_least = if out.is_empty() { max.min(1) } else { 0 };
        self.take(id, fitting.max(at_least), out)
    }

    /// Leaves a waker for the next event, unless there is one already or the queue is closed: then `false`.
    pub(crate) fn wait(&mut self, id: SubscriberId, waker: &Waker) -> bool {
        let end = self.end();
        match self.cursors.get_mut(&id) {
            Some(cursor) if cursor.position == end && !self.closed => {
                cursor.waker = Some(waker.clone());
                true
            }
            _ => false,
        }
    }

    /// Whether a subscriber has something to read.
    pub(crate) fn has_events(&self, id: SubscriberId) -> bool {
        self.cursors.get(&id).is_some_and(|cursor| cursor.position < self.end())
    }

    /// Takes the wakers of all that wait and have something to read now (all of them, once closed).
    pub(crate) fn take_wakers(&mut self, out: &mut Vec<Waker>) {
        let end = self.end();
        let ready = |cursor: &&mut Cursor| cursor.position < end || self.closed;
        out.extend(self.cursors.values_mut().filter(ready).filter_map(|cursor| cursor.waker.take()));
    }

    /// No event comes any more; what is there can still be read.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(crate) fn counters(&self) -> QueueCounters {
        self.counters
    }

    /// The sequence number the next event gets.
    pub(crate) fn next_seq(&self) -> u64 {
        self.next_seq
    }

    fn end(&self) -> u64 {
        self.base + self.log.len() as u64
    }

    /// Moves `head` to the slowest cursor, then forgets what is over the replay bound.
    fn advance_head(&mut self) {
        let slowest = self.cursors.values().map(|cursor| cursor.position).min().unwrap_or(self.end());
        while self.head < slowest {
            let weight = weight(&self.log[(self.head - self.base) as usize]);
            self.read_bytes += weight;
            self.unread_bytes -= weight;
            self.head += 1;
        }
        while self.read_bytes > self.limits.replay_max_bytes
            && let Some(oldest) = self.log.pop_front()
        {
            self.read_bytes -= weight(&oldest);
            self.base += 1;
        }
        if self.unread_bytes <= self.limits.max_bytes {
            self.compact_at = self.limits.max_bytes;
        }
    }

    /// A subscriber began before `head`: what it has not read is unread again.
    fn rewind_head(&mut self, position: u64) {
        while self.head > position {
            self.head -= 1;
            let weight = weight(&self.log[(self.head - self.base) as usize]);
            self.read_bytes -= weight;
            self.unread_bytes += weight;
        }
    }

    /// Gives up what may be given up, between any two cursors apart, until a quarter of the bound is free.
    fn compact(&mut self) {
        let goal = self.limits.max_bytes / 4 * 3;
        let unread: Vec<SessionEvent> = self.log.drain((self.head - self.base) as usize..).collect();
        let mut cuts: Vec<u64> = self.cursors.values().map(|cursor| cursor.position).collect();
        cuts.push(self.head + unread.len() as u64);
        cuts.sort_unstable();
        cuts.dedup();

        let mut segments = split(unread, self.head, &cuts);
        for segment in &mut segments {
            self.counters.merged += merge::deltas(segment);
        }
        let mut total: usize = segments.iter().flatten().map(weight).sum();
        for segment in &mut segments {
            if total <= goal {
                break;
            }
            let before: usize = segment.iter().map(weight).sum();
            self.counters.lost += merge::drop_ephemeral(segment, total - goal, weight);
            total = total - before + segment.iter().map(weight).sum::<usize>();
        }

        // Every cursor stood at a cut; it stands at the same cut again.
        let mut moved = HashMap::new();
        let mut position = self.head;
        moved.insert(self.head, self.head);
        for (segment, cut) in segments.into_iter().zip(cuts.into_iter().filter(|cut| *cut > self.head)) {
            position += segment.len() as u64;
            moved.insert(cut, position);
            self.log.extend(segment);
        }
        for cursor in self.cursors.values_mut() {
            cursor.position = moved[&cursor.position];
        }
        self.unread_bytes = total;
        // Where only events that must stay are left, look again only after the log has grown by a quarter.
        self.compact_at = self.limits.max_bytes.max(total / 4 * 5);
    }
}

/// Cuts `events`, the first of which has position `start`, at each position of `cuts` (sorted) behind `start`.
fn split(events: Vec<SessionEvent>, start: u64, cuts: &[u64]) -> Vec<Vec<SessionEvent>> {
    let mut rest = events.into_iter();
    let mut at = start;
    let mut segments = Vec::new();
    for cut in cuts.iter().filter(|cut| **cut > start) {
        segments.push(rest.by_ref().take((cut - at) as usize).collect());
        at = *cut;
    }
    segments
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
