//! The client: one connection to a runtime at a time, and the sessions on it.

pub(crate) mod api;
pub(crate) mod connection;
mod handshake;
mod inbound;
mod notices;
mod open;
mod redact;
mod stop;
mod stored;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

pub use notices::{ConnectionState, Notification};

use crate::counters::{AtomicCounters, Counters};
use crate::error::{Error, ErrorKind, Result};
use crate::options::{ClientMode, ClientOptions};
use crate::protocol::lifecycle::SessionLifecycleEvent;
use crate::session::Registration;
use crate::store::SessionFiles;
use connection::Connection;
use notices::Notices;

/// A client of one runtime. Cloning is cheap: all clones are the same client.
///
/// Made with [`Client::start`], or with [`Client::new`] and [`Client::connect`] for handlers that are there before the
/// first byte. [`Client::stop`] ends it in order. Where the last clone and the last session are dropped without, the
/// runtime's input is closed and it is killed if it does not end by itself.
///
/// Must be used within a tokio runtime.
///
/// ```no_run
/// # async fn example() -> codriver::Result<()> {
/// use codriver::{Client, ClientOptions, SessionConfig};
/// use std::time::Duration;
///
/// let client = Client::start(ClientOptions::new()).await?;
/// let session = client.create_session(SessionConfig::new().model("gpt-5")).await?;
/// let turn = session.send_and_wait("What is the capital of France?", Duration::from_secs(60)).await?;
/// println!("{}", turn.content.unwrap_or_default());
/// client.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

/// What all connections of a client have in common.
pub(crate) struct Shared {
    pub(crate) options: Arc<ClientOptions>,
    pub(crate) notices: Arc<Notices>,
    pub(crate) counters: Arc<AtomicCounters>,
    /// Opened by the first start, and kept over connections.
    files: tokio::sync::OnceCell<Arc<SessionFiles>>,
    /// Held by whoever connects or stops; what it guards is the present connection.
    slot: tokio::sync::Mutex<Option<Arc<Connection>>>,
    /// The same for look-ups, which wait for nobody.
    current: Mutex<Option<Arc<Connection>>>,
    /// Counts failed starts; whoever waited for one shares its error.
    failures: Mutex<Failures>,
    /// Ends a start that is under way when the client is stopped.
    starting: Mutex<CancellationToken>,
}

#[derive(Default)]
struct Failures {
    count: u64,
    error: Option<Error>,
}

impl Client {
    /// A client that is not connected yet.
    ///
    /// # Errors
    /// `INVALID_CONFIG` with the name of the option.
    pub fn new(options: ClientOptions) -> Result<Client> {
        options.validate(&|name| std::env::var_os(name))?;
        let shared = Shared {
            options: Arc::new(options),
            notices: Notices::new(),
            counters: Arc::default(),
            files: tokio::sync::OnceCell::new(),
            slot: tokio::sync::Mutex::new(None),
            current: Mutex::new(None),
            failures: Mutex::default(),
            starting: Mutex::new(CancellationToken::new()),
        };
        Ok(Client { shared: Arc::new(shared) })
    }

    /// [`Client::new`], then [`Client::connect`].
    ///
    /// # Errors
    /// As those.
    pub async fn start(options: ClientOptions) -> Result<Client> {
        let client = Client::new(options)?;
        client.connect().await?;
        Ok(client)
    }

    /// Connects, and starts the runtime where that is ours to do. Does nothing where the client is connected.
    ///
    /// Concurrent calls share one start, and its error. After an error, a lost runtime, or `stop`, it may be called again:
    /// sessions of the old connection are over, and can be resumed. Cancel safe.
    ///
    /// # Errors
    /// `RUNTIME_NOT_FOUND`, `CONNECT_FAILED`, `RUNTIME_LOST`, `AUTHENTICATION_REQUIRED`, `AUTHENTICATION_FAILED`,
    /// `PROTOCOL`, `VERSION_MISMATCH`, `TIMEOUT`; `FS_IO` where the store of `session_fs` cannot be opened; `CLOSED` where `stop` was called meanwhile.
    pub async fn connect(&self) -> Result<()> {
        let failures = lock(&self.shared.failures).count;
        let mut slot = self.shared.slot.lock().await;
        if slot.as_ref().is_some_and(|connection| connection.is_alive()) {
            return Ok(());
        }
        if let Some(error) = self.shared.failed_since(failures) {
            return Err(error);
        }
        let stopped = lock(&self.shared.starting).clone();
        self.shared.notices.state(ConnectionState::Connecting);
        let outcome = tokio::select! {
            outcome = Connection::establish(&self.shared) => outcome,
            () = stopped.cancelled() => Err(Error::new(ErrorKind::Closed, "the client was stopped while it started")),
        };
        match outcome {
            Ok(connection) => {
                *lock(&self.shared.current) = Some(connection.clone());
                *slot = Some(connection);
                self.shared.notices.state(ConnectionState::Connected);
                Ok(())
            }
            Err(error) => {
                let mut failures = lock(&self.shared.failures);
                failures.count += 1;
                failures.error = Some(error.duplicate());
                drop(failures);
                self.shared.notices.state(ConnectionState::Error);
                Err(error)
            }
        }
    }

    /// Whether the client is connected.
    pub fn state(&self) -> ConnectionState {
        self.shared.notices.current()
    }

    /// Calls `handler` at each change of [`Client::state`], in order, on a thread where it may block.
    pub fn on_state(&self, handler: impl Fn(ConnectionState) + Send + Sync + 'static) -> Registration {
        self.shared.notices.on_state(Arc::new(handler))
    }

    /// Calls `handler` for each `session.lifecycle` notification: also of sessions that are not this client's. In order,
    /// on a thread where it may block.
    pub fn on_lifecycle(
        &self,
        handler: impl Fn(&SessionLifecycleEvent) + Send + Sync + 'static,
    ) -> Registration {
        self.shared.notices.on_lifecycle(Arc::new(handler))
    }

    /// Calls `handler` for each notification this library has no name for, e.g. `host.event`.
    pub fn on_notification(&self, handler: impl Fn(&Notification) + Send + Sync + 'static) -> Registration {
        self.shared.notices.on_notification(Arc::new(handler))
    }

    /// The counts of all sessions of this client together.
    pub fn counters(&self) -> Counters {
        let live = lock(&self.shared.current).as_ref().map(|connection| connection.live_counters());
        live.unwrap_or_default().plus(&self.shared.counters.snapshot())
    }

    /// The version the runtime gave, and the protocol it speaks. `None` where the client is not connected.
    pub fn runtime(&self) -> Option<RuntimeInfo> {
        lock(&self.shared.current).as_ref().map(|connection| connection.info.clone())
    }

    /// The process id of the runtime, where it is a child of this client.
    pub fn runtime_pid(&self) -> Option<u32> {
        lock(&self.shared.current).as_ref().and_then(|connection| connection.pid())
    }

    pub(crate) fn connection(&self) -> Result<Arc<Connection>> {
        lock(&self.shared.current).clone().ok_or_else(|| {
            Error::new(
                ErrorKind::Closed,
                "the client is not connected; call `connect` (or `Client::start`) first",
            )
        })
    }
}

/// What the handshake said of the runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuntimeInfo {
    /// Protocol version; 3.
    pub protocol_version: u64,
    /// The runtime's version, e.g. `1.0.102`; empty where an old runtime gave none.
    pub version: String,
}

impl Shared {
    /// Where sessions have their files, if not with the runtime.
    pub(crate) async fn files(&self) -> Result<Option<Arc<SessionFiles>>> {
        let Some(options) = &self.options.session_fs else { return Ok(None) };
        let is_ours = self.options.transport.is_child() && self.options.mode != ClientMode::Empty;
        let open = async || Ok(Arc::new(SessionFiles::open(options, is_ours).await?));
        self.files.get_or_try_init(open).await.cloned().map(Some)
    }

    fn failed_since(&self, count: u64) -> Option<Error> {
        let failures = lock(&self.failures);
        if failures.count > count { failures.error.as_ref().map(Error::duplicate) } else { None }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("state", &self.state()).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
