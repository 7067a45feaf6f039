//! The store as the index of its sessions, and sessions that are forked and moved between stores.

use codriver::options::SessionFsOptions;
use codriver::protocol::results::SessionListFilter;
use codriver::store::SessionStore;
use codriver::{Client, Session};
use real_tests::Scene;

on_every_runtime! {
    a_store_lists_describes_and_reads_what_the_runtime_keeps_in_it_and_erases_it,
    a_session_goes_on_as_a_fork_and_in_another_store,
}

/// Where the runtime keeps the state: in the store it is at the same place.
const STATE: &str = "/state";

/// A client whose sessions are in this store.
async fn client_of(scene: &Scene, sessions: &SessionStore) -> Client {
    let options = SessionFsOptions::store(scene.work().to_string_lossy(), STATE, sessions.store().clone());
    scene.start(scene.options().session_fs(options)).await
}

fn url(scene: &Scene, scheme: &str, name: &str) -> String {
    format!("{scheme}:{}", scene.root().join(name).display())
}

/// A session that had a turn, and is not open any more.
async fn with_a_turn(scene: &Scene, client: &Client, id: &str, prompt: &str) {
    let session = client.create_session(scene.config().session_id(id)).await.unwrap();
    scene.say(&session, prompt).await;
    session.disconnect().await.unwrap();
}

async fn recall(scene: &Scene, session: &Session) -> String {
    scene.say(session, "RECALL").await
}

async fn a_store_lists_describes_and_reads_what_the_runtime_keeps_in_it_and_erases_it(scene: &Scene) {
    let sessions = SessionStore::open(&url(scene, "sqlite", "sessions.db")).await.unwrap();
    let client = client_of(scene, &sessions).await;
    let prompt = "it's: # the \"word\" | MAGENTA-93 näme 你好";
    with_a_turn(scene, &client, "one", "hello").await;
    with_a_turn(scene, &client, "two", prompt).await;
    let open = client.create_session(scene.config().session_id("open")).await.unwrap();
    scene.say(&open, "still here").await;

    let ids = async |filter: Option<SessionListFilter>| {
        let listed = client.list_sessions(filter).await.unwrap();
        let mut ids: Vec<_> = listed.into_iter().map(|session| session.session_id).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(None).await, ["one", "open", "two"]);
    let here = SessionListFilter::new().cwd(scene.work().to_string_lossy());
    assert_eq!(ids(Some(here.clone())).await, ["one", "open", "two"]);
    assert!(ids(Some(here.branch("no such branch"))).await.is_empty());
    let two = client.get_session_metadata("two").await.unwrap().unwrap();
    assert_eq!(two.name.as_deref(), Some(prompt));
    assert_eq!(two.context.unwrap().cwd, scene.work().to_string_lossy());
    assert!(two.start_time.starts_with("20") && two.start_time <= two.modified_time);
    assert_eq!(client.get_last_session_id().await.unwrap().as_deref(), Some("open"));

    let stored = client.get_events("two").await.unwrap();
    assert_eq!((stored[0].event_type(), stored[0].seq()), ("session.start", 1));
    let resumed = client.resume_session("two", scene.config()).await.unwrap();
    let asked = client.get_events("two").await.unwrap();
    // 1.0.102 keeps `session.usage_record` to itself; all that it tells is in the log, in the same order.
    let told: Vec<_> = asked.iter().filter(|event| stored.iter().any(|s| s.id() == event.id())).collect();
    let same = stored.iter().filter(|event| event.event_type() != "session.usage_record");
    let pairs: Vec<_> = same.zip(told).map(|(stored, told)| (stored.raw_json(), told.id())).collect();
    assert!(pairs.iter().all(|(stored, told)| stored.contains(told)), "{pairs:?}");
    assert!(pairs.iter().any(|(stored, _)| stored.contains("MAGENTA-93")), "{pairs:?}");
    resumed.disconnect().await.unwrap();

    // Open, disconnected, and unknown.
    client.delete_session("open").await.unwrap();
    assert_eq!(open.send("anybody?").await.unwrap_err().name(), "CLOSED");
    client.delete_session("one").await.unwrap();
    assert_eq!(client.delete_session("one").await.unwrap_err().name(), "SESSION_NOT_FOUND");
    assert_eq!(ids(None).await, ["two"]);
    for gone in ["one", "open"] {
        let error = client.resume_session(gone, scene.config()).await.unwrap_err();
        assert_eq!(error.name(), "SESSION_NOT_FOUND", "{error}");
    }
    client.stop().await;
    // Nothing that was written late brought one back.
    assert_eq!(sessions.list_sessions(None).await.unwrap().len(), 1);
}

async fn a_session_goes_on_as_a_fork_and_in_another_store(scene: &Scene) {
    let in_sqlite = SessionStore::open(&url(scene, "sqlite", "sessions.db")).await.unwrap();
    let in_directory = SessionStore::open(&url(scene, "dir", "sessions")).await.unwrap();
    let client = client_of(scene, &in_sqlite).await;
    with_a_turn(scene, &client, "from", "the word is MAGENTA-93").await;
    let recalled = "Earlier messages: 1. The first was: the word is MAGENTA-93";

    in_sqlite.fork_session("from", "fork").await.unwrap();
    let fork = client.resume_session("fork", scene.config()).await.unwrap();
    assert_eq!(recall(scene, &fork).await, recalled);
    fork.disconnect().await.unwrap();
    let archive = scene.root().join("from.tar");
    in_sqlite.export_session_to_file("from", &archive).await.unwrap();
    client.stop().await;

    // There under a new id, and back under another.
    let moved = in_directory.import_session_from_file(&archive, Some("moved")).await.unwrap();
    let client = client_of(scene, &in_directory).await;
    let session = client.resume_session(&moved, scene.config()).await.unwrap();
    assert_eq!(recall(scene, &session).await, recalled);
    session.disconnect().await.unwrap();
    client.stop().await;
    let mut back = Vec::new();
    in_directory.export_session("moved", &mut back).await.unwrap();
    in_sqlite.delete_session("from").await.unwrap();
    in_sqlite.import_session(&mut &back[..], Some("back")).await.unwrap();
    in_sqlite.import_session_from_file(&archive, None).await.unwrap();

    let client = client_of(scene, &in_sqlite).await;
    let again = "Earlier messages: 2. The first was: the word is MAGENTA-93";
    // The fork and what went there and back had a turn more.
    for (id, expected) in [("from", recalled), ("fork", again), ("back", again)] {
        let session = client.resume_session(id, scene.config()).await.unwrap();
        assert_eq!(recall(scene, &session).await, expected, "{id}");
        session.disconnect().await.unwrap();
    }
}
