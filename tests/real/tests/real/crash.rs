//! The runtime is killed, and what it stored goes on in another one.

use codriver::{ConnectionState, Tool, ToolInvocation, ToolResult};
use real_tests::{Record, Scene, TURN, data, processes, tool};
use serde_json::json;

on_every_runtime! {
    a_session_goes_on_with_its_history_after_a_sigkill,
    calls_in_flight_end_when_the_runtime_is_killed,
    a_tool_call_that_was_open_is_answered_after_the_crash,
}

async fn a_session_goes_on_with_its_history_after_a_sigkill(scene: &Scene) {
    let client = scene.client().await;
    let states = Record::new();
    let told = states.clone();
    client.on_state(move |state| told.push(state));
    let before = client.create_session(scene.config()).await.unwrap();
    scene.say(&before, "the colour is red").await;
    scene.say(&before, "the shape is round").await;
    scene.wait_until_stored(&before, "You said: the shape is round").await;

    processes::kill(client.runtime_pid().unwrap());
    states.until(|states| states.contains(&ConnectionState::Error)).await.expect("the loss is noticed");
    assert_eq!(before.send("anybody?").await.unwrap_err().name(), "RUNTIME_LOST");

    client.connect().await.unwrap();
    scene.watch(&client);
    let heard = Record::new();
    let after = client.resume_session(before.id(), scene.config().on_event(heard.hears())).await.unwrap();
    assert_eq!(scene.say(&after, "RECALL").await, "Earlier messages: 2. The first was: the colour is red");
    let stored = after.get_events().await.unwrap();
    assert_eq!(stored.iter().filter(|event| event.event_type() == "user.message").count(), 3);
    heard.first("assistant.message").await;
    assert_eq!(heard.of("session.resume").len(), 1);
    // The old handle is over, whatever the new one does.
    assert_eq!(before.send("and I?").await.unwrap_err().name(), "RUNTIME_LOST");
}

async fn calls_in_flight_end_when_the_runtime_is_killed(scene: &Scene) {
    let client = scene.client().await;
    let heard = Record::new();
    let session = client.create_session(scene.config().on_event(heard.hears())).await.unwrap();
    let mut stream = session.subscribe();
    let turn = tokio::spawn({
        let session = session.clone();
        async move { session.send_and_wait("HANG for ever", TURN).await }
    });
    heard.first("assistant.message_delta").await;
    processes::kill(client.runtime_pid().unwrap());
    let error = turn.await.unwrap().unwrap_err();
    assert_eq!(error.name(), "RUNTIME_LOST");
    assert!(error.message().contains("signal: 9"), "{error}");
    while stream.next().await.is_some() {}
    assert_eq!(client.state(), ConnectionState::Error);
}

async fn a_tool_call_that_was_open_is_answered_after_the_crash(scene: &Scene) {
    let mut lookup = Tool::new("lookup", "Looks something up").parameters(json!({"type": "object"}));
    lookup.skip_permission = Some(true);
    let client = scene.client().await;
    let heard = Record::new();
    let before =
        client.create_session(scene.config().tool(lookup.clone()).on_event(heard.hears())).await.unwrap();
    before.send(tool("lookup", json!({"key": "k"}))).await.unwrap();
    let asked: ToolInvocation = heard.first("external_tool.requested").await.data_as().unwrap();
    scene.wait_until_stored(&before, &asked.request_id).await;
    processes::kill(client.runtime_pid().unwrap());

    // Another client, as in another process.
    let client = scene.client().await;
    let heard = Record::new();
    let config = scene.config().tool(lookup).continue_pending_work(true).on_event(heard.hears());
    let after = client.resume_session(before.id(), config).await.unwrap();
    let params = json!({"requestId": asked.request_id, "result": ToolResult::text("found it")});
    let answered =
        after.rpc("session.tools.handlePendingToolCall", params.as_object().cloned().unwrap()).await.unwrap();
    assert_eq!(answered["success"], true, "{answered}; heard {:?}", heard.types());
    heard.first("session.idle").await;
    assert_eq!(data(&heard.of("assistant.message").pop().unwrap())["content"], "Tool said: found it");
    assert_eq!(heard.of("external_tool.requested").len(), 0);
}
