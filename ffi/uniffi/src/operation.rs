//! What takes time, as a future that any language awaits.

use codriver_ffi_support as support;
use support::{ErrorKind, Operation};
use tokio::sync::oneshot;

use crate::error::Result;

/// Runs an operation on Codriver's threads and waits for what it gives. Dropped, it is cancelled.
///
/// The future is woken by the operation's completion, so whatever the foreign executor does then happens on the thread of
/// the callbacks.
pub(crate) async fn run(operation: support::Result<Operation>) -> Result<String> {
    let (sender, receiver) = oneshot::channel();
    let complete = move |outcome| drop(sender.send(outcome));
    let _running = Running(operation?.start(Some(Box::new(complete)))?);
    let closed = || Err(support::Error::new(ErrorKind::Closed, "the client was closed"));
    Ok(receiver.await.unwrap_or_else(|_| closed())?)
}

/// As [`run`], of an operation that has nothing to say.
pub(crate) async fn done(operation: support::Result<Operation>) -> Result<()> {
    run(operation).await.map(drop)
}

struct Running(u64);

impl Drop for Running {
    fn drop(&mut self) {
        // One that is over has no id any more.
        let _ = support::cancel(self.0);
    }
}
