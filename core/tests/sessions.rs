//! Registry, pre-registration, reservations (DESIGN I6–I8, I12) and the answers of unknown sessions (I2).

mod support;

use codriver::fs::{Conventions, FsPath, SessionFs};
use codriver::options::SessionFsOptions;
use codriver::store::MemoryStore;
use codriver::{Client, ErrorKind, SessionConfig};
use serde_json::json;
use support::{Runtime, Seen, connected, connected_with, open};

#[tokio::test]
async fn i06_handlers_and_events_are_served_before_create_is_answered() {
    let (client, mut runtime) = connected().await;
    let seen = Seen::default();
    let config = SessionConfig::new().session_id("s1").on_event(seen.types()).on_user_input_request(
        async |request: codriver::protocol::requests::UserInputRequest, _| {
            Ok(codriver::protocol::requests::UserInputResponse::choice(request.choices[0].clone()))
        },
    );
    let far_side = async {
        let create = runtime.expect("session.create").await;
        assert_eq!(create["params"]["requestUserInput"], true);
        runtime.event("s1", "session.start", json!({})).await;
        let question = json!({"sessionId": "s1", "question": "?", "choices": ["red"]});
        runtime.request(1, "userInput.request", question).await;
        assert_eq!(runtime.answer_to(1).await["result"], json!({"answer": "red", "wasFreeform": false}));
        assert_eq!(seen.wait_for(1).await, ["session.start"]);
        runtime.accept(&create).await;
    };
    let (session, ()) = tokio::join!(client.create_session(config), far_side);
    assert_eq!(session.unwrap().id(), "s1");
}

#[tokio::test]
async fn i06_the_filesystem_is_served_before_create_is_answered_also_with_two_sessions_at_once() {
    let store = MemoryStore::new();
    let files = store.clone();
    let (client, mut runtime) = {
        let (client, mut runtime) = support::unconnected(|options| {
            options.session_fs(SessionFsOptions::new("/project", "/state", move |id| Ok(files.open(id))))
        });
        let shake = async {
            let connect = runtime.expect("connect").await;
            runtime.reply(&connect, json!({"protocolVersion": 3, "version": "t"})).await;
            let set = runtime.expect("sessionFs.setProvider").await;
            assert_eq!(
                set["params"],
                json!({"initialCwd": "/project", "sessionStatePath": "/state", "conventions": "posix"})
            );
            runtime.reply(&set, json!({"success": true})).await;
        };
        let (connected, ()) = tokio::join!(client.connect(), shake);
        connected.unwrap();
        (client, runtime)
    };
    let far_side = async {
        let (a, b) = (runtime.expect("session.create").await, runtime.expect("session.create").await);
        for (call, id, text) in [(&a, "a", "one"), (&b, "b", "two")] {
            assert_eq!(call["params"]["sessionId"], id);
            let write = json!({"sessionId": id, "path": "/state/x", "content": text});
            runtime.request(format!("w-{id}"), "sessionFs.writeFile", write).await;
            assert_eq!(runtime.answer_to(format!("w-{id}")).await["result"], json!(null));
        }
        for (call, id, text) in [(&b, "b", "two"), (&a, "a", "one")] {
            runtime.request(7, "sessionFs.readFile", json!({"sessionId": id, "path": "/state/x"})).await;
            assert_eq!(runtime.answer_to(7).await["result"], json!({"content": text}));
            runtime.accept(call).await;
        }
    };
    let (first, second, ()) = tokio::join!(
        client.create_session(SessionConfig::new().session_id("a")),
        client.create_session(SessionConfig::new().session_id("b")),
        far_side
    );
    first.unwrap();
    second.unwrap();
    let path = codriver::fs::FsPath::parse("/state/x", codriver::fs::Conventions::Posix).unwrap();
    let stored: std::sync::Arc<dyn SessionFs> = store.open("b");
    assert_eq!(&stored.read(&path).await.unwrap()[..], b"two");
}

#[tokio::test]
async fn i07_a_refused_create_leaves_nothing_registered() {
    let (client, mut runtime) = connected().await;
    let far_side = async {
        let create = runtime.expect("session.create").await;
        runtime.refuse(&create, -32603, "session construction failed").await;
    };
    let (session, ()) = tokio::join!(client.create_session(SessionConfig::new().session_id("s1")), far_side);
    let error = session.unwrap_err();
    assert_eq!((error.kind(), error.rpc().unwrap().code), (ErrorKind::Rpc, -32603));
    runtime
        .request(5, "hooks.invoke", json!({"sessionId": "s1", "hookType": "preToolUse", "input": {}}))
        .await;
    assert_eq!(runtime.answer_to(5).await["error"]["code"], -32602);
    open(&client, &mut runtime, SessionConfig::new()).await;
}

#[tokio::test]
async fn i07_a_dropped_create_is_destroyed_when_its_answer_comes_and_the_id_is_free_afterwards() {
    let (client, mut runtime) = connected().await;
    let create = {
        let opening = client.create_session(SessionConfig::new().session_id("s1"));
        tokio::pin!(opening);
        tokio::select! {
            _ = &mut opening => panic!("nobody answered"),
            call = runtime.expect("session.create") => call,
        }
    };
    // Until the far side has let go of it, the id is not free.
    let again = client.create_session(SessionConfig::new().session_id("s1")).await;
    assert_eq!(again.unwrap_err().kind(), ErrorKind::SessionAlreadyOpen);
    runtime.accept(&create).await;
    let destroy = runtime.expect("session.destroy").await;
    assert_eq!(destroy["params"]["sessionId"], "s1");
    runtime.reply(&destroy, json!({"success": true})).await;
    // The answer is read before the next create is written only if we let it.
    client_settles(&client, &mut runtime).await;
    open(&client, &mut runtime, SessionConfig::new()).await;
}

#[tokio::test]
async fn i07_a_dropped_create_that_is_refused_needs_no_destroy() {
    let (client, mut runtime) = connected().await;
    let create = tokio::select! {
        _ = client.create_session(SessionConfig::new().session_id("s1")) => panic!("nobody answered"),
        call = runtime.expect("session.create") => call,
    };
    runtime.refuse(&create, -32603, "no").await;
    client_settles(&client, &mut runtime).await;
    open(&client, &mut runtime, SessionConfig::new()).await;
}

#[tokio::test]
async fn i08_a_second_create_or_resume_of_a_live_id_is_refused_and_the_live_one_is_untouched() {
    let (client, mut runtime) = connected().await;
    let seen = Seen::default();
    let session = open(&client, &mut runtime, SessionConfig::new().on_event(seen.types())).await;
    let created = client.create_session(SessionConfig::new().session_id("s1")).await;
    let resumed = client.resume_session("s1", SessionConfig::new()).await;
    assert_eq!(created.unwrap_err().kind(), ErrorKind::SessionAlreadyOpen);
    assert_eq!(resumed.unwrap_err().kind(), ErrorKind::SessionAlreadyOpen);
    runtime.expect_silence().await;
    runtime.event("s1", "session.info", json!({})).await;
    assert_eq!(seen.wait_for(1).await, ["session.info"]);
    drop(session);
}

#[tokio::test]
async fn i12_an_answer_with_another_id_is_an_error_and_that_session_is_destroyed() {
    let (client, mut runtime) = connected().await;
    let far_side = async {
        let create = runtime.expect("session.create").await;
        runtime.reply(&create, json!({"sessionId": "other"})).await;
        let destroy = runtime.expect("session.destroy").await;
        assert_eq!(destroy["params"]["sessionId"], "other");
    };
    let (session, ()) = tokio::join!(client.create_session(SessionConfig::new().session_id("s1")), far_side);
    assert_eq!(session.unwrap_err().kind(), ErrorKind::SessionIdMismatch);
}

#[tokio::test]
async fn i12_a_failure_after_the_answer_destroys_the_session() {
    let (client, mut runtime) = connected().await;
    let config = SessionConfig::new().session_id("s1").skip_custom_instructions(true);
    let far_side = async {
        let create = runtime.expect("session.create").await;
        runtime.accept(&create).await;
        let update = runtime.expect("session.options.update").await;
        runtime.refuse(&update, -32603, "no").await;
        assert_eq!(runtime.expect("session.destroy").await["params"]["sessionId"], "s1");
    };
    let (session, ()) = tokio::join!(client.create_session(config), far_side);
    assert_eq!(session.unwrap_err().kind(), ErrorKind::Rpc);
}

#[tokio::test]
async fn i02_unknown_methods_and_unknown_sessions_are_answered_at_once_with_their_codes() {
    let (client, mut runtime) = connected().await;
    let _session = open(&client, &mut runtime, SessionConfig::new()).await;
    runtime.request("x", "no.such", json!({"sessionId": "s1"})).await;
    assert_eq!(runtime.answer_to("x").await["error"]["code"], -32601);
    runtime.request("y", "no.such", json!({})).await;
    assert_eq!(runtime.answer_to("y").await["error"]["code"], -32601);
    runtime
        .request("z", "hooks.invoke", json!({"sessionId": "nobody", "hookType": "preToolUse", "input": {}}))
        .await;
    assert_eq!(runtime.answer_to("z").await["error"]["code"], -32602);
    runtime.request("w", "hooks.invoke", json!({"sessionId": "s1", "hookType": 7})).await;
    assert_eq!(runtime.answer_to("w").await["error"]["code"], -32602);
}

#[tokio::test]
async fn a_dropped_session_ends_here_and_a_disconnected_one_on_both_sides() {
    let (client, mut runtime) = connected().await;
    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    let mut stream = session.subscribe();
    let far_side = async {
        let destroy = runtime.expect("session.destroy").await;
        runtime.event("s1", "session.shutdown", json!({})).await;
        runtime.reply(&destroy, json!({"success": true})).await;
    };
    let (ended, ()) = tokio::join!(session.disconnect(), far_side);
    ended.unwrap();
    assert_eq!(stream.next().await.unwrap().event_type(), "session.shutdown");
    assert!(stream.next().await.is_none());
    session.disconnect().await.unwrap();
    assert_eq!(session.send("x").await.unwrap_err().kind(), ErrorKind::Closed);

    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    drop(session);
    runtime.expect_silence().await;
    open(&client, &mut runtime, SessionConfig::new()).await;
}

#[tokio::test]
async fn a_factory_that_fails_leaves_nothing_behind() {
    let fails = SessionFsOptions::new("/p", "/s", |_| {
        Err(codriver::Error::new(ErrorKind::FsIo, "the disk is on fire"))
    });
    let (client, mut runtime) = support::unconnected(|options| options.session_fs(fails));
    let shake = async {
        for _ in 0..2 {
            let call = runtime.next().await;
            runtime.reply(&call, json!({"protocolVersion": 3, "success": true})).await;
        }
    };
    let (connected, ()) = tokio::join!(client.connect(), shake);
    connected.unwrap();
    for _ in 0..2 {
        let error = client.create_session(SessionConfig::new().session_id("s1")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FsIo);
    }
    runtime.expect_silence().await;
}

/// A round trip: all that was written before it has been read.
async fn client_settles(client: &codriver::Client, runtime: &mut support::Runtime) {
    let far_side = async {
        let ping = runtime.expect("ping").await;
        runtime.reply(&ping, json!({"message": "pong", "timestamp": "", "protocolVersion": 3})).await;
    };
    let (pong, ()) = tokio::join!(client.ping(None), far_side);
    pong.unwrap();
    tokio::task::yield_now().await;
}

#[tokio::test]
async fn options_of_create_are_written_as_the_wire_names_them() {
    let (client, mut runtime) = connected_with(|options| options).await;
    let config = SessionConfig::new().model("m").streaming(false).session_id("s1");
    let far_side = async {
        let create = runtime.expect("session.create").await;
        let params = json!({"sessionId": "s1", "model": "m", "streaming": false, "requestPermission": true});
        assert_eq!(create["params"], params);
        runtime.accept(&create).await;
    };
    let (session, ()) = tokio::join!(client.create_session(config), far_side);
    assert_eq!(session.unwrap().workspace_path(), Some("/w"));
}

#[tokio::test]
async fn a_damaged_log_is_repaired_before_resume_is_asked_and_the_first_event_says_so() {
    const WHOLE: &str = "{\"type\":\"session.start\",\"data\":{},\"id\":\"33333333-3333-4333-8333-333333333300\",\
        \"timestamp\":\"2026-11-21T01:44:36.251Z\",\"parentId\":null}\n";
    let store = MemoryStore::new();
    let log = FsPath::parse("/elsewhere/events.jsonl", Conventions::Posix).unwrap();
    let files = store.open("s1");
    files.write(&log, format!("{WHOLE}{{\"type\":\"user.mess").into(), None).await.unwrap();
    let (client, mut runtime) = with_files(&store, "/elsewhere").await;
    let seen = Seen::default();
    let far_side = async {
        let resume = runtime.expect("session.resume").await;
        assert_eq!(files.read(&log).await.unwrap(), WHOLE);
        assert_eq!(seen.wait_for(1).await, ["codriver.session_repaired"]);
        runtime.event("s1", "session.resume", json!({})).await;
        runtime.accept(&resume).await;
    };
    let resume = client.resume_session("s1", SessionConfig::new().on_event(seen.types()));
    let (session, ()) = tokio::join!(resume, far_side);
    let session = session.unwrap();
    assert_eq!(seen.wait_for(2).await, ["codriver.session_repaired", "session.resume"]);
    // Who subscribes later can have it, too.
    let first = session.subscribe_from(1).next().await.unwrap();
    assert_eq!((first.event_type(), first.seq()), ("codriver.session_repaired", 1));
}

#[tokio::test]
async fn a_log_that_cannot_be_read_or_repaired_ends_the_resume_before_it_is_asked() {
    let store = MemoryStore::new();
    let log = FsPath::parse("/state/events.jsonl", Conventions::Posix).unwrap();
    let (client, mut runtime) = with_files(&store, "/state").await;
    store.open("s1").write(&log, "not a log\n".into(), None).await.unwrap();
    let error = client.resume_session("s1", SessionConfig::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FsCorrupt, "{error}");
    store.open("s2").mkdir(&log, true, None).await.unwrap();
    let error = client.resume_session("s2", SessionConfig::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FsIo, "{error}");
    runtime.expect_silence().await;
    // The ids are free, and a create looks at no log.
    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    assert_eq!(session.id(), "s1");
}

/// A client whose sessions are in `store`.
async fn with_files(store: &MemoryStore, state_path: &str) -> (Client, Runtime) {
    let files = store.clone();
    let options = SessionFsOptions::new("/project", state_path, move |id| Ok(files.open(id)));
    let (client, mut runtime) = support::unconnected(|client| client.session_fs(options));
    let shake = async {
        let connect = runtime.expect("connect").await;
        runtime.reply(&connect, json!({"protocolVersion": 3, "version": "t"})).await;
        let set = runtime.expect("sessionFs.setProvider").await;
        runtime.reply(&set, json!({"success": true})).await;
    };
    let (connected, ()) = tokio::join!(client.connect(), shake);
    connected.unwrap();
    (client, runtime)
}
