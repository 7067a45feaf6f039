//! Stores by their ids: what can be asked of stored sessions without a runtime.

use std::sync::Arc;
use std::sync::atomic::Ordering::AcqRel;

use codriver::Result;
use codriver::protocol::results::SessionListFilter;
use codriver::store::{self, LogHealth, SessionStore};
use serde_json::{Value, json};

use crate::batch;
use crate::callbacks::{Callbacks, FsRequest, Request};
use crate::client::end_owned;
use crate::dispatcher::{Dispatch, Dispatcher};
use crate::error::{error_value, nothing, read_or, write};
use crate::operation::{Operation, Runner};
use crate::process::{Object, Process};

/// A store, by its id; also what `sessionFs.store` of a client's options may name.
///
/// Every method can fail with `BAD_HANDLE` and `FORKED`; an [`Operation`] as the core's method of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Store(
    /// The id.
    pub u64,
);

pub(crate) struct StoreState {
    id: u64,
    pub(crate) store: SessionStore,
    runner: Runner,
}

/// A store asks nobody; its thread calls completions.
struct NoCallbacks;

impl Callbacks for NoCallbacks {
    fn wake(&self, _: u64) {}
    fn request(&self, _: Request) {}
    fn fs_request(&self, _: FsRequest) {}
    fn cancel(&self, _: u64) {}
}

impl Store {
    /// Opens the store that a URL names: `memory:`, `dir:PATH`, `sqlite:PATH`. Blocks while it opens.
    ///
    /// # Errors
    /// As [`SessionStore::open`].
    pub fn open(url: &str) -> Result<Store> {
        Store::opened(Process::current().runtime(None)?.block_on(SessionStore::open(url))?)
    }

    /// Opens a store as [`open`](Store::open), and makes nothing where nothing is.
    ///
    /// # Errors
    /// As [`SessionStore::open_existing`].
    pub fn open_existing(url: &str) -> Result<Store> {
        Store::opened(Process::current().runtime(None)?.block_on(SessionStore::open_existing(url))?)
    }

    pub(crate) fn opened(store: SessionStore) -> Result<Store> {
        let process = Process::current();
        let runtime = process.runtime(None)?;
        let dispatcher = Dispatcher::new(Dispatch::Thread, Box::new(NoCallbacks));
        dispatcher.start(process)?;
        let id = process.new_id();
        let runner = Runner::new(id, runtime, dispatcher);
        process.insert(id, Object::Store(Arc::new(StoreState { id, store, runner })));
        Ok(Store(id))
    }

    /// The sessions that match `filter` (a JSON object, or empty), the last changed first: an array, as
    /// [`Client::list_sessions`](crate::Client::list_sessions) gives.
    pub fn list_sessions(self, filter: &str) -> Result<Operation> {
        let filter: Option<SessionListFilter> = read_or("filter", filter, None)?;
        self.operation(async move |store| write(&store.list_sessions(filter).await?))
    }

    /// What is known of a session, or `null`.
    pub fn get_session_metadata(self, session_id: String) -> Result<Operation> {
        self.operation(async move |store| write(&store.get_session_metadata(&session_id).await?))
    }

    /// The id of the session that was changed last, or `null`.
    pub fn get_last_session_id(self) -> Result<Operation> {
        self.operation(async |store| write(&store.get_last_session_id().await?))
    }

    /// The events of a session: `{"events": […], "unreadable": how many lines of the log are none}`.
    pub fn get_events(self, session_id: String) -> Result<Operation> {
        self.operation(async move |store| {
            let stored = store.get_events(&session_id).await?;
            Ok(format!(r#"{{"events":{},"unreadable":{}}}"#, batch::array(&stored.events), stored.unreadable))
        })
    }

    /// Erases a session with all its files.
    pub fn delete_session(self, session_id: String) -> Result<Operation> {
        self.operation(async move |store| nothing(store.delete_session(&session_id).await?))
    }

    /// Makes the session `new_id` of what `session_id` is now.
    pub fn fork_session(self, session_id: String, new_id: String) -> Result<Operation> {
        self.operation(async move |store| nothing(store.fork_session(&session_id, &new_id).await?))
    }

    /// Writes a session into a new file. Gives the archive's manifest.
    pub fn export_session(self, session_id: String, path: String) -> Result<Operation> {
        self.operation(async move |store| write(&store.export_session_to_file(&session_id, path).await?))
    }

    /// Makes a session of what `export_session` wrote, under the id it had or a new one. Gives the id.
    pub fn import_session(self, path: String, new_id: Option<String>) -> Result<Operation> {
        self.operation(async move |store| {
            write(&store.import_session_from_file(path, new_id.as_deref()).await?)
        })
    }

    /// What is wrong with the event log of a session, which stays as it is: [`LogHealth`] as JSON.
    pub fn check(self, session_id: String) -> Result<Operation> {
        self.operation(async move |store| write(&store::check(&**store.store(), &session_id).await?))
    }

    /// [`check`](Store::check) of every session: an array, in which one that cannot be read is `{"sessionId", "error"}`.
    pub fn check_all(self) -> Result<Operation> {
        self.operation(async |store| write(&healths(store::check_all(&**store.store()).await?)))
    }

    /// Repairs the event log of a session, and says what was wrong, as [`check`](Store::check).
    pub fn repair(self, session_id: String) -> Result<Operation> {
        self.operation(async move |store| write(&store::repair(&**store.store(), &session_id).await?))
    }

    /// [`repair`](Store::repair) of every session: an array, as [`check_all`](Store::check_all).
    pub fn repair_all(self) -> Result<Operation> {
        self.operation(async |store| write(&healths(store::repair_all(&**store.store()).await?)))
    }

    fn operation<F>(self, run: impl FnOnce(SessionStore) -> F) -> Result<Operation>
    where
        F: Future<Output = Result<String>> + Send + 'static,
    {
        let state = Process::current().store(self.0)?;
        Ok(Operation::new(&state.runner, run(state.store.clone())))
    }
}

fn healths(all: Vec<(String, Result<LogHealth>)>) -> Vec<Value> {
    let told = |(session_id, health): (String, Result<LogHealth>)| match health {
        Ok(health) => json!(health),
        Err(error) => json!({ "sessionId": session_id, "error": error_value(&error) }),
    };
    all.into_iter().map(told).collect()
}

impl StoreState {
    pub(crate) fn close(&self) {
        let process = Process::current();
        let Some(Object::Store(store)) = process.remove(self.id) else { return };
        let runner = store.runner.clone();
        runner.close();
        process.closing.fetch_add(1, AcqRel);
        runner.runtime.spawn(async move {
            end_owned(process, &store.runner).await;
            store.runner.dispatcher.close();
            drop(store);
            process.closing.fetch_sub(1, AcqRel);
        });
    }
}
