//! The runtime's process: one owner, and an end that leaves no descendant behind (DESIGN I25).

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, watch};

use super::descendants::{self, Family};
use super::stderr::StderrTail;
use super::watchdog::Watchdog;
use crate::error::{Error, ErrorKind, Result};

/// How long a runtime whose input was closed may take to end by itself.
const GRACE: Duration = Duration::from_secs(2);

/// A child in a process group of its own. Dropped, it and all its descendants end, after a moment to do so themselves.
#[derive(Debug)]
pub(crate) struct Process {
    pid: u32,
    orders: mpsc::UnboundedSender<Order>,
    exit: watch::Receiver<Option<ExitStatus>>,
    stderr: StderrTail,
}

#[derive(Debug, Clone, Copy)]
enum Order {
    Terminate,
    Kill,
}

impl Process {
    /// Starts `command` with pipes for all three standard streams.
    pub(crate) fn spawn(mut command: Command) -> Result<(Process, ChildStdin, ChildStdout)> {
        let program = command.as_std().get_program().to_string_lossy().into_owned();
        let mark = uuid::Uuid::new_v4().to_string();
        command.env(descendants::MARK, &mark);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut wrap = CommandWrap::from(command);
        wrap.wrap(KillOnDrop);
        #[cfg(unix)]
        wrap.wrap(process_wrap::tokio::ProcessGroup::leader());
        #[cfg(windows)]
        wrap.wrap(process_wrap::tokio::JobObject);
        let mut child = wrap.spawn().map_err(|error| {
            let text = format!(
                "the runtime `{program}` cannot be started: {error}; give the path of an executable in `cli_path` or \
                 COPILOT_CLI_PATH, or run `codriver doctor --install`"
            );
            Error::new(ErrorKind::RuntimeNotFound, text).with_source(error)
        })?;
        let gone = || Error::new(ErrorKind::Internal, "a spawned child has no pipes");
        let pid = child.id().ok_or_else(gone)?;
        let stdin = child.stdin().take().ok_or_else(gone)?;
        let stdout = child.stdout().take().ok_or_else(gone)?;
        let stderr = StderrTail::default();
        tokio::spawn(stderr.clone().drain(child.stderr().take().ok_or_else(gone)?));
        enlarge(&stdout);

        let (orders, inbox) = mpsc::unbounded_channel();
        let (status, exit) = watch::channel(None);
        let owner = Owner { watchdog: Watchdog::start(pid, &mark), family: Family::new(pid, &mark), child };
        tokio::spawn(owner.run(pid, inbox, status));
        Ok((Process { pid, orders, exit, stderr }, stdin, stdout))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Asks the whole group to end.
    pub(crate) fn terminate(&self) {
        let _ = self.orders.send(Order::Terminate);
    }

    /// Ends the whole group and every descendant outside it, now.
    pub(crate) fn kill(&self) {
        let _ = self.orders.send(Order::Kill);
    }

    /// Waits for the process to end, at most `patience`. `None` when it still runs.
    pub(crate) async fn wait(&self, patience: Duration) -> Option<ExitStatus> {
        let mut exit = self.exit.clone();
        let waited = tokio::time::timeout(patience, exit.wait_for(Option::is_some)).await;
        waited.ok()?.ok().and_then(|status| *status)
    }

    /// Exit status, where it has ended, and the last of its standard error, as a sentence.
    pub(crate) fn obituary(&self) -> String {
        let status = match *self.exit.borrow() {
            Some(status) => format!("the runtime ended ({status})"),
            None => "the runtime closed the connection".to_owned(),
        };
        match self.stderr.text() {
            stderr if stderr.is_empty() => format!("{status} and wrote nothing to stderr"),
            stderr => format!("{status}; its last stderr: {stderr}"),
        }
    }
}

/// Owns the child until it is gone. When the [`Process`] is dropped, that is an order to kill.
struct Owner {
    child: Box<dyn ChildWrapper>,
    family: Family,
    watchdog: Option<Watchdog>,
}

impl Owner {
    async fn run(
        mut self,
        pid: u32,
        mut orders: mpsc::UnboundedReceiver<Order>,
        exit: watch::Sender<Option<ExitStatus>>,
    ) {
        let status = loop {
            tokio::select! {
                status = self.child.wait() => break status.ok(),
                order = orders.recv() => match order {
                    #[cfg(unix)]
                    Some(Order::Terminate) => {
                        self.family.look();
                        let _ = self.child.signal(rustix::process::Signal::TERM.as_raw());
                    }
                    // Nobody holds the process any more, so its input is closed: it may end by itself first.
                    None => break match tokio::time::timeout(GRACE, self.child.wait()).await {
                        Ok(status) => status.ok(),
                        Err(_) => self.kill().await,
                    },
                    Some(_) => break self.kill().await,
                },
            }
        };
        // What the runtime left behind has no owner any more.
        descendants::kill_group(pid);
        self.family.look();
        self.family.kill();
        if let Some(watchdog) = self.watchdog {
            watchdog.dismiss().await;
        }
        let _ = exit.send(Some(status.unwrap_or_default()));
    }

    async fn kill(&mut self) -> Option<ExitStatus> {
        self.family.look();
        let _ = self.child.start_kill();
        self.child.wait().await.ok()
    }
}

/// A bigger pipe means fewer reads and fewer task switches in a burst; where it is refused nothing is lost.
fn enlarge(pipe: &ChildStdout) {
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, 1 << 20);
    #[cfg(not(target_os = "linux"))]
    let _ = pipe;
}
