//! What client options become: the child's arguments and environment, and the parameters of `connect`.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::client::ClientOptions;
use super::client_mode::ClientMode;
use super::secret::Secret;
use super::transport::Transport;

const AUTH_TOKEN: &str = "COPILOT_SDK_AUTH_TOKEN";
const CONNECTION_TOKEN: &str = "COPILOT_CONNECTION_TOKEN";

/// How a child's environment differs from ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EnvChanges {
    /// Set after the removals.
    pub(crate) set: BTreeMap<String, Secret>,
    pub(crate) remove: BTreeSet<String>,
}

impl ClientOptions {
    /// The child's arguments. No secret is among them: other users of the machine can read them.
    pub(crate) fn child_args(&self) -> Vec<OsString> {
        let mut args: Vec<OsString> = self.cli_args.iter().map(Into::into).collect();
        args.push("--server".into());
        match &self.transport {
            Transport::Tcp { port } => args.extend(["--port".into(), port.to_string().into()]),
            _ => args.push("--stdio".into()),
        }
        args.push("--no-auto-update".into());
        if let Some(level) = &self.log_level {
            args.extend(["--log-level".into(), level.as_str().into()]);
        }
        if self.github_token.is_some() {
            args.extend(["--auth-token-env".into(), AUTH_TOKEN.into()]);
        }
        if !self.use_logged_in_user.unwrap_or(self.github_token.is_none()) {
            args.push("--no-auto-login".into());
        }
        if let Some(seconds @ 1..) = self.session_idle_timeout_seconds {
            args.extend(["--session-idle-timeout".into(), seconds.to_string().into()]);
        }
        if self.remote {
            args.push("--remote".into());
        }
        args
    }

    /// How the child's environment differs from ours, with the token that [`Self::new_connection_token`] gave.
    ///
    /// Ours win over the user's. Tokens we do not set are not inherited either: they were meant for another runtime, and
    /// a connection token would lock us out of this one.
    pub(crate) fn child_env(&self, connection_token: Option<&Secret>) -> EnvChanges {
        let mut env = EnvChanges::default();
        env.remove.extend([AUTH_TOKEN, CONNECTION_TOKEN].map(str::to_owned));
        env.remove.extend(self.env_remove.iter().cloned());
        env.set.extend(self.env.clone());
        // It makes node write to the streams that are our transport.
        env.set.remove("NODE_DEBUG");
        env.remove.insert("NODE_DEBUG".into());

        let mut set = |name: &str, value: Secret| env.set.insert(name.to_owned(), value);
        if let Some(token) = &self.github_token {
            set(AUTH_TOKEN, token.clone());
        }
        if let Some(token) = connection_token {
            set(CONNECTION_TOKEN, token.clone());
        }
        if let Some(directory) = &self.base_directory {
            set("COPILOT_HOME", directory.to_string_lossy().into_owned().into());
        }
        if self.mode == ClientMode::Empty {
            // Logins stay in memory, not in the keychain that all sessions of the machine share.
            set("COPILOT_DISABLE_KEYTAR", "1".into());
        }
        for (name, value) in self.telemetry.iter().flat_map(|telemetry| telemetry.env()) {
            set(name, value.into());
        }
        env
    }

    /// The token for one connection: the configured one, or for a TCP child, whose port every user of the machine can
    /// reach, a fresh random one.
    pub(crate) fn new_connection_token(&self) -> Option<Secret> {
        match (&self.transport, &self.connection_token) {
            (_, Some(token)) => Some(token.clone()),
            (Transport::External { token, .. }, None) => token.clone(),
            (Transport::Tcp { .. }, None) => Some(Uuid::new_v4().simple().to_string().into()),
            _ => None,
        }
    }

    /// The parameters of `connect`.
    pub(crate) fn connect_params(&self, connection_token: Option<&Secret>) -> Value {
        let mut params = Map::new();
        if let Some(token) = connection_token {
            params.insert("token".into(), token.expose().into());
        }
        if let Some(info) = &self.client_info {
            let mut wire = json!({"editorName": info.name});
            if let Some(version) = &info.version {
                wire["editorVersion"] = version.as_str().into();
            }
            params.insert("clientInfo".into(), wire);
        }
        if self.enable_github_telemetry_forwarding {
            params.insert("enableGitHubTelemetryForwarding".into(), true.into());
        }
        params.into()
    }

    /// The parameters of `plugins.builtin.set`, if there are any plugins.
    pub(crate) fn builtin_plugins_params(&self) -> Option<Value> {
        (!self.builtin_plugins.is_empty()).then(|| json!({"paths": self.builtin_plugins}))
    }
}
