//! Clients.

use std::sync::Arc;

use codriver_ffi_support as support;

use crate::callbacks::{Adapter, Callbacks};
use crate::error::Result;
use crate::events::NoticeBatch;
use crate::files::SessionFiles;
use crate::operation::{done, run};
use crate::session::Session;
use crate::store::Store;

/// A client of one runtime. What its methods give is JSON, as the core's method of the same name has it. Dropped, it is
/// closed: a runtime that was not stopped is killed.
#[derive(Debug, uniffi::Object)]
pub struct Client {
    pub(crate) handle: support::Client,
}

#[uniffi::export]
impl Client {
    /// A client that is not connected yet. `options` is JSON: the core's `ClientOptions`, with `threads` and
    /// `sessionFs.store` (a URL, the id of a store, or `"foreign"` for `files`). `called_back`: a thread of the language's own calls
    /// back, by [`call_back`](crate::call_back); else one of the library's does.
    #[uniffi::constructor(default(files = None, called_back = false))]
    pub fn new(
        options: String,
        callbacks: Arc<dyn Callbacks>,
        files: Option<Arc<dyn SessionFiles>>,
        called_back: bool,
    ) -> Result<Arc<Self>> {
        let adapter = Box::new(Adapter { callbacks, files });
        let dispatch = if called_back { support::Dispatch::Wait } else { support::Dispatch::Thread };
        let handle = support::gate(|| support::Client::new(&options, adapter, dispatch))?;
        Ok(Arc::new(Client { handle }))
    }

    /// The id that a wake names.
    pub fn id(&self) -> u64 {
        self.handle.0
    }

    /// A session that is not open yet. `config` is JSON: the core's `SessionConfig`, with `handlers`.
    pub fn session(&self, config: String) -> Result<Arc<Session>> {
        let handle = support::gate(|| support::Session::new(self.handle, &config))?;
        Ok(Arc::new(Session { handle }))
    }

    /// Takes notices.
    pub fn take(&self, max: u32) -> Result<NoticeBatch> {
        let support::Batch { json, more, .. } = support::take(self.handle.0, max as usize, usize::MAX)?;
        Ok(NoticeBatch { json, more })
    }

    /// `{"state", "protocolVersion"?, "runtimeVersion"?, "runtimePid"?}`.
    pub fn info(&self) -> Result<String> {
        Ok(self.handle.info()?)
    }

    /// The counters of all its sessions together.
    pub fn counters(&self) -> Result<String> {
        Ok(self.handle.counters()?)
    }

    /// The store of its sessions, opened for the caller; absent where the runtime keeps them, or foreign code.
    pub fn session_store(&self) -> Result<Option<Arc<Store>>> {
        let opened = support::gate(|| self.handle.session_store())?;
        Ok(opened.map(|handle| Arc::new(Store { handle })))
    }

    /// Gives it back before it is dropped.
    pub fn close(&self) {
        // A child of a fork has nothing to give back.
        let _ = support::close(self.handle.0);
    }

    /// Connects; gives `{"protocolVersion", "runtimeVersion"}`.
    pub async fn connect(&self) -> Result<String> {
        run(self.handle.connect()).await
    }

    /// Ends it in order; gives the array of errors there were.
    pub async fn stop(&self) -> Result<String> {
        run(self.handle.stop()).await
    }

    /// Ends it at once; gives the array of errors there were.
    pub async fn force_stop(&self) -> Result<String> {
        run(self.handle.force_stop()).await
    }

    /// Asks for a sign of life.
    #[uniffi::method(default(message = None))]
    pub async fn ping(&self, message: Option<String>) -> Result<String> {
        run(self.handle.ping(message)).await
    }

    /// The runtime's version and protocol.
    pub async fn get_status(&self) -> Result<String> {
        run(self.handle.get_status()).await
    }

    /// Who is logged in.
    pub async fn get_auth_status(&self) -> Result<String> {
        run(self.handle.get_auth_status()).await
    }

    /// The models there are.
    pub async fn list_models(&self) -> Result<String> {
        run(self.handle.list_models()).await
    }

    /// The stored sessions; `filter` is a JSON object or empty.
    #[uniffi::method(default(filter = ""))]
    pub async fn list_sessions(&self, filter: String) -> Result<String> {
        run(self.handle.list_sessions(&filter)).await
    }

    /// What is known of a stored session, or `null`.
    pub async fn get_session_metadata(&self, session_id: String) -> Result<String> {
        run(self.handle.get_session_metadata(session_id)).await
    }

    /// The id of the session that was used last, or `null`.
    pub async fn get_last_session_id(&self) -> Result<String> {
        run(self.handle.get_last_session_id()).await
    }

    /// The stored events of a session, an array, whether or not anybody has it open.
    pub async fn get_events(&self, session_id: String) -> Result<String> {
        run(self.handle.get_events(session_id)).await
    }

    /// Erases a stored session.
    pub async fn delete_session(&self, session_id: String) -> Result<()> {
        done(self.handle.delete_session(session_id)).await
    }

    /// The session the terminal shows, or `null`.
    pub async fn get_foreground_session_id(&self) -> Result<String> {
        run(self.handle.get_foreground_session_id()).await
    }

    /// Makes the terminal show a session.
    pub async fn set_foreground_session_id(&self, session_id: String) -> Result<()> {
        done(self.handle.set_foreground_session_id(session_id)).await
    }

    /// Any method of the runtime; `params` is JSON or empty.
    #[uniffi::method(default(params = ""))]
    pub async fn rpc(&self, method: String, params: String) -> Result<String> {
        run(self.handle.rpc(method, &params)).await
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.close();
    }
}
