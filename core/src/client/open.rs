//! Sessions that begin: created, resumed, joined. The handlers are there before the first byte is written (DESIGN I6).

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Client;
use super::connection::Connection;
use crate::error::{Error, ErrorKind, Result};
use crate::fs::{FsPath, FsServer, SessionFs};
use crate::options::{Purpose, SessionConfig, Transport, check_session_id, mcp_auth_interest};
use crate::protocol::methods;
use crate::rpc::peer::{decode, within};
use crate::session::core::{SessionCore, SessionParts};
use crate::session::parking::Item;
use crate::session::queue::QueueLimits;
use crate::session::reservation::Reservation;
use crate::session::{EventStream, Session};
use crate::store;

/// How long what follows a create may take.
const FOLLOW_UP: Duration = Duration::from_secs(30);

/// What the runtime answers to create and resume, as far as it matters here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opened {
    #[serde(default)]
    session_id: String,
    #[serde(default)]
    workspace_path: Option<String>,
    #[serde(default)]
    capabilities: Value,
    /// There once a cloud session's worker is.
    #[serde(default)]
    model_state: Option<Value>,
}

impl Client {
    /// Creates a session. Its handlers, its filesystem and its event queue are served before the request is written.
    ///
    /// With `cloud` in the config the server gives the id: the session is bound to it when the runtime names it. Dropping
    /// the future unregisters the session here and destroys it on the far side, should it come to exist there.
    ///
    /// # Errors
    /// `INVALID_CONFIG` with the name of the field, `SESSION_ALREADY_OPEN`, `SESSION_ID_MISMATCH`, `CLOSED`,
    /// `RUNTIME_LOST`, `TIMEOUT`, `RPC` and its kin; for cloud sessions `AUTHENTICATION_REQUIRED` and
    /// `CLOUD_POLICY_BLOCKED`.
    pub async fn create_session(&self, config: SessionConfig) -> Result<Session> {
        let connection = self.connection()?;
        let purpose = config.creates();
        config.validate(purpose)?;
        if purpose == Purpose::Cloud {
            return connection.create_in_cloud(config).await;
        }
        let id = config.session_id.clone().unwrap_or_else(|| Uuid::new_v4().to_string());
        let params = config.create_params(&id, connection.options().mode)?;
        connection.open(methods::SESSION_CREATE, &id, params, config, purpose).await
    }

    /// Resumes a stored session, with the options and handlers it shall have now. Provider keys are not stored by the
    /// runtime: give them again.
    ///
    /// # Errors
    /// As [`Client::create_session`], and `SESSION_NOT_FOUND`.
    pub async fn resume_session(&self, session_id: &str, config: SessionConfig) -> Result<Session> {
        self.resume(session_id, config, Purpose::Resume).await
    }

    /// Joins the live session of the runtime that started this process as an extension, over our own standard streams: the
    /// id is in the environment variable `SESSION_ID`. The event `session.resume` is suppressed.
    ///
    /// # Errors
    /// As [`Client::resume_session`]; `INVALID_CONFIG` without `SESSION_ID` or with another transport than `Parent`.
    pub async fn join_session(&self, config: SessionConfig) -> Result<Session> {
        if !matches!(self.shared.options.transport, Transport::Parent | Transport::Streams(_)) {
            let text =
                "transport: `join_session` speaks over this process's own streams; use `Transport::Parent`";
            return Err(Error::new(ErrorKind::InvalidConfig, text));
        }
        let id = std::env::var("SESSION_ID").map_err(|_| {
            let text = "SESSION_ID is not set: `join_session` is for processes that a runtime started as an extension";
            Error::new(ErrorKind::InvalidConfig, text)
        })?;
        self.resume(&id, config, Purpose::Join).await
    }

    async fn resume(&self, id: &str, config: SessionConfig, purpose: Purpose) -> Result<Session> {
        let connection = self.connection()?;
        check_session_id(ErrorKind::InvalidArgument, "session_id", id)?;
        config.validate(purpose)?;
        let params = config.resume_params(id, purpose, connection.options().mode)?;
        connection.open(methods::SESSION_RESUME, id, params, config, purpose).await
    }
}

impl Connection {
    /// A session whose id is known here.
    async fn open(
        self: &Arc<Self>,
        method: &str,
        id: &str,
        params: Map<String, Value>,
        config: SessionConfig,
        purpose: Purpose,
    ) -> Result<Session> {
        let core = self.new_core(&config, false);
        let reservation = Reservation::new(&self.registry, id, core.clone())?;
        hand_out_streams(&core);
        if let Some(files) = &self.files
            && let Some(options) = &self.options().session_fs
        {
            let (fs, deadline) = (files.session(id, &config)?, self.options().limits.fs_deadline);
            core.set_fs(FsServer::new(fs.clone(), files.conventions(), deadline));
            if purpose == Purpose::Resume {
                let log = FsPath::parse(&options.state_path, options.conventions)?.join("events.jsonl")?;
                self.recover(&core, id, fs, log).await?;
            }
        }
        let opened = self.ask(method, &params, &reservation).await?;
        if opened.session_id != id {
            let text = format!(
                "`{method}`: asked for session `{id}`, the runtime answered with `{}`",
                opened.session_id
            );
            return Err(Error::new(ErrorKind::SessionIdMismatch, text));
        }
        self.finish(core, reservation, opened, &config, purpose).await
    }

    /// Repairs the session's event log before the runtime reads it, and tells the session so: the runtimes refuse a
    /// damaged one, or drop what they cannot read.
    async fn recover(
        &self,
        core: &Arc<SessionCore>,
        id: &str,
        fs: Arc<dyn SessionFs>,
        log: FsPath,
    ) -> Result<()> {
        let deadline = self.options().limits.fs_deadline;
        // A task of its own, as every call of a provider: its panic is nobody else's, and a repair is not left half-way.
        let recovering = self.runtime.spawn({
            let (id, log) = (id.to_owned(), log.clone());
            async move { store::recover(&*fs, &log, &id).await }
        });
        let recovered = match tokio::time::timeout(deadline, recovering).await {
            Ok(Ok(recovered)) => recovered?,
            Ok(Err(panic)) => return Err(Error::new(ErrorKind::Internal, format!("reading {log}: {panic}"))),
            Err(_) => {
                let text = format!("the filesystem did not give {log} within {deadline:?}");
                return Err(Error::new(ErrorKind::Timeout, text));
            }
        };
        let Some(recovery) = recovered else { return Ok(()) };
        let recovery = recovery.or_beyond_repair(id)?;
        if let Some(notice) = store::notice(&log, &recovery) {
            tracing::warn!(session_id = id, notice = notice.data_json(), "a damaged event log was repaired");
            core.deliver(Item::Event(notice));
            core.wake();
        }
        Ok(())
    }

    /// A session whose id the server gives (DESIGN I9).
    async fn create_in_cloud(self: &Arc<Self>, config: SessionConfig) -> Result<Session> {
        let core = self.new_core(&config, true);
        let client_session_id = Uuid::new_v4().to_string();
        let params = config.cloud_params(&client_session_id)?;
        let reservation = Reservation::cloud(&self.registry, &client_session_id, core.clone());
        hand_out_streams(&core);
        let opened = self.ask(methods::SESSION_CREATE, &params, &reservation).await.map_err(cloud_error)?;
        if opened.session_id.is_empty() {
            let text = "`session.create`: the runtime gave the cloud session no id";
            return Err(Error::new(ErrorKind::Protocol, text));
        }
        if core.id().is_empty() {
            let text = format!(
                "the server gave the id `{}`, which is open in this client already",
                opened.session_id
            );
            return Err(Error::new(ErrorKind::SessionAlreadyOpen, text));
        }
        if core.id() != opened.session_id {
            let text = format!("bound to `{}`, the answer says `{}`", core.id(), opened.session_id);
            return Err(Error::new(ErrorKind::SessionIdMismatch, text));
        }
        if opened.model_state.is_some() {
            core.set_ready();
        }
        self.finish(core, reservation, opened, &config, Purpose::Cloud).await
    }

    fn new_core(&self, config: &SessionConfig, in_cloud: bool) -> Arc<SessionCore> {
        let limits = &self.options().limits;
        config.each_secret(&mut |secret| self.redactor.add(secret));
        SessionCore::new(SessionParts {
            peer: self.peer.clone(),
            runtime: self.runtime.clone(),
            handlers: config.handlers.clone(),
            tools: config.tools.clone(),
            limits: QueueLimits {
                max_bytes: limits.event_queue_max_bytes,
                replay_max_bytes: limits.replay_max_bytes,
            },
            handler_deadline: limits.handler_deadline,
            in_cloud,
        })
    }

    async fn ask(
        &self,
        method: &str,
        params: &Map<String, Value>,
        reservation: &Reservation,
    ) -> Result<Opened> {
        let call = self.peer.call_hooked(method, params, Some(reservation.asked()));
        let result = within(self.options().limits.request_timeout, method, call).await?;
        decode(method, &result)
    }

    /// What is said right after create. Where it fails, the reservation undoes the whole (DESIGN I12).
    async fn finish(
        self: &Arc<Self>,
        core: Arc<SessionCore>,
        reservation: Reservation,
        opened: Opened,
        config: &SessionConfig,
        purpose: Purpose,
    ) -> Result<Session> {
        core.merge_capabilities(&opened.capabilities);
        if let Some(mut update) = config.options_update_params(purpose, self.options().mode)? {
            update.insert("sessionId".into(), core.id().into());
            self.peer.request::<Value>(methods::SESSION_OPTIONS_UPDATE, &update, Some(FOLLOW_UP)).await?;
        }
        if config.handlers.mcp_auth.is_some() {
            let interest = mcp_auth_interest(core.id());
            match self
                .peer
                .request::<Value>(methods::SESSION_REGISTER_INTEREST, &interest, Some(FOLLOW_UP))
                .await
            {
                // Runtimes before 1.0.85 send the event to everybody, or not at all.
                Err(error) if error.kind() == ErrorKind::MethodNotFound => {}
                outcome => drop(outcome?),
            }
        }
        reservation.commit();
        Ok(Session::new(core, self.clone(), opened.workspace_path))
    }
}

/// Gives the streams that begin with the first event. From here on the reservation sees to their end.
fn hand_out_streams(core: &Arc<SessionCore>) {
    for take in &core.handlers.on_stream {
        take(EventStream::new(core.clone(), None));
    }
}

/// The runtime has no codes for these; its words are all there is to go by.
fn cloud_error(error: Error) -> Error {
    let Some(rpc) = error.rpc() else { return error };
    let words = rpc.message.to_ascii_lowercase();
    let kind = if words.contains("requires authentication") {
        ErrorKind::AuthenticationRequired
    } else if words.contains("policy") {
        ErrorKind::CloudPolicyBlocked
    } else {
        return error;
    };
    Error::new(kind, error.message()).with_rpc(rpc.clone())
}
