//! What foreign code answers, read and checked before it is taken.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use codriver::fs::{DirEntry, EntryKind, FsError, FsErrorKind, FsStat};
use codriver::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::error::{invalid, read};

/// What a filesystem answers, by the operation that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FsReply {
    /// It is done: to `Write`, `Append`, `Mkdir`, `Remove`, `Rename`.
    Done,
    /// To `Read`.
    Content(Bytes),
    /// To `Exists`.
    Exists(bool),
    /// To `Stat`. Times are milliseconds since 1970.
    Stat {
        /// File or directory.
        kind: EntryKind,
        /// Bytes of a file.
        size: u64,
        /// When the content last changed.
        modified_ms: u64,
        /// When it was made.
        created_ms: u64,
    },
    /// To `ReadDir`: names with their kinds, in any order.
    Entries(Vec<(String, EntryKind)>),
}

/// An answer on its way to whoever asked.
pub(crate) enum Answer<'a> {
    Json(&'a str),
    Fs(FsReply),
}

/// Why foreign code gave no answer: a number of [`ErrorKind`], and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) number: u32,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn closed() -> Self {
        Failure { number: ErrorKind::Closed.number(), message: "the client was closed".to_owned() }
    }
}

impl From<Failure> for FsError {
    fn from(failure: Failure) -> Self {
        let kind = match ErrorKind::ALL.iter().find(|kind| kind.number() == failure.number) {
            Some(ErrorKind::FsNotFound) => FsErrorKind::NotFound,
            Some(ErrorKind::FsInvalidPath) => FsErrorKind::InvalidPath,
            Some(ErrorKind::FsUnsupported) => FsErrorKind::Unsupported,
            Some(ErrorKind::FsConflict) => FsErrorKind::Conflict,
            _ => FsErrorKind::Io,
        };
        FsError::new(kind, failure.message)
    }
}

/// Reads JSON into the answer that was asked for.
pub(crate) type Decode<T> = fn(Answer<'_>) -> Result<T>;

/// The value of an answer in JSON.
pub(crate) fn value(answer: Answer<'_>) -> Result<Value> {
    match answer {
        Answer::Json(text) => read("the answer", text),
        Answer::Fs(_) => Err(invalid("this is no call of a filesystem; answer it with JSON")),
    }
}

/// A text, or nothing where a word will do.
pub(crate) fn text(answer: Answer<'_>) -> Result<String> {
    match value(answer)? {
        Value::String(text) => Ok(text),
        other => Err(invalid(format!("the answer must be a string, not {other}"))),
    }
}

/// Anything: that it came is all there is to say.
pub(crate) fn done(answer: Answer<'_>) -> Result<()> {
    match answer {
        Answer::Json(_) | Answer::Fs(FsReply::Done) => Ok(()),
        Answer::Fs(other) => Err(wrong("nothing", &other)),
    }
}

pub(crate) fn content(answer: Answer<'_>) -> Result<Bytes> {
    match answer {
        Answer::Fs(FsReply::Content(content)) => Ok(content),
        Answer::Json(text) => read::<String>("the content", text).map(Bytes::from),
        Answer::Fs(other) => Err(wrong("the content", &other)),
    }
}

pub(crate) fn exists(answer: Answer<'_>) -> Result<bool> {
    match answer {
        Answer::Fs(FsReply::Exists(exists)) => Ok(exists),
        Answer::Json(text) => read("whether it exists", text),
        Answer::Fs(other) => Err(wrong("whether it exists", &other)),
    }
}

pub(crate) fn stat(answer: Answer<'_>) -> Result<FsStat> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Stat {
        kind: EntryKind,
        #[serde(default)]
        size: u64,
        #[serde(default)]
        modified_ms: u64,
        #[serde(default)]
        created_ms: u64,
    }
    let Stat { kind, size, modified_ms, created_ms } = match answer {
        Answer::Fs(FsReply::Stat { kind, size, modified_ms, created_ms }) => {
            Stat { kind, size, modified_ms, created_ms }
        }
        Answer::Json(text) => read("the stat", text)?,
        Answer::Fs(other) => return Err(wrong("a stat", &other)),
    };
    let (modified, created) = (time("modifiedMs", modified_ms)?, time("createdMs", created_ms)?);
    Ok(match kind {
        EntryKind::File => FsStat::file(size, modified, created),
        EntryKind::Directory => FsStat::directory(modified, created),
    })
}

pub(crate) fn entries(answer: Answer<'_>) -> Result<Vec<DirEntry>> {
    #[derive(Deserialize)]
    struct Entry {
        name: String,
        kind: EntryKind,
    }
    let entries = match answer {
        Answer::Fs(FsReply::Entries(entries)) => entries,
        Answer::Json(text) => {
            let entries: Vec<Entry> = read("the entries", text)?;
            entries.into_iter().map(|entry| (entry.name, entry.kind)).collect()
        }
        Answer::Fs(other) => return Err(wrong("the entries", &other)),
    };
    Ok(entries.into_iter().map(|(name, kind)| DirEntry::new(name, kind)).collect())
}

fn time(field: &str, ms: u64) -> Result<SystemTime> {
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(ms));
    time.ok_or_else(|| invalid(format!("the stat: `{field}` is too large")))
}

fn wrong(want: &str, got: &FsReply) -> Error {
    invalid(format!("the answer must be {want}, not {got:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_json_and_a_typed_one_are_the_same() {
        let typed = FsReply::Stat { kind: EntryKind::File, size: 3, modified_ms: 5, created_ms: 4 };
        let json = r#"{"kind":"file","size":3,"modifiedMs":5,"createdMs":4}"#;
        assert_eq!(stat(Answer::Fs(typed)).unwrap(), stat(Answer::Json(json)).unwrap());
        let typed = FsReply::Entries(vec![("a".into(), EntryKind::Directory)]);
        let json = r#"[{"name":"a","kind":"directory"}]"#;
        assert_eq!(entries(Answer::Fs(typed)).unwrap(), entries(Answer::Json(json)).unwrap());
        assert_eq!(content(Answer::Json("\"hi\"")).unwrap(), "hi");
        assert!(exists(Answer::Json("true")).unwrap());
    }

    #[test]
    fn an_answer_of_another_shape_names_what_is_wrong() {
        let refused = |error: Error| error.to_string();
        assert!(refused(stat(Answer::Json(r#"{"kind":"link"}"#)).unwrap_err()).contains("`kind`"));
        assert!(refused(exists(Answer::Fs(FsReply::Done)).unwrap_err()).contains("whether it exists"));
        assert!(refused(done(Answer::Fs(FsReply::Exists(true))).unwrap_err()).contains("nothing"));
        assert!(refused(value(Answer::Fs(FsReply::Done)).unwrap_err()).contains("no call of a filesystem"));
        let far = FsReply::Stat { kind: EntryKind::File, size: 0, modified_ms: u64::MAX, created_ms: 0 };
        // Where the platform's clock cannot say it, it is refused and does not panic.
        let _ = stat(Answer::Fs(far));
    }

    #[test]
    fn a_failure_keeps_the_kinds_that_a_filesystem_has() {
        for (number, kind) in
            [(80, FsErrorKind::NotFound), (82, FsErrorKind::Unsupported), (120, FsErrorKind::Io)]
        {
            let error = FsError::from(Failure { number, message: "why".into() });
            assert_eq!((error.kind(), error.message()), (kind, "why"));
        }
    }
}
