//! Plays one scenario against one driver.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

use mock_runtime::pattern::{self, Captures};
use serde_json::{Value, json};

use crate::demand;
use crate::driver::{Driver, Said};
use crate::mock::Mocks;
use crate::scenario::{Expected, Scenario, Step};

const SETTLED_WITHIN: Duration = Duration::from_secs(1);
const END_WITHIN: Duration = Duration::from_secs(15);
/// After a failure nobody waits for a good end any more.
const SHORT_END: Duration = Duration::from_secs(1);

/// What came of a play.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Demands that were looked at and do not hold.
    pub(crate) unmet: Vec<String>,
    /// Whatever else went wrong: a silent driver, a broken contract, a process left running.
    pub(crate) broken: Vec<String>,
    /// Every result and observation up to the last step, in the order of arrival.
    pub(crate) timeline: Vec<Value>,
    /// What was said to the runtimes.
    pub(crate) transcript: Vec<String>,
}

impl Outcome {
    /// Why this play is no success; empty for one. A scenario that is wrong on purpose has to have an unmet demand.
    pub(crate) fn failures(&self, must_fail: bool) -> Vec<String> {
        match (must_fail, self.unmet.is_empty()) {
            (true, false) => Vec::new(),
            (true, true) => {
                let mut failures = self.broken.clone();
                failures.push("it is wrong on purpose, and no demand failed".to_owned());
                failures
            }
            (false, _) => self.broken.iter().chain(&self.unmet).cloned().collect(),
        }
    }
}

/// A step that ends the play, in one of the two ways of [`Outcome`].
enum Stop {
    Unmet(String),
    Broken(String),
}

struct Play {
    driver: Driver,
    mocks: Mocks,
    captures: Captures,
    timeline: Vec<Value>,
    labels: HashMap<u64, String>,
    results: HashMap<String, Value>,
    violations: Vec<String>,
    ended: bool,
    killed: bool,
    told_to_exit: bool,
    next_id: u64,
}

/// Plays a scenario in `directory`, which is empty, with a driver and mock runtimes of its own. In the commands `${tmp}`
/// is a directory that is there for the play.
pub(crate) fn play(scenario: &Scenario, driver: &str, mock: &Path, directory: &Path) -> Outcome {
    let mut outcome = Outcome::default();
    let files = directory.join("tmp");
    let started = Mocks::new(mock, directory, &scenario.script_text()).and_then(|mocks| {
        fs::create_dir(&files)?;
        let log = File::create(directory.join("driver.log"))?;
        Ok((mocks, Driver::start(driver, log)?))
    });
    let (mocks, driver) = match started {
        Ok(started) => started,
        Err(error) => {
            outcome.broken.push(format!("the play cannot begin: {error}"));
            return outcome;
        }
    };
    let mut play = Play {
        driver,
        mocks,
        captures: Captures::default(),
        timeline: Vec::new(),
        labels: HashMap::new(),
        results: HashMap::new(),
        violations: Vec::new(),
        ended: false,
        killed: false,
        told_to_exit: false,
        next_id: 1,
    };
    play.captures.set("tmp", files.to_string_lossy().into());
    let deadline = Instant::now() + Duration::from_millis(scenario.deadline_ms);
    for (index, step) in scenario.steps.iter().enumerate() {
        let stopped = match play.step(step, deadline) {
            Ok(()) => continue,
            Err(Stop::Unmet(why)) => (&mut outcome.unmet, why),
            Err(Stop::Broken(why)) => (&mut outcome.broken, why),
        };
        stopped.0.push(format!("step {}: {}", index + 1, stopped.1));
        break;
    }
    play.listen_until(Instant::now(), |_| false);
    // What the end of the driver causes is no part of the scenario.
    outcome.timeline = play.timeline.clone();
    if outcome.unmet.is_empty() && outcome.broken.is_empty() {
        let check = |demand| demand::check(demand, &outcome.timeline, &play.captures).err();
        outcome.unmet = scenario.demands.iter().filter_map(check).collect();
    }
    play.end(&mut outcome);
    let orphans = play.mocks.orphans();
    outcome.broken.extend(orphans.iter().map(|orphan| format!("left running: {orphan}")));
    outcome.broken.extend(play.mocks.failures(scenario.expected_runs()));
    outcome.broken.append(&mut play.violations);
    outcome.transcript = (0..scenario.expected_runs()).flat_map(|run| play.mocks.transcript(run)).collect();
    outcome
}

impl Play {
    fn step(&mut self, step: &Step, deadline: Instant) -> Result<(), Stop> {
        match step {
            Step::Call { command, label, expected } => {
                self.begin(command, label)?;
                self.awaited(label, expected, deadline)
            }
            Step::Begin { command, label } => self.begin(command, label),
            Step::Await { label, expected } => self.awaited(label, expected, deadline),
            Step::Pending { label } => {
                self.listen_until(Instant::now(), |_| false);
                match self.results.get(label) {
                    Some(result) => {
                        Err(Stop::Unmet(format!("{label} has a result: {}", pattern::short(result))))
                    }
                    None => Ok(()),
                }
            }
            Step::Observe { pattern, count } => {
                let found = |play: &Play| demand::count(pattern, &play.timeline, &play.captures);
                if self.listen_until(deadline, |play| found(play) >= *count) {
                    return Ok(());
                }
                Err(Stop::Broken(format!("{} of {count} came of {pattern}; {}", found(self), self.state())))
            }
            Step::Sleep { ms } => {
                self.listen_until(Instant::now() + Duration::from_millis(*ms), |_| false);
                Ok(())
            }
            Step::Exit => self.exit(END_WITHIN).map_err(Stop::Broken),
            Step::KillDriver => {
                self.driver.kill();
                self.killed = true;
                self.listen_until(deadline, |play| play.ended);
                Ok(())
            }
        }
    }

    fn begin(&mut self, command: &Value, label: &str) -> Result<(), Stop> {
        if self.labels.values().any(|known| known == label) {
            return Err(Stop::Broken(format!("the label {label:?} is used twice")));
        }
        let mut command = pattern::fill(command, &self.captures).map_err(Stop::Broken)?;
        if !command["runtime"].is_null() {
            let runtime = self.mocks.runtime(&command["runtime"]);
            command["runtime"] = runtime.map_err(|e| Stop::Broken(format!("no mock runtime: {e}")))?;
        }
        let id = self.next_id;
        self.next_id += 1;
        self.labels.insert(id, label.to_owned());
        self.captures.set(&format!("{label}.id"), id.into());
        command["id"] = id.into();
        self.driver.tell(&command);
        Ok(())
    }

    fn awaited(&mut self, label: &str, expected: &Expected, deadline: Instant) -> Result<(), Stop> {
        if !self.listen_until(deadline, |play| play.results.contains_key(label)) {
            return Err(Stop::Broken(format!("{label} has no result; {}", self.state())));
        }
        let result = self.results[label].clone();
        demand::check_result(expected, &result, &mut self.captures)
            .map_err(|e| Stop::Unmet(format!("the result of {label}: {e}")))
    }

    /// Takes lines until `done`, the driver's end or the deadline; tells whether it is done. What has been said already is
    /// taken in any case.
    fn listen_until(&mut self, deadline: Instant, done: impl Fn(&Play) -> bool) -> bool {
        loop {
            if done(self) {
                return true;
            }
            if self.ended {
                return false;
            }
            match self.driver.listen(deadline.saturating_duration_since(Instant::now())) {
                Said::Line(line) => self.take(line),
                Said::Garbage(text) => {
                    self.violations.push(format!("the driver's output has a line that is no JSON: {text}"))
                }
                Said::End => self.ended = true,
                Said::Nothing => return done(self),
            }
        }
    }

    fn take(&mut self, mut line: Value) {
        if line.get("obs").is_some() {
            return self.timeline.push(line);
        }
        let Some(label) = line["id"].as_u64().and_then(|id| self.labels.get(&id)).cloned() else {
            return self
                .violations
                .push(format!("a line that is no observation and no result: {}", pattern::short(&line)));
        };
        if line.get("ok").is_some() == line.get("error").is_some() {
            self.violations.push(format!("a result has one of ok and error: {}", pattern::short(&line)));
        }
        if let Some(fields) = line.as_object_mut() {
            fields.remove("id");
        }
        if self.results.insert(label.clone(), line.clone()).is_some() {
            self.violations.push(format!("{label} has a second result: {}", pattern::short(&line)));
        }
        line["result"] = label.into();
        self.timeline.push(line);
    }

    /// Brings the driver to its end, if the scenario has not.
    fn end(&mut self, outcome: &mut Outcome) {
        if self.killed || self.told_to_exit {
            return;
        }
        if self.ended {
            return outcome.broken.push("the driver ended by itself".to_owned());
        }
        let failed = !outcome.unmet.is_empty() || !outcome.broken.is_empty();
        let within = if failed { SHORT_END } else { END_WITHIN };
        self.mocks.settle(SETTLED_WITHIN);
        if !self.labels.values().any(|label| label == "stop") {
            let stopped = self.begin(&json!({"op": "stop"}), "stop").is_ok();
            if stopped
                && !self.listen_until(Instant::now() + within, |play| play.results.contains_key("stop"))
            {
                outcome.broken.push(format!("stop has no result; {}", self.state()));
            }
        }
        if let Err(why) = self.exit(within) {
            outcome.broken.push(why);
        }
    }

    fn exit(&mut self, within: Duration) -> Result<(), String> {
        self.told_to_exit = true;
        self.driver.tell(&json!({"op": "exit", "id": self.next_id}));
        self.next_id += 1;
        let deadline = Instant::now() + within;
        self.listen_until(deadline, |play| play.ended);
        match self.driver.wait(deadline.saturating_duration_since(Instant::now())) {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("the driver ended with {status}")),
            None => {
                self.driver.kill();
                self.killed = true;
                Err("the driver did not exit".to_owned())
            }
        }
    }

    fn state(&self) -> &'static str {
        if self.ended { "the driver has ended" } else { "the time is up" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(unmet: &[&str], broken: &[&str]) -> Outcome {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Outcome { unmet: owned(unmet), broken: owned(broken), ..Outcome::default() }
    }

    #[test]
    fn an_unmet_demand_is_a_failure() {
        assert!(outcome(&[], &[]).failures(false).is_empty());
        assert_eq!(outcome(&["a"], &["b"]).failures(false), ["b", "a"]);
    }

    #[test]
    fn a_scenario_that_is_wrong_on_purpose_passes_only_by_an_unmet_demand() {
        assert!(outcome(&["a"], &[]).failures(true).is_empty());
        assert!(!outcome(&[], &[]).failures(true).is_empty());
        assert!(!outcome(&[], &["the driver cannot be started"]).failures(true).is_empty());
    }
}
