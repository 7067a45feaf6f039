//! A filesystem that is written in the foreign language, as one of the core.

use async_trait::async_trait;
use bytes::Bytes;
use codriver::fs::{DirEntry, FsError, FsPath, FsResult, FsStat, SessionFs};

use crate::answer::{self, Decode};
use crate::callbacks::{FsOperation, FsRequest};
use crate::calls::Asker;
use crate::dispatcher::Message;

/// The files of one session; foreign code tells sessions apart by their ids.
pub(crate) struct ForeignFs {
    pub(crate) asker: Asker,
    pub(crate) session_id: String,
}

impl ForeignFs {
    async fn ask<T: Send + 'static>(&self, operation: FsOperation, decode: Decode<T>) -> FsResult<T> {
        let session_id = self.session_id.clone();
        let message = |call_id| Message::Fs(FsRequest { call_id, session_id, operation });
        self.asker.ask(decode, message).await.map_err(FsError::from)
    }
}

fn text(path: &FsPath) -> String {
    path.as_str().to_owned()
}

#[async_trait]
impl SessionFs for ForeignFs {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        self.ask(FsOperation::Read { path: text(path) }, answer::content).await
    }

    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.ask(FsOperation::Write { path: text(path), content, mode }, answer::done).await
    }

    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.ask(FsOperation::Append { path: text(path), content, mode }, answer::done).await
    }

    async fn exists(&self, path: &FsPath) -> FsResult<bool> {
        self.ask(FsOperation::Exists { path: text(path) }, answer::exists).await
    }

    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.ask(FsOperation::Stat { path: text(path) }, answer::stat).await
    }

    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        self.ask(FsOperation::Mkdir { path: text(path), recursive, mode }, answer::done).await
    }

    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.ask(FsOperation::ReadDir { path: text(path) }, answer::entries).await
    }

    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.ask(FsOperation::Remove { path: text(path), recursive, force }, answer::done).await
    }

    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.ask(FsOperation::Rename { path: text(from), to: text(to) }, answer::done).await
    }
}
#[cfg(feature = "conformance")]
impl crate::Client {
    /// Runs the core's suite over the foreign files of sessions that are made for it, `conformance-1` and so on; gives
    /// `{"passed": […], "failures": [{"case", "reason"}]}`. For tests of bindings.
    pub fn check_files(self) -> codriver::Result<crate::Operation> {
        use std::sync::Arc;
        use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

        let state = self.state()?;
        let asker = Asker { client: state.id, dispatcher: state.runner.dispatcher.clone() };
        let count = AtomicU64::new(0);
        let make = move || {
            let session_id = format!("conformance-{}", count.fetch_add(1, Relaxed) + 1);
            Arc::new(ForeignFs { asker: asker.clone(), session_id }) as Arc<dyn SessionFs>
        };
        Ok(crate::Operation::new(&state.runner, async move {
            crate::error::write(&codriver::fs::conformance::run(make).await)
        }))
    }
}
