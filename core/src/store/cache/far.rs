//! A store that is far away, and what a runtime does with one: for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::fs::{DirEntry, FsChange, FsError, FsPath, FsResult, FsStat, LoadedEntry, SessionFs};
use crate::store::MemoryFs;

/// A session in memory that is a way off, counts the calls, and can fail.
pub(crate) struct Far {
    pub(super) files: MemoryFs,
    pub(super) calls: AtomicUsize,
    /// The calls that change something.
    pub(super) changes: AtomicUsize,
    pub(super) way: Duration,
    /// Whether it makes batches as one, or as a provider that knows nothing of them.
    pub(super) has_batches: bool,
    pub(super) fails: AtomicBool,
    /// Makes the change, and then says that it failed.
    pub(super) lies: AtomicBool,
    /// The longest name that a file or directory may have.
    pub(super) longest_name: usize,
}

impl Far {
    pub(crate) fn new(has_batches: bool) -> Self {
        Far {
            files: MemoryFs::new(),
            calls: AtomicUsize::new(0),
            changes: AtomicUsize::new(0),
            way: Duration::ZERO,
            has_batches,
            fails: AtomicBool::new(false),
            lies: AtomicBool::new(false),
            longest_name: usize::MAX,
        }
    }

    pub(crate) fn away(way: Duration) -> Arc<Self> {
        Arc::new(Far { way, ..Far::new(true) })
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    async fn call(&self) -> FsResult<()> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if !self.way.is_zero() {
            tokio::time::sleep(self.way).await;
        }
        match self.fails.load(Ordering::Relaxed) {
            true => Err(FsError::io("the line is dead")),
            false => Ok(()),
        }
    }

    async fn changed(&self, changed: FsResult<()>) -> FsResult<()> {
        self.changes.fetch_add(1, Ordering::Relaxed);
        match self.lies.load(Ordering::Relaxed) {
            true => changed.and(Err(FsError::io("the line died"))),
            false => changed,
        }
    }
}

#[async_trait]
impl SessionFs for Far {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        self.call().await?;
        self.files.read(path).await
    }
    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.call().await?;
        self.changed(self.files.write(path, content, mode).await).await
    }
    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.call().await?;
        self.changed(self.files.append(path, content, mode).await).await
    }
    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.call().await?;
        self.files.stat(path).await
    }
    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        self.call().await?;
        self.changed(self.files.mkdir(path, recursive, mode).await).await
    }
    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.call().await?;
        self.files.read_dir(path).await
    }
    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.call().await?;
        self.changed(self.files.remove(path, recursive, force).await).await
    }
    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.call().await?;
        self.changed(self.files.rename(from, to).await).await
    }
    async fn apply(&self, changes: Vec<FsChange>) -> FsResult<()> {
        if !self.has_batches {
            return crate::fs::apply_each(self, changes).await;
        }
        self.call().await?;
        let name = |change: &FsChange| change.path().file_name().unwrap_or_default().len();
        if changes.iter().any(|change| name(change) > self.longest_name) {
            return Err(FsError::io("the name is too long").with_write_changed(false));
        }
        self.changed(self.files.apply(changes).await).await
    }
    async fn load(&self, below: &FsPath, max_file_bytes: u64) -> FsResult<Vec<LoadedEntry>> {
        if !self.has_batches {
            return crate::fs::walk(self, below, max_file_bytes).await;
        }
        self.call().await?;
        self.files.load(below, max_file_bytes).await
    }
}

const RECORDING: &str = include_str!("../../../../tests/vectors/session-fs.1.0.102.jsonl");

#[derive(Deserialize)]
struct Exchange<'a> {
    method: String,
    #[serde(borrow)]
    params: &'a RawValue,
}

/// The calls that runtime 1.0.102 makes before it answers `session.create` of `my-session-1` with the state path `/state`.
pub(crate) fn calls_of_a_create() -> Vec<(String, Box<RawValue>)> {
    let mut calls = Vec::new();
    for line in RECORDING.lines() {
        let exchange: Exchange<'_> = serde_json::from_str(line).unwrap();
        let params = exchange.params;
        let is_last = exchange.method == "sessionFs.rename" && params.get().contains("/session-state/");
        calls.push((exchange.method, params.to_owned()));
        if is_last {
            return calls;
        }
    }
    panic!("the recording has no create");
}
