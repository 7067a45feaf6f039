//! A session's files for another id: what inside of them says the id says the new one. Pure.
//!
//! On resume the id that counts is `data.sessionId` of the log's `session.start`: with that one changed, 1.0.57, 1.0.85 and
//! 1.0.102 resume under the new id; with only `workspace.yaml` changed, 1.0.57 and 1.0.85 answer with the old one and 1.0.102
//! refuses [P]. `workspace.yaml` is changed too, because lists show it. What else mentions the old id tells of the past and
//! stays.

use std::ops::Range;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::workspace;
use crate::fs::{FsPath, FsResult, LoadedEntry};
use crate::protocol::event::BorrowedText;
use crate::store::integrity::every_event;
use crate::store::layout;

/// Gives the files of `from` to `to`. An entry without content stays as it is.
pub(super) fn carry(entries: Vec<LoadedEntry>, from: &str, to: &str) -> FsResult<Vec<LoadedEntry>> {
    let carried = entries.into_iter().map(|entry| {
        let content = match (entry.path.file_name(), entry.content) {
            (Some("workspace.yaml"), Some(content)) => Some(in_workspace(content, to)),
            (Some("events.jsonl"), Some(content)) => Some(in_log(content, from, to)),
            (_, content) => content,
        };
        Ok(LoadedEntry { path: moved(&entry.path, from, to)?, content, ..entry })
    });
    carried.collect()
}

/// A folder of the runtime's second root that is named by the id.
fn moved(path: &FsPath, from: &str, to: &str) -> FsResult<FsPath> {
    let runtime = layout::path(layout::RUNTIME);
    let names: Vec<&str> = path.components().collect();
    match names.as_slice() {
        [root, id, below @ ..] if runtime.file_name() == Some(*root) && *id == from => {
            let named = [&[to], below].concat().join("/");
            runtime.join(&named)
        }
        _ => Ok(path.clone()),
    }
}

fn in_workspace(content: Bytes, to: &str) -> Bytes {
    let changed = std::str::from_utf8(&content).ok().and_then(|text| workspace::with_id(text, to));
    changed.map_or(content, Bytes::from)
}

/// In whole events only: a resume repairs a damaged log, and keeps those. One that is there twice stays so.
fn in_log(content: Bytes, from: &str, to: &str) -> Bytes {
    let in_event = |event: &str| {
        let (at, len) = id_of_start(event, from)?;
        let start = event.as_ptr() as usize - content.as_ptr() as usize + at;
        Some(start..start + len)
    };
    let mut ids: Vec<Range<usize>> = every_event(&content).into_iter().filter_map(in_event).collect();
    if ids.is_empty() {
        return content;
    }
    ids.sort_unstable_by_key(|id| id.start);
    let mut changed = Vec::with_capacity(content.len());
    let mut copied = 0;
    for id in ids {
        changed.extend_from_slice(&content[copied..id.start]);
        changed.extend_from_slice(serde_json::Value::from(to).to_string().as_bytes());
        copied = id.end;
    }
    changed.extend_from_slice(&content[copied..]);
    changed.into()
}

/// Where the id stands, as JSON, in a `session.start` of session `from`, and how long it is there.
fn id_of_start(line: &str, from: &str) -> Option<(usize, usize)> {
    #[derive(Deserialize)]
    struct Line<'a> {
        #[serde(rename = "type", borrow)]
        kind: BorrowedText<'a>,
        #[serde(borrow)]
        data: &'a RawValue,
    }
    #[derive(Deserialize)]
    struct Data<'a> {
        #[serde(rename = "sessionId", borrow)]
        session_id: &'a RawValue,
    }
    if !line.contains("session.start") {
        return None;
    }
    let event: Line<'_> = serde_json::from_str(line).ok()?;
    let data: Data<'_> = serde_json::from_str(event.data.get()).ok()?;
    let id = data.session_id.get();
    let is_old = serde_json::from_str::<String>(id).is_ok_and(|id| id == from);
    (event.kind.0 == "session.start" && is_old)
        .then(|| ((id.as_ptr() as usize) - (line.as_ptr() as usize), id.len()))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::fs::FsStat;

    fn file(path: &str, content: &str) -> LoadedEntry {
        let stat = FsStat::file(content.len() as u64, UNIX_EPOCH, UNIX_EPOCH);
        LoadedEntry::new(layout::path(path), stat, Some(Bytes::copy_from_slice(content.as_bytes())))
    }

    fn carried(path: &str, content: &str, to: &str) -> (String, String) {
        let entry = carry(vec![file(path, content)], "old", to).unwrap().remove(0);
        let content = String::from_utf8(entry.content.unwrap().to_vec()).unwrap();
        (entry.path.as_str().to_owned(), content)
    }

    fn event(kind: &str, data: &str) -> String {
        format!(
            "{{\"type\":\"{kind}\",\"data\":{data},\"id\":\"33333333-3333-4333-8333-333333333333\",\
             \"timestamp\":\"2026-11-21T01:44:36.251Z\",\"parentId\":null}}"
        )
    }

    #[test]
    fn the_start_of_the_log_says_the_new_id_and_the_past_stays_as_it_was() {
        let old = event("session.start", "{ \"sessionId\" : \"old\", \"old\":1}");
        let new = old.replacen("\"old\"", "\"ne\\\"w\"", 1);
        let message = event("user.message", "{\"sessionId\":\"old\",\"content\":\"session.start\"}");
        let others = event("session.start", "{\"sessionId\":\"elsewhere\"}");
        let escaped = event("session.start", "{\"sessionId\":\"\\u006fld\"}");
        let unescaped = escaped.replace("\"\\u006fld\"", "\"ne\\\"w\"");
        let torn = &old[..old.len() - 9];
        for (log, expected) in [
            (format!("{old}\n{message}\n{others}\n"), format!("{new}\n{message}\n{others}\n")),
            (format!("{escaped}\n{torn}"), format!("{unescaped}\n{torn}")),
            // Damaged as a resume mends it: the event counts, whatever is around it.
            (format!("\u{feff}{old}\r\n"), format!("\u{feff}{new}\r\n")),
            (format!("\0\0\0{old}\n"), format!("\0\0\0{new}\n")),
            (format!("{old}{message}\n"), format!("{new}{message}\n")),
            (format!("{message}{old}\n"), format!("{message}{new}\n")),
            (format!("{old}\n{old}\n{message}\n"), format!("{new}\n{new}\n{message}\n")),
            (String::new(), String::new()),
        ] {
            assert_eq!(carried("/state/events.jsonl", &log, "ne\"w").1, expected);
            assert_eq!(carried("/state/other.jsonl", &log, "ne\"w").1, log);
        }
    }

    #[test]
    fn the_workspace_says_the_new_id_and_a_broken_one_stays() {
        assert_eq!(carried("/state/workspace.yaml", "id: old\ncwd: /old\n", "new").1, "id: new\ncwd: /old\n");
        assert_eq!(carried("/state/workspace.yaml", "\0\0", "new").1, "\0\0");
    }

    #[test]
    fn a_folder_that_the_runtime_names_by_the_id_is_renamed() {
        for (path, expected) in [
            ("/runtime/old/workspace.yaml", "/runtime/new/workspace.yaml"),
            ("/runtime/workspace.yaml", "/runtime/workspace.yaml"),
            ("/state/old/workspace.yaml", "/state/old/workspace.yaml"),
            ("/runtime/x/old/workspace.yaml", "/runtime/x/old/workspace.yaml"),
        ] {
            assert_eq!(carried(path, "id: old", "new"), (expected.to_owned(), "id: new".to_owned()));
        }
    }
}
