//! Disks that are full, or cannot be written. Each test starts this test binary again where a small disk of its own is
//! mounted; that takes root, or a kernel that gives user namespaces to everybody.

use std::path::PathBuf;
use std::process::Command;

use super::tests::at;
use super::*;
use crate::fs::FsErrorKind;

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

async fn a_disk_that_cannot_be_written(scheme: &str, disk: &std::path::Path) {
    let url = format!("{scheme}:{}", disk.join("store").display());
    let fs = open(&url).await.unwrap().open("s").await.unwrap();
    fs.append(&at(LOG), "kept\n".into(), None).await.unwrap();
    drop(fs);
    let remount = |how: &str| {
        let mounted = Command::new("mount").args(["-o", how]).arg(disk).status().unwrap();
        assert!(mounted.success(), "{how}");
    };
    remount("remount,ro");
    let Err(error) = open(&url).await else { panic!("{url} was opened") };
    assert_eq!(error.kind(), ErrorKind::FsIo, "{error}");
    for part in [&*url, "Read-only file system"] {
        assert!(error.message().contains(part), "{part}: {error}");
    }
    remount("remount,rw");
    let fs = open(&url).await.unwrap().open("s").await.unwrap();
    assert_eq!(fs.read(&at(LOG)).await.unwrap(), "kept\n");
    fs.append(&at(LOG), "more\n".into(), None).await.unwrap();
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
    a_directory_store_that_cannot_be_written_says_so_and_loses_nothing: a_disk_that_cannot_be_written("dir");
    a_sqlite_store_that_cannot_be_written_says_so_and_loses_nothing: a_disk_that_cannot_be_written("sqlite");
}
