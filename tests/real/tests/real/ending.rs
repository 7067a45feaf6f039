//! However a client ends, nothing of its runtime is left, shell commands of tools included.

use std::process::Stdio;
use std::time::{Duration, Instant};

use codriver::{Client, PermissionDecision, Session};
use real_tests::{PATIENCE, Scene, processes, tool};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

on_every_runtime! {
    stop_ends_a_runtime_whose_shell_command_runs,
    force_stop_ends_a_runtime_whose_shell_command_runs,
    a_dropped_client_ends_its_runtime,
    a_killed_host_leaves_no_runtime_behind,
    a_killed_runtime_leaves_no_shell_command_behind,
}

// What survives a runtime by design is the same on all of them; 1.0.102 has the most ways to start it.
on_the_newest_runtime! {
    stop_ends_commands_that_detached_themselves,
}

/// A client whose session runs a shell command that never ends. The client is the test's to end.
async fn busy(scene: &Scene, options: serde_json::Value) -> (Client, Session) {
    let client = Client::start(scene.options()).await.unwrap();
    scene.watch(&client);
    let config = scene.config().on_permission_request(async |_, _| Ok(PermissionDecision::approve_once()));
    let session = client.create_session(config).await.unwrap();
    let mut arguments = json!({"command": "sleep 1000", "description": "sleep"});
    arguments.as_object_mut().unwrap().extend(options.as_object().cloned().unwrap());
    session.send(tool("bash", arguments)).await.unwrap();
    wait_for_sleep(scene).await;
    (client, session)
}

async fn wait_for_sleep(scene: &Scene) {
    let start = Instant::now();
    while !scene.processes().iter().any(|process| process.command.starts_with("sleep 1000")) {
        assert!(start.elapsed() < Duration::from_secs(30), "the command never ran: {:#?}", scene.processes());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn stop_ends_a_runtime_whose_shell_command_runs(scene: &Scene) {
    let (client, _session) = busy(scene, json!({})).await;
    let start = Instant::now();
    let errors = client.stop().await;
    assert!(errors.is_empty(), "{errors:?}");
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    // When stop returns they are gone, not later.
    assert!(scene.processes().is_empty(), "{:#?}", scene.processes());
}

async fn force_stop_ends_a_runtime_whose_shell_command_runs(scene: &Scene) {
    let (client, session) = busy(scene, json!({})).await;
    let errors = client.force_stop().await;
    assert!(errors.is_empty(), "{errors:?}");
    scene.wait_until_nothing_runs().await;
    assert_eq!(session.send("anybody?").await.unwrap_err().name(), "CLOSED");
}

async fn a_dropped_client_ends_its_runtime(scene: &Scene) {
    let (client, session) = busy(scene, json!({})).await;
    drop(client);
    // A session keeps its connection.
    assert!(session.rpc("session.mode.get", serde_json::Map::new()).await.is_ok());
    drop(session);
    scene.wait_until_nothing_runs().await;
}

async fn a_killed_host_leaves_no_runtime_behind(scene: &Scene) {
    let mut host = Command::new(env!("CARGO_BIN_EXE_real-host"))
        .arg(scene.program())
        .args([scene.home(), scene.work()])
        .arg(scene.model.base_url())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(host.stdout.take().unwrap()).lines();
    let runtime: u32 = lines.next_line().await.unwrap().unwrap().parse().unwrap();
    assert!(!processes::command(runtime).is_empty());
    wait_for_sleep(scene).await;
    host.kill().await.unwrap();
    scene.wait_until_nothing_runs().await;
    processes::wait_until_none(PATIENCE, || processes::mentioning(&format!("kill -9 -{runtime};"))).await;
}

async fn a_killed_runtime_leaves_no_shell_command_behind(scene: &Scene) {
    let (client, session) = busy(scene, json!({})).await;
    processes::kill(client.runtime_pid().unwrap());
    scene.wait_until_nothing_runs().await;
    assert_eq!(session.send("anybody?").await.unwrap_err().name(), "RUNTIME_LOST");
}

async fn stop_ends_commands_that_detached_themselves(scene: &Scene) {
    let (client, session) = busy(scene, json!({"mode": "async", "detach": true})).await;
    let errors = client.stop().await;
    assert!(errors.is_empty(), "{errors:?}");
    scene.wait_until_nothing_runs().await;
    drop(session);
}
