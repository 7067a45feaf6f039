//! The least that can be done: a mock runtime, blocking reads and writes, no library.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::{Result, mock};

/// A mock runtime that is spoken to by hand. Dropped, it is killed.
pub(crate) struct Bare {
    child: Child,
    writer: ChildStdin,
    reader: BufReader<ChildStdout>,
}

impl Bare {
    pub(crate) fn spawn() -> Result<Bare> {
        let mut child = Command::new(mock::path()?)
            .args(["--server", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let (Some(writer), Some(reader)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a spawned child has no pipes".into());
        };
        Ok(Bare { child, writer, reader: BufReader::new(reader) })
    }

    /// Sends a request without parameters and reads one frame.
    pub(crate) fn ask(&mut self, method: &str) -> Result<()> {
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{}}}}"#);
        self.writer.write_all(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes())?;
        let mut header = String::new();
        self.reader.read_line(&mut header)?;
        let length: usize = header.trim().rsplit(' ').next().unwrap_or_default().parse()?;
        self.reader.read_exact(&mut vec![0; "\r\n".len() + length])?;
        Ok(())
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
