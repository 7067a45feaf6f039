//! The operations of one session on a connection. Each is one transaction of its caller.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::tree::range_below;
use crate::fs::{DirEntry, EntryKind, FsChange, FsError, FsErrorKind, FsPath, FsResult, FsStat, LoadedEntry};

/// The longest segment that a write makes, in bytes.
const SEGMENT_BYTES: usize = 4 << 20;

pub(super) fn failed(error: rusqlite::Error) -> FsError {
    FsError::io(match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => "the disk is full".to_owned(),
        _ => error.to_string(),
    })
}

pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

pub(super) fn time(nanoseconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanoseconds.try_into().unwrap_or(0))
}

fn parent(path: &FsPath) -> String {
    path.parent().map_or_else(String::new, |parent| parent.as_str().to_owned())
}

struct Node {
    key: i64,
    stat: FsStat,
}

/// A session in a transaction.
pub(super) struct Tree<'a> {
    connection: &'a Connection,
    session: i64,
}

impl<'a> Tree<'a> {
    /// The files of the session with that key.
    pub(super) fn new(connection: &'a Connection, session: i64) -> Self {
        Tree { connection, session }
    }

    fn execute(&self, sql: &str, params: impl rusqlite::Params) -> FsResult<usize> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(params))
            .map_err(failed)
    }

    fn node(&self, path: &FsPath) -> FsResult<Option<Node>> {
        let sql = "SELECT key, is_file, size, modified, created FROM nodes WHERE session = ? AND path = ?";
        let node = |row: &rusqlite::Row<'_>| {
            let (modified, created) = (time(row.get(3)?), time(row.get(4)?));
            let stat = match row.get(1)? {
                true => FsStat::file(row.get::<_, i64>(2)?.unsigned_abs(), modified, created),
                false => FsStat::directory(modified, created),
            };
            Ok(Node { key: row.get(0)?, stat })
        };
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        statement.query_row(params![self.session, path.as_str()], node).optional().map_err(failed)
    }

    pub(super) fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        match self.node(path)? {
            Some(node) => Ok(node.stat),
            None if path.is_root() => Ok(FsStat::directory(UNIX_EPOCH, UNIX_EPOCH)),
            None => Err(FsError::not_found(path)),
        }
    }

    fn kind(&self, path: &FsPath) -> FsResult<Option<EntryKind>> {
        Ok(match self.node(path)? {
            Some(node) => Some(node.stat.kind),
            None => path.is_root().then_some(EntryKind::Directory),
        })
    }

    pub(super) fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        let node = match self.node(path)? {
            Some(node) if node.stat.kind == EntryKind::File => node,
            None if !path.is_root() => return Err(FsError::not_found(path)),
            _ => return Err(FsError::is_a_directory(path)),
        };
        let mut content = Vec::with_capacity(usize::try_from(node.stat.size).unwrap_or(0));
        let sql = "SELECT content FROM segments WHERE node = ? ORDER BY number";
        let mut read = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query([node.key])?;
            while let Some(row) = rows.next()? {
                content.extend_from_slice(row.get_ref(0)?.as_blob()?);
            }
            Ok(())
        };
        read().map_err(failed)?;
        Ok(content.into())
    }

    pub(super) fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        match self.kind(path)? {
            None => return Err(FsError::not_found(path)),
            Some(EntryKind::File) => return Err(FsError::not_a_directory(path)),
            Some(EntryKind::Directory) => {}
        }
        let below = range_below(path).0.len();
        let entry = |row: &rusqlite::Row<'_>| {
            let kind = if row.get(1)? { EntryKind::File } else { EntryKind::Directory };
            let path = row.get_ref(0)?.as_str()?;
            Ok(DirEntry::new(path.get(below..).unwrap_or(path), kind))
        };
        let sql = "SELECT path, is_file FROM nodes WHERE session = ? AND parent = ?";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map(params![self.session, path.as_str()], entry).map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    fn insert(&self, path: &FsPath, is_file: bool) -> FsResult<i64> {
        let sql = "INSERT INTO nodes (session, path, parent, is_file, size, created, modified)
            VALUES (?1, ?2, ?3, ?4, 0, ?5, ?5)";
        self.execute(sql, params![self.session, path.as_str(), parent(path), is_file, now()])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Makes the directories above `path` that are missing.
    fn make_parents(&self, path: &FsPath) -> FsResult<()> {
        let mut missing = Vec::new();
        let mut above = path.parent();
        while let Some(parent) = above {
            match self.kind(&parent)? {
                Some(EntryKind::Directory) => break,
                Some(EntryKind::File) => return Err(FsError::not_a_directory(&parent)),
                None => above = parent.parent(),
            }
            missing.push(parent);
        }
        missing.iter().try_for_each(|path| self.insert(path, false).map(drop))
    }

    /// The key and size of the file at `path`, which is made if there is none.
    fn file_to_change(&self, path: &FsPath) -> FsResult<(i64, u64)> {
        match self.node(path)? {
            Some(node) if node.stat.kind == EntryKind::File => Ok((node.key, node.stat.size)),
            None if !path.is_root() => {
                self.make_parents(path)?;
                Ok((self.insert(path, true)?, 0))
            }
            _ => Err(FsError::is_a_directory(path)),
        }
    }

    /// Adds segments to a file, which then has `size` bytes.
    fn add(&self, file: i64, content: &[u8], size: u64) -> FsResult<()> {
        let sql = "INSERT INTO segments (node, number, content)
            VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM segments WHERE node = ?1), ?2)";
        for segment in content.chunks(SEGMENT_BYTES) {
            self.execute(sql, params![file, segment])?;
        }
        let size = i64::try_from(size).map_err(|_| FsError::io("the file is too large"))?;
        self.execute("UPDATE nodes SET size = ?, modified = ? WHERE key = ?", params![size, now(), file])?;
        Ok(())
    }

    pub(super) fn write(&self, path: &FsPath, content: &[u8]) -> FsResult<()> {
        let (file, _) = self.file_to_change(path)?;
        self.execute("DELETE FROM segments WHERE node = ?", [file])?;
        self.add(file, content, content.len() as u64)
    }

    pub(super) fn append(&self, path: &FsPath, content: &[u8]) -> FsResult<()> {
        let (file, size) = self.file_to_change(path)?;
        self.add(file, content, size + content.len() as u64)
    }

    pub(super) fn mkdir(&self, path: &FsPath, recursive: bool) -> FsResult<()> {
        match self.kind(path)? {
            Some(EntryKind::Directory) => return Ok(()),
            Some(EntryKind::File) => return Err(FsError::not_a_directory(path)),
            None if recursive => self.make_parents(path)?,
            None => {
                if let Some(parent) = path.parent() {
                    match self.kind(&parent)? {
                        Some(EntryKind::Directory) => {}
                        Some(EntryKind::File) => return Err(FsError::not_a_directory(&parent)),
                        None => return Err(FsError::not_found(&parent)),
                    }
                }
            }
        }
        self.insert(path, false).map(drop)
    }

    pub(super) fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        match self.kind(path)? {
            None if force => return Ok(()),
            None => return Err(FsError::not_found(path)),
            Some(EntryKind::Directory) if path.is_root() => {
                return Err(FsError::unsupported("the root cannot be removed"));
            }
            Some(EntryKind::Directory) if !recursive => return Err(FsError::is_a_directory(path)),
            Some(EntryKind::Directory) => {
                let (from, end) = range_below(path);
                let sql = "DELETE FROM nodes WHERE session = ? AND path >= ? AND path < ?";
                self.execute(sql, params![self.session, from, end])?;
            }
            Some(EntryKind::File) => {}
        }
        self.execute(
            "DELETE FROM nodes WHERE session = ? AND path = ?",
            params![self.session, path.as_str()],
        )?;
        Ok(())
    }

    pub(super) fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        let kind = self.kind(from)?.ok_or_else(|| FsError::not_found(from))?;
        if from == to {
            return Ok(());
        }
        let (below, end) = range_below(from);
        if from.is_root() || to.as_str().starts_with(&below) {
            return Err(FsError::io(format!("{from} cannot be moved into itself")).with_write_changed(false));
        }
        match (kind, self.kind(to)?) {
            (_, Some(EntryKind::Directory)) => return Err(FsError::is_a_directory(to)),
            (EntryKind::Directory, Some(EntryKind::File)) => return Err(FsError::not_a_directory(to)),
            (_, Some(EntryKind::File)) => self.remove(to, false, false)?,
            (_, None) => self.make_parents(to)?,
        }
        let sql = "UPDATE nodes SET path = ?, parent = ? WHERE session = ? AND path = ?";
        self.execute(sql, params![to.as_str(), parent(to), self.session, from.as_str()])?;
        if kind == EntryKind::Directory {
            // `substr` counts characters.
            let behind = i64::try_from(from.as_str().chars().count() + 1).unwrap_or(i64::MAX);
            let sql = "UPDATE nodes SET path = ?1 || substr(path, ?2), parent = ?1 || substr(parent, ?2)
                WHERE session = ?3 AND path >= ?4 AND path < ?5";
            self.execute(sql, params![to.as_str(), behind, self.session, below, end])?;
        }
        Ok(())
    }

    /// One step of a batch; the caller's transaction takes all back where one fails.
    pub(super) fn make(&self, change: &FsChange) -> FsResult<()> {
        match change {
            FsChange::Expect { path, content } => {
                let found = match self.read(path) {
                    Err(error) if error.kind() == FsErrorKind::NotFound => None,
                    found => Some(found?),
                };
                if found == *content { Ok(()) } else { Err(FsError::conflict(path)) }
            }
            FsChange::Write { path, content, .. } => self.write(path, content),
            FsChange::Append { path, content, .. } => self.append(path, content),
            FsChange::Mkdir { path, .. } => self.mkdir(path, true),
            FsChange::Remove { path, recursive, force } => self.remove(path, *recursive, *force),
            FsChange::Rename { from, to } => self.rename(from, to),
        }
    }

    pub(super) fn load(&self, below: &FsPath, max_file_bytes: u64) -> FsResult<Vec<LoadedEntry>> {
        let (from, end) = range_below(below);
        let sql = "SELECT path FROM nodes WHERE session = ? AND path >= ? AND path < ?";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map(params![self.session, from, end], |row| row.get::<_, String>(0));
        let paths: Vec<String> = rows.and_then(Iterator::collect).map_err(failed)?;
        let entry = |path: String| {
            let path = FsPath::parse(&path, below.conventions())?;
            let stat = self.stat(&path)?;
            let is_small = stat.kind == EntryKind::File && stat.size <= max_file_bytes;
            let content = is_small.then(|| self.read(&path)).transpose()?;
            Ok(LoadedEntry::new(path, stat, content))
        };
        paths.into_iter().map(entry).collect()
    }
}
