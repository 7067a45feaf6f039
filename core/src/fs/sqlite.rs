//! The database of a session, as the wire has it (PROTOCOL §4). Nothing here runs SQL.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How a statement is run (wire: `queryType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SqliteQueryType {
    /// Definitions, or several statements at once; answers no rows.
    Exec,
    /// Answers rows.
    Query,
    /// Changes rows and tells how many.
    Run,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SqliteStatement {
    /// SQL.
    pub query: String,
    /// How to run it.
    pub query_type: SqliteQueryType,
    /// Named parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Map<String, Value>>,
}

/// What a statement answered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SqliteOutcome {
    /// One object a row, by column name; empty but for [`SqliteQueryType::Query`].
    pub rows: Vec<Map<String, Value>>,
    /// Column names in order.
    pub columns: Vec<String>,
    /// How many rows were changed.
    pub rows_affected: u64,
    /// The id of the last inserted row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_insert_rowid: Option<i64>,
}

/// Whether a failed transaction may be tried again (wire: `errorClass`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SqliteErrorClass {
    /// Nothing was committed; it may be tried again.
    BusyOrLocked,
    /// Nothing was committed; trying again does not help.
    Fatal,
    /// It may have been committed; it must not be tried again.
    PostCommitAmbiguous,
}

/// Why a transaction failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
pub struct SqliteTransactionError {
    /// Whether it may be tried again.
    #[serde(rename = "errorClass")]
    pub class: SqliteErrorClass,
    /// A sentence; the runtime gets its first line.
    pub message: String,
}

impl SqliteTransactionError {
    /// An error of that class.
    pub fn new(class: SqliteErrorClass, message: impl Into<String>) -> Self {
        SqliteTransactionError { class, message: message.into() }
    }

    /// An error that trying again does not help.
    pub fn fatal(message: impl Into<String>) -> Self {
        SqliteTransactionError::new(SqliteErrorClass::Fatal, message)
    }
}
