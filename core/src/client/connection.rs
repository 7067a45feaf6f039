//! One connection to a runtime, from its first byte to its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::process::Command;
use tokio::runtime::Handle;

use super::handshake::shake_hands;
use super::inbound::Router;
use super::notices::ConnectionState;
use super::redact::Redactor;
use super::{RuntimeInfo, Shared};
use crate::counters::Counters;
use crate::error::{Error, ErrorKind, Result};
use crate::options::{ClientOptions, Secret, Transport};
use crate::rpc::peer::Peer;
use crate::rpc::reader::read_loop;
use crate::session::parking::ParkingLimits;
use crate::session::registry::Registry;
use crate::store::SessionFiles;
use crate::transport::{self, Process, Wire, child, discovery, parent, tcp};

/// How long a runtime whose connection ended may take to say its exit status.
const LAST_WORDS: Duration = Duration::from_millis(1000);

pub(crate) struct Connection {
    pub(crate) peer: Arc<Peer>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) runtime: Handle,
    pub(crate) info: RuntimeInfo,
    pub(crate) redactor: Redactor,
    /// Whether the runtime has `session.sendAndWait`, once that was asked.
    pub(crate) has_send_and_wait: tokio::sync::OnceCell<bool>,
    /// Set when the end of the connection is what we want.
    stopping: Arc<AtomicBool>,
    pub(crate) process: Option<Arc<Process>>,
    /// Where sessions have their files, if not with the runtime.
    pub(super) files: Option<Arc<SessionFiles>>,
    options: Arc<ClientOptions>,
}

impl Connection {
    /// Makes a connection and shakes hands. Dropped before its end, it leaves nothing behind.
    pub(crate) async fn establish(shared: &Arc<Shared>) -> Result<Arc<Connection>> {
        let options = &shared.options;
        // First: without its store there is no use for a runtime.
        let files = shared.files().await?;
        let redactor = Redactor::default();
        let token = options.new_connection_token();
        for secret in token.iter().chain(&options.github_token).chain(options.env.values()) {
            redactor.add(secret.expose());
        }
        let Wire { reader, writer, process } =
            open(options, token.as_ref()).await.map_err(|e| clean(e, &redactor))?;
        let process = process.map(Arc::new);

        let cleaner = redactor.clone();
        let peer = Peer::new(writer, move |text| cleaner.clean(text));
        // Whatever ends this function early ends the connection.
        let guard = EndGuard(Some(peer.clone()));
        let limits = &options.limits;
        let parking = ParkingLimits {
            max_items: limits.parking_max_items,
            max_bytes: limits.parking_max_bytes,
            max_ids: limits.parking_max_ids,
            timeout: limits.parking_timeout,
        };
        let runtime = Handle::current();
        let stopping = Arc::new(AtomicBool::new(false));
        let registry = Registry::new(peer.clone(), runtime.clone(), parking, shared.counters.clone());

        tokio::spawn({
            let peer = peer.clone();
            async move {
                if let Err(error) = peer.drive().await {
                    // The reader knows more of why; it comes first where both ends break.
                    tokio::time::sleep(LAST_WORDS).await;
                    peer.end(
                        Error::new(ErrorKind::RuntimeLost, format!("writing failed: {error}"))
                            .with_source(error),
                    );
                }
            }
        });
        tokio::spawn(read(ReadTask {
            reader,
            max_frame_bytes: limits.max_frame_bytes,
            router: Router {
                peer: peer.clone(),
                registry: registry.clone(),
                notices: shared.notices.clone(),
                touched: Vec::new(),
            },
            // Weak: the process ends with the connection's last handle, whether or not its output has ended.
            process: process.as_ref().map(Arc::downgrade),
            redactor: redactor.clone(),
            stopping: stopping.clone(),
        }));

        let hands = shake_hands(&peer, options, token.as_ref(), limits.start_timeout);
        let info = match hands.await {
            Ok(info) => info,
            // The end of the connection says more than the call that it ended.
            Err(error) => return Err(peer.ended().unwrap_or(error)),
        };
        guard.disarm();
        Ok(Arc::new(Connection {
            peer,
            registry,
            runtime,
            info,
            redactor,
            has_send_and_wait: tokio::sync::OnceCell::new(),
            stopping,
            process,
            files,
            options: shared.options.clone(),
        }))
    }

    pub(crate) fn options(&self) -> &ClientOptions {
        &self.options
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.peer.ended().is_none()
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(|process| process.pid())
    }

    pub(crate) fn live_counters(&self) -> Counters {
        self.registry.all().iter().fold(Counters::default(), |sum, core| sum.plus(&core.counters()))
    }

    /// The end of the connection is no loss from now on.
    pub(super) fn expect_end(&self) {
        self.stopping.store(true, Ordering::Release);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.peer.end(Error::new(ErrorKind::Closed, "the client was dropped"));
    }
}

/// Ends the connection unless disarmed.
struct EndGuard(Option<Arc<Peer>>);

impl EndGuard {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for EndGuard {
    fn drop(&mut self) {
        if let Some(peer) = self.0.take() {
            peer.end(Error::new(ErrorKind::Closed, "the start was given up"));
        }
    }
}

/// Makes the bytes flow.
async fn open(options: &ClientOptions, token: Option<&Secret>) -> Result<Wire> {
    let patience = options.limits.start_timeout;
    match &options.transport {
        Transport::Stdio => child::over_stdio(command(options, token)?),
        Transport::Tcp { .. } => child::over_tcp(command(options, token)?, patience).await,
        Transport::External { host, port, .. } => tcp::connect(host, *port, patience).await,
        Transport::Parent => parent::streams(),
        Transport::Streams(streams) => {
            let text = "the streams were used by an earlier connection; make a new client with new ones";
            let (reader, writer) = streams.take().ok_or_else(|| Error::new(ErrorKind::Closed, text))?;
            Ok(Wire { reader: Box::pin(reader), writer: Box::pin(writer), process: None })
        }
    }
}

/// The runtime's command line and environment.
fn command(options: &ClientOptions, token: Option<&Secret>) -> Result<Command> {
    let found = discovery::find_runtime(options)?;
    let mut command = Command::new(&found.program);
    command.args(&found.prefix_args).args(options.child_args());
    let env = options.child_env(token);
    for name in &env.remove {
        command.env_remove(name);
    }
    for (name, value) in &env.set {
        command.env(name, value.expose());
    }
    if let Some(cwd) = &options.cwd {
        command.current_dir(cwd);
    }
    Ok(command)
}

struct ReadTask {
    reader: transport::Reader,
    max_frame_bytes: usize,
    router: Router,
    process: Option<std::sync::Weak<Process>>,
    redactor: Redactor,
    stopping: Arc<AtomicBool>,
}

/// Reads to the end, then ends everything that hangs on the connection.
async fn read(task: ReadTask) {
    let ReadTask { reader, max_frame_bytes, mut router, process, redactor, stopping } = task;
    let peer = router.peer.clone();
    let ended = peer.on_end().clone();
    let cause = tokio::select! {
        cause = read_loop(reader, max_frame_bytes, peer.clone(), &mut router) => cause,
        // Ended from our side: what still comes is of no interest.
        () = ended.cancelled() => None,
    };
    if stopping.load(Ordering::Acquire) {
        peer.end(Error::new(ErrorKind::Closed, "the client was stopped"));
    } else if peer.ended().is_none() {
        let error = lost(cause, process.and_then(|process| process.upgrade()).as_deref()).await;
        peer.end(clean(error, &redactor));
        router.notices.state(ConnectionState::Error);
    }
    router.registry.close();
}

/// Why the connection is over, with the process's last words where it is ours.
async fn lost(cause: Option<Error>, process: Option<&Process>) -> Error {
    let why = cause.as_ref().map(|cause| cause.message().to_owned());
    let kind = cause.as_ref().map_or(ErrorKind::RuntimeLost, Error::kind);
    let Some(process) = process else {
        let text = why.unwrap_or_else(|| "the runtime closed the connection".into());
        return Error::new(kind, text);
    };
    process.wait(LAST_WORDS).await;
    let last_words = process.obituary();
    // It cannot be spoken to any more.
    process.kill();
    match why {
        Some(why) => Error::new(kind, format!("{why}; {last_words}")),
        None => Error::new(kind, last_words),
    }
}

fn clean(error: Error, redactor: &Redactor) -> Error {
    let cleaned = Error::new(error.kind(), redactor.clean(error.message().to_owned()));
    match error.rpc() {
        Some(rpc) => cleaned.with_rpc(rpc.clone()),
        // Not the cause: its own text may hold what was just taken out.
        None => cleaned,
    }
}
