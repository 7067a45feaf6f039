//! The connection's life: one start for all, errors that say what to do, an end that ends everything (DESIGN I2–I4, I25).

mod support;

use std::time::Duration;

use codriver::{Client, ClientOptions, ConnectionState, ErrorKind, SessionConfig};
use serde_json::json;
use support::{Seen, connected, open, unconnected};

#[tokio::test]
async fn concurrent_connects_share_one_start() {
    let (client, mut runtime) = unconnected(|options| options);
    let far_side = async {
        let connect = runtime.expect("connect").await;
        runtime.reply(&connect, json!({"protocolVersion": 3, "version": "1"})).await;
        runtime.expect_silence().await;
    };
    let (a, b, c, ()) = tokio::join!(client.connect(), client.connect(), client.connect(), far_side);
    a.and(b).and(c).unwrap();
    assert_eq!(client.state(), ConnectionState::Connected);
    assert_eq!(client.runtime().unwrap().protocol_version, 3);
}

#[tokio::test]
async fn concurrent_connects_share_a_failure_and_a_later_one_tries_again() {
    let client = Client::new(ClientOptions::new().cli_path("/bin/false")).unwrap();
    let states = Seen::default();
    let told = states.clone();
    client.on_state(move |state| told.push(state.as_str()));
    let (a, b) = tokio::join!(client.connect(), client.connect());
    for outcome in [a, b, client.connect().await] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RuntimeLost);
        assert!(error.message().contains("exit status: 1"), "{error}");
    }
    assert_eq!(states.wait_for(4).await, ["connecting", "error", "connecting", "error"]);
}

#[tokio::test]
async fn a_runtime_without_connect_is_asked_by_ping() {
    let (client, mut runtime) = unconnected(|options| options);
    let far_side = async {
        let connect = runtime.expect("connect").await;
        runtime.refuse(&connect, -32601, "Unhandled method connect").await;
        let ping = runtime.expect("ping").await;
        runtime.reply(&ping, json!({"message": "pong", "timestamp": "", "protocolVersion": 3})).await;
    };
    let (connected, ()) = tokio::join!(client.connect(), far_side);
    connected.unwrap();
}

#[tokio::test]
async fn a_version_out_of_range_or_missing_is_a_mismatch() {
    for answer in [json!({"protocolVersion": 2}), json!({"protocolVersion": 4}), json!({})] {
        let (client, mut runtime) = unconnected(|options| options);
        let far_side = async {
            let connect = runtime.expect("connect").await;
            runtime.reply(&connect, answer).await;
            assert!(runtime.try_next().await.is_none(), "the connection is given up");
        };
        let (connected, ()) = tokio::join!(client.connect(), far_side);
        assert_eq!(connected.unwrap_err().kind(), ErrorKind::VersionMismatch);
    }
}

#[tokio::test]
async fn a_refused_or_missing_token_says_which_option_to_set() {
    use ErrorKind::{AuthenticationFailed, AuthenticationRequired};
    for (token, code, kind) in [
        (None, -32001, AuthenticationRequired),
        // To the runtimes a missing token is a wrong one.
        (None, -32002, AuthenticationRequired),
        (Some("wrong-token"), -32002, AuthenticationFailed),
        (Some("needless-token"), -32003, AuthenticationFailed),
    ] {
        let (client, mut runtime) = unconnected(|options| match token {
            Some(token) => options.connection_token(token),
            None => options,
        });
        let far_side = async {
            let connect = runtime.expect("connect").await;
            assert_eq!(connect["params"].get("token").and_then(|t| t.as_str()), token);
            runtime.refuse(&connect, code, "AUTHENTICATION").await;
        };
        let (connected, ()) = tokio::join!(client.connect(), far_side);
        let error = connected.unwrap_err();
        assert_eq!((error.kind(), error.rpc().unwrap().code), (kind, code));
        assert!(error.message().contains("token") && !error.message().contains("-token"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_runtime_that_never_answers_connect_is_given_up_at_the_deadline() {
    let (client, mut runtime) = unconnected(|options| options);
    let far_side = async {
        runtime.expect("connect").await;
        assert!(runtime.try_next().await.is_none());
    };
    let (connected, ()) = tokio::join!(client.connect(), far_side);
    assert_eq!(connected.unwrap_err().kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn garbage_and_frames_over_the_limit_end_the_connection_with_their_errors() {
    let garbage: (&[u8], _) = (b"Welcome to Copilot!\n", ErrorKind::Protocol);
    let not_json: (&[u8], _) = (b"Content-Length: 3\r\n\r\n{x}", ErrorKind::Protocol);
    let too_large: (&[u8], _) = (b"Content-Length: 100000000\r\n\r\n", ErrorKind::FrameTooLarge);
    for (bytes, kind) in [garbage, not_json, too_large] {
        let (client, mut runtime) = connected().await;
        let session = open(&client, &mut runtime, SessionConfig::new()).await;
        let far_side = async {
            runtime.expect("ping").await;
            runtime.write_raw(bytes).await;
        };
        let (pong, ()) = tokio::join!(client.ping(None), far_side);
        assert_eq!(pong.unwrap_err().kind(), kind);
        assert_eq!(client.ping(None).await.unwrap_err().kind(), kind);
        assert_eq!(session.send("x").await.unwrap_err().kind(), kind);
        assert_eq!(client.state(), ConnectionState::Error);
    }
}

#[tokio::test]
async fn i03_every_call_ends_when_the_runtime_is_gone() {
    let (client, mut runtime) = connected().await;
    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    let far_side = async {
        for _ in 0..3 {
            runtime.next().await;
        }
        runtime.close();
    };
    let create = client.create_session(SessionConfig::new().session_id("s2"));
    let (ping, send, create, ()) = tokio::join!(client.ping(None), session.send("x"), create, far_side);
    assert_eq!(ping.unwrap_err().kind(), ErrorKind::RuntimeLost);
    assert_eq!(send.unwrap_err().kind(), ErrorKind::RuntimeLost);
    assert_eq!(create.unwrap_err().kind(), ErrorKind::RuntimeLost);
    assert_eq!(session.abort().await.unwrap_err().kind(), ErrorKind::RuntimeLost);
}

#[tokio::test]
async fn i25_stop_destroys_all_sessions_in_parallel_and_twice_is_fine() {
    let (client, mut runtime) = connected().await;
    let session = open(&client, &mut runtime, SessionConfig::new()).await;
    let other = {
        let accept = async {
            let create = runtime.expect("session.create").await;
            runtime.accept(&create).await;
        };
        tokio::join!(client.create_session(SessionConfig::new().session_id("s2")), accept).0.unwrap()
    };
    let far_side = async {
        let (a, b) = (runtime.expect("session.destroy").await, runtime.expect("session.destroy").await);
        assert_ne!(a["params"]["sessionId"], b["params"]["sessionId"]);
        runtime.refuse(&a, -32603, "cannot").await;
        runtime.reply(&b, json!({"success": true})).await;
        // A runtime that is not ours is only disconnected from.
        assert!(runtime.try_next().await.is_none());
    };
    let (errors, ()) = tokio::join!(client.stop(), far_side);
    assert_eq!(errors.len(), 1);
    assert!(errors[0].message().contains("cannot"));
    assert!(client.stop().await.is_empty());
    assert_eq!(client.state(), ConnectionState::Disconnected);
    assert_eq!(session.send("x").await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(client.ping(None).await.unwrap_err().kind(), ErrorKind::Closed);
    drop(other);
}

#[tokio::test(start_paused = true)]
async fn i25_a_session_that_does_not_answer_holds_up_stop_only_to_its_deadline() {
    let (client, mut runtime) = connected().await;
    let _session = open(&client, &mut runtime, SessionConfig::new()).await;
    let far_side = async {
        runtime.expect("session.destroy").await;
        assert!(runtime.try_next().await.is_none());
    };
    let (errors, ()) = tokio::join!(client.stop(), far_side);
    assert_eq!(errors.iter().map(codriver::Error::kind).collect::<Vec<_>>(), [ErrorKind::Timeout]);
}

#[tokio::test(start_paused = true)]
async fn stop_ends_a_start_that_is_under_way() {
    let (client, mut runtime) = unconnected(|options| options);
    let far_side = async {
        runtime.expect("connect").await;
        client.stop().await
    };
    let (connected, errors) = tokio::join!(client.connect(), far_side);
    assert_eq!(connected.unwrap_err().kind(), ErrorKind::Closed);
    assert!(errors.is_empty());
}

#[tokio::test]
async fn lifecycle_and_unknown_notifications_reach_their_handlers_in_order_with_empty_times() {
    let (client, mut runtime) = connected().await;
    let seen = Seen::default();
    let (lifecycle, other) = (seen.clone(), seen.clone());
    client.on_lifecycle(move |event| lifecycle.push(format!("{} {}", event.kind.as_str(), event.session_id)));
    client.on_notification(move |notification| {
        other.push(format!("{} {}", notification.method, notification.params_json()))
    });
    let metadata = json!({"startTime": "", "modifiedTime": ""});
    runtime
        .notify(
            "session.lifecycle",
            json!({"type": "session.created", "sessionId": "x", "metadata": metadata}),
        )
        .await;
    runtime.notify("host.event", json!({"kind": "k"})).await;
    runtime.notify("session.lifecycle", json!({"type": "session.odd", "sessionId": "y"})).await;
    let expected = ["session.created x", r#"host.event {"kind":"k"}"#, "session.odd y"];
    assert_eq!(seen.wait_for(3).await, expected);
}

#[tokio::test]
async fn success_false_is_an_error_always() {
    let (client, mut runtime) = connected().await;
    let far_side = async {
        let delete = runtime.expect("session.delete").await;
        runtime.reply(&delete, json!({"success": false, "error": "Session file not found for x"})).await;
        let foreground = runtime.expect("session.setForeground").await;
        runtime.reply(&foreground, json!({"success": false, "error": "no TUI"})).await;
    };
    let near_side = async {
        assert_eq!(client.delete_session("x").await.unwrap_err().kind(), ErrorKind::SessionNotFound);
        let error = client.set_foreground_session_id("x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SessionError);
    };
    tokio::join!(near_side, far_side);
}

#[tokio::test(start_paused = true)]
async fn a_request_timeout_ends_calls_where_one_is_set() {
    let (client, _runtime) = support::connected_with(|options| {
        let mut limits = codriver::options::Limits::default();
        limits.request_timeout = Some(Duration::from_secs(3));
        options.limits(limits)
    })
    .await;
    assert_eq!(client.ping(None).await.unwrap_err().kind(), ErrorKind::Timeout);
}
