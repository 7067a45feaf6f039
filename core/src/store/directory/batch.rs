//! Several changes of a session's folder at once, and all files at once. Who calls this holds the lock.

use super::journal::Journal;
use super::open::Open;
use crate::fs::{EntryKind, FsChange, FsError, FsErrorKind, FsPath, FsResult, LoadedEntry};
use crate::store::tree::{File, Tree};

/// A file of a rehearsal: only that it is there.
#[derive(Debug, Clone, Default)]
struct Present;

impl File for Present {
    fn size(&self) -> u64 {
        0
    }
}

/// Makes the changes in order. What the rules of [`SessionFs`](crate::fs::SessionFs) refuse is found before the first is
/// made; a failing disk, and an `Expect` behind a change, leave those before it.
pub(super) fn apply(open: &Open, journal: &Journal, changes: &[FsChange]) -> FsResult<()> {
    rehearse(open, journal, changes).map_err(|error| error.with_write_changed(false))?;
    for (made, change) in changes.iter().enumerate() {
        make(open, journal, change).map_err(|error| match made {
            0 => error,
            _ => error.with_write_changed(true),
        })?;
    }
    Ok(())
}

fn make(open: &Open, journal: &Journal, change: &FsChange) -> FsResult<()> {
    match change {
        FsChange::Expect { path, content } => {
            let found = match open.read(journal, path) {
                Err(error) if error.kind() == FsErrorKind::NotFound => None,
                found => Some(found?),
            };
            if found == *content { Ok(()) } else { Err(FsError::conflict(path)) }
        }
        FsChange::Write { path, content, .. } => open.write(journal, path, content),
        FsChange::Append { path, content, .. } => open.append(journal, path, content),
        FsChange::Mkdir { path, .. } => open.mkdir(journal, path, true),
        FsChange::Remove { path, recursive, force } => match open.remove(journal, path, *recursive) {
            Err(error) if *force && error.kind() == FsErrorKind::NotFound => Ok(()),
            result => result,
        },
        FsChange::Rename { from, to } => open.rename(journal, from, to),
    }
}

/// Makes the changes in a tree that has what they are about.
fn rehearse(open: &Open, journal: &Journal, changes: &[FsChange]) -> FsResult<()> {
    if changes.len() < 2 {
        return Ok(());
    }
    let mut tree = Tree::<Present>::default();
    for change in changes {
        match change {
            FsChange::Expect { .. } => {}
            FsChange::Write { path, .. }
            | FsChange::Append { path, .. }
            | FsChange::Mkdir { path, .. }
            | FsChange::Remove { path, .. } => learn(open, journal, &mut tree, path)?,
            FsChange::Rename { from, to } => {
                learn(open, journal, &mut tree, from)?;
                learn(open, journal, &mut tree, to)?;
                for path in walk(open, journal, from)? {
                    learn(open, journal, &mut tree, &path)?;
                }
            }
        }
    }
    for change in changes {
        match change {
            FsChange::Expect { .. } => {}
            FsChange::Write { path, .. } | FsChange::Append { path, .. } => drop(tree.file_to_change(path)?),
            FsChange::Mkdir { path, .. } => tree.mkdir(path, true)?,
            FsChange::Remove { path, recursive, force } => tree.remove(path, *recursive, *force)?,
            FsChange::Rename { from, to } => tree.rename(from, to)?,
        }
    }
    Ok(())
}

/// Tells the tree what is at the path and above it.
fn learn(open: &Open, journal: &Journal, tree: &mut Tree<Present>, path: &FsPath) -> FsResult<()> {
    let mut above = Some(path.clone());
    while let Some(path) = above.filter(|path| !path.is_root() && tree.node(path).is_none()) {
        match open.stat(journal, &path) {
            Ok(stat) => tree.insert(&path, &stat, (stat.kind == EntryKind::File).then_some(Present)),
            Err(error) if error.kind() == FsErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        above = path.parent();
    }
    Ok(())
}

/// Every path below a directory; none where there is none.
fn walk(open: &Open, journal: &Journal, directory: &FsPath) -> FsResult<Vec<FsPath>> {
    let (mut found, mut directories) = (Vec::new(), Vec::new());
    if matches!(open.stat(journal, directory), Ok(stat) if stat.kind == EntryKind::Directory) {
        directories.push(directory.clone());
    }
    while let Some(directory) = directories.pop() {
        for entry in open.read_dir(journal, &directory)? {
            let path = directory.join(&entry.name)?;
            if entry.kind == EntryKind::Directory {
                directories.push(path.clone());
            }
            found.push(path);
        }
    }
    Ok(found)
}

/// What is below a directory, with the content of small files.
pub(super) fn load(
    open: &Open,
    journal: &Journal,
    below: &FsPath,
    max_file_bytes: u64,
) -> FsResult<Vec<LoadedEntry>> {
    let entry = |path: FsPath| {
        let stat = open.stat(journal, &path)?;
        let is_small = stat.kind == EntryKind::File && stat.size <= max_file_bytes;
        let content = is_small.then(|| open.read(journal, &path)).transpose()?;
        Ok(LoadedEntry::new(path, stat, content))
    };
    walk(open, journal, below)?.into_iter().map(entry).collect()
}
