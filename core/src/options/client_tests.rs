use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::error::ErrorKind;
use crate::fs::Conventions;
use crate::store::MemoryFs;

fn session_fs() -> SessionFsOptions {
    SessionFsOptions::new("/project", "/state", |_| Ok(Arc::new(MemoryFs::new())))
}

fn no_variables(_: &str) -> Option<OsString> {
    None
}

fn args(options: &ClientOptions) -> String {
    options.child_args().iter().map(|a| a.to_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn child_arguments_are_those_of_the_protocol() {
    assert_eq!(args(&ClientOptions::new()), "--server --stdio --no-auto-update");
    let options = ClientOptions::new()
        .transport(Transport::Tcp { port: 0 })
        .cli_args(["runtime.js"])
        .log_level("debug")
        .github_token("HUSH")
        .session_idle_timeout_seconds(90)
        .remote(true);
    assert_eq!(
        args(&options),
        "runtime.js --server --port 0 --no-auto-update --log-level debug --auth-token-env COPILOT_SDK_AUTH_TOKEN \
         --no-auto-login --session-idle-timeout 90 --remote"
    );
    let options = ClientOptions::new().use_logged_in_user(false).session_idle_timeout_seconds(0);
    assert_eq!(args(&options), "--server --stdio --no-auto-update --no-auto-login");
}

#[test]
fn the_child_gets_secrets_and_telemetry_in_its_environment() {
    let options = ClientOptions::new()
        .transport(Transport::Tcp { port: 0 })
        .env("MINE", "1")
        .env("NODE_DEBUG", "http")
        .env("COPILOT_HOME", "/elsewhere")
        .env_remove(["HTTP_PROXY"])
        .github_token("gh")
        .connection_token("ct")
        .base_directory("/base")
        .mode(ClientMode::Empty)
        .telemetry(Telemetry {
            otlp_endpoint: Some("http://o".into()),
            otlp_protocol: Some("http/json".into()),
            file_path: Some("/f".into()),
            exporter_type: Some("file".into()),
            source_name: Some("s".into()),
            capture_content: Some(false),
        });
    let env = options.child_env(options.new_connection_token().as_ref());
    let set: Vec<_> = env.set.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    assert_eq!(
        set,
        [
            ("COPILOT_CONNECTION_TOKEN", "ct"),
            ("COPILOT_DISABLE_KEYTAR", "1"),
            ("COPILOT_HOME", "/base"),
            ("COPILOT_OTEL_ENABLED", "true"),
            ("COPILOT_OTEL_EXPORTER_TYPE", "file"),
            ("COPILOT_OTEL_FILE_EXPORTER_PATH", "/f"),
            ("COPILOT_OTEL_SOURCE_NAME", "s"),
            ("COPILOT_SDK_AUTH_TOKEN", "gh"),
            ("MINE", "1"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://o"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "false"),
        ]
    );
    assert!(env.remove.contains("NODE_DEBUG") && env.remove.contains("HTTP_PROXY"));
}

#[test]
fn a_plain_child_inherits_everything_but_tokens_of_others_and_node_debug() {
    let env = ClientOptions::new().child_env(None);
    assert!(env.set.is_empty());
    let removed: Vec<_> = env.remove.iter().map(String::as_str).collect();
    assert_eq!(removed, ["COPILOT_CONNECTION_TOKEN", "COPILOT_SDK_AUTH_TOKEN", "NODE_DEBUG"]);
}

#[test]
fn a_tcp_child_gets_a_fresh_token_and_a_stdio_child_none() {
    let tcp = ClientOptions::new().transport(Transport::Tcp { port: 0 });
    let (one, two) = (tcp.new_connection_token().unwrap(), tcp.new_connection_token().unwrap());
    assert!(one.expose().len() >= 32 && one != two);
    assert_eq!(ClientOptions::new().new_connection_token(), None);
    let external = Transport::External { host: "h".into(), port: 1, token: Some("t".into()) };
    let token = ClientOptions::new().transport(external).new_connection_token();
    assert_eq!(token, Some("t".into()));
}

#[test]
fn connect_tells_token_identity_and_forwarding() {
    assert_eq!(ClientOptions::new().connect_params(None), json!({}));
    let options = ClientOptions::new().client_info("acme", "1.2").enable_github_telemetry_forwarding(true);
    assert_eq!(
        options.connect_params(Some(&"t".into())),
        json!({"token": "t", "clientInfo": {"editorName": "acme", "editorVersion": "1.2"},
            "enableGitHubTelemetryForwarding": true})
    );
    assert_eq!(options.builtin_plugins_params(), None);
    let options = options.builtin_plugins(["/p"]);
    assert_eq!(options.builtin_plugins_params(), Some(json!({"paths": ["/p"]})));
}

#[test]
fn the_filesystem_provider_is_registered_with_its_capabilities() {
    let mut fs = session_fs();
    assert_eq!(
        fs.set_provider_params(),
        json!({"initialCwd": "/project", "sessionStatePath": "/state", "conventions": "posix"})
    );
    fs.conventions = Conventions::Windows;
    fs.binary = true;
    fs.sqlite = true;
    let params = fs.set_provider_params();
    assert_eq!(params["conventions"], "windows");
    assert_eq!(params["capabilities"], json!({"binary": true, "sqlite": true}));
}

#[test]
fn a_store_is_chosen_in_json_and_its_url_is_not_shown() {
    let json = json!({"sessionFs": {"initialCwd": "/p", "statePath": "/s", "store": "sqlite:/HUSH",
        "workspace": "none", "rest": "disk", "cache": true}});
    let options = ClientOptions::from_json(json).unwrap();
    options.validate(&no_variables).unwrap();
    let fs = options.session_fs.as_ref().unwrap();
    assert_eq!(fs.store.as_ref().unwrap().expose(), "sqlite:/HUSH");
    assert!(matches!((&fs.workspace, &fs.rest), (Some(FsSource::None), Some(FsSource::Disk))));
    assert_eq!(fs.cache, Some(true));
    let sqlite = cfg!(feature = "sqlite");
    assert_eq!(fs.grants_sqlite(), sqlite);
    assert_eq!(fs.set_provider_params()["capabilities"]["binary"], true);
    for shown in [format!("{options:?}"), serde_json::to_string(&options).unwrap()] {
        assert!(!shown.contains("HUSH"), "{shown}");
    }
    let wrong = json!({"sessionFs": {"initialCwd": "/p", "statePath": "/s", "workspace": "provider"}});
    let error = ClientOptions::from_json(wrong).unwrap_err();
    assert!(error.message().starts_with("sessionFs.workspace: "), "{error}");
    let mut by_code = session_fs();
    by_code.workspace = Some(FsSource::Provider(by_code.factory.clone().unwrap()));
    assert!(serde_json::to_string(&by_code).is_ok());
}

#[test]
fn options_come_from_json_in_both_spellings() {
    let snake = json!({"transport": {"kind": "tcp", "port": 7}, "cli_path": "/c", "github_token": "t",
        "base_directory": null, "mode": "empty", "client_info": {"name": "n"}, "env": {"A_B": "v"},
        "telemetry": {"otlp_endpoint": "http://o"}, "limits": {"fs_deadline_ms": 5, "max_frame_bytes": 2048},
        "session_fs": {"initial_cwd": "/p", "state_path": "/s", "sqlite": true},
        "enable_github_telemetry_forwarding": true, "session_idle_timeout_seconds": 3});
    let options = ClientOptions::from_json(snake).unwrap();
    assert!(matches!(options.transport, Transport::Tcp { port: 7 }));
    assert_eq!(options.github_token, Some("t".into()));
    assert_eq!(options.mode, ClientMode::Empty);
    assert_eq!(options.env["A_B"].expose(), "v");
    assert_eq!(options.limits.fs_deadline, Duration::from_millis(5));
    assert!(options.session_fs.as_ref().unwrap().sqlite);
    assert!(options.enable_github_telemetry_forwarding);

    let camel = json!({"gitHubToken": "t", "enableGitHubTelemetryForwarding": true, "workingDirectory": "/",
        "transport": {"kind": "external", "host": "h", "port": 1, "token": "x"}});
    let options = ClientOptions::from_json(camel).unwrap();
    assert_eq!(options.cwd.as_deref(), Some(std::path::Path::new("/")));

    let again = serde_json::to_value(&options).unwrap();
    assert_eq!(serde_json::to_value(ClientOptions::from_json(again.clone()).unwrap()).unwrap(), again);
}

#[test]
fn bad_json_names_the_field_and_an_unknown_one_is_a_typo() {
    for (value, message) in [
        (json!({"cli_path": 5}), "cliPath: expected path string, found integer"),
        (json!({"limits": {"fs_deadline_ms": "soon"}}), "limits.fsDeadlineMs: expected u64, found string"),
        (json!({"githubToken": ["HUSH"]}), "githubToken: expected a string, found sequence"),
        (json!([]), "client options: must be a JSON object"),
    ] {
        let error = ClientOptions::from_json(value).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidConfig, message));
    }
    let error = ClientOptions::from_json(json!({"clipath": "x"})).unwrap_err();
    assert!(error.message().contains("unknown field `clipath`"), "{error}");
}

#[test]
fn no_secret_is_in_the_debug_of_client_options() {
    let options = ClientOptions::new()
        .transport(Transport::External { host: "h".into(), port: 1, token: Some("HUSH".into()) })
        .github_token("HUSH")
        .connection_token("HUSH")
        .env("KEY", "HUSH")
        .session_fs(session_fs());
    let debug = format!("{options:?} {:?}", options.child_env(Some(&"HUSH".into())));
    assert!(debug.contains("KEY") && !debug.contains("HUSH"), "{debug}");
}

#[test]
fn streams_are_taken_once() {
    let (ours, _theirs) = tokio::io::duplex(16);
    let (reader, writer) = tokio::io::split(ours);
    let options = ClientOptions::streams(reader, writer);
    options.validate(&no_variables).unwrap();
    let Transport::Streams(streams) = &options.clone().transport else { panic!("not streams") };
    assert!(streams.take().is_some());
    let Transport::Streams(streams) = &options.transport else { panic!("not streams") };
    assert!(streams.take().is_none());
}

#[test]
fn client_options_that_cannot_work_are_refused_with_their_field() {
    let new = ClientOptions::new;
    let external = |host: &str, port| new().transport(Transport::external(host, port));
    let mut relative = session_fs();
    relative.state_path = "state".into();
    let mut windows = session_fs();
    windows.conventions = Conventions::Windows;
    let mut no_factory = session_fs();
    no_factory.factory = None;
    let mut two = session_fs();
    two.store = Some("memory:".into());
    let url = |url: &str| new().session_fs(SessionFsOptions::url("/p", "/s", url));
    let mut foreign = SessionFsOptions::url(r"C:\p", r"C:\s", "memory:");
    foreign.conventions = Conventions::Windows;
    let foreign_rest = foreign.clone().workspace(FsSource::None).rest(FsSource::Disk);
    let tiny = Limits { max_frame_bytes: 1, ..Limits::default() };
    let instant = Limits { request_timeout: Some(Duration::ZERO), ..Limits::default() };
    let telemetry =
        |otlp_endpoint: Option<&str>, otlp_protocol: Option<&str>, exporter_type: Option<&str>| {
            new().telemetry(Telemetry {
                otlp_endpoint: otlp_endpoint.map(Into::into),
                otlp_protocol: otlp_protocol.map(Into::into),
                exporter_type: exporter_type.map(Into::into),
                ..Telemetry::default()
            })
        };
    let table = [
        (external("", 1), "transport.host: is missing"),
        (external("http://h", 1), "transport.host: must be a host name"),
        (external("h", 0), "transport.port: must be the port"),
        (external("h", 1).github_token("t"), "githubToken: has no effect with the transport `external`"),
        (new().transport(Transport::Parent).cwd("/"), "cwd: has no effect with the transport `parent`"),
        (new().github_token(" "), "githubToken: must not be empty"),
        (
            new().github_token("t").use_logged_in_user(true),
            "useLoggedInUser: cannot be true with `githubToken`",
        ),
        (new().connection_token("t"), "connectionToken: has no use over stdio"),
        (
            new().transport(Transport::Tcp { port: 0 }).connection_token(""),
            "connectionToken: must not be empty",
        ),
        (new().cwd("/no/such/directory"), "cwd: `/no/such/directory` is not a directory"),
        (new().cli_path(""), "cliPath: must not be an empty path"),
        (new().builtin_plugins(["/p", ""]), "builtinPlugins: must not be an empty path"),
        (new().env("A=B", "HUSH"), "env: `A=B` is not a variable name"),
        (new().env("A", "HUSH\0"), "env.A: must not contain a NUL"),
        (new().env("COPILOT_OFFLINE", "true"), "env: COPILOT_OFFLINE=true needs COPILOT_PROVIDER_BASE_URL"),
        (new().client_info("", "1"), "clientInfo.name: is missing"),
        (new().mode(ClientMode::Empty), "mode: `empty` needs a place for sessions"),
        (telemetry(Some("grpc://x"), None, None), "telemetry.otlpEndpoint: must be an absolute http"),
        (telemetry(None, Some("grpc"), None), "telemetry.otlpProtocol: must be"),
        (telemetry(None, None, Some("file")), "telemetry.filePath: is missing"),
        (new().session_fs(relative), "sessionFs.statePath: must be an absolute path"),
        (new().session_fs(windows), "sessionFs.initialCwd: must be an absolute path"),
        (new().session_fs(no_factory), "sessionFs.store: is missing"),
        (new().session_fs(two), "sessionFs.store: is given twice"),
        (url("redis://:HUSH@h"), "sessionFs.store: the store URL (redis:…): there is no store"),
        (new().session_fs(foreign), "sessionFs.workspace: cannot be the disk of this machine"),
        (new().session_fs(foreign_rest), "sessionFs.rest: cannot be the disk of this machine"),
        (new().limits(tiny), "limits.maxFrameBytes: must be at least 1024"),
        (new().limits(instant), "limits.requestTimeoutMs: must be above 0"),
    ];
    for (options, message) in table {
        let error = options.validate(&no_variables).expect_err(message);
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert!(error.message().starts_with(message), "{message}: {error}");
        assert!(!error.message().contains("HUSH"), "{error}");
    }
}

#[test]
fn client_options_that_can_work_pass() {
    let offline = |name: &str| (name == "COPILOT_OFFLINE").then(|| OsString::from("true"));
    assert!(ClientOptions::new().validate(&offline).is_err());
    ClientOptions::new().env_remove(["COPILOT_OFFLINE"]).validate(&offline).unwrap();
    ClientOptions::new().env("COPILOT_PROVIDER_BASE_URL", "http://h").validate(&offline).unwrap();
    ClientOptions::new().transport(Transport::Parent).mode(ClientMode::Empty).validate(&offline).unwrap();
    ClientOptions::new().mode(ClientMode::Empty).session_fs(session_fs()).validate(&no_variables).unwrap();
    let external = Transport::external("::1", 4000);
    ClientOptions::new().transport(external).connection_token("t").validate(&no_variables).unwrap();
}
