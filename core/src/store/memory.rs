//! Sessions in the memory of this process: for tests, and for sessions that nobody wants to keep.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;

use super::tree::{File, Node, Tree};
use super::{Store, StoredSession, check_id, create, newest_first, not_stored, stored_already};
use crate::error::Result;
use crate::fs::{DirEntry, FsChange, FsError, FsErrorKind, FsPath, FsResult, FsStat, LoadedEntry, SessionFs};

/// The filesystems of many sessions. Clones share them.
#[derive(Clone, Default)]
pub struct MemoryStore {
    sessions: Arc<Mutex<BTreeMap<String, Arc<MemoryFs>>>>,
}

impl MemoryStore {
    /// A store without sessions.
    pub fn new() -> Self {
        MemoryStore::default()
    }

    /// The filesystem of a session, made empty if there is none. Asked again, it is the same one.
    pub fn open(&self, session_id: &str) -> Arc<dyn SessionFs> {
        Arc::clone(self.lock().entry(session_id.to_owned()).or_default()) as _
    }

    /// The ids of the sessions, sorted.
    pub fn list(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// Forgets a session; tells whether there was one. Whoever holds its filesystem keeps it, but nobody else will find
    /// it: a session opened later under the id is empty.
    pub fn delete(&self, session_id: &str) -> bool {
        self.lock().remove(session_id).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<MemoryFs>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn open(&self, session_id: &str) -> Result<Arc<dyn SessionFs>> {
        check_id(session_id)?;
        Ok(MemoryStore::open(self, session_id))
    }

    async fn list(&self) -> Result<Vec<StoredSession>> {
        let stored = |(id, fs): (&String, &Arc<MemoryFs>)| {
            let (created, modified) = fs.files().changed?;
            Some(StoredSession { id: id.clone(), modified, created })
        };
        Ok(newest_first(self.lock().iter().filter_map(stored).collect()))
    }

    async fn list_with_file(
        &self,
        path: &FsPath,
        max_bytes: u64,
    ) -> Result<Vec<(StoredSession, Option<Bytes>)>> {
        let mut listed = Vec::new();
        for session in Store::list(self).await? {
            let files = self.lock().get(&session.id).map(Arc::clone);
            let content = match files {
                Some(files) => {
                    files.read(path).await.ok().filter(|content| content.len() as u64 <= max_bytes)
                }
                None => None,
            };
            listed.push((session, content));
        }
        Ok(listed)
    }

    async fn exists(&self, session_id: &str) -> Result<bool> {
        check_id(session_id)?;
        Ok(self.lock().get(session_id).is_some_and(|fs| fs.files().changed.is_some()))
    }

    async fn delete(&self, session_id: &str) -> Result<()> {
        let was_there = Store::exists(self, session_id).await?;
        MemoryStore::delete(self, session_id);
        if was_there { Ok(()) } else { Err(not_stored(session_id)) }
    }

    async fn create(&self, session_id: &str, entries: Vec<LoadedEntry>) -> Result<()> {
        check_id(session_id)?;
        let mut made = Files::default();
        create::changes(entries).into_iter().try_for_each(|change| made.make(change))?;
        let mut sessions = self.lock();
        let mut files = sessions.entry(session_id.to_owned()).or_default().files();
        match files.changed {
            Some(_) => Err(stored_already(session_id)),
            None => {
                *files = made;
                Ok(())
            }
        }
    }
}

/// The files of one session in memory. Modes are ignored; roots are always there.
#[derive(Default)]
pub struct MemoryFs {
    files: Mutex<Files>,
}

impl MemoryFs {
    /// An empty filesystem.
    pub fn new() -> Self {
        MemoryFs::default()
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The files of one session, and when the first and the last change was.
#[derive(Default)]
struct Files {
    tree: Tree<Pieces>,
    changed: Option<(SystemTime, SystemTime)>,
}

/// A file's content in the pieces that were appended: an append costs nothing for what is there.
#[derive(Clone, Default)]
struct Pieces(Vec<Bytes>);

impl File for Pieces {
    fn size(&self) -> u64 {
        self.0.iter().map(|piece| piece.len() as u64).sum()
    }
}

impl Pieces {
    fn content(&self) -> Bytes {
        match &self.0[..] {
            [whole] => whole.clone(),
            pieces => pieces.concat().into(),
        }
    }
}

impl Files {
    fn touch(&mut self) {
        let now = SystemTime::now();
        self.changed = Some((self.changed.map_or(now, |(first, _)| first), now));
    }

    /// Makes one change, or none.
    fn make(&mut self, change: FsChange) -> FsResult<()> {
        match change {
            FsChange::Expect { path, content } => {
                let found = match self.tree.file(&path) {
                    Err(error) if error.kind() == FsErrorKind::NotFound => None,
                    found => Some(found?.content()),
                };
                return if found == content { Ok(()) } else { Err(FsError::conflict(&path)) };
            }
            FsChange::Write { path, content, .. } => self.tree.file_to_change(&path)?.0 = vec![content],
            FsChange::Append { path, content, .. } => self.tree.file_to_change(&path)?.0.push(content),
            FsChange::Mkdir { path, .. } => self.tree.mkdir(&path, true)?,
            FsChange::Remove { path, recursive, force } => self.tree.remove(&path, recursive, force)?,
            FsChange::Rename { from, to } => self.tree.rename(&from, &to)?,
        }
        self.touch();
        Ok(())
    }
}

#[async_trait]
impl SessionFs for MemoryFs {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        let file = self.files().tree.file(path)?.clone();
        Ok(file.content())
    }

    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.files().make(FsChange::Write { path: path.clone(), content, mode })
    }

    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.files().make(FsChange::Append { path: path.clone(), content, mode })
    }

    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.files().tree.stat(path)
    }

    async fn mkdir(&self, path: &FsPath, recursive: bool, _mode: Option<u32>) -> FsResult<()> {
        let mut files = self.files();
        files.tree.mkdir(path, recursive)?;
        files.touch();
        Ok(())
    }

    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.files().tree.read_dir(path)
    }

    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.files().make(FsChange::Remove { path: path.clone(), recursive, force })
    }

    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.files().make(FsChange::Rename { from: from.clone(), to: to.clone() })
    }

    /// All or none.
    async fn apply(&self, changes: Vec<FsChange>) -> FsResult<()> {
        let mut files = self.files();
        let before = (changes.len() > 1).then(|| (files.tree.clone(), files.changed));
        let made = changes.into_iter().try_for_each(|change| files.make(change));
        if let (Err(_), Some((tree, changed))) = (&made, before) {
            (files.tree, files.changed) = (tree, changed);
        }
        made
    }

    async fn load(&self, below: &FsPath, max_file_bytes: u64) -> FsResult<Vec<LoadedEntry>> {
        let files = self.files();
        let entry = |(path, node): (&str, &Node<Pieces>)| {
            let path = FsPath::parse(path, below.conventions())?;
            let content =
                node.file.as_ref().filter(|file| file.size() <= max_file_bytes).map(Pieces::content);
            Ok(LoadedEntry::new(path, node.stat(), content))
        };
        files.tree.below(below).map(entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{Conventions, EntryKind};

    crate::session_fs_conformance!(conformance, std::sync::Arc::new(super::MemoryFs::new()));

    fn windows(text: &str) -> FsPath {
        FsPath::parse(text, Conventions::Windows).unwrap()
    }

    #[tokio::test]
    async fn sessions_are_apart_and_a_deleted_one_starts_empty() {
        let store = MemoryStore::new();
        let path = FsPath::parse("/state/workspace.yaml", Conventions::Posix).unwrap();
        store.open("b").write(&path, "of b".into(), None).await.unwrap();
        let held = store.open("a");
        held.write(&path, "of a".into(), None).await.unwrap();
        assert_eq!(store.list(), ["a", "b"]);
        assert_eq!(store.clone().open("a").read(&path).await.unwrap(), "of a");
        assert_eq!(store.open("b").read(&path).await.unwrap(), "of b");

        assert!(store.delete("a"));
        assert!(!store.delete("a"));
        assert_eq!(store.list(), ["b"]);
        assert_eq!(held.read(&path).await.unwrap(), "of a");
        assert_eq!(store.open("a").read(&path).await.unwrap_err().kind(), FsErrorKind::NotFound);
    }

    #[tokio::test]
    async fn windows_paths_have_their_own_roots() {
        let fs = MemoryFs::new();
        let files = [r"C:\state\a", r"D:\state\b", r"\\server\share\state\c", r"\state\d"];
        for file in files {
            fs.write(&windows(file), file.into(), None).await.unwrap();
        }
        for file in files {
            let path = windows(file);
            assert_eq!(fs.read(&path).await.unwrap(), file);
            let root = windows(path.root());
            let listed = fs.read_dir(&root).await.unwrap();
            assert_eq!(listed, [DirEntry::new("state", EntryKind::Directory)], "{root}");
        }
        fs.rename(&windows(r"C:\state"), &windows(r"D:\state\moved")).await.unwrap();
        assert_eq!(fs.read(&windows(r"D:\state\moved\a")).await.unwrap(), r"C:\state\a");
        assert_eq!(fs.read_dir(&windows(r"C:\")).await.unwrap(), []);
    }

    #[tokio::test]
    async fn a_root_is_a_directory_that_stays() {
        let fs = MemoryFs::new();
        let root = FsPath::parse("/", Conventions::Posix).unwrap();
        assert_eq!(fs.stat(&root).await.unwrap().kind, EntryKind::Directory);
        assert_eq!(fs.read_dir(&root).await.unwrap(), []);
        fs.mkdir(&root, false, None).await.unwrap();
        for refused in [
            fs.write(&root, Bytes::new(), None).await,
            fs.append(&root, Bytes::new(), None).await,
            fs.remove(&root, true, true).await,
            fs.rename(&root, &root.join("a").unwrap()).await,
        ] {
            assert_eq!(refused.unwrap_err().write_changed(), Some(false));
        }
    }

    #[tokio::test]
    async fn bytes_that_are_not_text_are_appended_as_they_are() {
        let fs = MemoryFs::new();
        let path = FsPath::parse("/bytes", Conventions::Posix).unwrap();
        for piece in [&b"\xff\x00"[..], b"\xc3", b"\xa9"] {
            fs.append(&path, Bytes::copy_from_slice(piece), None).await.unwrap();
        }
        assert_eq!(&fs.read(&path).await.unwrap()[..], b"\xff\x00\xc3\xa9");
        assert_eq!(fs.stat(&path).await.unwrap().size, 4);
    }
}
