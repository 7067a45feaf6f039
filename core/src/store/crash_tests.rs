//! A process that is killed while it writes (I24): this test binary, started again as its own victim.

#[cfg(target_os = "linux")]
mod durability;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::tests::at;
use super::{SessionFs, Store, open};

/// Set in the victim: the URL of the store.
const STORE: &str = "CODRIVER_CRASH_STORE";
/// How many times to kill; 200 unless set.
const ROUNDS: &str = "CODRIVER_CRASH_ROUNDS";
/// With so many lines in its log a session is deleted and begun anew, so that no round reads much.
const MAX_LINES: u64 = 60;
/// Before a line whose number ends so, the session is copied; and before one that ends so, the copy is deleted.
const COPIED: u64 = 4;
const DELETED: u64 = 8;

const LOG: &str = "/state/events.jsonl";
const FILE: &str = "/state/workspace.yaml";
const BESIDE: &str = "/state/workspace.yaml.tmp.70411655";

/// The line of that number: its length is anything up to 300 KB, so that a kill often comes in its middle.
fn line(number: u64) -> String {
    let length = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % [200, 3_000, 300_000][(number % 3) as usize];
    format!("{number}:{}\n", char::from(b'a' + (number % 26) as u8).to_string().repeat(length as usize))
}

/// How many lines the log has; panics where one is not whole or not in its place.
async fn lines_of(fs: &dyn SessionFs) -> u64 {
    if !fs.exists(&at(LOG)).await.unwrap() {
        return 0;
    }
    let log = fs.read(&at(LOG)).await.unwrap();
    let mut count = 0;
    for got in log.split_inclusive(|&byte| byte == b'\n') {
        assert!(got == line(count).as_bytes(), "line {count} is torn or not in its place");
        count += 1;
    }
    assert_eq!(fs.stat(&at(LOG)).await.unwrap().size, log.len() as u64);
    count
}

/// Which line the file at `path` holds, if it is there; panics where it is not whole.
async fn line_at(fs: &dyn SessionFs, path: &str) -> Option<u64> {
    if !fs.exists(&at(path)).await.unwrap() {
        return None;
    }
    let content = fs.read(&at(path)).await.unwrap();
    let text = std::str::from_utf8(&content).unwrap();
    let number = text.split_once(':').and_then(|(number, _)| number.parse().ok());
    let number = number.unwrap_or_else(|| panic!("{path} is torn: {} bytes", content.len()));
    assert!(text == line(number), "{path} is torn: it holds a part of line {number}");
    Some(number)
}

/// Which line the file holds; panics where it, or what a kill left beside it, is not whole.
async fn version_of(fs: &dyn SessionFs, lines: u64) -> Option<u64> {
    let left = line_at(fs, BESIDE).await;
    assert!(left.is_none_or(|left| left < lines && left % 2 == 1), "line {left:?} was never beside the file");
    line_at(fs, FILE).await
}

/// Appends line after line, writes each to a file as the runtime does, copies the session now and then, and tells what was
/// acknowledged.
async fn write_until_killed(url: &str) {
    let mut told = std::io::stdout();
    writeln!(told, "\nbegun").and_then(|()| told.flush()).unwrap();
    let store = open(url).await.unwrap();
    let fs = store.open("victim").await.unwrap();
    for number in lines_of(&*fs).await.. {
        // Who was killed meanwhile has one who does it again.
        let is_there = async || store.exists("fork").await.unwrap();
        if number % 10 == COPIED && !is_there().await {
            store.copy("victim", "fork").await.unwrap();
            writeln!(told, "\ncopied {number}").and_then(|()| told.flush()).unwrap();
        } else if number % 10 == DELETED && is_there().await {
            store.delete("fork").await.unwrap();
            writeln!(told, "\ndeleted {number}").and_then(|()| told.flush()).unwrap();
        }
        fs.append(&at(LOG), line(number).into(), None).await.unwrap();
        writeln!(told, "\nappended {number}").and_then(|()| told.flush()).unwrap();
        // Straight over the file, and by way of a file beside it.
        let first = if number % 2 == 0 { FILE } else { BESIDE };
        fs.write(&at(first), line(number).into(), None).await.unwrap();
        if first != FILE {
            fs.rename(&at(first), &at(FILE)).await.unwrap();
        }
        writeln!(told, "\nwritten {number}").and_then(|()| told.flush()).unwrap();
    }
}

/// What is known to be acknowledged: how many lines of the log, which was written last, and how many the copy has.
#[derive(Debug, Default, Clone, Copy)]
struct Acknowledged {
    lines: u64,
    version: Option<u64>,
    fork: Option<u64>,
}

impl Acknowledged {
    /// Whether the copy may have so many lines: those that it was told to have, or those of what was under way.
    fn allows_fork(self, found: Option<u64>, lines: u64) -> bool {
        let is_under_way = match lines % 10 {
            COPIED => found == Some(lines),
            DELETED => found.is_none(),
            _ => false,
        };
        is_under_way || found == self.fork
    }
}

/// How many lines the copy has, if it is there; panics where it is not whole.
async fn lines_of_fork(store: &dyn Store) -> Option<u64> {
    if !store.exists("fork").await.unwrap() {
        return None;
    }
    let fs = store.open("fork").await.unwrap();
    let lines = lines_of(&*fs).await;
    let version = version_of(&*fs, lines).await;
    assert!(version < Some(lines), "the copy has {lines} lines, and {version:?}");
    Some(lines)
}

/// When a victim is killed.
#[derive(Clone, Copy, PartialEq)]
enum From {
    /// Counted from where it begins: while it opens the store, or makes its first change.
    Begin,
    /// Counted from its first change.
    Change,
}

/// Starts a victim, kills it after a time, and adds what it told until then; says how many changes that were.
fn kill_a_victim(test: &str, url: &str, from: From, after: Duration, acknowledged: &mut Acknowledged) -> u64 {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(STORE, url);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut killer, mut told) = (None, 0);
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(|line| line.ok()) {
        let reached = match line.split_once(' ') {
            None if line == "begun" => From::Begin,
            Some(("appended", number)) => {
                acknowledged.lines = number.parse::<u64>().unwrap() + 1;
                From::Change
            }
            Some(("written", number)) => {
                acknowledged.version = number.parse().ok();
                From::Change
            }
            Some(("copied", number)) => {
                acknowledged.fork = number.parse().ok();
                From::Change
            }
            Some(("deleted", _)) => {
                acknowledged.fork = None;
                From::Change
            }
            _ => continue,
        };
        told += u64::from(reached == From::Change);
        if reached == from && killer.is_none() {
            let pid = rustix::process::Pid::from_child(&child);
            killer = Some(std::thread::spawn(move || {
                std::thread::sleep(after);
                rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
            }));
        }
    }
    let status = child.wait().unwrap();
    killer.expect("the victim ended by itself").join().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "{status}");
    told
}

/// A delay that nobody can foresee, below 30 ms.
fn any_delay() -> Duration {
    Duration::from_micros(
        u64::from_le_bytes(uuid::Uuid::new_v4().as_bytes()[..8].try_into().unwrap()) % 30_000,
    )
}

async fn nothing_acknowledged_is_lost(test: &str, scheme: &str, inspect: impl Fn(&Path)) {
    if let Ok(url) = std::env::var(STORE) {
        return write_until_killed(&url).await;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let url = format!("{scheme}:{}", path.display());
    let rounds = std::env::var(ROUNDS).map_or(200, |rounds| rounds.parse().unwrap());
    let (mut before, mut changes, mut forks) = (Acknowledged::default(), 0, 0);
    for round in 0..rounds {
        let mut told = before;
        let from = if round % 4 == 0 { From::Begin } else { From::Change };
        changes += kill_a_victim(test, &url, from, any_delay(), &mut told);
        let store = open(&url).await.unwrap();
        let fs = store.open("victim").await.unwrap();
        let lines = lines_of(&*fs).await;
        let version = version_of(&*fs, lines).await;
        let fork = lines_of_fork(&*store).await;
        let context =
            format!("{scheme}, round {round}: {told:?}, there are {lines} lines, {version:?} and {fork:?}");
        // What was under way may be there too: one line, and the file of the last line.
        assert!(lines == told.lines || lines == told.lines + 1, "{context}");
        assert!(version >= told.version && version < Some(lines.max(1)), "{context}");
        assert!(told.allows_fork(fork, lines), "{context}");
        forks += u64::from(fork.is_some());
        let listed = store.list().await.unwrap();
        assert!(listed.iter().all(|session| ["victim", "fork"].contains(&&*session.id)), "{context}");
        if lines > 0 {
            inspect(&path);
            for entry in fs.read_dir(&at("/state")).await.unwrap() {
                assert!(
                    [LOG, FILE, BESIDE].contains(&&*format!("/state/{}", entry.name)),
                    "{context}: {entry:?}"
                );
            }
        }
        before = Acknowledged { lines, version, fork };
        if lines > MAX_LINES {
            for session in listed {
                store.delete(&session.id).await.unwrap();
            }
            before = Acknowledged::default();
        }
    }
    assert!(
        changes > rounds,
        "{changes} changes in {rounds} rounds: the victims were killed before they did anything"
    );
    assert!(forks >= rounds / 20, "there was a copy in only {forks} of {rounds} rounds");
}

/// Panics where a folder of a store is of a session that was being made or deleted: an open removes those.
fn nothing_unfinished_is_left(store: &Path) {
    for entry in std::fs::read_dir(store).unwrap() {
        let name = entry.unwrap().file_name();
        let is_whole = [Some("victim"), Some("fork"), Some(".lock")].contains(&name.to_str());
        assert!(is_whole, "{name:?} is left after an open");
    }
}

/// Panics where SQLite finds a fault in the file.
fn is_sound(file: &Path) {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let told: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(told, "ok", "{}", file.display());
}

#[tokio::test]
async fn i24_a_kill_loses_nothing_that_the_directory_store_acknowledged() {
    let test = "store::crash_tests::i24_a_kill_loses_nothing_that_the_directory_store_acknowledged";
    nothing_acknowledged_is_lost(test, "dir", |store| {
        nothing_unfinished_is_left(store);
        let left = std::fs::read_dir(store.join("victim/tmp")).unwrap().count();
        assert_eq!(left, 0, "temporary files are left after an open");
    })
    .await;
}

#[tokio::test]
async fn i24_a_kill_loses_nothing_that_the_sqlite_store_acknowledged() {
    let test = "store::crash_tests::i24_a_kill_loses_nothing_that_the_sqlite_store_acknowledged";
    nothing_acknowledged_is_lost(test, "sqlite", is_sound).await;
}

#[tokio::test]
async fn i24_a_kill_loses_nothing_that_the_sqlite_directory_store_acknowledged() {
    let test = "store::crash_tests::i24_a_kill_loses_nothing_that_the_sqlite_directory_store_acknowledged";
    nothing_acknowledged_is_lost(test, "sqlite-dir", |store| {
        nothing_unfinished_is_left(store);
        let in_it = |path: &Path| std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        let sessions = in_it(store).filter(|path| path.is_dir());
        let files = sessions.flat_map(|session| in_it(&session));
        let mut databases = files.filter(|path| path.extension().is_some_and(|end| end == "db")).peekable();
        assert!(databases.peek().is_some(), "no session has a file");
        databases.for_each(|file| is_sound(&file));
    })
    .await;
}
