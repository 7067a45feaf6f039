use std::os::unix::fs::MetadataExt as _;

use super::super::tests::at;
use super::*;
use crate::ErrorKind;

async fn refused(path: &Path) -> String {
    let Err(error) = SqliteStore::open(path).await else { panic!("{path:?} was opened") };
    assert_eq!(error.kind(), ErrorKind::FsIo);
    error.message().to_owned()
}

#[tokio::test]
async fn what_is_not_ours_or_newer_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let newer = directory.path().join("newer");
    drop(SqliteStore::open(&newer).await.unwrap());
    Connection::open(&newer).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let message = refused(&newer).await;
    assert!(message.contains("it has layout 2, and this version of codriver knows 1"), "{message}");

    let foreign = directory.path().join("foreign");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    let before = std::fs::read(&foreign).unwrap();
    assert!(refused(&foreign).await.contains("another program"));
    assert_eq!(std::fs::read(&foreign).unwrap(), before);

    let text = directory.path().join("text");
    std::fs::write(&text, "not a database at all, but long enough to be looked at as one".repeat(20))
        .unwrap();
    assert!(refused(&text).await.contains("not a database"));
    assert!(refused(&directory.path().join("no/directory")).await.contains("No such file or directory"));
}

#[tokio::test]
async fn what_a_newer_version_made_of_the_file_meanwhile_is_not_stamped_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    drop(SqliteStore::open(&path).await.unwrap());
    let database = Database::open(path.clone()).unwrap();
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 2).unwrap();
    let error = database.try_to_write().unwrap_err();
    assert!(error.message().contains("it has layout 2"), "{error}");
    assert_eq!(newer.pragma_query_value(None, "user_version", |row| row.get::<_, i32>(0)).unwrap(), 2);
}

#[tokio::test]
async fn an_append_adds_a_segment_and_touches_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("store")).await.unwrap();
    let fs = Store::open(&store, "s").await.unwrap();
    let rows = || {
        let connection = lock(&store.database.writer);
        let mut statement =
            connection.prepare("SELECT rowid, content FROM segments ORDER BY number").unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        statement.query_map([], row).unwrap().collect::<Result<Vec<(i64, Vec<u8>)>, _>>().unwrap()
    };
    fs.append(&at("/log"), "one".into(), None).await.unwrap();
    fs.append(&at("/log"), "two".into(), None).await.unwrap();
    let before = rows();
    fs.append(&at("/log"), "three".into(), None).await.unwrap();
    let after = rows();
    assert_eq!(after[..2], before);
    assert_eq!(after[2].1, b"three");
    assert_eq!(after.len(), 3);
    // What a write replaces leaves nothing behind.
    fs.write(&at("/log"), "new".into(), None).await.unwrap();
    assert_eq!(rows().len(), 1);
    Store::delete(&store, "s").await.unwrap();
    assert_eq!(rows(), []);
}

#[tokio::test]
async fn the_file_is_0600_and_durable() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("store")).await.unwrap();
    let fs = Store::open(&store, "s").await.unwrap();
    fs.append(&at("/log"), "one".into(), None).await.unwrap();
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().mode() & 0o777, 0o600, "{entry:?}");
    }
    let connection = lock(&store.database.writer);
    let pragma =
        |name| connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0));
    assert_eq!(pragma("journal_mode").unwrap(), "wal".to_owned().into());
    assert_eq!(pragma("synchronous").unwrap(), 2.into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_openings_of_a_new_file_at_once_all_succeed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..8 {
        let path = path.clone();
        tasks.spawn(async move {
            let store = SqliteStore::open(path).await.unwrap();
            let fs = Store::open(&store, "s").await.unwrap();
            fs.append(&at("/log"), format!("{number}\n").into(), None).await.unwrap();
        });
    }
    while let Some(joined) = tasks.join_next().await {
        joined.unwrap();
    }
    let store = SqliteStore::open(&path).await.unwrap();
    let log = Store::open(&store, "s").await.unwrap().read(&at("/log")).await.unwrap();
    let mut lines: Vec<_> = std::str::from_utf8(&log).unwrap().lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["0", "1", "2", "3", "4", "5", "6", "7"]);
}
