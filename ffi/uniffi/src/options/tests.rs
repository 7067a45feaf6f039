use codriver::SessionConfig;
use serde_json::json;

use super::*;

#[test]
fn every_option_of_the_core_is_a_field_of_the_record() {
    let text =
        concat!(include_str!("session.rs"), "        hooks: ", "        commands: ", "        tools: ");
    // A row of the core's table: `into model: String = "model";`
    let table = include_str!("../../../../core/src/options/session.rs");
    let field = |row: &'static str| {
        let (before, _) = row.trim().split_once(": ")?;
        row.ends_with("\";").then(|| before.rsplit(' ').next()).flatten()
    };
    let fields: Vec<&str> = table.lines().filter_map(field).collect();
    assert!(fields.len() > 60, "the table is read: {fields:?}");
    for field in fields {
        assert!(text.contains(&format!("    {field}: ")), "{field} is missing");
    }
}

#[test]
fn a_record_becomes_what_the_core_reads_and_nothing_is_extra() {
    let options = SessionOptions {
        model: Some("m".into()),
        mcp_servers: Some(
            [(
                "s".to_owned(),
                McpServer { command: Some("x".into()), timeout_ms: Some(5), ..McpServer::default() },
            )]
            .into(),
        ),
        provider: Some(ProviderConfig {
            base_url: "http://127.0.0.1".into(),
            provider_type: Some("azure".into()),
            api_key: Some(Secret("k".into())),
            ..ProviderConfig::default()
        }),
        installed_plugins: Some(vec![InstalledPlugin { name: "p".into(), ..InstalledPlugin::default() }]),
        exp_assignments: Some(Json(r#"{"a":[1]}"#.into())),
        ..SessionOptions::default()
    };
    assert!(!format!("{options:?}").contains("\"k\""));
    let handlers = SessionHandlers { on_event: Some(true), ..SessionHandlers::default() };
    let text = session_config(options, handlers, Some(Json(r#"{"newer":1}"#.into()))).unwrap();
    let mut config: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(config["handlers"], json!({ "onEvent": true }));
    assert_eq!(config["mcpServers"]["s"], json!({ "command": "x", "timeout": 5 }));
    assert_eq!(config["provider"]["type"], "azure");
    assert_eq!(config["newer"], 1);
    config.as_object_mut().unwrap().retain(|name, _| name != "handlers" && name != "newer");
    assert!(SessionConfig::from_json(config).unwrap().extra.is_empty());
}

#[test]
fn client_options_become_what_the_core_reads() {
    let options = ClientOptions {
        transport: Some(Transport::External { host: "h".into(), port: 1, token: Some(Secret("t".into())) }),
        limits: Some(Limits { fs_deadline_ms: Some(5), ..Limits::default() }),
        telemetry: Some(Telemetry { capture_content: Some(true), ..Telemetry::default() }),
        enable_github_telemetry_forwarding: Some(true),
        session_fs: Some(SessionFsOptions {
            store: "memory:".into(),
            initial_cwd: "/w".into(),
            state_path: "/state".into(),
            workspace: Some("none".into()),
            rest: Some("none".into()),
            cache: Some(false),
            ..SessionFsOptions::default()
        }),
        ..ClientOptions::default()
    };
    let read: Value = serde_json::from_str(&client_config(options).unwrap()).unwrap();
    let read = codriver::ClientOptions::from_json(read).unwrap();
    let files = read.session_fs.unwrap();
    assert_eq!(
        format!("{:?} {:?} {:?}", files.workspace, files.rest, files.cache),
        "Some(None) Some(None) Some(false)"
    );
}

#[test]
fn text_that_is_no_json_is_refused() {
    let options = SessionOptions { exp_assignments: Some(Json("{".into())), ..SessionOptions::default() };
    let error = session_config(options, SessionHandlers::default(), None).unwrap_err();
    assert!(error.to_string().starts_with("INVALID_ARGUMENT"), "{error}");
}
