use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::*;
use crate::error::ErrorKind;
use crate::protocol::hooks::HookKind;
use crate::session::Tool;

/// PROTOCOL §3, in its order.
const CREATE_ONLY: &str = "sessionId cloud";
const RESUME_ONLY: &str = "disableResume continuePendingWork openCanvases requestedEnvironmentVariables";
const BOTH: &str = "model reasoningEffort reasoningSummary contextTier modelCapabilities name clientName \
    isExperimentalMode tools toolSearch availableTools excludedTools excludedBuiltinAgents commands canvases \
    requestCanvasRenderer requestExtensions extensionSdkPath extensionInfo canvasProvider systemMessage provider \
    providers models capi streaming includeSubAgentStreamingEvents requestPermission requestUserInput \
    requestElicitation requestExitPlanMode requestAutoModeSwitch requestMcpApps hooks workingDirectory \
    additionalDirectories configDir enableConfigDiscovery skillDirectories pluginDirectories instructionDirectories \
    agentDirectories hookDirectories disabledSkills disabledMcpServers mcpServers mcpOAuthTokenStorage \
    embeddingCacheStorage githubMcpToolConfig customAgents customAgentsLocalOnly defaultAgent agent infiniteSessions \
    memory largeOutput gitHubToken remoteSession enableSessionTelemetry enableCitations enableFileChangeTracking \
    sessionLimits enableManagedSettings managedSettings skipEmbeddingRetrieval organizationCustomInstructions \
    enableOnDemandInstructionDiscovery enableFileHooks enableHostGitOperations enableSessionStore enableSkills \
    sandboxConfig featureFlags expAssignments traceparent tracestate";
const UPDATE: &str = "skipCustomInstructions coauthorEnabled manageScheduleEnabled installedPlugins";

fn config(value: Value) -> SessionConfig {
    SessionConfig::from_json(value).unwrap()
}

/// Every option with a value that passes, as the wire has it.
fn everything() -> Map<String, Value> {
    serde_json::from_str(include_str!("../../../tests/vectors/session-options.json")).unwrap()
}

fn keys(map: &Map<String, Value>) -> BTreeSet<&str> {
    map.keys().map(String::as_str).collect()
}

fn words(lists: &[&'static str]) -> BTreeSet<&'static str> {
    lists.iter().flat_map(|list| list.split_whitespace()).collect()
}

#[test]
fn the_table_has_exactly_the_wire_names_of_the_protocol() {
    use session_table::Scope;
    for (scope, list) in [
        (Scope::Create, CREATE_ONLY),
        (Scope::Resume, RESUME_ONLY),
        (Scope::Both, BOTH),
        (Scope::Update, UPDATE),
    ] {
        let ours: BTreeSet<&str> =
            SessionConfig::OPTIONS.iter().filter(|o| o.scope == scope).map(|o| o.wire).collect();
        assert_eq!(ours, words(&[list]), "{scope:?}");
    }
}

#[test]
fn every_option_survives_json_as_the_wire_has_it() {
    let all = everything();
    let known = words(&[RESUME_ONLY, BOTH, UPDATE]).len() - 1 /* provider */ + 1 /* optionOfTomorrow */;
    assert_eq!(all.len(), known);
    let config = config(all.clone().into());
    assert_eq!(keys(&config.extra), BTreeSet::from(["optionOfTomorrow"]));
    assert_eq!(serde_json::to_value(&config).unwrap(), Value::Object(all));
    config.validate(Purpose::Resume).unwrap();
}

#[test]
fn the_one_provider_survives_json_as_the_wire_has_it() {
    let provider = json!({"provider": {"type": "openai", "wireApi": "completions", "transport": "http",
        "baseUrl": "http://127.0.0.1:1/v1", "apiKey": "x", "bearerToken": "y", "headers": {"A-B": "c"},
        "modelId": "m", "wireModel": "w", "maxPromptTokens": 1, "maxOutputTokens": 2,
        "hasBearerTokenProvider": true, "later": [1]}});
    let config = config(provider.clone());
    assert_eq!(serde_json::to_value(&config).unwrap(), provider);
    config.validate(Purpose::Create).unwrap();
}

#[test]
fn snake_case_names_mean_the_same() {
    let snake = json!({"working_directory": "/w", "github_token": "t", "mcp_oauth_token_storage": "persistent",
        "provider": {"base_url": "http://h", "api_key": "k", "azure": {"api_version": "1"}},
        "include_sub_agent_streaming_events": true, "mcp_servers": {"my_server": {"command": "c", "cwd": null}}});
    let camel = json!({"workingDirectory": "/w", "gitHubToken": "t", "mcpOAuthTokenStorage": "persistent",
        "provider": {"baseUrl": "http://h", "apiKey": "k", "azure": {"apiVersion": "1"}},
        "includeSubAgentStreamingEvents": true,
        "mcpServers": {"my_server": {"type": "stdio", "command": "c", "args": [], "tools": ["*"]}}});
    assert_eq!(serde_json::to_value(config(snake)).unwrap(), camel);
}

#[test]
fn what_1_0_57_needs_of_an_mcp_server_is_always_sent() {
    let servers = json!({"child": {"command": "c"}, "web": {"url": "http://h"}, "few": {"url": "http://h", "tools": ["t"]}});
    let sent = serde_json::to_value(config(json!({ "mcpServers": servers }))).unwrap();
    assert_eq!(sent["mcpServers"]["child"]["args"], json!([]));
    for (server, tools) in [("child", json!(["*"])), ("web", json!(["*"])), ("few", json!(["t"]))] {
        assert_eq!(sent["mcpServers"][server]["tools"], tools);
    }
}

#[test]
fn a_wrong_type_names_the_path_of_its_field() {
    for (value, message) in [
        (json!({"streaming": "yes"}), "streaming: expected a boolean, found string"),
        (json!({"provider": {"baseUrl": 5}}), "provider.baseUrl: expected a string, found integer"),
        (json!({"provider": "sk-secret"}), "provider: expected struct ProviderConfig, found string"),
        (json!({"tools": [{"name": []}]}), "tools[0].name: expected a string, found sequence"),
        (
            json!({"infinite_sessions": {"buffer_exhaustion_threshold": "x"}}),
            "infiniteSessions.bufferExhaustionThreshold: expected f64, found string",
        ),
        (
            json!({"cloud": {"repository": {"owner": 1}}}),
            "cloud.repository.owner: expected a string, found integer",
        ),
        (
            json!({"mcpServers": {"s": {"command": "c", "timeout": "x"}}}),
            "mcpServers.s: timeout: expected u64, found string",
        ),
        (
            json!({"model": "a", "working_directory": "x", "workingDirectory": "y"}),
            "workingDirectory: is given twice, also as `working_directory`; remove one",
        ),
        (json!([]), "session config: must be a JSON object"),
    ] {
        let error = SessionConfig::from_json(value.clone()).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidConfig, message), "{value}");
    }
}

#[test]
fn no_secret_is_in_debug_or_in_an_error() {
    let mut all = everything();
    all["providers"][0]["apiKey"] = "HUSH".into();
    all["providers"][0]["bearerToken"] = "HUSH".into();
    all["providers"][0]["headers"]["X-A"] = "HUSH\n".into();
    all["mcpServers"]["local"]["env"]["A_B"] = "HUSH".into();
    all["mcpServers"]["web"]["headers"]["H"] = "HUSH".into();
    all["gitHubToken"] = "HUSH".into();
    all["optionOfTomorrow"] = "HUSH".into();
    let config = config(all.into());
    let debug = format!("{config:?}");
    assert!(debug.contains("mcp_servers") && debug.contains("optionOfTomorrow"));
    assert!(!debug.contains("HUSH"), "{debug}");
    let error = config.validate(Purpose::Resume).unwrap_err();
    assert_eq!(error.message(), "providers[0].headers.X-A: must be one line");
    for wrong in
        [json!({"gitHubToken": ["HUSH"]}), json!({"provider": "HUSH"}), json!({"mcpServers": {"a": "HUSH"}})]
    {
        let error = SessionConfig::from_json(wrong).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("HUSH"), "{error}");
    }
}

fn handlers(config: SessionConfig) -> SessionConfig {
    config
        .on_permission_request(async |_, _| Err("no".into()))
        .on_user_input_request(async |_, _| Err("no".into()))
        .on_elicitation_request(async |_, _| Err("no".into()))
        .on_exit_plan_mode(async |_, _| Err("no".into()))
        .on_auto_mode_switch(async |_, _| Err("no".into()))
        .on_hook(HookKind::PreToolUse, async |_, _| Err("no".into()))
        .on_system_message_section("tone", async |text, _| Ok(text))
        .on_mcp_auth_request(async |_, _| Err("no".into()))
        .on_provider_token(async |_, _| Ok("token".into()))
        .command("go", "goes", async |_, _| Ok(()))
        .tool(Tool::new("echo", "echoes"))
}

#[test]
fn create_without_options_asks_for_permissions_and_nothing_else() {
    let params = SessionConfig::new().create_params("s", ClientMode::Copilot).unwrap();
    assert_eq!(Value::from(params), json!({"sessionId": "s", "requestPermission": true}));
}

#[test]
fn create_sends_every_option_of_create_and_no_other() {
    let mut all = everything();
    let config = config(all.clone().into());
    let params = config.create_params("s", ClientMode::Copilot).unwrap();
    all.retain(|name, _| !words(&[RESUME_ONLY, UPDATE]).contains(name.as_str()));
    all.insert("sessionId".into(), "s".into());
    all.insert("toolFilterPrecedence".into(), "excluded".into());
    all.insert("envValueMode".into(), "direct".into());
    assert_eq!(Value::from(params), Value::from(all));
}

#[test]
fn streaming_false_is_sent() {
    let params = SessionConfig::new().streaming(false).create_params("s", ClientMode::Copilot).unwrap();
    assert_eq!(params["streaming"], false);
}

#[test]
fn handlers_switch_their_requests_on() {
    let config = handlers(SessionConfig::new().provider(ProviderConfig::new("http://h")));
    config.validate(Purpose::Create).unwrap();
    let before = format!("{config:?}");
    let params = config.create_params("s", ClientMode::Copilot).unwrap();
    assert_eq!(
        Value::from(params),
        json!({
            "sessionId": "s", "requestPermission": true, "requestUserInput": true, "requestElicitation": true,
            "requestExitPlanMode": true, "requestAutoModeSwitch": true, "hooks": true,
            "tools": [{"name": "echo", "description": "echoes"}],
            "commands": [{"name": "go", "description": "goes"}],
            "provider": {"baseUrl": "http://h", "hasBearerTokenProvider": true},
            "systemMessage": {"mode": "customize", "sections": {"tone": {"action": "transform"}}},
        })
    );
    assert_eq!(format!("{config:?}"), before, "the caller's config is not changed");
}

#[test]
fn a_token_handler_serves_the_named_providers_that_have_no_credential() {
    let config = SessionConfig::new()
        .providers([NamedProvider::new("a", "http://a"), NamedProvider::new("b", "http://b").api_key("k")])
        .on_provider_token(async |_, _| Ok("token".into()));
    let params = config.create_params("s", ClientMode::Copilot).unwrap();
    assert_eq!(params["providers"][0]["hasBearerTokenProvider"], true);
    assert_eq!(params["providers"][1].get("hasBearerTokenProvider"), None);
}

#[test]
fn a_section_handler_keeps_the_content_that_is_appended() {
    let config = SessionConfig::new()
        .system_message(SystemMessage::new().content("also"))
        .on_system_message_section("tone", async |text, _| Ok(text));
    config.validate(Purpose::Create).unwrap();
    let params = config.create_params("s", ClientMode::Copilot).unwrap();
    assert_eq!(
        params["systemMessage"],
        json!({"mode": "customize", "content": "also", "sections": {"tone": {"action": "transform"}}})
    );
}

#[test]
fn resume_takes_its_own_options_and_joining_is_a_guests_resume() {
    let config = SessionConfig::new().continue_pending_work(true).streaming(true);
    let params = config.resume_params("s", Purpose::Resume, ClientMode::Copilot).unwrap();
    assert_eq!(
        Value::from(params),
        json!({"sessionId": "s", "continuePendingWork": true, "streaming": true, "requestPermission": true})
    );
    let params = config.resume_params("s", Purpose::Join, ClientMode::Empty).unwrap();
    assert_eq!(
        Value::from(params),
        json!({"sessionId": "s", "continuePendingWork": true, "streaming": true, "requestPermission": false,
            "disableResume": true})
    );
}

#[test]
fn update_has_what_the_runtime_takes_only_after_create() {
    let update = |config: &SessionConfig, purpose, mode| config.options_update_params(purpose, mode).unwrap();
    let nothing = SessionConfig::new().model("m");
    assert_eq!(update(&nothing, Purpose::Create, ClientMode::Copilot), None);
    let config = config(everything().into());
    let params = update(&config, Purpose::Resume, ClientMode::Copilot).unwrap();
    assert_eq!(keys(&params), words(&[UPDATE]));
    let params = update(&nothing, Purpose::Create, ClientMode::Empty).unwrap();
    assert_eq!(
        Value::from(params),
        json!({"skipCustomInstructions": true, "coauthorEnabled": false, "manageScheduleEnabled": false,
            "installedPlugins": []})
    );
    assert_eq!(update(&nothing, Purpose::Cloud, ClientMode::Empty), None);
    assert_eq!(update(&nothing, Purpose::Join, ClientMode::Empty), None);
}

#[test]
fn cloud_sends_nothing_that_is_about_this_process() {
    let mut config = handlers(SessionConfig::new())
        .cloud(CloudOptions::on("acme", "app"))
        .model("m")
        .streaming(true)
        .working_directory("/w")
        .request_mcp_apps(true)
        .tool_search(ToolSearch::new().enabled(true))
        .request_canvas_renderer(true)
        .canvas_provider(CanvasProvider::new("me"))
        .include_sub_agent_streaming_events(true)
        .traceparent("00-a-b-01");
    config.request_user_input = Some(true);
    assert_eq!(config.creates(), Purpose::Cloud);
    config.validate(Purpose::Cloud).unwrap();
    let params = config.cloud_params("mine").unwrap();
    assert_eq!(
        Value::from(params),
        json!({"clientSessionId": "mine", "cloud": {"repository": {"owner": "acme", "name": "app"}}, "model": "m",
            "streaming": true, "workingDirectory": "/w", "traceparent": "00-a-b-01"})
    );
    assert!(config.handlers.permission.is_some(), "the handlers stay");

    let mut params = config.include_sub_agent_streaming_events(false).cloud_params("mine").unwrap();
    assert_eq!(params.remove("includeSubAgentStreamingEvents"), Some(false.into()));
}

#[test]
fn a_transform_is_left_out_of_a_cloud_system_message() {
    let config = SessionConfig::new()
        .cloud(CloudOptions::new())
        .system_message(
            SystemMessage::new()
                .section("tone", SystemMessageSection::new().action(SectionAction::Transform))
                .section("safety", SystemMessageSection::new().action(SectionAction::Remove)),
        )
        .on_system_message_section("tone", async |text, _| Ok(text));
    config.validate(Purpose::Cloud).unwrap();
    let sections = &config.cloud_params("mine").unwrap()["systemMessage"]["sections"];
    assert_eq!(*sections, json!({"safety": {"action": "remove"}}));
}

#[test]
fn empty_mode_turns_off_what_was_not_asked_for() {
    let config = SessionConfig::new().tool(Tool::new("echo", "echoes"));
    let params = config.create_params("s", ClientMode::Empty).unwrap();
    assert_eq!(
        Value::from(params),
        json!({
            "sessionId": "s", "requestPermission": true, "tools": [{"name": "echo", "description": "echoes"}],
            "availableTools": ["echo"], "enableSessionTelemetry": false, "memory": {"enabled": false},
            "enableHostGitOperations": false, "enableFileHooks": false, "enableConfigDiscovery": false,
            "enableSkills": false, "enableSessionStore": false, "enableOnDemandInstructionDiscovery": false,
            "isExperimentalMode": false, "skipEmbeddingRetrieval": true, "customAgentsLocalOnly": true,
            "mcpOAuthTokenStorage": "in-memory", "embeddingCacheStorage": "in-memory",
            "systemMessage": {"mode": "customize", "sections": {"environment_context": {"action": "remove"}}},
        })
    );
}

#[test]
fn empty_mode_overrides_nothing_a_config_says() {
    let mut all = everything();
    all["systemMessage"] = json!({"mode": "replace", "content": "mine"});
    let config = config(all.into());
    let create = |mode| config.create_params("s", mode).unwrap();
    assert_eq!(create(ClientMode::Empty), create(ClientMode::Copilot));
    let update = |mode| config.options_update_params(Purpose::Create, mode).unwrap();
    assert_eq!(update(ClientMode::Empty), update(ClientMode::Copilot));
}

#[test]
fn a_config_goes_through_serde_too() {
    let config: SessionConfig = serde_json::from_value(json!({"model": "m"})).unwrap();
    assert_eq!(config.model.as_deref(), Some("m"));
    let error = serde_json::from_value::<SessionConfig>(json!({"model": 1})).unwrap_err();
    assert_eq!(error.to_string(), "model: expected a string, found integer");
}
