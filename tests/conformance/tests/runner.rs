//! The runner against drivers of a few lines: what it prints, and that it notices what is wrong.
#![forbid(unsafe_code)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// Answers ping rightly and everything else with nothing.
const GOOD: &str = r#"while read -r line; do
    id=$(printf '%s' "$line" | sed 's/.*"id":\([0-9]*\).*/\1/')
    case "$line" in
        *'"op":"exit"'*) exit 0 ;;
        *'"op":"ping"'*) echo "{\"obs\":\"pinged\"}"; echo "{\"id\":$id,\"ok\":{\"message\":\"pong: hi\"}}" ;;
        *) echo "{\"id\":$id,\"ok\":{}}" ;;
    esac
done"#;

/// As above, but says every result twice.
const TWICE: &str = r#"while read -r line; do
    id=$(printf '%s' "$line" | sed 's/.*"id":\([0-9]*\).*/\1/')
    case "$line" in
        *'"op":"exit"'*) exit 0 ;;
        *) for i in 1 2; do echo "{\"id\":$id,\"ok\":{\"message\":\"pong: hi\"}}"; done ;;
    esac
done"#;

struct Ran {
    code: Option<i32>,
    output: String,
}

impl Ran {
    fn last_line(&self) -> &str {
        self.output.lines().last().unwrap_or_default()
    }
}

/// Runs the runner with a driver over scenarios given as name, further fields and demands.
fn run(driver: &str, scenarios: &[(&str, &str, &str)]) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    let script = directory.path().join("driver.sh");
    fs::write(&script, driver).unwrap();
    let all = directory.path().join("scenarios");
    fs::create_dir(&all).unwrap();
    for (name, fields, demands) in scenarios {
        write_scenario(&all, name, fields, demands);
    }
    let output = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .args(["--driver", &format!("sh {}", script.display()), "--scenarios"])
        .arg(&all)
        .args(["--mock", "/bin/false"])
        .output()
        .unwrap();
    Ran { code: output.status.code(), output: String::from_utf8(output.stdout).unwrap() }
}

fn write_scenario(directory: &Path, name: &str, fields: &str, demands: &str) {
    let text = format!(
        r#"{{"name": "{name}", "invariants": ["I0"], "description": "a ping", "runs": 0, "deadline_ms": 500, {fields}
            "steps": [{{"call": {{"op": "ping"}}, "ok": {{"message": "pong: hi"}}}}], "demands": [{demands}]}}"#
    );
    fs::write(directory.join(format!("{name}.json")), text).unwrap();
}

const HOLDS: &str = r#"{"count": {"where": {"obs": "pinged"}, "is": 1}}"#;
const DOES_NOT_HOLD: &str = r#"{"count": {"where": {"obs": "pinged"}, "is": 2}}"#;

#[test]
fn a_demand_that_does_not_hold_is_reported_as_a_failure() {
    let ran = run(GOOD, &[("right", "", HOLDS), ("wrong", "", DOES_NOT_HOLD)]);
    assert!(ran.output.contains("ok   right"), "{}", ran.output);
    assert!(ran.output.contains("FAIL wrong"), "{}", ran.output);
    assert_eq!(ran.last_line(), "1 passed, 1 failed");
    assert_eq!(ran.code, Some(1));
}

#[test]
fn a_scenario_that_is_wrong_on_purpose_passes_only_by_failing() {
    let must_fail = r#""must_fail": true,"#;
    assert_eq!(run(GOOD, &[("wrong", must_fail, DOES_NOT_HOLD)]).last_line(), "1 passed, 0 failed");
    assert_eq!(run(GOOD, &[("right", must_fail, HOLDS)]).last_line(), "0 passed, 1 failed");
    assert_eq!(run("exit 3", &[("wrong", must_fail, HOLDS)]).code, Some(1));
}

#[test]
fn a_driver_that_is_silent_dies_or_talks_nonsense_fails() {
    for driver in ["exec sleep 60", "exit 3", "echo nonsense; cat > /dev/null", TWICE] {
        let ran = run(driver, &[("right", "", "")]);
        assert_eq!(ran.last_line(), "0 passed, 1 failed", "{driver}: {}", ran.output);
    }
}

#[test]
fn a_scenario_that_cannot_be_read_ends_the_run_with_code_two() {
    assert_eq!(run(GOOD, &[("typo", r#""demandz": [],"#, "")]).code, Some(2));
    assert_eq!(run(GOOD, &[]).code, Some(2));
}
