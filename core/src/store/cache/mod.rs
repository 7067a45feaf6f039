//! An honest cache of one session: small files in memory, and few ways to a store that is far.
//!
//! - **Reads.** The first call loads the names of all files and the content of the small ones, in one round trip. From then on
//!   `exists`, `stat`, `read_dir` and `read` of a small file ask nobody. A large file and the event log are read from the store.
//! - **Changes go to the store before they are acknowledged**, but for two that nothing is lost by: a directory that
//!   is made, and a small temporary file (`NAME.tmp.<uuid>`), which the runtime writes to rename it over its target. These
//!   are held back and go with the next change, in one [`apply`](SessionFs::apply): so a file that is replaced is one round trip.
//!   Alone they go after 200 ms, with [`flush`](SessionFs::flush), and when the cache is dropped within a tokio runtime.
//! - **After a crash** the store is as if the crash had been before what was held back, and has every other change that was
//!   acknowledged. What is held back never has a change behind it in the store, so the order is kept (DESIGN I21).
//! - **Where a change fails**, what was held back stays so and goes with the next change: the error is that change's, or, for
//!   one that went alone, a warning, after which nothing is held back until a change succeeds. What the store refuses of what was
//!   held back is dropped, with a warning. What is believed is forgotten and loaded again, as nobody knows what the store did. A caller that stops waiting changes nothing: the
//!   change goes on, and later ones wait for its end.
//! - **One process at a time**: what another process changes in the session is not seen, except in the event log's
//!   content. Stores have no leases yet.
//! - At most 1 MiB of content is kept, and nothing of a session with more than 4,096 files and directories.

mod view;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::runtime::Handle;
use uuid::Uuid;

use self::view::{MAX_FILE_BYTES, View};
use super::layout;
use crate::fs::{
    Conventions, DirEntry, FsCapabilities, FsChange, FsError, FsErrorKind, FsPath, FsResult, FsStat,
    LoadedEntry, SessionFs, SqliteOutcome, SqliteStatement, SqliteTransactionError,
};

/// How long a change is held back that no other follows.
const HELD_FOR: Duration = Duration::from_millis(200);

/// How many changes are held back at most.
const MAX_HELD: usize = 64;

/// A cache over the filesystem of one session with posix paths. What it promises is in short: everything acknowledged is
/// in the store, but for empty directories and temporary files of the last moment (200 ms).
///
/// - Reads of small files, names and sizes are answered from memory after one [`load`](SessionFs::load).
/// - A change is in the store before it is acknowledged. Only a new directory, and a small file `NAME.tmp.<uuid>`, are
///   held back; they go to the store together with the next change, by [`apply`](SessionFs::apply), or by themselves soon.
/// - After an error the session is loaded again. What was held back is tried again with the next change, and dropped
///   where the store refuses it.
/// - What another process changes meanwhile is not seen, but for the content of large files and of the event log.
/// - At most 1 MiB is kept; a session of more than 4,096 files and directories is not cached.
///
/// Must be used within a tokio runtime.
pub struct CachedFs {
    cache: Arc<Cache>,
}

struct Cache {
    fs: Arc<dyn SessionFs>,
    /// Held by whoever changes or loads the session.
    turn: Arc<tokio::sync::Mutex<()>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: Knowledge,
    /// Acknowledged, part of what is known, and not in the store yet; in order.
    held: Vec<FsChange>,
    /// Whether a task will store what is held back.
    is_due: bool,
    /// What was held back could not be stored when its time had come.
    must_tell: bool,
}

/// What is known of the session.
#[derive(Default)]
enum Knowledge {
    #[default]
    Nothing,
    All(View),
    /// There is too much of it: nothing is cached or held back any more.
    TooMuch,
}

impl CachedFs {
    /// A cache over a session that only this process changes. Nothing is asked yet.
    pub fn new(fs: Arc<dyn SessionFs>) -> Self {
        CachedFs { cache: Arc::new(Cache { fs, turn: Arc::default(), state: Mutex::default() }) }
    }

    /// An answer from memory; none where only the store can tell.
    async fn look<T>(
        &self,
        path: &FsPath,
        look: impl Fn(&View) -> FsResult<T> + Send,
    ) -> FsResult<Option<T>> {
        check(path)?;
        if let Knowledge::All(view) = &self.cache.state().known {
            return look(view).map(Some);
        }
        let _turn = self.cache.turn.lock().await;
        self.cache.know().await?;
        match &self.cache.state().known {
            Knowledge::All(view) => look(view).map(Some),
            _ => Ok(None),
        }
    }

    /// Runs `work` in its turn, to its end: whoever stops waiting for it does not stop it.
    async fn in_turn<Fut>(&self, work: impl FnOnce(Arc<Cache>) -> Fut) -> FsResult<()>
    where
        Fut: Future<Output = FsResult<()>> + Send + 'static,
    {
        let turn = Arc::clone(&self.cache.turn).lock_owned().await;
        let work = work(Arc::clone(&self.cache));
        let task = tokio::spawn(async move {
            let result = work.await;
            drop(turn);
            result
        });
        match task.await {
            Ok(result) => result,
            Err(error) if error.is_panic() => Err(FsError::io("the filesystem operation panicked")),
            Err(_cancelled) => Err(FsError::io("the process is stopping")),
        }
    }

    async fn change(&self, change: FsChange) -> FsResult<()> {
        check(change.path())?;
        self.in_turn(|cache| async move {
            cache.know().await?;
            match cache.hold_back(&change)? {
                true => Ok(()),
                false => cache.store(vec![change]).await,
            }
        })
        .await
    }
}

fn check(path: &FsPath) -> FsResult<()> {
    match path.conventions() {
        Conventions::Posix => Ok(()),
        Conventions::Windows => Err(FsError::unsupported("a cached session has posix paths")),
    }
}

/// A file that the runtime will rename over another: `NAME.tmp.<uuid>` [P].
fn is_temporary(path: &FsPath) -> bool {
    let suffix = path.file_name().and_then(|name| name.rsplit_once(".tmp."));
    suffix.is_some_and(|(_, id)| Uuid::try_parse(id).is_ok())
}

impl Cache {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Loads the session unless it is known. Who calls it has the turn.
    async fn know(&self) -> FsResult<()> {
        if !matches!(self.state().known, Knowledge::Nothing) {
            return Ok(());
        }
        let loaded = self.fs.load(&layout::path("/"), MAX_FILE_BYTES).await?;
        let Some(mut view) = View::of(loaded) else {
            self.store(Vec::new()).await?;
            self.state().known = Knowledge::TooMuch;
            return Ok(());
        };
        let mut state = self.state();
        // The store may have taken a part of what was held back when it failed.
        state.held.retain(|change| {
            let made = if view.has(change) { Ok(false) } else { view.make(change).map(|()| true) };
            made.unwrap_or_else(|error| {
                tracing::warn!(%error, path = %change.path(), "the store is not as it was: what was held back is dropped");
                false
            })
        });
        state.known = Knowledge::All(view);
        Ok(())
    }

    /// Makes the change here only, if it is one that can wait; tells whether it was.
    fn hold_back(self: &Arc<Self>, change: &FsChange) -> FsResult<bool> {
        let mut state = self.state();
        let State { known, held, is_due, must_tell } = &mut *state;
        let Knowledge::All(view) = known else { return Ok(false) };
        match change {
            _ if view.has(change) && matches!(change, FsChange::Mkdir { .. }) => return Ok(true),
            _ if *must_tell || view.is_full() || held.len() >= MAX_HELD => return Ok(false),
            FsChange::Mkdir { .. } => {}
            FsChange::Write { path, content, .. } if is_temporary(path) && view.keeps(path, content) => {}
            _ => return Ok(false),
        }
        view.make(change)?;
        held.push(change.clone());
        if !std::mem::replace(is_due, true) {
            tokio::spawn(store_when_due(Arc::downgrade(self)));
        }
        Ok(true)
    }

    /// Makes the changes in the store, behind what is held back. Who calls it has the turn.
    async fn store(&self, changes: Vec<FsChange>) -> FsResult<()> {
        let stored = self.store_together(&changes).await;
        match &stored {
            Err(error) if error.write_changed() == Some(false) && self.store_held().await? => {
                self.store_together(&changes).await
            }
            _ => stored,
        }
    }

    async fn store_together(&self, changes: &[FsChange]) -> FsResult<()> {
        let mut batch = self.state().held.clone();
        let held = batch.len();
        batch.extend(changes.iter().cloned());
        if batch.is_empty() {
            return Ok(());
        }
        let mut doubt = Doubt { cache: self, is_over: false };
        let stored = self.fs.apply(batch).await;
        // A single change that was refused is no change.
        let refused =
            |error: &FsError| error.write_changed() == Some(false) || error.kind() == FsErrorKind::NotFound;
        match &stored {
            Ok(()) => {
                doubt.is_over = true;
                self.state().stored(held, changes);
            }
            Err(error) => doubt.is_over = (held, changes.len()) == (0, 1) && refused(error),
        }
        stored
    }

    /// Stores what is held back one by one, after a refusal that may be meant for it, and drops what is refused: it must not
    /// stand in the way of all that comes. Whether there was anything.
    async fn store_held(&self) -> FsResult<bool> {
        let mut had_some = false;
        loop {
            let Some(change) = self.state().held.first().cloned() else { return Ok(had_some) };
            had_some = true;
            let path = change.path().clone();
            match self.fs.apply(vec![change]).await {
                Err(error) if error.write_changed() == Some(false) => {
                    tracing::warn!(%error, %path, "what was held back is refused by the store, and dropped");
                }
                stored => stored?,
            }
            self.state().held.remove(0);
        }
    }
}

impl State {
    /// What is known is loaded again when it is needed.
    fn forget(&mut self) {
        if !matches!(self.known, Knowledge::TooMuch) {
            self.known = Knowledge::Nothing;
        }
    }

    /// Follows what the store did.
    fn stored(&mut self, held: usize, changes: &[FsChange]) {
        self.held.drain(..held);
        self.must_tell = false;
        let Knowledge::All(view) = &mut self.known else { return };
        if changes.iter().try_for_each(|change| view.make(change)).is_err() {
            // The store took what should not have been possible: it is not as it was believed to be.
            self.known = Knowledge::Nothing;
        } else if view.is_full() {
            self.known = Knowledge::TooMuch;
        }
    }
}

/// Forgets what is known when it is dropped before it is over.
struct Doubt<'a> {
    cache: &'a Cache,
    is_over: bool,
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.cache.state().forget();
        }
    }
}

/// Stores what is held back when nothing else has.
async fn store_when_due(cache: Weak<Cache>) {
    tokio::time::sleep(HELD_FOR).await;
    let Some(cache) = cache.upgrade() else { return };
    let turn = Arc::clone(&cache.turn).lock_owned().await;
    cache.state().is_due = false;
    if let Err(error) = cache.store(Vec::new()).await {
        tracing::warn!(%error, "what was held back could not be stored; the next change tries again");
        cache.state().must_tell = true;
    }
    drop(turn);
}

impl Drop for Cache {
    fn drop(&mut self) {
        let held = std::mem::take(&mut self.state.get_mut().unwrap_or_else(PoisonError::into_inner).held);
        if held.is_empty() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            let count = held.len();
            tracing::warn!(
                count,
                "directories and temporary files were not stored: there is no tokio runtime"
            );
            return;
        };
        let fs = Arc::clone(&self.fs);
        runtime.spawn(async move {
            if let Err(error) = fs.apply(held).await {
                tracing::warn!(%error, "directories and temporary files could not be stored at the session's end");
            }
        });
    }
}

#[async_trait]
impl SessionFs for CachedFs {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        match self.look(path, |view| view.read(path)).await?.flatten() {
            Some(content) => Ok(content),
            None => self.cache.fs.read(path).await,
        }
    }

    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.change(FsChange::Write { path: path.clone(), content, mode }).await
    }

    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.change(FsChange::Append { path: path.clone(), content, mode }).await
    }

    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        match self.look(path, |view| view.stat(path)).await? {
            Some(stat) => Ok(stat),
            None => self.cache.fs.stat(path).await,
        }
    }

    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        if !recursive && let Some(parent) = path.parent() {
            self.read_dir(&parent).await?;
        }
        self.change(FsChange::Mkdir { path: path.clone(), mode }).await
    }

    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        match self.look(path, |view| view.read_dir(path)).await? {
            Some(entries) => Ok(entries),
            None => self.cache.fs.read_dir(path).await,
        }
    }

    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.change(FsChange::Remove { path: path.clone(), recursive, force }).await
    }

    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        check(to)?;
        self.change(FsChange::Rename { from: from.clone(), to: to.clone() }).await
    }

    /// As one change: nothing of it is held back.
    async fn apply(&self, changes: Vec<FsChange>) -> FsResult<()> {
        changes.iter().try_for_each(|change| check(change.path()))?;
        self.in_turn(|cache| async move {
            cache.know().await?;
            cache.store(changes).await
        })
        .await
    }

    async fn load(&self, below: &FsPath, max_file_bytes: u64) -> FsResult<Vec<LoadedEntry>> {
        self.in_turn(|cache| async move { cache.store(Vec::new()).await }).await?;
        self.cache.fs.load(below, max_file_bytes).await
    }

    /// Also lets go of what is in memory; a later call would load it again.
    async fn flush(&self) -> FsResult<()> {
        self.in_turn(|cache| async move {
            cache.store(Vec::new()).await?;
            cache.state().forget();
            cache.fs.flush().await
        })
        .await
    }

    fn capabilities(&self) -> FsCapabilities {
        self.cache.fs.capabilities()
    }

    async fn sqlite_query(&self, statement: SqliteStatement) -> FsResult<SqliteOutcome> {
        self.cache.fs.sqlite_query(statement).await
    }

    async fn sqlite_transaction(
        &self,
        statements: Vec<SqliteStatement>,
    ) -> Result<Vec<SqliteOutcome>, SqliteTransactionError> {
        self.cache.fs.sqlite_transaction(statements).await
    }

    async fn sqlite_exists(&self) -> FsResult<bool> {
        self.cache.fs.sqlite_exists().await
    }
}

#[cfg(test)]
pub(super) mod far;
#[cfg(test)]
mod tests;
