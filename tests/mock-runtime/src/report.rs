//! What a run leaves behind: whether it went as scripted, and what was said on the way.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use serde::Serialize;
use serde_json::Value;

use crate::pattern;

const MOST_LINES: usize = 2_000;

/// Writes down what happens and saves it as `{ok, failure, steps_done, steps, transcript[]}`. Costs nothing without a path.
#[derive(Debug)]
pub struct Report {
    path: Option<PathBuf>,
    begun: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default, Serialize)]
struct State {
    ok: bool,
    failure: Option<String>,
    steps_done: usize,
    steps: usize,
    transcript: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Line {
    t: f64,
    from: &'static str,
    msg: String,
}

impl Report {
    /// A report at `path`, or one that is kept to itself.
    pub fn new(path: Option<PathBuf>) -> Self {
        Report { path, begun: Instant::now(), state: Mutex::default() }
    }

    /// The file of run `run`: the path itself for the first, with the number added for the next ones.
    pub fn path_of_run(path: &Path, run: usize) -> PathBuf {
        if run == 0 { path.to_owned() } else { with_suffix(path, &format!(".{run}")) }
    }

    /// Adds a process to the list beside the report (`PATH.pids`, lines of `KIND PID`) and tells how many of its kind
    /// were there before: the number of this run. Safe against runs that begin at the same moment.
    pub fn register(path: &Path, kind: &str, pid: u32) -> io::Result<usize> {
        let list = with_suffix(path, ".pids");
        let own = format!("{kind} {pid}");
        OpenOptions::new().create(true).append(true).open(&list)?.write_all(format!("{own}\n").as_bytes())?;
        let text = fs::read_to_string(&list)?;
        Ok(text.lines().filter(|line| line.starts_with(kind)).position(|line| line == own).unwrap_or(0))
    }

    /// Notes a message; long ones are cut, and after 2,000 no more are kept.
    pub fn note(&self, from: &'static str, message: &Value) {
        self.note_text(from, || pattern::short(message));
    }

    /// Notes a text.
    pub fn note_text(&self, from: &'static str, text: impl FnOnce() -> String) {
        if self.path.is_none() {
            return;
        }
        let mut state = self.lock();
        if state.transcript.len() < MOST_LINES {
            let t = self.begun.elapsed().as_secs_f64();
            state.transcript.push(Line { t, from, msg: text() });
        }
    }

    /// Says how far the script has come.
    pub fn progress(&self, steps_done: usize, steps: usize) {
        let mut state = self.lock();
        (state.steps_done, state.steps) = (steps_done, steps);
    }

    /// The script went as written; a failure that was noted stays one.
    pub fn succeed(&self) {
        {
            let mut state = self.lock();
            state.ok = state.failure.is_none();
        }
        self.save();
    }

    /// Something did not go as scripted; the first failure is kept, and told on standard error.
    pub fn fail(&self, failure: &str) {
        let _ = writeln!(io::stderr(), "mock-runtime: {failure}");
        {
            let mut state = self.lock();
            state.ok = false;
            state.failure.get_or_insert_with(|| failure.to_owned());
        }
        self.save();
    }

    /// Whether nothing has failed yet.
    pub fn is_clean(&self) -> bool {
        self.lock().failure.is_none()
    }

    fn save(&self) {
        let Some(path) = &self.path else { return };
        let temporary = with_suffix(path, ".tmp");
        let saved = serde_json::to_vec(&*self.lock())
            .map_err(io::Error::from)
            .and_then(|text| fs::write(&temporary, text))
            .and_then(|()| fs::rename(&temporary, path));
        if let Err(error) = saved {
            let _ = writeln!(io::stderr(), "mock-runtime: the report cannot be written: {error}");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_is_kept_and_a_later_success_does_not_hide_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.json");
        let report = Report::new(Some(path.clone()));
        report.note("client", &serde_json::json!({"method": "ping"}));
        report.fail("first");
        report.fail("second");
        report.succeed();
        let saved: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        assert_eq!(saved["ok"], false);
        assert_eq!(saved["failure"], "first");
        assert_eq!(saved["transcript"][0]["from"], "client");
    }

    #[test]
    fn runs_are_counted_by_their_processes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.json");
        assert_eq!(Report::register(&path, "runtime", 11).unwrap(), 0);
        assert_eq!(Report::register(&path, "child", 12).unwrap(), 0);
        assert_eq!(Report::register(&path, "runtime", 13).unwrap(), 1);
        assert_eq!(Report::path_of_run(&path, 1), directory.path().join("report.json.1"));
    }
}
