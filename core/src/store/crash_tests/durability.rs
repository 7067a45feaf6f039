//! What a power cut would leave (I24): no change is acknowledged before the disk has it. A kill cannot tell, as the kernel
//! keeps what it was given; so a child's calls to the kernel are read, as `strace` writes them down.
//!
//! The rules: at an acknowledgement no file has content, and no directory names, that were not synced; what is renamed was
//! synced before; and in a directory store the journal is synced before what it vouches for is touched.

use std::collections::{BTreeSet, HashMap};
use std::process::Command;

use super::super::open;
use super::super::tests::at;

/// Set in the child: the URL of the store.
const STORE: &str = "CODRIVER_TRACED_STORE";
/// A directory that is nowhere: a rename in it marks an acknowledgement in the trace.
const ACKNOWLEDGED: &str = "/codriver-acknowledged/";
/// With `?`: not every processor has it.
const CALLS: &str = "trace=openat,?open,?creat,?mkdir,mkdirat,?unlink,unlinkat,?rmdir,?rename,?renameat,renameat2,\
    write,writev,pwrite64,pwritev,ftruncate,fsync,fdatasync";

fn acknowledge(what: &str) {
    let mark = format!("{ACKNOWLEDGED}{what}");
    assert!(std::fs::rename(&mark, &mark).is_err());
}

/// Every kind of change, each acknowledged.
async fn change_everything(url: &str) {
    let store = open(url).await.unwrap();
    let fs = store.open("s").await.unwrap();
    let (log, file, moved) =
        (at("/state/events.jsonl"), at("/state/workspace.yaml"), at("/state/moved/file"));
    for turn in ["first", "second"] {
        fs.append(&log, "{}\n".into(), None).await.unwrap();
        acknowledge(&format!("{turn}_append"));
        fs.write(&file, "id: s".into(), None).await.unwrap();
        acknowledge(&format!("{turn}_write"));
        fs.mkdir(&at(&format!("/state/{turn}/deep/er")), true, None).await.unwrap();
        acknowledge(&format!("{turn}_mkdir"));
        fs.append(&at(&format!("/state/{turn}/deep/er/log")), "1".into(), None).await.unwrap();
        acknowledge(&format!("{turn}_append_to_a_new_file"));
        fs.rename(&file, &moved).await.unwrap();
        acknowledge(&format!("{turn}_rename"));
    }
    fs.remove(&moved, false, false).await.unwrap();
    acknowledge("remove_of_a_file");
    fs.remove(&at("/state/first"), true, false).await.unwrap();
    acknowledge("remove_of_a_directory");
    store.copy("s", "copy").await.unwrap();
    acknowledge("copy");
    store.delete("copy").await.unwrap();
    acknowledge("delete");
}

/// A call that succeeded.
struct Call {
    name: String,
    /// The paths behind descriptors, and the strings, in the order of the arguments.
    paths: Vec<String>,
    strings: Vec<String>,
    text: String,
}

/// The calls that succeeded, and the marks, in the order in which they ended.
fn calls(trace: &str) -> Vec<Call> {
    let mut begun: HashMap<&str, String> = HashMap::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some((thread, text)) = line.trim_start().split_once(char::is_whitespace) else { continue };
        let text = text.trim_start();
        let text = if let Some((head, _)) = text.split_once(" <unfinished ...>") {
            begun.insert(thread, head.to_owned());
            continue;
        } else if let Some((_, tail)) = text.split_once(" resumed>").filter(|_| text.starts_with("<... ")) {
            begun.remove(thread).unwrap_or_default() + tail
        } else {
            text.to_owned()
        };
        let Some((name, _)) = text.split_once('(') else { continue };
        if text.contains(" = -1 ") && !text.contains(ACKNOWLEDGED) {
            continue;
        }
        let (mut paths, mut strings, mut chars) = (Vec::new(), Vec::new(), text.chars());
        while let Some(c) = chars.next() {
            match c {
                '<' => paths.push(chars.by_ref().take_while(|c| *c != '>').collect()),
                '"' => {
                    let mut string = String::new();
                    while let Some(c) = chars.next().filter(|c| *c != '"') {
                        string.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
                    }
                    strings.push(string);
                }
                _ => {}
            }
        }
        calls.push(Call { name: name.to_owned(), paths, strings, text });
    }
    calls
}

fn parent(path: &str) -> String {
    path.rsplit_once('/').map_or(String::new(), |(parent, _)| parent.to_owned())
}

/// What the disk may not have yet.
#[derive(Default)]
struct Disk {
    files: BTreeSet<String>,
    directories: BTreeSet<String>,
    known: BTreeSet<String>,
}

/// Whether a crash may leave it as it likes: what is cleaned up afterwards, locks, and SQLite's index of its log.
fn is_spare(path: &str) -> bool {
    path.ends_with("/tmp")
        || path.contains("/s/tmp/")
        || path.contains("/copy/tmp/")
        || path.contains("/.unfinished-")
        || path.ends_with("/.lock")
        || path.ends_with("-shm")
}

impl Disk {
    fn made(&mut self, path: &str) {
        if self.known.insert(path.to_owned()) && !path.ends_with("/.lock") && !path.ends_with("-shm") {
            self.directories.insert(parent(path));
        }
    }

    /// Everything at and below `path` that is not synced.
    fn unsynced(&self, path: &str) -> Vec<&String> {
        let below = format!("{path}/");
        let all = self.files.iter().chain(&self.directories);
        all.filter(|dirty| *dirty == path || dirty.starts_with(&below)).collect()
    }

    fn renamed(&mut self, from: &str, to: &str) {
        for set in [&mut self.files, &mut self.directories, &mut self.known] {
            let inside = |path: &str| {
                path.strip_prefix(from)
                    .filter(|rest| rest.is_empty() || rest.starts_with('/'))
                    .map(|rest| format!("{to}{rest}"))
            };
            *set = std::mem::take(set).into_iter().map(|path| inside(&path).unwrap_or(path)).collect();
        }
        self.directories.extend([parent(from), parent(to)]);
    }

    /// The journal of the session whose file this is.
    fn journal_of(path: &str) -> Option<String> {
        path.split_once("/files/").map(|(session, _)| format!("{session}/journal"))
    }

    fn check_journal(&self, path: &str, text: &str) {
        let unsynced = Disk::journal_of(path).filter(|journal| self.files.contains(journal));
        assert_eq!(unsynced, None, "the journal is not synced before {text}");
    }
}

/// Follows a trace of a store in `root`; says what was acknowledged.
fn follow(trace: &str, root: &str, mut disk: Disk) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for call in calls(trace) {
        // Where a name was given beside a directory, that is what it is in.
        let given = |index: usize| match (call.strings.get(index), call.paths.get(index)) {
            (Some(name), _) if name.starts_with('/') => name.clone(),
            (Some(name), Some(directory)) => format!("{directory}/{name}"),
            (Some(name), None) => name.clone(),
            (None, _) => String::new(),
        };
        let opened = call.paths.first().cloned().unwrap_or_default();
        match call.name.as_str() {
            "rename" | "renameat" | "renameat2" if given(0).starts_with(ACKNOWLEDGED) => {
                let what = given(0)[ACKNOWLEDGED.len()..].to_owned();
                // A note may stand, and its erasure may be lost.
                let lost =
                    disk.files.iter().chain(&disk.directories).filter(|path| !path.ends_with("/journal"));
                let lost: Vec<_> = lost.filter(|path| !is_spare(path)).collect();
                assert!(lost.is_empty(), "{what} is acknowledged before these are synced: {lost:?}");
                acknowledged.push(what);
            }
            "rename" | "renameat" | "renameat2" if given(0).starts_with(root) => {
                let (from, to) = (given(0), given(1));
                let unsynced: Vec<_> = disk
                    .unsynced(&from)
                    .into_iter()
                    .filter(|path| !path.ends_with("/journal") && !path.ends_with("/tmp"))
                    .collect();
                assert!(unsynced.is_empty() || is_spare(&to), "{unsynced:?} before {}", call.text);
                disk.check_journal(&from, &call.text);
                disk.check_journal(&to, &call.text);
                disk.renamed(&from, &to);
            }
            "openat" | "open" | "creat" if call.text.contains("O_CREAT") => {
                let path = call.paths.last().cloned().unwrap_or_default();
                if path.starts_with(root) {
                    disk.made(&path);
                }
            }
            "mkdir" | "mkdirat" if given(0).starts_with(root) => disk.made(&given(0)),
            "unlink" | "unlinkat" | "rmdir" if given(0).starts_with(root) => {
                let path = given(0);
                disk.check_journal(&path, &call.text);
                disk.files.remove(&path);
                disk.directories.remove(&path);
                disk.known.remove(&path);
                if !is_spare(&path) {
                    disk.directories.insert(parent(&path));
                }
            }
            "write" | "writev" | "pwrite64" | "pwritev" | "ftruncate" if opened.starts_with(root) => {
                disk.check_journal(&opened, &call.text);
                // Says that a sync was: no harm if it is lost.
                if !(opened.ends_with("/journal") && call.strings.first().is_some_and(|text| text == "!")) {
                    disk.files.insert(opened);
                }
            }
            "fsync" | "fdatasync" => {
                disk.files.remove(&opened);
                disk.directories.remove(&opened);
            }
            _ => {}
        }
    }
    acknowledged
}

/// The trace of this test in a child; none where nothing can be traced, which is told loudly.
///
/// # Panics
/// Where the child fails, and where `CODRIVER_REQUIRE` lists `strace` and nothing can be traced.
fn traced(test: &str, url: &str) -> Option<String> {
    let trace = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-qq", "-s", "1024", "-e", "signal=none", "-e", CALLS, "-o"]).arg(trace.path());
    command.arg("--").arg(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(STORE, url);
    let why = match command.output() {
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            let trace = std::fs::read_to_string(trace.path()).unwrap();
            if output.status.success() && !trace.is_empty() {
                return Some(trace);
            }
            assert!(told.contains("ptrace") || told.contains("PTRACE"), "{told}");
            told
        }
        Err(error) => error.to_string(),
    };
    let why = format!("THIS CHECK CANNOT RUN HERE: `strace` is needed, and cannot be used: {}", why.trim());
    let required = std::env::var("CODRIVER_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|needed| needed == "strace"), "{why}");
    // Past the capturing of this test's output.
    let _nobody_reads = std::io::Write::write_all(&mut std::io::stderr(), format!("\n{why}\n").as_bytes());
    None
}

async fn everything_is_synced(test: &str, scheme: &str) {
    if let Ok(url) = std::env::var(STORE) {
        return change_everything(&url).await;
    }
    let directory = tempfile::tempdir().unwrap();
    // Two directories that are not there yet; SQLite wants one for its file.
    let path = directory.path().join("made/store");
    if scheme == "sqlite" {
        std::fs::create_dir(directory.path().join("made")).unwrap();
    }
    if let Some(trace) = traced(test, &format!("{scheme}:{}", path.display())) {
        let acknowledged = follow(&trace, directory.path().to_str().unwrap(), Disk::default());
        assert_eq!(acknowledged.len(), 14, "{acknowledged:?}");
    }
}

#[tokio::test]
async fn i24_the_directory_store_acknowledges_nothing_that_a_power_cut_could_take() {
    let test = "store::crash_tests::durability::i24_the_directory_store_acknowledges_nothing_that_a_power_cut_could_take";
    everything_is_synced(test, "dir").await;
}

#[tokio::test]
async fn i24_the_sqlite_store_acknowledges_nothing_that_a_power_cut_could_take() {
    let test = "store::crash_tests::durability::i24_the_sqlite_store_acknowledges_nothing_that_a_power_cut_could_take";
    everything_is_synced(test, "sqlite").await;
}

#[tokio::test]
async fn i24_the_sqlite_directory_store_acknowledges_nothing_that_a_power_cut_could_take() {
    let test = "store::crash_tests::durability::i24_the_sqlite_directory_store_acknowledges_nothing_that_a_power_cut_could_take";
    everything_is_synced(test, "sqlite-dir").await;
}

#[tokio::test]
async fn i24_what_a_killed_process_did_not_sync_is_synced_before_it_is_built_upon() {
    let file = at("/state/deep/file");
    if let Ok(url) = std::env::var(STORE) {
        let fs = open(&url).await.unwrap().open("s").await.unwrap();
        fs.append(&file, "more".into(), None).await.unwrap();
        return acknowledge("append");
    }
    let directory = tempfile::tempdir().unwrap();
    let url = format!("dir:{}", directory.path().join("store").display());
    open(&url).await.unwrap().open("s").await.unwrap().write(&file, "x".into(), None).await.unwrap();
    let files = directory.path().join("store/s/files");
    let unsynced = ["", "/state", "/state/deep"].map(|name| format!("{}{name}", files.display()));
    let mut disk = Disk { directories: unsynced.into(), ..Disk::default() };
    // The append only opens it.
    disk.known.insert(format!("{}/state/deep/file", files.display()));
    let test = "store::crash_tests::durability::i24_what_a_killed_process_did_not_sync_is_synced_before_it_is_built_upon";
    if let Some(trace) = traced(test, &url) {
        assert_eq!(follow(&trace, directory.path().to_str().unwrap(), disk), ["append"]);
    }
}

#[test]
fn a_trace_in_which_a_sync_is_missing_or_late_is_refused() {
    let good = "\
1 mkdirat(3</r/s/files>, \"state\", 0700) = 0
1 fsync(3</r/s/files>) = 0
1 openat(4</r/s/tmp>, \"x\", O_WRONLY|O_CREAT|O_EXCL, 0600) = 5</r/s/tmp/x>
1 write(5</r/s/tmp/x>, \"id\", 2) = 2
1 fsync(5</r/s/tmp/x>) = 0
1 renameat(4</r/s/tmp>, \"x\", 6</r/s/files/state>, \"y\") = 0
2 fsync(6</r/s/files/state> <unfinished ...>
2 <... fsync resumed>) = 0
1 rename(\"/codriver-acknowledged/write\", \"/codriver-acknowledged/write\") = -1 ENOENT (No such file or directory)
1 pwrite64(7</r/s/journal>, \"0 {}\", 4, 0) = 4
1 fdatasync(7</r/s/journal>) = 0
1 pwrite64(5</r/s/files/state/y>, \"more\", 4, 2) = 4
1 fsync(5</r/s/files/state/y>) = 0
1 pwrite64(7</r/s/journal>, \"\\n\", 1, 0) = 1
1 rename(\"/codriver-acknowledged/append\", \"/codriver-acknowledged/append\") = -1 ENOENT (No such file or directory)
1 fdatasync(7</r/s/journal>) = 0
1 pwrite64(7</r/s/journal>, \"!\", 1, 0) = 1
1 unlinkat(6</r/s/files/state>, \"y\", 0) = 0
1 fsync(6</r/s/files/state>) = 0
1 rename(\"/codriver-acknowledged/remove\", \"/codriver-acknowledged/remove\") = -1 ENOENT (No such file or directory)
";
    assert_eq!(follow(good, "/r", Disk::default()), ["write", "append", "remove"]);
    let lines: Vec<&str> = good.lines().collect();
    let syncs: Vec<usize> = (0..lines.len()).filter(|&at| lines[at].contains("sync(")).collect();
    assert_eq!(syncs.len(), 7);
    for at in syncs {
        let without: Vec<&str> =
            lines.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, line)| *line).collect();
        let followed = std::panic::catch_unwind(|| follow(&without.join("\n"), "/r", Disk::default()));
        assert!(followed.is_err(), "without {}", lines[at]);
    }
}
