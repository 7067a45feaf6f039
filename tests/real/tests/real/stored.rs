//! Sessions as the runtime stores them, and what can be asked of one beside prompts.

use codriver::protocol::results::SessionListFilter;
use codriver::{SessionConfig, SessionEvent};
use real_tests::{Record, Scene, data};

on_every_runtime! {
    stored_sessions_are_listed_filtered_described_and_deleted,
    an_open_session_cannot_be_opened_twice_and_a_disconnected_one_can_be_resumed,
    the_model_is_switched_for_the_next_turn,
    a_line_of_the_log_is_an_event,
}

async fn stored_sessions_are_listed_filtered_described_and_deleted(scene: &Scene) {
    let client = scene.client().await;
    let elsewhere = scene.root().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let one = client.create_session(scene.config().session_id("session-one")).await.unwrap();
    assert_eq!(one.id(), "session-one");
    let config = scene.config().working_directory(elsewhere.to_string_lossy());
    let two = client.create_session(config).await.unwrap();
    scene.say(&one, "hello one").await;
    scene.say(&two, "hello two").await;
    // A session is listed once a turn of it is stored.
    scene.wait_until_stored(&one, "You said: hello one").await;
    scene.wait_until_stored(&two, "You said: hello two").await;

    let ids = async |filter: Option<SessionListFilter>| {
        let listed = client.list_sessions(filter).await.unwrap();
        let mut ids: Vec<String> = listed.into_iter().map(|session| session.session_id).collect();
        ids.sort();
        ids
    };
    let mut both = vec![one.id().to_owned(), two.id().to_owned()];
    both.sort();
    assert_eq!(ids(None).await, both);
    let there = SessionListFilter::new().cwd(elsewhere.to_string_lossy());
    assert_eq!(ids(Some(there)).await, [two.id()]);
    assert!(ids(Some(SessionListFilter::new().repository("no/where"))).await.is_empty());

    let metadata = client.get_session_metadata(two.id()).await.unwrap().unwrap();
    assert_eq!(metadata.session_id, two.id());
    assert_eq!(metadata.context.unwrap().cwd, elsewhere.to_string_lossy());
    assert!(!metadata.start_time.is_empty() && !metadata.is_remote);
    assert_eq!(client.get_last_session_id().await.unwrap().as_deref(), Some(two.id()));

    client.delete_session(one.id()).await.unwrap();
    assert_eq!(ids(None).await, [two.id()]);
    assert_eq!(client.get_session_metadata(one.id()).await.unwrap(), None);
    assert_eq!(one.send("anybody?").await.unwrap_err().name(), "CLOSED");
    let error = client.delete_session("no-such-session").await.unwrap_err();
    assert_eq!(error.name(), "SESSION_NOT_FOUND");
    let error = client.resume_session(one.id(), scene.config()).await.unwrap_err();
    assert_eq!(error.name(), "SESSION_NOT_FOUND");
}

async fn an_open_session_cannot_be_opened_twice_and_a_disconnected_one_can_be_resumed(scene: &Scene) {
    let client = scene.client().await;
    let session = client.create_session(scene.config()).await.unwrap();
    scene.say(&session, "the first").await;
    for error in [
        client.resume_session(session.id(), scene.config()).await.unwrap_err(),
        client.create_session(scene.config().session_id(session.id())).await.unwrap_err(),
    ] {
        assert_eq!(error.name(), "SESSION_ALREADY_OPEN");
    }
    assert_eq!(scene.say(&session, "untouched?").await, "You said: untouched?");

    session.disconnect().await.unwrap();
    session.disconnect().await.unwrap();
    assert_eq!(session.send("again?").await.unwrap_err().name(), "CLOSED");
    let resumed = client.resume_session(session.id(), scene.config()).await.unwrap();
    assert_eq!(scene.say(&resumed, "RECALL").await, "Earlier messages: 2. The first was: the first");
}

async fn the_model_is_switched_for_the_next_turn(scene: &Scene) {
    let client = scene.client().await;
    let session = client.create_session(scene.config()).await.unwrap();
    scene.say(&session, "one").await;
    session.set_model("another", None).await.unwrap();
    scene.say(&session, "two").await;
    let models: Vec<_> = scene.model.requests().iter().map(|request| request.body["model"].clone()).collect();
    assert_eq!(models, ["stub", "another"]);
}

async fn a_line_of_the_log_is_an_event(scene: &Scene) {
    let client = scene.client().await;
    let heard = Record::new();
    let config: SessionConfig = scene.config().on_event(heard.hears());
    let session = client.create_session(config).await.unwrap();
    let stored = session.log("kept", Some("warning"), false).await.unwrap();
    let passing = session.log("gone", None, true).await.unwrap();
    let warning = heard.first("session.warning").await;
    assert_eq!((warning.id(), &data(&warning)["message"]), (stored.as_str(), &"kept".into()));
    let is_passing = |event: &SessionEvent| event.id() == passing && event.is_ephemeral();
    heard.until(|events| events.iter().any(is_passing)).await.expect("the passing line is heard");
    let kept: Vec<String> =
        session.get_events().await.unwrap().iter().map(|event| event.id().to_owned()).collect();
    assert!(kept.contains(&stored) && !kept.contains(&passing));
}
