//! Sockets: an external runtime's, or the port a child of ours listens on.

use std::time::Duration;

use tokio::net::TcpStream;

use super::Wire;
use crate::error::{Error, ErrorKind, Result};

/// Connects to a runtime that somebody else started.
pub(crate) async fn connect(host: &str, port: u16, patience: Duration) -> Result<Wire> {
    let failed = |why: String| {
        let text = format!(
            "no connection to a runtime at {host}:{port}: {why}; is it started with `--port {port}`?"
        );
        Error::new(ErrorKind::ConnectFailed, text)
    };
    let stream = match tokio::time::timeout(patience, TcpStream::connect((host, port))).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(failed(error.to_string()).with_source(error)),
        Err(_) => return Err(failed(format!("no answer within {patience:?}"))),
    };
    // Small frames must not wait for each other.
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    Ok(Wire { reader: Box::pin(reader), writer: Box::pin(writer), process: None })
}
