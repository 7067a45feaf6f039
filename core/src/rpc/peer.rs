//! One connection's calls: each ends with its answer, its deadline, or the end of the connection (DESIGN I3, I5).

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::inbound::OpenRequests;
use super::message::{self, Answer, Outcome};
use super::outbox::{Outbox, Writer};
use super::pending::Pending;
use crate::error::{Error, ErrorKind, Result, RpcError};

/// Runs on the read task when the answer is there, before the next frame is looked at. Must not block.
pub(crate) type Hook = Box<dyn FnOnce(&Result<Bytes>) + Send>;

pub(crate) struct Peer {
    outbox: Outbox,
    pending: Mutex<Pending<Slot>>,
    open_requests: OpenRequests,
    /// Why the connection ended; set once.
    end: OnceLock<Error>,
    ended: CancellationToken,
    redact: Box<dyn Fn(String) -> String + Send + Sync>,
    /// The process the connection was made in: a fork shares its file descriptors, and must not write to them.
    pid: u32,
}

struct Slot {
    method: Box<str>,
    /// `None` when the caller is gone and only the hook is left.
    sender: Option<oneshot::Sender<Result<Bytes>>>,
    hook: Option<Hook>,
}

impl Peer {
    /// `redact` takes the user's secrets out of what the runtime says (DESIGN I29).
    pub(crate) fn new(
        writer: Writer,
        redact: impl Fn(String) -> String + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Peer {
            outbox: Outbox::new(writer),
            pending: Mutex::new(Pending::new()),
            open_requests: OpenRequests::default(),
            end: OnceLock::new(),
            ended: CancellationToken::new(),
            redact: Box::new(redact),
            pid: std::process::id(),
        })
    }

    /// Writes a request now; the future waits for its answer. Dropping the future frees the slot.
    pub(crate) fn call<P: Serialize + ?Sized>(self: &Arc<Self>, method: &str, params: &P) -> Call {
        self.call_hooked(method, params, None)
    }

    /// [`Peer::call`] with a hook that sees the answer first, also where the caller is gone by then.
    pub(crate) fn call_hooked<P: Serialize + ?Sized>(
        self: &Arc<Self>,
        method: &str,
        params: &P,
        hook: Option<Hook>,
    ) -> Call {
        let (sender, receiver) = oneshot::channel();
        let mut call = Call { peer: self.clone(), id: None, receiver, failed: None };
        // Before any lock: in a forked child its holder does not exist.
        if let Some(forked) = self.forked() {
            if let Some(hook) = hook {
                hook(&Err(forked.duplicate()));
            }
            call.failed = Some(forked);
            return call;
        }
        let id = self.lock().insert(Slot { method: method.into(), sender: Some(sender), hook });
        match self.write(id, method, params) {
            None => call.id = Some(id),
            Some(failure) => {
                let slot = self.lock().remove(id);
                if let Some(hook) = slot.and_then(|slot| slot.hook) {
                    hook(&Err(failure.duplicate()));
                }
                call.failed = Some(failure);
            }
        }
        call
    }

    /// Writes a request; says why it could not.
    fn write<P: Serialize + ?Sized>(&self, id: u64, method: &str, params: &P) -> Option<Error> {
        match message::call_json(id, method, params) {
            Ok(body) => match self.outbox.push(&body) {
                Ok(()) => self.ended(),
                Err(_) => Some(self.end_error()),
            },
            Err(error) => Some(
                Error::new(
                    ErrorKind::InvalidArgument,
                    format!("`{method}`: the parameters are no JSON: {error}"),
                )
                .with_source(error),
            ),
        }
    }

    /// In a forked child nothing of the parent's connection may be used (DESIGN I28).
    fn forked(&self) -> Option<Error> {
        (std::process::id() != self.pid).then(|| {
            Error::new(
                ErrorKind::Forked,
                "the client was made before `fork`; make a new one in the child process",
            )
        })
    }

    /// A call with a decoded result and an optional deadline.
    pub(crate) async fn request<R: DeserializeOwned>(
        self: &Arc<Self>,
        method: &str,
        params: &(impl Serialize + ?Sized),
        deadline: Option<Duration>,
    ) -> Result<R> {
        let bytes = within(deadline, method, self.call(method, params)).await?;
        decode(method, &bytes)
    }

    /// Sends the answer to a request of the peer. A connection that has ended needs no answer any more.
    pub(crate) fn answer(&self, id: &str, answer: &Answer) {
        let _ = self.outbox.push(&message::answer_json(id, answer));
    }

    /// The peer's requests that we owe an answer.
    pub(crate) fn open_requests(&self) -> &OpenRequests {
        &self.open_requests
    }

    /// Ends the call `id` with what came for it; a late answer is discarded.
    pub(crate) fn complete(&self, id: u64, outcome: Outcome) {
        let Some(slot) = self.lock().remove(id) else {
            tracing::debug!(id, "an answer came for a call that has ended");
            return;
        };
        let outcome = outcome.map_err(|rpc| {
            let rpc = RpcError { message: (self.redact)(rpc.message), ..rpc };
            refusal_error(&slot.method, rpc)
        });
        slot.end(outcome);
    }

    /// Ends the connection: every open call fails with `error` now, every later one at once. The first reason stays.
    pub(crate) fn end(&self, error: Error) {
        if self.end.set(error).is_err() {
            return;
        }
        self.outbox.close();
        let slots = self.lock().drain();
        for slot in slots {
            slot.end(Err(self.end_error()));
        }
        self.ended.cancel();
    }

    /// Why the connection ended, if it has.
    pub(crate) fn ended(&self) -> Option<Error> {
        self.end.get().map(Error::duplicate)
    }

    /// Fires when the connection has ended.
    pub(crate) fn on_end(&self) -> &CancellationToken {
        &self.ended
    }

    /// Closes our writing half: the runtime ends by itself when its input does.
    pub(crate) fn close_output(&self) {
        self.outbox.close();
    }

    /// Writes what a full pipe left over; to be run as a task for the connection's life.
    pub(crate) async fn drive(&self) -> std::io::Result<()> {
        self.outbox.drive().await
    }

    /// How many calls wait for an answer.
    #[cfg(test)]
    pub(crate) fn open_calls(&self) -> usize {
        self.lock().len()
    }

    fn end_error(&self) -> Error {
        self.ended().unwrap_or_else(|| Error::new(ErrorKind::Closed, "the connection is closed"))
    }

    fn lock(&self) -> MutexGuard<'_, Pending<Slot>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    fn end(self, outcome: Result<Bytes>) {
        if let Some(hook) = self.hook {
            hook(&outcome);
        }
        if let Some(sender) = self.sender {
            let _ = sender.send(outcome);
        }
    }
}

/// A call in flight. Cancel safe: dropped, its slot is freed and a late answer is discarded, unless it has a hook; that
/// still sees the answer.
pub(crate) struct Call {
    peer: Arc<Peer>,
    /// `None` once ended.
    id: Option<u64>,
    receiver: oneshot::Receiver<Result<Bytes>>,
    failed: Option<Error>,
}

impl Future for Call {
    type Output = Result<Bytes>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.receiver).poll(cx).map(|received| {
            self.id = None;
            received.unwrap_or_else(|_| Err(self.peer.end_error()))
        })
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        let mut pending = self.peer.lock();
        // Taken out and put back so that the table stays free of knowledge about slots.
        if let Some(slot) = pending.remove(id)
            && slot.hook.is_some()
        {
            pending.restore(id, Slot { sender: None, ..slot });
        }
    }
}

/// Waits for `call` until its deadline.
pub(crate) async fn within<T>(
    deadline: Option<Duration>,
    method: &str,
    call: impl Future<Output = Result<T>>,
) -> Result<T> {
    let Some(deadline) = deadline else { return call.await };
    match tokio::time::timeout(deadline, call).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Error::new(
            ErrorKind::Timeout,
            format!("`{method}`: no answer from the runtime within {deadline:?}"),
        )),
    }
}

/// Decodes a result; one of an unexpected shape is the peer's fault.
pub(crate) fn decode<R: DeserializeOwned>(method: &str, result: &[u8]) -> Result<R> {
    serde_json::from_slice(result).map_err(|error| {
        Error::new(ErrorKind::Protocol, format!("`{method}`: the result has an unexpected shape: {error}"))
            .with_source(error)
    })
}

/// The runtime's refusal as an error of ours.
fn refusal_error(method: &str, rpc: RpcError) -> Error {
    let unhandled = rpc.code == -32601 || rpc.message.contains("Unhandled method");
    let kind = match rpc.code {
        _ if unhandled => ErrorKind::MethodNotFound,
        -32001 => ErrorKind::AuthenticationRequired,
        -32002 | -32003 => ErrorKind::AuthenticationFailed,
        _ if rpc.message.contains("Session not found") => ErrorKind::SessionNotFound,
        _ => ErrorKind::Rpc,
    };
    Error::new(kind, format!("`{method}` was refused by the runtime: {} ({})", rpc.message, rpc.code))
        .with_rpc(rpc)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn peer() -> (Arc<Peer>, tokio::io::DuplexStream) {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        (Peer::new(Box::pin(ours), |text| text.replace("s3cret", "***")), theirs)
    }

    #[tokio::test]
    async fn i03_every_open_call_fails_when_the_connection_ends_and_later_ones_at_once() {
        let (peer, _theirs) = peer();
        let call = peer.call("ping", &());
        peer.end(Error::new(ErrorKind::RuntimeLost, "gone"));
        assert_eq!(call.await.unwrap_err().kind(), ErrorKind::RuntimeLost);
        assert_eq!(peer.call("ping", &()).await.unwrap_err().kind(), ErrorKind::RuntimeLost);
        assert_eq!(peer.open_calls(), 0);
    }

    #[tokio::test]
    async fn i05_dropping_a_call_frees_its_slot_and_a_late_answer_is_discarded() {
        let (peer, _theirs) = peer();
        drop(peer.call("ping", &()));
        assert_eq!(peer.open_calls(), 0);
        peer.complete(1, Ok(Bytes::from_static(b"1")));
        let second = peer.call("ping", &());
        peer.complete(2, Ok(Bytes::from_static(b"2")));
        assert_eq!(&second.await.unwrap()[..], b"2");
    }

    #[tokio::test]
    async fn a_hook_sees_the_answer_first_and_also_when_the_caller_is_gone() {
        let (peer, _theirs) = peer();
        let seen = Arc::new(AtomicUsize::new(0));
        let hook = |seen: &Arc<AtomicUsize>| -> Option<Hook> {
            let seen = seen.clone();
            Some(Box::new(move |outcome| {
                seen.fetch_add(if outcome.is_ok() { 1 } else { 100 }, Ordering::SeqCst);
            }))
        };
        drop(peer.call_hooked("m", &(), hook(&seen)));
        peer.complete(1, Ok(Bytes::from_static(b"null")));
        assert_eq!(seen.load(Ordering::SeqCst), 1);
        let call = peer.call_hooked("m", &(), hook(&seen));
        peer.end(Error::new(ErrorKind::RuntimeLost, "gone"));
        assert_eq!(seen.load(Ordering::SeqCst), 101);
        assert!(call.await.is_err());
        assert!(peer.call_hooked("m", &(), hook(&seen)).await.is_err());
        assert_eq!(seen.load(Ordering::SeqCst), 201);
    }

    #[tokio::test]
    async fn i29_what_the_runtime_echoes_of_a_secret_is_taken_out_of_the_error() {
        let (peer, _theirs) = peer();
        let call = peer.call("connect", &());
        peer.complete(1, Err(RpcError { code: -32002, message: "bad token s3cret".into(), data: None }));
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AuthenticationFailed);
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }

    #[tokio::test]
    async fn i28_in_a_forked_child_the_old_connection_is_not_touched() {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        let mut peer = Peer::new(Box::pin(ours), |text| text);
        Arc::get_mut(&mut peer).unwrap().pid += 1;
        assert_eq!(peer.call("ping", &()).await.unwrap_err().kind(), ErrorKind::Forked);
        drop(peer);
        let mut written = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut theirs, &mut written).await.unwrap();
        assert!(written.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_ends_a_call_that_nobody_answers() {
        let (peer, _theirs) = peer();
        let outcome = peer.request::<()>("ping", &(), Some(Duration::from_secs(3))).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
        assert_eq!(peer.open_calls(), 0);
    }
}
