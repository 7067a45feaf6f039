//! A database for every session: SQL over any filesystem.
//!
//! **Where it is.** In the filesystem below, at the path that [`SqlFs::new`] is given: a small head, and beside it a log of
//! changed pages (`PATH-1`, later `PATH-2` …). The head names the format, its version, the last change, and how much of
//! which log holds; a version that this library does not know is refused. A session without a database has neither.
//!
//! **What a change costs.** One [`SessionFs::apply`]: the changed pages of 1 KiB are appended to the log, and the head is
//! replaced; a row in a small table is about 4 KB. When the log has more than twice the bytes of the database and 64 KiB,
//! it is begun anew. Reading costs one read of the head while the database is in memory; after 30 s without a
//! statement it is not, and the next one reads the log too. The size is limited (64 MiB, [`SqlFs::with_max_bytes`]); what would
//! go over it fails and changes nothing.
//!
//! **What holds.**
//! - A change is in the filesystem before it is acknowledged. A failed call changes nothing, also one of several
//!   statements. What a crash leaves is the old or the new state, if each single operation of the filesystem is
//!   atomic (I24).
//! - Several processes may change one database where the filesystem's `apply` is all or none, as in every store of this
//!   crate: who finds the head changed reads it anew and runs the statements again, and after some tries says so.
//! - `BEGIN` may come in one call and `COMMIT` in a later one, as the runtime sends them. Until then nothing is stored; the
//!   transaction is rolled back after 30 s without a statement, where another process changed the database, and where SQLite
//!   does it (a statement that ran too long, a full database): the call that fails says so, or else the next one.
//! - A statement reaches nothing but this database: no `ATTACH`, `VACUUM`, extension, or pragma that names a file. It ends
//!   with its time (20 s, [`SqlFs::with_time_limit`]), and when nobody waits for it any more. What it answers has at most
//!   32 MiB; what it sorts is limited by its time only.

mod engine;
mod guard;
mod kept;
mod pages;
mod value;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Mutex;

use self::engine::Engine;
use self::guard::{Stop, StopOnDrop};
use self::kept::{Kept, Place};
use super::blocking::blocking;
use super::{
    DirEntry, FsCapabilities, FsChange, FsError, FsErrorKind, FsPath, FsResult, FsStat, LoadedEntry,
    SessionFs, SqliteErrorClass, SqliteOutcome, SqliteStatement, SqliteTransactionError,
};

/// The size of a database, unless said otherwise.
const MAX_BYTES: u64 = 64 << 20;
/// The time of a call, unless said otherwise: below the deadline of a call of the runtime (I22).
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// How long a database stays in memory after its last use.
const IDLE: Duration = Duration::from_secs(30);
/// How often statements are run when others change the database meanwhile.
const TRIES: u32 = 10;

/// A filesystem with a database in it, which answers the `sqlite_*` calls; everything else goes to the filesystem below.
/// The module says what holds and what it costs.
///
/// ```
/// # use std::sync::Arc;
/// # use codriver::fs::{Conventions, FsPath, SessionFs, SqlFs, SqliteQueryType, SqliteStatement};
/// # use codriver::store::MemoryStore;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> codriver::fs::FsResult<()> {
/// let path = FsPath::parse("/codriver/session.db", Conventions::Posix)?;
/// let fs = SqlFs::new(MemoryStore::new().open("session"), path);
/// let statement = |query: &str, query_type| SqliteStatement { query: query.into(), query_type, params: None };
/// fs.sqlite_query(statement("CREATE TABLE todos (title TEXT)", SqliteQueryType::Exec)).await?;
/// fs.sqlite_query(statement("INSERT INTO todos VALUES ('read')", SqliteQueryType::Run)).await?;
/// let found = fs.sqlite_query(statement("SELECT title FROM todos", SqliteQueryType::Query)).await?;
/// assert_eq!(found.rows[0]["title"], "read");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqlFs {
    shared: Arc<Shared>,
    max_bytes: u64,
    time_limit: Duration,
}

struct Shared {
    place: Place,
    /// Held for a whole call: statements of one database run one after the other.
    turn: Mutex<State>,
}

/// The database in memory, while it is in use.
struct State {
    open: Option<Open>,
    used: tokio::time::Instant,
    /// Whether a task waits to close it.
    watched: bool,
    /// Whether a transaction was rolled back because it was idle for too long, and nobody was told yet.
    expired: bool,
}

struct Open {
    kept: Kept,
    engine: Option<Engine>,
}

/// The statements of one call.
struct Call {
    statements: Vec<SqliteStatement>,
    together: bool,
}

impl SqlFs {
    /// A database at `path` of `below`: that file and those beside it whose name begins with its name and `-` belong to
    /// it. It is made by the first statement that changes something.
    pub fn new(below: Arc<dyn SessionFs>, path: FsPath) -> Self {
        let state = State { open: None, used: tokio::time::Instant::now(), watched: false, expired: false };
        let shared = Arc::new(Shared { place: Place { below, path }, turn: Mutex::new(state) });
        SqlFs { shared, max_bytes: MAX_BYTES, time_limit: TIME_LIMIT }
    }

    /// The most bytes that the database may have (64 MiB). One that has more already keeps what it has.
    #[must_use]
    pub fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// The longest that the statements of a call may run (20 s).
    #[must_use]
    pub fn with_time_limit(mut self, time_limit: Duration) -> Self {
        self.time_limit = time_limit;
        self
    }

    /// Runs the statements of a call until they are stored, or fail. An error says by its kind and by
    /// [`FsError::write_changed`] what became of them.
    async fn run(&self, call: Call) -> FsResult<Vec<SqliteOutcome>> {
        let until = Instant::now().checked_add(self.time_limit);
        let stop = StopOnDrop(Stop::at(until.unwrap_or_else(|| Instant::now() + TIME_LIMIT)));
        let call = Arc::new(call);
        let place = &self.shared.place;
        let mut state = self.shared.turn.lock().await;
        if std::mem::take(&mut state.expired) {
            let idle = format!("nothing was done: there was no statement for {} s", IDLE.as_secs());
            return Err(rolled_back(FsError::io(idle)));
        }
        let mut tries = 0;
        let (result, open) = loop {
            let mut open = self.current(&mut state).await?;
            let spanning = open.in_transaction();
            let (ran, returned) = self.run_once(open, &call, &stop.0).await?;
            open = returned;
            let (outcomes, image) = match ran {
                Err(error) => break (Err(error), Some(open)),
                Ok(ran) => ran,
            };
            let Some(image) = image else { break (Ok(outcomes), Some(open)) };
            tries += 1;
            match place.store(&mut open.kept, image).await {
                Ok(()) => break (Ok(outcomes), Some(open)),
                Err(error) if error.kind() != FsErrorKind::Conflict => break (Err(error), None),
                Err(error) if spanning => break (Err(rolled_back(error)), None),
                Err(error) if tries == TRIES || stop.0.is_due() => break (Err(error), None),
                Err(_conflict) => tokio::time::sleep(pause(tries)).await,
            }
        };
        state.open = open;
        self.close_when_idle(&mut state);
        result
    }

    /// The database in memory if it is that of the store; else that of the store. One with a transaction that goes
    /// on is taken as it is: the end of the transaction tells.
    async fn current(&self, state: &mut State) -> FsResult<Open> {
        if let Some(open) = state.open.take()
            && (open.in_transaction() || self.shared.place.is_current(&open.kept).await?)
        {
            return Ok(open);
        }
        Ok(Open { kept: self.shared.place.load().await?, engine: None })
    }

    async fn run_once(&self, mut open: Open, call: &Arc<Call>, stop: &Arc<Stop>) -> FsResult<(Ran, Open)> {
        let (call, stop, max_bytes) = (Arc::clone(call), Arc::clone(stop), self.max_bytes);
        blocking(move || {
            let ran = open.run(&call, &stop, max_bytes);
            Ok((ran, open))
        })
        .await
    }

    /// Sees to it that an idle session costs no memory; one that is gone costs none anyway.
    fn close_when_idle(&self, state: &mut State) {
        state.used = tokio::time::Instant::now();
        if state.open.is_none() || std::mem::replace(&mut state.watched, true) {
            return;
        }
        let shared = Arc::downgrade(&self.shared);
        let mut until = state.used + IDLE;
        tokio::spawn(async move {
            loop {
                tokio::time::sleep_until(until).await;
                let Some(shared) = shared.upgrade() else { return };
                let mut state = shared.turn.lock().await;
                until = state.used + IDLE;
                if until <= tokio::time::Instant::now() {
                    state.expired = state.open.take().is_some_and(|open| open.in_transaction());
                    state.watched = false;
                    return;
                }
            }
        });
    }
}

/// What came of the statements: the outcomes and, where there is one, the image to store.
type Ran = FsResult<(Vec<SqliteOutcome>, Option<Vec<u8>>)>;

impl Open {
    fn in_transaction(&self) -> bool {
        self.engine.as_ref().is_some_and(Engine::in_transaction)
    }

    /// After an error the database is what it was before the call, but in a transaction that began earlier and goes on:
    /// there it is as SQLite leaves it.
    fn run(&mut self, call: &Call, stop: &Arc<Stop>, max_bytes: u64) -> Ran {
        let spanning = self.in_transaction();
        let mut engine = match self.engine.take() {
            Some(engine) => engine,
            None => Engine::new(&self.kept.image, max_bytes)?,
        };
        match engine.run(&call.statements, call.together, stop) {
            Ok(outcomes) => {
                let image = engine.take_image()?.filter(|image| *image != self.kept.image);
                self.engine = Some(engine);
                Ok((outcomes, image))
            }
            Err(error) => {
                self.engine = Some(engine).filter(|engine| spanning && engine.in_transaction());
                // SQLite ends a transaction by itself where a statement in it is cut short.
                Err(if spanning && self.engine.is_none() { rolled_back(error) } else { error })
            }
        }
    }
}

/// What the caller must know before its next statement, which would be outside of the transaction.
fn rolled_back(error: FsError) -> FsError {
    let message = format!("the transaction was rolled back: {}", error.message());
    FsError::new(error.kind(), message).with_write_changed(false)
}

/// Longer after each try, and never the same for two that got into each other's way.
fn pause(tries: u32) -> Duration {
    let random = u64::from(uuid::Uuid::new_v4().as_fields().0);
    Duration::from_micros(random % (1_000 << tries.min(7)))
}

impl From<FsError> for SqliteTransactionError {
    fn from(error: FsError) -> Self {
        let class = match (error.kind(), error.write_changed()) {
            (FsErrorKind::Conflict, _) => SqliteErrorClass::BusyOrLocked,
            (_, Some(false)) => SqliteErrorClass::Fatal,
            _ => SqliteErrorClass::PostCommitAmbiguous,
        };
        SqliteTransactionError::new(class, error.message())
    }
}

#[async_trait]
impl SessionFs for SqlFs {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        self.shared.place.below.read(path).await
    }

    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.shared.place.below.write(path, content, mode).await
    }

    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.shared.place.below.append(path, content, mode).await
    }

    async fn exists(&self, path: &FsPath) -> FsResult<bool> {
        self.shared.place.below.exists(path).await
    }

    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.shared.place.below.stat(path).await
    }

    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        self.shared.place.below.mkdir(path, recursive, mode).await
    }

    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.shared.place.below.read_dir(path).await
    }

    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.shared.place.below.remove(path, recursive, force).await
    }

    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.shared.place.below.rename(from, to).await
    }

    async fn apply(&self, changes: Vec<FsChange>) -> FsResult<()> {
        self.shared.place.below.apply(changes).await
    }

    async fn load(&self, below: &FsPath, max_file_bytes: u64) -> FsResult<Vec<LoadedEntry>> {
        self.shared.place.below.load(below, max_file_bytes).await
    }

    async fn flush(&self) -> FsResult<()> {
        self.shared.place.below.flush().await
    }

    /// Those of the filesystem below, and SQL.
    fn capabilities(&self) -> FsCapabilities {
        self.shared.place.below.capabilities().with_sqlite(true)
    }

    async fn sqlite_query(&self, statement: SqliteStatement) -> FsResult<SqliteOutcome> {
        let outcomes = self.run(Call { statements: vec![statement], together: false }).await?;
        Ok(outcomes.into_iter().next().unwrap_or_default())
    }

    async fn sqlite_transaction(
        &self,
        statements: Vec<SqliteStatement>,
    ) -> Result<Vec<SqliteOutcome>, SqliteTransactionError> {
        Ok(self.run(Call { statements, together: true }).await?)
    }

    async fn sqlite_exists(&self) -> FsResult<bool> {
        self.shared.place.below.exists(&self.shared.place.path).await
    }
}

#[cfg(all(test, unix))]
mod tests;
