//! Stores: what can be asked of stored sessions without a runtime.

use std::sync::Arc;

use codriver_ffi_support as support;

use crate::error::Result;
use crate::operation::{done, run};

/// A store of sessions. Dropped, it is given back.
#[derive(Debug, uniffi::Object)]
pub struct Store {
    pub(crate) handle: support::Store,
}

#[uniffi::export]
impl Store {
    /// Opens the store that a URL names: `memory:`, `dir:PATH`, `sqlite:PATH`. Blocks while it opens.
    #[uniffi::constructor]
    pub fn open(url: String) -> Result<Arc<Self>> {
        let handle = support::gate(|| support::Store::open(&url))?;
        Ok(Arc::new(Store { handle }))
    }

    /// Opens a store as `open`, and makes nothing: where nothing is, it fails with `FS_NOT_FOUND`.
    #[uniffi::constructor]
    pub fn open_existing(url: String) -> Result<Arc<Self>> {
        let handle = support::gate(|| support::Store::open_existing(&url))?;
        Ok(Arc::new(Store { handle }))
    }

    /// The id that `sessionFs.store` of a client's options may name.
    pub fn id(&self) -> u64 {
        self.handle.0
    }

    /// The sessions that match `filter` (a JSON object, or empty), the last changed first.
    #[uniffi::method(default(filter = ""))]
    pub async fn list_sessions(&self, filter: String) -> Result<String> {
        run(self.handle.list_sessions(&filter)).await
    }

    /// What is known of a session, or `null`.
    pub async fn get_session_metadata(&self, session_id: String) -> Result<String> {
        run(self.handle.get_session_metadata(session_id)).await
    }

    /// The id of the session that was changed last, or `null`.
    pub async fn get_last_session_id(&self) -> Result<String> {
        run(self.handle.get_last_session_id()).await
    }

    /// The events of a session: `{"events": […], "unreadable": how many lines of the log are none}`.
    pub async fn get_events(&self, session_id: String) -> Result<String> {
        run(self.handle.get_events(session_id)).await
    }

    /// Erases a session with all its files.
    pub async fn delete_session(&self, session_id: String) -> Result<()> {
        done(self.handle.delete_session(session_id)).await
    }

    /// Makes the session `new_id` of what `session_id` is now.
    pub async fn fork_session(&self, session_id: String, new_id: String) -> Result<()> {
        done(self.handle.fork_session(session_id, new_id)).await
    }

    /// Writes a session into a new file; gives the archive's manifest.
    pub async fn export_session(&self, session_id: String, path: String) -> Result<String> {
        run(self.handle.export_session(session_id, path)).await
    }

    /// Makes a session of what `export_session` wrote, under the id it had or a new one; gives the id.
    #[uniffi::method(default(new_id = None))]
    pub async fn import_session(&self, path: String, new_id: Option<String>) -> Result<String> {
        run(self.handle.import_session(path, new_id)).await
    }

    /// What is wrong with the event log of a session, which stays as it is:
    /// `{"sessionId", "bytes", "events", "damage": […], "quarantine"}`.
    pub async fn check(&self, session_id: String) -> Result<String> {
        run(self.handle.check(session_id)).await
    }

    /// `check` of every session: an array, in which one that cannot be read is `{"sessionId", "error"}`.
    pub async fn check_all(&self) -> Result<String> {
        run(self.handle.check_all()).await
    }

    /// Repairs the event log of a session, and says what was wrong, as `check`.
    pub async fn repair(&self, session_id: String) -> Result<String> {
        run(self.handle.repair(session_id)).await
    }

    /// `repair` of every session: an array, as `check_all`.
    pub async fn repair_all(&self) -> Result<String> {
        run(self.handle.repair_all()).await
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
