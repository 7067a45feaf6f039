//! The lines somebody types or pipes in.

use std::io::{self, BufRead, IsTerminal};
use std::thread;

use tokio::sync::mpsc;

/// Lines of stdin, in order, then the end.
pub(crate) struct Input {
    lines: mpsc::Receiver<String>,
    /// Whether somebody sits at a terminal.
    pub(crate) interactive: bool,
}

impl Input {
    /// Reads stdin on a thread of its own: a read of a terminal cannot be given up, and the process must end all the same.
    pub(crate) fn stdin() -> Self {
        let (sender, lines) = mpsc::channel(1);
        let reader = move || {
            for line in io::stdin().lock().lines() {
                let Ok(line) = line else { break };
                if sender.blocking_send(line).is_err() {
                    break;
                }
            }
        };
        let started = thread::Builder::new().name("codriver-stdin".to_owned()).spawn(reader);
        // Without the thread its sender is dropped: stdin looks ended, and the chat leaves.
        drop(started);
        Input { lines, interactive: io::stdin().is_terminal() }
    }

    /// The next line, `None` at the end. Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<String> {
        self.lines.recv().await
    }

    /// A line that is there already.
    pub(crate) fn waiting(&mut self) -> Option<String> {
        self.lines.try_recv().ok()
    }
}
