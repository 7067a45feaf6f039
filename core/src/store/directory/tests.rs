use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use super::super::tests::at;
use super::*;
use crate::fs::FsErrorKind;

async fn store() -> (tempfile::TempDir, DirectoryStore, Arc<dyn SessionFs>) {
    let directory = tempfile::tempdir().unwrap();
    let store = DirectoryStore::open(directory.path().join("store")).await.unwrap();
    let fs = Store::open(&store, "s").await.unwrap();
    (directory, store, fs)
}

#[tokio::test]
async fn files_are_0600_and_folders_0700() {
    let (directory, _, fs) = store().await;
    fs.write(&at("/state/a"), "x".into(), Some(0o666)).await.unwrap();
    fs.append(&at("/state/b"), "x".into(), Some(0o666)).await.unwrap();
    fs.mkdir(&at("/state/c"), true, Some(0o777)).await.unwrap();
    let mut folders = vec![directory.path().join("store")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700, "{folder:?}");
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            match entry.metadata().unwrap() {
                metadata if metadata.is_dir() => folders.push(entry.path()),
                metadata => assert_eq!(metadata.mode() & 0o777, 0o600, "{entry:?}"),
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 9, ".lock, s, journal, files, tmp, state, a, b, c");
}

#[tokio::test]
async fn symbolic_links_are_not_followed_anywhere() {
    let (directory, store, fs) = store().await;
    let outside = directory.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "secret").unwrap();
    fs.write(&at("/state/a"), "x".into(), None).await.unwrap();
    let state = directory.path().join("store/s/files/state");
    symlink(&outside, state.join("link")).unwrap();
    symlink(outside.join("secret"), state.join("file")).unwrap();

    for path in ["/state/link/secret", "/state/file"] {
        assert_eq!(fs.read(&at(path)).await.unwrap_err().kind(), FsErrorKind::Io, "{path}");
        assert_eq!(fs.stat(&at(path)).await.unwrap_err().kind(), FsErrorKind::Io, "{path}");
        for refused in [
            fs.write(&at(path), "x".into(), None).await,
            fs.append(&at(path), "x".into(), None).await,
            fs.rename(&at("/state/a"), &at(path)).await,
        ] {
            assert_eq!(refused.unwrap_err().kind(), FsErrorKind::Io, "{path}");
        }
    }
    assert!(fs.write(&at("/state/link/new"), "x".into(), None).await.is_err());
    assert!(fs.remove(&at("/state/link/secret"), false, false).await.is_err());
    assert_eq!(fs.read_dir(&at("/state")).await.unwrap().len(), 1);

    // What is removed is the link, also inside a directory.
    fs.remove(&at("/state"), true, false).await.unwrap();
    assert_eq!(fs::read(outside.join("secret")).unwrap(), b"secret");
    symlink(&outside, directory.path().join("store/other")).unwrap();
    assert!(Store::open(&store, "other").await.is_err());
    assert_eq!(Store::list(&store).await.unwrap().len(), 1);
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
}

#[tokio::test]
async fn i24_an_append_that_was_torn_is_taken_back_and_a_whole_one_stays() {
    let (directory, _, fs) = store().await;
    let file = directory.path().join("store/s/files/log");
    let session = Folder::at(&directory.path().join("store")).unwrap();
    for (old, appended, on_disk, expected) in [
        (Some("one\n"), "two\n", "one\ntw", Some("one\n")),
        (Some("one\n"), "two\n", "one\n\0\0\0\0", Some("one\n")),
        (Some("one\n"), "two\n", "one\n", Some("one\n")),
        (Some("one\n"), "two\n", "one\ntwo\n", Some("one\ntwo\n")),
        (None, "two\n", "tw", None),
        (None, "two\n", "two\n", Some("two\n")),
    ] {
        fs.write(&at("/log"), "".into(), None).await.unwrap();
        fs::write(&file, on_disk).unwrap();
        let journal = Journal::lock_exclusive(&session.folder("s").unwrap()).unwrap();
        let old_len = old.map(|old| old.len() as u64);
        journal
            .begin(&journal::Note {
                names: vec![FILES.into(), "log".into()],
                old_len,
                new_len: old_len.unwrap_or(0) + appended.len() as u64,
                sum: journal::checksum(appended.as_bytes()),
            })
            .unwrap();
        drop(journal);
        let read = fs.read(&at("/log")).await.ok();
        assert_eq!(read.as_deref(), expected.map(str::as_bytes), "{on_disk:?}");
    }
}

#[tokio::test]
async fn what_a_crash_left_is_gone_after_an_open() {
    let (directory, store, fs) = store().await;
    fs.write(&at("/state/a"), "x".into(), None).await.unwrap();
    let root = directory.path().join("store");
    fs::write(root.join("s/tmp/70411655"), "half").unwrap();
    fs::create_dir_all(root.join("s/tmp/removed/deep/er")).unwrap();
    fs::create_dir_all(root.join(".unfinished-1/files/state")).unwrap();
    assert_eq!(Store::list(&store).await.unwrap().len(), 1);

    let again = DirectoryStore::open(&root).await.unwrap();
    Store::open(&again, "s").await.unwrap();
    assert_eq!(fs::read_dir(root.join("s/tmp")).unwrap().count(), 0);
    assert!(!root.join(".unfinished-1").exists());
    assert_eq!(fs.read(&at("/state/a")).await.unwrap(), "x");
}

#[tokio::test]
async fn a_path_that_is_no_directory_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let Err(error) = DirectoryStore::open(&file).await else { panic!("a file was opened") };
    assert_eq!(error.kind(), crate::ErrorKind::FsIo);
    assert!(error.message().contains(file.to_str().unwrap()), "{error}");
}
