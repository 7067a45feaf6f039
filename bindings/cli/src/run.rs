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
