//! The rows of the table: what is measured, and what of it is told.

use crate::case::{Case, Numbers};
use crate::stores::Kind;
use crate::tally::Consumer;

/// One row.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) case: Case,
    /// Whether the official crate is measured too.
    pub(crate) official: bool,
    /// Whether the two sides' numbers make a ratio; small differences of large numbers make none.
    pub(crate) ratio: bool,
    /// The number that the row is about.
    pub(crate) number: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) decimals: usize,
    /// Further numbers to show beside it: name and unit.
    pub(crate) beside: &'static [(&'static str, &'static str, usize)],
    pub(crate) target: Option<Target>,
}

/// What DESIGN §8 asks for.
pub(crate) struct Target {
    pub(crate) text: &'static str,
    /// Given our numbers and the official ones.
    pub(crate) reached: fn(&Numbers, Option<&Numbers>) -> bool,
}

const EVENTS: &[(&str, &str, usize)] = &[
    ("lost_percent", "% lost", 1),
    ("cpu_seconds_per_million", "CPU s per million", 2),
    ("peak_mb", "MB at most", 0),
];

/// All rows; `quick` does a tenth of the work.
pub(crate) fn rows(quick: bool) -> Vec<Row> {
    let n = |count: usize| if quick { count / 10 } else { count };
    let million = n(1_000_000) as u64;
    let events = |name: &str, events: u64, bytes: usize, consumer: Consumer, buffer: Option<usize>| Row {
        name: format!("events: {name}"),
        case: Case::Events { events, bytes, consumer, buffer },
        official: true,
        ratio: true,
        number: "per_second",
        unit: "events/s",
        decimals: 0,
        beside: EVENTS,
        target: None,
    };
    let latency = |name: &str, case: Case| Row {
        name: name.to_owned(),
        case,
        official: true,
        ratio: true,
        number: "median_us",
        unit: "µs",
        decimals: 1,
        beside: &[("p99_us", "µs p99", 1)],
        target: None,
    };
    let mut rows = vec![
        Row {
            target: Some(Target {
                text: "≥ 1 M events/s, 0 lost",
                reached: |ours, _| ours["per_second"] >= 1e6 && ours["lost"] == 0.0,
            }),
            ..events("300 bytes", million, 300, Consumer::Count, None)
        },
        events("400 bytes (100 of text)", million, 400, Consumer::Count, None),
        events("2 KiB", million / 4, 2048, Consumer::Count, None),
        events("300 bytes, the handler reads the text", million, 300, Consumer::Read, None),
        events(
            "300 bytes, official buffer raised to 1 Mi events",
            million,
            300,
            Consumer::Count,
            Some(1 << 20),
        ),
        events("300 bytes, slow handler (1 ms per 100)", million / 2, 300, Consumer::Slow, None),
        Row {
            target: Some(Target {
                text: "≤ 0.8 of the official one",
                reached: |ours, official| {
                    official.is_some_and(|official| ours["median_us"] <= 0.8 * official["median_us"])
                },
            }),
            beside: &[("p99_us", "µs p99", 1), ("bare_us", "µs bare", 1)],
            ..latency("`ping` round trip", Case::Ping { count: n(20_000) })
        },
        latency("`create_session`", Case::Create { count: n(2_000) }),
        Row {
            number: "mb",
            unit: "MB RSS",
            decimals: 0,
            beside: &[("kib_per_session", "KiB a session", 1)],
            target: Some(Target { text: "≤ 200 MB", reached: |ours, _| ours["mb"] <= 200.0 }),
            ..latency("10,000 idle sessions", Case::Idle { count: n(10_000) })
        },
        Row {
            ratio: false,
            number: "share_ms",
            unit: "ms",
            decimals: 2,
            beside: &[("bare_ms", "ms the bare runtime", 2)],
            target: Some(Target { text: "≤ 10 ms", reached: |ours, _| ours["share_ms"] <= 10.0 }),
            ..latency("start-up, share of the library", Case::Startup { count: n(50) })
        },
        Row {
            official: false,
            ..latency("filesystem call into a Rust `SessionFs`", Case::Filesystem { count: n(1_000) })
        },
    ];
    // Ten thousand files of SQLite would take longer to make than all the rest.
    rows.extend([Kind::Memory, Kind::Dir, Kind::Sqlite].map(|store| {
        Row {
            official: false,
            ratio: false,
            number: "list_ms",
            unit: "ms",
            beside: &[("filtered_ms", "ms with a filter", 1)],
            target: (store == Kind::Sqlite)
                .then_some(Target { text: "≤ 50 ms", reached: |ours, _| ours["list_ms"] <= 50.0 }),
            ..latency(
                &format!("stores: `{}:`, list of 10,000 sessions", store.scheme()),
                Case::Listing { store, count: n(10_000) },
            )
        }
    }));
    rows.extend(stores(quick));
    rows
}

/// What the stores cost. Nothing of the official crate compares.
fn stores(quick: bool) -> Vec<Row> {
    let n = |count: usize| if quick { count / 10 } else { count };
    let mut rows = Vec::new();
    for store in Kind::ALL {
        let scheme = store.scheme();
        let many = if store == Kind::Memory { 10 } else { 1 };
        let row = |name: String, case: Case| Row {
            name,
            case,
            official: false,
            ratio: false,
            number: "per_second",
            unit: "appends/s",
            decimals: 0,
            beside: &[("median_us", "µs", 0), ("p99_us", "µs p99", 0)],
            target: None,
        };
        let appends = |sessions, count| Case::Appends { store, sessions, count };
        rows.push(row(format!("stores: `{scheme}:`, durable appends of 1 KiB"), appends(1, n(2_000) * many)));
        rows.push(row(
            format!("stores: `{scheme}:`, the same in 16 sessions at once"),
            appends(16, n(200) * many),
        ));
        rows.push(Row {
            number: "open_ms",
            unit: "ms",
            decimals: 1,
            beside: &[("read_ms", "ms of it to read", 1)],
            ..row(
                format!("stores: `{scheme}:`, open and check a session of 10,000 events"),
                Case::OpenStored { store, events: n(10_000) },
            )
        });
    }
    rows
}
