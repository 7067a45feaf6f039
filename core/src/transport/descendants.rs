//! The runtime's descendants that a signal to its group does not reach: shells of tools begin a session of their own, and
//! survive the runtime's SIGKILL. They are found by the mark that the runtime's environment carries and all inherit, and
//! by their parents; both by reading `/proc`, so on Linux only. Elsewhere the group is all that is known.

use std::collections::{HashMap, HashSet};

/// The variable of the mark. It says nothing but which runtime of which client a process belongs to.
pub(crate) const MARK: &str = "CODRIVER_RUNTIME_ID";

/// Who belongs to one runtime.
#[derive(Debug)]
pub(crate) struct Family {
    root: u32,
    mark: String,
    /// Processes seen, each with its start time, so that a number used again is never hit.
    seen: HashSet<(u32, u64)>,
}

impl Family {
    /// The family of the runtime with this pid, whose environment has [`MARK`] set to `mark`.
    pub(crate) fn new(root: u32, mark: &str) -> Self {
        Family { root, mark: format!("{MARK}={mark}"), seen: HashSet::new() }
    }

    /// Remembers all that live now. To be called while parents live: an orphan is known by its mark only.
    pub(crate) fn look(&mut self) {
        let table = processes();
        for (pid, entry) in &table {
            if *pid != self.root && (is_below(*pid, self.root, &table) || has_mark(*pid, &self.mark)) {
                self.seen.insert((*pid, entry.start));
            }
        }
    }

    /// Kills those that were seen and still run.
    pub(crate) fn kill(&self) {
        if self.seen.is_empty() {
            return;
        }
        let table = processes();
        for (pid, start) in &self.seen {
            if table.get(pid).is_some_and(|entry| entry.start == *start) {
                kill(*pid);
            }
        }
    }
}

#[derive(Debug)]
struct Entry {
    parent: u32,
    start: u64,
}

fn is_below(pid: u32, root: u32, table: &HashMap<u32, Entry>) -> bool {
    let mut at = pid;
    // A chain longer than the table is a torn read.
    for _ in 0..table.len() {
        match table.get(&at) {
            Some(entry) if entry.parent == root => return true,
            Some(entry) => at = entry.parent,
            None => return false,
        }
    }
    false
}

#[cfg(target_os = "linux")]
fn processes() -> HashMap<u32, Entry> {
    let Ok(proc) = std::fs::read_dir("/proc") else { return HashMap::new() };
    let pids = proc.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some((pid, parse_stat(&stat)?))
    })
    .collect()
}

#[cfg(not(target_os = "linux"))]
fn processes() -> HashMap<u32, Entry> {
    HashMap::new()
}

/// `pid (name) state ppid … starttime(22) …`; the name may hold anything, so from its last parenthesis on.
#[cfg(any(target_os = "linux", test))]
fn parse_stat(stat: &str) -> Option<Entry> {
    let fields: Vec<&str> = stat[stat.rfind(')')? + 1..].split_ascii_whitespace().collect();
    Some(Entry { parent: fields.get(1)?.parse().ok()?, start: fields.get(19)?.parse().ok()? })
}

/// Whether the environment a process began with has the mark. Other users' processes cannot be read, and are not ours.
fn has_mark(pid: u32, mark: &str) -> bool {
    std::fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|environ| environ.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes()))
}

#[cfg(unix)]
fn kill(pid: u32) {
    if let Some(pid) = rustix::process::Pid::from_raw(pid as i32) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill(_pid: u32) {}

/// Kills what is left in the group of a leader that has ended.
pub(crate) fn kill_group(leader: u32) {
    #[cfg(unix)]
    if let Some(group) = rustix::process::Pid::from_raw(leader as i32) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = leader;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_name_may_hold_anything() {
        let entry = parse_stat("12 (a) b) 7 (x) S 5 12 12 0 -1 1 2 3 4 5 6 7 8 9 20 0 1 0 777 1 2").unwrap();
        assert_eq!((entry.parent, entry.start), (5, 777));
    }

    #[test]
    fn ancestry_follows_parents_and_survives_a_torn_table() {
        let table: HashMap<u32, Entry> = [(2, 1), (3, 2), (4, 3), (9, 8), (8, 9)]
            .map(|(pid, parent)| (pid, Entry { parent, start: 0 }))
            .into();
        assert!(is_below(4, 2, &table) && is_below(4, 1, &table));
        assert!(!is_below(2, 2, &table) && !is_below(9, 2, &table));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn children_are_found_by_their_parent_and_orphans_by_their_mark() {
        let sleep = || std::process::Command::new("sleep").arg("5").env(MARK, "a-mark").spawn().unwrap();
        let (mut one, mut two) = (sleep(), sleep());
        let mut by_parent = Family::new(std::process::id(), "another-mark");
        by_parent.look();
        assert!(by_parent.seen.iter().any(|(pid, _)| *pid == one.id()));
        let mut by_mark = Family::new(u32::MAX, "a-mark");
        by_mark.look();
        assert_eq!(by_mark.seen.len(), 2);
        by_mark.kill();
        assert!(!one.wait().unwrap().success() && !two.wait().unwrap().success());
    }
}
