//! Clients by their ids.

use std::sync::Arc;
use std::sync::atomic::Ordering::AcqRel;
use std::time::Duration;

use codriver::protocol::results::SessionListFilter;
use codriver::{Error, ErrorKind, Result};
use serde_json::{Map, Value, json};

use crate::batch;
use crate::callbacks::Callbacks;
use crate::calls::Asker;
use crate::dispatcher::{Dispatch, Dispatcher};
use crate::error::{error_value, nothing, read, read_or, write};
use crate::notices::Notices;
use crate::operation::{Operation, Runner};
use crate::options::read_options;
use crate::process::{Object, Process};
use crate::store::Store;

/// A client, by its id. Its notices are taken with the same id: `{"kind":"state","state":…}`,
/// `{"kind":"lifecycle","event":…}`, `{"kind":"notification","method":…,"params":…}` and
/// `{"kind":"handlerError","session":…,"sessionId":…,"place":…,"error":…}`.
///
/// Every method can fail with `BAD_HANDLE` and `FORKED`; an [`Operation`] as the core's method of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client(
    /// The id.
    pub u64,
);

pub(crate) struct ClientState {
    pub(crate) id: u64,
    pub(crate) core: codriver::Client,
    pub(crate) runner: Runner,
    pub(crate) notices: Arc<Notices>,
}

impl Client {
    /// Makes a client that is not connected yet. `options`: [`ClientOptions`](codriver::ClientOptions) as JSON (empty text: the defaults), with
    /// `threads` (how many Codriver has for its own work; counts for the first client of a process) and
    /// `sessionFs.store`: a URL, the id of a [`Store`], or `"foreign"`.
    ///
    /// # Errors
    /// `INVALID_CONFIG` with the name of the option, `BAD_HANDLE` for a store that is not open. The callbacks are dropped here
    /// then, before it returns.
    pub fn new(options: &str, callbacks: Box<dyn Callbacks>, dispatch: Dispatch) -> Result<Client> {
        let process = Process::current();
        let (mut options, own) = read_options(options)?;
        let runtime = process.runtime(own.threads)?;
        let dispatcher = Dispatcher::new(dispatch, callbacks);
        let made = (|| {
            let id = process.new_id();
            if let (Some(fs), Some(files)) = (&mut options.session_fs, own.files) {
                files.serve(fs, Asker { client: id, dispatcher: dispatcher.clone() })?;
            }
            let _context = runtime.enter();
            let core = codriver::Client::new(options)?;
            let notices = Notices::of(id, &core, dispatcher.clone());
            let runner = Runner::new(id, runtime.clone(), dispatcher.clone());
            // Last: what fails before it is told by nobody's thread but this one.
            dispatcher.start(process)?;
            process.insert(id, Object::Client(Arc::new(ClientState { id, core, runner, notices })));
            Ok(Client(id))
        })();
        if made.is_err() {
            dispatcher.close();
        }
        made
    }

    /// Calls back on this thread, for a client made for [`Dispatch::Wait`]: what there is, or what comes first within
    /// `timeout`. Says how much it was.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a client with a thread of its own, `WOULD_DEADLOCK` within a callback or while another
    /// thread waits.
    pub fn wait(self, timeout: Duration) -> Result<usize> {
        let dispatcher = self.state()?.runner.dispatcher.clone();
        dispatcher.wait(timeout)
    }

    /// Connects. Gives `{"protocolVersion", "runtimeVersion"}`.
    pub fn connect(self) -> Result<Operation> {
        self.operation(async |client| {
            client.connect().await?;
            let lost = || Error::new(ErrorKind::RuntimeLost, "the connection ended at once");
            let runtime = client.runtime().ok_or_else(lost)?;
            write(&json!({ "protocolVersion": runtime.protocol_version, "runtimeVersion": runtime.version }))
        })
    }

    /// Ends the client in order. Gives the array of errors there were.
    pub fn stop(self) -> Result<Operation> {
        self.operation(async |client| write(&errors(&client.stop().await)))
    }

    /// Ends the client at once. Gives the array of errors there were.
    pub fn force_stop(self) -> Result<Operation> {
        self.operation(async |client| write(&errors(&client.force_stop().await)))
    }

    /// Asks for a sign of life.
    pub fn ping(self, message: Option<String>) -> Result<Operation> {
        self.operation(async move |client| write(&client.ping(message.as_deref()).await?))
    }

    /// The runtime's version and protocol.
    pub fn get_status(self) -> Result<Operation> {
        self.operation(async |client| write(&client.get_status().await?))
    }

    /// Who is logged in.
    pub fn get_auth_status(self) -> Result<Operation> {
        self.operation(async |client| write(&client.get_auth_status().await?))
    }

    /// The models there are, an array.
    pub fn list_models(self) -> Result<Operation> {
        self.operation(async |client| write(&client.list_models().await?))
    }

    /// The stored sessions, an array. `filter`: a JSON object, or empty.
    pub fn list_sessions(self, filter: &str) -> Result<Operation> {
        let filter: Option<SessionListFilter> = read_or("filter", filter, None)?;
        self.operation(async move |client| write(&client.list_sessions(filter).await?))
    }

    /// What is known of a stored session, or `null`.
    pub fn get_session_metadata(self, session_id: String) -> Result<Operation> {
        self.operation(async move |client| write(&client.get_session_metadata(&session_id).await?))
    }

    /// The id of the session that was used last, or `null`.
    pub fn get_last_session_id(self) -> Result<Operation> {
        self.operation(async |client| write(&client.get_last_session_id().await?))
    }

    /// The stored events of a session, an array of the runtime's own bytes, whether or not anybody has it open.
    pub fn get_events(self, session_id: String) -> Result<Operation> {
        self.operation(async move |client| Ok(batch::array(&client.get_events(&session_id).await?)))
    }

    /// Erases a stored session.
    pub fn delete_session(self, session_id: String) -> Result<Operation> {
        self.operation(async move |client| nothing(client.delete_session(&session_id).await?))
    }

    /// The session the terminal shows, or `null`.
    pub fn get_foreground_session_id(self) -> Result<Operation> {
        self.operation(async |client| write(&client.get_foreground_session_id().await?))
    }

    /// Makes the terminal show a session.
    pub fn set_foreground_session_id(self, session_id: String) -> Result<Operation> {
        self.operation(async move |client| nothing(client.set_foreground_session_id(&session_id).await?))
    }

    /// Any method of the runtime. `params`: JSON, or empty for an empty object.
    pub fn rpc(self, method: String, params: &str) -> Result<Operation> {
        let params: Value = read_or("params", params, json!({}))?;
        self.operation(async move |client| write(&client.rpc(&method, params).await?))
    }

    /// `{"state", "protocolVersion"?, "runtimeVersion"?, "runtimePid"?}`, as it is now.
    pub fn info(self) -> Result<String> {
        let core = &self.state()?.core;
        let mut info = Map::from_iter([("state".to_owned(), Value::from(core.state().as_str()))]);
        if let Some(runtime) = core.runtime() {
            info.insert("protocolVersion".into(), runtime.protocol_version.into());
            info.insert("runtimeVersion".into(), runtime.version.into());
        }
        if let Some(pid) = core.runtime_pid() {
            info.insert("runtimePid".into(), pid.into());
        }
        write(&info)
    }

    /// The [`Store`] of its sessions, opened for the caller, who closes it; `None` where the runtime keeps them, or foreign code.
    pub fn session_store(self) -> Result<Option<Store>> {
        self.state()?.core.session_store().map(Store::opened).transpose()
    }

    /// The counters of all its sessions together.
    pub fn counters(self) -> Result<String> {
        write(&self.state()?.core.counters())
    }

    /// An operation that panics, to show that none passes the boundary (I27).
    #[doc(hidden)]
    pub fn panic_on_purpose(self) -> Result<Operation> {
        self.operation(async |_| panic!("on purpose"))
    }

    pub(crate) fn state(self) -> Result<Arc<ClientState>> {
        Process::current().client(self.0)
    }

    pub(crate) fn operation<F>(self, run: impl FnOnce(codriver::Client) -> F) -> Result<Operation>
    where
        F: Future<Output = Result<String>> + Send + 'static,
    {
        let state = self.state()?;
        Ok(Operation::new(&state.runner, run(state.core.clone())))
    }
}

impl ClientState {
    /// From here on its ids stand for nothing; what runs is cancelled, told so, and then the callbacks are destroyed.
    pub(crate) fn close(&self) {
        let process = Process::current();
        let Some(Object::Client(client)) = process.remove(self.id) else { return };
        let runner = client.runner.clone();
        runner.close();
        process.closing.fetch_add(1, AcqRel);
        runner.runtime.spawn(async move {
            let client = client;
            client.core.force_stop().await;
            end_owned(process, &client.runner).await;
            client.runner.dispatcher.close();
            drop(client);
            process.closing.fetch_sub(1, AcqRel);
        });
    }
}

/// Ends what belongs to a client or store that is closed.
pub(crate) async fn end_owned(process: &Process, runner: &Runner) {
    let mut owned = Vec::new();
    // What is asked while this ends is found the second time.
    for _ in 0..2 {
        owned.extend(process.remove_owned_by(runner.owner));
        for object in &owned {
            match object {
                Object::Operation(operation) => operation.cancel(),
                Object::Stream(stream) => stream.end(),
                Object::Session(session) => session.end(),
                _ => {}
            }
        }
        runner.tracker.close();
        runner.tracker.wait().await;
    }
}

fn errors(errors: &[Error]) -> Vec<Value> {
    errors.iter().map(error_value).collect()
}

/// Reads a JSON object of parameters.
pub(crate) fn object(what: &str, text: &str) -> Result<Map<String, Value>> {
    if text.trim().is_empty() { Ok(Map::new()) } else { read(what, text) }
}
