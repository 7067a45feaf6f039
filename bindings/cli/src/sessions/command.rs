//! The command line of `codriver sessions`.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use codriver::protocol::results::SessionListFilter;
use codriver::{Error, ErrorKind, Result};

use crate::provider::RuntimeArgs;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The sessions of this store, without any runtime: `dir:PATH`, `sqlite:PATH` or `sqlite-dir:PATH` [default: those of the runtime].
    #[arg(long, value_name = "URL", global = true)]
    pub(super) store: Option<String>,

    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// All of them, or those that match every filter exactly.
    List(List),
    /// What is known of one, and what is in it. Reads only.
    Show(One),
    /// The stored events of one; with --json, an event a line as it was stored.
    Events(One),
    /// Erases sessions, in the order given, up to the first that cannot be.
    Delete(Several),
    /// Makes a session with the history of another, in a store.
    Fork(Fork),
    /// Writes a session of a store into a new file: a tar with SHA-256 sums.
    Export(Export),
    /// Makes a session in a store of what `export` wrote; overwrites nothing.
    Import(Import),
}

#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Only sessions of this working directory.
    #[arg(long, value_name = "DIR")]
    cwd: Option<PathBuf>,
    /// Only sessions of the git repository with this root.
    #[arg(long, value_name = "DIR")]
    git_root: Option<PathBuf>,
    /// Only sessions of this repository.
    #[arg(long, value_name = "OWNER/NAME")]
    repository: Option<String>,
    /// Only sessions of this branch.
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct One {
    /// The session's id.
    pub(super) id: String,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Several {
    /// The sessions' ids.
    #[arg(required = true)]
    pub(super) ids: Vec<String>,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Fork {
    /// The session's id.
    pub(super) id: String,
    /// The id of the new session.
    pub(super) new_id: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The session's id.
    pub(super) id: String,
    /// The file to write, which must not be there.
    pub(super) file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// A file that `export` wrote.
    pub(super) file: PathBuf,
    /// The id of the session [default: the one it had].
    #[arg(long, value_name = "ID")]
    pub(super) id: Option<String>,
}

impl Args {
    /// Refuses what clap lets through: which of the two it is about must be clear.
    pub(super) fn check(&self) -> Result<()> {
        let runtime = self.command.runtime();
        let refuse = |why: &str| Err(Error::new(ErrorKind::InvalidArgument, why));
        match (&self.store, runtime) {
            (None, None) => {
                refuse("--store: is missing; forks and archives are made of the sessions of a store")
            }
            (Some(_), Some(runtime)) if runtime.cli_path.is_some() => {
                refuse("--cli-path: has no meaning with --store, which needs no runtime")
            }
            (Some(_), Some(runtime)) if runtime.base_directory.is_some() => {
                refuse("--base-directory: has no meaning with --store, which needs no runtime")
            }
            (Some(url), _) => check_lasts(url),
            (None, _) => Ok(()),
        }
    }
}

/// Refuses a store that ends with this program.
pub(crate) fn check_lasts(url: &str) -> Result<()> {
    match url {
        "memory:" => {
            let text = "--store: `memory:` ends with this program; give `dir:PATH`, `sqlite:PATH` or `sqlite-dir:PATH`";
            Err(Error::new(ErrorKind::InvalidArgument, text))
        }
        _ => Ok(()),
    }
}

impl Command {
    /// Which runtime it would ask; none for what only a store can do.
    pub(super) fn runtime(&self) -> Option<&RuntimeArgs> {
        match self {
            Command::List(list) => Some(&list.runtime),
            Command::Show(one) | Command::Events(one) => Some(&one.runtime),
            Command::Delete(several) => Some(&several.runtime),
            Command::Fork(_) | Command::Export(_) | Command::Import(_) => None,
        }
    }
}

impl List {
    pub(super) fn filter(&self) -> SessionListFilter {
        let mut filter = SessionListFilter::new();
        filter.cwd = self.cwd.as_deref().map(absolute);
        filter.git_root = self.git_root.as_deref().map(absolute);
        filter.repository = self.repository.clone();
        filter.branch = self.branch.clone();
        filter
    }
}

/// A directory as the runtime knows it.
fn absolute(path: &Path) -> String {
    path.canonicalize().unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
}
