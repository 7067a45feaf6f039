//! A runtime starts, and a session says something.

use codriver::{ConnectionState, SessionEvent};
use real_tests::{Record, Scene, TURN, data};

on_every_runtime! {
    a_runtime_starts_and_says_who_it_is,
    every_delta_of_an_answer_arrives_and_they_add_up_to_it,
    what_is_stored_was_heard_before_in_the_same_order,
}

async fn a_runtime_starts_and_says_who_it_is(scene: &Scene) {
    let states = Record::new();
    let client = codriver::Client::new(scene.options()).unwrap();
    let told = states.clone();
    client.on_state(move |state| told.push(state));
    let (one, two) = tokio::join!(client.connect(), client.connect());
    one.and(two).unwrap();
    scene.watch(&client);

    let info = client.runtime().unwrap();
    assert_eq!((info.protocol_version, info.version.as_str()), (3, scene.version()));
    let pong = client.ping(Some("hello")).await.unwrap();
    assert_eq!((pong.message.as_str(), pong.protocol_version), ("pong: hello", 3));
    let status = client.get_status().await.unwrap();
    assert_eq!((status.version.as_str(), status.protocol_version), (scene.version(), 3));
    assert!(!client.get_auth_status().await.unwrap().is_authenticated);
    assert_eq!(
        client.rpc("no.such.method", serde_json::json!({})).await.unwrap_err().name(),
        "METHOD_NOT_FOUND"
    );

    assert!(client.stop().await.is_empty());
    assert!(client.stop().await.is_empty());
    assert_eq!(client.ping(None).await.unwrap_err().name(), "CLOSED");
    use ConnectionState::{Connected, Connecting, Disconnected};
    assert_eq!(
        states.until(|states| states.len() == 3).await.unwrap(),
        [Connecting, Connected, Disconnected]
    );
}

async fn every_delta_of_an_answer_arrives_and_they_add_up_to_it(scene: &Scene) {
    let client = scene.client().await;
    let heard = Record::new();
    let session = client.create_session(scene.config().on_event(heard.hears())).await.unwrap();
    assert!(session.workspace_path().is_some_and(|path| path.contains(session.id())));
    let mut stream = session.subscribe();

    let turn = session.send_and_wait("STREAM 2000", TURN).await.unwrap();
    let expected: String = (0..2000).map(|chunk| format!("{chunk:07} ")).collect();
    assert_eq!(turn.content.as_deref(), Some(expected.as_str()));
    assert!(!turn.aborted && !turn.message_id.is_empty());

    heard.first("session.idle").await;
    let deltas = heard.of("assistant.message_delta");
    let text = |event: &SessionEvent| data(event)["deltaContent"].as_str().unwrap().to_owned();
    assert_eq!(deltas.iter().map(text).collect::<String>(), expected);
    assert_eq!(deltas.len(), 2000);
    let message = heard.first("assistant.message").await;
    assert_eq!(data(&message)["content"], expected);
    assert!(deltas.iter().all(|delta| data(delta)["messageId"] == data(&message)["messageId"]));

    // The same through a stream, and neither has a hole.
    let mut streamed = Vec::new();
    while streamed.last().is_none_or(|event: &SessionEvent| event.event_type() != "session.idle") {
        streamed.push(stream.next().await.unwrap());
    }
    assert_eq!(streamed.iter().filter(|event| event.event_type() == "assistant.message_delta").count(), 2000);
    for events in [heard.all(), streamed] {
        assert!(events.windows(2).all(|pair| pair[1].seq() == pair[0].seq() + 1));
    }
    assert_eq!(heard.all()[0].seq(), 1);
    let counters = session.counters();
    assert_eq!((counters.events_lost, counters.events_merged, counters.expired), (0, 0, 0));
}

async fn what_is_stored_was_heard_before_in_the_same_order(scene: &Scene) {
    let client = scene.client().await;
    let heard = Record::new();
    let session = client.create_session(scene.config().on_event(heard.hears())).await.unwrap();
    assert_eq!(scene.say(&session, "first").await, "You said: first");
    assert_eq!(scene.say(&session, "second").await, "You said: second");

    heard.nth("session.idle", 2).await;
    let stored = session.get_events().await.unwrap();
    let ids = |events: &[SessionEvent]| events.iter().map(|event| event.id().to_owned()).collect::<Vec<_>>();
    let stored_ids = ids(&stored);
    assert_eq!(stored[0].event_type(), "session.start", "the first event of all was stored");
    assert_eq!(stored.iter().filter(|event| event.event_type() == "user.message").count(), 2);
    let mut heard_ids = ids(&heard.all());
    heard_ids.retain(|id| stored_ids.contains(id));
    assert_eq!(heard_ids, stored_ids, "{:?}", heard.types());
}
