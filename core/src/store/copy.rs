//! Copies a session file by file.

use std::sync::Arc;

use super::{Store, not_stored, stored_already};
use crate::error::Result;
use crate::fs::{Conventions, EntryKind, FsPath, FsResult, SessionFs};

pub(super) async fn copy<S: Store + ?Sized>(store: &S, from: &str, to: &str) -> Result<()> {
    if !store.exists(from).await? {
        return Err(not_stored(from));
    }
    if store.exists(to).await? {
        return Err(stored_already(to));
    }
    let (source, target) = (store.open(from).await?, store.open(to).await?);
    let copied = copy_files(&source, &target).await;
    if copied.is_err() && store.exists(to).await? {
        store.delete(to).await?;
    }
    Ok(copied?)
}

async fn copy_files(source: &Arc<dyn SessionFs>, target: &Arc<dyn SessionFs>) -> FsResult<()> {
    let mut directories = roots()?;
    while let Some(directory) = directories.pop() {
        for entry in source.read_dir(&directory).await? {
            let path = directory.join(&entry.name)?;
            match entry.kind {
                EntryKind::File => target.write(&path, source.read(&path).await?, None).await?,
                EntryKind::Directory => {
                    target.mkdir(&path, true, None).await?;
                    directories.push(path);
                }
            }
        }
    }
    Ok(())
}

/// Where the paths of a session may begin.
fn roots() -> FsResult<Vec<FsPath>> {
    let drives = ('A'..='Z').map(|letter| format!("{letter}:\\"));
    let windows = drives.chain(["\\".to_owned()]).map(|root| FsPath::parse(&root, Conventions::Windows));
    windows.chain([FsPath::parse("/", Conventions::Posix)]).collect()
}
