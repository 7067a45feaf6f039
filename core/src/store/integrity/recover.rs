//! Repairs the event log of one session, in one step that nothing can tear.

use std::time::SystemTime;

use bytes::Bytes;
use uuid::Uuid;

use super::quarantine;
use super::scan::{Damage, Scan};
use crate::fs::blocking::blocking;
use crate::fs::{FsChange, FsError, FsErrorKind, FsPath, FsResult, SessionFs, timestamp};

/// How often a log that somebody else changes meanwhile is read anew.
const ATTEMPTS: usize = 5;

/// What was found in a log, and where that was put which was taken out of it.
#[derive(Debug, PartialEq)]
pub(crate) struct Recovery {
    /// Bytes of the log as it was.
    pub(crate) bytes: u64,
    /// Events that are whole.
    pub(crate) events: u64,
    /// What was wrong.
    pub(crate) damage: Vec<Damage>,
    /// Where the quarantine is, if anything is there now because of this.
    pub(crate) quarantine: Option<FsPath>,
}

/// Where what is taken out of a log goes.
fn quarantine_of(log: &FsPath) -> FsResult<FsPath> {
    let name = log.file_name().unwrap_or_default();
    log.parent().unwrap_or_else(|| log.clone()).join(&format!("{name}.quarantine"))
}

async fn read(fs: &dyn SessionFs, path: &FsPath) -> FsResult<Option<Bytes>> {
    match fs.read(path).await {
        Err(error) if error.kind() == FsErrorKind::NotFound => Ok(None),
        content => content.map(Some),
    }
}

async fn scan(log: &Bytes) -> FsResult<Scan> {
    let log = log.clone();
    blocking(move || Ok(Scan::of(&log))).await
}

/// Reads the log and says what is wrong with it; changes nothing. None where there is no log.
pub(crate) async fn look(fs: &dyn SessionFs, path: &FsPath) -> FsResult<Option<Recovery>> {
    let Some(log) = read(fs, path).await? else { return Ok(None) };
    let Scan { damage, events, .. } = scan(&log).await?;
    Ok(Some(Recovery { bytes: log.len() as u64, events, damage, quarantine: None }))
}

/// Reads the log of a session, and repairs it if it is damaged. None where there is no log. A healthy one costs one read.
///
/// What is not whole goes to the quarantine beside the log, and then the log is written anew, in one
/// [`apply`](SessionFs::apply). In a filesystem whose `apply` goes call by call, a crash between the two leaves the log as
/// it was, and the next repair finds what the quarantine holds already.
///
/// A log in which no event is whole is left as it is: a repair would be a deletion.
pub(crate) async fn recover(
    fs: &dyn SessionFs,
    path: &FsPath,
    session_id: &str,
) -> FsResult<Option<Recovery>> {
    let mut attempts = 1;
    loop {
        let Some(log) = read(fs, path).await? else { return Ok(None) };
        let scan = scan(&log).await?;
        if scan.is_healthy() || scan.events == 0 {
            let bytes = log.len() as u64;
            return Ok(Some(Recovery { bytes, events: scan.events, damage: scan.damage, quarantine: None }));
        }
        match repair(fs, path, session_id, log, scan).await {
            Err(error) if error.kind() == FsErrorKind::Conflict && attempts < ATTEMPTS => attempts += 1,
            recovered => return recovered.map(Some),
        }
    }
}

async fn repair(
    fs: &dyn SessionFs,
    path: &FsPath,
    session_id: &str,
    log: Bytes,
    scan: Scan,
) -> FsResult<Recovery> {
    let beside = quarantine_of(path)?;
    let now = timestamp::format(SystemTime::now());
    let head = if scan.lacks_start() { start(session_id, &now) } else { Vec::new() };
    let takes_away = scan.damage.iter().any(|damage| damage.kind.is_taken_away());
    let held = if takes_away { read(fs, &beside).await? } else { None };
    let (held, text) = (held.unwrap_or_default(), path.to_string());
    let before = log.clone();
    let (scan, lines, after) = blocking(move || {
        let lines = quarantine::lines(&scan, &before, &text, &now, &held);
        let after = scan.log(&before, &head);
        Ok((scan, lines, after))
    })
    .await?;
    let bytes = log.len() as u64;
    let mut changes = vec![FsChange::Expect { path: path.clone(), content: Some(log) }];
    if !lines.is_empty() {
        changes.push(FsChange::Append { path: beside.clone(), content: lines.into(), mode: Some(0o600) });
    }
    changes.push(FsChange::Write { path: path.clone(), content: after.into(), mode: None });
    fs.apply(changes).await.map_err(|error| not_repaired(path, &error))?;
    let quarantine = takes_away.then_some(beside);
    Ok(Recovery { bytes, events: scan.events, damage: scan.damage, quarantine })
}

fn not_repaired(path: &FsPath, error: &FsError) -> FsError {
    let text = format!("{path} is damaged and cannot be repaired: {}", error.message());
    FsError::new(error.kind(), text)
}

/// A `session.start` for a log that lost its own: with what the pinned runtimes ask of one.
fn start(session_id: &str, now: &str) -> Vec<u8> {
    let event = serde_json::json!({
        "type": super::envelope::START,
        "data": {
            "sessionId": session_id,
            "version": 1,
            "producer": "codriver",
            "copilotVersion": "0.0.0",
            "startTime": now,
        },
        "id": Uuid::new_v4().to_string(),
        "timestamp": now,
        "parentId": null,
    });
    format!("{event}\n").into_bytes()
}
