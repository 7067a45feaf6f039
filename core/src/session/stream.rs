//! Events as a stream: a subscriber's own cursor in the session's queue.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::core::SessionCore;
use super::queue::SubscriberId;
use crate::counters::add;
use crate::error::Error;
use crate::protocol::event::SessionEvent;

/// How many events one look into the queue takes. Small: what was taken is out of the queue's bound.
const BATCH: usize = 64;

/// The events of a session. Ends (`None`) when the session does. Cancel safe; dropped, it is unsubscribed.
pub struct EventStream {
    core: Arc<SessionCore>,
    id: SubscriberId,
    taken: VecDeque<SessionEvent>,
    batch: Vec<SessionEvent>,
}

impl EventStream {
    pub(crate) fn new(core: Arc<SessionCore>, from_seq: Option<u64>) -> Self {
        let id = core.subscribe(from_seq);
        EventStream { core, id, taken: VecDeque::new(), batch: Vec::new() }
    }

    /// The next event; `None` when the session has ended.
    pub async fn next(&mut self) -> Option<SessionEvent> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Up to `max` events that are there now, without waiting.
    pub fn take(&mut self, max: usize) -> Vec<SessionEvent> {
        self.take_within(max, usize::MAX)
    }

    /// As [`EventStream::take`], and of at most `max_bytes` bytes of JSON together; a first event is taken whatever its
    /// size. What is not taken stays in the session's queue, within its bound.
    pub fn take_within(&mut self, max: usize, max_bytes: usize) -> Vec<SessionEvent> {
        let mut out: Vec<SessionEvent> = Vec::new();
        let mut bytes = 0;
        while out.len() < max
            && let Some(event) = self.taken.front()
        {
            bytes += event.raw_json().len();
            if bytes > max_bytes && !out.is_empty() {
                return out;
            }
            out.extend(self.taken.pop_front());
        }
        let buffered = out.len();
        self.core.state().queue.take_within(
            self.id,
            max - buffered,
            max_bytes.saturating_sub(bytes),
            &mut out,
        );
        add(&self.core.counters.events_delivered, (out.len() - buffered) as u64);
        out
    }

    /// Ready when there is something to take, with `true`, or the session has ended and all was taken, with `false`.
    /// Else the waker is woken once that changes; it is woken under no lock.
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let mut state = self.core.state();
        if !self.taken.is_empty() || state.queue.has_events(self.id) {
            return Poll::Ready(true);
        }
        if state.queue.wait(self.id, cx.waker()) { Poll::Pending } else { Poll::Ready(false) }
    }

    /// Reports that a handler failed which is fed from this stream: it is counted, logged and told to `on_handler_error`, as
    /// one of [`Session::on`](super::Session::on) is.
    pub fn report_handler_error(&self, place: &str, error: Error) {
        self.core.report(place, error);
    }

    /// The id of the session; empty for a cloud session that is not bound yet.
    pub fn session_id(&self) -> &str {
        self.core.id()
    }
}

impl Stream for EventStream {
    type Item = SessionEvent;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<SessionEvent>> {
        let this = self.get_mut();
        if let Some(event) = this.taken.pop_front() {
            return Poll::Ready(Some(event));
        }
        let mut state = this.core.state();
        state.queue.take(this.id, BATCH, &mut this.batch);
        if this.batch.is_empty() {
            return if state.queue.wait(this.id, cx.waker()) { Poll::Pending } else { Poll::Ready(None) };
        }
        drop(state);
        add(&this.core.counters.events_delivered, this.batch.len() as u64);
        this.taken.extend(this.batch.drain(..));
        Poll::Ready(this.taken.pop_front())
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.core.state().queue.unsubscribe(self.id);
    }
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStream").field("session_id", &self.core.id()).finish_non_exhaustive()
    }
}
