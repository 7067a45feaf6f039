//! The shapes of `sessionFs.*` on the wire (PROTOCOL §4): parameters in, answers out. A wrong shape breaks the session.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::entry::{DirEntry, EntryKind, FsStat};
use super::error::{FsError, FsErrorKind};
use super::sqlite::{SqliteOutcome, SqliteStatement, SqliteTransactionError};
use super::timestamp;

#[derive(Deserialize)]
pub(super) struct PathParams {
    pub(super) path: String,
}

#[derive(Deserialize)]
pub(super) struct WriteParams {
    pub(super) path: String,
    pub(super) content: String,
    pub(super) mode: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct MkdirParams {
    pub(super) path: String,
    pub(super) recursive: Option<bool>,
    pub(super) mode: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct RmParams {
    pub(super) path: String,
    pub(super) recursive: Option<bool>,
    pub(super) force: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct RenameParams {
    pub(super) src: String,
    pub(super) dest: String,
}

#[derive(Deserialize)]
pub(super) struct TransactionParams {
    pub(super) statements: Vec<SqliteStatement>,
}

/// The wire's error object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireError {
    pub(super) code: WireCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) write_changed: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum WireCode {
    #[serde(rename = "ENOENT")]
    NotFound,
    #[serde(rename = "UNKNOWN")]
    Unknown,
}

const MAX_MESSAGE_CHARS: usize = 300;

/// The first line that says something, without control characters, cut at [`MAX_MESSAGE_CHARS`].
pub(super) fn one_line(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let mut chars = line.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut cut: String = chars.by_ref().take(MAX_MESSAGE_CHARS).collect();
    if chars.next().is_some() {
        cut.push('…');
    }
    cut
}

impl From<&FsError> for WireError {
    fn from(error: &FsError) -> Self {
        let (code, name) = match error.kind() {
            FsErrorKind::NotFound => (WireCode::NotFound, "ENOENT: "),
            _ => (WireCode::Unknown, ""),
        };
        let message = Some(format!("{name}{}", one_line(error.message())));
        WireError { code, message, write_changed: error.write_changed() }
    }
}

impl From<WireError> for FsError {
    fn from(error: WireError) -> Self {
        let message = error.message.unwrap_or_default();
        let fs_error = match error.code {
            WireCode::NotFound => {
                FsError::new(FsErrorKind::NotFound, message.strip_prefix("ENOENT: ").unwrap_or(&message))
            }
            WireCode::Unknown => FsError::io(message),
        };
        match error.write_changed {
            Some(changed) => fs_error.with_write_changed(changed),
            None => fs_error,
        }
    }
}

#[derive(Serialize)]
struct ContentAnswer<'a> {
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<WireError>,
}

#[derive(Serialize)]
struct ExistsAnswer {
    exists: bool,
}

/// The milliseconds are in no schema, but 1.0.85 tells by them whether there is a file: its `view` finds none without, and
/// takes an error that has them for a file [P]. The other runtimes ignore them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatAnswer {
    is_file: bool,
    is_directory: bool,
    size: u64,
    mtime: String,
    birthtime: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mtime_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birthtime_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<WireError>,
}

#[derive(Serialize)]
struct EntriesAnswer<Entry> {
    entries: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<WireError>,
}

#[derive(Serialize)]
struct TypedEntry {
    name: String,
    #[serde(rename = "type")]
    kind: EntryKind,
}

#[derive(Serialize)]
struct OutcomeAnswer {
    #[serde(flatten)]
    outcome: SqliteOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<WireError>,
}

#[derive(Serialize)]
struct TransactionAnswer {
    results: Vec<SqliteOutcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<SqliteTransactionError>,
}

fn raw(answer: &impl Serialize) -> Box<RawValue> {
    to_raw_value(answer).expect("an answer is made of strings, numbers, lists and maps with string keys")
}

pub(super) fn done() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

pub(super) fn failed(error: &FsError) -> Box<RawValue> {
    raw(&WireError::from(error))
}

pub(super) fn content(content: &str) -> Box<RawValue> {
    raw(&ContentAnswer { content, error: None })
}

pub(super) fn no_content(error: &FsError) -> Box<RawValue> {
    raw(&ContentAnswer { content: "", error: Some(error.into()) })
}

pub(super) fn exists(exists: bool) -> Box<RawValue> {
    raw(&ExistsAnswer { exists })
}

pub(super) fn stat(stat: &FsStat) -> Box<RawValue> {
    raw(&StatAnswer {
        is_file: stat.kind == EntryKind::File,
        is_directory: stat.kind == EntryKind::Directory,
        size: stat.size,
        mtime: timestamp::format(stat.modified),
        birthtime: timestamp::format(stat.created),
        mtime_ms: Some(timestamp::milliseconds(stat.modified)),
        birthtime_ms: Some(timestamp::milliseconds(stat.created)),
        error: None,
    })
}

pub(super) fn no_stat(error: &FsError) -> Box<RawValue> {
    let epoch = timestamp::format(std::time::UNIX_EPOCH);
    raw(&StatAnswer {
        is_file: false,
        is_directory: false,
        size: 0,
        mtime: epoch.clone(),
        birthtime: epoch,
        mtime_ms: None,
        birthtime_ms: None,
        error: Some(error.into()),
    })
}

pub(super) fn names(mut entries: Vec<DirEntry>) -> Box<RawValue> {
    entries.sort_unstable();
    raw(&EntriesAnswer { entries: entries.into_iter().map(|entry| entry.name).collect(), error: None })
}

pub(super) fn typed_entries(mut entries: Vec<DirEntry>) -> Box<RawValue> {
    entries.sort_unstable();
    let typed = |entry: DirEntry| TypedEntry { name: entry.name, kind: entry.kind };
    raw(&EntriesAnswer { entries: entries.into_iter().map(typed).collect(), error: None })
}

pub(super) fn no_entries(error: &FsError) -> Box<RawValue> {
    raw(&EntriesAnswer::<String> { entries: Vec::new(), error: Some(error.into()) })
}

pub(super) fn outcome(outcome: SqliteOutcome) -> Box<RawValue> {
    raw(&OutcomeAnswer { outcome, error: None })
}

pub(super) fn no_outcome(error: &FsError) -> Box<RawValue> {
    raw(&OutcomeAnswer { outcome: SqliteOutcome::default(), error: Some(error.into()) })
}

pub(super) fn outcomes(results: Result<Vec<SqliteOutcome>, SqliteTransactionError>) -> Box<RawValue> {
    raw(&match results {
        Ok(results) => TransactionAnswer { results, error: None },
        Err(mut error) => {
            error.message = one_line(&error.message);
            TransactionAnswer { results: Vec::new(), error: Some(error) }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_trace_never_reaches_the_wire() {
        let trace = "\n  Error: boom\tat line 1\n    at read (/secret/place.js:10:3)\n    at more";
        assert_eq!(one_line(trace), "Error: boom at line 1");
        assert_eq!(one_line(""), "");
        assert_eq!(one_line("first\r\nsecond"), "first");
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let cut = one_line(&"é".repeat(1000));
        assert_eq!(cut, format!("{}…", "é".repeat(MAX_MESSAGE_CHARS)));
        assert_eq!(one_line(&"x".repeat(MAX_MESSAGE_CHARS)), "x".repeat(MAX_MESSAGE_CHARS));
    }

    #[test]
    fn errors_have_the_two_codes_of_the_wire() {
        let json = |error: FsError| serde_json::to_string(&WireError::from(&error)).unwrap();
        assert_eq!(
            json(FsError::not_found("/a")),
            r#"{"code":"ENOENT","message":"ENOENT: no such file or directory: /a"}"#
        );
        assert_eq!(json(FsError::io("full")), r#"{"code":"UNKNOWN","message":"full"}"#);
        assert_eq!(
            json(FsError::unsupported("no")),
            r#"{"code":"UNKNOWN","message":"no","writeChanged":false}"#
        );
    }

    #[test]
    fn an_error_of_the_wire_is_read_back() {
        for error in
            [FsError::not_found("/a"), FsError::io("full").with_write_changed(true), FsError::io("x")]
        {
            assert_eq!(FsError::from(WireError::from(&error)), error);
        }
    }
}
