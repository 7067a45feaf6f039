//! Events as a stream: a subscriber's own cursor in the session's queue.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::core::SessionCore;
use super::queue::SubscriberId;
use crate::counters::add;
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
        let mut out: Vec<SessionEvent> = self.taken.drain(..max.min(self.taken.len())).collect();
        let buffered = out.len();
        let room = max - buffered;
        self.core.state().queue.take(self.id, room, &mut out);
        add(&self.core.counters.events_delivered, (out.len() - buffered) as u64);
        out
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
