//! Stores: what can be asked of stored sessions without a runtime.

use std::sync::Arc;

use codriver_ffi_support as support;

use crate::error::Result;
use crate::operation::{done, run};

/// A store of sessions. Dropped, it is given back.
#[derive(Debug, uniffi::Object)]
pub struct Store {
    handle: support::Store,
}

#[uniffi::export]
impl Store {
    /// Opens the store that a URL names: `memory:`, `dir:PATH`, `sqlite:PATH`. Blocks while it opens.
    #[uniffi::constructor]
    pub fn open(url: String) -> Result<Arc<Self>> {
        let handle = support::gate(|| support::Store::open(&url))?;
        Ok(Arc::new(Store { handle }))
    }

    /// The id that `sessionFs.store` of a client's options may name.
    pub fn id(&self) -> u64 {
        self.handle.0
    }

    /// The sessions that are there: `[{"sessionId", "modifiedMs", "createdMs"}]`, the last changed first.
    pub async fn list(&self) -> Result<String> {
        run(self.handle.list()).await
    }

    /// Whether a session is there: `true` or `false`.
    pub async fn exists(&self, session_id: String) -> Result<String> {
        run(self.handle.exists(session_id)).await
    }

    /// Removes a session with all its files.
    pub async fn delete(&self, session_id: String) -> Result<()> {
        done(self.handle.delete(session_id)).await
    }

    /// Makes the session `to` with the files of `from`.
    pub async fn copy(&self, from: String, to: String) -> Result<()> {
        done(self.handle.copy(from, to)).await
    }

    /// Gives it back before it is dropped.
    pub fn close(&self) {
        let _ = support::close(self.handle.0);
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}
