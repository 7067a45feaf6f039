//! A session of a store that is opened when it is first used.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::OnceCell;

use super::Store;
use crate::fs::{
    DirEntry, FsCapabilities, FsPath, FsResult, FsStat, SessionFs, SqliteOutcome, SqliteStatement,
    SqliteTransactionError,
};

/// Opens the session with the first call, and again with the next one where that failed: the factory of
/// [`SessionFsOptions`](crate::options::SessionFsOptions) cannot wait for a store.
pub(crate) struct LazyFs {
    store: Arc<dyn Store>,
    session_id: String,
    opened: OnceCell<Arc<dyn SessionFs>>,
}

impl LazyFs {
    pub(crate) fn new(store: Arc<dyn Store>, session_id: &str) -> Self {
        LazyFs { store, session_id: session_id.to_owned(), opened: OnceCell::new() }
    }

    async fn fs(&self) -> FsResult<&Arc<dyn SessionFs>> {
        Ok(self.opened.get_or_try_init(|| self.store.open(&self.session_id)).await?)
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

    /// Those of the opened session; before that, the default.
    fn capabilities(&self) -> FsCapabilities {
        self.opened.get().map(|fs| fs.capabilities()).unwrap_or_default()
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
