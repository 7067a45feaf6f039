use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use super::super::tests::{at, set_modes, unprivileged};
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

/// What is in the journal when somebody is killed while appending to `/log`.
fn note(session: &Folder, old: Option<&str>, appended: &str) {
    let journal = Journal::lock_exclusive(session, Instant::now()).unwrap();
    let old_len = old.map(|old| old.len() as u64);
    let note = journal::Note {
        names: vec![FILES.into(), "log".into()],
        old_len,
        new_len: old_len.unwrap_or(0) + appended.len() as u64,
        sum: journal::checksum(appended.as_bytes()),
    };
    journal.begin(&note).unwrap();
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
        note(&session.folder("s").unwrap(), old, appended);
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

/// The same store, for somebody with little patience.
fn impatient(store: &DirectoryStore) -> DirectoryStore {
    let mut root = Root::open(&store.root.path).unwrap();
    root.lock_wait = Duration::from_millis(50);
    DirectoryStore { root: Arc::new(root) }
}

#[tokio::test]
async fn a_session_that_somebody_holds_for_ever_is_an_error_and_does_not_hide_itself_or_others() {
    let (_directory, store, fs) = store().await;
    for id in ["s", "t"] {
        Store::open(&store, id).await.unwrap().write(&at("/state/a"), id.into(), None).await.unwrap();
    }
    let held = Journal::lock_exclusive(&store.root.session("s").unwrap().unwrap(), Instant::now()).unwrap();
    let other = impatient(&store);
    let late = Store::open(&other, "s").await.unwrap();
    for error in [
        late.read(&at("/state/a")).await.unwrap_err(),
        late.append(&at("/state/a"), "x".into(), None).await.unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), error.message(), error.write_changed()),
            (FsErrorKind::Io, "the session is in use by another process", Some(false))
        );
    }
    let error = Store::delete(&other, "s").await.unwrap_err();
    assert!(error.message().ends_with("the session is in use by another process"), "{error}");
    let listed = other.list_with_file(&at("/state/a"), 100).await.unwrap();
    let mut contents: Vec<_> = listed.into_iter().map(|(session, content)| (session.id, content)).collect();
    contents.sort();
    assert_eq!(contents, [("s".to_owned(), None), ("t".to_owned(), Some("t".into()))]);
    assert_eq!(Store::list(&other).await.unwrap().len(), 2);

    drop(held);
    late.append(&at("/state/a"), "x".into(), None).await.unwrap();
    assert_eq!(fs.read(&at("/state/a")).await.unwrap(), "sx");
}

#[tokio::test]
async fn a_folder_that_is_no_session_is_none_to_any_call() {
    let (directory, store, _) = store().await;
    fs::create_dir(directory.path().join("store/not-ours")).unwrap();
    assert!(!Store::exists(&store, "not-ours").await.unwrap());
    assert!(store.find("not-ours").await.unwrap().is_none());
    assert!(Store::list(&store).await.unwrap().is_empty());
}

/// A store with the sessions `s` and `t`.
async fn two_sessions() -> (tempfile::TempDir, DirectoryStore, PathBuf) {
    let (directory, store, _) = store().await;
    for id in ["s", "t"] {
        let fs = Store::open(&store, id).await.unwrap();
        fs.write(&at("/state/a"), id.into(), None).await.unwrap();
        fs.append(&at("/log"), "one\n".into(), None).await.unwrap();
    }
    let root = directory.path().join("store");
    (directory, store, root)
}

async fn logs(store: &DirectoryStore) -> Vec<(String, Option<Bytes>)> {
    let listed = store.list_with_file(&at("/log"), 100).await.unwrap();
    let mut logs: Vec<_> = listed.into_iter().map(|(session, content)| (session.id, content)).collect();
    logs.sort();
    logs
}

/// Set where this binary was started as a child without rights: the directory of the store.
const CHILD: &str = "CODRIVER_TEST_DIRECTORY_STORE";

#[tokio::test]
async fn a_store_that_may_not_be_written_is_read_without_what_a_crash_tore() {
    if let Ok(path) = std::env::var(CHILD) {
        let store = DirectoryStore::open(&path).await.unwrap();
        assert_eq!(Store::list(&store).await.unwrap().len(), 2);
        assert_eq!(logs(&store).await, [("s".to_owned(), Some("one\n".into())), ("t".to_owned(), None)]);
        let fs = Store::open(&store, "s").await.unwrap();
        assert_eq!(fs.read(&at("/log")).await.unwrap(), "one\n");
        assert_eq!(fs.stat(&at("/log")).await.unwrap().size, 4);
        assert_eq!(fs.read(&at("/state/a")).await.unwrap(), "s");
        // The torn append would have made the file.
        let fs = Store::open(&store, "t").await.unwrap();
        assert_eq!(fs.read(&at("/log")).await.unwrap_err().kind(), FsErrorKind::NotFound);
        assert!(!fs.exists(&at("/log")).await.unwrap());
        assert_eq!(fs.read_dir(&at("/")).await.unwrap().len(), 1);
        assert_eq!(fs.load(&at("/"), 100).await.unwrap().len(), 2);
        for id in ["s", "new"] {
            let fs = Store::open(&store, id).await.unwrap();
            let error = fs.append(&at("/log"), "x".into(), None).await.unwrap_err();
            for part in ["Permission denied", &path] {
                assert!(error.message().contains(part), "{part}: {error}");
            }
        }
        assert!(Store::delete(&store, "s").await.is_err());
        return;
    }
    let (directory, _store, root) = two_sessions().await;
    for (id, old, on_disk) in [("s", Some("one\n"), "one\ntw"), ("t", None, "tw")] {
        fs::write(root.join(id).join("files/log"), on_disk).unwrap();
        fs::write(root.join(id).join("tmp/half"), "half").unwrap();
        note(&Folder::at(&root.join(id)).unwrap(), old, "two\n");
    }
    set_modes(directory.path(), 0o555, 0o444);
    let test = "store::directory::tests::a_store_that_may_not_be_written_is_read_without_what_a_crash_tore";
    unprivileged(test, CHILD, &root);
    set_modes(directory.path(), 0o755, 0o644);
}

#[tokio::test]
async fn a_session_that_cannot_be_looked_at_does_not_hide_the_others() {
    if let Ok(path) = std::env::var(CHILD) {
        let store = DirectoryStore::open(&path).await.unwrap();
        match Store::list(&store).await {
            Ok(listed) => {
                assert_eq!(listed.into_iter().map(|session| session.id).collect::<Vec<_>>(), ["t"]);
                assert_eq!(logs(&store).await, [("t".to_owned(), Some("one\n".into()))]);
            }
            Err(error) => assert!(path.ends_with("none") && error.message().contains("denied"), "{error}"),
        }
        return;
    }
    let (directory, _store, root) = two_sessions().await;
    let none = directory.path().join("none");
    fs::create_dir_all(none.join("s")).unwrap();
    set_modes(directory.path(), 0o755, 0o644);
    let mode = |mode| {
        for store in [&root, &none] {
            fs::set_permissions(store.join("s"), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    mode(0);
    let test = "store::directory::tests::a_session_that_cannot_be_looked_at_does_not_hide_the_others";
    unprivileged(test, CHILD, &root);
    // Where nobody knows of any, nobody says that there is none.
    unprivileged(test, CHILD, &none);
    mode(0o755);
}

#[tokio::test]
async fn leftovers_that_cannot_be_removed_do_not_close_the_store() {
    if let Ok(path) = std::env::var(CHILD) {
        let store = DirectoryStore::open(&path).await.unwrap();
        assert_eq!(Store::list(&store).await.unwrap().len(), 2);
        assert!(Path::new(&path).join(".unfinished-1/files").exists());
        return;
    }
    let (directory, _store, root) = two_sessions().await;
    fs::create_dir_all(root.join(".unfinished-1/files")).unwrap();
    // Also the lock can be had.
    set_modes(directory.path(), 0o555, 0o666);
    let test = "store::directory::tests::leftovers_that_cannot_be_removed_do_not_close_the_store";
    unprivileged(test, CHILD, &root);
    set_modes(directory.path(), 0o755, 0o644);
}

#[tokio::test]
async fn a_change_is_acknowledged_though_its_time_cannot_be_kept() {
    if let Ok(path) = std::env::var(CHILD) {
        let store = DirectoryStore::open(&path).await.unwrap();
        let fs = Store::open(&store, "s").await.unwrap();
        fs.append(&at("/log"), "two\n".into(), None).await.unwrap();
        assert_eq!(fs.read(&at("/log")).await.unwrap(), "one\ntwo\n");
        return;
    }
    let (directory, _store, root) = two_sessions().await;
    // Everybody may write, and only the owner of a file may set its time.
    set_modes(directory.path(), 0o777, 0o666);
    let test = "store::directory::tests::a_change_is_acknowledged_though_its_time_cannot_be_kept";
    unprivileged(test, CHILD, &root);
}
