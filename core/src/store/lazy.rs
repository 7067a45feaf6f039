//! A filesystem that is opened when it is first used.

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::OnceCell;

use crate::fs::{
    DirEntry, FsCapabilities, FsChange, FsPath, FsResult, FsStat, LoadedEntry, SessionFs, SqliteOutcome,
    SqliteStatement, SqliteTransactionError,
};

/// What [`LazyFs`] waits for.
pub(crate) type Opening = Pin<Box<dyn Future<Output = FsResult<Arc<dyn SessionFs>>> + Send>>;

/// Opens the filesystem with the first call, and again with the next one where that failed: a session's filesystem is
/// there before anything can wait for a store (DESIGN I6).
pub(crate) struct LazyFs {
    open: Box<dyn Fn() -> Opening + Send + Sync>,
    /// What it will be able to do.
    capabilities: FsCapabilities,
    opened: OnceCell<Arc<dyn SessionFs>>,
}

impl LazyFs {
    /// A session of a store.
    #[cfg(test)]
    pub(crate) fn new(store: Arc<dyn super::Store>, session_id: &str) -> Self {
        let session_id = session_id.to_owned();
        LazyFs::opened_by(FsCapabilities::default(), move || {
            let (store, session_id) = (Arc::clone(&store), session_id.clone());
            Box::pin(async move { Ok(store.open(&session_id).await?) })
        })
    }

    pub(crate) fn opened_by(
        capabilities: FsCapabilities,
        open: impl Fn() -> Opening + Send + Sync + 'static,
    ) -> Self {
        LazyFs { open: Box::new(open), capabilities, opened: OnceCell::new() }
    }

    async fn fs(&self) -> FsResult<&Arc<dyn SessionFs>> {
        self.opened.get_or_try_init(|| (self.open)()).await
    }
}

#[async_trait]
impl SessionFs for LazyFs {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        self.fs().await?.read(path).await
    }

    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.fs().await?.write(path, content, mode).await
    }

    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.fs().await?.append(path, content, mode).await
    }

    async fn exists(&self, path: &FsPath) -> FsResult<bool> {
        self.fs().await?.exists(path).await
    }

    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.fs().await?.stat(path).await
    }

    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        self.fs().await?.mkdir(path, recursive, mode).await
    }

    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.fs().await?.read_dir(path).await
    }

    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.fs().await?.remove(path, recursive, force).await
    }

    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.fs().await?.rename(from, to).await
    }

    async fn apply(&self, changes: Vec<FsChange>) -> FsResult<()> {
        self.fs().await?.apply(changes).await
    }

    async fn load(&self, below: &FsPath, max_file_bytes: u64) -> FsResult<Vec<LoadedEntry>> {
        self.fs().await?.load(below, max_file_bytes).await
    }

    /// Nothing is held back in what was not opened.
    async fn flush(&self) -> FsResult<()> {
        match self.opened.get() {
            Some(fs) => fs.flush().await,
            None => Ok(()),
        }
    }

    /// Those of the opened session; before that, what it was said to have.
    fn capabilities(&self) -> FsCapabilities {
        self.opened.get().map_or(self.capabilities, |fs| fs.capabilities())
    }

    async fn sqlite_query(&self, statement: SqliteStatement) -> FsResult<SqliteOutcome> {
        self.fs().await?.sqlite_query(statement).await
    }

    async fn sqlite_transaction(
        &self,
        statements: Vec<SqliteStatement>,
    ) -> Result<Vec<SqliteOutcome>, SqliteTransactionError> {
        match self.fs().await {
            Ok(fs) => fs.sqlite_transaction(statements).await,
            Err(error) => Err(SqliteTransactionError::fatal(error.message())),
        }
    }

    async fn sqlite_exists(&self) -> FsResult<bool> {
        self.fs().await?.sqlite_exists().await
    }
}
