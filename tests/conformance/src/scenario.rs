//! Scenario files: what the mock runtime does, what the driver is told, what is demanded of it. Strict: an unknown key is
//! an error, and so is a script that the mock would refuse.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mock_runtime::script::Script;
use serde::Deserialize;
use serde_json::Value;

/// One scenario; its name is its file's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// The invariants of DESIGN §2 that it shows, e.g. `I6`; or the section that it is about.
    pub(crate) invariants: Vec<String>,
    pub(crate) description: String,
    /// A script of the mock runtime, or a list with one for each time it is started.
    #[serde(default)]
    pub(crate) mock: Value,
    /// How many runtimes are started in all; as many as there are scripts unless told.
    #[serde(default)]
    pub(crate) runs: Option<usize>,
    /// How long the steps may take.
    #[serde(default = "twenty_seconds")]
    pub(crate) deadline_ms: u64,
    /// Whether results and observations are the same in every driver.
    #[serde(default)]
    pub(crate) deterministic: bool,
    /// Whether it is wrong on purpose: it passes only if a demand fails.
    #[serde(default)]
    pub(crate) must_fail: bool,
    pub(crate) steps: Vec<Step>,
    #[serde(default)]
    pub(crate) demands: Vec<Demand>,
}

/// What the runner does next.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) enum Step {
    /// Gives a command and waits for its result.
    Call { command: Value, label: String, expected: Expected },
    /// Gives a command.
    Begin { command: Value, label: String },
    /// Waits for the result of a command.
    Await { label: String, expected: Expected },
    /// Demands that a command has no result yet.
    Pending { label: String },
    /// Waits until so many entries of the timeline match.
    Observe { pattern: Value, count: usize },
    /// Waits.
    Sleep { ms: u64 },
    /// Tells the driver to exit, and waits until it has.
    Exit,
    /// Kills the driver, and waits until it is gone.
    KillDriver,
}

/// What a result has to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expected {
    Ok(Value),
    Error(Value),
    Any,
}

/// What has to be true of the timeline: every result (`{"result": label, "ok": …}`) and observation in the order of arrival.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(crate) enum Demand {
    /// These come in this order; others may come between.
    InOrder(Vec<Value>),
    /// Those that match `where` are exactly these, in this order.
    Exactly(Exactly),
    /// So many match `where`.
    Count(Count),
    /// None matches.
    Never(Value),
    /// The events of a session are numbered from `from` without holes.
    Seq(Seq),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exactly {
    #[serde(rename = "where")]
    pub(crate) filter: Value,
    pub(crate) are: Vec<Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Count {
    #[serde(rename = "where")]
    pub(crate) filter: Value,
    /// A number, or a pattern like `{"$at_least": 3}`.
    pub(crate) is: Value,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seq {
    pub(crate) session: String,
    #[serde(default = "one")]
    pub(crate) from: u64,
}

/// A step as it is written: one verb, and what goes with it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    call: Option<Value>,
    begin: Option<Value>,
    #[serde(rename = "await")]
    awaited: Option<String>,
    pending: Option<String>,
    observe: Option<Value>,
    sleep_ms: Option<u64>,
    exit: Option<bool>,
    kill_driver: Option<bool>,
    #[serde(rename = "as")]
    label: Option<String>,
    ok: Option<Value>,
    error: Option<Value>,
    any: bool,
    count: Option<usize>,
}

impl TryFrom<Written> for Step {
    type Error = String;

    fn try_from(w: Written) -> Result<Self, String> {
        let verbs = [
            w.call.is_some(),
            w.begin.is_some(),
            w.awaited.is_some(),
            w.pending.is_some(),
            w.observe.is_some(),
        ];
        let more = [w.sleep_ms.is_some(), w.exit.is_some(), w.kill_driver.is_some()];
        if verbs.iter().chain(&more).filter(|there| **there).count() != 1 {
            return Err("a step has exactly one verb: call, begin, await, pending, observe, sleep_ms, exit, kill_driver".into());
        }
        let has_result = w.call.is_some() || w.awaited.is_some();
        let expected = match (w.ok, w.error, w.any) {
            (None, None, false) => Expected::Ok(Value::Object(Default::default())),
            (Some(ok), None, false) if has_result => Expected::Ok(ok),
            (None, Some(error), false) if has_result => Expected::Error(error),
            (None, None, true) if has_result => Expected::Any,
            _ => return Err("only call and await take one of ok, error and any".into()),
        };
        let op = |command: &Value| command["op"].as_str().map(str::to_owned).ok_or("a command without op");
        let label_of = |command: &Value| w.label.clone().map_or_else(|| op(command), Ok);
        Ok(match (w.call, w.begin, w.awaited, w.pending, w.observe, w.sleep_ms, w.exit) {
            (Some(command), ..) => Step::Call { label: label_of(&command)?, command, expected },
            (_, Some(command), ..) => Step::Begin { label: label_of(&command)?, command },
            (_, _, Some(label), ..) => Step::Await { label, expected },
            (_, _, _, Some(label), ..) => Step::Pending { label },
            (_, _, _, _, Some(pattern), ..) => Step::Observe { pattern, count: w.count.unwrap_or(1) },
            (_, _, _, _, _, Some(ms), _) => Step::Sleep { ms },
            (.., Some(_)) => Step::Exit,
            _ => Step::KillDriver,
        })
    }
}

impl Scenario {
    /// Reads a scenario and checks what can be checked before it is played.
    pub(crate) fn load(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let text = fs::read_to_string(path).map_err(|e| format!("{shown}: {e}"))?;
        let scenario: Scenario = serde_json::from_str(&text).map_err(|e| format!("{shown}: {e}"))?;
        if path.file_stem().and_then(|stem| stem.to_str()) != Some(&scenario.name) {
            return Err(format!("{shown}: its name is {:?}", scenario.name));
        }
        if scenario.invariants.is_empty() || scenario.description.is_empty() || scenario.steps.is_empty() {
            return Err(format!("{shown}: says not what it shows"));
        }
        let mut labels = BTreeSet::new();
        for step in &scenario.steps {
            if let Step::Call { label, .. } | Step::Begin { label, .. } = step
                && !labels.insert(label)
            {
                return Err(format!("{shown}: the label {label:?} is used twice"));
            }
        }
        for run in 0..scenario.scripts() {
            Script::parse(&scenario.script_text(), run).map_err(|e| format!("{shown}: run {run}: {e}"))?;
        }
        Ok(scenario)
    }

    /// Reads all scenarios of a directory, in the order of their names.
    pub(crate) fn load_all(directory: &Path) -> Result<Vec<Self>, String> {
        let entries = fs::read_dir(directory).map_err(|e| format!("{}: {e}", directory.display()))?;
        let mut paths: Vec<_> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        paths.sort();
        paths.iter().map(|path| Scenario::load(path)).collect()
    }

    /// The mock's script as text.
    pub(crate) fn script_text(&self) -> String {
        if self.mock.is_null() { "{}".to_owned() } else { self.mock.to_string() }
    }

    /// How many runtimes are to be started.
    pub(crate) fn expected_runs(&self) -> usize {
        self.runs.unwrap_or_else(|| self.scripts())
    }

    fn scripts(&self) -> usize {
        self.mock.as_array().map_or(1, Vec::len)
    }
}

fn twenty_seconds() -> u64 {
    20_000
}

fn one() -> u64 {
    1
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn step(json: Value) -> Result<Step, String> {
        serde_json::from_value(json).map_err(|e| e.to_string())
    }

    #[test]
    fn a_step_has_one_verb_and_only_what_goes_with_it() {
        assert!(
            matches!(step(json!({"call": {"op": "ping"}})), Ok(Step::Call { label, .. }) if label == "ping")
        );
        assert!(matches!(
            step(json!({"await": "x", "error": {}})),
            Ok(Step::Await { expected: Expected::Error(_), .. })
        ));
        assert!(step(json!({"call": {"op": "ping"}, "sleep_ms": 1})).is_err());
        assert!(step(json!({"begin": {"op": "ping"}, "ok": {}})).is_err());
        assert!(step(json!({"call": {"op": "ping"}, "ok": {}, "error": {}})).is_err());
        assert!(step(json!({"call": {}})).is_err());
        assert!(step(json!({"cal": {"op": "ping"}})).is_err());
    }

    #[test]
    fn every_scenario_of_this_project_can_be_read() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
        let scenarios = Scenario::load_all(&directory).unwrap();
        assert_eq!(scenarios.iter().filter(|s| s.must_fail).count(), 1);
        for number in 1..=22 {
            let invariant = format!("I{number}");
            let shown = scenarios.iter().any(|s| s.invariants.contains(&invariant) && !s.must_fail);
            assert!(shown, "no scenario shows {invariant}");
        }
    }
}
