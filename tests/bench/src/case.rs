//! What can be measured, and measuring it in this process.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::bare::Bare;
use crate::side::Side;
use crate::stores::{self, Kind};
use crate::tally::{Consumer, Tally};
use crate::{Result, listing, mock, ours, process, sample, startup};

/// Numbers by name; the unit is in the name.
pub(crate) type Numbers = BTreeMap<String, f64>;

/// One measurement.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Case {
    /// A firehose of `events`, `bytes` each, to one observer of one session.
    Events { events: u64, bytes: usize, consumer: Consumer, buffer: Option<usize> },
    /// `count` pings, one after the other.
    Ping { count: usize },
    /// `count` sessions created one after the other.
    Create { count: usize },
    /// The memory of `count` sessions, each observed, in which nothing happens.
    Idle { count: usize },
    /// Spawning the runtime `count` times until it is connected, less what the runtime takes by itself.
    Startup { count: usize },
    /// A filesystem call of the runtime into a provider in this process, as the runtime sees it.
    Filesystem { count: usize },
    /// A list of the `count` sessions of a store.
    Listing { store: Kind, count: usize },
    /// `count` durable appends to each of the logs of `sessions` in a store.
    Appends { store: Kind, sessions: usize, count: usize },
    /// Opening a stored session with so many `events`.
    OpenStored { store: Kind, events: usize },
}

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SideName {
    Ours,
    Official,
}

/// Measures a case in this process.
pub(crate) fn measure(side: SideName, case: &Case) -> Result<Numbers> {
    // Each measurement runs on a task, as a server's code would.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let case = case.clone();
    runtime.block_on(async move {
        tokio::spawn(async move {
            match side {
                SideName::Ours => run::<ours::Ours>(case).await,
                #[cfg(feature = "official")]
                SideName::Official => run::<crate::official::Official>(case).await,
                #[cfg(not(feature = "official"))]
                SideName::Official => Err("built without the feature `official`".into()),
            }
        })
        .await?
    })
}

async fn run<S: Side>(case: Case) -> Result<Numbers> {
    match case {
        Case::Events { events, bytes, consumer, buffer } => {
            self::events::<S>(events, bytes, consumer, buffer).await
        }
        Case::Ping { count } => ping::<S>(count).await,
        Case::Create { count } => create::<S>(count).await,
        Case::Idle { count } => idle::<S>(count).await,
        Case::Startup { count } => startup::measure::<S>(count).await,
        Case::Filesystem { count } => ours::filesystem(count).await,
        Case::Listing { store, count } => listing::measure(store, count, 20).await,
        Case::Appends { store, sessions, count } => stores::appends(store, sessions, count).await,
        Case::OpenStored { store, events } => stores::open(store, events, 10).await,
    }
}

async fn events<S: Side>(
    events: u64,
    bytes: usize,
    consumer: Consumer,
    buffer: Option<usize>,
) -> Result<Numbers> {
    let mock = mock::spawn(&[("MOCK_FIREHOSE", format!(r#"{{"events":{events},"bytes":{bytes}}}"#))])?;
    let client = S::connect(mock.streams).await?;
    let session = S::create(&client, Some("bench"), buffer).await?;
    let observed = S::observe(&session, Tally::new(consumer));
    let cpu = process::cpu_seconds()?;
    S::send(&session).await?;
    let tally = tokio::time::timeout(Duration::from_secs(600), observed).await??;
    let cpu = process::cpu_seconds()? - cpu;
    let seconds = tally.seconds();
    Ok(numbers([
        ("per_second", tally.covered as f64 / seconds),
        ("seconds", seconds),
        ("lost", events as f64 - tally.covered as f64),
        ("lost_percent", 100.0 * (events as f64 - tally.covered as f64) / events as f64),
        ("calls", tally.calls as f64),
        ("cpu_seconds_per_million", cpu / events as f64 * 1e6),
        ("peak_mb", process::peak_bytes()? / 1e6),
    ]))
}

async fn ping<S: Side>(count: usize) -> Result<Numbers> {
    let mock = mock::spawn(&[])?;
    let client = S::connect(mock.streams).await?;
    for _ in 0..count / 10 {
        S::ping(&client).await?;
    }
    let mut micros = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        S::ping(&client).await?;
        micros.push(start.elapsed().as_secs_f64() * 1e6);
    }
    let mut numbers = spread(micros);
    numbers.insert("bare_us".to_owned(), tokio::task::spawn_blocking(move || bare_ping(count)).await??);
    Ok(numbers)
}

/// The median of pings without a library.
fn bare_ping(count: usize) -> Result<f64> {
    let mut bare = Bare::spawn()?;
    let mut micros = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        bare.ask("ping")?;
        micros.push(start.elapsed().as_secs_f64() * 1e6);
    }
    Ok(sample::quantile(&mut micros, 0.5))
}

async fn create<S: Side>(count: usize) -> Result<Numbers> {
    let mock = mock::spawn(&[])?;
    let client = S::connect(mock.streams).await?;
    let mut sessions = Vec::with_capacity(count);
    let mut micros = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        sessions.push(S::create(&client, None, None).await?);
        micros.push(start.elapsed().as_secs_f64() * 1e6);
    }
    Ok(spread(micros))
}

async fn idle<S: Side>(count: usize) -> Result<Numbers> {
    let mock = mock::spawn(&[])?;
    let client = S::connect(mock.streams).await?;
    let before = process::resident_bytes()?;
    let mut kept = Vec::with_capacity(count);
    for _ in 0..count {
        let session = S::create(&client, None, None).await?;
        let observed = S::observe(&session, Tally::new(Consumer::Count));
        kept.push((session, observed));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let after = process::resident_bytes()?;
    Ok(numbers([("mb", after / 1e6), ("kib_per_session", (after - before) / count as f64 / 1024.0)]))
}

/// Median and 99th percentile.
pub(crate) fn spread(mut micros: Vec<f64>) -> Numbers {
    numbers([
        ("median_us", sample::quantile(&mut micros, 0.5)),
        ("p99_us", sample::quantile(&mut micros, 0.99)),
    ])
}

pub(crate) fn numbers<const N: usize>(pairs: [(&str, f64); N]) -> Numbers {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
