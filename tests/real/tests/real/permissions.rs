//! Permissions: nothing runs that nobody allowed.

use std::time::Duration;

use codriver::protocol::requests::PermissionKind;
use codriver::{PermissionDecision, PermissionRequest};
use real_tests::{Record, Scene, TURN, tool};
use serde_json::json;

on_every_runtime! {
    what_is_approved_runs,
    what_is_approved_for_the_session_is_asked_once,
    what_is_rejected_does_not_run_and_the_model_is_told_why,
    without_a_handler_nothing_runs_until_an_abort_frees_the_session,
    a_handler_that_throws_approves_nothing,
}

fn touch(file: &str) -> String {
    tool("bash", json!({"command": format!("touch {file}"), "description": "make a file"}))
}

async fn what_is_approved_runs(scene: &Scene) {
    let client = scene.client().await;
    let asked: Record<PermissionRequest> = Record::new();
    let config = scene.config().on_permission_request(asked.answers(|_| PermissionDecision::approve_once()));
    let session = client.create_session(config).await.unwrap();
    scene.say(&session, &touch("approved")).await;
    assert!(scene.work().join("approved").exists());
    let asked = asked.all();
    assert_eq!((asked.len(), asked[0].kind()), (1, PermissionKind::Shell));
    assert!(asked[0].text("fullCommandText").is_some_and(|command| command.contains("touch approved")));
}

async fn what_is_approved_for_the_session_is_asked_once(scene: &Scene) {
    let client = scene.client().await;
    let asked = Record::new();
    let config = scene.config().on_permission_request(asked.answers(PermissionDecision::approve_for_session));
    let session = client.create_session(config).await.unwrap();
    for _ in 0..2 {
        scene.say(&session, &touch("again")).await;
        std::fs::remove_file(scene.work().join("again")).unwrap();
    }
    assert_eq!(asked.count(), 1);
}

async fn what_is_rejected_does_not_run_and_the_model_is_told_why(scene: &Scene) {
    let client = scene.client().await;
    let asked = Record::new();
    let decide = |request: &PermissionRequest| match request.text("fullCommandText") {
        Some(command) if command.contains("explained") => PermissionDecision::reject_with("ask my mother"),
        _ => PermissionDecision::reject(),
    };
    let config = scene.config().on_permission_request(asked.answers(decide));
    let session = client.create_session(config).await.unwrap();

    // A bare rejection ends the turn; the model is not asked again.
    let turn = session.send_and_wait(touch("rejected"), TURN).await.unwrap();
    assert_eq!((turn.content, turn.aborted), (None, false));
    let answer = scene.say(&session, &touch("explained")).await;
    assert!(answer.contains("ask my mother"), "{answer}");
    assert_eq!(asked.count(), 2);
    assert!(!scene.work().join("rejected").exists() && !scene.work().join("explained").exists());
}

async fn without_a_handler_nothing_runs_until_an_abort_frees_the_session(scene: &Scene) {
    let client = scene.client().await;
    let heard = Record::new();
    let session = client.create_session(scene.config().on_event(heard.hears())).await.unwrap();

    let error = session.send_and_wait(touch("unasked"), Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(error.name(), "TIMEOUT");
    for part in ["permission.requested", "`bash`", "`shell`", "the runtime answers", "the turn goes on"] {
        assert!(error.message().contains(part), "{part}: {error}");
    }
    assert_eq!(heard.of("permission.requested").len(), 1);
    assert_eq!(heard.of("tool.execution_complete").len(), 0);

    session.abort().await.unwrap();
    heard.first("session.idle").await;
    assert!(!scene.work().join("unasked").exists());
    assert_eq!(scene.say(&session, "and now?").await, "You said: and now?");
}

async fn a_handler_that_throws_approves_nothing(scene: &Scene) {
    let client = scene.client().await;
    let (asked, failures) = (Record::new(), Record::new());
    let reported = failures.clone();
    let config = scene
        .config()
        .on_permission_request(asked.throws::<PermissionDecision>("the dialog broke"))
        .on_handler_error(move |failure| reported.push((failure.place.clone(), failure.session_id.clone())));
    let session = client.create_session(config).await.unwrap();
    // The turn goes on: the model reads that nobody could be asked.
    let answer = scene.say(&session, &touch("thrown")).await;
    assert!(answer.starts_with("Tool said: "), "{answer}");
    assert!(!scene.work().join("thrown").exists());
    let asked: Vec<PermissionRequest> = asked.all();
    assert_eq!(asked.len(), 1);
    assert_eq!(failures.all(), [("permission".to_owned(), session.id().to_owned())]);
}
