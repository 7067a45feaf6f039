//! Several providers behind one trait, chosen by the path.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::entry::{DirEntry, FsCapabilities, FsStat};
use super::error::{FsError, FsResult};
use super::path::{Conventions, FsPath};
use super::sqlite::{SqliteOutcome, SqliteStatement, SqliteTransactionError};
use super::{FsChange, FsErrorKind, LoadedEntry, SessionFs};

/// What becomes of paths that no mount covers.
#[derive(Clone)]
pub enum Rest {
    /// Nothing is there: reads are `NotFound`, changes are `Unsupported`.
    Deny,
    /// They go to this provider, as they are.
    Provider(Arc<dyn SessionFs>),
}

/// A [`SessionFs`] that gives each path to the provider mounted nearest above it.
///
/// - The path is normalised before it is looked up, so `..` never reaches past a mount into what lies under another.
/// - A mount is not listed in the directory above it, and removing that directory does not touch the mount.
/// - A rename from one provider to another is refused, and a batch of changes in several: it could not be atomic.
/// - Names are carried over between conventions: `C:\state\a\b` is `/state/a/b` in a mount that is at `/state` inside.
/// - The database is that of the first mount, in the order they were added, that has one; else that of the rest.
///
/// ```
/// # use std::sync::Arc;
/// # use codriver::fs::{Conventions, FsPath, Mounts, Rest, SessionFs};
/// # use codriver::store::MemoryStore;
/// # fn main() -> codriver::fs::FsResult<()> {
/// # let (store, workspace) = (MemoryStore::new().open("s"), MemoryStore::new().open("w"));
/// let path = |text| FsPath::parse(text, Conventions::Posix);
/// let fs = Mounts::new(Rest::Deny)
///     .mount(path("/state")?, store.clone())
///     .mount_at(path("/home/me/.copilot/session-state/42")?, store, path("/copilot-home")?)
///     .mount(path("/project")?, workspace);
/// # let _: Arc<dyn SessionFs> = Arc::new(fs);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Mounts {
    mounts: Vec<Mount>,
    rest: Rest,
}

#[derive(Clone)]
struct Mount {
    place: Place,
    inside: FsPath,
    fs: Arc<dyn SessionFs>,
}

/// Where a mount is.
#[derive(Clone)]
enum Place {
    Prefix(FsPath),
    /// Wherever a path has these names, one after the other.
    Names(Vec<String>),
}

impl Place {
    /// How many names of the path are of the mount's own place; none where the path is not in it.
    fn depth(&self, path: &FsPath) -> Option<usize> {
        match self {
            Place::Prefix(prefix) => path.starts_with(prefix).then(|| prefix.components().count()),
            Place::Names(names) => {
                let components: Vec<_> = path.components().collect();
                let at = components.windows(names.len()).position(|window| window == names)?;
                Some(at + names.len())
            }
        }
    }
}

/// The provider of a path, and what the path is called there.
struct Route<'a> {
    fs: &'a Arc<dyn SessionFs>,
    path: FsPath,
}

/// The provider of a batch, and what its changes are called there.
struct Batch<'a> {
    fs: &'a Arc<dyn SessionFs>,
    changes: Vec<FsChange>,
}

impl Mounts {
    /// No mounts yet.
    pub fn new(rest: Rest) -> Self {
        Mounts { mounts: Vec::new(), rest }
    }

    /// Gives `prefix` and everything below it to `fs`, under the same paths.
    #[must_use]
    pub fn mount(self, prefix: FsPath, fs: Arc<dyn SessionFs>) -> Self {
        let inside = prefix.clone();
        self.mount_at(prefix, fs, inside)
    }

    /// Gives `prefix` and everything below it to `fs`, which sees `inside` in place of `prefix`. So a store does not
    /// learn where the runtime's home is on this machine.
    #[must_use]
    pub fn mount_at(mut self, prefix: FsPath, fs: Arc<dyn SessionFs>, inside: FsPath) -> Self {
        self.mounts.push(Mount { place: Place::Prefix(prefix), inside, fs });
        self
    }

    /// Gives what is below any directory whose path ends in these names to `fs`, which sees `inside` in its place: for a
    /// directory whose last names are known and whose first ones are not.
    #[must_use]
    pub(crate) fn mount_names<const N: usize>(
        mut self,
        names: [&str; N],
        fs: Arc<dyn SessionFs>,
        inside: FsPath,
    ) -> Self {
        let names = names.into_iter().map(str::to_owned).collect();
        self.mounts.push(Mount { place: Place::Names(names), inside, fs });
        self
    }

    /// The nearest mount above the path, the later one of two at the same place; `None` where the rest is denied.
    fn route(&self, path: &FsPath) -> FsResult<Option<Route<'_>>> {
        let above = self.mounts.iter().filter_map(|mount| Some((mount, mount.place.depth(path)?)));
        match above.max_by_key(|(_, depth)| *depth) {
            Some((mount, depth)) => {
                let path = path.components().skip(depth).try_fold(mount.inside.clone(), join_name)?;
                Ok(Some(Route { fs: &mount.fs, path }))
            }
            None => Ok(match &self.rest {
                Rest::Deny => None,
                Rest::Provider(fs) => Some(Route { fs, path: path.clone() }),
            }),
        }
    }

    /// The provider of all these changes, and what they are there: a batch is one provider's, or it could not be one.
    fn route_changes(&self, changes: Vec<FsChange>) -> FsResult<Option<Batch<'_>>> {
        let mut target: Option<&Arc<dyn SessionFs>> = None;
        let mut translated = Vec::with_capacity(changes.len());
        for change in changes {
            let change = change.try_map_paths(|path| {
                let to = self.for_changing(&path)?;
                if target.is_some_and(|fs| !Arc::ptr_eq(fs, to.fs)) {
                    let text = format!("{path} and what is changed with it are not in the same store");
                    return Err(FsError::unsupported(text));
                }
                target = Some(to.fs);
                Ok(to.path)
            })?;
            translated.push(change);
        }
        Ok(target.map(|fs| Batch { fs, changes: translated }))
    }

    fn for_reading(&self, path: &FsPath) -> FsResult<Route<'_>> {
        self.route(path)?.ok_or_else(|| FsError::not_found(path))
    }

    fn for_changing(&self, path: &FsPath) -> FsResult<Route<'_>> {
        self.route(path)?.ok_or_else(|| FsError::unsupported(format!("no mount covers {path}")))
    }

    fn providers(&self) -> impl Iterator<Item = &Arc<dyn SessionFs>> {
        let rest = match &self.rest {
            Rest::Deny => None,
            Rest::Provider(fs) => Some(fs),
        };
        self.mounts.iter().map(|mount| &mount.fs).chain(rest)
    }

    fn with_sqlite(&self) -> Option<&Arc<dyn SessionFs>> {
        self.providers().find(|fs| fs.capabilities().sqlite)
    }
}

/// Adds one name, which must be one name also by the conventions of where it comes to.
fn join_name(directory: FsPath, name: &str) -> FsResult<FsPath> {
    if directory.conventions() == Conventions::Windows && name.contains('\\') {
        return Err(FsError::invalid_path(format!("the name has a separator of Windows: {name:?}")));
    }
    directory.join(name)
}

#[async_trait]
impl SessionFs for Mounts {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        let to = self.for_reading(path)?;
        to.fs.read(&to.path).await
    }

    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        let to = self.for_changing(path)?;
        to.fs.write(&to.path, content, mode).await
    }

    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        let to = self.for_changing(path)?;
        to.fs.append(&to.path, content, mode).await
    }

    async fn exists(&self, path: &FsPath) -> FsResult<bool> {
        match self.route(path)? {
            Some(to) => to.fs.exists(&to.path).await,
            None => Ok(false),
        }
    }

    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        let to = self.for_reading(path)?;
        to.fs.stat(&to.path).await
    }

    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        let to = self.for_changing(path)?;
        to.fs.mkdir(&to.path, recursive, mode).await
    }

    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        let to = self.for_reading(path)?;
        to.fs.read_dir(&to.path).await
    }

    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        match self.for_reading(path) {
            Ok(to) => to.fs.remove(&to.path, recursive, force).await,
            Err(error) if force && error.kind() == FsErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        let (source, target) = (self.for_reading(from)?, self.for_changing(to)?);
        if !Arc::ptr_eq(source.fs, target.fs) {
            return Err(FsError::unsupported(format!("{from} and {to} are not in the same store")));
        }
        source.fs.rename(&source.path, &target.path).await
    }

    /// Refused where the changes are of more than one provider.
    async fn apply(&self, changes: Vec<FsChange>) -> FsResult<()> {
        match self.route_changes(changes)? {
            Some(Batch { fs, changes }) => fs.apply(changes).await,
            None => Ok(()),
        }
    }

    /// What is in the mount of that directory; other mounts below it are not in it.
    async fn load(&self, below: &FsPath, max_file_bytes: u64) -> FsResult<Vec<LoadedEntry>> {
        let Some(to) = self.route(below)? else { return Ok(Vec::new()) };
        let mut loaded = to.fs.load(&to.path, max_file_bytes).await?;
        let depth = to.path.components().count();
        for entry in &mut loaded {
            let outside = entry.path.components().skip(depth).try_fold(below.clone(), join_name)?;
            entry.path = outside;
        }
        Ok(loaded)
    }

    async fn flush(&self) -> FsResult<()> {
        for fs in self.providers() {
            fs.flush().await?;
        }
        Ok(())
    }

    fn capabilities(&self) -> FsCapabilities {
        let binary = self.providers().all(|fs| fs.capabilities().binary);
        FsCapabilities::default().with_binary(binary).with_sqlite(self.with_sqlite().is_some())
    }

    async fn sqlite_query(&self, statement: SqliteStatement) -> FsResult<SqliteOutcome> {
        match self.with_sqlite() {
            Some(fs) => fs.sqlite_query(statement).await,
            None => Err(FsError::unsupported("no mount has a SQLite database")),
        }
    }

    async fn sqlite_transaction(
        &self,
        statements: Vec<SqliteStatement>,
    ) -> Result<Vec<SqliteOutcome>, SqliteTransactionError> {
        match self.with_sqlite() {
            Some(fs) => fs.sqlite_transaction(statements).await,
            None => Err(SqliteTransactionError::fatal("no mount has a SQLite database")),
        }
    }

    async fn sqlite_exists(&self) -> FsResult<bool> {
        match self.with_sqlite() {
            Some(fs) => fs.sqlite_exists().await,
            None => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests;
