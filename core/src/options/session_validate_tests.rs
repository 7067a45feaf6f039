use serde_json::{Value, json};

use super::*;
use crate::error::{ErrorKind, Result};

fn config(value: Value) -> SessionConfig {
    SessionConfig::from_json(value).unwrap()
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
