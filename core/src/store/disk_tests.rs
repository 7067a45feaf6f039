//! Disks that are full, or cannot be written. Each test starts this test binary again where a small disk of its own is
//! mounted; that takes root, or a kernel that gives user namespaces to everybody.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::tests::at;
use super::*;
use crate::fs::{Conventions, FsErrorKind, FsServer};

/// Set in the process with the disk: where it is.
const DISK: &str = "CODRIVER_SMALL_DISK";

const LOG: &str = "/state/events.jsonl";

/// Where the small disk is, or none in the process that only starts another one with it.
///
/// # Panics
/// Where no disk can be mounted, or the test fails in the other process.
fn small_disk(test: &str) -> Option<PathBuf> {
    if let Some(disk) = std::env::var_os(DISK) {
        return Some(disk.into());
    }
    let directory = tempfile::tempdir().unwrap();
    let disk = directory.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    // The mount is gone with the process.
    let namespaces = if rustix::process::geteuid().is_root() { "--mount" } else { "--map-root-user" };
    let script = "mount -t tmpfs -o size=8m,mode=0700 tmpfs \"$0\" && echo mounted && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args([namespaces, "--mount", "--", "sh", "-c", script]).arg(&disk);
    command.arg(std::env::current_exe().unwrap()).args(["--exact", test, "--nocapture", "--test-threads=1"]);
    let output = command.env(DISK, &disk).output().expect("`unshare` of util-linux is needed for this test");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(
        out.starts_with("mounted"),
        "THIS CHECK CANNOT RUN HERE: no small disk can be mounted ({}); run it as root, or where user namespaces are allowed",
        err.trim()
    );
    assert!(output.status.success() && out.contains("1 passed"), "{out}{err}");
    None
}

fn line(number: usize) -> String {
    format!("{number}:{}\n", "x".repeat(1000 + number % 7 * 3000))
}

/// Appends lines until one cannot be; says what was acknowledged, and the error.
async fn fill(fs: &dyn SessionFs, log: &mut String) -> crate::fs::FsError {
    for number in 0.. {
        match fs.append(&at(LOG), line(number).into(), None).await {
            Ok(()) => log.push_str(&line(number)),
            Err(error) => return error,
        }
    }
    unreachable!("a disk without an end")
}

/// What the runtime is answered by the session's filesystem.
async fn answer(fs: &Arc<dyn SessionFs>, method: &str, params: Value) -> Value {
    let server = FsServer::new(Arc::clone(fs), Conventions::Posix, Duration::from_secs(30));
    let params = serde_json::value::to_raw_value(&params).unwrap();
    let answer = server.handle(&format!("sessionFs.{method}"), &params).await.unwrap();
    serde_json::from_str(answer.get()).unwrap()
}

/// What changes something is an error on the wire, in the code for it, that says all of `parts`; what reads is none.
async fn the_runtime_is_told(fs: &Arc<dyn SessionFs>, kept: &str, parts: &[&str]) {
    let large = "2".repeat(1 << 20);
    for (method, path) in [
        ("appendFile", LOG),
        ("writeFile", "/state/workspace.yaml"),
        ("writeFile", "/state/workspace.yaml.tmp.70411655-c546-4ad6-95d7-415452835183"),
    ] {
        let told = answer(fs, method, json!({"path": path, "content": large})).await;
        assert_eq!(told["code"], "UNKNOWN", "{method} {path}: {told}");
        assert_ne!(told["writeChanged"], true, "{method} {path}: {told}");
        let message = told["message"].as_str().unwrap();
        assert!(parts.iter().all(|part| message.contains(part)), "{method} {path}: {message}");
    }
    assert_eq!(answer(fs, "readFile", json!({"path": LOG})).await, json!({"content": kept}));
}

async fn a_full_disk(scheme: &str, disk: &std::path::Path) {
    let url = format!("{scheme}:{}", disk.join("store").display());
    let ballast = disk.join("ballast");
    // What a full SQLite file needs to go on is room for its log beside it.
    std::fs::write(&ballast, vec![1; 4 << 20]).unwrap();
    let store = open(&url).await.unwrap();
    let fs = store.open("s").await.unwrap();
    fs.write(&at("/state/workspace.yaml"), "before".into(), None).await.unwrap();

    let mut log = String::new();
    let error = fill(&*fs, &mut log).await;
    assert!(log.len() > 1 << 19, "{} bytes", log.len());
    assert_eq!(error.kind(), FsErrorKind::Io, "{error}");
    // What, where, and why.
    for part in [disk.to_str().unwrap(), "the disk is full"] {
        assert!(error.message().contains(part), "{part}: {error}");
    }
    // Nothing else goes either, and nothing of it is seen.
    let large = bytes::Bytes::from(vec![2; 1 << 20]);
    for path in ["/state/workspace.yaml", "/state/new"] {
        let error = fs.write(&at(path), large.clone(), None).await.unwrap_err();
        assert!(error.message().contains("the disk is full"), "{error}");
    }
    assert_eq!(fs.read(&at("/state/workspace.yaml")).await.unwrap(), "before");
    assert!(!fs.exists(&at("/state/new")).await.unwrap());
    assert_eq!(fs.read(&at(LOG)).await.unwrap(), log);
    the_runtime_is_told(&fs, &log, &[disk.to_str().unwrap(), "the disk is full"]).await;

    // There is room again, for who was there all the time and for who comes now.
    std::fs::remove_file(&ballast).unwrap();
    fs.append(&at(LOG), "after\n".into(), None).await.unwrap();
    log.push_str("after\n");
    drop((fs, store));
    let fs = open(&url).await.unwrap().open("s").await.unwrap();
    assert_eq!(fs.read(&at(LOG)).await.unwrap(), log);
    assert_eq!(fs.read(&at("/state/workspace.yaml")).await.unwrap(), "before");
    fs.append(&at(LOG), "and later\n".into(), None).await.unwrap();
    assert!(fs.read(&at(LOG)).await.unwrap().ends_with(b"after\nand later\n"));
}

fn remount(disk: &std::path::Path, how: &str) {
    let mounted = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(disk).status().unwrap();
    assert!(mounted.success(), "{how}");
}

async fn a_disk_that_cannot_be_written(scheme: &str, disk: &std::path::Path) {
    let url = format!("{scheme}:{}", disk.join("store").display());
    let fs = open(&url).await.unwrap().open("s").await.unwrap();
    fs.append(&at(LOG), "kept\n".into(), None).await.unwrap();
    // SQLite's files stay open, so that the disk could not change under them.
    let alive = (scheme == "dir").then_some(fs);
    remount(disk, "ro");
    if let Some(fs) = &alive {
        assert_eq!(fs.read(&at(LOG)).await.unwrap(), "kept\n");
        assert_eq!(fs.read_dir(&at("/state")).await.unwrap().len(), 1);
        let error = fs.append(&at(LOG), "lost\n".into(), None).await.unwrap_err();
        assert!(error.message().contains("Read-only file system"), "{error}");
    }
    let store = open(&url).await.unwrap();
    assert_eq!(store.list().await.unwrap().len(), 1);
    let listed = store.list_with_file(&at(LOG), 100).await.unwrap();
    assert_eq!(listed[0].1.as_deref(), Some(&b"kept\n"[..]));
    assert!(store.exists("s").await.unwrap());
    let sessions = SessionStore::new(Arc::clone(&store));
    assert_eq!(sessions.list_sessions(None).await.unwrap().len(), 1);
    assert_eq!(sessions.get_events("s").await.unwrap().unreadable, 1);
    let mut archive = Vec::new();
    sessions.export_session("s", &mut archive).await.unwrap();
    let late = store.open("s").await.unwrap();
    let errors = [
        late.append(&at(LOG), "lost\n".into(), None).await.map_err(crate::Error::from),
        store.delete("s").await,
        store.copy("s", "t").await,
    ];
    for error in errors {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FsIo, "{error}");
        for part in [disk.to_str().unwrap(), "Read-only file system"] {
            assert!(error.message().contains(part), "{part}: {error}");
        }
    }
    assert_eq!(late.read(&at(LOG)).await.unwrap(), "kept\n");
    the_runtime_is_told(&late, "kept\n", &[disk.to_str().unwrap(), "Read-only file system"]).await;
    drop((late, sessions, store));

    remount(disk, "rw");
    let fs = open(&url).await.unwrap().open("s").await.unwrap();
    assert_eq!(fs.read(&at(LOG)).await.unwrap(), "kept\n");
    fs.append(&at(LOG), "more\n".into(), None).await.unwrap();
    if let Some(alive) = alive {
        alive.append(&at(LOG), "and more\n".into(), None).await.unwrap();
        assert_eq!(fs.read(&at(LOG)).await.unwrap(), "kept\nmore\nand more\n");
    }
}

/// A file whose writer was killed, on a disk that then cannot be written.
async fn a_log_that_cannot_be_read(_scheme: &str, disk: &std::path::Path) {
    let path = disk.join("store");
    let store = open(&format!("sqlite:{}", path.display())).await.unwrap();
    let fs = store.open("s").await.unwrap();
    fs.append(&at(LOG), "kept\n".into(), None).await.unwrap();
    let left = disk.join("left");
    for (suffix, is_left) in [("", true), ("-wal", true), ("-shm", false)] {
        let of = |path: &std::path::Path| format!("{}{suffix}", path.display());
        if is_left {
            std::fs::copy(of(&path), of(&left)).unwrap();
        }
    }
    drop((fs, store));
    remount(disk, "ro");
    let url = format!("sqlite:{}", left.display());
    match open(&url).await {
        Err(error) => {
            for part in [&*url, "cannot be opened", "Read-only file system", "`-wal`"] {
                assert!(error.message().contains(part), "{part}: {error}");
            }
        }
        Ok(store) => {
            let log = store.open("s").await.unwrap().read(&at(LOG)).await.unwrap();
            panic!("without its log the file holds {log:?}");
        }
    }
}

macro_rules! on_a_small_disk {
    ($($name:ident: $test:ident($scheme:literal);)*) => {$(
        #[tokio::test]
        async fn $name() {
            if let Some(disk) = small_disk(concat!("store::disk_tests::", stringify!($name))) {
                $test($scheme, &disk).await;
            }
        }
    )*};
}

on_a_small_disk! {
    i24_a_full_disk_is_an_error_and_loses_nothing_of_the_directory_store: a_full_disk("dir");
    i24_a_full_disk_is_an_error_and_loses_nothing_of_the_sqlite_store: a_full_disk("sqlite");
    i24_a_full_disk_is_an_error_and_loses_nothing_of_the_sqlite_directory_store: a_full_disk("sqlite-dir");
    a_directory_store_on_a_disk_that_turned_read_only_can_be_read: a_disk_that_cannot_be_written("dir");
    a_sqlite_store_on_a_disk_that_turned_read_only_can_be_read: a_disk_that_cannot_be_written("sqlite");
    a_sqlite_directory_store_on_a_disk_that_turned_read_only_can_be_read: a_disk_that_cannot_be_written("sqlite-dir");
    a_sqlite_file_is_not_read_without_its_log: a_log_that_cannot_be_read("sqlite");
}
