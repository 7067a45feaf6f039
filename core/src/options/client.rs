//! `ClientOptions`: which runtime, how it is started, and what the client allows itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};

use super::choice::choices;
use super::client_mode::ClientMode;
use super::invalid::{invalid, read};
use super::limits::Limits;
use super::names;
use super::secret::Secret;
use super::session_fs::SessionFsOptions;
use super::telemetry::Telemetry;
use super::transport::{Streams, Transport};
use crate::error::Result;

choices! {
    /// How much the runtime writes to its log files.
    pub enum LogLevel {
        /// Nothing.
        None = "none",
        /// Errors.
        Error = "error",
        /// And warnings.
        Warning = "warning",
        /// And what happens.
        Info = "info",
        /// And how.
        Debug = "debug",
        /// Everything.
        All = "all",
        /// The runtime's choice.
        Default = "default",
    }
}

/// Who this program is, for the runtime's telemetry (wire: `clientInfo` of `connect`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientInfo {
    /// The program (wire: `editorName`).
    pub name: String,
    /// Its version (wire: `editorVersion`); the runtime ignores what does not look like one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// The options of a client.
///
/// ```
/// use codriver::ClientOptions;
///
/// let options = ClientOptions::new().cli_path("/opt/copilot").github_token("ghp_…");
/// assert!(!format!("{options:?}").contains("ghp_"));
/// ```
///
/// In JSON the names are camelCase or snake_case, durations end in `_ms` and are integers, and an unknown name is an
/// error.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ClientOptions {
    /// How the runtime is reached; default: a child over stdio.
    pub transport: Transport,
    /// The runtime's program; default: see [`find_runtime`](crate::find_runtime).
    pub cli_path: Option<PathBuf>,
    /// Arguments before our own, e.g. a script when `cli_path` is an interpreter.
    pub cli_args: Vec<String>,
    /// The runtime's working directory, which must exist; default: this process's.
    #[serde(alias = "workingDirectory")]
    pub cwd: Option<PathBuf>,
    /// Environment variables of the runtime, over those of this process.
    pub env: BTreeMap<String, Secret>,
    /// Environment variables that the runtime does not inherit.
    pub env_remove: Vec<String>,
    /// How much the runtime logs.
    pub log_level: Option<LogLevel>,
    /// The user's GitHub token; reaches the runtime in its environment, never in its arguments.
    #[serde(alias = "gitHubToken")]
    pub github_token: Option<Secret>,
    /// Whether the login stored on this machine may be used; default: true, and false with `github_token`.
    pub use_logged_in_user: Option<bool>,
    /// Token of the connection; default for a TCP child: a random one. Not for stdio, which nobody else can reach.
    pub connection_token: Option<Secret>,
    /// Where the runtime keeps state, configuration and logs (`COPILOT_HOME`); default: `~/.copilot`.
    pub base_directory: Option<PathBuf>,
    /// After how many seconds the runtime closes an idle session; 0 or `None`: never.
    pub session_idle_timeout_seconds: Option<u64>,
    /// Whether sessions may be steered from elsewhere.
    #[serde(alias = "enableRemoteSessions")]
    pub remote: bool,
    /// OpenTelemetry of the runtime; default: off.
    pub telemetry: Option<Telemetry>,
    /// How much of its surroundings sessions take in.
    pub mode: ClientMode,
    /// Who this program is.
    pub client_info: Option<ClientInfo>,
    /// Directories of plugins that every session has.
    #[serde(alias = "builtinPluginDirectories")]
    pub builtin_plugins: Vec<PathBuf>,
    /// Whether the runtime forwards its telemetry as notifications `gitHubTelemetry.event`.
    #[serde(rename = "enableGitHubTelemetryForwarding", alias = "enableGithubTelemetryForwarding")]
    pub enable_github_telemetry_forwarding: bool,
    /// Session state in a store of one's own; default: the runtime's files.
    pub session_fs: Option<SessionFsOptions>,
    /// Bounds and deadlines.
    pub limits: Limits,
}

impl ClientOptions {
    /// A child over stdio, everything else left to the runtime.
    pub fn new() -> Self {
        Self::default()
    }

    /// A runtime at the other end of two byte streams, e.g. an in-memory pair. They serve one connection.
    pub fn streams(
        reader: impl AsyncRead + Send + Unpin + 'static,
        writer: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Self {
        Self::new().transport(Transport::Streams(Streams::new(reader, writer)))
    }

    /// Reads options from a JSON object.
    ///
    /// # Errors
    /// `INVALID_CONFIG` with the path of the field.
    pub fn from_json(mut value: Value) -> Result<Self> {
        if !value.is_object() {
            return Err(invalid("client options", "must be a JSON object"));
        }
        names::object("client options", &mut value)?;
        for name in ["transport", "telemetry", "clientInfo", "sessionFs", "limits"] {
            if let Some(inner) = value.get_mut(name) {
                names::object(name, inner)?;
            }
        }
        if let Some(fields) = value.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        read("", value)
    }
}

macro_rules! client_setters {
    ($($field:ident($value:ident: $argument:ty) => $set:expr;)*) => {
        impl ClientOptions { $(
            #[doc = concat!("Sets [`", stringify!($field), "`](Self#structfield.", stringify!($field), ").")]
            #[must_use]
            pub fn $field(mut self, $value: $argument) -> Self {
                self.$field = $set;
                self
            }
        )* }
    };
}

client_setters! {
    transport(transport: Transport) => transport;
    cli_path(path: impl Into<PathBuf>) => Some(path.into());
    cli_args(args: impl IntoIterator<Item = impl Into<String>>) => args.into_iter().map(Into::into).collect();
    cwd(path: impl Into<PathBuf>) => Some(path.into());
    env_remove(names: impl IntoIterator<Item = impl Into<String>>) => names.into_iter().map(Into::into).collect();
    log_level(level: impl Into<LogLevel>) => Some(level.into());
    github_token(token: impl Into<Secret>) => Some(token.into());
    use_logged_in_user(yes: bool) => Some(yes);
    connection_token(token: impl Into<Secret>) => Some(token.into());
    base_directory(path: impl Into<PathBuf>) => Some(path.into());
    session_idle_timeout_seconds(seconds: u64) => Some(seconds);
    remote(yes: bool) => yes;
    telemetry(telemetry: Telemetry) => Some(telemetry);
    mode(mode: ClientMode) => mode;
    builtin_plugins(paths: impl IntoIterator<Item = impl Into<PathBuf>>) => paths.into_iter().map(Into::into).collect();
    enable_github_telemetry_forwarding(yes: bool) => yes;
    session_fs(session_fs: SessionFsOptions) => Some(session_fs);
    limits(limits: Limits) => limits;
}

impl ClientOptions {
    /// Sets one environment variable of the runtime.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Says who this program is.
    #[must_use]
    pub fn client_info(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.client_info = Some(ClientInfo { name: name.into(), version: Some(version.into()) });
        self
    }
}
