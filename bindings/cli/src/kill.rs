//! The hardest end a process can have: what the demo does to its runtime.

use codriver::{Error, ErrorKind, Result};

/// Kills a process without asking it (SIGKILL).
pub(crate) fn kill(pid: u32) -> Result<()> {
    #[cfg(unix)]
    let killed = rustix::process::Pid::from_raw(pid.cast_signed())
        .ok_or(rustix::io::Errno::SRCH)
        .and_then(|pid| rustix::process::kill_process(pid, rustix::process::Signal::KILL));
    #[cfg(windows)]
    let killed = std::process::Command::new("taskkill").args(["/F", "/PID", &pid.to_string()]).output();
    match killed {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(Error::new(ErrorKind::Internal, format!("process {pid} cannot be killed: {error}")))
        }
    }
}
