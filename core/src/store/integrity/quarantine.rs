//! The file beside a log that holds what was taken out of it: one JSON a line, which people can read and nothing can tear
//! the meaning of. Pure.
//!
//! ```json
//! {"quarantined":"2026-11-21T01:44:36.251Z","log":"/state/events.jsonl","of":27033,"line":12,"offset":26973,"bytes":60,
//!  "reason":"torn","text":"{\"type\":\"session.shut"}
//! ```
//!
//! The bytes are in `text` where they are UTF-8 without zeros, in `base64` where they are not, and `nuls` counts them where
//! each is zero. `of` is how long the log was, `offset` is from its start.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memchr;
use serde::{Deserialize, Serialize};

use super::scan::Scan;

/// A line of the file.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Line {
    quarantined: String,
    log: String,
    #[serde(flatten)]
    piece: Piece,
}

/// What was taken away, and where it was.
#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Piece {
    of: u64,
    line: u64,
    offset: u64,
    bytes: u64,
    reason: String,
    #[serde(flatten)]
    content: Content,
}

#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Content {
    Text(String),
    Base64(String),
    Nuls(u64),
}

impl Content {
    fn of(bytes: &[u8]) -> Self {
        if bytes.iter().all(|&byte| byte == 0) {
            return Content::Nuls(bytes.len() as u64);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if memchr(0, bytes).is_none() => Content::Text(text.to_owned()),
            _ => Content::Base64(STANDARD.encode(bytes)),
        }
    }

    #[cfg(test)]
    fn bytes(self) -> Vec<u8> {
        match self {
            Content::Text(text) => text.into_bytes(),
            Content::Base64(text) => STANDARD.decode(text).unwrap(),
            Content::Nuls(count) => vec![0; count as usize],
        }
    }
}

/// The lines for what a repair of `log` takes away, without those that `held`, the file as it is, has already: a repair
/// that is done again adds nothing.
pub(super) fn lines(scan: &Scan, log: &[u8], path: &str, now: &str, held: &[u8]) -> Vec<u8> {
    let held: std::collections::HashSet<Piece> = held
        .split(|&byte| byte == b'\n')
        .filter_map(|line| Some(serde_json::from_slice::<Line>(line).ok()?.piece))
        .collect();
    let mut lines = Vec::new();
    for damage in scan.damage.iter().filter(|damage| damage.kind.is_taken_away()) {
        let piece = Piece {
            of: log.len() as u64,
            line: damage.line,
            offset: damage.offset,
            bytes: damage.bytes,
            reason: damage.kind.name().to_owned(),
            content: Content::of(&log[damage.range()]),
        };
        if !held.contains(&piece) {
            let line = Line { quarantined: now.to_owned(), log: path.to_owned(), piece };
            // Strings and numbers only: this cannot fail.
            lines.extend(serde_json::to_vec(&line).unwrap_or_default());
            lines.push(b'\n');
        }
    }
    lines
}

/// What a file says was taken away: offsets and bytes.
#[cfg(test)]
pub(super) fn pieces(file: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let lines = file.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let Piece { offset, bytes, content, .. } = serde_json::from_slice::<Line>(line).unwrap().piece;
            let content = content.bytes();
            assert_eq!(content.len() as u64, bytes);
            (offset, content)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_bytes_is_a_line_that_people_can_read() {
        let log = b"{\"a\":\"tor\xc3\xbc\n\0\0\0\n\xff\n\0\0";
        let scan = Scan::of(log);
        let file = lines(&scan, log, "/state/events.jsonl", "2026-11-21T01:44:36.251Z", b"");
        let text = String::from_utf8(file.clone()).unwrap();
        let expected = [
            r#""line":1,"offset":0,"bytes":12,"reason":"not_json","text":"{\"a\":\"torü\n"}"#,
            r#""line":2,"offset":12,"bytes":4,"reason":"nul_bytes","base64":"AAAACg=="}"#,
            r#""line":3,"offset":16,"bytes":2,"reason":"invalid_utf8","base64":"/wo="}"#,
            r#""line":4,"offset":18,"bytes":2,"reason":"nul_bytes","nuls":2}"#,
        ];
        for (line, expected) in text.lines().zip(expected) {
            let head = r#"{"quarantined":"2026-11-21T01:44:36.251Z","log":"/state/events.jsonl","of":20,"#;
            assert_eq!(line, format!("{head}{expected}"));
        }
        assert_eq!(text.lines().count(), expected.len());
        let whole: Vec<u8> = pieces(&file).into_iter().flat_map(|(_, bytes)| bytes).collect();
        assert_eq!(whole, log);
    }

    #[test]
    fn what_is_held_already_is_not_added_again() {
        let log = b"one\ntwo\n";
        let scan = Scan::of(log);
        let first = lines(&scan, log, "/log", "t1", b"");
        assert_eq!(lines(&scan, log, "/log", "t2", &first), b"");
        let half = first.split_inclusive(|&byte| byte == b'\n').next().unwrap();
        assert_eq!(pieces(&lines(&scan, log, "/log", "t2", half)), [(4, b"two\n".to_vec())]);
        // The same piece of another log is another piece.
        let longer = b"one\ntwo\nthree\n";
        assert_eq!(pieces(&lines(&Scan::of(longer), longer, "/log", "t2", &first)).len(), 3);
    }
}
