//! Events through a whole client: order, replay, handlers that misbehave, bytes that misbehave (DESIGN I1, I4, I13–I17).

mod support;

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use codriver::{EventData, SessionConfig};
use serde_json::json;
use support::{Seen, connected, open};

#[tokio::test(flavor = "multi_thread")]
async fn i13_on_event_sees_every_event_from_the_first_and_late_handlers_start_from_now() {
    let (client, mut runtime) = connected().await;
    let (early, late) = (Seen::default(), Seen::default());
    let session = open(&client, &mut runtime, SessionConfig::new().on_event(early.types())).await;
    runtime.event("s1", "session.info", json!({})).await;
    early.wait_for(1).await;
    session.on(late.types());
    runtime.event("s1", "session.warning", json!({})).await;
    assert_eq!(late.wait_for(1).await, ["session.warning"]);
    assert_eq!(early.wait_for(2).await, ["session.info", "session.warning"]);
    let mut replay = session.subscribe_from(1);
    assert_eq!(replay.next().await.unwrap().seq(), 1);
    assert_eq!(replay.next().await.unwrap().seq(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn i13_a_stream_of_the_config_has_what_came_before_create_answered() {
    let (client, mut runtime) = connected().await;
    let (give, given) = mpsc::channel();
    let config = SessionConfig::new().session_id("s1").on_stream(move |stream| give.send(stream).unwrap());
    let serve = async {
        let create = runtime.expect("session.create").await;
        runtime.event("s1", "session.info", json!({})).await;
        let mut stream = given.recv().unwrap();
        assert!(poll_fn(|cx| stream.poll_ready(cx)).await);
        let early = stream.take_within(10, 1);
        assert_eq!((early.len(), early[0].seq(), stream.session_id()), (1, 1, "s1"));
        runtime.accept(&create).await;
        stream
    };
    let (session, mut stream) = tokio::join!(client.create_session(config), serve);
    drop(session.unwrap());
    assert!(!poll_fn(|cx| stream.poll_ready(cx)).await, "the session has ended");
    assert!(stream.take(10).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn i01_i15_a_handler_that_hangs_stops_neither_other_sessions_nor_calls_nor_requests() {
    let (client, mut runtime) = connected().await;
    let (release, blocked) = mpsc::channel::<()>();
    let blocked = std::sync::Mutex::new(blocked);
    let hang = move |_: &codriver::SessionEvent| {
        let _ = blocked.lock().unwrap().recv_timeout(Duration::from_secs(20));
    };
    let session = open(&client, &mut runtime, SessionConfig::new().on_event(hang)).await;
    runtime.event("s1", "session.info", json!({})).await;
    let seen = Seen::default();
    let other = {
        let config = SessionConfig::new().session_id("s2").on_event(seen.types());
        let accept = async {
            let create = runtime.expect("session.create").await;
            runtime.accept(&create).await;
        };
        tokio::join!(client.create_session(config), accept).0.unwrap()
    };
    for _ in 0..50 {
        runtime.event("s1", "session.info", json!({})).await;
        runtime.event("s2", "session.info", json!({})).await;
    }
    seen.wait_for(50).await;
    runtime
        .request("q", "hooks.invoke", json!({"sessionId": "s1", "hookType": "sessionStart", "input": {}}))
        .await;
    assert_eq!(runtime.answer_to("q").await["result"], json!({}));
    release.send(()).unwrap();
    drop((session, other, release));
}

#[tokio::test(flavor = "multi_thread")]
async fn i15_a_handler_that_panics_is_reported_and_the_others_and_later_events_still_run() {
    let (client, mut runtime) = connected().await;
    let (seen, failures) = (Seen::default(), Seen::default());
    let told = failures.clone();
    let config = SessionConfig::new()
        .on_event(|event| assert_ne!(event.event_type(), "session.info", "on purpose"))
        .on_event(seen.types())
        .on_handler_error(move |failure| told.push(format!("{} {}", failure.place, failure.error.name())));
    let session = open(&client, &mut runtime, config).await;
    for kind in ["session.info", "session.warning", "session.info"] {
        runtime.event("s1", kind, json!({})).await;
    }
    assert_eq!(seen.wait_for(3).await, ["session.info", "session.warning", "session.info"]);
    assert_eq!(failures.wait_for(2).await, ["on_event INTERNAL", "on_event INTERNAL"]);
    assert_eq!(session.counters().handler_errors, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_registration_is_not_called_again() {
    let (client, mut runtime) = connected().await;
    let (seen, other) = (Seen::default(), Seen::default());
    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    let registration = session.on(seen.types());
    session.on(other.types());
    runtime.event("s1", "session.info", json!({})).await;
    other.wait_for(1).await;
    registration.cancel();
    runtime.event("s1", "session.info", json!({})).await;
    other.wait_for(2).await;
    assert_eq!(seen.all().len(), 1);
}

#[tokio::test]
async fn i16_unknown_types_and_fields_survive_with_their_raw_json() {
    let (client, mut runtime) = connected().await;
    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    let mut stream = session.subscribe();
    let event = json!({"id": "e", "type": "future.thing", "data": {"x": [1]}, "novel": true});
    runtime.notify("session.event", json!({"sessionId": "s1", "event": event, "more": 1})).await;
    let got = stream.next().await.unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(got.raw_json()).unwrap(), event);
    assert!(matches!(got.data(), EventData::Other));
}

#[tokio::test]
async fn i17_an_event_that_comes_twice_is_delivered_once() {
    let (client, mut runtime) = connected().await;
    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    let mut stream = session.subscribe();
    for id in ["a", "a", "b", "a", "b", "c"] {
        let event = json!({"id": id, "type": "session.info", "data": {}});
        runtime.notify("session.event", json!({"sessionId": "s1", "event": event})).await;
    }
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(stream.next().await.unwrap().id().to_owned());
    }
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(session.counters().duplicates, 3);
}

#[tokio::test]
async fn i04_odd_headers_string_ids_pieces_of_one_byte_and_lone_surrogates_do_no_harm() {
    let (client, mut runtime) = connected().await;
    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    let mut stream = session.subscribe();
    let body = r#"{"jsonrpc":"2.0","method":"session.event","params":{"sessionId":"s1","event":{"id":"1","type":"session.info","data":{"t":"\ud800é"}}}}"#;
    let frame = format!("X-Odd: 1\r\ncontent-LENGTH:  {}\r\n\r\n{body}", body.len());
    for byte in frame.as_bytes() {
        runtime.write_raw(&[*byte]).await;
    }
    let event = stream.next().await.unwrap();
    assert_eq!(event.data_as::<serde_json::Value>().unwrap()["t"], "\u{FFFD}é");
    for id in [json!("abc"), json!(7), json!("7")] {
        runtime.request(id.clone(), "no.such", json!({})).await;
        assert_eq!(runtime.answer_to(id).await["error"]["code"], -32601);
    }
}

#[tokio::test]
async fn streams_see_the_end_after_the_last_event_and_a_dropped_stream_holds_nothing() {
    let (client, mut runtime) = connected().await;
    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    drop(session.subscribe());
    let mut stream = session.subscribe();
    runtime.event("s1", "session.info", json!({})).await;
    runtime.close();
    assert_eq!(stream.next().await.unwrap().event_type(), "session.info");
    assert!(stream.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_many_sessions_arrive_each_in_order_while_handlers_call_the_api() {
    let (client, mut runtime) = connected().await;
    let stop = Arc::new(AtomicBool::new(false));
    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    let counts: Vec<Seen> = (0..8).map(|_| Seen::default()).collect();
    for seen in &counts {
        let (seen, client) = (seen.clone(), client.clone());
        let handle = tokio::runtime::Handle::current();
        session.on(move |event| {
            // A handler may call back into the API: it runs on a thread that may block.
            let pong = handle.block_on(client.ping(Some("x")));
            seen.push(format!("{} {}", event.seq(), pong.is_ok()));
        });
    }
    let far_side = {
        let stop = stop.clone();
        tokio::spawn(async move {
            for _ in 0..20 {
                runtime.event("s1", "session.info", json!({})).await;
            }
            while !stop.load(Ordering::SeqCst) {
                if let Ok(call) = tokio::time::timeout(Duration::from_millis(50), runtime.next()).await {
                    runtime.reply(&call, json!({"message": "pong"})).await;
                }
            }
        })
    };
    let expected: Vec<String> = (1..=20).map(|n| format!("{n} true")).collect();
    for seen in &counts {
        assert_eq!(seen.wait_for(20).await, expected);
    }
    stop.store(true, Ordering::SeqCst);
    far_side.await.unwrap();
}
