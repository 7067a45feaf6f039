//! What holds for the sessions of every store.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;

use super::*;
use crate::error::{Error, ErrorKind};
use crate::fs::{DirEntry, FsError, FsPath, FsResult, FsStat, SessionFs};
use crate::store::{MemoryStore, StoredSession, open};

/// A store that has nothing but what every store must have; its files fail from the given change on.
struct Plain {
    inner: MemoryStore,
    changes_left: Arc<std::sync::Mutex<usize>>,
}

impl Plain {
    fn failing_after(changes: usize) -> Self {
        Plain { inner: MemoryStore::new(), changes_left: Arc::new(changes.into()) }
    }
}

#[async_trait]
impl Store for Plain {
    async fn open(&self, session_id: &str) -> Result<Arc<dyn SessionFs>> {
        Ok(Arc::new(PlainFs(self.inner.open(session_id), Arc::clone(&self.changes_left))))
    }
    async fn list(&self) -> Result<Vec<StoredSession>> {
        Store::list(&self.inner).await
    }
    async fn exists(&self, session_id: &str) -> Result<bool> {
        self.inner.exists(session_id).await
    }
    async fn delete(&self, session_id: &str) -> Result<()> {
        Store::delete(&self.inner, session_id).await
    }
}

struct PlainFs(Arc<dyn SessionFs>, Arc<std::sync::Mutex<usize>>);

impl PlainFs {
    fn change(&self) -> FsResult<()> {
        let mut left = self.1.lock().unwrap();
        *left = left.checked_sub(1).ok_or_else(|| FsError::io("the disk is on fire"))?;
        Ok(())
    }
}

#[async_trait]
impl SessionFs for PlainFs {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        self.0.read(path).await
    }
    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.change()?;
        self.0.write(path, content, mode).await
    }
    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.change()?;
        self.0.append(path, content, mode).await
    }
    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.0.stat(path).await
    }
    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        self.change()?;
        self.0.mkdir(path, recursive, mode).await
    }
    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.0.read_dir(path).await
    }
    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.0.remove(path, recursive, force).await
    }
    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.0.rename(from, to).await
    }
}

/// One store of each kind, and what keeps its files.
async fn stores() -> (Vec<(&'static str, SessionStore)>, TempDir) {
    let files = tempfile::tempdir().unwrap();
    let mut stores = vec![("plain", SessionStore::new(Arc::new(Plain::failing_after(usize::MAX))))];
    for (name, url) in [
        ("memory", "memory:".to_owned()),
        ("dir", format!("dir:{}/sessions", files.path().display())),
        ("sqlite", format!("sqlite:{}/sessions.db", files.path().display())),
        ("sqlite-dir", format!("sqlite-dir:{}/files", files.path().display())),
    ] {
        stores.push((name, SessionStore::new(open(&url).await.unwrap())));
    }
    (stores, files)
}

async fn write(sessions: &SessionStore, id: &str, path: &str, content: impl Into<Bytes>) {
    let files = sessions.store.open(id).await.unwrap();
    files.write(&layout::path(path), content.into(), None).await.unwrap();
}

/// Everything in a session: its paths, sorted, with the contents of the files.
async fn files_of(sessions: &SessionStore, id: &str) -> Vec<(String, Option<Bytes>)> {
    let entries = sessions.store.open(id).await.unwrap().load(&layout::path("/"), u64::MAX).await.unwrap();
    let entry = |entry: crate::fs::LoadedEntry| (entry.path.as_str().to_owned(), entry.content);
    let mut files: Vec<_> = entries.into_iter().map(entry).collect();
    files.sort();
    files
}

async fn ids(sessions: &SessionStore) -> Vec<String> {
    sessions.list_sessions(None).await.unwrap().into_iter().map(|session| session.session_id).collect()
}

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

const WORKSPACE: &str =
    "id: s-1\ncwd: /project\ngit_root: /project\nrepository: octo/hello\nbranch: main\nname: Greets\n";
const START: &str = "{\"type\":\"session.start\",\"data\":{\"sessionId\":\"s-1\",\"version\":1},\
    \"id\":\"33333333-3333-4333-8333-333333333301\",\"timestamp\":\"2026-11-21T01:44:36.251Z\",\"parentId\":null}\n";
const MESSAGE: &str = "{\"type\":\"user.message\",\"data\":{\"content\":\"hello\"},\
    \"id\":\"33333333-3333-4333-8333-333333333302\",\"timestamp\":\"2026-11-21T01:44:37.251Z\",\"parentId\":null}\n";

/// A session as a runtime leaves it.
async fn fill(sessions: &SessionStore, id: &str) {
    write(sessions, id, layout::WORKSPACE, WORKSPACE.replace("s-1", id)).await;
    let files = sessions.store.open(id).await.unwrap();
    let log = layout::path(layout::EVENTS);
    files.append(&log, START.replace("s-1", id).into(), None).await.unwrap();
    files.append(&log, MESSAGE.into(), None).await.unwrap();
    files.mkdir(&layout::path("/state/files"), true, None).await.unwrap();
    write(sessions, id, "/codriver/session.db", vec![0_u8, 159, 146, 150]).await;
    write(sessions, id, &format!("/runtime/{id}/workspace.yaml"), WORKSPACE.replace("s-1", id)).await;
}

#[tokio::test]
async fn a_list_that_several_threads_describe_is_whole_and_in_order() {
    let sessions = SessionStore::new(Arc::new(MemoryStore::new()));
    let path = layout::path(layout::WORKSPACE);
    for number in 0..5 * MIN_SHARE {
        let files = sessions.store.open(&format!("s-{number}")).await.unwrap();
        let workspace = format!("name: number {number}\nbranch: {}\n", number % 2);
        files.write(&path, workspace.into(), None).await.unwrap();
    }
    let stored = sessions.store.list().await.unwrap();
    let all: Vec<_> = stored.iter().map(|session| session.id.replace("s-", "number ")).collect();
    let odd: Vec<_> = all.iter().filter(|name| name.ends_with(['1', '3', '5', '7', '9'])).cloned().collect();
    for (filter, expected) in [(None, all), (Some(SessionListFilter::new().branch("1")), odd)] {
        let listed = sessions.list_sessions(filter).await.unwrap();
        let names: Vec<_> = listed.into_iter().filter_map(|session| session.name).collect();
        assert_eq!(names, expected);
    }
}

#[tokio::test]
async fn a_list_has_the_file_of_each_session_that_can_be_read() {
    let (stores, _files) = stores().await;
    for (name, sessions) in stores {
        let path = layout::path("/state/x");
        write(&sessions, "whole", "/state/x", "12345678").await;
        for piece in ["12", "34"] {
            let files = sessions.store.open("appended").await.unwrap();
            files.append(&path, piece.into(), None).await.unwrap();
        }
        write(&sessions, "empty", "/state/x", "").await;
        write(&sessions, "large", "/state/x", "123456789").await;
        write(&sessions, "other", "/state/y", "1").await;
        write(&sessions, "directory", "/state/x/y", "1").await;
        write(&sessions, "under-a-file", "/state", "1").await;

        let listed = sessions.store.list_with_file(&path, 8).await.unwrap();
        let plain: Vec<_> = listed.iter().map(|(session, _)| session.clone()).collect();
        assert_eq!(plain, sessions.store.list().await.unwrap(), "{name}");
        let mut contents: Vec<_> =
            listed.iter().map(|(session, content)| (session.id.as_str(), content.as_deref())).collect();
        contents.sort();
        let expected: [(&str, Option<&[u8]>); 7] = [
            ("appended", Some(b"1234")),
            ("directory", None),
            ("empty", Some(b"")),
            ("large", None),
            ("other", None),
            ("under-a-file", None),
            ("whole", Some(b"12345678")),
        ];
        assert_eq!(contents, expected, "{name}");
        for session in plain {
            assert_eq!(sessions.store.find(&session.id).await.unwrap(), Some(session), "{name}");
        }
        assert_eq!(sessions.store.find("nobody").await.unwrap(), None, "{name}");
    }
}

#[tokio::test]
async fn sessions_are_listed_filtered_and_described_and_a_broken_one_does_not_hide_the_others() {
    let (stores, _files) = stores().await;
    for (name, sessions) in stores {
        assert_eq!(sessions.get_last_session_id().await.unwrap(), None, "{name}");
        for (id, workspace) in [
            ("here", WORKSPACE.replace("s-1", "here")),
            ("elsewhere", "id: elsewhere\ncwd: /elsewhere\nname: |-\n  two\n  lines\n".to_owned()),
            ("broken", "\0\0{{{".to_owned()),
        ] {
            write(&sessions, id, layout::WORKSPACE, workspace).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        write(&sessions, "bare", "/state/other", "").await;
        assert_eq!(ids(&sessions).await, ["bare", "broken", "elsewhere", "here"], "{name}");
        assert_eq!(sessions.get_last_session_id().await.unwrap().as_deref(), Some("bare"), "{name}");

        let listed = sessions.list_sessions(None).await.unwrap();
        for session in &listed {
            let found = sessions.get_session_metadata(&session.session_id).await.unwrap();
            assert_eq!(found.as_ref(), Some(session), "{name}");
            assert!(session.start_time.ends_with('Z') && session.modified_time.ends_with('Z'), "{name}");
        }
        assert_eq!(listed[2].name.as_deref(), Some("two\nlines"), "{name}");
        assert_eq!(listed[1].context, None, "{name}");
        for (filter, expected) in [
            (SessionListFilter::new().cwd("/project"), &["here"][..]),
            (SessionListFilter::new().cwd("/elsewhere"), &["elsewhere"]),
            (SessionListFilter::new().repository("octo/hello").branch("main"), &["here"]),
            (SessionListFilter::new().repository("octo/hello").branch("other"), &[]),
            (SessionListFilter::new().git_root("/project"), &["here"]),
            (SessionListFilter::new().git_root("/elsewhere"), &[]),
        ] {
            let listed = sessions.list_sessions(Some(filter)).await.unwrap();
            let ids: Vec<_> = listed.iter().map(|session| session.session_id.as_str()).collect();
            assert_eq!(ids, expected, "{name}");
        }
        sessions.delete_session("elsewhere").await.unwrap();
        assert_eq!(ids(&sessions).await, ["bare", "broken", "here"], "{name}");
    }
}

#[tokio::test]
async fn the_events_of_a_session_are_read_without_a_runtime() {
    let (stores, _files) = stores().await;
    for (name, sessions) in stores {
        fill(&sessions, "s-1").await;
        write(&sessions, "silent", layout::WORKSPACE, "id: silent\n").await;
        let stored = sessions.get_events("s-1").await.unwrap();
        let types: Vec<_> = stored.events.iter().map(|event| (event.seq(), event.event_type())).collect();
        assert_eq!(types, [(1, "session.start"), (2, "user.message")], "{name}");
        assert!(sessions.get_events("silent").await.unwrap().events.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_session_that_is_not_there_is_not_found_by_any_call() {
    let (stores, _files) = stores().await;
    for (name, sessions) in stores {
        for id in ["nobody", ""] {
            assert_eq!(sessions.get_session_metadata(id).await.unwrap(), None, "{name}");
            assert_eq!(kind(sessions.get_events(id).await), ErrorKind::SessionNotFound, "{name}");
            assert_eq!(kind(sessions.delete_session(id).await), ErrorKind::SessionNotFound, "{name}");
            assert_eq!(kind(sessions.fork_session(id, "new").await), ErrorKind::SessionNotFound, "{name}");
            let mut archive = Vec::new();
            assert_eq!(
                kind(sessions.export_session(id, &mut archive).await),
                ErrorKind::SessionNotFound,
                "{name}"
            );
            assert!(archive.is_empty(), "{name}");
        }
        assert!(ids(&sessions).await.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_fork_has_all_files_says_its_own_id_and_goes_its_own_way() {
    let (stores, _files) = stores().await;
    for (name, sessions) in stores {
        fill(&sessions, "s-1").await;
        let before = files_of(&sessions, "s-1").await;
        sessions.fork_session("s-1", "s-2").await.unwrap();

        let expected = before.iter().map(|(path, content)| {
            let text =
                |content: &Bytes| std::str::from_utf8(content).map(|text| text.replace("s-1", "s-2").into());
            (path.replace("s-1", "s-2"), content.as_ref().map(|bytes| text(bytes).unwrap_or(bytes.clone())))
        });
        assert_eq!(
            files_of(&sessions, "s-2").await,
            expected.collect::<Vec<(String, Option<Bytes>)>>(),
            "{name}"
        );
        let metadata = sessions.get_session_metadata("s-2").await.unwrap().unwrap();
        assert_eq!(
            (metadata.session_id.as_str(), metadata.name.as_deref()),
            ("s-2", Some("Greets")),
            "{name}"
        );

        write(&sessions, "s-2", layout::EVENTS, "").await;
        assert_eq!(files_of(&sessions, "s-1").await, before, "{name}");
        for (from, to) in [("s-1", "s-2"), ("s-1", "s-1"), ("s-1", ""), ("s-1", "../x"), ("s-1", "a/b")] {
            let refused = sessions.fork_session(from, to).await;
            assert_eq!(kind(refused), ErrorKind::InvalidArgument, "{name}: {to:?}");
        }
        assert_eq!(ids(&sessions).await.len(), 2, "{name}");
    }
}

#[tokio::test]
async fn an_import_is_refused_where_it_would_overwrite_or_is_damaged_and_leaves_nothing() {
    let (stores, _files) = stores().await;
    for (name, sessions) in stores {
        fill(&sessions, "s-1").await;
        let before = files_of(&sessions, "s-1").await;
        let mut archive = Vec::new();
        let manifest = sessions.export_session("s-1", &mut archive).await.unwrap();
        assert_eq!((manifest.session_id.as_str(), manifest.files.len()), ("s-1", 4), "{name}");

        for id in [None, Some("s-1"), Some(""), Some("a/b")] {
            let refused = sessions.import_session(&mut &archive[..], id).await;
            assert_eq!(kind(refused), ErrorKind::InvalidArgument, "{name}: {id:?}");
        }
        for len in [0, 1, 511, 512, archive.len() / 2, archive.len() - 1] {
            let refused = sessions.import_session(&mut &archive[..len], Some("new")).await;
            assert_eq!(kind(refused), ErrorKind::FsCorrupt, "{name}: {len} bytes");
        }
        assert_eq!(ids(&sessions).await, ["s-1"], "{name}");
        assert_eq!(files_of(&sessions, "s-1").await, before, "{name}");

        assert_eq!(sessions.import_session(&mut &archive[..], Some("s-2")).await.unwrap(), "s-2", "{name}");
        let start = sessions.get_events("s-2").await.unwrap().events.remove(0);
        assert!(start.raw_json().contains("\"sessionId\":\"s-2\""), "{name}: {}", start.raw_json());
        sessions.delete_session("s-1").await.unwrap();
        assert_eq!(sessions.import_session(&mut &archive[..], None).await.unwrap(), "s-1", "{name}");
        assert_eq!(files_of(&sessions, "s-1").await, before, "{name}");
    }
}

#[tokio::test]
async fn what_fails_midway_in_a_store_that_goes_call_by_call_is_removed() {
    let source = SessionStore::new(Arc::new(MemoryStore::new()));
    fill(&source, "s-1").await;
    let mut archive = Vec::new();
    source.export_session("s-1", &mut archive).await.unwrap();
    let changes = files_of(&source, "s-1").await.len() + 1;
    for after in 0..changes {
        let sessions = SessionStore::new(Arc::new(Plain::failing_after(after)));
        let failed = sessions.import_session(&mut &archive[..], None).await.unwrap_err();
        assert_eq!(failed.to_string(), "FS_IO: the disk is on fire", "{after}");
        assert!(ids(&sessions).await.is_empty(), "{after}");
    }
    let sessions = SessionStore::new(Arc::new(Plain::failing_after(changes)));
    sessions.import_session(&mut &archive[..], None).await.unwrap();
}

#[tokio::test]
async fn an_archive_is_a_file_of_its_owner_that_is_never_overwritten() {
    use std::os::unix::fs::PermissionsExt as _;
    let (stores, files) = stores().await;
    let sessions = &stores[3].1;
    fill(sessions, "s-1").await;
    let path = files.path().join("s-1.tar");
    sessions.export_session_to_file("s-1", &path).await.unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let error = sessions.export_session_to_file("s-1", &path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.message().contains("s-1.tar exists already"), "{error}");

    assert_eq!(sessions.import_session_from_file(&path, Some("s-2")).await.unwrap(), "s-2");
    let nowhere = files.path().join("nowhere/s-1.tar");
    assert_eq!(kind(sessions.export_session_to_file("s-1", &nowhere).await), ErrorKind::FsIo);
    assert_eq!(kind(sessions.import_session_from_file(&nowhere, None).await), ErrorKind::InvalidArgument);
    assert_eq!(kind(sessions.import_session_from_file(files.path(), None).await), ErrorKind::FsIo);
    let missing = sessions.export_session_to_file("nobody", files.path().join("nobody.tar")).await;
    assert_eq!(kind(missing), ErrorKind::SessionNotFound);
    assert!(!files.path().join("nobody.tar").exists());
}

/// Files of a session: some of the layout, some of any name.
fn any_session() -> impl Strategy<Value = Vec<(String, Option<Vec<u8>>)>> {
    let name = "[a-zA-Zä你 .:*-]{1,30}".prop_filter("a name", |name| name != "." && name != "..");
    let path = prop_oneof![
        Just("/state/events.jsonl".to_owned()),
        Just("/state/workspace.yaml".to_owned()),
        (prop::sample::select(vec!["/state", "/runtime", "/codriver"]), prop::collection::vec(name, 1..4))
            .prop_map(|(root, names)| format!("{root}/{}.f", names.join("/"))),
    ];
    let content = prop::option::weighted(0.8, prop::collection::vec(any::<u8>(), 0..1200));
    prop::collection::btree_map(path, content, 1..5).prop_map(|files| files.into_iter().collect())
}

#[test]
fn an_export_imported_into_any_store_has_the_same_files() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (stores, _files) = runtime.block_on(stores());
    let mut case = 0;
    let config = Config { cases: 8, failure_persistence: None, ..Config::default() };
    let property = |session: Vec<(String, Option<Vec<u8>>)>| {
        case += 1;
        runtime.block_on(async {
            for (from_name, from) in &stores {
                let id = format!("{case}-{from_name}");
                for (path, content) in &session {
                    let files = from.store.open(&id).await.unwrap();
                    match content.clone() {
                        Some(content) => {
                            files.write(&layout::path(path), content.into(), None).await.unwrap()
                        }
                        None => files.mkdir(&layout::path(path), true, None).await.unwrap(),
                    }
                }
                let mut archive = Vec::new();
                from.export_session(&id, &mut archive).await.unwrap();
                for (to_name, to) in &stores {
                    let new_id = format!("{case}-{from_name}-{to_name}");
                    // The id is in no file, so that every byte is the same.
                    to.import_session(&mut &archive[..], Some(&new_id)).await.unwrap();
                    let (sent, arrived) = (files_of(from, &id).await, files_of(to, &new_id).await);
                    prop_assert_eq!(
                        without_state(arrived),
                        without_state(sent),
                        "{} to {}",
                        from_name,
                        to_name
                    );
                }
            }
            Ok(())
        })
    };
    let property = std::cell::RefCell::new(property);
    TestRunner::new(config).run(&any_session(), |session| (property.borrow_mut())(session)).unwrap();
}

/// `/state` itself is in every imported session.
fn without_state(files: Vec<(String, Option<Bytes>)>) -> Vec<(String, Option<Bytes>)> {
    files.into_iter().filter(|(path, _)| path != layout::STATE).collect()
}
