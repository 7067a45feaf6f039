//! The mock runtime as a child: one executable for both sides.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::Result;

/// A mock runtime's pipes.
pub(crate) struct Streams {
    pub(crate) reader: ChildStdout,
    pub(crate) writer: ChildStdin,
}

/// A running mock. Dropped, it is killed.
pub(crate) struct Mock {
    pub(crate) streams: Streams,
    _child: Child,
}

/// Where the mock is: beside this executable, where cargo puts both.
pub(crate) fn path() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("mock-runtime");
    match path.is_file() {
        true => Ok(path),
        false => Err(format!("{} is not built; build/bench does that", path.display()).into()),
    }
}

pub(crate) fn spawn(variables: &[(&str, String)]) -> Result<Mock> {
    let mut child = Command::new(path()?)
        .args(["--server", "--stdio"])
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()?;
    let (Some(writer), Some(reader)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("a spawned child has no pipes".into());
    };
    Ok(Mock { streams: Streams { reader, writer }, _child: child })
}
