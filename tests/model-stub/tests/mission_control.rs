//! Mission Control over real HTTP.

use std::time::Duration;

use model_stub::mission_control::{MissionControl, MissionControlOptions, WorkerStart};
use serde_json::{Value, json};
use tokio::time::timeout;
use ureq::Agent;

const SOON: Duration = Duration::from_secs(10);

fn at_once() -> MissionControlOptions {
    MissionControlOptions::default().worker_start(WorkerStart::After(Duration::ZERO))
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(SOON)).build().into()
}

fn get(server: &MissionControl, path: &str) -> (u16, Value) {
    let mut response = agent().get(format!("{}{path}", server.base_url())).call().unwrap();
    (response.status().as_u16(), response.body_mut().read_json().unwrap())
}

fn post(server: &MissionControl, path: &str, body: Value) -> (u16, Value) {
    let mut response = agent().post(format!("{}{path}", server.base_url())).send_json(body).unwrap();
    (response.status().as_u16(), response.body_mut().read_json().unwrap())
}

fn create(server: &MissionControl) -> String {
    let (status, task) = post(server, "/tasks", json!({"repositories": [{"owner": "acme", "name": "app"}]}));
    assert_eq!(status, 201);
    task["id"].as_str().unwrap().to_owned()
}

fn events(server: &MissionControl, task: &str) -> Vec<Value> {
    let (_, polled) = get(server, &format!("/tasks/{task}/events"));
    polled["events"].as_array().unwrap().clone()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[test]
fn the_user_is_told_to_come_back_here() {
    let server = MissionControl::start(at_once()).unwrap();
    let (status, user) = get(&server, "/copilot_internal/user");
    assert_eq!(status, 200);
    assert_eq!(user["endpoints"]["api"], server.base_url());
    assert!(server.environment().iter().all(|(_, value)| value == server.base_url()));
}

#[test]
fn a_worker_starts_after_its_delay() {
    let delay = Duration::from_millis(150);
    let server = MissionControl::start(at_once().worker_start(WorkerStart::After(delay))).unwrap();
    let task = create(&server);
    assert_eq!(kinds(&events(&server, &task)), ["session.requested"]);
    assert!(!server.tasks()[0].has_worker());
    std::thread::sleep(delay + Duration::from_millis(20));
    let events = events(&server, &task);
    assert_eq!(kinds(&events), ["session.requested", "session.start"]);
    assert_eq!(events[1]["data"]["producer"], "copilot-agent");
    assert_eq!(events[1]["data"]["sessionId"], "remote-task-1");
    assert!(server.tasks()[0].has_worker());
}

#[test]
fn a_worker_that_never_starts_emits_nothing() {
    let server = MissionControl::start(at_once().worker_start(WorkerStart::Never)).unwrap();
    let task = create(&server);
    post(&server, &format!("/tasks/{task}/steer"), json!({"type": "user_message", "content": "lost"}));
    assert_eq!(kinds(&events(&server, &task)), ["session.requested"]);
    assert_eq!(server.tasks()[0].prompts(), ["lost"]);
}

#[test]
fn a_prompt_is_recorded_and_answered_with_one_turn_in_order() {
    let server = MissionControl::start(at_once()).unwrap();
    let task = create(&server);
    let steer = json!({"type": "user_message", "content": "hi", "external_id": "e-1"});
    assert_eq!(post(&server, &format!("/tasks/{task}/steer"), steer), (200, json!({"ok": true})));
    std::thread::sleep(Duration::from_millis(20));
    let events = events(&server, &task);
    let turn =
        ["user.message", "assistant.turn_start", "assistant.message", "assistant.turn_end", "session.idle"];
    assert_eq!(kinds(&events)[2..], turn);
    assert_eq!(events[4]["data"]["content"], "You said: hi");
    let chained = events.windows(2).all(|pair| pair[1]["parentId"] == pair[0]["id"]);
    let rising = events.windows(2).all(|pair| pair[0]["timestamp"].as_str() < pair[1]["timestamp"].as_str());
    assert!(chained && rising, "{events:?}");
    let recorded = &server.tasks()[0];
    assert_eq!(recorded.prompts(), ["hi"]);
    assert_eq!(recorded.steers[0].external_id, "e-1");
}

#[test]
fn an_abort_is_recorded_and_ends_the_turn() {
    let server = MissionControl::start(at_once().agent(|_| Vec::new())).unwrap();
    let task = create(&server);
    post(&server, &format!("/tasks/{task}/steer"), json!({"type": "abort"}));
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(kinds(&events(&server, &task))[2..], ["abort", "session.idle"]);
    assert_eq!(server.tasks()[0].steers[0].kind, "abort");
    assert!(server.tasks()[0].prompts().is_empty());
}

#[test]
fn a_remote_procedure_is_recorded_and_has_its_scripted_result() {
    let server = MissionControl::start(at_once().rpc_result("a.b", json!({"answer": 42}))).unwrap();
    let task = create(&server);
    for (method, result) in [
        ("a.b", json!({"answer": 42})),
        ("session.sandbox.getEnforcementStatus", json!({"required": false, "blocked": false})),
        ("else", json!({})),
    ] {
        let (_, call) =
            post(&server, &format!("/tasks/{task}/rpc"), json!({"rpc_method": method, "params": {"p": 1}}));
        assert_eq!(call["state"], "pending");
        let (_, done) = get(&server, &format!("/tasks/{task}/rpc/{}", call["id"].as_str().unwrap()));
        assert_eq!((&done["state"], &done["result"]), (&json!("completed"), &result));
    }
    let methods: Vec<_> = server.tasks()[0].rpcs.iter().map(|call| call.method.clone()).collect();
    assert_eq!(methods, ["a.b", "session.sandbox.getEnforcementStatus", "else"]);
    assert_eq!(get(&server, &format!("/tasks/{task}/rpc/rpc-9")).0, 404);
}

#[tokio::test]
async fn an_emitted_event_shows_at_the_next_poll_and_polls_are_counted() {
    let server = MissionControl::start(at_once()).unwrap();
    let task = create(&server);
    assert!(!server.tasks()[0].is_polled_within(SOON));
    assert!(server.emit(&task, "permission.requested", json!({"requestId": "p"})));
    assert!(!server.emit("task-9", "x", json!({})));
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(kinds(&events(&server, &task)).last(), Some(&"permission.requested"));
    let tasks = timeout(SOON, server.wait_until(|tasks| tasks[0].polls == 1)).await.unwrap();
    assert!(tasks[0].is_polled_within(SOON));
    assert!(server.requests().iter().all(|request| !request.path.ends_with("/events")));
}

#[test]
fn a_deleted_task_is_gone_and_known_to_be_deleted() {
    let server = MissionControl::start(at_once()).unwrap();
    let task = create(&server);
    agent().delete(format!("{}/tasks/{task}", server.base_url())).call().unwrap();
    assert!(server.tasks()[0].deleted);
    assert_eq!(get(&server, &format!("/tasks/{task}")).0, 404);
}

#[test]
fn a_required_token_keeps_others_out() {
    let server = MissionControl::start(at_once().require_token("gho_right")).unwrap();
    assert_eq!(get(&server, "/user").0, 401);
    for (header, status) in [("Bearer gho_wrong", 401), ("Bearer gho_right", 200), ("token gho_right", 200)] {
        let request = agent().get(format!("{}/user", server.base_url())).header("authorization", header);
        assert_eq!(request.call().unwrap().status(), status, "{header}");
    }
    assert!(!format!("{server:?}").contains("gho_"));
}
