//! Which processes there are, by what `/proc` says. Independent of how the library finds its own.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

/// A process that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its id.
    pub pid: u32,
    /// Its command line, arguments apart by spaces.
    pub command: String,
}

/// The processes that belong to the place `root`: those whose environment or working directory is in it.
pub fn belonging_to(root: &Path) -> Vec<Found> {
    let text = root.as_os_str().as_encoded_bytes();
    matching(|pid| {
        let directory = std::fs::read_link(format!("/proc/{pid}/cwd"));
        let environment = || std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        directory.is_ok_and(|cwd| cwd.starts_with(root)) || contains(&environment(), text)
    })
}

/// The processes whose command line has `text` in it.
pub fn mentioning(text: &str) -> Vec<Found> {
    matching(|pid| command(pid).contains(text))
}

/// The command line of a process; empty for one that is gone.
pub fn command(pid: u32) -> String {
    let raw = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&raw).replace('\0', " ").trim().to_owned()
}

/// Waits until `look` finds nothing any more.
///
/// # Panics
/// When there still is something after `patience`.
pub async fn wait_until_none(patience: Duration, look: impl Fn() -> Vec<Found>) {
    let start = Instant::now();
    loop {
        let left = look();
        if left.is_empty() {
            return;
        }
        assert!(start.elapsed() < patience, "still running after {patience:?}: {left:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Kills a process as nobody can refuse.
///
/// # Panics
/// When there is no such process.
pub fn kill(pid: u32) {
    let pid = Pid::from_raw(pid.try_into().expect("a pid is small")).expect("a pid is not 0");
    rustix::process::kill_process(pid, Signal::KILL).expect("the process can be killed");
}

fn matching(wanted: impl Fn(u32) -> bool) -> Vec<Found> {
    let listing = std::fs::read_dir("/proc").expect("these tests need /proc");
    let pids = listing.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let others = pids.filter(|pid| *pid != std::process::id());
    others.filter(|pid| wanted(*pid)).map(|pid| Found { pid, command: command(pid) }).collect()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
