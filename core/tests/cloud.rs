//! Lazy cloud sessions: bound by whichever names them first, ready when their worker is (DESIGN I9–I11).

mod support;

use std::time::Duration;

use codriver::options::CloudOptions;
use codriver::{Client, ErrorKind, PermissionDecision, Session, SessionConfig};
use serde_json::{Value, json};
use support::{Runtime, Seen, connected, connected_with};

fn cloud() -> SessionConfig {
    SessionConfig::new().cloud(CloudOptions::on("acme", "app"))
}

async fn bound_by_answer(
    client: &Client,
    runtime: &mut Runtime,
    config: SessionConfig,
    answer: Value,
) -> Session {
    let far_side = async {
        let create = runtime.expect("session.create").await;
        runtime.reply(&create, answer).await;
    };
    let (session, ()) = tokio::join!(client.create_session(config), far_side);
    session.unwrap()
}

#[tokio::test]
async fn i09_what_the_cloud_refuses_is_not_on_the_wire_and_handlers_are_attached_all_the_same() {
    let (client, mut runtime) = connected().await;
    let config = cloud()
        .model("m")
        .on_permission_request(async |_, _| Ok(PermissionDecision::approve_once()))
        .on_hook(codriver::HookKind::PreToolUse, async |_, _| Ok(codriver::HookOutput::empty()))
        .command("c", "d", async |_, _| Ok(()));
    let far_side = async {
        let create = runtime.expect("session.create").await;
        let mut params = create["params"].as_object().unwrap().clone();
        let ours = params.remove("clientSessionId").unwrap();
        assert_eq!(ours.as_str().unwrap().len(), 36);
        let expected = json!({"cloud": {"repository": {"owner": "acme", "name": "app"}}, "model": "m"});
        assert_eq!(Value::Object(params), expected);
        runtime.reply(&create, json!({"sessionId": "task-1", "modelState": {}})).await;
        let data = json!({"requestId": "r", "permissionRequest": {"kind": "shell"}});
        runtime.event("task-1", "permission.requested", data).await;
        let answer = runtime.expect("session.permissions.handlePendingPermissionRequest").await;
        assert_eq!(answer["params"]["result"], json!({"kind": "approve-once"}));
    };
    let (session, ()) = tokio::join!(client.create_session(config), far_side);
    assert_eq!(session.unwrap().id(), "task-1");
}

#[tokio::test]
async fn i09_an_id_or_a_provider_with_cloud_is_refused_before_anything_is_sent() {
    let (client, mut runtime) = connected().await;
    for config in
        [cloud().session_id("mine"), cloud().provider(codriver::options::ProviderConfig::new("http://x/v1"))]
    {
        let error = client.create_session(config).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert!(error.message().contains("sessionId") || error.message().contains("provider"), "{error}");
    }
    runtime.expect_silence().await;
}

#[tokio::test]
async fn i09_i10_events_and_requests_before_the_answer_are_replayed_in_order_at_bind() {
    let (client, mut runtime) = connected().await;
    let seen = Seen::default();
    let config = cloud().on_event(seen.types());
    let far_side = async {
        let create = runtime.expect("session.create").await;
        runtime.event("task-1", "session.custom_agents_updated", json!({})).await;
        runtime
            .request(
                "q",
                "hooks.invoke",
                json!({"sessionId": "task-1", "hookType": "sessionStart", "input": {}}),
            )
            .await;
        runtime.event("task-1", "session.start", json!({"producer": "copilot-agent"})).await;
        runtime.expect_silence().await;
        runtime.reply(&create, json!({"sessionId": "task-1"})).await;
        assert_eq!(runtime.answer_to("q").await["result"], json!({}));
    };
    let (session, ()) = tokio::join!(client.create_session(config), far_side);
    let session = session.unwrap();
    assert_eq!(seen.wait_for(2).await, ["session.custom_agents_updated", "session.start"]);
    assert_eq!((client.counters().parked, client.counters().expired), (3, 0));
    session.wait_until_ready(Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn i09_a_lifecycle_event_that_echoes_our_id_binds_first_and_the_answer_changes_nothing() {
    let (client, mut runtime) = connected().await;
    let seen = Seen::default();
    let far_side = async {
        let create = runtime.expect("session.create").await;
        let ours = create["params"]["clientSessionId"].clone();
        runtime.event("task-1", "session.info", json!({"n": 1})).await;
        // Somebody else's: no id of ours, so it never binds.
        runtime.notify("session.lifecycle", json!({"type": "session.created", "sessionId": "task-9"})).await;
        let created = json!({"type": "session.created", "sessionId": "task-1", "clientSessionId": ours});
        runtime.notify("session.lifecycle", created.clone()).await;
        runtime.event("task-1", "session.warning", json!({"n": 2})).await;
        assert_eq!(seen.wait_for(2).await, ["session.info", "session.warning"]);
        runtime.notify("session.lifecycle", created).await;
        runtime.reply(&create, json!({"sessionId": "task-1", "modelState": {}})).await;
    };
    let (session, ()) = tokio::join!(client.create_session(cloud().on_event(seen.types())), far_side);
    assert_eq!(session.unwrap().id(), "task-1");
    assert_eq!(seen.all().len(), 2);
}

#[tokio::test]
async fn i09_two_creates_whose_answers_come_in_the_other_order_get_their_own_ids() {
    let (client, mut runtime) = connected().await;
    let far_side = async {
        let (a, b) = (runtime.expect("session.create").await, runtime.expect("session.create").await);
        runtime.reply(&b, json!({"sessionId": "task-b", "modelState": {}})).await;
        runtime.event("task-a", "session.info", json!({})).await;
        runtime.reply(&a, json!({"sessionId": "task-a", "modelState": {}})).await;
    };
    let (a, b, ()) = tokio::join!(client.create_session(cloud()), client.create_session(cloud()), far_side);
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!((a.id(), b.id()), ("task-a", "task-b"));
    assert_eq!(a.subscribe_from(1).next().await.unwrap().event_type(), "session.info");
}

#[tokio::test]
async fn i10_when_no_create_is_in_flight_any_more_what_was_parked_for_others_is_answered_and_counted() {
    let (client, mut runtime) = connected().await;
    let far_side = async {
        let create = runtime.expect("session.create").await;
        runtime.event("stranger", "session.info", json!({})).await;
        runtime
            .request(
                "q",
                "hooks.invoke",
                json!({"sessionId": "stranger", "hookType": "sessionStart", "input": {}}),
            )
            .await;
        runtime.expect_silence().await;
        runtime.reply(&create, json!({"sessionId": "task-1", "modelState": {}})).await;
        assert_eq!(runtime.answer_to("q").await["error"]["code"], -32602);
    };
    let (session, ()) = tokio::join!(client.create_session(cloud()), far_side);
    session.unwrap();
    assert_eq!((client.counters().parked, client.counters().expired), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn i10_what_nobody_claims_expires_while_the_create_is_still_in_flight() {
    let (client, mut runtime) = connected().await;
    let far_side = async {
        let create = runtime.expect("session.create").await;
        runtime
            .request(
                "q",
                "hooks.invoke",
                json!({"sessionId": "stranger", "hookType": "sessionStart", "input": {}}),
            )
            .await;
        assert_eq!(runtime.answer_to("q").await["error"]["code"], -32602);
        runtime.reply(&create, json!({"sessionId": "task-1", "modelState": {}})).await;
    };
    let (session, ()) = tokio::join!(client.create_session(cloud()), far_side);
    session.unwrap();
    assert_eq!(client.counters().expired, 1);
}

#[tokio::test]
async fn i10_the_bounds_of_the_parking_are_the_clients_and_what_is_over_is_answered_at_once() {
    let (client, mut runtime) = connected_with(|options| {
        let mut limits = codriver::options::Limits::default();
        limits.parking_max_items = 1;
        options.limits(limits)
    })
    .await;
    let far_side = async {
        let create = runtime.expect("session.create").await;
        runtime.event("task-1", "session.info", json!({})).await;
        runtime
            .request(
                "q",
                "hooks.invoke",
                json!({"sessionId": "task-1", "hookType": "sessionStart", "input": {}}),
            )
            .await;
        assert_eq!(runtime.answer_to("q").await["error"]["code"], -32602);
        runtime.reply(&create, json!({"sessionId": "task-1", "modelState": {}})).await;
    };
    let (session, ()) = tokio::join!(client.create_session(cloud()), far_side);
    assert_eq!(session.unwrap().subscribe_from(1).next().await.unwrap().event_type(), "session.info");
}

#[tokio::test(start_paused = true)]
async fn i11_a_prompt_waits_for_the_worker_and_is_never_sent_too_early() {
    let (client, mut runtime) = connected().await;
    let session = bound_by_answer(&client, &mut runtime, cloud(), json!({"sessionId": "task-1"})).await;
    let far_side = async {
        runtime.expect_silence().await;
        runtime.event("task-1", "session.start", json!({"producer": "copilot-agent"})).await;
        let send = runtime.expect("session.send").await;
        assert_eq!(send["params"], json!({"sessionId": "task-1", "prompt": "early"}));
        runtime.reply(&send, json!({"messageId": "m"})).await;
    };
    let (sent, ()) = tokio::join!(session.send("early"), far_side);
    assert_eq!(sent.unwrap(), "m");
}

#[tokio::test(start_paused = true)]
async fn i11_a_worker_that_never_comes_is_an_error_at_the_deadline_and_nothing_is_sent() {
    let (client, mut runtime) = connected().await;
    let session = bound_by_answer(&client, &mut runtime, cloud(), json!({"sessionId": "task-1"})).await;
    let waited = session.wait_until_ready(Duration::from_secs(5)).await;
    assert_eq!(waited.unwrap_err().kind(), ErrorKind::CloudNotReady);
    assert_eq!(session.send("x").await.unwrap_err().kind(), ErrorKind::CloudNotReady);
    runtime.expect_silence().await;
}

#[tokio::test]
async fn i07_a_dropped_cloud_create_is_destroyed_under_the_id_the_server_gives() {
    let (client, mut runtime) = connected().await;
    let create = tokio::select! {
        _ = client.create_session(cloud()) => panic!("nobody answered"),
        call = runtime.expect("session.create") => call,
    };
    runtime.event("task-1", "session.start", json!({})).await;
    runtime.reply(&create, json!({"sessionId": "task-1", "modelState": {}})).await;
    assert_eq!(runtime.expect("session.destroy").await["params"]["sessionId"], "task-1");
}

#[tokio::test]
async fn a_cloud_refusal_becomes_the_error_it_means() {
    let (client, mut runtime) = connected().await;
    for (words, kind) in [
        ("session.create cloud requires authentication", ErrorKind::AuthenticationRequired),
        ("Blocked by your organization's policy", ErrorKind::CloudPolicyBlocked),
        ("something else", ErrorKind::Rpc),
    ] {
        let far_side = async {
            let create = runtime.expect("session.create").await;
            runtime.refuse(&create, -32603, words).await;
        };
        let (session, ()) = tokio::join!(client.create_session(cloud()), far_side);
        assert_eq!(session.unwrap_err().kind(), kind, "{words}");
    }
}

#[tokio::test]
async fn a_cloud_sessions_question_comes_as_an_event_and_is_answered_by_a_call() {
    let (client, mut runtime) = connected().await;
    let config =
        cloud().on_user_input_request(async |request: codriver::protocol::requests::UserInputRequest, _| {
            Ok(codriver::protocol::requests::UserInputResponse::freeform(format!("{}!", request.question)))
        });
    let session =
        bound_by_answer(&client, &mut runtime, config, json!({"sessionId": "task-1", "modelState": {}}))
            .await;
    runtime.event("task-1", "user_input.requested", json!({"requestId": "r", "question": "why"})).await;
    let answer = runtime.expect("session.ui.handlePendingUserInput").await;
    assert_eq!(
        answer["params"],
        json!({"sessionId": "task-1", "requestId": "r",
        "response": {"answer": "why!", "wasFreeform": true}})
    );
    drop(session);
}

mod orders {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Step {
        Event,
        Stranger,
        Created,
        Answer,
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever the order of events, `session.created` and the answer: every event arrives once, in order.
        #[test]
        fn i09_i10_no_order_of_messages_around_create_loses_or_swaps_an_event(
            mut steps in prop::collection::vec(
                prop_oneof![4 => Just(Step::Event), 1 => Just(Step::Stranger), 1 => Just(Step::Created)], 0..20),
            at in 0usize..20,
        ) {
            steps.insert(at.min(steps.len()), Step::Answer);
            let events = steps.iter().filter(|step| **step == Step::Event).count();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let seen: Vec<u64> = runtime.block_on(async {
                let (client, mut runtime) = connected().await;
                let far_side = async {
                    let create = runtime.expect("session.create").await;
                    let ours = create["params"]["clientSessionId"].clone();
                    let mut n = 0;
                    for step in &steps {
                        match step {
                            Step::Event => {
                                n += 1;
                                runtime.event("task-1", "session.info", json!({ "n": n })).await;
                            }
                            Step::Stranger => runtime.event("other", "session.info", json!({ "n": 0 })).await,
                            Step::Created => {
                                let created = json!({"type": "session.created", "sessionId": "task-1", "clientSessionId": ours});
                                runtime.notify("session.lifecycle", created).await;
                            }
                            Step::Answer => {
                                runtime.reply(&create, json!({"sessionId": "task-1", "modelState": {}})).await;
                            }
                        }
                    }
                };
                let (session, ()) = tokio::join!(client.create_session(cloud()), far_side);
                let mut stream = session.unwrap().subscribe_from(1);
                let mut seen = Vec::new();
                while seen.len() < events {
                    let event = tokio::time::timeout(Duration::from_secs(5), stream.next()).await.unwrap().unwrap();
                    assert_eq!(event.seq(), seen.len() as u64 + 1);
                    seen.push(event.data_as::<Value>().unwrap()["n"].as_u64().unwrap());
                }
                seen
            });
            prop_assert_eq!(seen, (1..=events as u64).collect::<Vec<_>>());
        }
    }
}
