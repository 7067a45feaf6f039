//! A store written in the driver: files in memory, through the same trait that any user implements.

use std::collections::{BTreeMap, HashMap};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use codriver::fs::{DirEntry, EntryKind, FsError, FsPath, FsResult, FsStat, SessionFs};
use serde_json::json;

use crate::command::Behaviour;
use crate::lock;
use crate::say::Say;

/// A path's content; directories have none.
type Files = BTreeMap<String, Option<Vec<u8>>>;

/// The stores of all sessions, and how each behaves.
#[derive(Clone)]
pub(crate) struct ForeignStore {
    say: Say,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    files: HashMap<String, Arc<Mutex<Files>>>,
    behaviours: HashMap<String, Behaviour>,
    latest: Behaviour,
}

impl ForeignStore {
    pub(crate) fn new(say: Say) -> Self {
        ForeignStore { say, shared: Arc::default() }
    }

    /// Says how the store of a session will behave; without an id, that of the next one nobody spoke of.
    pub(crate) fn expect(&self, session_id: Option<&str>, behaviour: Behaviour) {
        let mut shared = lock(&self.shared);
        match session_id {
            Some(session_id) => drop(shared.behaviours.insert(session_id.to_owned(), behaviour)),
            None => shared.latest = behaviour,
        }
    }

    /// The store of a session: the same files each time.
    pub(crate) fn open(&self, session_id: &str) -> Arc<dyn SessionFs> {
        let mut shared = lock(&self.shared);
        let behaviour = shared.behaviours.get(session_id).unwrap_or(&shared.latest).clone();
        let files = Arc::clone(shared.files.entry(session_id.to_owned()).or_default());
        Arc::new(ForeignFs { say: self.say, session_id: session_id.to_owned(), behaviour, files })
    }
}

struct ForeignFs {
    say: Say,
    session_id: String,
    behaviour: Behaviour,
    files: Arc<Mutex<Files>>,
}

impl ForeignFs {
    /// Says that a call came, and then behaves.
    async fn enter(&self, op: &str, path: &FsPath) -> FsResult<()> {
        self.say.line(&json!({"obs": "fs", "session_id": self.session_id, "op": op, "path": path.as_str()}));
        match self.behaviour.word.as_str() {
            "throw" => Err(FsError::io("thrown on purpose")),
            "hang" => pending().await,
            "slow" => {
                tokio::time::sleep(self.behaviour.delay()).await;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn change(&self, path: &FsPath, change: impl FnOnce(&mut Vec<u8>)) -> FsResult<()> {
        let mut files = lock(&self.files);
        let mut ancestor = path.parent();
        while let Some(directory) = ancestor {
            files.entry(directory.as_str().to_owned()).or_insert(None);
            ancestor = directory.parent();
        }
        match files.entry(path.as_str().to_owned()).or_insert_with(|| Some(Vec::new())) {
            Some(content) => {
                change(content);
                Ok(())
            }
            None => Err(FsError::io(format!("is a directory: {path}"))),
        }
    }
}

#[async_trait]
impl SessionFs for ForeignFs {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        self.enter("readFile", path).await?;
        match lock(&self.files).get(path.as_str()) {
            Some(Some(content)) => Ok(content.clone().into()),
            Some(None) => Err(FsError::io(format!("is a directory: {path}"))),
            None => Err(FsError::not_found(path)),
        }
    }

    async fn write(&self, path: &FsPath, content: Bytes, _mode: Option<u32>) -> FsResult<()> {
        self.enter("writeFile", path).await?;
        self.change(path, |there| *there = content.to_vec())
    }

    async fn append(&self, path: &FsPath, content: Bytes, _mode: Option<u32>) -> FsResult<()> {
        self.enter("appendFile", path).await?;
        self.change(path, |there| there.extend_from_slice(&content))
    }

    async fn exists(&self, path: &FsPath) -> FsResult<bool> {
        self.enter("exists", path).await?;
        Ok(lock(&self.files).contains_key(path.as_str()))
    }

    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.enter("stat", path).await?;
        let then = SystemTime::UNIX_EPOCH;
        match lock(&self.files).get(path.as_str()) {
            Some(Some(content)) => Ok(FsStat::file(content.len() as u64, then, then)),
            Some(None) => Ok(FsStat::directory(then, then)),
            None => Err(FsError::not_found(path)),
        }
    }

    async fn mkdir(&self, path: &FsPath, _recursive: bool, _mode: Option<u32>) -> FsResult<()> {
        self.enter("mkdir", path).await?;
        let mut files = lock(&self.files);
        let mut directory = Some(path.clone());
        while let Some(path) = directory {
            files.entry(path.as_str().to_owned()).or_insert(None);
            directory = path.parent();
        }
        Ok(())
    }

    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.enter("readdir", path).await?;
        let files = lock(&self.files);
        if !matches!(files.get(path.as_str()), Some(None)) {
            return Err(FsError::not_found(path));
        }
        let inside = format!("{}/", path.as_str().trim_end_matches('/'));
        let entries = files.iter().filter_map(|(other, content)| {
            let name = other.strip_prefix(&inside).filter(|name| !name.is_empty() && !name.contains('/'))?;
            let kind = if content.is_some() { EntryKind::File } else { EntryKind::Directory };
            Some(DirEntry::new(name, kind))
        });
        Ok(entries.collect())
    }

    async fn remove(&self, path: &FsPath, _recursive: bool, force: bool) -> FsResult<()> {
        self.enter("rm", path).await?;
        let inside = format!("{}/", path.as_str());
        let mut files = lock(&self.files);
        let there = files.len();
        files.retain(|other, _| other != path.as_str() && !other.starts_with(&inside));
        if files.len() == there && !force { Err(FsError::not_found(path)) } else { Ok(()) }
    }

    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.enter("rename", from).await?;
        let inside = format!("{}/", from.as_str());
        let mut files = lock(&self.files);
        let moved: Vec<String> = files
            .keys()
            .filter(|path| *path == from.as_str() || path.starts_with(&inside))
            .cloned()
            .collect();
        if moved.is_empty() {
            return Err(FsError::not_found(from));
        }
        for path in moved {
            let content = files.remove(&path).flatten();
            files.insert(format!("{}{}", to.as_str(), &path[from.as_str().len()..]), content);
        }
        Ok(())
    }
}
