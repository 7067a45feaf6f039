//! Stored sessions of a client that has a store: those of the store and those of the runtime are one list.

mod support;

use std::sync::Arc;

use codriver::fs::{Conventions, FsPath};
use codriver::options::SessionFsOptions;
use codriver::protocol::results::SessionListFilter;
use codriver::store::{MemoryStore, Store};
use codriver::{Client, SessionConfig};
use serde_json::{Value, json};
use support::{Runtime, open, unconnected};

/// A client whose sessions are in `store`.
async fn connected(store: &MemoryStore) -> (Client, Runtime) {
    let options = SessionFsOptions::store("/project", "/state", Arc::new(store.clone()) as Arc<dyn Store>);
    let (client, mut runtime) = unconnected(|client| client.session_fs(options));
    let shake = async {
        let connect = runtime.expect("connect").await;
        runtime.reply(&connect, json!({"ok": true, "protocolVersion": 3, "version": "0.0.0-test"})).await;
        let provider = runtime.expect("sessionFs.setProvider").await;
        runtime.reply(&provider, json!({"success": true})).await;
    };
    let (connected, ()) = tokio::join!(client.connect(), shake);
    connected.unwrap();
    (client, runtime)
}

async fn write(store: &MemoryStore, id: &str, path: &str, content: &str) {
    let path = FsPath::parse(path, Conventions::Posix).unwrap();
    store.open(id).write(&path, content.to_owned().into(), None).await.unwrap();
}

/// Stores a session of that working directory and name.
async fn keep(store: &MemoryStore, id: &str, cwd: &str, name: &str) {
    let workspace = format!("id: {id}\ncwd: {cwd}\nname: {name}\ncreated_at: 2026-11-20T00:00:00.000Z\n");
    write(store, id, "/state/workspace.yaml", &workspace).await;
}

/// A session as the runtime lists it.
fn listed(id: &str, modified: &str, cwd: &str) -> Value {
    json!({"sessionId": id, "startTime": "2020-01-01T00:00:00.000Z", "modifiedTime": modified, "isRemote": false,
        "isDetached": false, "name": "the runtime's", "context": {"cwd": cwd, "branch": "main"}})
}

const FAR: &str = "9000-01-01T00:00:00.000Z";
const LONG_AGO: &str = "2020-01-01T00:00:00.000Z";

/// Answers the next call, which must be this one with these parameters.
async fn answer(runtime: &mut Runtime, method: &str, params: Value, result: Value) {
    let call = runtime.expect(method).await;
    assert_eq!(call["params"], params, "{method}");
    runtime.reply(&call, result).await;
}

#[tokio::test]
async fn both_lists_are_one_without_doubles_and_the_last_changed_is_first() {
    let store = MemoryStore::new();
    keep(&store, "ours", "/project", "Ours").await;
    keep(&store, "both-newer-here", "/project", "Here").await;
    keep(&store, "both-newer-there", "/project", "Here").await;
    let (client, mut runtime) = connected(&store).await;
    let theirs = json!({"sessions": [
        listed("theirs", LONG_AGO, "/project"),
        listed("both-newer-here", LONG_AGO, "/project"),
        listed("both-newer-there", FAR, "/moved"),
    ]});
    // Not the runtime's filter: it does not know what the store knows.
    let play = async |runtime: &mut Runtime| {
        answer(runtime, "session.list", json!({}), theirs.clone()).await;
    };
    let (all, ()) = tokio::join!(client.list_sessions(None), play(&mut runtime));
    let all = all.unwrap();
    let ids: Vec<_> = all.iter().map(|session| session.session_id.as_str()).collect();
    assert_eq!(ids, ["both-newer-there", "both-newer-here", "ours", "theirs"]);
    let names: Vec<_> = all.iter().map(|session| session.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["the runtime's", "Here", "Ours", "the runtime's"]);
    let here = all[1].context.as_ref().unwrap();
    assert_eq!((here.cwd.as_str(), here.branch.as_deref()), ("/project", Some("main")));

    let filter = Some(SessionListFilter::new().cwd("/project"));
    let (filtered, ()) = tokio::join!(client.list_sessions(filter), play(&mut runtime));
    let ids: Vec<_> = filtered.unwrap().into_iter().map(|session| session.session_id).collect();
    assert_eq!(ids, ["both-newer-here", "ours", "theirs"]);
}

#[tokio::test]
async fn what_is_known_of_a_session_and_which_was_last_come_from_both() {
    let store = MemoryStore::new();
    let (client, mut runtime) = connected(&store).await;
    let last = async |runtime: &mut Runtime, id: Option<&str>| {
        answer(runtime, "session.getLastId", json!({}), json!({"sessionId": id})).await;
    };
    let (found, ()) = tokio::join!(client.get_last_session_id(), last(&mut runtime, None));
    assert_eq!(found.unwrap(), None);
    let (found, ()) = tokio::join!(client.get_last_session_id(), last(&mut runtime, Some("theirs")));
    assert_eq!(found.unwrap().as_deref(), Some("theirs"));
    keep(&store, "ours", "/project", "Ours").await;
    let (found, ()) = tokio::join!(client.get_last_session_id(), last(&mut runtime, None));
    assert_eq!(found.unwrap().as_deref(), Some("ours"));
    for (modified, expected) in [(LONG_AGO, "ours"), (FAR, "theirs")] {
        let play = async {
            last(&mut runtime, Some("theirs")).await;
            for _ in 0..2 {
                let call = runtime.expect("session.getMetadata").await;
                let session = match call["params"]["sessionId"] == "theirs" {
                    true => listed("theirs", modified, "/project"),
                    false => Value::Null,
                };
                runtime.reply(&call, json!({"session": session})).await;
            }
        };
        let (found, ()) = tokio::join!(client.get_last_session_id(), play);
        assert_eq!(found.unwrap().as_deref(), Some(expected), "{modified}");
    }

    for (id, theirs, expected) in [
        ("ours", Value::Null, Some("Ours")),
        ("ours", listed("ours", FAR, "/project"), Some("the runtime's")),
        ("theirs", listed("theirs", FAR, "/project"), Some("the runtime's")),
        ("nobody", Value::Null, None),
    ] {
        let play =
            answer(&mut runtime, "session.getMetadata", json!({"sessionId": id}), json!({"session": theirs}));
        let (found, ()) = tokio::join!(client.get_session_metadata(id), play);
        assert_eq!(found.unwrap().and_then(|session| session.name).as_deref(), expected, "{id}");
    }
}

#[tokio::test]
async fn a_session_is_erased_wherever_it_is_and_only_one_that_is_nowhere_is_not_found() {
    let not_found = json!({"success": false, "error": "Session file not found for x"});
    for (in_store, answered, expected) in [
        (true, json!({"success": true}), None),
        (true, not_found.clone(), None),
        (false, json!({"success": true}), None),
        (false, not_found, Some("SESSION_NOT_FOUND")),
        (true, json!({"success": false, "error": "the disk is on fire"}), Some("SESSION_ERROR")),
    ] {
        let store = MemoryStore::new();
        if in_store {
            keep(&store, "x", "/project", "X").await;
        }
        let (client, mut runtime) = connected(&store).await;
        let play = answer(&mut runtime, "session.delete", json!({"sessionId": "x"}), answered.clone());
        let (deleted, ()) = tokio::join!(client.delete_session("x"), play);
        assert_eq!(deleted.as_ref().err().map(|error| error.name()), expected, "{in_store} {answered}");
        let left = expected == Some("SESSION_ERROR");
        assert_eq!(Store::exists(&store, "x").await.unwrap(), left, "{in_store} {answered}");
    }
}

#[tokio::test]
async fn an_open_session_that_is_only_in_the_store_is_closed_and_then_erased() {
    let store = MemoryStore::new();
    let (client, mut runtime) = connected(&store).await;
    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    keep(&store, "s1", "/project", "Open").await;
    let play = async {
        let not_found = json!({"success": false, "error": "Session file not found for s1"});
        answer(&mut runtime, "session.delete", json!({"sessionId": "s1"}), not_found).await;
        assert!(Store::exists(&store, "s1").await.unwrap(), "what the runtime writes at its end has a place");
        answer(&mut runtime, "session.destroy", json!({"sessionId": "s1"}), json!({"success": true})).await;
    };
    let (deleted, ()) = tokio::join!(client.delete_session("s1"), play);
    deleted.unwrap();
    assert!(!Store::exists(&store, "s1").await.unwrap());
    assert_eq!(session.send("anybody?").await.unwrap_err().name(), "CLOSED");
}

#[tokio::test]
async fn events_are_read_where_the_session_is() {
    let store = MemoryStore::new();
    let (client, mut runtime) = connected(&store).await;
    let id = "33333333-3333-4333-8333-333333333333";
    let start = json!({"type": "session.start", "id": id, "parentId": null, "data": {},
        "timestamp": "2026-11-21T01:44:36.251Z"});
    let log = format!("{start}\n{{\"type\":\"torn");
    write(&store, "stored", "/state/events.jsonl", &log).await;
    let stored = client.get_events("stored").await.unwrap();
    assert_eq!(stored.iter().map(|event| (event.seq(), event.id())).collect::<Vec<_>>(), [(1, id)]);

    let _session = open(&client, &mut runtime, SessionConfig::new()).await;
    let messages = json!({"events": [{"type": "user.message", "id": "live"}]});
    let play = answer(&mut runtime, "session.getMessages", json!({"sessionId": "s1"}), messages);
    let (live, ()) = tokio::join!(client.get_events("s1"), play);
    assert_eq!(live.unwrap()[0].id(), "live");

    let play = async {
        let session = json!({"session": listed("theirs", FAR, "/project")});
        answer(&mut runtime, "session.getMetadata", json!({"sessionId": "theirs"}), session).await;
        let page = json!({"events": [{"type": "a", "id": "one"}, 7], "hasMore": true, "cursor": "c"});
        answer(
            &mut runtime,
            "sessions.readPersistedEvents",
            json!({"sessionId": "theirs", "max": 1000}),
            page,
        )
        .await;
        let next = json!({"sessionId": "theirs", "max": 1000, "cursor": "c"});
        let page = json!({"events": [{"type": "a", "id": "two"}], "hasMore": false});
        answer(&mut runtime, "sessions.readPersistedEvents", next, page).await;
    };
    let (theirs, ()) = tokio::join!(client.get_events("theirs"), play);
    assert_eq!(theirs.unwrap().iter().map(|event| event.id().to_owned()).collect::<Vec<_>>(), ["one", "two"]);

    let play = answer(&mut runtime, "session.getMetadata", json!({"sessionId": "nobody"}), json!({}));
    let (nobody, ()) = tokio::join!(client.get_events("nobody"), play);
    assert_eq!(nobody.unwrap_err().name(), "SESSION_NOT_FOUND");
}
