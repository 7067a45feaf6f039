//! What is wrong with a command line or a runtime is told by number, with a sentence that says what to do.

mod support;

use serde_json::{Value, json};
use support::{Machine, run, run_with};

const PROVIDER: [&str; 4] = ["--provider-url", "http://127.0.0.1:9/v1", "--model", "m"];

/// Every command that needs a runtime.
fn commands() -> Vec<Vec<&'static str>> {
    let mut commands =
        vec![vec!["sessions", "list"], vec!["sessions", "show", "x"], vec!["sessions", "delete", "x"]];
    commands.extend(["demo", "chat"].map(|command| [&[command], &PROVIDER[..]].concat()));
    commands
}

#[test]
fn without_a_runtime_every_command_says_how_to_get_one() {
    for command in commands() {
        let outcome = run(&mut Machine::new().codriver(command));
        let sentence = outcome.failed_with("RUNTIME_NOT_FOUND", 20);
        assert!(sentence.contains("`codriver doctor --install`"), "{sentence}");
        assert_eq!(outcome.stdout, "");
    }
}

#[test]
fn a_runtime_that_is_named_wrong_is_told_by_the_flag() {
    let machine = Machine::new();
    let plain = machine.home.path().join("plain");
    std::fs::write(&plain, "#!/bin/sh").unwrap();
    let plain = plain.to_str().unwrap();
    for command in commands() {
        let with = |path| run(&mut machine.codriver(command.iter().copied().chain(["--cli-path", path])));
        let outcome = with("/nowhere/copilot");
        let sentence = outcome.failed_with("RUNTIME_NOT_FOUND", 20);
        assert!(sentence.starts_with("--cli-path: /nowhere/copilot does not exist; give"), "{sentence}");
        let outcome = with(plain);
        let sentence = outcome.failed_with("RUNTIME_NOT_FOUND", 20);
        assert!(sentence.contains("is not executable; `chmod +x` it"), "{sentence}");
    }
}

#[test]
fn a_runtime_that_breaks_is_told_by_number() {
    for (step, name, number, part) in [
        (json!({"exit": {"code": 3, "stderr": "out of cheese"}}), "RUNTIME_LOST", 21, "out of cheese"),
        (json!({"write_raw": {"text": "Hello, I am no JSON\r\n\r\n"}}), "PROTOCOL", 40, ""),
    ] {
        let machine = Machine::new();
        let script = json!({"steps": [{"expect": {"method": "connect"}}, step]});
        let outcome = run(&mut machine.mocked(script, &["sessions", "list"]));
        let sentence = outcome.failed_with(name, number);
        assert!(outcome.stderr.contains(part), "{sentence}");
    }
    let connect =
        json!({"auto": {"connect": {"result": {"ok": true, "protocolVersion": 9, "version": "9.0.0"}}}});
    let outcome = run(&mut Machine::new().mocked(connect, &["sessions", "list"]));
    assert!(outcome.failed_with("VERSION_MISMATCH", 41).contains("install a newer Codriver"));
}

#[test]
fn a_wrong_command_line_is_exit_code_2_and_json_where_that_was_asked_for() {
    for arguments in [
        &["chat", "--resume"][..],
        &["sessions", "list", "--json=yes"],
        &["sessions", "delete"],
        &["sessions", "show"],
        &["doctor", "--version", "1.0.102"],
        &["demo", "--scripted-model"],
        &["dance"],
        &["chat", "--api-key", "k"],
    ] {
        let outcome = run(&mut Machine::new().codriver(arguments));
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(outcome.stderr.starts_with("error: "), "{outcome:?}");
    }
    let outcome = run(&mut Machine::new().codriver(["--json", "chat", "--resume"]));
    let error: Value = serde_json::from_str(&outcome.stderr).unwrap();
    assert_eq!((outcome.code, &error["error"]["number"]), (2, &json!(1)));
    assert!(error["error"]["message"].as_str().unwrap().contains("--resume"), "{error}");
}

#[test]
fn an_unusable_provider_is_told_by_its_flag() {
    for (arguments, part) in [
        (&["--provider-url", "http://x/v1"][..], "--model: is missing"),
        (&["--provider-url", "ftp://x", "--model", "m"], "--provider-url: must be an absolute http"),
        (&["--provider-url", "", "--model", "m"], "--provider-url: must not be empty"),
        (&["--model", " "], "--model: must not be empty"),
        (&["--api-key-env", "NOT_SET"], "--api-key-env: `NOT_SET` is not set"),
        (&["--api-key-env", "HOME"], "--api-key-env: is for a provider"),
    ] {
        let machine = Machine::new();
        let outcome = run(&mut machine.mocked(json!({}), &[&["chat"], arguments].concat()));
        let sentence = outcome.failed_with("INVALID_CONFIG", 2);
        assert!(sentence.starts_with(part), "{sentence}");
    }
}

#[test]
fn a_key_on_the_command_line_is_refused_and_not_shown() {
    let arguments = [&["chat"], &PROVIDER[..], &["--api-key-env", "sk-live-0123456789"]].concat();
    let outcome = run(&mut Machine::new().codriver(arguments));
    assert!(outcome.failed_with("INVALID_CONFIG", 2).contains("not the key itself"));
    assert!(!outcome.stderr.contains("sk-live"), "{outcome:?}");
}

#[test]
fn a_session_nobody_knows_is_not_found() {
    for arguments in [
        vec!["sessions", "show", "nobody"],
        vec!["sessions", "delete", "nobody"],
        [&["chat", "--resume", "nobody"], &PROVIDER[..]].concat(),
    ] {
        let machine = Machine::new();
        let outcome = run(&mut machine.mocked(json!({}), &arguments));
        assert!(outcome.failed_with("SESSION_NOT_FOUND", 60).contains("nobody"), "{arguments:?}");
        machine.assert_played();
    }
    let arguments = [&["chat", "--resume", ""], &PROVIDER[..]].concat();
    let outcome = run(&mut Machine::new().mocked(json!({}), &arguments));
    assert!(outcome.failed_with("INVALID_ARGUMENT", 1).starts_with("the session's id:"));
}

#[test]
fn a_chat_without_a_login_or_a_provider_says_so_before_it_reads_anything() {
    let machine = Machine::new();
    let outcome = run_with(&mut machine.mocked(json!({}), &["chat"]), "hello\n");
    let sentence = outcome.failed_with("AUTHENTICATION_REQUIRED", 23);
    assert!(sentence.contains("--provider-url") && sentence.contains(" login`"), "{sentence}");
    assert_eq!(outcome.stdout, "");
}

#[test]
fn a_version_that_is_none_never_reaches_npm() {
    let outcome = run(&mut Machine::new().codriver(["doctor", "--install", "--version", "../../elsewhere"]));
    assert!(outcome.failed_with("INVALID_ARGUMENT", 1).starts_with("--version: must be a version"));
}
