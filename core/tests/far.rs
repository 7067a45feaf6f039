//! A client whose sessions are in a store that is far away: what a create costs, from its call to its end.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use codriver::fs::{DirEntry, FsChange, FsPath, FsResult, FsStat, LoadedEntry, SessionFs};
use codriver::options::SessionFsOptions;
use codriver::store::{MemoryStore, Store, StoredSession};
use codriver::{Client, Result, SessionConfig};
use serde_json::{Value, json};
use support::{Runtime, unconnected};
use tokio::time::Instant;

/// How long one call takes.
const WAY: Duration = Duration::from_millis(20);

/// A store in memory that each call takes a way to, and that notes each; opening a session asks it nothing.
#[derive(Clone, Default)]
struct Far {
    memory: MemoryStore,
    calls: Arc<Mutex<Vec<&'static str>>>,
    opened: Arc<AtomicUsize>,
}

impl Far {
    async fn call(&self, name: &'static str) {
        self.calls.lock().unwrap().push(name);
        tokio::time::sleep(WAY).await;
    }

    fn calls(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap().clone()
    }
}

#[async_trait]
impl Store for Far {
    fn is_far(&self) -> bool {
        true
    }
    async fn open(&self, session_id: &str) -> Result<Arc<dyn SessionFs>> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(FarFs(self.clone(), self.memory.open(session_id))))
    }
    async fn list(&self) -> Result<Vec<StoredSession>> {
        self.call("list").await;
        Store::list(&self.memory).await
    }
    async fn exists(&self, session_id: &str) -> Result<bool> {
        self.call("exists").await;
        Store::exists(&self.memory, session_id).await
    }
    async fn delete(&self, session_id: &str) -> Result<()> {
        self.call("delete").await;
        Store::delete(&self.memory, session_id).await
    }
}

struct FarFs(Far, Arc<dyn SessionFs>);

#[async_trait]
impl SessionFs for FarFs {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        self.0.call("read").await;
        self.1.read(path).await
    }
    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.0.call("write").await;
        self.1.write(path, content, mode).await
    }
    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.0.call("append").await;
        self.1.append(path, content, mode).await
    }
    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.0.call("stat").await;
        self.1.stat(path).await
    }
    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        self.0.call("mkdir").await;
        self.1.mkdir(path, recursive, mode).await
    }
    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.0.call("read_dir").await;
        self.1.read_dir(path).await
    }
    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.0.call("remove").await;
        self.1.remove(path, recursive, force).await
    }
    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.0.call("rename").await;
        self.1.rename(from, to).await
    }
    async fn apply(&self, changes: Vec<FsChange>) -> FsResult<()> {
        self.0.call("apply").await;
        self.1.apply(changes).await
    }
    async fn load(&self, below: &FsPath, max_file_bytes: u64) -> FsResult<Vec<LoadedEntry>> {
        self.0.call("load").await;
        self.1.load(below, max_file_bytes).await
    }
}

/// A client whose sessions are in the store.
async fn connected(store: &Far) -> (Client, Runtime) {
    let options = SessionFsOptions::store("/project", "/state", Arc::new(store.clone()));
    let (client, mut runtime) = unconnected(|client| client.session_fs(options));
    let shake = async {
        let connect = runtime.expect("connect").await;
        runtime.reply(&connect, json!({"ok": true, "protocolVersion": 3, "version": "0.0.0-test"})).await;
        let provider = runtime.expect("sessionFs.setProvider").await;
        runtime.reply(&provider, json!({"success": true})).await;
    };
    let (connected, ()) = tokio::join!(client.connect(), shake);
    connected.unwrap();
    (client, runtime)
}

const RECORDING: &str = include_str!("../../tests/vectors/session-fs.1.0.102.jsonl");

/// The calls that runtime 1.0.102 makes before it answers `session.create` of `my-session-1`, by their names and parameters.
fn calls_of_a_create() -> Vec<(String, Value)> {
    let recorded = RECORDING.lines().map(|line| {
        let mut exchange: Value = serde_json::from_str(line).unwrap();
        (exchange["method"].as_str().unwrap().to_owned(), exchange["params"].take())
    });
    let mut calls: Vec<_> = recorded.collect();
    let is_last = |(method, params): &(String, Value)| {
        method == "sessionFs.rename" && params["src"].as_str().unwrap().contains("/session-state/")
    };
    calls.truncate(calls.iter().position(is_last).unwrap() + 1);
    calls
}

#[tokio::test(start_paused = true)]
async fn a_create_takes_five_ways_to_a_store_that_is_far_from_its_call_to_its_end() {
    let far = Far::default();
    let (client, mut runtime) = connected(&far).await;
    let calls = calls_of_a_create();
    assert_eq!(calls.len(), 25);
    let begin = Instant::now();
    let far_side = async {
        let create = runtime.expect("session.create").await;
        for (id, (method, params)) in calls.iter().enumerate() {
            runtime.request(format!("fs-{id}"), method, params.clone()).await;
            let answer = runtime.answer_to(format!("fs-{id}")).await;
            assert!(!answer.to_string().contains("UNKNOWN"), "{method} {params}: {answer}");
        }
        runtime.accept(&create).await;
    };
    let config = SessionConfig::new().session_id("my-session-1");
    let (session, ()) = tokio::join!(client.create_session(config), far_side);
    assert_eq!(session.unwrap().id(), "my-session-1");

    assert_eq!(far.calls(), ["load", "apply", "apply", "apply", "apply"]);
    assert_eq!(begin.elapsed(), 5 * WAY);
    assert_eq!(far.opened.load(Ordering::Relaxed), 1, "the session is opened once");
    // All of it was stored, and under the places of the store.
    let files = far.memory.open("my-session-1");
    for path in ["/state/workspace.yaml", "/runtime/workspace.yaml", "/state/checkpoints/index.md"] {
        let path = FsPath::parse(path, codriver::fs::Conventions::Posix).unwrap();
        assert!(files.exists(&path).await.unwrap(), "{path}");
    }
}
