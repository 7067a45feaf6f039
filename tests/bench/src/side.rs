//! What both sides can do, so that the code that measures them is one.

use std::future::Future;

use tokio::sync::oneshot;

use crate::Result;
use crate::mock::Streams;
use crate::tally::Tally;

/// One of the two libraries. Each method does what its documentation tells a user to do.
pub(crate) trait Side: 'static {
    type Client: Send + Sync;
    type Session: Send + Sync;

    /// A client over these pipes, its handshake done.
    fn connect(streams: Streams) -> impl Future<Output = Result<Self::Client>> + Send;

    fn ping(client: &Self::Client) -> impl Future<Output = Result<()>> + Send;

    /// A session; `buffer` is the number of events its observers may be behind, where the library has such an option.
    fn create(
        client: &Self::Client,
        id: Option<&str>,
        buffer: Option<usize>,
    ) -> impl Future<Output = Result<Self::Session>> + Send;

    /// Hands every event of the session to `tally`; gives it back after the turn's last one.
    fn observe(session: &Self::Session, tally: Tally) -> oneshot::Receiver<Tally>;

    /// Begins a turn.
    fn send(session: &Self::Session) -> impl Future<Output = Result<()>> + Send;

    /// Starts a runtime by the shortest way the library has; the time until it is connected, in seconds.
    fn start() -> impl Future<Output = Result<f64>> + Send;
}
