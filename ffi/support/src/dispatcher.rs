//! The one thread that calls foreign code for a client (DESIGN I26).

use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use codriver::{Error, ErrorKind, Result};

use crate::callbacks::{Callbacks, FsRequest, Request};
use crate::error::invalid;
use crate::process::Process;

/// Who calls the callbacks of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispatch {
    /// A thread of its own, `codriver-callbacks`.
    Thread,
    /// Whoever is in [`Client::wait`](crate::Client::wait), for programs with a loop of their own.
    Wait,
}

/// Something to tell foreign code.
pub(crate) enum Message {
    Wake(u64),
    Request(Request),
    Fs(FsRequest),
    Cancel(u64),
    /// The completion of an operation.
    Completed(Box<dyn FnOnce() + Send>),
}

pub(crate) struct Dispatcher {
    dispatch: Dispatch,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    queue: VecDeque<Message>,
    /// `None` while somebody calls them, and when they are destroyed.
    callbacks: Option<Box<dyn Callbacks>>,
    closed: bool,
}

thread_local! {
    static CALLS_BACK: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is within a callback, and so must not wait for what other callbacks tell.
pub(crate) fn calls_back() -> bool {
    CALLS_BACK.get()
}

impl Dispatcher {
    /// Has no thread yet: closed before [`start`](Dispatcher::start), it destroys the callbacks where `close` is called.
    pub(crate) fn new(dispatch: Dispatch, callbacks: Box<dyn Callbacks>) -> Arc<Self> {
        let state = State { queue: VecDeque::new(), callbacks: Some(callbacks), closed: false };
        Arc::new(Dispatcher { dispatch, state: Mutex::new(state), changed: Condvar::new() })
    }

    /// Begins to call back, once.
    ///
    /// # Errors
    /// `INTERNAL` where no thread can be had; then the callbacks are destroyed here.
    pub(crate) fn start(self: &Arc<Self>, process: &Process) -> Result<()> {
        if self.dispatch == Dispatch::Wait {
            return Ok(());
        }
        let Some(callbacks) = self.state().callbacks.take() else { return Ok(()) };
        let own = self.clone();
        process.spawn_thread("codriver-callbacks", move || own.serve(callbacks))
    }

    /// Tells foreign code something, soon. It comes back where nothing is told any more.
    pub(crate) fn send(&self, message: Message) -> std::result::Result<(), Message> {
        let mut state = self.state();
        if state.closed {
            return Err(message);
        }
        state.queue.push_back(message);
        let first = state.queue.len() == 1;
        drop(state);
        if first {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// What was sent is still told, then the callbacks are destroyed.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let idle = state.callbacks.take();
        let left = std::mem::take(&mut state.queue);
        if idle.is_none() {
            // The thread, or whoever waits, sees to it.
            state.queue = left;
            drop(state);
            return self.changed.notify_one();
        }
        drop(state);
        if let Some(callbacks) = idle {
            deliver(&*callbacks, left);
            destroy(callbacks);
        }
    }

    /// Calls back on this thread: what there is, or what comes first within `timeout`. Says how much it was.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where the client has a thread for that, `WOULD_DEADLOCK` within a callback or where another
    /// thread waits, `CLOSED`.
    pub(crate) fn wait(&self, timeout: Duration) -> Result<usize> {
        if self.dispatch == Dispatch::Thread {
            let text = "the client calls back on a thread of its own; make it for waiting to call `wait`";
            return Err(invalid(text));
        }
        let deadline = Instant::now().checked_add(timeout);
        let mut state = self.state();
        let Some(callbacks) = state.callbacks.take() else {
            return Err(match state.closed {
                true => Error::new(ErrorKind::Closed, "the client was closed"),
                false => Error::new(ErrorKind::WouldDeadlock, "another `wait` of this client is under way"),
            });
        };
        while state.queue.is_empty() && !state.closed {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                break;
            }
            let left = left.unwrap_or(Duration::from_secs(3600));
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let messages = std::mem::take(&mut state.queue);
        drop(state);
        let mut count = deliver(&*callbacks, messages);
        let mut state = self.state();
        if !state.closed {
            state.callbacks = Some(callbacks);
            return Ok(count);
        }
        let last = std::mem::take(&mut state.queue);
        drop(state);
        count += deliver(&*callbacks, last);
        destroy(callbacks);
        Ok(count)
    }

    fn serve(&self, callbacks: Box<dyn Callbacks>) {
        loop {
            let mut state = self.state();
            while state.queue.is_empty() && !state.closed {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let messages = std::mem::take(&mut state.queue);
            let last = state.closed && messages.is_empty();
            drop(state);
            if last {
                return destroy(callbacks);
            }
            deliver(&*callbacks, messages);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn deliver(callbacks: &dyn Callbacks, messages: VecDeque<Message>) -> usize {
    let count = messages.len();
    for message in messages {
        call(|| match message {
            Message::Wake(id) => callbacks.wake(id),
            Message::Request(request) => callbacks.request(request),
            Message::Fs(request) => callbacks.fs_request(request),
            Message::Cancel(call_id) => callbacks.cancel(call_id),
            Message::Completed(complete) => complete(),
        });
    }
    count
}

fn destroy(callbacks: Box<dyn Callbacks>) {
    call(|| drop(callbacks));
}

/// Foreign code runs; a panic of its adapter ends nothing.
fn call(work: impl FnOnce()) {
    let before = CALLS_BACK.replace(true);
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        tracing::error!("a callback panicked");
    }
    CALLS_BACK.set(before);
}
