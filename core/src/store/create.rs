//! A session made with all its files, by what any session's filesystem can do.

use super::{Store, layout, not_stored, stored_already};
use crate::error::{Error, ErrorKind, Result};
use crate::fs::{EntryKind, FsChange, FsError, FsErrorKind, LoadedEntry};

/// Everything in a session, of at most `max_bytes`.
pub(super) async fn load<S: Store + ?Sized>(store: &S, id: &str, max_bytes: u64) -> Result<Vec<LoadedEntry>> {
    if id.is_empty() || !store.exists(id).await? {
        return Err(not_stored(id));
    }
    let (files, root) = (store.open(id).await?, layout::path("/"));
    // Asked first, as what is too much must not be in memory.
    let sizes = files.load(&root, 0).await?;
    let bytes: u64 = sizes.iter().map(|entry| entry.stat.size).sum();
    if bytes > max_bytes {
        let text = format!("the session {id:?} has {bytes} bytes, and at most {max_bytes} can be moved");
        return Err(Error::new(ErrorKind::InvalidArgument, text));
    }
    let entries = files.load(&root, u64::MAX).await?;
    if entries.is_empty() && !store.exists(id).await? {
        return Err(not_stored(id));
    }
    match entries.iter().find(|entry| entry.stat.kind == EntryKind::File && entry.content.is_none()) {
        Some(entry) => Err(FsError::io(format!("{} cannot be read as a whole", entry.path)).into()),
        None => Ok(entries),
    }
}

/// What makes these files in a session that has none.
pub(super) fn changes(entries: Vec<LoadedEntry>) -> Vec<FsChange> {
    // A session without files is one all the same.
    let state = FsChange::Mkdir { path: layout::path(layout::STATE), mode: None };
    let made = entries.into_iter().map(|LoadedEntry { path, content, .. }| match content {
        Some(content) => FsChange::Write { path, content, mode: None },
        None => FsChange::Mkdir { path, mode: None },
    });
    std::iter::once(state).chain(made).collect()
}

/// Makes the session as one change of its filesystem.
pub(super) async fn create<S: Store + ?Sized>(store: &S, id: &str, entries: Vec<LoadedEntry>) -> Result<()> {
    if store.exists(id).await? {
        return Err(stored_already(id));
    }
    // Whoever makes a session of that id meanwhile is not overwritten either.
    let files = entries.iter().filter(|entry| entry.content.is_some());
    let expect = files.map(|entry| FsChange::Expect { path: entry.path.clone(), content: None });
    let changes = expect.collect::<Vec<_>>().into_iter().chain(changes(entries)).collect();
    let Err(error) = store.open(id).await?.apply(changes).await else { return Ok(()) };
    if error.kind() == FsErrorKind::Conflict {
        return Err(stored_already(id));
    }
    // A store that went call by call has a part of it. Where nothing was changed, what is there is somebody else's.
    if error.write_changed() != Some(false)
        && let Err(left) = store.delete(id).await
        && left.kind() != ErrorKind::SessionNotFound
    {
        tracing::warn!(session = id, error = %left, "a session that could not be made was left behind");
    }
    Err(error.into())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;

    use super::*;
    use crate::fs::{DirEntry, FsPath, FsResult, FsStat, SessionFs};
    use crate::store::{MemoryStore, StoredSession};

    /// Does not see what others made, and changes nothing.
    struct Blind(MemoryStore);

    #[async_trait]
    impl Store for Blind {
        async fn open(&self, _session_id: &str) -> Result<Arc<dyn SessionFs>> {
            Ok(Arc::new(Busy))
        }
        async fn list(&self) -> Result<Vec<StoredSession>> {
            Store::list(&self.0).await
        }
        async fn exists(&self, _session_id: &str) -> Result<bool> {
            Ok(false)
        }
        async fn delete(&self, session_id: &str) -> Result<()> {
            Store::delete(&self.0, session_id).await
        }
    }

    struct Busy;

    fn busy<T>() -> FsResult<T> {
        Err(FsError::io("somebody else is at work").with_write_changed(false))
    }

    #[async_trait]
    impl SessionFs for Busy {
        async fn read(&self, path: &FsPath) -> FsResult<bytes::Bytes> {
            Err(FsError::not_found(path))
        }
        async fn write(&self, _path: &FsPath, _content: bytes::Bytes, _mode: Option<u32>) -> FsResult<()> {
            busy()
        }
        async fn append(&self, _path: &FsPath, _content: bytes::Bytes, _mode: Option<u32>) -> FsResult<()> {
            busy()
        }
        async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
            Err(FsError::not_found(path))
        }
        async fn mkdir(&self, _path: &FsPath, _recursive: bool, _mode: Option<u32>) -> FsResult<()> {
            busy()
        }
        async fn read_dir(&self, _path: &FsPath) -> FsResult<Vec<DirEntry>> {
            busy()
        }
        async fn remove(&self, _path: &FsPath, _recursive: bool, _force: bool) -> FsResult<()> {
            busy()
        }
        async fn rename(&self, _from: &FsPath, _to: &FsPath) -> FsResult<()> {
            busy()
        }
    }

    #[tokio::test]
    async fn a_session_that_somebody_else_made_meanwhile_is_not_removed() {
        let theirs = MemoryStore::new();
        theirs.open("s").write(&layout::path("/state/x"), "x".into(), None).await.unwrap();
        let failed = Blind(theirs.clone()).create("s", Vec::new()).await.unwrap_err();
        assert_eq!(failed.to_string(), "FS_IO: somebody else is at work");
        assert_eq!(theirs.open("s").read(&layout::path("/state/x")).await.unwrap(), "x");
    }
}
