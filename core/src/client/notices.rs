//! What a client tells about itself: state, lifecycle of sessions, notifications without a name here.
//!
//! Told in order, on a thread of tokio's blocking pool that exists only while there is something to tell. A handler that
//! hangs cannot grow the queue without bound: from 4,096 notices on, `session.updated` ones, which repeat, are left out.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::lock;
use crate::protocol::lifecycle::{SessionLifecycleEvent, SessionLifecycleKind};
use crate::session::Registration;

const MANY: usize = 4096;

/// Whether a client is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ConnectionState {
    /// Not connected: never yet, or stopped.
    Disconnected,
    /// Starting the runtime, or shaking hands.
    Connecting,
    /// Connected.
    Connected,
    /// The start failed, or the runtime was lost. [`Client::connect`](crate::Client::connect) may be tried again.
    Error,
}

impl ConnectionState {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            ConnectionState::Disconnected => "disconnected",
            ConnectionState::Connecting => "connecting",
            ConnectionState::Connected => "connected",
            ConnectionState::Error => "error",
        }
    }
}

/// A notification of the runtime that this library has no name for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Notification {
    /// The method, e.g. `host.event`.
    pub method: String,
    params: Bytes,
}

impl Notification {
    /// The parameters as JSON text, as they came.
    pub fn params_json(&self) -> &str {
        std::str::from_utf8(&self.params).unwrap_or("null")
    }
}

type StateHandler = Arc<dyn Fn(ConnectionState) + Send + Sync>;
type LifecycleHandler = Arc<dyn Fn(&SessionLifecycleEvent) + Send + Sync>;
type NotificationHandler = Arc<dyn Fn(&Notification) + Send + Sync>;

pub(crate) struct Notices(Mutex<Inner>);

struct Inner {
    current: ConnectionState,
    handlers: Vec<(Handler, Arc<AtomicBool>)>,
    queue: VecDeque<Notice>,
    running: bool,
}

#[derive(Clone)]
enum Handler {
    State(StateHandler),
    Lifecycle(LifecycleHandler),
    Notification(NotificationHandler),
}

enum Notice {
    State(ConnectionState),
    Lifecycle(Box<SessionLifecycleEvent>),
    Notification(Notification),
}

impl Notices {
    pub(crate) fn new() -> Arc<Self> {
        let inner = Inner {
            current: ConnectionState::Disconnected,
            handlers: Vec::new(),
            queue: VecDeque::new(),
            running: false,
        };
        Arc::new(Notices(Mutex::new(inner)))
    }

    pub(crate) fn current(&self) -> ConnectionState {
        lock(&self.0).current
    }

    pub(crate) fn on_state(&self, handler: StateHandler) -> Registration {
        self.add(Handler::State(handler))
    }

    pub(crate) fn on_lifecycle(&self, handler: LifecycleHandler) -> Registration {
        self.add(Handler::Lifecycle(handler))
    }

    pub(crate) fn on_notification(&self, handler: NotificationHandler) -> Registration {
        self.add(Handler::Notification(handler))
    }

    fn add(&self, handler: Handler) -> Registration {
        let active = Arc::new(AtomicBool::new(true));
        let mut inner = lock(&self.0);
        inner.handlers.retain(|(_, active)| active.load(Ordering::Acquire));
        inner.handlers.push((handler, active.clone()));
        Registration::new(active)
    }

    /// Changes the state; told only where it is another one.
    pub(crate) fn state(self: &Arc<Self>, state: ConnectionState) {
        let changed = std::mem::replace(&mut lock(&self.0).current, state) != state;
        if changed {
            self.tell(Notice::State(state));
        }
    }

    pub(crate) fn lifecycle(self: &Arc<Self>, event: SessionLifecycleEvent) {
        self.tell(Notice::Lifecycle(Box::new(event)));
    }

    pub(crate) fn notification(self: &Arc<Self>, method: &str, params: Bytes) {
        self.tell(Notice::Notification(Notification { method: method.to_owned(), params }));
    }

    fn tell(self: &Arc<Self>, notice: Notice) {
        let mut inner = lock(&self.0);
        if inner.handlers.is_empty() || (inner.queue.len() >= MANY && notice.repeats()) {
            return;
        }
        inner.queue.push_back(notice);
        if !std::mem::replace(&mut inner.running, true) {
            drop(inner);
            let notices = self.clone();
            tokio::task::spawn_blocking(move || notices.run());
        }
    }

    fn run(&self) {
        loop {
            let (notice, handlers) = {
                let mut inner = lock(&self.0);
                let Some(notice) = inner.queue.pop_front() else {
                    inner.running = false;
                    return;
                };
                (notice, inner.handlers.clone())
            };
            for (handler, _) in handlers.iter().filter(|(_, active)| active.load(Ordering::Acquire)) {
                if catch_unwind(AssertUnwindSafe(|| handler.call(&notice))).is_err() {
                    tracing::warn!("a handler of the client's notices panicked");
                }
            }
        }
    }
}

impl Handler {
    fn call(&self, notice: &Notice) {
        match (self, notice) {
            (Handler::State(handler), Notice::State(state)) => handler(*state),
            (Handler::Lifecycle(handler), Notice::Lifecycle(event)) => handler(event),
            (Handler::Notification(handler), Notice::Notification(notification)) => handler(notification),
            _ => {}
        }
    }
}

impl Notice {
    fn repeats(&self) -> bool {
        matches!(self, Notice::Lifecycle(event) if event.kind == SessionLifecycleKind::Updated)
    }
}
