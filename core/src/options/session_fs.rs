//! Session state in a store of one's own (PROTOCOL §4).

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::invalid::{invalid, required};
use crate::error::Result;
use crate::fs::{Conventions, SessionFs};
use crate::store::{LazyFs, SessionStore, Store};

/// Makes the store of a session from the session's id. Called before the first byte of create or resume is written.
pub type SessionFsFactory = Arc<dyn Fn(&str) -> Result<Arc<dyn SessionFs>> + Send + Sync>;

/// Session state in a store of one's own. Two sessions share paths and are told apart by their id only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionFsOptions {
    /// Working directory of sessions, an absolute path of the conventions.
    pub initial_cwd: String,
    /// Where the runtime keeps a session's state in the session's store, an absolute path of the conventions.
    #[serde(alias = "sessionStatePath")]
    pub state_path: String,
    /// How paths look.
    #[serde(default = "posix")]
    pub conventions: Conventions,
    /// Whether stores read and write bytes (wire: capability `binary`).
    #[serde(default)]
    pub binary: bool,
    /// Whether SQL is answered (wire: capability `sqlite`).
    #[serde(default)]
    pub sqlite: bool,
    /// Makes the stores; JSON cannot say, so it must be set after reading one.
    #[serde(skip)]
    pub factory: Option<SessionFsFactory>,
    /// The store behind `factory`, where it is one that lists its sessions.
    #[serde(skip)]
    pub(crate) sessions: Option<SessionStore>,
}

fn posix() -> Conventions {
    Conventions::Posix
}

impl SessionFsOptions {
    /// Posix paths, no capabilities, and stores made by `factory`.
    pub fn new(
        initial_cwd: impl Into<String>,
        state_path: impl Into<String>,
        factory: impl Fn(&str) -> Result<Arc<dyn SessionFs>> + Send + Sync + 'static,
    ) -> Self {
        SessionFsOptions {
            initial_cwd: initial_cwd.into(),
            state_path: state_path.into(),
            conventions: Conventions::Posix,
            binary: false,
            sqlite: false,
            factory: Some(Arc::new(factory)),
            sessions: None,
        }
    }

    /// Posix paths, bytes, and every session's files in `store`, which the client then lists too. A session is opened there when the runtime first asks
    /// for a file: what the store cannot do is then the answer.
    pub fn store(
        initial_cwd: impl Into<String>,
        state_path: impl Into<String>,
        store: Arc<dyn Store>,
    ) -> Self {
        let sessions = Some(SessionStore::new(Arc::clone(&store)));
        let factory = move |id: &str| Ok(Arc::new(LazyFs::new(Arc::clone(&store), id)) as _);
        SessionFsOptions { binary: true, sessions, ..SessionFsOptions::new(initial_cwd, state_path, factory) }
    }

    /// The parameters of `sessionFs.setProvider`.
    pub(crate) fn set_provider_params(&self) -> Value {
        let conventions = match self.conventions {
            Conventions::Posix => "posix",
            Conventions::Windows => "windows",
        };
        let mut params = json!({
            "initialCwd": self.initial_cwd,
            "sessionStatePath": self.state_path,
            "conventions": conventions,
        });
        let capabilities = [("binary", self.binary), ("sqlite", self.sqlite)];
        let granted: serde_json::Map<_, _> = capabilities
            .into_iter()
            .filter(|(_, yes)| *yes)
            .map(|(name, _)| (name.into(), true.into()))
            .collect();
        if !granted.is_empty() {
            params["capabilities"] = granted.into();
        }
        params
    }

    pub(super) fn check(&self) -> Result<()> {
        for (field, path) in
            [("sessionFs.initialCwd", &self.initial_cwd), ("sessionFs.statePath", &self.state_path)]
        {
            required(field, path, "an absolute path")?;
            let absolute = match self.conventions {
                Conventions::Posix => path.starts_with('/'),
                Conventions::Windows => is_absolute_on_windows(path),
            };
            if !absolute {
                return Err(invalid(field, "must be an absolute path of the chosen conventions"));
            }
        }
        if self.factory.is_none() {
            return Err(invalid("sessionFs.factory", "is missing; JSON cannot hold it, set it from code"));
        }
        Ok(())
    }
}

/// `C:\…`, `C:/…` or `\\server\…`.
fn is_absolute_on_windows(path: &str) -> bool {
    let bytes = path.as_bytes();
    path.starts_with(r"\\") || matches!(bytes, [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
}

impl fmt::Debug for SessionFsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionFsOptions")
            .field("initial_cwd", &self.initial_cwd)
            .field("state_path", &self.state_path)
            .field("conventions", &self.conventions)
            .field("binary", &self.binary)
            .field("sqlite", &self.sqlite)
            .field("has_factory", &self.factory.is_some())
            .finish()
    }
}
