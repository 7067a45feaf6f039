//! The layers of one session's filesystem: what the runtime's paths lead to, and what is between it and the store.
//!
//! ```text
//! FsServer
//! └ Mounts   state path → /state · …/session-state/<id> → /runtime · workspace · the rest
//!   └ LazyFs         opens what is below when the runtime first asks
//!     └ SqlFs        the session's database, in /codriver
//!       └ CachedFs   where the store is far
//!         └ the session in its store, by the layout of every store
//! ```
//!
//! The runtime's second root is below its home, which depends on its environment (`COPILOT_HOME`, `HOME`) and is on another
//! machine's disk where the runtime is. So it is known by its end, `session-state/<session id>`, wherever it begins [P].

use std::sync::Arc;

use super::{CachedFs, LazyFs, Store, layout};
use crate::error::Result;
#[cfg(unix)]
use crate::fs::DiskFs;
#[cfg(feature = "sqlite")]
use crate::fs::SqlFs;
use crate::fs::{Conventions, FsCapabilities, FsPath, FsResult, Mounts, Rest, SessionFs};
use crate::options::{FsSource, SessionConfig, SessionFsFactory, SessionFsOptions};

/// The last directory of the second root but the session's own.
const SESSION_STATE: &str = "session-state";
/// The database of a session whose provider sees the runtime's own paths, below the state path.
const OWN_DATABASE: &str = "session.db";

/// Makes the filesystem of each session of a client.
pub(crate) struct SessionFiles {
    options: SessionFsOptions,
    store: Option<Arc<dyn Store>>,
    /// Whether the runtime could have what is on this machine's disk without us.
    is_ours: bool,
}

/// Who has the state of one session.
#[derive(Clone)]
enum Kept {
    In(Arc<dyn Store>),
    By(SessionFsFactory),
}

impl SessionFiles {
    /// Opens the store that the options name; it is then used for every connection.
    ///
    /// # Errors
    /// Those of [`open`](super::open), with the field `sessionFs.store`.
    pub(crate) async fn open(options: &SessionFsOptions, is_ours: bool) -> Result<Self> {
        let store = options.open_store().await?;
        Ok(SessionFiles { options: options.clone(), store, is_ours })
    }

    /// The store, where there is one.
    pub(crate) fn store(&self) -> Option<&Arc<dyn Store>> {
        self.store.as_ref()
    }

    /// How paths look.
    pub(crate) fn conventions(&self) -> Conventions {
        self.options.conventions
    }

    /// The filesystem of a session that begins with this config. Nothing is asked of the store yet.
    pub(crate) fn session(&self, id: &str, config: &SessionConfig) -> Result<Arc<dyn SessionFs>> {
        let kept = match (&self.store, &self.options.factory) {
            (None, Some(factory)) if !self.options.has_mounts() => {
                let place = FsPath::parse(&self.options.state_path, self.options.conventions)?;
                return Ok(with_sql(factory(id)?, self.options.grants_sqlite(), place.join(OWN_DATABASE)?));
            }
            (None, Some(factory)) => Kept::By(factory.clone()),
            (Some(store), _) => Kept::In(store.clone()),
            (None, None) => return Ok(Arc::new(Mounts::new(Rest::Deny))),
        };
        let cached = match &kept {
            Kept::In(store) => self.options.cache.unwrap_or_else(|| store.is_far()),
            Kept::By(_) => self.options.cache.unwrap_or(false),
        };
        let sqlite = self.options.grants_sqlite();
        let stored: Arc<dyn SessionFs> =
            Arc::new(LazyFs::opened_by(FsCapabilities::default().with_sqlite(sqlite), {
                let id = id.to_owned();
                move || Box::pin(open_session(kept.clone(), id.clone(), cached, sqlite))
            }));
        Ok(Arc::new(self.mount(id, config, stored)?))
    }

    fn mount(&self, id: &str, config: &SessionConfig, stored: Arc<dyn SessionFs>) -> Result<Mounts> {
        let workspace = self.options.workspace.clone().unwrap_or(FsSource::Disk);
        let rest = match &self.options.rest {
            Some(rest) => rest.clone(),
            None if self.is_ours && matches!(workspace, FsSource::Disk) => FsSource::Disk,
            None => FsSource::None,
        };
        let mut mounts = match provider(&rest, id)? {
            Some(fs) => Mounts::new(Rest::Provider(fs)),
            None => Mounts::new(Rest::Deny),
        };
        let workspace = match provider(&workspace, id)? {
            Some(fs) => fs,
            // Not the rest's either.
            None => Arc::new(Mounts::new(Rest::Deny)),
        };
        for directory in self.directories(config) {
            mounts = mounts.mount(directory, workspace.clone());
        }
        let state_path = FsPath::parse(&self.options.state_path, self.options.conventions)?;
        Ok(mounts.mount_at(state_path, stored.clone(), layout::path(layout::STATE)).mount_names(
            [SESSION_STATE, id],
            stored,
            layout::path(layout::RUNTIME),
        ))
    }

    /// The directories that the session works in. What the runtime would refuse too is passed over.
    fn directories(&self, config: &SessionConfig) -> Vec<FsPath> {
        let own = config.working_directory.as_deref().unwrap_or(&self.options.initial_cwd);
        let more = config.additional_directories.iter().flatten().map(String::as_str);
        [own]
            .into_iter()
            .chain(more)
            .filter_map(|d| FsPath::parse(d, self.options.conventions).ok())
            .collect()
    }
}

fn provider(source: &FsSource, id: &str) -> Result<Option<Arc<dyn SessionFs>>> {
    match source {
        #[cfg(unix)]
        FsSource::Disk => Ok(Some(Arc::new(DiskFs::new()))),
        // Refused when the options were validated.
        #[cfg(not(unix))]
        FsSource::Disk => Ok(None),
        FsSource::None => Ok(None),
        FsSource::Provider(factory) => factory(id).map(Some),
    }
}

/// Opens a session in its store and puts the layers on it.
async fn open_session(kept: Kept, id: String, cached: bool, sqlite: bool) -> FsResult<Arc<dyn SessionFs>> {
    let fs = match kept {
        Kept::In(store) => store.open(&id).await?,
        Kept::By(factory) => factory(&id)?,
    };
    let fs = if cached { Arc::new(CachedFs::new(fs)) } else { fs };
    Ok(with_sql(fs, sqlite, layout::path(layout::DATABASE)))
}

/// Gives a filesystem that answers no SQL a database at `place`, where the runtime was told that there is one.
#[cfg(feature = "sqlite")]
fn with_sql(fs: Arc<dyn SessionFs>, granted: bool, place: FsPath) -> Arc<dyn SessionFs> {
    match granted && !fs.capabilities().sqlite {
        true => Arc::new(SqlFs::new(fs, place)),
        false => fs,
    }
}

/// Without SQLite in the library, a provider answers by itself or not at all.
#[cfg(not(feature = "sqlite"))]
fn with_sql(fs: Arc<dyn SessionFs>, _granted: bool, _place: FsPath) -> Arc<dyn SessionFs> {
    fs
}

#[cfg(test)]
mod tests;
