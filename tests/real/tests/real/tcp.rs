//! Runtimes over TCP: a child of ours, and one that somebody else started.

use std::process::Stdio;

use codriver::options::{Secret, Transport};
use codriver::{Client, ClientOptions};
use real_tests::{PATIENCE, Scene};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

on_every_runtime! {
    a_child_over_tcp_converses_and_ends_with_its_client,
    a_runtime_of_somebody_else_wants_its_token_and_outlives_the_client,
}

// What the three answer to a token they do not have differs in nothing.
on_the_newest_runtime! {
    a_runtime_without_a_token_refuses_one,
}

/// A runtime that is not the client's, and the port it listens on.
async fn somebody_elses(scene: &Scene, token: Option<&str>) -> (Child, u16) {
    let mut command = Command::new(scene.program());
    command.args(["--server", "--port", "0", "--no-auto-update", "--no-auto-login"]);
    command
        .env("COPILOT_HOME", scene.home())
        .env("NO_PROXY", "127.0.0.1")
        .env_remove("COPILOT_CONNECTION_TOKEN");
    command.envs(token.map(|token| ("COPILOT_CONNECTION_TOKEN", token)));
    command.current_dir(scene.work()).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, port)) = line.split_once("listening on port ") {
            return (child, port.trim().parse().unwrap());
        }
    }
    panic!("the runtime never said its port");
}

fn external(port: u16, token: Option<&str>) -> ClientOptions {
    let token = token.map(Secret::from);
    ClientOptions::new().transport(Transport::External { host: "127.0.0.1".into(), port, token })
}

async fn a_child_over_tcp_converses_and_ends_with_its_client(scene: &Scene) {
    let client = scene.start(scene.options().transport(Transport::Tcp { port: 0 })).await;
    let session = client.create_session(scene.config()).await.unwrap();
    assert_eq!(scene.say(&session, "over a socket").await, "You said: over a socket");
    let start = std::time::Instant::now();
    assert!(client.stop().await.is_empty());
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

async fn a_runtime_of_somebody_else_wants_its_token_and_outlives_the_client(scene: &Scene) {
    let (mut runtime, port) = somebody_elses(scene, Some("right-token-1234")).await;
    let error = Client::start(external(port, None)).await.unwrap_err();
    assert_eq!(error.name(), "AUTHENTICATION_REQUIRED");
    assert!(error.message().contains("connection_token"), "{error}");
    let error = Client::start(external(port, Some("wrong-token-1234"))).await.unwrap_err();
    assert_eq!(error.name(), "AUTHENTICATION_FAILED");
    assert!(!format!("{error:?}").contains("wrong-token-1234"), "{error:?}");

    let client = Client::start(external(port, Some("right-token-1234"))).await.unwrap();
    assert_eq!(client.runtime_pid(), None);
    let session = client.create_session(scene.config()).await.unwrap();
    assert_eq!(scene.say(&session, "hello there").await, "You said: hello there");
    assert!(client.stop().await.is_empty());

    assert!(runtime.try_wait().unwrap().is_none(), "it is not ours to end");
    let next = Client::start(external(port, Some("right-token-1234"))).await.unwrap();
    let resumed = next.resume_session(session.id(), scene.config()).await.unwrap();
    assert_eq!(scene.say(&resumed, "RECALL").await, "Earlier messages: 1. The first was: hello there");
    assert!(next.force_stop().await.is_empty());
    runtime.kill().await.unwrap();
    assert_eq!(Client::start(external(port, None)).await.unwrap_err().name(), "CONNECT_FAILED");
}

async fn a_runtime_without_a_token_refuses_one(scene: &Scene) {
    let (mut runtime, port) = somebody_elses(scene, None).await;
    let error = Client::start(external(port, Some("needless-token"))).await.unwrap_err();
    assert_eq!(error.name(), "AUTHENTICATION_FAILED");
    assert!(error.message().contains("leave the connection token out"), "{error}");
    assert!(Client::start(external(port, None)).await.unwrap().stop().await.is_empty());
    runtime.kill().await.unwrap();
}
