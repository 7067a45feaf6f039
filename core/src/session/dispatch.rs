//! Calls the event handlers of one session: in order of registration, one event at a time, on a thread that may block.
//!
//! While there are events one task of tokio's blocking pool works them off; an idle session has none. So a handler that
//! is slow or hangs holds up its own session's handlers and nobody else (DESIGN I1, I15).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::core::SessionCore;
use super::handlers::EventHandler;
use super::queue::SubscriberId;
use crate::counters::add;
use crate::error::{Error, ErrorKind};
use crate::protocol::event::SessionEvent;

/// How many events one look into the queue takes.
const BATCH: usize = 512;

/// The handlers of a session, and where they are in its queue. Part of the session's state.
#[derive(Default)]
pub(crate) struct Dispatcher {
    pub(crate) handlers: Arc<Vec<Registered>>,
    /// The handlers' common cursor; there from the first handler on.
    pub(crate) subscriber: Option<SubscriberId>,
    pub(crate) running: bool,
}

/// A handler and the first event it gets.
#[derive(Clone)]
pub(crate) struct Registered {
    handler: EventHandler,
    from_seq: u64,
    active: Arc<AtomicBool>,
}

impl Dispatcher {
    /// Adds a handler for events from `from_seq` on; the flag switches it off.
    pub(crate) fn add(&mut self, handler: EventHandler, from_seq: u64) -> Arc<AtomicBool> {
        let active = Arc::new(AtomicBool::new(true));
        let mut handlers: Vec<Registered> =
            self.handlers.iter().filter(|known| known.active.load(Ordering::Acquire)).cloned().collect();
        handlers.push(Registered { handler, from_seq, active: active.clone() });
        self.handlers = Arc::new(handlers);
        active
    }
}

/// Works off the queue until it is empty. `running` was set by whoever started this.
pub(crate) fn run(core: Arc<SessionCore>) {
    let mut batch = Vec::new();
    loop {
        let handlers = {
            let mut state = core.state();
            let taken = match state.dispatcher.subscriber {
                Some(subscriber) => state.queue.take(subscriber, BATCH, &mut batch),
                None => 0,
            };
            if taken == 0 {
                state.dispatcher.running = false;
                return;
            }
            state.dispatcher.handlers.clone()
        };
        add(&core.counters.events_delivered, batch.len() as u64);
        for event in batch.drain(..) {
            for registered in handlers.iter() {
                call(&core, registered, &event);
            }
        }
    }
}

fn call(core: &SessionCore, registered: &Registered, event: &SessionEvent) {
    if event.seq() < registered.from_seq || !registered.active.load(Ordering::Acquire) {
        return;
    }
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (registered.handler)(event))) {
        let text = format!("an event handler panicked at `{}`: {}", event.event_type(), panic_text(&*panic));
        core.report("on_event", Error::new(ErrorKind::Internal, text));
    }
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}

/// A handler's registration. Dropped, the handler stays; [`Registration::cancel`] ends it.
#[derive(Debug, Clone)]
pub struct Registration {
    active: Arc<AtomicBool>,
}

impl Registration {
    pub(crate) fn new(active: Arc<AtomicBool>) -> Self {
        Registration { active }
    }

    /// The handler is not called again; a call that runs now ends by itself.
    pub fn cancel(&self) {
        self.active.store(false, Ordering::Release);
    }
}
