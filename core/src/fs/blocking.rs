//! Blocking work off the threads of the async runtime.

use super::error::{FsError, FsResult};

/// Runs `work` on a thread that may block. Dropping the future does not stop work that has begun.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> FsResult<T> + Send + 'static,
) -> FsResult<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => {
            tracing::error!(%error, "a filesystem operation panicked");
            Err(FsError::io("the filesystem operation panicked"))
        }
        Err(_cancelled) => Err(FsError::io("the process is stopping").with_write_changed(false)),
    }
}
