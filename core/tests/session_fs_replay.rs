//! Every `sessionFs.*` request of a recorded create, send and resume (runtime 1.0.102), answered from memory and
//! compared with what the recorded client answered, which the runtime was content with.
//!
//! In the recording, long contents are cut (`… (172 chars)`), and one host path in an error was replaced.

use std::time::Duration;

use codriver::fs::{Conventions, FsServer};
use codriver::store::MemoryStore;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

const RECORDING: &str = include_str!("../../tests/vectors/session-fs.1.0.102.jsonl");

#[derive(Deserialize)]
struct Exchange<'a> {
    method: String,
    #[serde(borrow)]
    params: &'a RawValue,
    result: Value,
}

/// Takes out what differs from one machine or run to the next, leaving its type: times, sizes, words of errors, and the
/// content of a log whose pieces were cut before it was read whole.
fn without_accidents(mut result: Value, path: &str) -> Value {
    let blank = |value: &mut Value| match value {
        Value::String(text) => *text = format!("<{}>", if text.is_empty() { "empty" } else { "text" }),
        Value::Number(number) => *number = u64::from(number.as_u64() > Some(0)).into(),
        _ => {}
    };
    // What the recorded client did not say.
    if let Some(answer) = result.as_object_mut() {
        answer.retain(|name, _| !matches!(&**name, "mtimeMs" | "birthtimeMs"));
    }
    for pointer in ["/mtime", "/birthtime", "/size", "/error/message"] {
        result.pointer_mut(pointer).map(blank);
    }
    if path.ends_with("/events.jsonl") {
        result.pointer_mut("/content").map(blank);
    }
    result
}

#[tokio::test]
async fn a_recorded_session_gets_the_answers_it_got() {
    let store = MemoryStore::new();
    let server = FsServer::new(store.open("my-session-1"), Conventions::Posix, Duration::from_secs(30));
    let mut methods = std::collections::BTreeMap::<String, usize>::new();
    for (line, text) in RECORDING.lines().enumerate() {
        let exchange: Exchange<'_> = serde_json::from_str(text).unwrap();
        let params: Value = serde_json::from_str(exchange.params.get()).unwrap();
        let path = params["path"].as_str().unwrap_or_default();
        let answer = server.handle(&exchange.method, exchange.params).await.unwrap();
        let answer: Value = serde_json::from_str(answer.get()).unwrap();
        assert_eq!(
            without_accidents(answer, path),
            without_accidents(exchange.result, path),
            "line {}: {} {path}",
            line + 1,
            exchange.method
        );
        *methods.entry(exchange.method).or_default() += 1;
    }
    let counted: Vec<_> = methods.iter().map(|(method, count)| (method.as_str(), *count)).collect();
    assert_eq!(
        counted,
        [
            ("sessionFs.appendFile", 4),
            ("sessionFs.exists", 5),
            ("sessionFs.mkdir", 14),
            ("sessionFs.readFile", 22),
            ("sessionFs.readdirWithTypes", 3),
            ("sessionFs.rename", 3),
            ("sessionFs.stat", 6),
            ("sessionFs.writeFile", 5),
        ]
    );
    assert_eq!(store.list(), ["my-session-1"]);
}

#[tokio::test]
async fn a_recorded_session_survives_being_called_without_waiting_for_answers() {
    let store = MemoryStore::new();
    let server = FsServer::new(store.open("my-session-1"), Conventions::Posix, Duration::from_secs(30));
    let mut answers = Vec::new();
    for text in RECORDING.lines() {
        let exchange: Exchange<'_> = serde_json::from_str(text).unwrap();
        answers.push((exchange.result.is_null(), server.handle(&exchange.method, exchange.params)));
    }
    // Reads overlap, so only the changes have one right answer; the last state is the same in any case.
    for (changed, answer) in answers {
        let answer = answer.await.unwrap();
        assert!(!changed || answer.get() == "null", "{answer}");
    }
    let read = RawValue::from_string(r#"{"path":"/state/events.jsonl"}"#.into()).unwrap();
    let log: Value =
        serde_json::from_str(server.handle("sessionFs.readFile", &read).await.unwrap().get()).unwrap();
    let appended: String = RECORDING
        .lines()
        .map(|text| serde_json::from_str::<Exchange<'_>>(text).unwrap())
        .filter(|exchange| exchange.method == "sessionFs.appendFile")
        .map(|exchange| serde_json::from_str::<Value>(exchange.params.get()).unwrap())
        .map(|params| params["content"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(log["content"], appended);
}
