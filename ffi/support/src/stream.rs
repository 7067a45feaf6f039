//! A cursor in a session's events, and its wake.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use codriver::{Error, EventStream, SessionEvent};

use crate::dispatcher::{Dispatcher, Message};
use crate::process::{Process, lock};

pub(crate) struct StreamState {
    pub(crate) id: u64,
    /// The client.
    pub(crate) owner: u64,
    /// `None` before the session is asked for, and after the close.
    stream: Mutex<Option<EventStream>>,
    waker: Waker,
}

/// What was taken; nothing before the session is asked for.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) events: Vec<SessionEvent>,
    /// Whether there is more, for which no wake comes.
    pub(crate) more: bool,
    /// Whether the session is over and all was taken.
    pub(crate) ended: bool,
}

/// Holds no stream: the queue it waits in would hold itself.
struct WakeUp {
    id: u64,
    dispatcher: Arc<Dispatcher>,
}

impl Wake for WakeUp {
    fn wake(self: Arc<Self>) {
        let _ = self.dispatcher.send(Message::Wake(self.id));
    }
}

impl StreamState {
    pub(crate) fn new(id: u64, owner: u64, dispatcher: Arc<Dispatcher>) -> Arc<Self> {
        let waker = Waker::from(Arc::new(WakeUp { id, dispatcher }));
        Arc::new(StreamState { id, owner, stream: Mutex::new(None), waker })
    }

    /// Takes over a stream, and wakes where it has something already.
    pub(crate) fn begin(&self, stream: EventStream) {
        let mut slot = lock(&self.stream);
        // Whoever takes after a wake must find it here.
        let ready = slot.insert(stream).poll_ready(&mut Context::from_waker(&self.waker));
        drop(slot);
        if ready.is_ready() {
            self.waker.wake_by_ref();
        }
    }

    pub(crate) fn take(&self, max: usize, max_bytes: usize) -> Taken {
        let mut slot = lock(&self.stream);
        let Some(stream) = &mut *slot else { return Taken::default() };
        let events = stream.take_within(max, max_bytes);
        let ready = stream.poll_ready(&mut Context::from_waker(&self.waker));
        drop(slot);
        let (more, ended) = (ready == Poll::Ready(true), ready == Poll::Ready(false));
        Taken { events, more, ended }
    }

    /// Reports that what is fed from here failed; `false` where nothing is.
    pub(crate) fn report_handler_error(&self, place: &str, error: Error) -> bool {
        match &*lock(&self.stream) {
            Some(stream) => {
                stream.report_handler_error(place, error);
                true
            }
            None => false,
        }
    }

    pub(crate) fn close(&self) {
        Process::current().remove(self.id);
        self.end();
    }

    /// Unsubscribes.
    pub(crate) fn end(&self) {
        let stream = lock(&self.stream).take();
        drop(stream);
    }
}
