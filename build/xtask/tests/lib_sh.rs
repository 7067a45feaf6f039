//! The parts of `build/lib.sh` that decide whether a failure is seen.
#![forbid(unsafe_code)]

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Runs a script in bash after `build/lib.sh`.
fn bash(script: &str) -> Output {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lib.sh");
    let script = format!("set -euo pipefail; source \"$0\"; {script}");
    Command::new("bash").args(["-c", &script]).arg(library).output().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap().trim()
}

fn count(log: &str) -> String {
    let output = bash(&format!("count <(printf '%b' '{log}')"));
    assert!(output.status.success(), "{output:?}");
    stdout(&output).to_owned()
}

#[test]
fn summaries_of_libtest_and_of_our_own_are_summed() {
    let log = "running 3 tests\\n\
        test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\\n\
        test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\\n\
        \\x1b[32m10 passed, 1 failed\\x1b[0m\\n";
    assert_eq!(count(log), "17 3");
}

#[test]
fn what_only_resembles_a_summary_is_not_counted() {
    assert_eq!(count("the 3 passed; 4 failed of yesterday\\n3 passed\\n"), "0 0");
}

#[test]
fn a_program_that_died_without_a_summary_is_a_failure_and_one_that_only_failed_is_not_a_second_one() {
    let died = "  process didn\\x27t exit successfully: `a` (signal: 6, SIGABRT: process abort signal)\\n";
    let failed = "test result: FAILED. 1 passed; 1 failed; 0 ignored\\n  process didn\\x27t exit successfully: `b` (exit status: 101)\\n";
    assert_eq!(count(died), "0 1");
    assert_eq!(count(failed), "1 1");
    assert_eq!(count(&format!("{died}{failed}")), "1 2");
}

#[test]
fn what_is_shown_of_a_log_is_its_failures_and_without_any_its_end() {
    let show = |log: &str| {
        let log = format!("f=$(mktemp); printf '%b' '{log}' >\"$f\"; failures \"$f\"; rm \"$f\"");
        stdout(&bash(&log)).to_owned()
    };
    let ours = "ok   a\\nFAIL b (rust, 0.1 s)\\n    why\\nok   c\\n2 passed, 1 failed\\n";
    assert_eq!(show(ours), "FAIL b (rust, 0.1 s)\n    why");
    let libtest = "test a ... ok\\nfailures:\\n\\n---- b stdout ----\\nleft: 1\\n\\nfailures:\\n    b\\n\\ntest result: FAILED\\n";
    assert_eq!(show(libtest), "---- b stdout ----\nleft: 1");
    assert_eq!(show("error: no such file\\n"), "error: no such file");
}

// Whoever survives holds the pipe that `bash` reads to its end, so a survivor takes more time than there is.
const SOON: Duration = Duration::from_secs(20);

#[test]
fn what_hangs_is_ended_with_its_children_and_told() {
    let began = Instant::now();
    let output = bash("hang() { sleep 60 & sleep 60; }; s=0; limited 1 hang || s=$?; echo $s");
    assert_eq!(stdout(&output), "time is over: hang ran for 1 s\n124", "{output:?}");
    assert!(began.elapsed() < SOON);
}

#[test]
fn what_ends_in_time_keeps_its_status_and_leaves_no_watcher() {
    let began = Instant::now();
    let output = bash("s=0; limited 60 bash -c 'exit 7' || s=$?; echo $s");
    assert_eq!(stdout(&output), "7", "{output:?}");
    assert!(began.elapsed() < SOON);
}

#[test]
fn a_cache_entry_appears_whole_or_not_at_all() {
    let script = "cache=\"$(mktemp -d)\"; \
        half() { touch \"$1/half\"; return 1; }; whole() { touch \"$1/a\"; sleep 0.2; touch \"$1/b\"; }; \
        into_cache x half || ls \"$cache\" | wc -l; \
        for i in 1 2 3; do into_cache x whole >/dev/null & done; wait; \
        ls \"$cache\" \"$(into_cache x half)\" | tr '\\n' ' '; rm -rf \"$cache\"";
    let output = bash(script);
    let listing = stdout(&output).replace(':', "");
    let names: Vec<&str> = listing.split_whitespace().filter(|name| !name.contains('/')).collect();
    assert_eq!(names, ["0", "x", "a", "b"], "{output:?}");
}

#[test]
fn a_table_takes_the_place_of_the_one_between_its_marks_and_of_nothing_else() {
    let document = "before\\n<!-- go, from here -->\\n\\nold\\n\\n<!-- to here -->\\n<!-- rust, from here -->\\n<!-- to here -->\\n";
    let splice = |name: &str, table: &str| {
        let script = format!(
            "f=$(mktemp); printf '{document}' >$f; printf '{table}' | splice {name} $f || echo no; printf '{table}' | splice {name} $f || echo no; cat $f; rm $f*"
        );
        stdout(&bash(&script)).to_owned()
    };
    let unchanged = document.replace("\\n", "\n");
    let expected = unchanged.replace("old", "new\nrow");
    assert_eq!(splice("go", "new\\nrow\\n"), expected.trim());
    for (name, table) in [("java", "new\\n"), ("go", "")] {
        assert_eq!(splice(name, table), format!("no\nno\n{}", unchanged.trim()), "{name}");
    }
}
