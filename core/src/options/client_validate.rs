//! What is wrong with client options, found before anything is started.

use std::ffi::OsString;

use super::client::ClientOptions;
use super::client_mode::ClientMode;
use super::invalid::{invalid, required};
use super::mcp::check_env;
use super::transport::Transport;
use crate::error::Result;

impl ClientOptions {
    /// Whether a client can be made of the options; `inherited` looks a variable of this process up.
    ///
    /// # Errors
    /// `INVALID_CONFIG` with the first thing that is wrong.
    pub(crate) fn validate(&self, inherited: &dyn Fn(&str) -> Option<OsString>) -> Result<()> {
        self.check_transport()?;
        self.check_tokens()?;
        self.check_paths()?;
        check_env("env", Some(&self.env))?;
        if self.transport.is_child() {
            self.check_offline(inherited)?;
        }
        if let Some(telemetry) = &self.telemetry {
            telemetry.check()?;
        }
        if let Some(info) = &self.client_info {
            required("clientInfo.name", &info.name, "the program's name, or leave clientInfo out")?;
        }
        if let Some(session_fs) = &self.session_fs {
            session_fs.check()?;
        }
        if self.mode == ClientMode::Empty
            && self.transport.is_child()
            && self.base_directory.is_none()
            && self.session_fs.is_none()
        {
            return Err(invalid(
                "mode",
                "`empty` needs a place for sessions that is not the user's own; set `baseDirectory` or `sessionFs`",
            ));
        }
        self.limits.check()
    }

    /// What only a runtime of ours can be given, and where the other one is.
    fn check_transport(&self) -> Result<()> {
        if let Transport::External { host, port, token } = &self.transport {
            required("transport.host", host, "a host name or address")?;
            if host.contains(['/', '@']) || host.contains(char::is_whitespace) {
                return Err(invalid("transport.host", "must be a host name or address, not a URL"));
            }
            if *port == 0 {
                return Err(invalid("transport.port", "must be the port the runtime listens on, 1 to 65535"));
            }
            if token.is_some() && self.connection_token.is_some() {
                return Err(invalid(
                    "connectionToken",
                    "is given twice, also as `transport.token`; remove one",
                ));
            }
            if token.as_ref().is_some_and(|token| token.is_blank()) {
                return Err(invalid("transport.token", "must not be empty; leave it out if there is none"));
            }
        }
        if self.transport.is_child() {
            return Ok(());
        }
        let only_for_children = [
            ("cliPath", self.cli_path.is_some()),
            ("cliArgs", !self.cli_args.is_empty()),
            ("cwd", self.cwd.is_some()),
            ("env", !self.env.is_empty()),
            ("envRemove", !self.env_remove.is_empty()),
            ("logLevel", self.log_level.is_some()),
            ("githubToken", self.github_token.is_some()),
            ("useLoggedInUser", self.use_logged_in_user.is_some()),
            ("baseDirectory", self.base_directory.is_some()),
            ("sessionIdleTimeoutSeconds", self.session_idle_timeout_seconds.is_some()),
            ("remote", self.remote),
            ("telemetry", self.telemetry.is_some()),
        ];
        match only_for_children.iter().find(|(_, given)| *given) {
            Some((field, _)) => Err(invalid(
                field,
                format!(
                    "has no effect with the transport `{}`, whose runtime is not started by us; give it where that \
                     runtime is started",
                    self.transport.kind()
                ),
            )),
            None => Ok(()),
        }
    }

    fn check_tokens(&self) -> Result<()> {
        if self.github_token.as_ref().is_some_and(|token| token.is_blank()) {
            return Err(invalid("githubToken", "must not be empty; leave it out to use the stored login"));
        }
        if self.github_token.is_some() && self.use_logged_in_user == Some(true) {
            return Err(invalid(
                "useLoggedInUser",
                "cannot be true with `githubToken`; which of the two users is meant? Remove one",
            ));
        }
        if self.connection_token.as_ref().is_some_and(|token| token.is_blank()) {
            return Err(invalid("connectionToken", "must not be empty; leave it out for a random one"));
        }
        if self.connection_token.is_some() && matches!(self.transport, Transport::Stdio) {
            return Err(invalid(
                "connectionToken",
                "has no use over stdio; remove it or use the transport `tcp`",
            ));
        }
        Ok(())
    }

    fn check_paths(&self) -> Result<()> {
        let empty = [
            ("cliPath", self.cli_path.as_ref().is_some_and(|p| p.as_os_str().is_empty())),
            ("baseDirectory", self.base_directory.as_ref().is_some_and(|p| p.as_os_str().is_empty())),
            ("builtinPlugins", self.builtin_plugins.iter().any(|p| p.as_os_str().is_empty())),
        ];
        if let Some((field, _)) = empty.iter().find(|(_, empty)| *empty) {
            return Err(invalid(field, "must not be an empty path; remove it"));
        }
        match &self.cwd {
            Some(cwd) if !cwd.is_dir() => Err(invalid(
                "cwd",
                format!("`{}` is not a directory; create it or remove the option", cwd.display()),
            )),
            _ => Ok(()),
        }
    }

    /// The runtime exits at once when it is offline and has no provider (PROTOCOL §1).
    fn check_offline(&self, inherited: &dyn Fn(&str) -> Option<OsString>) -> Result<()> {
        let value = |name: &str| match self.env.get(name) {
            Some(value) => Some(OsString::from(value.expose())),
            None if self.env_remove.iter().any(|removed| removed == name) => None,
            None => inherited(name),
        };
        let offline = value("COPILOT_OFFLINE").is_some_and(|v| v.eq_ignore_ascii_case("true"));
        let has_provider = value("COPILOT_PROVIDER_BASE_URL").is_some_and(|v| !v.is_empty());
        if offline && !has_provider {
            return Err(invalid(
                "env",
                "COPILOT_OFFLINE=true needs COPILOT_PROVIDER_BASE_URL, or the runtime exits at once; set it, or remove \
                 COPILOT_OFFLINE with `envRemove`",
            ));
        }
        Ok(())
    }
}
