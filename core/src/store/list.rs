//! A list with files, call by call.

use bytes::Bytes;
use futures_util::future::join_all;

use super::{Store, StoredSession};
use crate::error::Result;
use crate::fs::{EntryKind, FsErrorKind, FsPath};

/// How many sessions are asked at a time.
const AT_A_TIME: usize = 16;

pub(super) async fn with_file<S: Store + ?Sized>(
    store: &S,
    path: &FsPath,
    max_bytes: u64,
) -> Result<Vec<(StoredSession, Option<Bytes>)>> {
    let mut sessions = store.list().await?.into_iter();
    let mut listed = Vec::with_capacity(sessions.len());
    while sessions.len() > 0 {
        let asked = sessions.by_ref().take(AT_A_TIME).map(async |session: StoredSession| {
            let content = read(store, &session.id, path, max_bytes).await;
            (session, content)
        });
        listed.extend(join_all(asked).await);
    }
    Ok(listed)
}

/// None where there is no such file, and where it cannot be had: one session must not hide all the others.
async fn read<S: Store + ?Sized>(store: &S, id: &str, path: &FsPath, max_bytes: u64) -> Option<Bytes> {
    let read = async {
        let files = store.open(id).await?;
        let stat = files.stat(path).await?;
        match stat.kind {
            EntryKind::File if stat.size <= max_bytes => files.read(path).await.map(Some),
            _ => Ok(None),
        }
    };
    match read.await {
        Ok(content) => content,
        Err(error) if error.kind() == FsErrorKind::NotFound => None,
        Err(error) => {
            tracing::warn!(session = id, %path, %error, "a file for the list of sessions cannot be read");
            None
        }
    }
}
