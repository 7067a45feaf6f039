//! How a store is laid out in its file, and how a connection to it is made.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

/// `cdrv`: says that the file is ours.
const APPLICATION_ID: i32 = 0x6364_7276;

/// The layout below. A file with a higher number is refused.
pub(super) const VERSION: i32 = 1;

/// How long a call waits for another process to finish its change; below the deadline of a call (I22).
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);

/// How much of the file a connection keeps in memory at most: enough to list ten thousand sessions again without the disk.
const CACHE_KIB: i64 = 16 << 10;

/// Times are nanoseconds since 1970. `parent` is the path of the directory above; a directory has no segments, a file
/// has them in the order of `number`: one or more for a write, one more for each append.
const TABLES: &str = "
    CREATE TABLE sessions (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        created INTEGER NOT NULL,
        modified INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE nodes (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
        path TEXT NOT NULL,
        parent TEXT NOT NULL,
        is_file INTEGER NOT NULL,
        size INTEGER NOT NULL,
        created INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        UNIQUE (session, path)
    ) STRICT;
    CREATE INDEX nodes_by_parent ON nodes (session, parent);
    CREATE TABLE segments (
        node INTEGER NOT NULL REFERENCES nodes ON DELETE CASCADE,
        number INTEGER NOT NULL,
        content BLOB NOT NULL,
        PRIMARY KEY (node, number)
    ) STRICT;
";

/// Held while a file is made: closing a descriptor of a file gives up every lock that this process has on it, and another
/// process would take the file for unused while we use it.
static MAKING: Mutex<()> = Mutex::new(());

/// Makes an empty file (mode 0600) if there is none. One that is there is not even opened (see [`MAKING`]).
pub(super) fn make_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// A file that can be read, but not written.
#[derive(Debug)]
pub(super) struct ReadOnly {
    pub(super) why: io::Error,
    /// Whether the whole disk is such, so that nobody can change the file.
    is_disk: bool,
}

/// Asks the system whether a file may be written, as SQLite does not say why it cannot open one.
#[cfg(unix)]
pub(super) fn read_only(path: &Path) -> io::Result<Option<ReadOnly>> {
    use rustix::fs::{Access, access};
    access(path, Access::READ_OK)?;
    let Err(error) = access(path, Access::WRITE_OK) else { return Ok(None) };
    let why = io::Error::from(error);
    match why.kind() {
        io::ErrorKind::ReadOnlyFilesystem => Ok(Some(ReadOnly { why, is_disk: true })),
        io::ErrorKind::PermissionDenied => Ok(Some(ReadOnly { why, is_disk: false })),
        _ => Err(why),
    }
}

#[cfg(not(unix))]
pub(super) fn read_only(_path: &Path) -> io::Result<Option<ReadOnly>> {
    Ok(None)
}

/// Opens the file, which must be there, and refuses what is not ours. The error is a sentence.
pub(super) fn connect(path: &Path, read_only: Option<&ReadOnly>) -> Result<Connection, String> {
    let connect = || {
        let mut connection = match read_only {
            None => Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | FLAGS)?,
            Some(read_only) => open_to_read(path, read_only)?,
        };
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.set_prepared_statement_cache_capacity(64);
        let refused = match read_only {
            None => prepare(&mut connection)?,
            Some(_) => {
                check(&connection.transaction()?)?.unwrap_or_else(|| Err("it is empty".to_owned())).err()
            }
        };
        Ok(match refused {
            Some(refused) => Err(refused),
            None => Ok(connection),
        })
    };
    let connected = connect().map_err(|error: rusqlite::Error| match read_only {
        None => error.to_string(),
        Some(ReadOnly { why, .. }) => format!(
            "{error}; it cannot be written ({why}), and what was written last is in a log beside it that cannot be \
             read without: copy the file, with its `-wal`, to where it can be written"
        ),
    });
    connected?
}

const FLAGS: OpenFlags = OpenFlags::SQLITE_OPEN_NO_MUTEX;

/// SQLite reads a file with a log only where it can keep an index of the log beside it, or finds one there. Without a log
/// it is told that nobody changes the file, and leaves all that; which is true only where nobody can.
fn open_to_read(path: &Path, read_only: &ReadOnly) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | FLAGS;
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let has_log = std::fs::metadata(PathBuf::from(log)).is_ok_and(|log| log.len() > 0);
    if has_log || !read_only.is_disk {
        return Connection::open_with_flags(path, flags);
    }
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte))
            }
            byte => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri.push_str("?immutable=1");
    Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)
}

/// A store without a session, in memory.
#[cfg(unix)]
pub(super) fn empty() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(TABLES)?;
    Ok(connection)
}

/// Makes the tables if there are none; says why the file is refused.
fn prepare(connection: &mut Connection) -> rusqlite::Result<Option<String>> {
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    if let Some(found) = check(&connection.transaction()?)? {
        return Ok(found.err());
    }
    switch_to_wal(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    if let Some(found) = check(&transaction)? {
        return Ok(found.err());
    }
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(None)
}

/// SQLite does not wait for others here, whatever the busy timeout is.
pub(super) fn switch_to_wal(connection: &Connection) -> rusqlite::Result<()> {
    let give_up = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())) {
            Err(error) if is_busy(&error) && Instant::now() < give_up => {
                std::thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// None for an empty file; else whether it is ours, and of this version. In a transaction: while it looks, another process may
/// be making the tables.
pub(super) fn check(transaction: &Transaction<'_>) -> rusqlite::Result<Option<Result<(), String>>> {
    let number = |pragma| transaction.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let (application_id, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (application_id, version) {
        (0, 0) if tables == 0 => None,
        (APPLICATION_ID, VERSION) => Some(Ok(())),
        (APPLICATION_ID, _) => Some(Err(format!(
            "it has layout {version}, and this version of codriver knows {VERSION}; use the version that wrote it"
        ))),
        _ => Some(Err("it is an SQLite database of another program".to_owned())),
    })
}
