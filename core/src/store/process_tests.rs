//! Several processes at work in one store: this test binary, started again as each of them.

use std::process::{Command, Stdio};

use super::tests::{SCHEMES, at};
use super::{SessionFs, open};

/// Set in a child: the URL of the store, and the child's number.
const STORE: &str = "CODRIVER_SHARED_STORE";
const CHILD: &str = "CODRIVER_SHARED_CHILD";

const CHILDREN: usize = 3;
const ROUNDS: usize = 40;

fn line(child: usize, round: usize) -> String {
    format!("{child}:{round}:{}\n", "x".repeat(round * 97 % 3000))
}

fn lines(child: usize) -> String {
    (0..ROUNDS).map(|round| line(child, round)).collect()
}

async fn append(fs: &dyn SessionFs, path: &str, text: String) {
    fs.append(&at(path), text.into(), None).await.unwrap();
}

/// Writes to a session of its own, and to a file of its own and a common one in the session of all. Every other round it
/// opens the store anew and closes it, as processes come and go.
async fn work(url: &str, child: usize) {
    let held = open(url).await.unwrap();
    for round in 0..ROUNDS {
        let store = if round % 2 == 0 { std::sync::Arc::clone(&held) } else { open(url).await.unwrap() };
        let own = store.open(&format!("own-{child}")).await.unwrap();
        let common = store.open("common").await.unwrap();
        append(&*own, "/state/events.jsonl", line(child, round)).await;
        append(&*common, &format!("/state/log-{child}"), line(child, round)).await;
        append(&*common, "/state/log", line(child, round)).await;
        common.write(&at("/state/last"), line(child, round).into(), None).await.unwrap();
        // What was acknowledged is there at once, with the others at work.
        let (log, last) = (at("/state/events.jsonl"), at("/state/last"));
        let (log, last) = tokio::join!(own.read(&log), common.read(&last));
        assert!(log.unwrap().ends_with(line(child, round).as_bytes()));
        let last = String::from_utf8(last.unwrap().to_vec()).unwrap();
        let mut numbers = last.splitn(3, ':').map(|number| number.parse().unwrap_or(usize::MAX));
        assert!(last == line(numbers.next().unwrap(), numbers.next().unwrap()), "a mix: {last}");
        assert!(store.list().await.unwrap().len() >= 2);
    }
}

async fn nothing_is_lost(test: &str, scheme: &str) {
    if let (Ok(url), Ok(child)) = (std::env::var(STORE), std::env::var(CHILD)) {
        return work(&url, child.parse().unwrap()).await;
    }
    assert!(SCHEMES.contains(&scheme));
    let directory = tempfile::tempdir().unwrap();
    let url = format!("{scheme}:{}", directory.path().join("store").display());
    let spawn = |child: usize| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
        command.env(STORE, &url).env(CHILD, child.to_string()).stdout(Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = (0..CHILDREN).map(spawn).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success(), "{scheme}: a child failed");
    }
    let store = open(&url).await.unwrap();
    assert_eq!(store.list().await.unwrap().len(), CHILDREN + 1, "{scheme}");
    let common = store.open("common").await.unwrap();
    let log = common.read(&at("/state/log")).await.unwrap();
    let log = std::str::from_utf8(&log).unwrap();
    for child in 0..CHILDREN {
        let own = store.open(&format!("own-{child}")).await.unwrap();
        for (fs, path) in [(&own, "/state/events.jsonl".to_owned()), (&common, format!("/state/log-{child}"))]
        {
            assert!(fs.read(&at(&path)).await.unwrap() == lines(child), "{scheme}: {path} of {child}");
        }
        let prefix = format!("{child}:");
        let of_child: String = log.split_inclusive('\n').filter(|line| line.starts_with(&prefix)).collect();
        assert!(of_child == lines(child), "{scheme}: the common log has lost lines of {child}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_at_work_in_one_directory_lose_nothing() {
    nothing_is_lost("store::process_tests::processes_at_work_in_one_directory_lose_nothing", "dir").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_at_work_in_one_sqlite_file_lose_nothing() {
    nothing_is_lost("store::process_tests::processes_at_work_in_one_sqlite_file_lose_nothing", "sqlite")
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_at_work_in_one_directory_of_sqlite_files_lose_nothing() {
    let test = "store::process_tests::processes_at_work_in_one_directory_of_sqlite_files_lose_nothing";
    nothing_is_lost(test, "sqlite-dir").await;
}
