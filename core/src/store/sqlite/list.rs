//! The sessions of a file, with the content of a small file of each.

use std::ops::Range;

use bytes::Bytes;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};

use super::tree::time;
use crate::store::{StoredSession, by_age};

/// A session of a row that begins with its id and the times of its last change and of its making.
pub(super) fn stored(row: &Row<'_>) -> rusqlite::Result<StoredSession> {
    Ok(StoredSession::new(row.get::<_, String>(0)?, time(row.get(1)?), time(row.get(2)?)))
}

/// All sessions, each with its file at `path` where that has at most `max_bytes`: one pass over the sessions, and a look-up
/// of the file and of each of its segments.
pub(super) fn with_file(
    connection: &Connection,
    path: &str,
    max_bytes: u64,
) -> rusqlite::Result<Vec<(StoredSession, Option<Bytes>)>> {
    // In the order of the keys: to sort rows with contents would cost more than to sort what comes of them. The row of a
    // node, beside what the index has of it, is looked up for a node without content only.
    let sql = "SELECT id, sessions.modified, sessions.created,
            CASE WHEN length(content) <= ?2 THEN content END, CASE WHEN content IS NULL THEN is_file END
        FROM sessions
        LEFT JOIN nodes ON session = sessions.key AND path = ?1
        LEFT JOIN segments ON node = nodes.key
        ORDER BY sessions.key, number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![path, i64::try_from(max_bytes).unwrap_or(i64::MAX)])?;
    let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
    // All contents are in one piece of memory: to make ten thousand small ones takes longer than to read them.
    let mut contents = Vec::new();
    let mut listed: Vec<(StoredSession, Option<Range<usize>>)> = Vec::new();
    while let Some(row) = rows.next()? {
        // A session whose file has more than one segment has as many rows, one after the other.
        let id = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        if listed.last().is_none_or(|(session, _)| session.id != id) {
            listed.push((stored(row)?, Some(contents.len()..contents.len())));
        }
        let Some((_, found)) = listed.last_mut() else { continue };
        let Some(content) = found else { continue };
        match row.get_ref(3)? {
            ValueRef::Blob(segment) if content.len() + segment.len() <= max_bytes => {
                contents.extend_from_slice(segment);
                content.end = contents.len();
            }
            // An empty file has no segments; a directory has none either.
            ValueRef::Null if row.get::<_, Option<bool>>(4)? == Some(true) => {}
            _ => *found = None,
        }
    }
    listed.sort_unstable_by(|(a, _), (b, _)| by_age(a, b));
    let contents = Bytes::from(contents);
    let slice = |(session, found): (_, Option<_>)| (session, found.map(|content| contents.slice(content)));
    Ok(listed.into_iter().map(slice).collect())
}
