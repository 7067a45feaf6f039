//! Session state in a store of one's own (PROTOCOL §4).

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::invalid::{invalid, required};
use super::secret::Secret;
use crate::error::{Error, Result};
use crate::fs::{Conventions, SessionFs};
use crate::store::{self, Store};

/// Makes the store of a session from the session's id. Called before the first byte of create or resume is written.
pub type SessionFsFactory = Arc<dyn Fn(&str) -> Result<Arc<dyn SessionFs>> + Send + Sync>;

/// Where files come from that are not the session's state.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FsSource {
    /// The disk of this machine, under the same paths: read and written as the runtime would.
    Disk,
    /// Nothing: reads find nothing, changes are refused.
    None,
    /// A provider of each session, which sees the same paths; only code can say it.
    #[serde(skip)]
    Provider(SessionFsFactory),
}

/// Session state in a store of one's own. Two sessions share paths and are told apart by their id only.
///
/// Three places come of a session, in any store: the runtime's state is in `/state`, what it keeps in
/// `<its home>/session-state/<session id>` is in `/runtime`, and what this library adds is in `/codriver`, which the runtime
/// does not see. The working directory stays where it is ([`workspace`](Self::workspace)), and so do, for a runtime of
/// ours, the files that the agent asks for beyond it ([`rest`](Self::rest)).
///
/// ```
/// use codriver::ClientOptions;
/// use codriver::options::SessionFsOptions;
///
/// let options = ClientOptions::new().session_fs(SessionFsOptions::url("/project", "/state", "memory:"));
/// # let json = serde_json::json!({"sessionFs": {"initialCwd": "/project", "statePath": "/state", "store": "memory:"}});
/// # ClientOptions::from_json(json).unwrap();
/// ```
///
/// A provider of one's own ([`new`](Self::new)) gets every path as the runtime says it, unless one of `workspace`, `rest` and
/// `cache` is set: then it has the three places above and nothing else.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionFsOptions {
    /// Working directory of sessions that have none of their own, an absolute path of the conventions.
    pub initial_cwd: String,
    /// Where the runtime sees a session's state, an absolute path of the conventions. What is there on the disk is hidden.
    #[serde(alias = "sessionStatePath")]
    pub state_path: String,
    /// How paths look.
    #[serde(default = "posix")]
    pub conventions: Conventions,
    /// Whether stores read and write bytes (wire: capability `binary`); those of this library always do.
    #[serde(default)]
    pub binary: bool,
    /// Whether SQL is answered (wire: capability `sqlite`); with a store of this library and its cargo feature `sqlite` it
    /// always is. A provider that has no database of its own gets one from this library, kept in its files.
    #[serde(default)]
    pub sqlite: bool,
    /// The store by its URL, see [`store::open`](crate::store::open); opened when the client starts. It may hold a password:
    /// it is not shown, and not written when the options are.
    #[serde(default, skip_serializing)]
    pub store: Option<Secret>,
    /// Where the files of a session's working directory and of its additional directories are; default: on the disk. A
    /// resumed session's is that of its config, or `initial_cwd`.
    #[serde(default, skip_serializing_if = "FsSource::only_code_can_say")]
    pub workspace: Option<FsSource>,
    /// Where everything else is. Default: on the disk if the workspace is, the runtime was started by this client and its
    /// mode is not `empty`; else nothing. The runtime asks for what the agent views, creates and edits outside of its
    /// directories, each with the user's permission; its own settings, skills and agents it reads by itself. A
    /// runtime that is not ours may be somebody else's: it gets nothing.
    #[serde(default, skip_serializing_if = "FsSource::only_code_can_say")]
    pub rest: Option<FsSource>,
    /// Whether a session's small files are kept in memory while it is open, and changes that nothing is lost by go to the
    /// store together with the next; default: as [`Store::is_far`] says. See [`CachedFs`](crate::store::CachedFs).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<bool>,
    /// Makes the stores of sessions, instead of `store`; JSON cannot say, so it must be set after reading one.
    #[serde(skip)]
    pub factory: Option<SessionFsFactory>,
    /// The store itself, instead of its URL.
    #[serde(skip)]
    opened: Option<Arc<dyn Store>>,
}

fn posix() -> Conventions {
    Conventions::Posix
}

impl FsSource {
    fn only_code_can_say(this: &Option<FsSource>) -> bool {
        matches!(this, None | Some(FsSource::Provider(_)))
    }

    fn is_disk(this: &Option<FsSource>) -> bool {
        matches!(this, Some(FsSource::Disk))
    }
}

impl fmt::Debug for FsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FsSource::Disk => "Disk",
            FsSource::None => "None",
            FsSource::Provider(_) => "Provider(…)",
        })
    }
}

impl SessionFsOptions {
    /// Posix paths, no capabilities, and stores made by `factory`.
    pub fn new(
        initial_cwd: impl Into<String>,
        state_path: impl Into<String>,
        factory: impl Fn(&str) -> Result<Arc<dyn SessionFs>> + Send + Sync + 'static,
    ) -> Self {
        let factory: SessionFsFactory = Arc::new(factory);
        SessionFsOptions { factory: Some(factory), ..Self::empty(initial_cwd.into(), state_path.into()) }
    }

    /// Posix paths, and every session's state in `store`, which the client then lists too. A session is opened there
    /// when the runtime first asks for a file: what the store cannot do is then the answer.
    pub fn store(
        initial_cwd: impl Into<String>,
        state_path: impl Into<String>,
        store: Arc<dyn Store>,
    ) -> Self {
        SessionFsOptions { opened: Some(store), ..Self::empty(initial_cwd.into(), state_path.into()) }
    }

    /// The same with the store of a URL, which is opened when the client starts.
    pub fn url(
        initial_cwd: impl Into<String>,
        state_path: impl Into<String>,
        url: impl Into<Secret>,
    ) -> Self {
        SessionFsOptions { store: Some(url.into()), ..Self::empty(initial_cwd.into(), state_path.into()) }
    }

    fn empty(initial_cwd: String, state_path: String) -> Self {
        SessionFsOptions {
            initial_cwd,
            state_path,
            conventions: Conventions::Posix,
            binary: false,
            sqlite: false,
            store: None,
            workspace: None,
            rest: None,
            cache: None,
            factory: None,
            opened: None,
        }
    }

    /// Where the files of working directories are.
    #[must_use]
    pub fn workspace(mut self, workspace: FsSource) -> Self {
        self.workspace = Some(workspace);
        self
    }

    /// Where everything else is.
    #[must_use]
    pub fn rest(mut self, rest: FsSource) -> Self {
        self.rest = Some(rest);
        self
    }

    /// Whether small files are kept in memory.
    #[must_use]
    pub fn cache(mut self, yes: bool) -> Self {
        self.cache = Some(yes);
        self
    }

    /// The store, where code gave it.
    pub(crate) fn given_store(&self) -> Option<&Arc<dyn Store>> {
        self.opened.as_ref()
    }

    /// The store, opened if a URL names it; none with a `factory`.
    pub(crate) async fn open_store(&self) -> Result<Option<Arc<dyn Store>>> {
        let Some(url) = &self.store else { return Ok(self.opened.clone()) };
        let named = |error: Error| Error::new(error.kind(), format!("sessionFs.store: {}", error.message()));
        Ok(Some(store::open(url.expose()).await.map_err(named)?))
    }

    /// Whether paths are mounted, not just handed over.
    pub(crate) fn has_mounts(&self) -> bool {
        self.factory.is_none() || self.workspace.is_some() || self.rest.is_some() || self.cache.is_some()
    }

    /// Whether the runtime is told that SQL is answered.
    pub(crate) fn grants_sqlite(&self) -> bool {
        self.sqlite || (self.factory.is_none() && cfg!(feature = "sqlite"))
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
        let capabilities =
            [("binary", self.binary || self.factory.is_none()), ("sqlite", self.grants_sqlite())];
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
        self.check_store()?;
        if !self.has_mounts() {
            return Ok(());
        }
        let workspace_is_on_disk = self.workspace.is_none() || FsSource::is_disk(&self.workspace);
        for (field, on_disk) in
            [("sessionFs.workspace", workspace_is_on_disk), ("sessionFs.rest", FsSource::is_disk(&self.rest))]
        {
            if on_disk && !(cfg!(unix) && self.conventions == Conventions::host()) {
                let text = "cannot be the disk of this machine, whose paths look different; set it to `none`, or to a \
                            provider from code";
                return Err(invalid(field, text));
            }
        }
        Ok(())
    }
}

impl SessionFsOptions {
    fn check_store(&self) -> Result<()> {
        match (&self.store, &self.opened, &self.factory) {
            (Some(url), None, None) => store::check_url(url.expose())
                .map_err(|error| Error::new(error.kind(), format!("sessionFs.store: {}", error.message()))),
            (None, Some(_), None) | (None, None, Some(_)) => Ok(()),
            (None, None, None) => Err(invalid(
                "sessionFs.store",
                "is missing; give the URL of a store, e.g. `dir:PATH`, or set `factory` from code",
            )),
            _ => Err(invalid("sessionFs.store", "is given twice, also from code; remove one")),
        }
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
            .field("has_store", &(self.store.is_some() || self.opened.is_some()))
            .field("workspace", &self.workspace)
            .field("rest", &self.rest)
            .field("cache", &self.cache)
            .field("has_factory", &self.factory.is_some())
            .finish()
    }
}
