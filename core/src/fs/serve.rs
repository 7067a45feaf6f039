//! Answers the runtime's `sessionFs.*` calls from a [`SessionFs`], in order and in time.
//!
//! What holds for every [`FsServer`], which serves one session:
//! - **Order** (I21). Operations that change state run one at a time, in the order in which [`FsServer::handle`] was
//!   *called*; when and whether its future is polled does not matter. Reads start at once and overlap with everything;
//!   as a provider shows at once what it acknowledged, a read sees every write that was answered before it was called.
//! - **Time** (I22). Every call is answered by its deadline, which runs from the call of `handle`.
//! - **No overtaking.** A write that is late may still happen, and nobody can take back what a foreign provider or a disk
//!   was already told. So the late one keeps its place: it is answered `UNKNOWN`, and those behind it wait for its real
//!   end. If their deadline comes first they are answered `UNKNOWN` with `writeChanged: false` and never run. A provider
//!   that hangs for ever thus stops the writes of its session, each with an error, and never reorders them.
//! - **No loss.** An accepted write runs once, whether or not its future is dropped. Once the server is dropped, what
//!   was accepted still runs; a provider that is late then is no longer waited for.
//! - A panic of the provider is an `UNKNOWN` answer. No lock is held while a provider runs.

use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::SessionFs;
use super::method::{Failure, FsAnswer, Method};
use super::operation::Operation;
use super::order::{Order, Turn};
use super::path::Conventions;
use crate::error::{Error, ErrorKind};

/// The time a call has, unless said otherwise.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);

/// A deadline that is no deadline; clocks overflow beyond.
const LONGEST_DEADLINE: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// Serves the filesystem of one session. See the module for what it guarantees.
pub struct FsServer {
    fs: Arc<dyn SessionFs>,
    conventions: Conventions,
    deadline: Duration,
    order: Order,
    dropped: CancellationToken,
}

impl FsServer {
    /// Serves `fs`; paths are read by `conventions`, and each call ends within `deadline`
    /// ([`DEFAULT_DEADLINE`] is usual).
    pub fn new(fs: Arc<dyn SessionFs>, conventions: Conventions, deadline: Duration) -> Self {
        FsServer {
            fs,
            conventions,
            deadline: deadline.min(LONGEST_DEADLINE),
            order: Order::new(),
            dropped: CancellationToken::new(),
        }
    }

    /// Accepts one call: `method` as on the wire (`sessionFs.readFile`), `params` as they came; `sessionId` in them is
    /// not looked at. The future is the answer for the runtime: a result, which may well tell an error, or the JSON-RPC
    /// error of an unknown method (-32601), of parameters that cannot be read (-32602), or of an `exists` that nobody can
    /// answer (-32603).
    ///
    /// The call has its place in the order when this returns. Dropping the future cancels a read, never a write. Must be
    /// called within a tokio runtime.
    pub fn handle(
        &self,
        method: &str,
        params: &RawValue,
    ) -> impl Future<Output = FsAnswer> + Send + 'static + use<> {
        let accepted = self.accept(method, params);
        async move {
            let (method, answer) = match accepted {
                Ok(accepted) => accepted,
                Err(answered) => return answered,
            };
            answer
                .await
                .unwrap_or_else(|_| method.failure(Failure::Unknown("the process is stopping".into())))
        }
    }

    /// Ends when every operation accepted so far that changes state has ended, or was given up. Cancel safe.
    ///
    /// Await it before the session's files are deleted or given to another process: a late write would come after that.
    pub fn settled(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        let mut turn = self.order.take();
        async move { turn.reached().await }
    }

    /// Ends when all that was accepted has [settled](Self::settled), and the provider holds nothing back any more
    /// ([`SessionFs::flush`]).
    pub(crate) fn flush(
        &self,
        deadline: Duration,
    ) -> impl Future<Output = crate::Result<()>> + Send + 'static + use<> {
        let (fs, settled) = (self.fs.clone(), self.settled());
        let deadline = deadline.min(LONGEST_DEADLINE);
        let flush = async move {
            settled.await;
            fs.flush().await
        };
        async move {
            match timeout(deadline, flush).await {
                Ok(flushed) => Ok(flushed?),
                Err(_elapsed) => {
                    let text = format!("the session's last files were not stored within {deadline:?}");
                    Err(Error::new(ErrorKind::Timeout, text))
                }
            }
        }
    }

    fn accept(
        &self,
        method: &str,
        params: &RawValue,
    ) -> Result<(Method, oneshot::Receiver<FsAnswer>), FsAnswer> {
        let method = Method::parse(method).map_err(Err)?;
        let operation = Operation::decode(method, params, self.conventions)?;
        let (reply, answer) = oneshot::channel();
        let call = Call {
            method,
            operation,
            fs: Arc::clone(&self.fs),
            allowed: self.deadline,
            deadline: Instant::now() + self.deadline,
            reply,
        };
        if method.changes_state() {
            tokio::spawn(call.run_in_turn(self.order.take(), self.dropped.clone()));
        } else {
            tokio::spawn(call.run_at_once());
        }
        Ok((method, answer))
    }
}

impl Drop for FsServer {
    fn drop(&mut self) {
        self.dropped.cancel();
    }
}

/// An accepted call.
struct Call {
    method: Method,
    operation: Operation,
    fs: Arc<dyn SessionFs>,
    allowed: Duration,
    deadline: Instant,
    reply: oneshot::Sender<FsAnswer>,
}

/// The operation on a task of its own, so that its panics and its blocking stay there; aborted when this is dropped.
struct Running(JoinSet<Result<Box<RawValue>, Failure>>);

impl Running {
    fn start(operation: Operation, fs: Arc<dyn SessionFs>) -> Self {
        let mut task = JoinSet::new();
        task.spawn(async move { operation.run(&*fs).await });
        Running(task)
    }

    /// Cancel safe.
    async fn end(&mut self) -> Result<Box<RawValue>, Failure> {
        match self.0.join_next().await {
            Some(Ok(result)) => result,
            Some(Err(error)) => Err(Failure::Unknown(of_join(&error).into())),
            None => Err(Failure::Unknown("the operation was ended".into())),
        }
    }
}

fn of_join(error: &JoinError) -> &'static str {
    if error.is_panic() {
        tracing::error!(%error, "a filesystem provider panicked");
        "the filesystem provider panicked"
    } else {
        "the process is stopping"
    }
}

impl Call {
    async fn run_at_once(self) {
        let Call { method, operation, fs, allowed, deadline, mut reply } = self;
        let mut running = Running::start(operation, fs);
        let result = tokio::select! {
            biased;
            result = running.end() => result,
            () = sleep_until(deadline) => Err(late(allowed)),
            () = reply.closed() => return,
        };
        let _nobody_waits = reply.send(result.or_else(|failure| method.failure(failure)));
    }

    async fn run_in_turn(self, mut turn: Turn, dropped: CancellationToken) {
        let Call { method, operation, fs, allowed, deadline, reply } = self;
        let answer = |result: Result<_, Failure>| {
            let _nobody_waits = reply.send(result.or_else(|failure| method.failure(failure)));
        };
        if timeout_at(deadline, turn.reached()).await.is_err() {
            return answer(Err(Failure::NotStarted));
        }
        let mut running = Running::start(operation, fs);
        match timeout_at(deadline, running.end()).await {
            Ok(result) => answer(result),
            Err(_elapsed) => {
                tracing::warn!(
                    ?method,
                    "a filesystem operation is late; later changes of the session wait for it"
                );
                answer(Err(late(allowed)));
                tokio::select! {
                    late = running.end() => {
                        tracing::warn!(?method, ok = late.is_ok(), "a filesystem operation ended after its deadline");
                    }
                    () = dropped.cancelled() => {
                        tracing::warn!(?method, "a filesystem operation was abandoned after its deadline");
                    }
                }
            }
        }
    }
}

fn late(allowed: Duration) -> Failure {
    Failure::Unknown(format!("no answer from the filesystem provider within {allowed:?}"))
}

#[cfg(test)]
mod tests;
