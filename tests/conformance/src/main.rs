//! The conformance runner: plays `tests/scenarios/*.json` against the driver of every language, and compares.
//!
//! Prints one line a scenario and driver, and at the end `N passed, N failed`; the exit code is 0 if none failed, 1 if some
//! did, 2 if nothing could be played.
#![forbid(unsafe_code)]

mod compare;
mod demand;
mod driver;
mod mock;
mod play;
mod scenario;

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;

use crate::play::Outcome;
use crate::scenario::Scenario;

/// Plays the scenarios against drivers.
#[derive(Parser)]
struct Options {
    /// A driver's command, e.g. "build/driver rust"; may be given several times, and then they are compared.
    #[arg(long, value_name = "COMMAND")]
    driver: Vec<String>,
    /// Plays only these; a part of the name is enough.
    #[arg(long, value_name = "NAME")]
    scenario: Vec<String>,
    /// Lists the scenarios and what they show.
    #[arg(long)]
    list: bool,
    /// Prints the timeline and what the runtime heard, also of scenarios that pass.
    #[arg(long)]
    verbose: bool,
    /// How many are played at the same time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Where the scenarios are.
    #[arg(long, value_name = "DIRECTORY")]
    scenarios: Option<PathBuf>,
    /// The mock runtime's executable; the one beside this executable unless told.
    #[arg(long, env = "MOCK_RUNTIME", value_name = "PATH")]
    mock: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            let _ = writeln!(io::stderr(), "conformance: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<usize, String> {
    let directory = options.scenarios.clone().map_or_else(find_scenarios, Ok)?;
    let mut scenarios = Scenario::load_all(&directory)?;
    let wanted =
        |name: &str| options.scenario.is_empty() || options.scenario.iter().any(|part| name.contains(part));
    scenarios.retain(|scenario| wanted(&scenario.name));
    if scenarios.is_empty() {
        return Err("no scenario has that name; --list shows all".to_owned());
    }
    if options.list {
        for scenario in &scenarios {
            say(&format!(
                "{} [{}]\n    {}",
                scenario.name,
                scenario.invariants.join(", "),
                scenario.description
            ));
        }
        return Ok(0);
    }
    if options.driver.is_empty() {
        return Err("name a driver: --driver \"build/driver rust\"".to_owned());
    }
    let mock = options.mock.clone().map_or_else(find_mock, Ok)?;
    let failed = play_all(options, &scenarios, &mock);
    say(&format!("{} passed, {failed} failed", scenarios.len() * options.driver.len() - failed));
    Ok(failed)
}

/// Plays every scenario against every driver; returns how many plays failed.
fn play_all(options: &Options, scenarios: &[Scenario], mock: &Path) -> usize {
    let (next, failed, printing) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(()));
    thread::scope(|scope| {
        for _ in 0..options.jobs.max(1) {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let lines = play_one(options, scenario, mock, &failed);
                    let _turn = printing.lock();
                    say(&lines.join("\n"));
                }
            });
        }
    });
    failed.into_inner()
}

fn play_one(options: &Options, scenario: &Scenario, mock: &Path, failed: &AtomicUsize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut first: Option<Outcome> = None;
    for driver in &options.driver {
        let begun = Instant::now();
        let outcome = match tempfile::tempdir() {
            Ok(directory) => play::play(scenario, driver, mock, directory.path()),
            Err(error) => Outcome { broken: vec![error.to_string()], ..Outcome::default() },
        };
        let mut failures = outcome.failures(scenario.must_fail);
        if let Some(first) = first.as_ref().filter(|_| scenario.deterministic) {
            let difference = compare::difference(&first.timeline, &outcome.timeline);
            failures.extend(difference.map(|d| format!("differs from {}: {d}", options.driver[0])));
        }
        lines.push(verdict(scenario, driver, &failures, begun.elapsed()));
        if !failures.is_empty() {
            failed.fetch_add(1, Ordering::Relaxed);
        }
        if !failures.is_empty() || options.verbose {
            lines.extend(
                outcome
                    .timeline
                    .iter()
                    .map(|entry| format!("      | {}", mock_runtime::pattern::short(entry))),
            );
            lines.extend(outcome.transcript.iter().map(|line| format!("      > {line}")));
        }
        first.get_or_insert(outcome);
    }
    lines
}

fn verdict(scenario: &Scenario, driver: &str, failures: &[String], took: Duration) -> String {
    let word = if failures.is_empty() { "ok  " } else { "FAIL" };
    let reasons: String = failures.iter().map(|failure| format!("\n    {failure}")).collect();
    format!("{word} {} ({driver}, {:.1} s){reasons}", scenario.name, took.as_secs_f64())
}

fn find_scenarios() -> Result<PathBuf, String> {
    let here = env::current_dir().map_err(|e| e.to_string())?;
    let found =
        here.ancestors().map(|directory| directory.join("tests/scenarios")).find(|path| path.is_dir());
    found.ok_or_else(|| "there is no tests/scenarios here or above; name it with --scenarios".to_owned())
}

fn find_mock() -> Result<PathBuf, String> {
    let own = env::current_exe().map_err(|e| e.to_string())?;
    let beside = own.with_file_name(format!("mock-runtime{}", env::consts::EXE_SUFFIX));
    if beside.is_file() {
        Ok(beside)
    } else {
        Err(format!("{} is not there: build mock-runtime", beside.display()))
    }
}

fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
