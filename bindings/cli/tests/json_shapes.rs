//! What `--json` writes is a contract: these are its shapes.

mod support;

use model_stub::{ModelStub, Script};
use serde_json::{Value, json};
use support::{Machine, fields, run};

const REPORT: [&str; 6] = ["codriver", "login", "ok", "problems", "provider", "runtime"];

/// A runtime with a stored session.
fn with_a_session() -> Value {
    let session = json!({"sessionId": "s-1", "startTime": "2026-11-21T01:44:36.251Z", "isRemote": false,
        "modifiedTime": "2026-11-21T01:45:00.000Z", "summary": "Greets", "context": {"cwd": "/project"}});
    let event = |kind: &str, data: Value| json!({"id": kind, "timestamp": "2026-11-21T01:44:37.000Z", "type": kind, "data": data});
    json!({"auto": {
        "session.list": {"result": {"sessions": [session]}},
        "session.getMetadata": {"result": {"session": session}},
        "sessions.readPersistedEvents": {"result": {"hasMore": false, "cursorStatus": "ok", "events": [
            event("session.start", json!({})),
            event("user.message", json!({"content": "hello"})),
            event("a.new_one", json!({"unknown": true})),
        ]}},
        "session.delete": {"result": {"success": true}},
    }})
}

#[test]
fn doctor_reports_a_machine_that_is_ready() {
    let (machine, model) = (Machine::new(), ModelStub::start(Script::directives()).unwrap());
    let url = model.base_url();
    let outcome =
        run(&mut machine.mocked(json!({}), &["doctor", "--json", "--provider-url", &url, "--model", "m"]));
    let report = outcome.json();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{report}");
    assert_eq!(fields(&report), REPORT);
    assert_eq!((&report["ok"], &report["problems"]), (&json!(true), &json!([])));
    assert_eq!(report["provider"], json!({"url": url, "reachable": true}));
    let runtime = &report["runtime"];
    assert_eq!(fields(runtime), ["origin", "path", "protocolVersion", "version"]);
    assert_eq!((&runtime["origin"], &runtime["version"]), (&json!("COPILOT_CLI_PATH"), &json!("0.0.0-mock")));
    assert_eq!(
        (&runtime["protocolVersion"], &report["login"]["isAuthenticated"]),
        (&json!(3), &json!(false))
    );
}

#[test]
fn doctor_without_a_runtime_is_exit_code_1_and_says_what_to_do() {
    let outcome = run(&mut Machine::new().codriver(["doctor", "--json"]));
    let report = outcome.json();
    assert_eq!(outcome.code, 1);
    assert_eq!(fields(&report), REPORT);
    assert_eq!(
        (&report["ok"], &report["runtime"], &report["login"]),
        (&json!(false), &Value::Null, &Value::Null)
    );
    assert_eq!(fields(&report["problems"][0]), ["message", "name", "number"]);
    assert_eq!(
        (&report["problems"][0]["number"], report["problems"].as_array().unwrap().len()),
        (&json!(20), 1)
    );
    let outcome = run(&mut Machine::new().codriver(["doctor"]));
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.contains("run `codriver doctor --install`"), "{outcome:?}");
}

#[test]
fn doctor_misses_whatever_a_conversation_needs() {
    let problem = |arguments: &[&str]| {
        let outcome =
            run(&mut Machine::new().mocked(json!({}), &[&["doctor", "--json"], arguments].concat()));
        assert_eq!(outcome.code, 1, "{outcome:?}");
        let report = outcome.json();
        assert_eq!(report["runtime"]["version"], "0.0.0-mock");
        report["problems"][0].clone()
    };
    assert_eq!(problem(&[])["name"], "AUTHENTICATION_REQUIRED");
    let away = problem(&["--provider-url", "http://me:secret@127.0.0.1:1/v1", "--model", "m"]);
    assert_eq!(away["name"], "CONNECT_FAILED");
    assert!(!away.to_string().contains("secret"), "{away}");
}

#[test]
fn sessions_are_listed_shown_and_deleted() {
    let answer = |arguments: &[&str]| {
        let machine = Machine::new();
        let outcome = run(&mut machine.mocked(with_a_session(), arguments));
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
        machine.assert_played();
        outcome.json()
    };
    let listed = answer(&["sessions", "list", "--json"]);
    assert_eq!(fields(&listed), ["sessions"]);
    assert_eq!(listed["sessions"][0]["sessionId"], "s-1");
    let shown = answer(&["--json", "sessions", "show", "s-1"]);
    assert_eq!(shown["session"], listed["sessions"][0]);
    assert_eq!(
        shown["events"],
        json!({"total": 3, "byType": {"a.new_one": 1, "session.start": 1, "user.message": 1}, "prompts": ["hello"],
            "first": "2026-11-21T01:44:37.000Z", "last": "2026-11-21T01:44:37.000Z"})
    );
    assert_eq!(answer(&["sessions", "delete", "s-1", "s-2", "--json"]), json!({"deleted": ["s-1", "s-2"]}));
}

#[test]
fn filters_go_to_the_runtime_as_given_and_directories_as_it_knows_them() {
    let machine = Machine::new();
    let here = machine.home.path().canonicalize().unwrap();
    let script = json!({"steps": [
        {"expect": {"method": "session.list", "as": "list", "params": {"filter": {
            "cwd": here, "gitRoot": "/no/such/directory", "repository": "a/b", "branch": "main"}}}},
        {"reply": {"to": "list", "result": {"sessions": []}}},
    ]});
    let filters =
        ["--cwd", ".", "--git-root", "/no/such/directory", "--repository", "a/b", "--branch", "main"];
    let mut command = machine.mocked(script, &[&["sessions", "list"], &filters[..]].concat());
    let outcome = run(command.current_dir(&here));
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, "No stored session matches.\n"), "{outcome:?}");
    machine.assert_played();
}

#[test]
fn a_session_of_a_runtime_that_cannot_read_it_closed_is_resumed_without_a_trace() {
    let machine = Machine::new();
    let script = json!({"auto": {
        "session.getMetadata": {"result": {"session": {"sessionId": "s-1"}}},
        "session.getMessages": {"result": {"events": [{"id": "e", "type": "user.message", "data": {"content": "hi"}}]}},
        "session.destroy": {"result": {"success": true}},
    }, "steps": [
        {"expect": {"method": "session.resume", "params": {"sessionId": "s-1", "disableResume": true}, "as": "resume"}},
        {"reply": {"to": "resume", "result": {"sessionId": "s-1"}}},
    ]});
    let outcome = run(&mut machine.mocked(script, &["--json", "sessions", "show", "s-1"]));
    assert_eq!(outcome.json()["events"]["prompts"], json!(["hi"]));
    machine.assert_played();
}

#[test]
fn an_error_is_one_object_on_stderr() {
    let outcome = run(&mut Machine::new().mocked(json!({}), &["--json", "sessions", "show", "nobody"]));
    let error: Value = serde_json::from_str(&outcome.stderr).unwrap();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (1, ""));
    assert_eq!((fields(&error), fields(&error["error"])), (vec!["error"], vec!["message", "name", "number"]));
    assert_eq!(
        (&error["error"]["number"], &error["error"]["name"]),
        (&json!(60), &json!("SESSION_NOT_FOUND"))
    );
}
