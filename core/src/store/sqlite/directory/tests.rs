use std::fs;
use std::os::unix::fs::MetadataExt as _;

use super::super::super::tests::{at, set_mode, set_modes, unprivileged};
use super::files::{CURRENT, IDLE_FILES};
use super::*;

async fn store_in(directory: &tempfile::TempDir) -> SqliteDirectoryStore {
    SqliteDirectoryStore::open(directory.path().join("store")).await.unwrap()
}

fn names(path: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn each_session_has_a_file_that_nobody_else_can_read_and_that_goes_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(&directory).await;
    for id in ["a", "B/.."] {
        let fs = Store::open(&store, id).await.unwrap();
        fs.write(&at("/state/x"), id.into(), None).await.unwrap();
    }
    let root = directory.path().join("store");
    assert_eq!(names(&root), ["%42%2f%2e%2e", ".lock", "a"]);
    store.copy("a", "c").await.unwrap();
    for folder in ["a", "c"] {
        let folder = root.join(folder);
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        let files = names(&folder);
        assert!(files.contains(&CURRENT.to_owned()) && files.iter().any(|name| name.ends_with(".db")));
        for file in files {
            assert_eq!(fs::metadata(folder.join(&file)).unwrap().mode() & 0o777, 0o600, "{file}");
        }
    }
    for id in ["a", "B/..", "c"] {
        Store::delete(&store, id).await.unwrap();
    }
    assert_eq!(names(&root), [".lock"]);
}

#[tokio::test]
async fn a_handle_of_a_deleted_session_never_touches_a_new_one_of_that_id() {
    let directory = tempfile::tempdir().unwrap();
    // As another process would: with connections of its own, that are open on the deleted file.
    let (store, other) = (store_in(&directory).await, store_in(&directory).await);
    let held = Store::open(&other, "s").await.unwrap();
    held.write(&at("/state/x"), "old".into(), None).await.unwrap();
    assert_eq!(held.read(&at("/state/x")).await.unwrap(), "old");
    Store::delete(&store, "s").await.unwrap();
    let fresh = Store::open(&store, "s").await.unwrap();
    fresh.write(&at("/state/y"), "new".into(), None).await.unwrap();

    let late = held.write(&at("/state/x"), "late".into(), None).await.unwrap_err();
    assert_eq!((late.message(), late.write_changed()), ("the session was deleted", Some(false)));
    assert!(!held.exists(&at("/state/y")).await.unwrap());
    let again = Store::open(&other, "s").await.unwrap();
    again.append(&at("/state/y"), " too".into(), None).await.unwrap();
    // The last connection to the deleted file closes, and what SQLite removes by name is not of the new one.
    drop((held, again, other));
    assert_eq!(fresh.read(&at("/state/y")).await.unwrap(), "new too");
    drop((fresh, store));
    let store = store_in(&directory).await;
    assert_eq!(Store::open(&store, "s").await.unwrap().read(&at("/state/y")).await.unwrap(), "new too");
}

#[tokio::test]
async fn idle_sessions_cost_no_open_files() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(&directory).await;
    let mut all = Vec::new();
    for number in 0..3 * IDLE_FILES {
        let fs = Store::open(&store, &number.to_string()).await.unwrap();
        fs.append(&at("/log"), "one\n".into(), None).await.unwrap();
        all.push(fs);
    }
    assert_eq!(lock(&store.files.open).len(), IDLE_FILES);
    for fs in &all {
        fs.append(&at("/log"), "two\n".into(), None).await.unwrap();
        assert_eq!(fs.read(&at("/log")).await.unwrap(), "one\ntwo\n");
    }
    assert_eq!(lock(&store.files.open).len(), IDLE_FILES);
}

#[tokio::test]
async fn reading_and_closing_a_session_does_not_make_it_the_last_changed() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(&directory).await;
    for id in ["a", "b"] {
        Store::open(&store, id).await.unwrap().write(&at("/x"), id.into(), None).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    drop(store);
    let store = store_in(&directory).await;
    let before = store.list().await.unwrap();
    assert_eq!(Store::open(&store, "a").await.unwrap().read(&at("/x")).await.unwrap(), "a");
    drop(store);
    assert_eq!(store_in(&directory).await.list().await.unwrap(), before);
    assert_eq!(before[0].id, "b");
}

#[tokio::test]
async fn a_session_that_is_not_ours_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(&directory).await;
    Store::open(&store, "s").await.unwrap().write(&at("/x"), "x".into(), None).await.unwrap();
    let file = store.files.current("s").unwrap().unwrap();
    store.files.forget(file);
    let path = store.files.path("s", file);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let fs = Store::open(&store, "s").await.unwrap();
    let error = fs.write(&at("/x"), "y".into(), None).await.unwrap_err();
    assert!(error.message().contains("it has layout 2"), "{error}");

    fs::write(directory.path().join("store/s").join(CURRENT), "../elsewhere").unwrap();
    let Err(error) = Store::open(&store, "s").await else { panic!("it was opened") };
    assert!(error.message().contains("s/current names no file"), "{error}");
    assert!(path.exists());
}

#[tokio::test]
async fn a_list_with_files_puts_out_no_file_that_is_in_use_and_keeps_none_open() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(&directory).await;
    for id in ["a", "b", "c"] {
        Store::open(&store, id).await.unwrap().write(&at("/x"), id.into(), None).await.unwrap();
    }
    drop(store);
    let store = store_in(&directory).await;
    let used = Store::open(&store, "b").await.unwrap();
    used.append(&at("/x"), "!".into(), None).await.unwrap();
    let open = || lock(&store.files.open).iter().map(|(file, _)| *file).collect::<Vec<_>>();
    let before = open();
    let listed = store.list_with_file(&at("/x"), 100).await.unwrap();
    let contents: Vec<_> =
        listed.iter().map(|(session, content)| (&*session.id, content.as_deref())).collect();
    assert_eq!(contents, [("b", Some(&b"b!"[..])), ("c", Some(b"c")), ("a", Some(b"a"))]);
    assert_eq!((before.len(), open()), (1, before));
    assert!(!names(&directory.path().join("store/a")).iter().any(|name| name.ends_with("-wal")));
}

/// Set where this binary was started as a child without rights: the directory of the store.
const CHILD: &str = "CODRIVER_TEST_SQLITE_DIRECTORY_STORE";

#[tokio::test]
async fn a_session_that_cannot_be_looked_at_does_not_hide_the_others() {
    if let Ok(path) = std::env::var(CHILD) {
        let store = SqliteDirectoryStore::open(&path).await.unwrap();
        let ids =
            |listed: Vec<StoredSession>| listed.into_iter().map(|session| session.id).collect::<Vec<_>>();
        assert_eq!(ids(store.list().await.unwrap()), ["b"]);
        assert_eq!(store.list_with_file(&at("/x"), 100).await.unwrap()[0].1.as_deref(), Some(&b"b"[..]));
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(&directory).await;
    for id in ["a", "b"] {
        Store::open(&store, id).await.unwrap().write(&at("/x"), id.into(), None).await.unwrap();
    }
    drop(store);
    let root = directory.path().join("store");
    set_modes(directory.path(), 0o777, 0o666);
    set_mode(&root.join("a"), 0);
    let test = "store::sqlite::directory::tests::a_session_that_cannot_be_looked_at_does_not_hide_the_others";
    unprivileged(test, CHILD, &root);
    set_mode(&root.join("a"), 0o755);
}
