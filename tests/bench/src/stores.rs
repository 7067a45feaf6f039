//! What a store costs: durable appends of events, and the opening of a session with many.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use codriver::fs::{Conventions, FsPath, SessionFs};
use codriver::store::{self, Store};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::case::{Numbers, numbers, spread};

/// The bytes of an event.
const EVENT_BYTES: usize = 1024;

/// A kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    Memory,
    Dir,
    Sqlite,
    SqliteDir,
}

impl Kind {
    pub(crate) const ALL: [Kind; 4] = [Kind::Memory, Kind::Dir, Kind::Sqlite, Kind::SqliteDir];

    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Kind::Memory => "memory",
            Kind::Dir => "dir",
            Kind::Sqlite => "sqlite",
            Kind::SqliteDir => "sqlite-dir",
        }
    }
}

/// A place for a store, beside this program: a temporary directory may be in memory, where nothing is durable.
pub(crate) struct Place {
    kind: Kind,
    directory: PathBuf,
}

impl Place {
    pub(crate) fn new(kind: Kind) -> Result<Self> {
        let program = std::env::current_exe()?;
        let directory = program.with_file_name(format!("bench-store-{}", std::process::id()));
        std::fs::create_dir(&directory)?;
        Ok(Place { kind, directory })
    }

    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>> {
        let path = self.directory.join("store");
        Ok(match self.kind {
            Kind::Memory => store::open("memory:").await?,
            kind => store::open(&format!("{}:{}", kind.scheme(), path.display())).await?,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What is left over is in the target directory.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn log() -> Result<FsPath> {
    Ok(FsPath::parse("/state/events.jsonl", Conventions::Posix)?)
}

/// A line of the log, [`EVENT_BYTES`] long.
fn event(number: usize) -> String {
    let kind = if number == 0 { "session.start" } else { "user.message" };
    let head = format!(
        r#"{{"type":"{kind}","id":"33333333-3333-4333-8333-{number:012x}","timestamp":"2026-11-21T01:44:36.251Z","parentId":null,"data":{{"content":""#
    );
    let text = "x".repeat(EVENT_BYTES - head.len() - 4);
    format!("{head}{text}\"}}}}\n")
}

/// `count` appends to each of `sessions` logs, each session one after the other.
pub(crate) async fn appends(kind: Kind, sessions: usize, count: usize) -> Result<Numbers> {
    let place = Place::new(kind)?;
    let store = place.open().await?;
    let (start, mut writers) = (Instant::now(), Vec::new());
    for session in 0..sessions {
        let fs = store.open(&format!("session-{session}")).await?;
        writers.push(tokio::spawn(append(fs, count)));
    }
    let mut micros = Vec::with_capacity(sessions * count);
    for writer in writers {
        micros.extend(writer.await??);
    }
    let seconds = start.elapsed().as_secs_f64();
    let mut numbers = spread(micros);
    numbers.insert("per_second".to_owned(), (sessions * count) as f64 / seconds);
    Ok(numbers)
}

async fn append(fs: Arc<dyn SessionFs>, count: usize) -> Result<Vec<f64>> {
    let (path, mut micros) = (log()?, Vec::with_capacity(count));
    for number in 0..count {
        let line = event(number).into();
        let start = Instant::now();
        fs.append(&path, line, None).await?;
        micros.push(start.elapsed().as_secs_f64() * 1e6);
    }
    Ok(micros)
}

/// Opening a session whose log has `events`, each of which came as an append, and looking at each: `rounds` times.
pub(crate) async fn open(kind: Kind, events: usize, rounds: usize) -> Result<Numbers> {
    let place = Place::new(kind)?;
    let mut store = place.open().await?;
    append(store.open("session").await?, events).await?;
    let (mut reads, mut checks) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        if kind != Kind::Memory {
            store = place.open().await?;
        }
        let start = Instant::now();
        let read = store.open("session").await?.read(&log()?).await?;
        reads.push(start.elapsed().as_secs_f64() * 1e3);
        drop(read);
        let start = Instant::now();
        let health = store::check(&*store, "session").await?;
        checks.push(start.elapsed().as_secs_f64() * 1e3);
        if health.events != events as u64 || !health.is_healthy() {
            return Err(format!("the log has {} events of {events}", health.events).into());
        }
    }
    let median = |samples: &mut [f64]| crate::sample::quantile(samples, 0.5);
    Ok(numbers([("open_ms", median(&mut checks)), ("read_ms", median(&mut reads))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_a_line_of_its_size() {
        for number in [0, 1, 9_999] {
            let line = event(number);
            assert_eq!((line.len(), line.ends_with("\"}}\n")), (EVENT_BYTES, true));
            serde_json::from_str::<serde_json::Value>(&line).unwrap();
        }
    }
}
