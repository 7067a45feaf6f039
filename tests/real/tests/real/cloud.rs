//! Cloud sessions, against a stand-in for their server.

use std::time::{Duration, Instant};

use codriver::options::{CloudOptions, ProviderConfig};
use codriver::protocol::requests::{
    AutoModeSwitchRequest, AutoModeSwitchResponse, CommandInvocation, ElicitationRequest, ElicitationResult,
    ExitPlanModeRequest, ExitPlanModeResponse, McpAuthRequest, McpAuthResponse, UserInputRequest,
    UserInputResponse,
};
use codriver::{
    ClientOptions, HookInput, HookKind, HookOutput, PermissionDecision, PermissionRequest, SessionConfig,
    Tool, ToolInvocation, ToolResult,
};
use model_stub::mission_control::{MissionControl, MissionControlOptions, Task, WorkerStart};
use real_tests::{Record, Scene, TURN, data};
use serde_json::json;

on_every_runtime! {
    every_prompt_reaches_the_server_with_every_handler_attached,
    permissions_forms_and_questions_of_the_cloud_are_answered_by_the_handlers,
    a_worker_that_is_there_at_once_makes_no_difference,
    a_worker_that_never_comes_is_given_up_at_the_deadline,
    two_creates_at_once_get_their_own_sessions,
    a_dropped_create_leaves_nothing_behind,
    a_disconnected_session_is_no_longer_polled,
}

// Refused before anything is sent.
on_the_newest_runtime! {
    an_id_or_a_provider_is_refused_before_anything_is_sent,
}

fn cloud(scene: &Scene, server: &MissionControl) -> ClientOptions {
    let options = scene.options().github_token("gho_stub_login");
    server.environment().into_iter().fold(options, |options, (name, value)| options.env(name, value))
}

fn server() -> MissionControl {
    MissionControl::start(MissionControlOptions::default()).unwrap()
}

fn in_the_cloud() -> SessionConfig {
    SessionConfig::new().cloud(CloudOptions::on("acme", "app"))
}

/// What the handlers of a session were asked.
#[derive(Clone, Default)]
struct Asked {
    permissions: Record<PermissionRequest>,
    forms: Record<ElicitationRequest>,
    inputs: Record<UserInputRequest>,
}

/// Every handler there is, so that everything that a runtime could refuse a cloud session for is in the config.
fn every_handler(config: SessionConfig, asked: &Asked) -> SessionConfig {
    let plans = Record::<ExitPlanModeRequest>::new();
    let config = config
        .on_permission_request(asked.permissions.answers(|_| PermissionDecision::approve_once()))
        .on_elicitation_request(asked.forms.answers(|_| ElicitationResult::decline()))
        .on_user_input_request(
            asked.inputs.answers(|asked| UserInputResponse::choice(asked.choices[0].clone())),
        )
        .on_exit_plan_mode(plans.answers(|_| ExitPlanModeResponse::approved()))
        .on_auto_mode_switch(Record::<AutoModeSwitchRequest>::new().answers(|_| AutoModeSwitchResponse::No))
        .on_mcp_auth_request(Record::<McpAuthRequest>::new().answers(|_| McpAuthResponse::cancelled()))
        .on_system_message_section("identity", Record::<String>::new().answers(String::clone))
        .command("deploy", "Deploys", Record::<CommandInvocation>::new().answers(|_| ()))
        .tool(
            Tool::new("lookup", "Looks up")
                .handler(Record::<ToolInvocation>::new().answers(|_| ToolResult::text(""))),
        )
        .streaming(true)
        .include_sub_agent_streaming_events(true);
    let hooks = Record::<HookInput>::new();
    HookKind::ALL
        .iter()
        .fold(config, |config, kind| config.on_hook(*kind, hooks.answers(|_| HookOutput::empty())))
}

/// Waits for what the server sees.
async fn seen(server: &MissionControl, condition: impl FnMut(&[Task]) -> bool) -> Vec<Task> {
    let waited = tokio::time::timeout(TURN, server.wait_until(condition)).await;
    waited.unwrap_or_else(|_| panic!("the server never saw it: {:#?}", server.tasks()))
}

/// Waits until no task has been polled for three seconds.
async fn polls_end(server: &MissionControl) {
    let start = Instant::now();
    while server.tasks().iter().any(|task| task.is_polled_within(Duration::from_secs(3))) {
        assert!(start.elapsed() < Duration::from_secs(30), "still polled: {:#?}", server.tasks());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn every_prompt_reaches_the_server_with_every_handler_attached(scene: &Scene) {
    let server = server();
    let client = scene.start(cloud(scene, &server)).await;
    let heard = Record::new();
    let config = every_handler(in_the_cloud(), &Asked::default()).on_event(heard.hears());
    let session = client.create_session(config).await.unwrap();
    assert_eq!(session.workspace_path(), None);
    // Sent at once: 1.0.57 would drop it before the worker is there.
    assert_eq!(scene.say(&session, "one").await, "You said: one");
    assert_eq!(scene.say(&session, "two").await, "You said: two");
    session.send("three").await.unwrap();
    let tasks = seen(&server, |tasks| tasks[0].prompts().len() == 3).await;
    assert_eq!(tasks[0].prompts(), ["one", "two", "three"]);
    let repository = &tasks[0].request["repositories"][0];
    assert_eq!((&repository["owner"], &repository["name"]), (&json!("acme"), &json!("app")));
    heard.nth("session.idle", 2).await;
    assert!(heard.all().windows(2).all(|pair| pair[1].seq() == pair[0].seq() + 1));
    assert_eq!(heard.all()[0].seq(), 1);
}

async fn permissions_forms_and_questions_of_the_cloud_are_answered_by_the_handlers(scene: &Scene) {
    let server = server();
    let client = scene.start(cloud(scene, &server)).await;
    let (asked, heard) = (Asked::default(), Record::new());
    let config = every_handler(in_the_cloud(), &asked).on_event(heard.hears());
    let session = client.create_session(config).await.unwrap();
    session.wait_until_ready(TURN).await.unwrap();
    let task = server.tasks()[0].id.clone();

    let permission = json!({"kind": "shell", "toolCallId": "call-1", "fullCommandText": "ls", "intention": "list",
        "commands": [{"identifier": "ls", "readOnly": true}], "possiblePaths": [], "possibleUrls": [],
        "hasWriteFileRedirection": false, "canOfferSessionApproval": true});
    server.emit(&task, "permission.requested", json!({"requestId": "p1", "permissionRequest": permission}));
    let schema = json!({"type": "object", "properties": {}});
    server.emit(
        &task,
        "elicitation.requested",
        json!({"requestId": "e1", "message": "m", "requestedSchema": schema}),
    );
    let question =
        json!({"requestId": "u1", "question": "colour?", "choices": ["red"], "allowFreeform": true});
    server.emit(&task, "user_input.requested", question);

    // Steered on 1.0.57, in part called on the newer ones; the answer is in it all the same.
    let answers = |tasks: &[Task], words: [&str; 2]| {
        let steered = tasks[0].steers.iter().map(|steer| format!("{} {}", steer.kind, steer.content));
        let called = tasks[0].rpcs.iter().map(|call| format!("{} {}", call.method, call.params));
        steered.chain(called).filter(|text| words.iter().all(|word| text.contains(word))).count()
    };
    seen(&server, |tasks| answers(tasks, ["permission_response", "call-1"]) == 1).await;
    seen(&server, |tasks| answers(tasks, ["e1", "decline"]) == 1).await;
    seen(&server, |tasks| answers(tasks, ["u1", "red"]) == 1).await;
    assert_eq!(asked.permissions.all()[0].text("fullCommandText"), Some("ls"));
    assert_eq!(asked.forms.all()[0].message, "m");
    assert_eq!(asked.inputs.all()[0].question, "colour?");
    assert_eq!((asked.permissions.count(), asked.forms.count(), asked.inputs.count()), (1, 1, 1));
    // Handlers of events are not in step with handlers of questions.
    heard.first("user_input.requested").await;
    assert_eq!(heard.of("permission.requested").len(), 1);
}

async fn a_worker_that_is_there_at_once_makes_no_difference(scene: &Scene) {
    let at_once = MissionControlOptions::default().worker_start(WorkerStart::After(Duration::ZERO));
    let server = MissionControl::start(at_once).unwrap();
    let client = scene.start(cloud(scene, &server)).await;
    let heard = Record::new();
    let session = client.create_session(in_the_cloud().on_event(heard.hears())).await.unwrap();
    assert_eq!(scene.say(&session, "hello").await, "You said: hello");
    assert_eq!(server.tasks()[0].prompts(), ["hello"]);
    assert_eq!(data(&heard.first("assistant.message").await)["content"], "You said: hello");
}

async fn a_worker_that_never_comes_is_given_up_at_the_deadline(scene: &Scene) {
    let never = MissionControlOptions::default().worker_start(WorkerStart::Never);
    let server = MissionControl::start(never).unwrap();
    let mut options = cloud(scene, &server);
    options.limits.request_timeout = Some(Duration::from_secs(3));
    options.limits.cloud_ready_timeout = Duration::from_secs(2);
    let client = scene.start(options).await;
    match client.create_session(in_the_cloud()).await {
        // 1.0.57 answers at once, and would wait for ever.
        Ok(session) => {
            assert!(scene.is_oldest());
            let error = session.wait_until_ready(Duration::from_secs(2)).await.unwrap_err();
            assert_eq!(error.name(), "CLOUD_NOT_READY");
            for error in [
                session.send("lost?").await.unwrap_err(),
                session.send_and_wait("lost too?", TURN).await.unwrap_err(),
            ] {
                assert_eq!(error.name(), "CLOUD_NOT_READY");
            }
            session.disconnect().await.unwrap();
            polls_end(&server).await;
        }
        // The newer ones answer after a minute at the earliest.
        Err(error) => {
            assert!(!scene.is_oldest());
            assert_eq!(error.name(), "TIMEOUT");
        }
    }
    assert!(server.tasks()[0].steers.is_empty());
}

async fn two_creates_at_once_get_their_own_sessions(scene: &Scene) {
    let server = server();
    let client = scene.start(cloud(scene, &server)).await;
    let (one, two) =
        tokio::join!(client.create_session(in_the_cloud()), client.create_session(in_the_cloud()));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one.id(), two.id());
    let (first, second) = tokio::join!(scene.say(&one, "to one"), scene.say(&two, "to two"));
    assert_eq!((first.as_str(), second.as_str()), ("You said: to one", "You said: to two"));
    for (session, prompt) in [(&one, "to one"), (&two, "to two")] {
        let tasks = server.tasks();
        let task = tasks.iter().find(|task| task.id == session.id()).unwrap();
        assert_eq!(task.prompts(), [prompt]);
    }
}

async fn a_dropped_create_leaves_nothing_behind(scene: &Scene) {
    let server = server();
    let client = scene.start(cloud(scene, &server)).await;
    let dropped =
        tokio::time::timeout(Duration::from_millis(20), client.create_session(in_the_cloud())).await;
    assert!(dropped.is_err(), "the runtime answered sooner than it can");
    seen(&server, |tasks| tasks.len() == 1 && tasks[0].polls > 0).await;
    polls_end(&server).await;
    // And the client works on.
    let session = client.create_session(in_the_cloud()).await.unwrap();
    assert_eq!(scene.say(&session, "still here").await, "You said: still here");
}

async fn a_disconnected_session_is_no_longer_polled(scene: &Scene) {
    let server = server();
    let client = scene.start(cloud(scene, &server)).await;
    let session = client.create_session(in_the_cloud()).await.unwrap();
    session.wait_until_ready(TURN).await.unwrap();
    session.disconnect().await.unwrap();
    polls_end(&server).await;
    assert_eq!(session.send("anybody?").await.unwrap_err().name(), "CLOSED");
}

async fn an_id_or_a_provider_is_refused_before_anything_is_sent(scene: &Scene) {
    let server = server();
    let client = scene.start(cloud(scene, &server)).await;
    let provider = ProviderConfig::new("http://127.0.0.1:1/v1");
    for (config, field) in
        [(in_the_cloud().session_id("mine"), "sessionId"), (in_the_cloud().provider(provider), "provider")]
    {
        let error = client.create_session(config).await.unwrap_err();
        assert_eq!(error.name(), "INVALID_CONFIG");
        assert!(error.message().contains(field), "{error}");
    }
    assert!(server.tasks().is_empty());
}
