//! A client for as long as a command works, and its orderly end whatever the work came to.

use codriver::{Client, ClientOptions, Error, ErrorKind, Result};

use crate::output::Output;

/// Starts a client, lets `work` use it, and stops it. Ctrl-C ends the work with `CANCELLED`.
pub(crate) async fn with_client<T>(
    options: ClientOptions,
    out: Output,
    work: impl AsyncFnOnce(&Client) -> Result<T>,
) -> Result<T> {
    let client = Client::new(options)?;
    let outcome = cancellable(async {
        client.connect().await?;
        work(&client).await
    });
    let outcome = outcome.await;
    stop(&client, out).await;
    outcome
}

/// Stops a client; what went wrong on the way is told, and that is all.
pub(crate) async fn stop(client: &Client, out: Output) {
    for error in client.stop().await {
        out.note(format_args!("while stopping: {error}"));
    }
}

/// Ends with `CANCELLED` at Ctrl-C.
pub(crate) async fn cancellable<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        outcome = work => outcome,
        _ = tokio::signal::ctrl_c() => Err(Error::new(ErrorKind::Cancelled, "interrupted by Ctrl-C")),
    }
}

/// Every Ctrl-C from now on, also one that comes while nobody waits: a new `ctrl_c()` each time would miss it.
pub(crate) struct Interrupts(
    #[cfg(unix)] tokio::signal::unix::Signal,
    #[cfg(windows)] tokio::signal::windows::CtrlC,
);

impl Interrupts {
    pub(crate) fn listen() -> Result<Self> {
        #[cfg(unix)]
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt());
        #[cfg(windows)]
        let signal = tokio::signal::windows::ctrl_c();
        let unheard =
            |error| Error::new(ErrorKind::Internal, format!("Ctrl-C cannot be listened to: {error}"));
        signal.map(Interrupts).map_err(unheard)
    }

    /// The next one. Cancel safe.
    pub(crate) async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending().await
        }
    }
}
