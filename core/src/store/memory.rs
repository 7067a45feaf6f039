//! Sessions in the memory of this process: for tests, and for sessions that nobody wants to keep.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;

use super::{Store, StoredSession, check_id, newest_first, not_stored, stored_already};
use crate::error::Result;
use crate::fs::{DirEntry, EntryKind, FsError, FsErrorKind, FsPath, FsResult, FsStat, SessionFs};

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
            let (created, modified) = fs.tree().changed?;
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
        Ok(self.lock().get(session_id).is_some_and(|fs| fs.tree().changed.is_some()))
    }

    async fn delete(&self, session_id: &str) -> Result<()> {
        let was_there = Store::exists(self, session_id).await?;
        MemoryStore::delete(self, session_id);
        if was_there { Ok(()) } else { Err(not_stored(session_id)) }
    }

    async fn copy(&self, from: &str, to: &str) -> Result<()> {
        check_id(to)?;
        let mut sessions = self.lock();
        let is_there = |fs: &&Arc<MemoryFs>| fs.tree().changed.is_some();
        let source = sessions.get(from).filter(is_there).ok_or_else(|| not_stored(from))?;
        let nodes = source.tree().nodes.clone();
        let target = sessions.get(to);
        if target.filter(is_there).is_some() {
            return Err(stored_already(to));
        }
        let mut tree = sessions.entry(to.to_owned()).or_default().tree();
        tree.nodes = nodes;
        tree.touch();
        Ok(())
    }
}

/// The files of one session in memory. Modes are ignored; roots are always there.
#[derive(Default)]
pub struct MemoryFs {
    tree: Mutex<Tree>,
}

impl MemoryFs {
    /// An empty filesystem.
    pub fn new() -> Self {
        MemoryFs::default()
    }

    fn tree(&self) -> MutexGuard<'_, Tree> {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is at each path that was made, with each of its parents but the root, by the path's text. Flat, so that no path
/// is too deep for a stack.
#[derive(Default)]
struct Tree {
    nodes: BTreeMap<String, Node>,
    /// When the first and the last change was.
    changed: Option<(SystemTime, SystemTime)>,
}

#[derive(Clone)]
struct Node {
    /// The pieces of a file as they were appended: an append costs nothing for what is there. A directory has none.
    file: Option<Vec<Bytes>>,
    modified: SystemTime,
    created: SystemTime,
}

impl Node {
    fn new(file: Option<Vec<Bytes>>) -> Self {
        let now = SystemTime::now();
        Node { file, modified: now, created: now }
    }

    fn kind(&self) -> EntryKind {
        if self.file.is_some() { EntryKind::File } else { EntryKind::Directory }
    }

    fn stat(&self) -> FsStat {
        match &self.file {
            Some(pieces) => {
                let size = pieces.iter().map(|piece| piece.len() as u64).sum();
                FsStat::file(size, self.modified, self.created)
            }
            None => FsStat::directory(self.modified, self.created),
        }
    }
}

fn is_a_directory(path: &FsPath) -> FsError {
    FsError::io(format!("is a directory: {path}")).with_write_changed(false)
}

fn not_a_directory(path: &FsPath) -> FsError {
    FsError::io(format!("not a directory: {path}")).with_write_changed(false)
}

/// Where the texts of what is below a directory begin and end.
fn range_below(directory: &FsPath) -> (String, String) {
    let separator = directory.conventions().separator();
    let stem = directory.as_str().trim_end_matches(separator);
    (format!("{stem}{separator}"), format!("{stem}{}", after(separator)))
}

/// The character behind an ASCII separator: no text with the separator in its place is behind one with this.
fn after(separator: char) -> char {
    char::from(separator as u8 + 1)
}

impl Tree {
    fn touch(&mut self) {
        let now = SystemTime::now();
        self.changed = Some((self.changed.map_or(now, |(first, _)| first), now));
    }

    /// What is at the path; nothing at a root is a directory all the same.
    fn kind(&self, path: &FsPath) -> FsResult<EntryKind> {
        match self.nodes.get(path.as_str()) {
            Some(node) => Ok(node.kind()),
            None if path.is_root() => Ok(EntryKind::Directory),
            None => Err(FsError::not_found(path)),
        }
    }

    /// Makes the directories above `path` that are missing; changes nothing where one of them is a file.
    fn make_parents(&mut self, path: &FsPath) -> FsResult<()> {
        let mut missing = Vec::new();
        let mut above = path.parent();
        while let Some(parent) = above {
            match self.kind(&parent) {
                Ok(EntryKind::Directory) => break,
                Ok(EntryKind::File) => return Err(not_a_directory(&parent)),
                Err(_not_found) => above = parent.parent(),
            }
            missing.push(parent);
        }
        self.nodes.extend(missing.into_iter().map(|path| (path.as_str().to_owned(), Node::new(None))));
        Ok(())
    }

    /// The pieces of the file at `path`, which is made with its parents if there is none.
    fn file_to_change(&mut self, path: &FsPath) -> FsResult<&mut Vec<Bytes>> {
        if matches!(self.kind(path), Ok(EntryKind::Directory)) {
            return Err(is_a_directory(path));
        }
        self.make_parents(path)?;
        let node = self.nodes.entry(path.as_str().to_owned()).or_insert_with(|| Node::new(Some(Vec::new())));
        node.modified = SystemTime::now();
        node.file.as_mut().ok_or_else(|| is_a_directory(path))
    }

    fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        if self.kind(path)? == EntryKind::File {
            return Err(not_a_directory(path));
        }
        let separator = path.conventions().separator();
        let (prefix, end) = range_below(path);
        let (mut entries, mut from) = (Vec::new(), prefix.clone());
        'seek: loop {
            for (text, node) in self.nodes.range(from..end.clone()) {
                match text[prefix.len()..].split_once(separator) {
                    None => entries.push(DirEntry::new(&text[prefix.len()..], node.kind())),
                    Some((child, _)) => {
                        from = format!("{prefix}{child}{}", after(separator));
                        continue 'seek;
                    }
                }
            }
            return Ok(entries);
        }
    }

    fn remove(&mut self, path: &FsPath, recursive: bool) -> FsResult<()> {
        if self.kind(path)? == EntryKind::Directory {
            if path.is_root() {
                return Err(FsError::unsupported("the root cannot be removed"));
            }
            if !recursive {
                return Err(is_a_directory(path));
            }
            drop(self.take_below(path));
        }
        self.nodes.remove(path.as_str());
        self.touch();
        Ok(())
    }

    /// Takes out everything below a directory.
    fn take_below(&mut self, directory: &FsPath) -> BTreeMap<String, Node> {
        let (prefix, end) = range_below(directory);
        let mut below = self.nodes.split_off(&prefix);
        self.nodes.append(&mut below.split_off(&end));
        below
    }

    fn rename(&mut self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        let kind = self.kind(from)?;
        if from == to {
            return Ok(());
        }
        if from.is_root() || to.as_str().starts_with(&range_below(from).0) {
            return Err(FsError::io(format!("{from} cannot be moved into itself")).with_write_changed(false));
        }
        match (kind, self.kind(to)) {
            (_, Ok(EntryKind::Directory)) => return Err(is_a_directory(to)),
            (EntryKind::Directory, Ok(EntryKind::File)) => return Err(not_a_directory(to)),
            _ => self.make_parents(to)?,
        }
        let below = if kind == EntryKind::Directory { self.take_below(from) } else { BTreeMap::new() };
        let moved = |text: &str| format!("{to}{}", &text[from.as_str().len()..]);
        if let Some(node) = self.nodes.remove(from.as_str()) {
            self.nodes.insert(to.as_str().to_owned(), node);
        }
        self.nodes.extend(below.into_iter().map(|(text, node)| (moved(&text), node)));
        self.touch();
        Ok(())
    }
}

#[async_trait]
impl SessionFs for MemoryFs {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        let pieces = match self.tree().nodes.get(path.as_str()) {
            Some(Node { file: Some(pieces), .. }) => pieces.clone(),
            None if !path.is_root() => return Err(FsError::not_found(path)),
            _ => return Err(is_a_directory(path)),
        };
        Ok(match <[Bytes; 1]>::try_from(pieces) {
            Ok([whole]) => whole,
            Err(pieces) => pieces.concat().into(),
        })
    }

    async fn write(&self, path: &FsPath, content: Bytes, _mode: Option<u32>) -> FsResult<()> {
        let mut tree = self.tree();
        *tree.file_to_change(path)? = vec![content];
        tree.touch();
        Ok(())
    }

    async fn append(&self, path: &FsPath, content: Bytes, _mode: Option<u32>) -> FsResult<()> {
        let mut tree = self.tree();
        tree.file_to_change(path)?.push(content);
        tree.touch();
        Ok(())
    }

    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        match self.tree().nodes.get(path.as_str()) {
            Some(node) => Ok(node.stat()),
            None if path.is_root() => Ok(FsStat::directory(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH)),
            None => Err(FsError::not_found(path)),
        }
    }

    async fn mkdir(&self, path: &FsPath, recursive: bool, _mode: Option<u32>) -> FsResult<()> {
        let mut tree = self.tree();
        match tree.kind(path) {
            Ok(EntryKind::Directory) => return Ok(()),
            Ok(EntryKind::File) => return Err(not_a_directory(path)),
            Err(_not_found) if recursive => tree.make_parents(path)?,
            Err(_not_found) => match path.parent().map(|parent| (tree.kind(&parent), parent)) {
                Some((Ok(EntryKind::File), parent)) => return Err(not_a_directory(&parent)),
                Some((parent, _)) => drop(parent?),
                None => {}
            },
        }
        tree.nodes.insert(path.as_str().to_owned(), Node::new(None));
        tree.touch();
        Ok(())
    }

    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.tree().read_dir(path)
    }

    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        match self.tree().remove(path, recursive) {
            Err(error) if force && error.kind() == FsErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.tree().rename(from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Conventions;

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
