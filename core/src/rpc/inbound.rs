//! A request of the peer, as a guard: it gets exactly one answer, also when everybody forgets it (DESIGN I2).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::message::Answer;
use super::peer::Peer;
use crate::error::RpcError;

/// The requests that were not answered yet, for `$/cancelRequest`. Keys are the ids' JSON text.
#[derive(Debug, Default)]
pub(crate) struct OpenRequests(Mutex<HashMap<Box<str>, CancellationToken>>);

impl OpenRequests {
    /// The peer does not wait for this one any more; its handler is told, and it is still answered.
    pub(crate) fn cancel(&self, id: &str) {
        if let Some(token) = self.lock().get(id).cloned() {
            token.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The duty to answer one request.
pub(crate) struct Responder {
    peer: Arc<Peer>,
    id: Box<str>,
    cancelled: CancellationToken,
    answered: bool,
}

impl Responder {
    pub(crate) fn new(peer: Arc<Peer>, id: Box<str>) -> Self {
        let cancelled = CancellationToken::new();
        peer.open_requests().lock().insert(id.clone(), cancelled.clone());
        Responder { peer, id, cancelled, answered: false }
    }

    /// Answers.
    pub(crate) fn answer(mut self, answer: &Answer) {
        self.finish(answer);
    }

    /// Fires when the peer cancels the request.
    pub(crate) fn cancelled(&self) -> &CancellationToken {
        &self.cancelled
    }

    fn finish(&mut self, answer: &Answer) {
        self.answered = true;
        self.peer.open_requests().lock().remove(&self.id);
        self.peer.answer(&self.id, answer);
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        if !self.answered {
            self.finish(&Err(RpcError::new(
                RpcError::INTERNAL,
                "the request was given up: the client is shutting down",
            )));
        }
    }
}

impl std::fmt::Debug for Responder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Responder").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    async fn written(theirs: &mut tokio::io::DuplexStream) -> String {
        let mut got = vec![0; 1024];
        let n = theirs.read(&mut got).await.unwrap();
        String::from_utf8_lossy(&got[..n]).into_owned()
    }

    #[tokio::test]
    async fn i02_a_request_that_is_forgotten_is_answered_all_the_same() {
        let (ours, mut theirs) = tokio::io::duplex(1 << 12);
        let peer = Peer::new(Box::pin(ours), |text| text);
        drop(Responder::new(peer.clone(), "\"x\"".into()));
        let text = written(&mut theirs).await;
        assert!(text.contains(r#""id":"x","error":{"code":-32603"#), "{text}");
    }

    #[tokio::test]
    async fn a_cancelled_request_tells_its_handler_and_is_answered_once() {
        let (ours, mut theirs) = tokio::io::duplex(1 << 12);
        let peer = Peer::new(Box::pin(ours), |text| text);
        let responder = Responder::new(peer.clone(), "7".into());
        let token = responder.cancelled().clone();
        peer.open_requests().cancel("8");
        assert!(!token.is_cancelled());
        peer.open_requests().cancel("7");
        assert!(token.is_cancelled());
        responder.answer(&super::super::message::answer(&1));
        assert!(written(&mut theirs).await.ends_with(r#"{"jsonrpc":"2.0","id":7,"result":1}"#));
        assert!(peer.open_requests().lock().is_empty());
    }
}
