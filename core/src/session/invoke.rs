//! Runs one handler of the user's: on a task of its own, with a cancellation, to exactly one end.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::core::SessionCore;
use super::dispatch::panic_text;
use super::handlers::{Cancellation, Handler, HandlerContext};
use crate::error::{Error, ErrorKind};

/// How long a cancelled handler may clean up before its task is ended.
const GRACE: Duration = Duration::from_secs(5);

/// Why a handler gave no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It returned an error; its text.
    Threw(String),
    Panicked(String),
    TimedOut(Duration),
    /// Nobody waits any more; not the handler's fault.
    Cancelled,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Threw(text) => f.write_str(text),
            Failure::Panicked(text) => write!(f, "the handler panicked: {text}"),
            Failure::TimedOut(deadline) => write!(f, "the handler gave no answer within {deadline:?}"),
            Failure::Cancelled => f.write_str("the request was cancelled"),
        }
    }
}

/// Calls `handler` and hands its end to `finish`. Returns at once.
///
/// The handler is told by its context when `cancellation` fires; then `finish` runs at once, and the handler has five
/// seconds to end by itself. A failure that is its own fault is reported to the user under `place`.
pub(crate) fn invoke<Request, Response, Finish>(
    core: &Arc<SessionCore>,
    place: impl Into<String>,
    handler: &Handler<Request, Response>,
    request: Request,
    cancellation: CancellationToken,
    finish: impl FnOnce(Result<Response, Failure>) -> Finish + Send + 'static,
) where
    Request: Send + 'static,
    Response: Send + 'static,
    Finish: Future<Output = ()> + Send,
{
    let (core, place, handler) = (core.clone(), place.into(), handler.clone());
    let context =
        HandlerContext { session_id: core.id().to_owned(), cancellation: Cancellation(cancellation.clone()) };
    let runtime = core.runtime.clone();
    runtime.clone().spawn(async move {
        // A task of its own, so that a panic is a value and a cancelled handler can go on cleaning up.
        let mut task = runtime.spawn(async move { handler(request, context).await });
        let deadline = core.handler_deadline;
        let outcome = tokio::select! {
            biased;
            ended = &mut task => match ended {
                Ok(Ok(response)) => Ok(response),
                Ok(Err(error)) => Err(Failure::Threw(error.to_string())),
                Err(error) => Err(match error.try_into_panic() {
                    Ok(panic) => Failure::Panicked(panic_text(&*panic)),
                    Err(_) => Failure::Cancelled,
                }),
            },
            () = cancellation.cancelled() => Err(Failure::Cancelled),
            () = expire(deadline) => {
                cancellation.cancel();
                Err(Failure::TimedOut(deadline.unwrap_or_default()))
            }
        };
        if let Err(failure) = &outcome
            && !matches!(failure, Failure::Cancelled)
        {
            core.report(&place, Error::new(ErrorKind::Internal, format!("handler `{place}`: {failure}")));
        }
        finish(outcome).await;
        if !task.is_finished() && tokio::time::timeout(GRACE, &mut task).await.is_err() {
            task.abort();
        }
    });
}

async fn expire(deadline: Option<Duration>) {
    match deadline {
        Some(deadline) => tokio::time::sleep(deadline).await,
        None => std::future::pending().await,
    }
}
