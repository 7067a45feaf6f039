//! The executable as a client meets it: flags, transports, the built-in peer, scripts, reports, the firehose.
#![forbid(unsafe_code)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use mock_runtime::frame::{self, FrameReader};
use serde_json::{Value, json};

fn mock() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-runtime"));
    command
        .args(["--server", "--no-auto-update"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// The client's end of a connection.
struct Client<R: Read, W> {
    input: FrameReader<BufReader<R>>,
    output: W,
    next_id: u64,
}

impl<R: Read, W: Write> Client<R, W> {
    fn new(input: R, output: W) -> Self {
        Client { input: FrameReader::new(BufReader::new(input)), output, next_id: 1 }
    }

    fn say(&mut self, message: &Value) {
        self.output.write_all(&frame::render(message.to_string().as_bytes())).unwrap();
        self.output.flush().unwrap();
    }

    fn hear(&mut self) -> Option<Value> {
        self.input.next_body().unwrap().map(|body| serde_json::from_slice(&body).unwrap())
    }

    /// Calls, and returns the answer with everything else that came before it.
    fn call(&mut self, method: &str, params: Value) -> (Value, Vec<Value>) {
        let id = self.next_id;
        self.next_id += 1;
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        let mut others = Vec::new();
        loop {
            let message = self.hear().expect("the mock has left");
            if message["id"] == id && message.get("method").is_none() {
                return (message, others);
            }
            others.push(message);
        }
    }
}

fn over_stdio(command: &mut Command) -> (Child, Client<std::process::ChildStdout, std::process::ChildStdin>) {
    let mut child = command.arg("--stdio").spawn().unwrap();
    let client = Client::new(child.stdout.take().unwrap(), child.stdin.take().unwrap());
    (child, client)
}

#[test]
fn the_built_in_peer_plays_a_turn_and_ends_on_shutdown() {
    let (mut child, mut client) = over_stdio(&mut mock());
    assert_eq!(client.call("connect", json!({})).0["result"]["protocolVersion"], 3);
    assert_eq!(client.call("ping", json!({"message": "hi"})).0["result"]["message"], "pong: hi");
    assert_eq!(client.call("nobody.knows", json!({})).0["error"]["code"], -32601);
    let (created, before) = client.call("session.create", json!({"sessionId": "s1"}));
    assert_eq!(created["result"]["sessionId"], "s1");
    assert_eq!(before[0]["params"]["type"], "session.created");
    let (sent, _) = client.call("session.send", json!({"sessionId": "s1", "prompt": "hello"}));
    let message_id = sent["result"]["messageId"].clone();
    let mut kinds = Vec::new();
    while kinds.last().is_none_or(|kind| kind != "session.idle") {
        let event = client.hear().unwrap()["params"]["event"].take();
        if event["type"] == "assistant.message" {
            assert_eq!(event["data"]["originatingMessageId"], message_id);
            assert_eq!(event["data"]["content"], "You said: hello");
        }
        kinds.push(event["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(
        kinds[..4],
        ["user.message", "assistant.turn_start", "assistant.message_start", "assistant.message_delta"]
    );
    assert_eq!(client.call("runtime.shutdown", json!({})).0["result"], Value::Null);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_session_with_a_filesystem_is_built_by_the_recorded_calls() {
    let (mut child, mut client) = over_stdio(&mut mock());
    client.call(
        "sessionFs.setProvider",
        json!({"initialCwd": "/p", "sessionStatePath": "/s", "conventions": "posix"}),
    );
    client.say(
        &json!({"jsonrpc": "2.0", "id": "c", "method": "session.create", "params": {"sessionId": "s1"}}),
    );
    let mut calls = 0;
    let created = loop {
        let message = client.hear().unwrap();
        if message["id"] == "c" {
            break message;
        }
        let result = match message["method"].as_str() {
            Some("sessionFs.readFile") => json!({"content": "", "error": {"code": "ENOENT"}}),
            Some("sessionFs.stat") => {
                json!({"isFile": false, "isDirectory": true, "size": 0, "mtime": "", "birthtime": ""})
            }
            Some("sessionFs.readdirWithTypes") => json!({"entries": []}),
            Some(method) if method.starts_with("sessionFs.") => Value::Null,
            _ => continue,
        };
        calls += 1;
        client.say(&json!({"jsonrpc": "2.0", "id": message["id"], "result": result}));
    };
    assert_eq!(calls, 25);
    assert_eq!(created["result"]["sessionId"], "s1");
    drop(client);
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_firehose_follows_a_send_and_ends_with_an_idle() {
    let (mut child, mut client) =
        over_stdio(mock().env("MOCK_FIREHOSE", r#"{"events": 5000, "bytes": 300}"#));
    client.call("session.create", json!({"sessionId": "s1"}));
    let (_, before) = client.call("session.send", json!({"sessionId": "s1", "prompt": "go"}));
    assert!(before.iter().all(|message| message["params"]["event"]["type"] == "session.start"));
    let mut deltas = 0;
    while client.hear().unwrap()["params"]["event"]["type"] != "session.idle" {
        deltas += 1;
    }
    assert_eq!(deltas, 5000);
    drop(client);
    assert!(child.wait().unwrap().success());
}

#[test]
fn over_tcp_nothing_is_answered_before_the_right_token() {
    let mut child = mock().args(["--port", "0"]).env("COPILOT_CONNECTION_TOKEN", "secret").spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port: u16 = line.trim().strip_prefix("CLI server listening on port ").unwrap().parse().unwrap();
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut client = Client::new(stream.try_clone().unwrap(), stream);
    assert_eq!(client.call("ping", json!({})).0["error"]["code"], -32001);
    assert_eq!(client.call("connect", json!({"token": "wrong"})).0["error"]["code"], -32002);
    assert_eq!(client.call("connect", json!({"token": "secret"})).0["result"]["ok"], true);
    assert_eq!(client.call("ping", json!({})).0["result"]["protocolVersion"], 3);
    drop(client);
    assert!(child.wait().unwrap().success());
}

/// Plays a script; returns the exit code and the report.
fn played(
    script: &str,
    talk: impl FnOnce(&mut Client<std::process::ChildStdout, std::process::ChildStdin>),
) -> (Option<i32>, Value) {
    let directory = tempfile::tempdir().unwrap();
    let report = directory.path().join("report.json");
    let mut command = mock();
    let (mut child, mut client) =
        over_stdio(command.env("MOCK_RUNTIME_SCRIPT", script).env("MOCK_RUNTIME_REPORT", &report));
    talk(&mut client);
    drop(client);
    let code = child.wait().unwrap().code();
    (code, serde_json::from_slice(&fs::read(report).unwrap()).unwrap())
}

#[test]
fn a_script_that_is_kept_is_reported_as_ok() {
    let script = r#"{"steps": [
        {"expect": {"method": "a", "params": {"id": "$id"}, "as": "first"}},
        {"expect": {"method": "b"}},
        {"coalesce": [{"reply": {"result": {"n": 2}}}, {"reply": {"to": "first", "result": {"was": "$id"}}}]}
    ]}"#;
    let (code, report) = played(script, |client| {
        client.say(&json!({"jsonrpc": "2.0", "id": 1, "method": "a", "params": {"id": 7}}));
        client.say(&json!({"jsonrpc": "2.0", "id": 2, "method": "b", "params": {}}));
        assert_eq!(client.hear().unwrap(), json!({"jsonrpc": "2.0", "id": 2, "result": {"n": 2}}));
        assert_eq!(client.hear().unwrap(), json!({"jsonrpc": "2.0", "id": 1, "result": {"was": 7}}));
    });
    assert_eq!((code, &report["ok"], &report["steps_done"]), (Some(0), &json!(true), &json!(3)));
}

#[test]
fn what_goes_against_the_script_is_reported_and_ends_with_seventy() {
    let wanted = r#"{"steps": [{"expect": {"method": "a", "params": {"n": 1}, "within_ms": 100}}]}"#;
    let (code, report) = played(wanted, |client| {
        client.say(&json!({"jsonrpc": "2.0", "id": 1, "method": "a", "params": {"n": 2}}));
        assert_eq!(client.hear(), None);
    });
    assert_eq!(code, Some(70));
    assert_eq!(report["failure"], "step 1: expected a: one came that differs at .n: is 2, wanted 1");

    let unwanted = r#"{"steps": [{"expect_none": {"method": "a"}}]}"#;
    let (code, report) = played(unwanted, |client| {
        client.call("ping", json!({}));
        client.say(&json!({"jsonrpc": "2.0", "id": 9, "method": "a", "params": {}}));
    });
    assert_eq!(code, Some(70));
    // Either the step saw it come, or the end of the script found it unwanted: that depends on who was first.
    let failure = report["failure"].as_str().unwrap();
    assert!(failure.contains("a came: {}") || failure.contains("a {}"), "{report}");
}

#[test]
fn a_script_can_end_the_process_with_a_code_or_a_signal() {
    let (code, report) =
        played(r#"{"steps": [{"exit": {"code": 3}}]}"#, |client| assert_eq!(client.hear(), None));
    assert_eq!((code, &report["ok"]), (Some(3), &json!(true)));
    let (code, report) = played(r#"{"steps": ["kill_self"]}"#, |client| assert_eq!(client.hear(), None));
    assert_eq!((code, &report["ok"]), (None, &json!(true)));
}
