//! Files and directories by their paths, and what each change does to them: the rules of [`SessionFs`](crate::fs::SessionFs)
//! without I/O. A store keeps contents in it, a cache what it knows of another store.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::fs::{DirEntry, EntryKind, FsError, FsErrorKind, FsPath, FsResult, FsStat};

/// What is at each path that was made, with each of its parents but the root, by the path's text. Flat, so that no path
/// is too deep for a stack.
#[derive(Debug, Clone)]
pub(super) struct Tree<F> {
    nodes: BTreeMap<String, Node<F>>,
}

/// What a tree knows of a file.
pub(super) trait File: Clone + Default {
    /// Its length in bytes.
    fn size(&self) -> u64;
}

#[derive(Debug, Clone)]
pub(super) struct Node<F> {
    /// The file; a directory has none.
    pub(super) file: Option<F>,
    modified: SystemTime,
    created: SystemTime,
}

impl<F: File> Node<F> {
    /// What was made now.
    fn new(file: Option<F>) -> Self {
        let now = SystemTime::now();
        Node { file, modified: now, created: now }
    }

    pub(super) fn kind(&self) -> EntryKind {
        if self.file.is_some() { EntryKind::File } else { EntryKind::Directory }
    }

    pub(super) fn stat(&self) -> FsStat {
        match &self.file {
            Some(file) => FsStat::file(file.size(), self.modified, self.created),
            None => FsStat::directory(self.modified, self.created),
        }
    }
}

/// Where the texts of what is below a directory begin and end.
pub(super) fn range_below(directory: &FsPath) -> (String, String) {
    let separator = directory.conventions().separator();
    let stem = directory.as_str().trim_end_matches(separator);
    (format!("{stem}{separator}"), format!("{stem}{}", after(separator)))
}

/// The character behind an ASCII separator: no text with the separator in its place is behind one with this.
fn after(separator: char) -> char {
    char::from(separator as u8 + 1)
}

impl<F> Default for Tree<F> {
    fn default() -> Self {
        Tree { nodes: BTreeMap::new() }
    }
}

impl<F: File> Tree<F> {
    /// How many files and directories there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Adds what was found elsewhere.
    pub(super) fn insert(&mut self, path: &FsPath, stat: &FsStat, file: Option<F>) {
        let node = Node { file, modified: stat.modified, created: stat.created };
        self.nodes.insert(path.as_str().to_owned(), node);
    }

    /// What is below a directory, in the order of the paths.
    pub(super) fn below(&self, directory: &FsPath) -> impl Iterator<Item = (&str, &Node<F>)> {
        let (from, end) = range_below(directory);
        self.nodes.range(from..end).map(|(path, node)| (path.as_str(), node))
    }

    /// Every file.
    pub(super) fn files(&self) -> impl Iterator<Item = &F> {
        self.nodes.values().filter_map(|node| node.file.as_ref())
    }

    /// The node at a path, if one was made there.
    pub(super) fn node(&self, path: &FsPath) -> Option<&Node<F>> {
        self.nodes.get(path.as_str())
    }

    /// The file at a path.
    pub(super) fn file(&self, path: &FsPath) -> FsResult<&F> {
        match self.nodes.get(path.as_str()) {
            Some(Node { file: Some(file), .. }) => Ok(file),
            None if !path.is_root() => Err(FsError::not_found(path)),
            _ => Err(FsError::is_a_directory(path)),
        }
    }

    pub(super) fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        match self.nodes.get(path.as_str()) {
            Some(node) => Ok(node.stat()),
            None if path.is_root() => Ok(FsStat::directory(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH)),
            None => Err(FsError::not_found(path)),
        }
    }

    /// What is at the path; nothing at a root is a directory all the same.
    pub(super) fn kind(&self, path: &FsPath) -> FsResult<EntryKind> {
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
                Ok(EntryKind::File) => return Err(FsError::not_a_directory(&parent)),
                Err(_not_found) => above = parent.parent(),
            }
            missing.push(parent);
        }
        self.nodes.extend(missing.into_iter().map(|path| (path.as_str().to_owned(), Node::new(None))));
        Ok(())
    }

    /// The file at `path`, which is made with its parents if there is none, and is changed now.
    pub(super) fn file_to_change(&mut self, path: &FsPath) -> FsResult<&mut F> {
        if matches!(self.kind(path), Ok(EntryKind::Directory)) {
            return Err(FsError::is_a_directory(path));
        }
        self.make_parents(path)?;
        let node =
            self.nodes.entry(path.as_str().to_owned()).or_insert_with(|| Node::new(Some(F::default())));
        node.modified = SystemTime::now();
        node.file.as_mut().ok_or_else(|| FsError::is_a_directory(path))
    }

    pub(super) fn mkdir(&mut self, path: &FsPath, recursive: bool) -> FsResult<()> {
        match self.kind(path) {
            Ok(EntryKind::Directory) => return Ok(()),
            Ok(EntryKind::File) => return Err(FsError::not_a_directory(path)),
            Err(_not_found) if recursive => self.make_parents(path)?,
            Err(_not_found) => match path.parent().map(|parent| (self.kind(&parent), parent)) {
                Some((Ok(EntryKind::File), parent)) => return Err(FsError::not_a_directory(&parent)),
                Some((parent, _)) => drop(parent?),
                None => {}
            },
        }
        self.nodes.insert(path.as_str().to_owned(), Node::new(None));
        Ok(())
    }

    pub(super) fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        if self.kind(path)? == EntryKind::File {
            return Err(FsError::not_a_directory(path));
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

    pub(super) fn remove(&mut self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        let kind = match self.kind(path) {
            Err(error) if force && error.kind() == FsErrorKind::NotFound => return Ok(()),
            kind => kind?,
        };
        if kind == EntryKind::Directory {
            if path.is_root() {
                return Err(FsError::unsupported("the root cannot be removed"));
            }
            if !recursive {
                return Err(FsError::is_a_directory(path));
            }
            drop(self.take_below(path));
        }
        self.nodes.remove(path.as_str());
        Ok(())
    }

    /// Takes out everything below a directory.
    fn take_below(&mut self, directory: &FsPath) -> BTreeMap<String, Node<F>> {
        let (prefix, end) = range_below(directory);
        let mut below = self.nodes.split_off(&prefix);
        self.nodes.append(&mut below.split_off(&end));
        below
    }

    pub(super) fn rename(&mut self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        let kind = self.kind(from)?;
        if from == to {
            return Ok(());
        }
        if from.is_root() || to.as_str().starts_with(&range_below(from).0) {
            return Err(FsError::io(format!("{from} cannot be moved into itself")).with_write_changed(false));
        }
        match (kind, self.kind(to)) {
            (_, Ok(EntryKind::Directory)) => return Err(FsError::is_a_directory(to)),
            (EntryKind::Directory, Ok(EntryKind::File)) => return Err(FsError::not_a_directory(to)),
            _ => self.make_parents(to)?,
        }
        let below = if kind == EntryKind::Directory { self.take_below(from) } else { BTreeMap::new() };
        let moved = |text: &str| format!("{to}{}", &text[from.as_str().len()..]);
        if let Some(node) = self.nodes.remove(from.as_str()) {
            self.nodes.insert(to.as_str().to_owned(), node);
        }
        self.nodes.extend(below.into_iter().map(|(text, node)| (moved(&text), node)));
        Ok(())
    }
}
