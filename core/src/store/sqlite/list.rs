//! The sessions of a file, with the content of a small file of each.

use bytes::Bytes;
use rusqlite::{Connection, Row, params};

use super::tree::time;
use crate::store::{StoredSession, by_age};

/// A session of a row that begins with its id and the times of its last change and of its making.
pub(super) fn stored(row: &Row<'_>) -> rusqlite::Result<StoredSession> {
    Ok(StoredSession::new(row.get::<_, String>(0)?, time(row.get(1)?), time(row.get(2)?)))
}

/// All sessions, each with its file at `path` where that has at most `max_bytes`: one pass over the sessions, and three
/// look-ups for each.
pub(super) fn with_file(
    connection: &Connection,
    path: &str,
    max_bytes: u64,
) -> rusqlite::Result<Vec<(StoredSession, Option<Bytes>)>> {
    // In the order of the keys: to sort rows with contents would cost more than to sort what comes of them.
    let sql = "SELECT id, sessions.modified, sessions.created, sessions.key, nodes.key, content
        FROM sessions
        LEFT JOIN nodes ON session = sessions.key AND path = ?1 AND is_file AND size <= ?2
        LEFT JOIN segments ON node = nodes.key
        ORDER BY sessions.key, number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![path, i64::try_from(max_bytes).unwrap_or(i64::MAX)])?;
    let mut listed: Vec<(StoredSession, Option<Vec<u8>>)> = Vec::new();
    let mut last = None;
    while let Some(row) = rows.next()? {
        let key: i64 = row.get(3)?;
        if last.replace(key) != Some(key) {
            // An empty file has no segments.
            let is_there = row.get::<_, Option<i64>>(4)?.is_some();
            listed.push((stored(row)?, is_there.then(Vec::new)));
        }
        if let (Some((_, Some(content))), Some(segment)) =
            (listed.last_mut(), row.get_ref(5)?.as_blob_or_null().map_err(rusqlite::Error::from)?)
        {
            content.extend_from_slice(segment);
        }
    }
    listed.sort_unstable_by(|(a, _), (b, _)| by_age(a, b));
    Ok(listed.into_iter().map(|(session, content)| (session, content.map(Bytes::from))).collect())
}
