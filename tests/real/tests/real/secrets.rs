//! Secrets reach whom they are for and are seen nowhere else (DESIGN I29).

use codriver::options::Transport;
use model_stub::{ModelStub, Reply, Script};
use real_tests::{Record, Scene, TURN, processes};

on_every_runtime! {
    secrets_are_not_in_the_runtimes_command_line,
    a_key_that_the_provider_repeats_is_not_in_the_error,
}

const KEY: &str = "sk-very-secret-0815";

async fn secrets_are_not_in_the_runtimes_command_line(scene: &Scene) {
    let secrets = ["gho_secret_login", "secret-connection-token", "secret-of-the-environment"];
    let options = scene
        .options()
        .transport(Transport::Tcp { port: 0 })
        .github_token(secrets[0])
        .connection_token(secrets[1])
        .env("MY_SECRET", secrets[2]);
    let shown = format!("{options:?}");
    let client = scene.start(options).await;
    let runtime = client.runtime_pid().unwrap();
    let environment =
        String::from_utf8_lossy(&std::fs::read(format!("/proc/{runtime}/environ")).unwrap()).into_owned();
    // Of the runtime, its children and whoever watches over it.
    let commands: Vec<String> = scene.processes().into_iter().map(|process| process.command).collect();
    assert!(commands.iter().any(|command| command.contains("--server")), "{commands:?}");
    for secret in secrets {
        assert!(environment.contains(secret), "it reaches the runtime");
        assert!(commands.iter().all(|command| !command.contains(secret)), "{commands:?}");
        assert!(!shown.contains(secret) && !processes::command(runtime).contains(secret));
    }
}

async fn a_key_that_the_provider_repeats_is_not_in_the_error(scene: &Scene) {
    let refuse = |_: &_| Reply::Failure { status: 400, message: format!("the key {KEY} was revoked") };
    let model = ModelStub::start(Script::new(refuse)).unwrap();
    let client = scene.client().await;
    let failures = Record::new();
    let reported = failures.clone();
    let mut config = scene.config_with(&model).on_handler_error(move |f| reported.push(f.error.to_string()));
    config.provider.as_mut().unwrap().api_key = Some(KEY.into());
    assert!(!format!("{config:?}").contains(KEY));
    let session = client.create_session(config).await.unwrap();
    let error = session.send_and_wait("hello", TURN).await.unwrap_err();
    assert!(model.requests()[0].authorization_is(KEY), "it reaches the provider");
    assert_eq!(error.name(), "SESSION_ERROR");
    assert!(error.message().contains("was revoked") && !format!("{error:?}").contains(KEY), "{error:?}");
    assert_eq!(failures.count(), 0);
}
