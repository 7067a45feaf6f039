//! Stores by their ids: what can be asked of stored sessions without a runtime.

use std::sync::Arc;
use std::sync::atomic::Ordering::AcqRel;
use std::time::SystemTime;

use codriver::Result;
use codriver::store::Store as CoreStore;
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;

use crate::callbacks::{Callbacks, FsRequest, Request};
use crate::client::end_owned;
use crate::dispatcher::{Dispatch, Dispatcher};
use crate::error::{nothing, write};
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
    pub(crate) store: Arc<dyn CoreStore>,
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
    /// As [`codriver::store::open`].
    pub fn open(url: &str) -> Result<Store> {
        let process = Process::current();
        let runtime = process.runtime(None)?;
        let store = runtime.block_on(codriver::store::open(url))?;
        let dispatcher = Dispatcher::start(process, Dispatch::Thread, Box::new(NoCallbacks))?;
        let id = process.new_id();
        let runner = Runner { owner: id, runtime, dispatcher, tracker: TaskTracker::new() };
        process.insert(id, Object::Store(Arc::new(StoreState { id, store, runner })));
        Ok(Store(id))
    }

    /// The sessions that are there: an array of `{"sessionId", "modifiedMs", "createdMs"}`, the last changed first.
    pub fn list(self) -> Result<Operation> {
        self.operation(async |store| {
            let sessions = store.list().await?;
            let told = sessions.iter().map(|session| {
                json!({ "sessionId": session.id, "modifiedMs": ms(session.modified), "createdMs": ms(session.created) })
            });
            write(&told.collect::<Vec<Value>>())
        })
    }

    /// Whether a session is there.
    pub fn exists(self, session_id: String) -> Result<Operation> {
        self.operation(async move |store| write(&store.exists(&session_id).await?))
    }

    /// Removes a session with all its files.
    pub fn delete(self, session_id: String) -> Result<Operation> {
        self.operation(async move |store| nothing(store.delete(&session_id).await?))
    }

    /// Makes the session `to` with the files of `from`.
    pub fn copy(self, from: String, to: String) -> Result<Operation> {
        self.operation(async move |store| nothing(store.copy(&from, &to).await?))
    }

    fn operation<F>(self, run: impl FnOnce(Arc<dyn CoreStore>) -> F) -> Result<Operation>
    where
        F: Future<Output = Result<String>> + Send + 'static,
    {
        let state = Process::current().store(self.0)?;
        Ok(Operation::new(&state.runner, run(state.store.clone())))
    }
}

impl StoreState {
    pub(crate) fn close(&self) {
        let process = Process::current();
        let Some(Object::Store(store)) = process.remove(self.id) else { return };
        let runner = store.runner.clone();
        process.closing.fetch_add(1, AcqRel);
        runner.runtime.spawn(async move {
            end_owned(process, &store.runner).await;
            store.runner.dispatcher.close();
            drop(store);
            process.closing.fetch_sub(1, AcqRel);
        });
    }
}

fn ms(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
