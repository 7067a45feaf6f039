//! A runtime of our own: over its pipes, or over the port it says it listens on.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStdout, Command};

use super::{Process, Wire, tcp};
use crate::error::{Error, ErrorKind, Result};

/// Starts the runtime and speaks over its standard streams.
pub(crate) fn over_stdio(command: Command) -> Result<Wire> {
    let (process, stdin, stdout) = Process::spawn(command)?;
    Ok(Wire { reader: Box::pin(stdout), writer: Box::pin(stdin), process: Some(process) })
}

/// Starts the runtime, waits for the port it announces, and connects to it on loopback.
pub(crate) async fn over_tcp(command: Command, patience: Duration) -> Result<Wire> {
    let (process, stdin, stdout) = Process::spawn(command)?;
    let mut lines = BufReader::new(stdout);
    let port = match tokio::time::timeout(patience, announced_port(&mut lines)).await {
        Ok(Some(port)) => port,
        Ok(None) => {
            process.wait(Duration::from_millis(500)).await;
            let text = format!("the runtime never said which port it listens on: {}", process.obituary());
            return Err(Error::new(ErrorKind::ConnectFailed, text));
        }
        Err(_) => {
            let text = format!("the runtime did not say within {patience:?} which port it listens on");
            return Err(Error::new(ErrorKind::ConnectFailed, text));
        }
    };
    let mut wire = tcp::connect("127.0.0.1", port, patience).await?;
    // The pipe must not fill up; and the runtime may take the end of its input for our end.
    tokio::spawn(async move {
        let _open = stdin;
        let mut line = Vec::new();
        while let Ok(1..) = lines.read_until(b'\n', &mut line).await {
            line.clear();
        }
    });
    wire.process = Some(process);
    Ok(wire)
}

async fn announced_port(lines: &mut BufReader<ChildStdout>) -> Option<u16> {
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).await.ok()? > 0 {
        if let Some(port) = port_of(&String::from_utf8_lossy(&line)) {
            return Some(port);
        }
        line.clear();
    }
    None
}

/// `CLI server listening on port N`, in whatever case.
fn port_of(line: &str) -> Option<u16> {
    let line = line.to_ascii_lowercase();
    let (_, rest) = line.split_once("listening on port ")?;
    let digits = rest.trim_start();
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_found_without_regard_to_case_and_surroundings() {
        assert_eq!(port_of("CLI server listening on port 4711\n"), Some(4711));
        assert_eq!(port_of("[info] Listening On Port 80."), Some(80));
        assert_eq!(port_of("listening on port 99999"), None);
        assert_eq!(port_of("listening"), None);
    }
}
