//! The whole boundary against the mock runtime, with foreign code that is a channel (DESIGN I13, I20, I25–I27).

mod foreign;

use std::time::Duration;

use codriver_ffi_support::{
    Client, Dispatch, EntryKind, ErrorKind, FsOperation, FsReply, Session, Store, cancel, close, fail,
    respond, respond_fs, take, wait,
};
use foreign::{PATIENCE, Told, client_with, connected, created, done, events_until, outcome};
use serde_json::{Value, json};

#[test]
fn i13_events_come_in_batches_from_the_first_one_on_without_holes() {
    let (client, ear) = connected(&json!({}));
    let session = created(client, json!({ "handlers": { "onEvent": true } }));
    done(session.send(r#"{"prompt":"hello"}"#));
    let events = events_until(&ear, session.0, "session.idle");
    let numbers: Vec<u64> = events.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
    assert!(events.iter().any(|(_, event)| event["data"]["content"] == "You said: hello"), "{events:?}");

    let again = session.subscribe(Some(1)).unwrap();
    let replayed = events_until(&ear, again, "session.idle");
    assert_eq!(replayed.last(), events.last());
    close(again).unwrap();
    assert_eq!(take(again, 1, 1).unwrap_err().kind(), ErrorKind::BadHandle);

    done(session.disconnect());
    ear.hear(|told| matches!(told, Told::Wake(id) if id == session.0).then_some(()));
    while take(session.0, 100, 1 << 20).unwrap().more {}
    assert!(take(session.0, 1, 1).unwrap().ended, "the end is told when all was taken");
    close(client.0).unwrap();
    ear.end();
}

/// The runtime asks for a tool, and waits for the answer before the script goes on.
fn asks_for_a_tool() -> Value {
    json!({ "steps": [
        { "expect": { "method": "session.send", "as": "send" } },
        { "reply": { "to": "send", "result": { "messageId": "m-1" } } },
        { "event": { "session": "s-1", "type": "external_tool.requested", "data": {
            "requestId": "t-1", "sessionId": "s-1", "toolCallId": "c-1", "toolName": "look", "arguments": { "at": 1 } } } },
        { "expect": { "method": "session.tools.handlePendingToolCall", "params": { "requestId": "t-1",
            "result": { "textResultForLlm": "seen" } } } },
        { "reply_builtin": {} },
        { "event": { "session": "s-1", "type": "session.idle", "ephemeral": true } },
    ] })
}

fn with_a_tool() -> Value {
    json!({ "sessionId": "s-1", "handlers": { "onEvent": true,
        "tools": [{ "name": "look", "description": "Looks", "parameters": { "type": "object" } }] } })
}

#[test]
fn a_question_is_answered_once_and_an_unusable_answer_leaves_it_open() {
    let (client, ear) = connected(&asks_for_a_tool());
    let session = created(client, with_a_tool());
    let turn = session.send_and_wait(r#"{"prompt":"look"}"#, PATIENCE, false).unwrap().start(None).unwrap();
    let request = ear.request();
    assert_eq!((request.kind, request.name.as_str(), request.session), ("tool", "look", session.0));
    assert_eq!(request.session_id, "s-1");
    assert_eq!(serde_json::from_str::<Value>(&request.payload).unwrap()["arguments"], json!({ "at": 1 }));
    let id = request.call_id;
    let refused = respond(id, r#"{"textResultForLlm":5}"#).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert!(refused.message().contains("textResultForLlm"), "{refused}");
    assert_eq!(respond(id, "not json").unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(respond_fs(id, FsReply::Done).unwrap_err().kind(), ErrorKind::InvalidArgument);
    respond(id, r#""seen""#).unwrap();
    assert_eq!(respond(id, r#""seen""#).unwrap_err().kind(), ErrorKind::BadHandle);
    assert_eq!(fail(id, 0, "late").unwrap_err().kind(), ErrorKind::BadHandle);
    assert_eq!(respond(u64::MAX, "1").unwrap_err().kind(), ErrorKind::BadHandle);
    assert_eq!(respond(client.0, "1").unwrap_err().kind(), ErrorKind::BadHandle, "a client is no call");
    assert!(wait(turn, PATIENCE).unwrap().contains("\"aborted\":false"));
    close(client.0).unwrap();
    ear.end();
}

#[test]
fn i20_a_question_nobody_waits_for_any_more_is_cancelled_and_cannot_be_answered() {
    for end in ["abort", "stop", "close"] {
        let mut script = asks_for_a_tool();
        script["steps"].as_array_mut().unwrap().truncate(3);
        let (client, ear) = connected(&script);
        let session = created(client, with_a_tool());
        done(session.send(r#"{"prompt":"look"}"#));
        let id = ear.request().call_id;
        match end {
            "abort" => drop(done(session.abort())),
            "stop" => drop(done(client.stop())),
            _ => close(client.0).unwrap(),
        }
        assert_eq!(ear.cancelled(), id, "{end}");
        assert_eq!(respond(id, r#""late""#).unwrap_err().kind(), ErrorKind::BadHandle, "{end}");
        let _ = close(client.0);
        ear.end();
    }
}

#[test]
fn a_filesystem_of_foreign_code_serves_a_session() {
    let fs = json!({ "sessionFs": { "initialCwd": "/project", "statePath": "/state", "store": "foreign" } });
    let (client, ear) = client_with(&json!({}), Dispatch::Thread, fs);
    done(client.connect());
    let session = Session::new(client, r#"{"sessionId":"s-1"}"#).unwrap();
    let creating = session.create().unwrap().start(None).unwrap();
    let mut served = 0;
    while let Err(error) = wait(creating, Duration::from_millis(1)) {
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        let Some((Told::Fs(request), thread)) = ear.now() else { continue };
        assert_eq!((request.session_id.as_str(), thread.as_str()), ("s-1", "codriver-callbacks"));
        served += 1;
        let id = request.call_id;
        match request.operation {
            FsOperation::Exists { .. } => respond_fs(id, FsReply::Exists(false)).unwrap(),
            FsOperation::Read { .. } => fail(id, ErrorKind::FsNotFound.number(), "not there").unwrap(),
            FsOperation::Stat { .. } => {
                let stat =
                    FsReply::Stat { kind: EntryKind::Directory, size: 0, modified_ms: 1, created_ms: 1 };
                respond_fs(id, stat).unwrap();
            }
            FsOperation::ReadDir { .. } => respond(id, "[]").unwrap(),
            _ => respond_fs(id, FsReply::Done).unwrap(),
        }
    }
    assert!(served > 20, "{served}");
    close(client.0).unwrap();
    ear.end();
}

#[test]
fn i26_nothing_is_told_after_the_end_and_the_ids_stand_for_nothing() {
    let (client, ear) = connected(&json!({}));
    let session = created(client, json!({ "handlers": { "onEvent": true } }));
    let stream = session.subscribe(None).unwrap();
    let hangs = client.rpc("never.answered".into(), "").unwrap();
    let hanging = hangs.start(Some(Box::new(|outcome| assert!(outcome.is_err())))).unwrap();
    close(client.0).unwrap();
    ear.end();
    for error in [
        client.ping(None).err().unwrap(),
        session.send(r#"{"prompt":""}"#).err().unwrap(),
        take(stream, 1, 1).unwrap_err(),
        take(client.0, 1, 1).unwrap_err(),
        cancel(hanging).unwrap_err(),
        close(client.0).unwrap_err(),
        Session::new(client, "").unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::BadHandle, "{error}");
    }
}

#[test]
fn a_program_with_a_loop_of_its_own_calls_back_by_waiting() {
    let (client, ear) = client_with(&json!({}), Dispatch::Wait, json!({}));
    let connecting = client.connect().unwrap().start(None).unwrap();
    let mut told = 0;
    while wait(connecting, Duration::ZERO).is_err_and(|error| error.kind() == ErrorKind::Timeout) {
        told += client.wait(Duration::from_millis(5)).unwrap();
    }
    while told == 0 {
        told = client.wait(PATIENCE).unwrap();
    }
    let (first, thread) = ear.now().unwrap();
    assert!(matches!(first, Told::Wake(id) if id == client.0), "{first:?}");
    assert_ne!(thread, "codriver-callbacks");
    let notices: Value = serde_json::from_str(&take(client.0, 100, 0).unwrap().json).unwrap();
    assert_eq!(notices[0], json!({ "kind": "state", "state": "connecting" }));
    client.wait(Duration::ZERO).unwrap();
    close(client.0).unwrap();
}

#[test]
fn an_operation_is_cancelled_timed_or_told_where_it_would_hang() {
    let (client, ear) = connected(&json!({ "ignore": ["ping"] }));
    let hanging = client.ping(None).unwrap().start(None).unwrap();
    assert_eq!(wait(hanging, Duration::from_millis(5)).unwrap_err().kind(), ErrorKind::Timeout);
    cancel(hanging).unwrap();
    assert_eq!(wait(hanging, PATIENCE).unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(wait(hanging, PATIENCE).unwrap_err().kind(), ErrorKind::BadHandle);

    let other = client.ping(None).unwrap().start(None).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let within = client.get_status().unwrap();
    let complete = move |outcome: codriver_ffi_support::Result<String>| {
        let status: Value = serde_json::from_str(&outcome.unwrap()).unwrap();
        let waited = wait(other, PATIENCE).unwrap_err();
        let thread = std::thread::current().name().unwrap_or_default().to_owned();
        tell.send((status, waited.kind(), thread)).unwrap();
    };
    within.start(Some(Box::new(complete))).unwrap();
    let (status, waited, thread) = told.recv_timeout(PATIENCE).unwrap();
    assert_eq!(status["protocolVersion"], 3);
    assert_eq!((waited, thread.as_str()), (ErrorKind::WouldDeadlock, "codriver-callbacks"));
    assert_eq!(outcome(client.rpc("no.such".into(), "{}")).unwrap_err().kind(), ErrorKind::MethodNotFound);
    close(client.0).unwrap();
    ear.end();
}

#[test]
fn bad_options_are_refused_by_name_where_they_are_given() {
    let refused = |options: &str| {
        let error = Client::new(options, Box::new(nobody()), Dispatch::Thread).unwrap_err();
        error.to_string()
    };
    assert!(refused(r#"{"cliPth":"x"}"#).contains("cliPth"));
    assert!(refused(r#"{"threads":0}"#).contains("threads"));
    assert!(refused("{").starts_with("INVALID_ARGUMENT: client options"));
    let fs = r#"{"sessionFs":{"initialCwd":"/a","statePath":"/s""#;
    assert!(refused(&format!("{fs}}}}}")).contains("sessionFs.store"));
    assert!(refused(&format!(r#"{fs},"store":"redis://x"}}}}"#)).contains("there is no store"));
    let (client, _ear) = client_with(&json!({}), Dispatch::Thread, json!({}));
    let refused = |config: &str| Session::new(client, config).unwrap_err().to_string();
    assert!(refused(r#"{"handlers":{"onEvnt":true}}"#).contains("onEvnt"));
    assert!(refused(r#"{"handlers":{"hooks":["preTool"]}}"#).contains("preTool"));
    assert!(refused(r#"{"model":5}"#).starts_with("INVALID_CONFIG: model"));
    assert_eq!(outcome(Session::new(client, "").unwrap().create()).unwrap_err().kind(), ErrorKind::Closed);
    close(client.0).unwrap();
}

fn nobody() -> impl codriver_ffi_support::Callbacks {
    struct Nobody;
    impl codriver_ffi_support::Callbacks for Nobody {
        fn wake(&self, _: u64) {}
        fn request(&self, _: codriver_ffi_support::Request) {}
        fn fs_request(&self, _: codriver_ffi_support::FsRequest) {}
        fn cancel(&self, _: u64) {}
    }
    Nobody
}

#[test]
fn a_store_is_asked_by_its_id_and_serves_clients() {
    let store = Store::open("memory:").unwrap();
    assert_eq!(done(store.list_sessions("")), json!([]));
    let fs = json!({ "sessionFs": { "initialCwd": "/project", "statePath": "/state", "store": store.0 } });
    let (client, ear) = client_with(&json!({}), Dispatch::Thread, fs);
    done(client.connect());
    created(client, json!({ "sessionId": "s-1" }));
    assert_eq!(done(store.list_sessions("{}"))[0]["sessionId"], "s-1");
    assert_eq!(done(store.get_last_session_id()), json!("s-1"));
    done(store.fork_session("s-1".into(), "s-2".into()));
    let directory = tempfile::tempdir().unwrap();
    let archive = directory.path().join("s-2.tar.gz").to_string_lossy().into_owned();
    assert_eq!(done(store.export_session("s-2".into(), archive.clone()))["sessionId"], "s-2");
    assert_eq!(done(store.import_session(archive, Some("s-3".into()))), json!("s-3"));
    assert_eq!(done(store.get_session_metadata("s-3".into()))["sessionId"], "s-3");
    assert_eq!(done(store.get_events("s-3".into()))["unreadable"], 0);
    done(store.delete_session("s-3".into()));
    let again = outcome(store.delete_session("s-3".into()));
    assert_eq!(again.unwrap_err().kind(), ErrorKind::SessionNotFound);
    close(client.0).unwrap();
    ear.end();
    close(store.0).unwrap();
    assert_eq!(store.get_last_session_id().err().unwrap().kind(), ErrorKind::BadHandle);
}
