//! Ends the runtime's process group when this process dies without a chance to do so itself (SIGKILL, abort).
//!
//! It ends what else carries the runtime's mark, too. A shell waits on a pipe whose other end only we hold; the end of that pipe is our death. It needs no `unsafe`, works on
//! every Unix, and costs one sleeping process. (`PR_SET_PDEATHSIG` would need `pre_exec`, and fires when the *thread* that
//! spawned ends.) On Windows the job object does this.

#[cfg(unix)]
use super::descendants::MARK;
#[cfg(unix)]
use tokio::process::Child;

#[derive(Debug)]
pub(crate) struct Watchdog {
    #[cfg(unix)]
    shell: Child,
}

impl Watchdog {
    /// Watches over the group led by `leader`. `None` where there is no shell: then the runtime still ends by itself when
    /// its standard input does.
    #[cfg(unix)]
    pub(crate) fn start(leader: u32, mark: &str) -> Option<Watchdog> {
        use std::process::Stdio;
        // A line (which never comes) or the end of input wakes it; the runtime gets a moment to end by itself first.
        let script = format!(
            "read -r _; sleep 2; kill -9 -{leader}; for e in /proc/[0-9]*/environ; do \
             if grep -qa '{MARK}={mark}' \"$e\"; then p=${{e#/proc/}}; kill -9 ${{p%/environ}}; fi; done"
        );
        let shell = tokio::process::Command::new("/bin/sh")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            // Not in our group: a signal from the terminal to us must not end it before its time.
            .process_group(0)
            .spawn()
            .ok()?;
        Some(Watchdog { shell })
    }

    #[cfg(not(unix))]
    pub(crate) fn start(_leader: u32, _mark: &str) -> Option<Watchdog> {
        None
    }
}

impl Watchdog {
    /// The group is gone: the watchdog has nothing to do any more. Dropped without this, its pipe closes, and it acts.
    pub(crate) async fn dismiss(self) {
        #[cfg(unix)]
        {
            let mut shell = self.shell;
            let _ = shell.kill().await;
        }
    }
}
