//! A driver process: commands in, lines out, and its end.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// What a driver has said.
#[derive(Debug)]
pub(crate) enum Said {
    /// A line of JSON.
    Line(Value),
    /// A line that is none.
    Garbage(String),
    /// Nothing in that time.
    Nothing,
    /// It has closed its output.
    End,
}

/// One driver, killed when dropped.
pub(crate) struct Driver {
    process: Child,
    commands: Option<ChildStdin>,
    lines: Receiver<Result<Value, String>>,
}

impl Driver {
    /// Starts a driver by a shell command; its diagnostics go to `log`.
    pub(crate) fn start(command: &str, log: std::fs::File) -> io::Result<Self> {
        let mut process = Command::new("sh")
            .args(["-c", &format!("exec {command}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let commands = process.stdin.take();
        let output = process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let (sender, lines) = mpsc::channel();
        thread::Builder::new().name("driver-lines".to_owned()).spawn(move || {
            for line in BufReader::new(output).lines() {
                let Ok(line) = line else { break };
                let said = serde_json::from_str(&line).map_err(|_| line);
                if sender.send(said).is_err() {
                    break;
                }
            }
        })?;
        Ok(Driver { process, commands, lines })
    }

    /// Gives a command. A driver that is gone will be noticed by its silence.
    pub(crate) fn tell(&mut self, command: &Value) {
        if let Some(commands) = &mut self.commands {
            let _ = commands.write_all(format!("{command}\n").as_bytes()).and_then(|()| commands.flush());
        }
    }

    /// The next line, waited for at most this long.
    pub(crate) fn listen(&self, within: Duration) -> Said {
        match self.lines.recv_timeout(within) {
            Ok(Ok(line)) => Said::Line(line),
            Ok(Err(text)) => Said::Garbage(text),
            Err(RecvTimeoutError::Timeout) => Said::Nothing,
            Err(RecvTimeoutError::Disconnected) => Said::End,
        }
    }

    /// Waits for the process to end.
    pub(crate) fn wait(&mut self, within: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + within;
        loop {
            match self.process.try_wait() {
                Ok(Some(status)) => return Some(status),
                _ if Instant::now() >= deadline => return None,
                _ => thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Kills the process as SIGKILL does.
    pub(crate) fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.kill();
    }
}
