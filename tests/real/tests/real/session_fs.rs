//! Session state in a store of ours.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use codriver::fs::{Conventions, DirEntry, FsError, FsPath, FsResult, FsStat, SessionFs};
use codriver::options::SessionFsOptions;
use codriver::store::{self, MemoryStore, Store};
use codriver::{ClientOptions, Result, Session};
use real_tests::{Record, Scene};

on_every_runtime! {
    a_session_in_memory_goes_on_in_another_runtime_and_leaves_nothing_on_disk,
    a_session_in_a_directory_or_in_sqlite_survives_the_death_of_its_runtime,
    a_session_that_was_dropped_is_stored_to_its_end,
    a_filesystem_that_fails_fails_only_its_own_session,
    a_filesystem_that_hangs_is_given_up_at_its_deadline,
}

/// What a filesystem does with every call.
#[derive(Clone, Copy)]
enum Broken {
    Failing,
    Hanging,
}

impl Broken {
    async fn call<T>(self) -> FsResult<T> {
        match self {
            Broken::Failing => Err(FsError::io("the disk is on fire")),
            Broken::Hanging => std::future::pending().await,
        }
    }
}

#[async_trait]
impl SessionFs for Broken {
    async fn read(&self, _: &FsPath) -> FsResult<Bytes> {
        self.call().await
    }
    async fn write(&self, _: &FsPath, _: Bytes, _: Option<u32>) -> FsResult<()> {
        self.call().await
    }
    async fn append(&self, _: &FsPath, _: Bytes, _: Option<u32>) -> FsResult<()> {
        self.call().await
    }
    async fn stat(&self, _: &FsPath) -> FsResult<FsStat> {
        self.call().await
    }
    async fn mkdir(&self, _: &FsPath, _: bool, _: Option<u32>) -> FsResult<()> {
        self.call().await
    }
    async fn read_dir(&self, _: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.call().await
    }
    async fn remove(&self, _: &FsPath, _: bool, _: bool) -> FsResult<()> {
        self.call().await
    }
    async fn rename(&self, _: &FsPath, _: &FsPath) -> FsResult<()> {
        self.call().await
    }
}

/// A client whose sessions are in `store`; those whose id begins with `broken` are not.
fn stored_in(scene: &Scene, store: &MemoryStore, broken: Broken) -> ClientOptions {
    let store = store.clone();
    let factory = move |id: &str| match id.starts_with("broken") {
        true => Ok(Arc::new(broken) as Arc<dyn SessionFs>),
        false => Ok(store.open(id)),
    };
    scene.options().session_fs(SessionFsOptions::new(scene.work().to_string_lossy(), "/state", factory))
}

/// Files below `directory` whose path or content has `text` in it. (1.0.57 makes an empty directory for each session.)
fn traces(directory: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(directory).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        let has_text = |content: Vec<u8>| content.windows(text.len()).any(|window| window == text.as_bytes());
        if path.is_dir() {
            found.extend(traces(&path, text));
        } else if path.to_string_lossy().contains(text) || std::fs::read(&path).is_ok_and(has_text) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// 1.0.57 makes a session all the same, and writes what it can.
fn refused(scene: &Scene, created: Result<Session>) {
    match created {
        Ok(_) => assert!(scene.is_oldest()),
        Err(error) => {
            assert!(!scene.is_oldest());
            assert_eq!(error.name(), "RPC", "{error}");
        }
    }
}

async fn a_session_in_memory_goes_on_in_another_runtime_and_leaves_nothing_on_disk(scene: &Scene) {
    let store = MemoryStore::new();
    let client = scene.start(stored_in(scene, &store, Broken::Failing)).await;
    let before = client.create_session(scene.config()).await.unwrap();
    scene.say(&before, "the word is MAGENTA-93").await;
    before.disconnect().await.unwrap();
    assert!(client.stop().await.is_empty());
    assert_eq!(store.list(), [before.id()]);

    let client = scene.start(stored_in(scene, &store, Broken::Failing)).await;
    let heard = Record::new();
    let after = client.resume_session(before.id(), scene.config().on_event(heard.hears())).await.unwrap();
    let recalled = scene.say(&after, "RECALL").await;
    assert_eq!(recalled, "Earlier messages: 1. The first was: the word is MAGENTA-93");
    let stored = after.get_events().await.unwrap();
    assert_eq!(stored.iter().filter(|event| event.event_type() == "user.message").count(), 2);
    after.disconnect().await.unwrap();

    assert_eq!(traces(&scene.home().join("session-state"), before.id()), [""; 0]);
    assert_eq!(traces(&scene.home().join("session-state"), "MAGENTA-93"), [""; 0]);
}

async fn a_session_in_a_directory_or_in_sqlite_survives_the_death_of_its_runtime(scene: &Scene) {
    for url in [
        format!("dir:{}/sessions", scene.root().display()),
        format!("sqlite:{}/s.db", scene.root().display()),
    ] {
        let store = store::open(&url).await.unwrap();
        let options = SessionFsOptions::store(scene.work().to_string_lossy(), "/state", store.clone());
        let client = scene.start(scene.options().session_fs(options)).await;
        let before = client.create_session(scene.config()).await.unwrap();
        scene.say(&before, "the word is MAGENTA-93").await;
        // 1.0.57 stores a turn a moment after it.
        wait_until_kept(&store, before.id(), "You said: the word is MAGENTA-93").await;
        // Nothing is told to the runtime: what is stored is what we had acknowledged.
        client.force_stop().await;

        // Opened anew, as another process would.
        drop(store);
        let store = store::open(&url).await.unwrap();
        let stored = store.list().await.unwrap();
        assert_eq!(
            stored.iter().map(|session| session.id.as_str()).collect::<Vec<_>>(),
            [before.id()],
            "{url}"
        );
        let options = SessionFsOptions::store(scene.work().to_string_lossy(), "/state", store);
        let client = scene.start(scene.options().session_fs(options)).await;
        let after = client.resume_session(before.id(), scene.config()).await.unwrap();
        let recalled = scene.say(&after, "RECALL").await;
        assert_eq!(recalled, "Earlier messages: 1. The first was: the word is MAGENTA-93", "{url}");
        after.disconnect().await.unwrap();
        client.stop().await;
        assert_eq!(traces(&scene.home().join("session-state"), "MAGENTA-93"), [""; 0]);
    }
}

/// Waits until the session's log in the store has `text`.
async fn wait_until_kept(store: &Arc<dyn Store>, id: &str, text: &str) {
    let log = FsPath::parse("/state/events.jsonl", Conventions::Posix).unwrap();
    let files = store.open(id).await.unwrap();
    for _ in 0..200 {
        let content = files.read(&log).await.unwrap_or_default();
        if String::from_utf8_lossy(&content).contains(text) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the turn was never stored");
}

async fn a_session_that_was_dropped_is_stored_to_its_end(scene: &Scene) {
    let store = MemoryStore::new();
    let client = scene.start(stored_in(scene, &store, Broken::Failing)).await;
    let before = client.create_session(scene.config()).await.unwrap();
    scene.say(&before, "the first").await;
    scene.say(&before, "the second").await;
    let id = before.id().to_owned();
    // Not disconnected: the runtime has it until its own end, and writes then.
    drop(before);
    let errors = client.stop().await;
    assert!(errors.is_empty(), "{errors:?}");

    let client = scene.start(stored_in(scene, &store, Broken::Failing)).await;
    let after = client.resume_session(&id, scene.config()).await.unwrap();
    assert_eq!(scene.say(&after, "RECALL").await, "Earlier messages: 2. The first was: the first");
    after.disconnect().await.unwrap();
}

async fn a_filesystem_that_fails_fails_only_its_own_session(scene: &Scene) {
    let store = MemoryStore::new();
    let client = scene.start(stored_in(scene, &store, Broken::Failing)).await;
    let healthy = client.create_session(scene.config()).await.unwrap();
    refused(scene, client.create_session(scene.config().session_id("broken-1")).await);
    assert_eq!(scene.say(&healthy, "untouched?").await, "You said: untouched?");
    // The id is free again.
    refused(scene, client.create_session(scene.config().session_id("broken-1")).await);
}

async fn a_filesystem_that_hangs_is_given_up_at_its_deadline(scene: &Scene) {
    let store = MemoryStore::new();
    let mut options = stored_in(scene, &store, Broken::Hanging);
    options.limits.fs_deadline = Duration::from_millis(300);
    let client = scene.start(options).await;
    let healthy = client.create_session(scene.config()).await.unwrap();
    let start = Instant::now();
    let (hung, said) = tokio::join!(
        client.create_session(scene.config().session_id("broken-2")),
        scene.say(&healthy, "untouched?"),
    );
    assert_eq!(said, "You said: untouched?");
    refused(scene, hung);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}
