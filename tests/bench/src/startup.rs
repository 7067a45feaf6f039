//! Our share of a start: from spawn to connected, less what the bare runtime takes for the same.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::case::{Numbers, numbers};
use crate::side::Side;
use crate::{Result, mock, sample};

/// Medians of `count` starts of each kind, in turns.
pub(crate) async fn measure<S: Side>(count: usize) -> Result<Numbers> {
    let (mut whole, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..count {
        bare.push(tokio::task::spawn_blocking(alone).await??);
        whole.push(S::start().await?);
    }
    let (whole, bare) = (sample::quantile(&mut whole, 0.5), sample::quantile(&mut bare, 0.5));
    Ok(numbers([("share_ms", (whole - bare) * 1e3), ("bare_ms", bare * 1e3)]))
}

/// The least that can be done: spawn, write `connect`, read its answer. Blocking, without a library.
fn alone() -> Result<f64> {
    let start = Instant::now();
    let mut child = Command::new(mock::path()?)
        .args(["--server", "--stdio"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    let (Some(mut writer), Some(reader)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("a spawned child has no pipes".into());
    };
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"connect","params":{}}"#;
    write!(writer, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    let mut reader = BufReader::new(reader);
    let mut header = String::new();
    reader.read_line(&mut header)?;
    let length: usize = header.trim().rsplit(' ').next().unwrap_or_default().parse()?;
    let mut rest = vec![0; length + "\r\n".len()];
    reader.read_exact(&mut rest)?;
    let seconds = start.elapsed().as_secs_f64();
    drop(writer);
    child.wait()?;
    Ok(seconds)
}
