//! The methods of `sessionFs.*`: their names, which of them change state, and how each tells that it failed.

use serde_json::value::RawValue;

use super::error::{FsError, FsErrorKind};
use super::sqlite::{SqliteErrorClass, SqliteTransactionError};
use super::wire;
use crate::error::RpcError;
use crate::protocol::methods::SESSION_FS_PREFIX;

/// The answer to a call: a result for the runtime, or a JSON-RPC error where the call itself was wrong.
pub type FsAnswer = Result<Box<RawValue>, RpcError>;

const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;
const INTERNAL_ERROR: i64 = -32603;

const NOT_STARTED: &str =
    "not started before its deadline: an earlier operation of the session is still running";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    ReadFile,
    ReadFileBytes,
    WriteFile,
    WriteFileBytes,
    AppendFile,
    Exists,
    Stat,
    Mkdir,
    Readdir,
    ReaddirWithTypes,
    Rm,
    Rename,
    SqliteQuery,
    SqliteTransaction,
    SqliteExists,
}

/// Why a call has no result.
#[derive(Debug)]
pub(super) enum Failure {
    /// The provider, or the check of a path, said no.
    Refused(FsError),
    /// The deadline passed while an earlier operation was still running; this one never ran and never will.
    NotStarted,
    /// The deadline passed, the provider panicked, the process is stopping or the result cannot be told: nobody knows
    /// what was done.
    Unknown(String),
}

impl From<FsError> for Failure {
    fn from(error: FsError) -> Self {
        Failure::Refused(error)
    }
}

impl Method {
    pub(super) fn parse(name: &str) -> Result<Self, RpcError> {
        Ok(match name.strip_prefix(SESSION_FS_PREFIX) {
            Some("readFile") => Method::ReadFile,
            Some("readFileBytes") => Method::ReadFileBytes,
            Some("writeFile") => Method::WriteFile,
            Some("writeFileBytes") => Method::WriteFileBytes,
            Some("appendFile") => Method::AppendFile,
            Some("exists") => Method::Exists,
            Some("stat") => Method::Stat,
            Some("mkdir") => Method::Mkdir,
            Some("readdir") => Method::Readdir,
            Some("readdirWithTypes") => Method::ReaddirWithTypes,
            Some("rm") => Method::Rm,
            Some("rename") => Method::Rename,
            Some("sqliteQuery") => Method::SqliteQuery,
            Some("sqliteTransaction") => Method::SqliteTransaction,
            Some("sqliteExists") => Method::SqliteExists,
            _ => {
                return Err(rpc_error(
                    METHOD_NOT_FOUND,
                    format!("Unhandled method {}", wire::one_line(name)),
                ));
            }
        })
    }

    /// Whether it has a place in the order of I21. A query may change rows too (`INSERT … RETURNING`).
    pub(super) fn changes_state(self) -> bool {
        match self {
            Method::WriteFile
            | Method::WriteFileBytes
            | Method::AppendFile
            | Method::Mkdir
            | Method::Rm
            | Method::Rename
            | Method::SqliteQuery
            | Method::SqliteTransaction => true,
            Method::ReadFile
            | Method::ReadFileBytes
            | Method::Exists
            | Method::Stat
            | Method::Readdir
            | Method::ReaddirWithTypes
            | Method::SqliteExists => false,
        }
    }

    /// Tells a failure in the shape of this method.
    ///
    /// `exists` and `sqliteExists` have no place for an error: what cannot be there is "no"; where nobody knows it is a
    /// JSON-RPC error, since a "no" would make the runtime start over and lose what it has.
    pub(super) fn failure(self, failure: Failure) -> FsAnswer {
        if self == Method::SqliteTransaction {
            return Ok(wire::outcomes(Err(failure.into_transaction_error())));
        }
        let error = failure.into_fs_error();
        Ok(match self {
            Method::ReadFile | Method::ReadFileBytes => wire::no_content(&error),
            Method::Stat => wire::no_stat(&error),
            Method::Readdir | Method::ReaddirWithTypes => wire::no_entries(&error),
            Method::SqliteQuery => wire::no_outcome(&error),
            Method::Exists | Method::SqliteExists => match (self, error.kind()) {
                (_, FsErrorKind::NotFound)
                | (Method::Exists, FsErrorKind::InvalidPath)
                | (Method::SqliteExists, FsErrorKind::Unsupported) => wire::exists(false),
                _ => return Err(rpc_error(INTERNAL_ERROR, wire::one_line(error.message()))),
            },
            _ => wire::failed(&error),
        })
    }
}

impl Failure {
    fn into_fs_error(self) -> FsError {
        match self {
            Failure::Refused(error) => error,
            Failure::NotStarted => FsError::io(NOT_STARTED).with_write_changed(false),
            Failure::Unknown(message) => FsError::io(message),
        }
    }

    fn into_transaction_error(self) -> SqliteTransactionError {
        let (class, message) = match self {
            Failure::Refused(error) => (SqliteErrorClass::Fatal, error.message().to_owned()),
            Failure::NotStarted => (SqliteErrorClass::BusyOrLocked, NOT_STARTED.to_owned()),
            Failure::Unknown(message) => (SqliteErrorClass::PostCommitAmbiguous, message),
        };
        SqliteTransactionError::new(class, message)
    }
}

/// The JSON-RPC error of a call whose parameters cannot be read.
pub(super) fn invalid_params(why: &str) -> RpcError {
    rpc_error(INVALID_PARAMS, format!("Invalid params: {}", wire::one_line(why)))
}

fn rpc_error(code: i64, message: String) -> RpcError {
    RpcError { code, message, data: None }
}
