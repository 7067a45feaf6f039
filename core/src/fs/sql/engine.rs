//! SQLite on a database in memory. Everything here blocks.

use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::limits::Limit;
use rusqlite::{Batch, Connection, Error, ErrorCode, MAIN_DB, Statement};
use serde_json::Map;

use super::guard::{self, Stop};
use super::pages::PAGE_BYTES;
use super::value;
use crate::fs::{FsError, FsResult, SqliteOutcome, SqliteQueryType, SqliteStatement};

/// The most bytes of rows that a statement answers, about as JSON.
const MAX_ANSWER_BYTES: usize = 32 << 20;
/// The longest statement, in bytes.
const MAX_SQL_BYTES: i32 = 16 << 20;
/// Matching takes the product of text and pattern.
const MAX_PATTERN_BYTES: i32 = 1000;
/// How many steps of SQLite's machine are between two looks at [`Stop`].
const STEPS: i32 = 1000;

/// A connection to a database that began as an image, and what was done to it.
pub(super) struct Engine {
    connection: Connection,
    max_bytes: u64,
    /// Whether the image may be another since it was last taken.
    touched: bool,
}

impl Engine {
    /// A database with this image; an empty one for an empty image.
    pub(super) fn new(image: &[u8], max_bytes: u64) -> FsResult<Self> {
        let mut connection = Connection::open_in_memory().map_err(damaged)?;
        match image {
            [] => {
                connection.pragma_update(None, "page_size", PAGE_BYTES as i64).map_err(damaged)?;
                connection.pragma_update(None, "auto_vacuum", "FULL").map_err(damaged)?;
            }
            image => {
                connection.deserialize_read_exact(MAIN_DB, image, image.len(), false).map_err(damaged)?
            }
        }
        guarded(&connection, max_bytes).map_err(damaged)?;
        Ok(Engine { connection, max_bytes, touched: false })
    }

    /// Whether a transaction that a statement began goes on.
    pub(super) fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    /// The image, where it may be another since it was last taken and no transaction goes on.
    pub(super) fn take_image(&mut self) -> FsResult<Option<Vec<u8>>> {
        if self.in_transaction() || !std::mem::take(&mut self.touched) {
            return Ok(None);
        }
        Ok(Some(self.connection.serialize(MAIN_DB).map_err(damaged)?.to_vec()))
    }

    /// Runs statements, in a transaction of their own if `together`. After an error the database is in any state.
    pub(super) fn run(
        &mut self,
        statements: &[SqliteStatement],
        together: bool,
        stop: &Arc<Stop>,
    ) -> FsResult<Vec<SqliteOutcome>> {
        if together && self.in_transaction() {
            return Err(refused("an earlier statement began a transaction: COMMIT it or ROLLBACK first"));
        }
        let handler = Arc::clone(stop);
        self.connection.progress_handler(STEPS, Some(move || handler.is_due()));
        self.touched |= self.in_transaction() || together;
        if together {
            self.batch("BEGIN IMMEDIATE")?;
        }
        let mut outcomes = Vec::with_capacity(statements.len());
        for statement in statements {
            outcomes.push(self.statement(statement)?);
            if together && !self.in_transaction() {
                return Err(refused("a statement ended the transaction that all of them are in"));
            }
        }
        if together {
            self.batch("COMMIT")?;
        }
        self.connection.progress_handler(0, None::<fn() -> bool>);
        Ok(outcomes)
    }

    fn batch(&self, sql: &str) -> FsResult<()> {
        self.connection.execute_batch(sql).map_err(|error| self.failed(error))
    }

    fn statement(&mut self, statement: &SqliteStatement) -> FsResult<SqliteOutcome> {
        let params = statement.params.as_ref().filter(|params| !params.is_empty());
        let changes = self.connection.total_changes();
        let mut outcome = SqliteOutcome::default();
        let mut touched = false;
        {
            let mut batch = Batch::new(&self.connection, &statement.query);
            let mut next = || batch.next().map_err(|error| self.failed(error));
            match statement.query_type {
                SqliteQueryType::Exec if params.is_some() => {
                    return Err(refused("`exec` takes no parameters; use `run` or `query`"));
                }
                SqliteQueryType::Exec => {
                    while let Some(mut prepared) = next()? {
                        touched |= !prepared.readonly();
                        self.rows(&mut prepared, None)?;
                    }
                }
                query_type => {
                    let mut prepared = next()?.ok_or_else(|| refused("there is no statement"))?;
                    if next()?.is_some() {
                        return Err(refused("these are several statements; `exec` runs them"));
                    }
                    bind(&mut prepared, params.unwrap_or(&Map::new()))?;
                    touched |= !prepared.readonly();
                    let answers = query_type == SqliteQueryType::Query;
                    self.rows(&mut prepared, answers.then_some(&mut outcome))?;
                }
            }
        }
        self.touched |= touched;
        if statement.query_type != SqliteQueryType::Exec && self.connection.total_changes() != changes {
            outcome.rows_affected = self.connection.changes();
            let rowid = self.connection.last_insert_rowid();
            outcome.last_insert_rowid = Some(rowid).filter(|rowid| *rowid != 0 && value::is_safe(*rowid));
        }
        Ok(outcome)
    }

    /// Runs a statement to its end, and puts its rows into `outcome`.
    fn rows(&self, statement: &mut Statement<'_>, outcome: Option<&mut SqliteOutcome>) -> FsResult<()> {
        let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let mut rows = statement.raw_query();
        let Some(outcome) = outcome else {
            while rows.next().map_err(|error| self.failed(error))?.is_some() {}
            return Ok(());
        };
        let mut bytes = 0;
        while let Some(row) = rows.next().map_err(|error| self.failed(error))? {
            let mut object = Map::new();
            for (index, column) in columns.iter().enumerate() {
                let value = row.get_ref(index).map_err(|error| self.failed(error))?;
                bytes += column.len() + value::json_bytes(value);
                object.insert(column.clone(), value::to_json(value));
            }
            if bytes > MAX_ANSWER_BYTES {
                return Err(refused(&format!(
                    "the rows have more than {MAX_ANSWER_BYTES} bytes; ask for fewer (LIMIT)"
                )));
            }
            outcome.rows.push(object);
        }
        outcome.columns = columns;
        Ok(())
    }

    /// Says what went wrong without the statement, which may be long and is the caller's.
    fn failed(&self, error: Error) -> FsError {
        refused(&match (error.sqlite_error_code(), error) {
            (Some(ErrorCode::OperationInterrupted), _) => "the statement ran too long and was stopped".into(),
            (Some(ErrorCode::DiskFull), _) => {
                format!("the session's database is full: it has at most {} bytes", self.max_bytes)
            }
            (Some(ErrorCode::AuthorizationForStatementDenied), _) => {
                "not allowed in a session's database: ATTACH, VACUUM, extensions, and pragmas that reach beyond it".into()
            }
            (_, Error::SqlInputError { msg, .. } | Error::SqliteFailure(_, Some(msg))) => msg,
            (_, error) => error.to_string(),
        })
    }
}

/// Nothing was changed in the store.
fn refused(message: &str) -> FsError {
    FsError::io(message).with_write_changed(false)
}

fn damaged(error: Error) -> FsError {
    refused(&format!("the session's database cannot be opened: {error}"))
}

/// Sets up what every statement is held to.
fn guarded(connection: &Connection, max_bytes: u64) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // `"text"` for a name that is not there would be taken for a string.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    let bytes = i32::try_from(max_bytes).unwrap_or(i32::MAX).max(1);
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, bytes),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_BYTES),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_PATTERN_BYTES),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, most)?;
    }
    let pages = i64::try_from(max_bytes / PAGE_BYTES as u64).unwrap_or(i64::MAX).clamp(1, 1 << 21);
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(Some("temp"), "page_size", PAGE_BYTES as i64)?;
    for database in ["main", "temp"] {
        connection.pragma_update_and_check(Some(database), "max_page_count", pages, |_| Ok(()))?;
    }
    connection.authorizer(Some(guard::authorize));
    Ok(())
}

/// Binds by name, with or without `:`, `@` or `$` before it, or by the number of a `?`. What has no value is NULL.
fn bind(statement: &mut Statement<'_>, params: &Map<String, serde_json::Value>) -> FsResult<()> {
    let mut known = Vec::new();
    for index in 1..=statement.parameter_count() {
        let name = statement.parameter_name(index).map_or_else(|| format!("?{index}"), str::to_owned);
        let Some((key, given)) =
            [name.as_str(), &name[1..]].into_iter().find_map(|name| params.get_key_value(name))
        else {
            known.push(name);
            continue;
        };
        let given = value::from_json(given).ok_or_else(|| {
            refused(&format!("parameter {key:?}: SQLite has text, numbers, null and buffers"))
        })?;
        statement.raw_bind_parameter(index, given).map_err(|error| refused(&error.to_string()))?;
        known.push(name);
    }
    match params.keys().find(|key| !known.iter().any(|name| name == *key || name[1..] == **key)) {
        Some(unknown) => Err(refused(&format!("the statement has no parameter {unknown:?}"))),
        None => Ok(()),
    }
}
