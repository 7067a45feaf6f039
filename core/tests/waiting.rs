//! Waiting for one's own turn, and what a timeout says (DESIGN I18).

mod support;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use codriver::session::SendOptions;
use codriver::{Client, ErrorKind, Session, SessionConfig};
use serde_json::{Value, json};
use support::{Runtime, connected, open};

const LONG: Duration = Duration::from_secs(3600);

/// A session on a runtime that is known not to have `session.sendAndWait`.
async fn session() -> (Client, Runtime, Session) {
    let (client, mut runtime) = connected().await;
    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    let far_side = async {
        let call = runtime.expect("session.sendAndWait").await;
        runtime.refuse(&call, -32601, "Unhandled method session.sendAndWait").await;
        let send = runtime.expect("session.send").await;
        runtime.reply(&send, json!({"messageId": "m0"})).await;
        turn(&mut runtime, "m0", "warm up", "ok").await;
        runtime.event("s1", "session.idle", json!({})).await;
    };
    let (result, ()) = tokio::join!(session.send_and_wait("warm up", LONG), far_side);
    assert_eq!(result.unwrap().content.as_deref(), Some("ok"));
    (client, runtime, session)
}

async fn turn(runtime: &mut Runtime, id: &str, prompt: &str, answer: &str) {
    runtime.event("s1", "user.message", json!({"messageId": id, "content": prompt})).await;
    runtime.event("s1", "assistant.turn_start", json!({})).await;
    runtime.event("s1", "assistant.message", json!({"originatingMessageId": id, "content": answer})).await;
    runtime.event("s1", "assistant.turn_end", json!({})).await;
}

async fn take(runtime: &mut Runtime, id: &str) -> Value {
    let send = runtime.expect("session.send").await;
    runtime.reply(&send, json!({ "messageId": id })).await;
    send
}

#[tokio::test]
async fn i18_overlapping_waits_each_get_their_own_answer_though_there_is_one_idle() {
    let (_client, mut runtime, session) = session().await;
    let far_side = async {
        // The runtime reorders sends that overlap, so the second is written after the first one's answer.
        assert_eq!(take(&mut runtime, "a").await["params"]["prompt"], "one");
        assert_eq!(take(&mut runtime, "b").await["params"]["prompt"], "two");
        turn(&mut runtime, "a", "one", "first").await;
        turn(&mut runtime, "b", "two", "second").await;
        runtime.event("s1", "session.idle", json!({})).await;
    };
    let (one, two, ()) =
        tokio::join!(session.send_and_wait("one", LONG), session.send_and_wait("two", LONG), far_side);
    assert_eq!(one.unwrap().content.as_deref(), Some("first"));
    assert_eq!(two.unwrap().content.as_deref(), Some("second"));
}

/// Writes down in which order tasks are woken.
struct Noted(&'static str, Arc<Mutex<Vec<&'static str>>>);

impl Wake for Noted {
    fn wake(self: Arc<Self>) {
        self.1.lock().unwrap().push(self.0);
    }
}

#[tokio::test]
async fn events_are_announced_before_the_end_of_their_turn_and_before_a_later_answer() {
    let (client, mut runtime, session) = session().await;
    let mut events = session.subscribe();
    let woken = Arc::new(Mutex::new(Vec::new()));
    let waker = |name| Waker::from(Arc::new(Noted(name, woken.clone())));
    let (heard, over) = (waker("events"), waker("turn"));
    let until = async |name| {
        while !woken.lock().unwrap().contains(&name) {
            tokio::task::yield_now().await;
        }
        std::mem::take(&mut *woken.lock().unwrap())
    };

    let mut turn = pin!(session.send_and_wait("one", LONG));
    assert!(turn.as_mut().poll(&mut Context::from_waker(&over)).is_pending());
    take(&mut runtime, "a").await;
    until("turn").await;
    assert!(turn.as_mut().poll(&mut Context::from_waker(&over)).is_pending());
    assert!(events.poll_ready(&mut Context::from_waker(&heard)).is_pending());
    self::turn(&mut runtime, "a", "one", "first").await;
    runtime.event("s1", "session.idle", json!({})).await;
    assert_eq!(until("turn").await, ["events", "turn"]);
    assert_eq!(turn.await.unwrap().content.as_deref(), Some("first"));

    while events.poll_ready(&mut Context::from_waker(&heard)).is_ready() {
        events.take_within(100, usize::MAX);
    }
    let answered = waker("answer");
    let mut ping = pin!(client.ping(None));
    assert!(ping.as_mut().poll(&mut Context::from_waker(&answered)).is_pending());
    let call = runtime.expect("ping").await;
    runtime.event("s1", "session.info", json!({})).await;
    runtime.reply(&call, json!({"message": "pong", "timestamp": 1})).await;
    assert_eq!(until("answer").await, ["events", "answer"]);
}

#[tokio::test]
async fn i18_a_turn_whose_events_come_before_the_answer_to_send_is_not_missed() {
    let (_client, mut runtime, session) = session().await;
    let far_side = async {
        let send = runtime.expect("session.send").await;
        turn(&mut runtime, "a", "one", "quick").await;
        runtime.event("s1", "session.idle", json!({})).await;
        runtime.reply(&send, json!({"messageId": "a"})).await;
    };
    let (one, ()) = tokio::join!(session.send_and_wait("one", LONG), far_side);
    assert_eq!(one.unwrap().content.as_deref(), Some("quick"));
}

#[tokio::test(start_paused = true)]
async fn i18_a_timeout_names_what_is_pending_and_leaves_the_turn_running() {
    let (_client, mut runtime, session) = session().await;
    let far_side = async {
        take(&mut runtime, "a").await;
        runtime.event("s1", "user.message", json!({"messageId": "a", "content": "one"})).await;
        runtime.event("s1", "tool.execution_start", json!({"toolCallId": "c", "toolName": "bash"})).await;
        runtime
            .event(
                "s1",
                "permission.requested",
                json!({"requestId": "p", "permissionRequest": {"kind": "shell"}}),
            )
            .await;
        let ping = runtime.expect("ping").await;
        runtime.reply(&ping, json!({"message": "pong"})).await;
        runtime.expect_silence().await;
    };
    let (outcome, ()) = tokio::join!(session.send_and_wait("one", Duration::from_secs(5)), far_side);
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    for part in ["permission.requested", "`bash`", "`shell`", "the runtime answers", "the turn goes on"] {
        assert!(error.message().contains(part), "{part} in {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn i18_a_timeout_aborts_where_that_was_asked_for() {
    let (_client, mut runtime, session) = session().await;
    let far_side = async {
        take(&mut runtime, "a").await;
        let ping = runtime.expect("ping").await;
        runtime.reply(&ping, json!({"message": "pong"})).await;
        let abort = runtime.expect("session.abort").await;
        runtime.reply(&abort, json!({"success": true})).await;
    };
    let prompt = SendOptions::new("one").abort_on_timeout();
    let (outcome, ()) = tokio::join!(session.send_and_wait(prompt, Duration::from_secs(5)), far_side);
    assert!(outcome.unwrap_err().message().contains("the turn was aborted"));
}

#[tokio::test]
async fn i18_a_failed_turn_an_ended_session_and_a_lost_runtime_end_the_wait() {
    let (_client, mut runtime, session) = session().await;
    let far_side = async {
        take(&mut runtime, "a").await;
        runtime.event("s1", "user.message", json!({"messageId": "a", "content": "one"})).await;
        runtime
            .event("s1", "session.error", json!({"errorType": "notification", "message": "only a log line"}))
            .await;
        runtime
            .event("s1", "session.error", json!({"errorType": "query", "message": "model says 500"}))
            .await;
        runtime.event("s1", "session.idle", json!({})).await;
    };
    let (outcome, ()) = tokio::join!(session.send_and_wait("one", LONG), far_side);
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionError);
    assert!(error.message().contains("model says 500"));

    let waiting = session.send_and_wait("two", LONG);
    let far_side = async {
        take(&mut runtime, "b").await;
        runtime.close();
    };
    let (outcome, ()) = tokio::join!(waiting, far_side);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::RuntimeLost);
}

#[tokio::test]
async fn where_the_runtime_can_wait_it_does() {
    let (client, mut runtime) = connected().await;
    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    let far_side = async {
        let probe = runtime.expect("session.sendAndWait").await;
        runtime.refuse(&probe, -32602, "missing sessionId").await;
        let call = runtime.expect("session.sendAndWait").await;
        assert_eq!(call["params"], json!({"sessionId": "s1", "prompt": "hi"}));
        let response = json!({"type": "assistant.message", "data": {"content": "hello"}});
        runtime.reply(&call, json!({"response": response, "aborted": false, "completionEventId": "e"})).await;
        let call = runtime.expect("session.sendAndWait").await;
        runtime.reply(&call, json!({"response": null, "aborted": true})).await;
    };
    let near_side = async {
        assert_eq!(session.send_and_wait("hi", LONG).await.unwrap().content.as_deref(), Some("hello"));
        let aborted = session.send_and_wait("hi", LONG).await.unwrap();
        assert_eq!((aborted.content, aborted.aborted), (None, true));
    };
    tokio::join!(near_side, far_side);
}

#[tokio::test]
async fn prompts_go_out_in_the_order_of_the_calls_each_after_the_answer_to_the_one_before() {
    let (_client, mut runtime, session) = session().await;
    let far_side = async {
        let first = runtime.expect("session.send").await;
        runtime.expect_silence().await;
        runtime.reply(&first, json!({"messageId": "a"})).await;
        let second = take(&mut runtime, "b").await;
        assert_eq!((&first["params"]["prompt"], &second["params"]["prompt"]), (&json!("one"), &json!("two")));
    };
    let (one, two, ()) = tokio::join!(session.send("one"), session.send("two"), far_side);
    assert_eq!((one.unwrap().as_str(), two.unwrap().as_str()), ("a", "b"));
}
