//! Who plays: a runtime in a home of its own, and whoever speaks for the model.

use std::fmt;
use std::path::{Path, PathBuf};

use codriver::options::SessionFsOptions;
use codriver::{Client, Error, ErrorKind, Result};
use tempfile::TempDir;

use super::Args;
use crate::output::{Output, printable};
use crate::provider::{Model, nobody_answers};
use crate::run::stop;

/// The name a scripted model goes by; it does not look at it.
const SCRIPTED: &str = "scripted-model";

/// Who plays.
pub(crate) struct Cast {
    pub(crate) client: Client,
    pub(crate) model: Model,
    pub(crate) brain: Brain,
    /// The runtime's own home.
    pub(crate) home: PathBuf,
}

/// Who speaks for the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Brain {
    /// A provider of the user's own, and its model.
    Provider(String),
    /// Copilot, by somebody's login.
    Login(String),
    /// The stand-in.
    Scripted,
}

impl Brain {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Brain::Provider(_) => "provider",
            Brain::Login(_) => "login",
            Brain::Scripted => "scripted",
        }
    }
}

impl fmt::Display for Brain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Brain::Provider(model) => write!(f, "{} of your own provider", printable(model)),
            Brain::Login(who) => write!(f, "GitHub Copilot, logged in as {}", printable(who)),
            Brain::Scripted => {
                f.write_str("a scripted stand-in on this machine: no login and no provider was found")
            }
        }
    }
}

/// Starts a runtime that has a model to talk to, and keeps its sessions as `session_fs` says. The client is put into `slot`
/// as soon as there is one.
///
/// A login may be stored in the user's own Copilot home. Where there is none, and for every other model, the home is `home`.
pub(crate) async fn gather(
    args: &Args,
    home: &Path,
    session_fs: SessionFsOptions,
    slot: &mut Option<Client>,
    out: Output,
) -> Result<Cast> {
    let model = args.provider.model()?;
    let homes = match (&args.runtime.base_directory, &model.provider) {
        (Some(given), _) => vec![given.clone()],
        (None, Some(_)) => vec![home.to_owned()],
        (None, None) => users_home().into_iter().chain([home.to_owned()]).collect(),
    };
    let mut last = home.to_owned();
    for home in homes {
        let mut options = args.runtime.client_options(&model).session_fs(session_fs.clone());
        options.base_directory = Some(home.clone());
        let client = slot.insert(Client::new(options)?).clone();
        client.connect().await?;
        if model.provider.is_some() {
            let brain = Brain::Provider(model.name.clone().unwrap_or_default());
            return Ok(Cast { client, model, brain, home });
        }
        let login = client.get_auth_status().await?;
        if login.is_authenticated {
            let brain = Brain::Login(login.login.unwrap_or_else(|| "somebody".to_owned()));
            return Ok(Cast { client, model, brain, home });
        }
        stop(&client, out).await;
        last = home;
    }
    let nobody = || nobody_answers(&args.runtime.client_options(&model));
    let url = args.scripted_model.as_deref().ok_or_else(nobody)?;
    // The last one was the right home; it only has to be started again.
    let client = slot.clone().ok_or_else(nobody)?;
    client.connect().await?;
    Ok(Cast { client, model: Model::of_provider(url, SCRIPTED), brain: Brain::Scripted, home: last })
}

/// The user's Copilot home, where a runtime has been before: there may be a login in it.
fn users_home() -> Option<PathBuf> {
    let given = std::env::var_os("COPILOT_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    given
        .or_else(|| Some(std::env::home_dir()?.join(".copilot")))
        .filter(|home| home.join("config.json").is_file())
}

/// A directory that goes away with its handle.
pub(crate) fn scratch() -> Result<TempDir> {
    tempfile::Builder::new().prefix("codriver-demo-").tempdir().map_err(|error| {
        let text =
            format!("no temporary directory can be made in {}: {error}", std::env::temp_dir().display());
        Error::new(ErrorKind::FsIo, text)
    })
}

/// Version and process id of a client's runtime.
pub(crate) fn describe(client: &Client) -> String {
    let version = client.runtime().map(|info| info.version).unwrap_or_default();
    format!("{version} (pid {})", client.runtime_pid().unwrap_or_default())
}
