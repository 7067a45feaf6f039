use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::*;
use crate::error::{ErrorKind, Result};
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
        "includeSubAgentStreamingEvents": true, "mcpServers": {"my_server": {"type": "stdio", "command": "c"}}});
    assert_eq!(serde_json::to_value(config(snake)).unwrap(), camel);
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
fn what_cannot_work_is_refused_with_its_field_and_a_way_out() {
    let provider = |rest: Value| {
        let mut provider = json!({"baseUrl": "http://h"});
        provider.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        json!({"provider": provider})
    };
    let tool = |tool: Value| json!({"tools": [tool]});
    let server = |server: Value| json!({"mcpServers": {"s": server}});
    let table = [
        (json!({"sessionId": ""}), "sessionId: must not be empty"),
        (json!({"sessionId": " \t"}), "sessionId: must not be empty"),
        (json!({"sessionId": "a/b"}), "sessionId: must be one path component"),
        (json!({"sessionId": "a\\b"}), "sessionId: must be one path component"),
        (json!({"sessionId": ".."}), "sessionId: must be one path component"),
        (json!({"sessionId": "a\u{0}"}), "sessionId: must not have control characters"),
        (json!({"sessionId": "a "}), "sessionId: must not have control characters, or whitespace"),
        (json!({"sessionId": "x".repeat(256)}), "sessionId: must have at most 255 bytes"),
        (json!({"continuePendingWork": false}), "continuePendingWork: is only for resuming"),
        (json!({"model": ""}), "model: must not be empty"),
        (json!({"workingDirectory": " "}), "workingDirectory: must not be empty"),
        (json!({"gitHubToken": ""}), "gitHubToken: must not be empty"),
        (json!({"skillDirectories": ["/a", ""]}), "skillDirectories[1]: must not be empty"),
        (json!({"availableTools": ["*"]}), "availableTools[0]: there is no bare `*`"),
        (json!({"excludedTools": ["a", "*"]}), "excludedTools[1]: there is no bare `*`"),
        (json!({"excludedTools": [""]}), "excludedTools[0]: is missing"),
        (tool(json!({"name": ""})), "tools[0].name: is missing"),
        (tool(json!({"name": "get weather"})), "tools[0].name: `get weather` is no tool name"),
        (tool(json!({"name": "é"})), "tools[0].name: `é` is no tool name"),
        (json!({"tools": [{"name": "a"}, {"name": "a"}]}), "tools[1].name: the tool `a` is there twice"),
        (tool(json!({"name": "a", "parameters": "x"})), "tools[0].parameters: must be the JSON schema"),
        (
            tool(json!({"name": "a", "parameters": {"type": "array"}})),
            "tools[0].parameters: must be the JSON schema",
        ),
        (
            tool(json!({"name": "a", "parameters": {"properties": []}})),
            "tools[0].parameters.properties: must map names",
        ),
        (
            json!({"commands": [{"name": "a"}, {"name": "a"}]}),
            "commands[1].name: the command `a` is there twice",
        ),
        (json!({"commands": [{"name": "/a"}]}), "commands[0].name: must be one word"),
        (json!({"canvases": [{"id": ""}]}), "canvases[0].id: is missing"),
        (json!({"provider": {}}), "provider.baseUrl: is missing"),
        (provider(json!({"baseUrl": "localhost:1"})), "provider.baseUrl: must be an absolute http"),
        (provider(json!({"apiKey": ""})), "provider.apiKey: must not be empty"),
        (provider(json!({"bearerToken": " "})), "provider.bearerToken: must not be empty"),
        (provider(json!({"headers": {"a b": "c"}})), "provider.headers: `a b` is not a header name"),
        (provider(json!({"azure": {}})), "provider.azure: is only for `type: azure`"),
        (provider(json!({"type": "anthropic", "wireApi": "responses"})), "provider.wireApi: is not for"),
        (provider(json!({"transport": "websockets"})), "provider.transport: `websockets` needs"),
        (
            json!({"gitHubToken": "t", "provider": {"baseUrl": "http://h"}}),
            "gitHubToken: the runtime refuses it beside `provider`",
        ),
        (provider(json!({"maxOutputTokens": 0})), "provider.maxOutputTokens: must be at least 1"),
        (
            json!({"provider": {"baseUrl": "http://h"}, "providers": [{"name": "a", "baseUrl": "http://h"}]}),
            "providers: cannot be used with `provider`",
        ),
        (
            json!({"providers": [{"name": "a/b", "baseUrl": "http://h"}]}),
            "providers[0].name: must not contain `/`",
        ),
        (json!({"models": [{"id": "m", "provider": "p"}]}), "models[0].provider: no entry of `providers`"),
        (
            json!({"providers": [{"name": "p", "baseUrl": "http://h"}],
                "models": [{"id": "m", "provider": "p"}, {"id": "m", "provider": "p"}]}),
            "models[1].id: the model `p/m` is there twice",
        ),
        (server(json!({})), "mcpServers.s: needs `command`"),
        (server(json!({"type": "stdio"})), "mcpServers.s.command: is missing"),
        (server(json!({"type": "http", "url": "x"})), "mcpServers.s.url: must be an absolute http"),
        (
            server(json!({"command": "c", "env": {"A=B": ""}})),
            "mcpServers.s.env: `A=B` is not a variable name",
        ),
        (server(json!({"command": "c", "timeout": 0})), "mcpServers.s.timeout: must be at least 1 ms"),
        (json!({"customAgents": [{"name": "a"}]}), "customAgents[0].prompt: is missing"),
        (
            json!({"customAgents": [{"name": "a", "prompt": "p"}, {"name": "a", "prompt": "p"}]}),
            "customAgents[1].name: the agent `a` is there twice",
        ),
        (
            json!({"customAgents": [{"name": "a", "prompt": "p", "mcpServers": {"s": {}}}]}),
            "customAgents[0].mcpServers.s: needs `command`",
        ),
        (
            json!({"agent": "b", "customAgents": [{"name": "a", "prompt": "p"}]}),
            "agent: no entry of `customAgents` is named `b`",
        ),
        (json!({"systemMessage": {"mode": "replace"}}), "systemMessage.content: is missing"),
        (
            json!({"systemMessage": {"sections": {"tone": {"action": "remove"}}}}),
            "systemMessage.sections: needs `mode: customize`",
        ),
        (
            json!({"systemMessage": {"mode": "customize", "sections": {"tone": {"action": "append"}}}}),
            "systemMessage.sections.tone.content: is missing",
        ),
        (
            json!({"systemMessage": {"mode": "customize", "sections": {"tone": {"action": "transform"}}}}),
            "systemMessage.sections.tone.action: `transform` needs a handler",
        ),
        (
            json!({"infiniteSessions": {"backgroundCompactionThreshold": 1.5}}),
            "infiniteSessions.backgroundCompactionThreshold: 1.5 is not a share",
        ),
        (
            json!({"infiniteSessions": {"backgroundCompactionThreshold": 0.9, "bufferExhaustionThreshold": 0.5}}),
            "infiniteSessions.backgroundCompactionThreshold: must not be above",
        ),
        (json!({"sessionLimits": {"maxAiCredits": 0}}), "sessionLimits.maxAiCredits: 0 is not a limit"),
        (json!({"sessionLimits": {"maxAiCredits": -1.5}}), "sessionLimits.maxAiCredits: -1.5 is not a limit"),
        (json!({"largeOutput": {"maxSizeBytes": 0}}), "largeOutput.maxSizeBytes: must be at least 1"),
    ];
    for (value, message) in table {
        assert_refused(config(value.clone()).validate(Purpose::Create), message, &value.to_string());
    }
}

fn assert_refused(result: Result<()>, message: &str, case: &str) {
    let error = result.expect_err(case);
    assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{case}");
    assert!(error.message().starts_with(message), "{case}: {error}");
    assert!(!error.message().contains(". "), "one sentence: {error}");
}

#[test]
fn what_only_code_can_get_wrong_is_refused_too() {
    let new = SessionConfig::new;
    let nan = SessionLimits::new().max_ai_credits(f64::NAN);
    let mut orphan = new().command("go", "goes", async |_, _| Ok(()));
    orphan.commands = None;
    let table = [
        (new().session_limits(nan), "sessionLimits.maxAiCredits: NaN is not a limit"),
        (orphan, "commands: `go` has a handler and is not in the list"),
        (new().extra("working_directory", "/w"), "working_directory: is a typed option"),
        (new().on_provider_token(async |_, _| Ok("t".into())), "provider: on_provider_token needs"),
        (
            new().request_permission(false).on_permission_request(async |_, _| Err("no".into())),
            "requestPermission: is false, but there is a handler",
        ),
        (
            new()
                .system_message(SystemMessage::new().mode("replace").content("x"))
                .on_system_message_section("tone", async |text, _| Ok(text)),
            "systemMessage.mode: `replace` leaves no sections",
        ),
        (
            new().on_system_message_section(" ", async |text, _| Ok(text)),
            "systemMessage.sections: a handler has",
        ),
    ];
    for (config, message) in table {
        assert_refused(config.validate(Purpose::Create), message, message);
    }
}

#[test]
fn the_wrong_call_for_an_option_is_refused() {
    let id = config(json!({"sessionId": "s"}));
    for purpose in [Purpose::Resume, Purpose::Join] {
        assert_refused(id.validate(purpose), "sessionId: is only for creating a session", "id");
        let cloud = SessionConfig::new().cloud(CloudOptions::new());
        assert_refused(cloud.validate(purpose), "cloud: is only for creating a session", "cloud");
    }
    for (value, message) in [
        (json!({"cloud": {}, "sessionId": "s"}), "sessionId: cannot be used with `cloud`"),
        (json!({"cloud": {}, "provider": {"baseUrl": "http://h"}}), "provider: cannot be used with `cloud`"),
        (json!({"cloud": {}, "name": "n"}), "name: cannot be used with `cloud`"),
        (json!({"cloud": {}, "managedSettings": {}}), "managedSettings: cannot be used with `cloud`"),
        (json!({"cloud": {}, "providers": []}), "providers: cannot be used with `cloud`"),
        (json!({"cloud": {"repository": {"owner": "a"}}}), "cloud.repository.name: is missing"),
        (
            json!({"cloud": {"repository": {"owner": "a/b", "name": "b"}}}),
            "cloud.repository.owner: must not contain",
        ),
    ] {
        assert_refused(config(value.clone()).validate(Purpose::Cloud), message, &value.to_string());
    }
}

#[test]
fn an_agent_may_be_custom_built_in_or_found_in_a_directory() {
    for rest in [
        json!({"agent": "a"}),
        json!({"agent": "explore"}),
        json!({"agent": "b", "agentDirectories": ["/agents"]}),
        json!({"agent": "b", "enableConfigDiscovery": true}),
    ] {
        let mut value = json!({"customAgents": [{"name": "a", "prompt": "p"}]});
        value.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        config(value).validate(Purpose::Create).unwrap();
    }
}

#[test]
fn ordinary_session_ids_pass() {
    for id in ["my-session-1", "a.b", "9f8e", "ünïcode", "a..b", "with space"] {
        assert!(check_session_id(ErrorKind::InvalidArgument, "id", id).is_ok(), "{id}");
    }
    let error = check_session_id(ErrorKind::InvalidArgument, "id", "").unwrap_err();
    assert_eq!(error.to_string(), "INVALID_ARGUMENT: id: must not be empty");
}

#[test]
fn a_config_goes_through_serde_too() {
    let config: SessionConfig = serde_json::from_value(json!({"model": "m"})).unwrap();
    assert_eq!(config.model.as_deref(), Some("m"));
    let error = serde_json::from_value::<SessionConfig>(json!({"model": 1})).unwrap_err();
    assert_eq!(error.to_string(), "model: expected a string, found integer");
}
