//! Calls that take time: awaited, completed by a callback, or waited for.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use codriver::{Error, ErrorKind, Result};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinError, JoinHandle};
use tokio_util::task::TaskTracker;

use crate::dispatcher::{Dispatcher, Message, calls_back};
use crate::gate::panicked;
use crate::process::{Object, Process, lock};

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
    /// Ends when the operation that was asked for last has begun.
    order: Arc<Mutex<Option<oneshot::Receiver<()>>>>,
    closed: Arc<RwLock<bool>>,
}

impl Runner {
    pub(crate) fn new(owner: u64, runtime: Handle, dispatcher: Arc<Dispatcher>) -> Self {
        let (tracker, order, closed) = (TaskTracker::new(), Arc::default(), Arc::default());
        Runner { owner, runtime, dispatcher, tracker, order, closed }
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

    pub(crate) fn close(&self) {
        *self.closed.write().unwrap_or_else(PoisonError::into_inner) = true;
    }
}

/// Something that takes time and has not begun. What it gives is JSON.
///
/// Await it on any executor ([`IntoFuture`]): it runs on Codriver's threads, and is cancelled where the future is dropped.
/// Or [`start`](Operation::start) it.
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

    /// Spawns it. Operations of one client begin in the order of the calls: each is polled once before the next.
    fn spawn(self) -> JoinHandle<Result<String>> {
        let Operation { runner, mut future } = self;
        let (begun, next) = oneshot::channel::<()>();
        let before = lock(&runner.order).replace(next);
        runner.runtime.spawn(async move {
            if let Some(before) = before {
                let _ = before.await;
            }
            let first = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await;
            drop(begun);
            match first {
                Poll::Ready(outcome) => outcome,
                Poll::Pending => future.await,
            }
        })
    }

    /// Begins. The id is for [`cancel`] until it is over, and without a completion for [`wait`].
    ///
    /// # Errors
    /// `BAD_HANDLE` where its client or store was closed meanwhile: nothing begins, and the completion is not called.
    pub fn start(self, completion: Option<Completion>) -> Result<u64> {
        let runner = self.runner.clone();
        runner.admit(|| self.begin(&runner, completion))
    }

    fn begin(self, runner: &Runner, completion: Option<Completion>) -> u64 {
        let process = Process::current();
        let id = process.new_id();
        let task = self.spawn();
        let state = Arc::new(OperationState {
            owner: runner.owner,
            abort: task.abort_handle(),
            outcome: Mutex::new(None),
            ended: Condvar::new(),
        });
        process.insert(id, Object::Operation(state.clone()));
        let dispatcher = runner.dispatcher.clone();
        runner.tracker.spawn_on(
            async move {
                let outcome = outcome(task.await);
                match completion {
                    Some(complete) => {
                        process.remove(id);
                        let message = Message::Completed(Box::new(move || complete(outcome)));
                        // The callbacks are destroyed when all that was let in is over.
                        if dispatcher.send(message).is_err() {
                            tracing::error!("an operation ended after its client");
                        }
                    }
                    None => {
                        *lock(&state.outcome) = Some(outcome);
                        state.ended.notify_all();
                    }
                }
            },
            &runner.runtime,
        );
        id
    }
}

impl IntoFuture for Operation {
    type Output = Result<String>;
    type IntoFuture = Running;

    fn into_future(self) -> Running {
        Running(self.spawn())
    }
}

/// An operation that runs; dropped, it is cancelled.
#[must_use = "dropped, it is cancelled"]
pub struct Running(JoinHandle<Result<String>>);

impl Future for Running {
    type Output = Result<String>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<String>> {
        Pin::new(&mut self.0).poll(cx).map(outcome)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn outcome(joined: Result<Result<String>, JoinError>) -> Result<String> {
    joined.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => Err(panicked(&*panic)),
        Err(_) => Err(Error::new(ErrorKind::Cancelled, "the operation was cancelled")),
    })
}

/// An operation that was started.
pub(crate) struct OperationState {
    pub(crate) owner: u64,
    abort: AbortHandle,
    /// Where there is no completion: what it gave.
    outcome: Mutex<Option<Result<String>>>,
    ended: Condvar,
}

impl OperationState {
    pub(crate) fn cancel(&self) {
        self.abort.abort();
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
