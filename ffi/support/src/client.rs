//! Clients by their ids.

use std::sync::Arc;
use std::sync::atomic::Ordering::AcqRel;
use std::time::Duration;

use codriver::options::{ClientOptions, SessionFsOptions};
use codriver::protocol::results::SessionListFilter;
use codriver::{Error, ErrorKind, Result};
use serde_json::{Map, Value, json};
use tokio_util::task::TaskTracker;

use crate::batch;
use crate::callbacks::Callbacks;
use crate::calls::Asker;
use crate::dispatcher::{Dispatch, Dispatcher};
use crate::error::{error_value, nothing, read, read_or, write};
use crate::fs::ForeignFs;
use crate::notices::Notices;
use crate::operation::{Operation, Runner};
use crate::process::{Object, Process};

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

/// What the options say beside those of the core.
struct Own {
    threads: Option<usize>,
    files: Option<Files>,
}

/// A store that the core cannot name.
enum Files {
    Foreign,
    Opened(u64),
}

impl Client {
    /// Makes a client that is not connected yet. `options`: [`ClientOptions`] as JSON (empty text: the defaults), with
    /// `threads` (how many Codriver has for its own work; counts for the first client of a process) and
    /// `sessionFs.store`: a URL, the id of a [`Store`](crate::Store), or `"foreign"`.
    ///
    /// # Errors
    /// `INVALID_CONFIG` with the name of the option, `BAD_HANDLE` for a store that is not open.
    pub fn new(options: &str, callbacks: Box<dyn Callbacks>, dispatch: Dispatch) -> Result<Client> {
        let process = Process::current();
        let mut value = read_or("client options", options, json!({}))?;
        let own = Own::split(&mut value)?;
        let mut options = ClientOptions::from_json(value)?;
        let runtime = process.runtime(own.threads)?;
        let dispatcher = Dispatcher::start(process, dispatch, callbacks)?;
        let made = (|| {
            let id = process.new_id();
            if let (Some(fs), Some(files)) = (&mut options.session_fs, own.files) {
                files.serve(fs, Asker { client: id, dispatcher: dispatcher.clone() })?;
            }
            let _context = runtime.enter();
            let core = codriver::Client::new(options)?;
            let notices = Notices::of(id, &core, dispatcher.clone());
            let runner = Runner {
                owner: id,
                runtime: runtime.clone(),
                dispatcher: dispatcher.clone(),
                tracker: TaskTracker::new(),
                order: Arc::default(),
            };
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
    // What begins while this ends is found the second time.
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

impl Own {
    fn split(options: &mut Value) -> Result<Own> {
        let mut own = Own { threads: None, files: None };
        let Some(fields) = options.as_object_mut() else { return Ok(own) };
        if let Some(threads) = fields.remove("threads") {
            let number = threads.as_u64().filter(|threads| (1..=1024).contains(threads));
            let wrong = || Error::new(ErrorKind::InvalidConfig, "threads: must be a number from 1 to 1024");
            own.threads = Some(number.ok_or_else(wrong)? as usize);
        }
        let name = ["sessionFs", "session_fs"].into_iter().find(|name| fields.contains_key(*name));
        let Some(fs) = name.and_then(|name| fields.get_mut(name)?.as_object_mut()) else { return Ok(own) };
        own.files = match fs.get("store") {
            Some(Value::String(text)) if text == "foreign" => Some(Files::Foreign),
            Some(Value::Number(id)) => Some(Files::Opened(id.as_u64().unwrap_or_default())),
            _ => None,
        };
        if own.files.is_some() {
            fs.remove("store");
        }
        Ok(own)
    }
}

impl Files {
    /// Says where the files of sessions are.
    fn serve(self, fs: &mut SessionFsOptions, asker: Asker) -> Result<()> {
        match self {
            Files::Foreign => {
                let open = move |session_id: &str| {
                    Ok(Arc::new(ForeignFs { asker: asker.clone(), session_id: session_id.to_owned() }) as _)
                };
                fs.factory = Some(Arc::new(open));
            }
            Files::Opened(id) => {
                let store = Arc::clone(Process::current().store(id)?.store.store());
                let mut made = SessionFsOptions::store(&fs.initial_cwd, &fs.state_path, store);
                (made.conventions, made.binary, made.sqlite) = (fs.conventions, fs.binary, fs.sqlite);
                (made.workspace, made.rest, made.cache) = (fs.workspace.take(), fs.rest.take(), fs.cache);
                *fs = made;
            }
        }
        Ok(())
    }
}

fn errors(errors: &[Error]) -> Vec<Value> {
    errors.iter().map(error_value).collect()
}

/// Reads a JSON object of parameters.
pub(crate) fn object(what: &str, text: &str) -> Result<Map<String, Value>> {
    if text.trim().is_empty() { Ok(Map::new()) } else { read(what, text) }
}
