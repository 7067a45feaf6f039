//! Calls that take time: completed by a callback, or waited for.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use codriver::{Error, ErrorKind, Result};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::dispatcher::{Dispatcher, Message, calls_back};
use crate::gate::panicked;
use crate::process::{Object, Process, lock};
use crate::sigpipe;

/// Gets what an operation gives, once; called where the callbacks are, and before they are destroyed. A store has a thread of
/// its own for them, which has the same name.
pub type Completion = Box<dyn FnOnce(Result<String>) + Send>;

/// What runs the operations of a client or store.
#[derive(Clone)]
pub(crate) struct Runner {
    pub(crate) owner: u64,
    pub(crate) runtime: Handle,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) tracker: TaskTracker,
    /// Held while an operation begins.
    turn: Arc<Mutex<()>>,
    closed: Arc<RwLock<bool>>,
}

impl Runner {
    pub(crate) fn new(owner: u64, runtime: Handle, dispatcher: Arc<Dispatcher>) -> Self {
        let (tracker, turn, closed) = (TaskTracker::new(), Arc::default(), Arc::default());
        Runner { owner, runtime, dispatcher, tracker, turn, closed }
    }

    /// Adds something that belongs to the client or store. What was let in before [`close`](Runner::close) is there for
    /// whoever ends it; nothing comes after.
    ///
    /// # Errors
    /// `BAD_HANDLE` once it is closed.
    pub(crate) fn admit<T>(&self, add: impl FnOnce() -> T) -> Result<T> {
        let closed = self.closed.read().unwrap_or_else(PoisonError::into_inner);
        match *closed {
            true => Err(Error::new(ErrorKind::BadHandle, format!("{} was closed", self.owner))),
            false => Ok(add()),
        }
    }

    /// Polls once, in its turn, and then on the runtime: here where that is safe, else all of it there.
    fn begin(&self, mut task: Pin<Box<dyn Future<Output = ()> + Send>>) {
        let _context = self.runtime.enter();
        let turn = lock(&self.turn);
        let first = sigpipe::hold(|| task.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        match first.ok() {
            Some(Poll::Ready(())) => {}
            // It is polled again at once there, so no wake is missed.
            Some(Poll::Pending) => drop(self.runtime.spawn(task)),
            None => {
                let (begun, there) = mpsc::channel::<()>();
                let mut begun = Some(begun);
                self.runtime.spawn(poll_fn(move |cx| {
                    let polled = task.as_mut().poll(cx);
                    begun.take();
                    polled
                }));
                // Nobody sends; it ends with the first poll.
                let _ = there.recv();
            }
        }
        drop(turn);
    }

    pub(crate) fn close(&self) {
        *self.closed.write().unwrap_or_else(PoisonError::into_inner) = true;
    }
}

/// Something that takes time and has not begun. What it gives is JSON.
#[must_use = "it has not begun"]
pub struct Operation {
    runner: Runner,
    future: Pin<Box<dyn Future<Output = Result<String>> + Send>>,
}

impl Operation {
    pub(crate) fn new(
        runner: &Runner,
        future: impl Future<Output = Result<String>> + Send + 'static,
    ) -> Self {
        Operation { runner: runner.clone(), future: Box::pin(future) }
    }

    /// Begins. The id is for [`cancel`] until it is over, and without a completion for [`wait`].
    ///
    /// Operations of one client begin in the order of the calls. What can be done without waiting is done here, on the
    /// caller's thread: a request is on its way to the runtime before another thread has woken up. The rest follows on
    /// Codriver's threads.
    ///
    /// # Errors
    /// `BAD_HANDLE` where its client or store was closed meanwhile: nothing begins, and the completion is not called.
    pub fn start(self, completion: Option<Completion>) -> Result<u64> {
        let Operation { runner, mut future } = self;
        let process = Process::current();
        let id = process.new_id();
        let state = Arc::new(OperationState {
            owner: runner.owner,
            cancelled: CancellationToken::new(),
            outcome: Mutex::new(None),
            ended: Condvar::new(),
        });
        // Whoever closes the client finds the operation, and waits until its token is dropped.
        let token = runner.admit(|| {
            process.insert(id, Object::Operation(state.clone()));
            runner.tracker.token()
        })?;
        let dispatcher = runner.dispatcher.clone();
        let task = async move {
            let guarded = poll_fn(|cx| {
                let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
                polled.unwrap_or_else(|panic| Poll::Ready(Err(panicked(&*panic))))
            });
            let outcome = state.cancelled.run_until_cancelled(guarded).await;
            // Before it is told, or what it holds would outlive it.
            drop(future);
            let cancelled = || Err(Error::new(ErrorKind::Cancelled, "the operation was cancelled"));
            state.end(id, outcome.unwrap_or_else(cancelled), completion, &dispatcher);
            drop(token);
        };
        runner.begin(Box::pin(task));
        Ok(id)
    }
}

/// An operation that was started.
pub(crate) struct OperationState {
    pub(crate) owner: u64,
    cancelled: CancellationToken,
    /// Where there is no completion: what it gave.
    outcome: Mutex<Option<Result<String>>>,
    ended: Condvar,
}

impl OperationState {
    pub(crate) fn cancel(&self) {
        self.cancelled.cancel();
    }

    /// Tells what it gave.
    fn end(&self, id: u64, outcome: Result<String>, completion: Option<Completion>, dispatcher: &Dispatcher) {
        let Some(complete) = completion else {
            *lock(&self.outcome) = Some(outcome);
            return self.ended.notify_all();
        };
        Process::current().remove(id);
        // The callbacks are destroyed when all that was let in is over.
        if dispatcher.send(Message::Completed(Box::new(move || complete(outcome)))).is_err() {
            tracing::error!("an operation ended after its client");
        }
    }
}

/// Cancels an operation, which then ends with `CANCELLED`, unless it is over already.
///
/// # Errors
/// `BAD_HANDLE` where it is over and was told so; `FORKED`.
pub fn cancel(id: u64) -> Result<()> {
    Process::current().operation(id).map(|operation| operation.cancel())
}

/// Waits for an operation that has no completion, at most `timeout`, and gives what it gave. Then its id is over.
///
/// # Errors
/// Those of the operation; `TIMEOUT` where it is still running: it goes on, wait again or [`cancel`] it. `WOULD_DEADLOCK`
/// within a callback, `BAD_HANDLE`, `FORKED`.
pub fn wait(id: u64, timeout: Duration) -> Result<String> {
    if calls_back() {
        let text = "a callback must not wait: it holds up all others; start the operation with a completion";
        return Err(Error::new(ErrorKind::WouldDeadlock, text));
    }
    let process = Process::current();
    let operation = process.operation(id)?;
    let deadline = Instant::now().checked_add(timeout);
    let mut slot = lock(&operation.outcome);
    loop {
        if let Some(outcome) = slot.take() {
            drop(slot);
            process.remove(id);
            return outcome;
        }
        let left = deadline.map_or(timeout, |deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            return Err(Error::new(ErrorKind::Timeout, format!("operation {id} still runs")));
        }
        slot = operation.ended.wait_timeout(slot, left).unwrap_or_else(PoisonError::into_inner).0;
    }
}
