//! Questions of the runtime and their answers: secure defaults, failures, cancellation (DESIGN I2, I19, I20).

mod support;

use std::time::Duration;

use codriver::protocol::requests::{ElicitationResult, UserInputResponse};
use codriver::{
    Client, ErrorKind, HandlerFailure, HookKind, HookOutput, PermissionDecision, Session, SessionConfig,
    Tool, ToolResult,
};
use serde_json::{Value, json};
use support::{Runtime, Seen, connected, connected_with, open};

const PERMISSION: &str = "session.permissions.handlePendingPermissionRequest";
const TOOL: &str = "session.tools.handlePendingToolCall";

fn shell(request_id: &str) -> Value {
    json!({"requestId": request_id, "permissionRequest": {"kind": "shell", "fullCommandText": "ls"}})
}

fn call(tool: &str, request_id: &str, arguments: Value) -> Value {
    json!({"requestId": request_id, "sessionId": "s1", "toolCallId": "c1", "toolName": tool, "arguments": arguments})
}

/// A session with these handlers, whose failures are noted.
async fn with(config: SessionConfig) -> (Client, Runtime, Session, Seen) {
    let failures = Seen::default();
    let told = failures.clone();
    let (client, mut runtime) = connected().await;
    let config = config.on_handler_error(move |failure: &HandlerFailure| told.push(failure.place.clone()));
    let session = open(&client, &mut runtime, config).await;
    (client, runtime, session, failures)
}

async fn hook(runtime: &mut Runtime, kind: &str) -> Value {
    let params = json!({"sessionId": "s1", "hookType": kind, "input": {"toolName": "bash", "toolArgs": {}}});
    runtime.request(format!("h-{kind}"), "hooks.invoke", params).await;
    runtime.answer_to(format!("h-{kind}")).await["result"].clone()
}

#[tokio::test]
async fn i19_without_a_permission_handler_nothing_is_answered_and_so_nothing_is_approved() {
    let (_client, mut runtime, _session, _) = with(SessionConfig::new()).await;
    runtime.event("s1", "permission.requested", shell("p1")).await;
    runtime.expect_silence().await;
}

#[tokio::test]
async fn i19_a_permission_handler_that_throws_or_panics_answers_user_not_available() {
    for panics in [false, true] {
        let config = SessionConfig::new().on_permission_request(move |_, _| async move {
            if panics { panic!("on purpose") } else { Err("no idea".into()) }
        });
        let (_client, mut runtime, _session, failures) = with(config).await;
        runtime.event("s1", "permission.requested", shell("p1")).await;
        let answer = runtime.expect(PERMISSION).await;
        let expected =
            json!({"sessionId": "s1", "requestId": "p1", "result": {"kind": "user-not-available"}});
        assert_eq!(answer["params"], expected);
        assert_eq!(failures.wait_for(1).await, ["permission"]);
    }
}

#[tokio::test]
async fn a_permission_that_a_hook_has_resolved_is_not_asked_again() {
    let config =
        SessionConfig::new().on_permission_request(async |_, _| Ok(PermissionDecision::approve_once()));
    let (_client, mut runtime, _session, _) = with(config).await;
    let mut data = shell("p1");
    data["resolvedByHook"] = json!(true);
    runtime.event("s1", "permission.requested", data).await;
    runtime.expect_silence().await;
}

#[tokio::test]
async fn i19_a_throwing_pre_tool_use_hook_denies_and_other_throwing_hooks_have_no_opinion() {
    let mut config = SessionConfig::new();
    for kind in HookKind::ALL {
        config = config.on_hook(*kind, async |_, _| Err("broken".into()));
    }
    let (_client, mut runtime, _session, failures) = with(config).await;
    for kind in HookKind::ALL {
        let result = hook(&mut runtime, kind.as_str()).await;
        match kind {
            HookKind::PreToolUse => assert_eq!(result["output"]["permissionDecision"], "deny"),
            _ => assert_eq!(result, json!({}), "{kind:?}"),
        }
    }
    assert_eq!(failures.wait_for(HookKind::ALL.len()).await.len(), HookKind::ALL.len());
}

#[tokio::test]
async fn hooks_get_their_input_and_a_kind_without_a_handler_has_no_opinion() {
    let config = SessionConfig::new().on_hook(HookKind::PreToolUse, async |input: codriver::HookInput, _| {
        assert_eq!(input.tool_name(), Some("bash"));
        Ok(HookOutput::deny("not today"))
    });
    let (_client, mut runtime, _session, _) = with(config).await;
    let result = hook(&mut runtime, "preToolUse").await;
    assert_eq!(result["output"]["permissionDecisionReason"], "not today");
    assert_eq!(hook(&mut runtime, "postToolUse").await, json!({}));
}

#[tokio::test]
async fn typed_tools_get_their_arguments_and_bad_arguments_go_back_to_the_model() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct City {
        city: String,
    }
    let tool = Tool::typed("weather", "", async |args: City, _| {
        Ok(ToolResult::text(format!("sunny in {}", args.city)))
    });
    let (_client, mut runtime, _session, _) = with(SessionConfig::new().tool(tool)).await;
    runtime.event("s1", "external_tool.requested", call("weather", "t1", json!({"city": "Paris"}))).await;
    let answer = runtime.expect(TOOL).await;
    assert_eq!(answer["params"]["result"]["textResultForLlm"], "sunny in Paris");
    assert_eq!(answer["params"]["requestId"], "t1");
    runtime.event("s1", "external_tool.requested", call("weather", "t2", json!({"town": 1}))).await;
    let answer = runtime.expect(TOOL).await;
    assert_eq!(answer["params"]["result"]["resultType"], "failure");
    assert!(answer["params"]["result"]["textResultForLlm"].as_str().unwrap().contains("city"));
}

#[tokio::test]
async fn a_tool_that_is_only_declared_or_unknown_stays_pending_for_somebody_else() {
    let (_client, mut runtime, _session, _) =
        with(SessionConfig::new().tool(Tool::new("declared", ""))).await;
    runtime.event("s1", "external_tool.requested", call("declared", "t1", json!({}))).await;
    runtime.event("s1", "external_tool.requested", call("unknown", "t2", json!({}))).await;
    runtime.expect_silence().await;
}

#[tokio::test]
async fn a_tool_that_throws_or_panics_tells_the_model_why() {
    let tools = [
        Tool::new("throws", "").handler(async |_, _| Err("out of cheese".into())),
        Tool::new("panics", "").handler(async |_, _| panic!("out of luck")),
    ];
    let (_client, mut runtime, _session, failures) = with(SessionConfig::new().tools(tools)).await;
    for (tool, why) in [("throws", "out of cheese"), ("panics", "out of luck")] {
        runtime.event("s1", "external_tool.requested", call(tool, tool, json!({}))).await;
        let answer = runtime.expect(TOOL).await;
        assert_eq!(answer["params"]["result"]["resultType"], "failure");
        assert!(answer["params"]["result"]["textResultForLlm"].as_str().unwrap().contains(why), "{answer}");
    }
    assert_eq!(failures.wait_for(2).await, ["tool", "tool"]);
}

/// A tool that waits for its cancellation, and notes it.
fn patient(seen: &Seen) -> Tool {
    let seen = seen.clone();
    Tool::new("patient", "").handler(move |_, context| {
        let seen = seen.clone();
        async move {
            seen.push("started");
            context.cancellation.cancelled().await;
            seen.push("cancelled");
            Ok(ToolResult::text("too late"))
        }
    })
}

#[tokio::test]
async fn i20_a_tool_is_cancelled_by_whatever_ends_its_turn() {
    for end in ["completed", "abort event", "idle", "local abort", "disconnect", "stop", "connection"] {
        let seen = Seen::default();
        let (client, mut runtime, session, failures) = with(SessionConfig::new().tool(patient(&seen))).await;
        runtime.event("s1", "external_tool.requested", call("patient", "t1", json!({}))).await;
        seen.wait_for(1).await;
        match end {
            "completed" => runtime.event("s1", "external_tool.completed", json!({"requestId": "t1"})).await,
            "abort event" => runtime.event("s1", "abort", json!({"reason": "user"})).await,
            "idle" => runtime.event("s1", "session.idle", json!({})).await,
            "connection" => runtime.close(),
            _ => {
                let far_side = async {
                    while let Ok(Some(call)) =
                        tokio::time::timeout(Duration::from_millis(200), runtime.try_next()).await
                    {
                        assert_ne!(call["method"], TOOL, "an answer after {end}");
                        runtime.reply(&call, json!({"success": true})).await;
                    }
                };
                let near_side = async {
                    match end {
                        "local abort" => session.abort().await.unwrap(),
                        "disconnect" => session.disconnect().await.unwrap(),
                        _ => assert!(client.stop().await.is_empty()),
                    }
                };
                tokio::join!(near_side, far_side);
            }
        }
        assert_eq!(seen.wait_for(2).await, ["started", "cancelled"], "{end}");
        assert!(failures.all().is_empty(), "being cancelled is nobody's fault");
    }
}

#[tokio::test]
async fn a_command_that_waits_for_a_turn_of_its_own_is_not_cancelled_by_that_turns_end() {
    let (done, finished) = tokio::sync::oneshot::channel();
    let (gate, done) = (std::sync::Arc::new(tokio::sync::Notify::new()), std::sync::Mutex::new(Some(done)));
    let open_gate = gate.clone();
    let config = SessionConfig::new().command("wait", "", move |_, context| {
        let (gate, done) = (gate.clone(), done.lock().unwrap().take());
        async move {
            gate.notified().await;
            let _ = done.unwrap().send(context.cancellation.is_cancelled());
            Ok(())
        }
    });
    let (_client, mut runtime, _session, _) = with(config).await;
    runtime
        .event("s1", "command.execute", json!({"requestId": "c", "commandName": "wait", "args": ""}))
        .await;
    runtime.event("s1", "session.idle", json!({})).await;
    runtime.expect_silence().await;
    open_gate.notify_one();
    assert!(!finished.await.unwrap());
    runtime.expect("session.commands.handlePendingCommand").await;
}

#[tokio::test]
async fn i02_requests_at_work_are_answered_when_the_turn_is_aborted_and_when_the_peer_cancels_them() {
    let config = SessionConfig::new()
        .on_user_input_request(async |_, _| std::future::pending().await)
        .on_hook(HookKind::PreToolUse, async |_, _| std::future::pending().await)
        .on_hook(HookKind::PostToolUse, async |_, _| std::future::pending().await);
    let (_client, mut runtime, session, _) = with(config).await;
    let invoke = |kind: &str| json!({"sessionId": "s1", "hookType": kind, "input": {}});
    runtime.request(1, "hooks.invoke", invoke("preToolUse")).await;
    runtime.request(2, "hooks.invoke", invoke("postToolUse")).await;
    runtime.request(3, "userInput.request", json!({"sessionId": "s1", "question": "?"})).await;
    runtime.request("four", "userInput.request", json!({"sessionId": "s1", "question": "?"})).await;
    runtime.notify("$/cancelRequest", json!({"id": "four"})).await;
    assert_eq!(runtime.answer_to("four").await["error"]["code"], -32800);
    let far_side = async {
        let mut answers = std::collections::BTreeMap::new();
        while answers.len() < 3 {
            let message = runtime.next().await;
            match message["method"].as_str() {
                // The runtime answers an abort only after its hooks are answered.
                Some("session.abort") => assert!(runtime_answers_later(&message)),
                _ => drop(answers.insert(message["id"].as_u64().unwrap(), message)),
            }
        }
        assert_eq!(answers[&1]["result"]["output"]["permissionDecision"], "deny");
        assert_eq!(answers[&2]["result"], json!({}));
        assert_eq!(answers[&3]["error"]["code"], -32800);
    };
    tokio::select! {
        _ = session.abort() => panic!("the far side did not answer the abort"),
        () = far_side => {}
    }
}

fn runtime_answers_later(call: &Value) -> bool {
    call["params"]["sessionId"] == "s1"
}

#[tokio::test(start_paused = true)]
async fn i02_a_handler_that_hangs_is_answered_for_at_its_deadline_where_one_is_set() {
    let (client, mut runtime) = connected_with(|options| {
        let mut limits = codriver::options::Limits::default();
        limits.handler_deadline = Some(Duration::from_secs(5));
        options.limits(limits)
    })
    .await;
    let failures = Seen::default();
    let told = failures.clone();
    let config = SessionConfig::new()
        .on_permission_request(async |_, _| std::future::pending().await)
        .on_handler_error(move |failure| told.push(failure.error.message().to_owned()));
    let _session = open(&client, &mut runtime, config).await;
    runtime.event("s1", "permission.requested", shell("p1")).await;
    assert_eq!(runtime.expect(PERMISSION).await["params"]["result"]["kind"], "user-not-available");
    assert!(failures.wait_for(1).await[0].contains("no answer within 5s"));
}

#[tokio::test]
async fn elicitations_commands_and_inputs_are_answered_in_their_own_shapes() {
    let config = SessionConfig::new()
        .on_elicitation_request(async |_, _| {
            Ok(ElicitationResult::accept(serde_json::Map::from_iter([("n".to_owned(), json!(1))])))
        })
        .on_user_input_request(async |_, _| Ok(UserInputResponse::freeform("blue")))
        .command(
            "deploy",
            "Deploys",
            async |call: codriver::protocol::requests::CommandInvocation, _| {
                if call.args == "fail" { Err("cannot".into()) } else { Ok(()) }
            },
        );
    let (_client, mut runtime, session, _) = with(config).await;
    runtime
        .event(
            "s1",
            "elicitation.requested",
            json!({"requestId": "e", "message": "?", "requestedSchema": {}}),
        )
        .await;
    let answer = runtime.expect("session.ui.handlePendingElicitation").await;
    assert_eq!(answer["params"]["result"], json!({"action": "accept", "content": {"n": 1}}));
    for (name, args, error) in [
        ("deploy", "x", None),
        ("deploy", "fail", Some("cannot")),
        ("nope", "", Some("no command `nope` is registered")),
    ] {
        let data = json!({"requestId": "c", "command": format!("/{name} {args}"), "commandName": name, "args": args});
        runtime.event("s1", "command.execute", data).await;
        let answer = runtime.expect("session.commands.handlePendingCommand").await;
        assert_eq!(answer["params"].get("error").and_then(Value::as_str), error, "{answer}");
    }
    let far_side = async {
        let ask = runtime.expect("session.ui.elicitation").await;
        assert_eq!(ask["params"]["requestedSchema"]["properties"]["answer"]["type"], "boolean");
        runtime.reply(&ask, json!({"action": "accept", "content": {"answer": true}})).await;
    };
    let ui = session.ui();
    let (confirmed, ()) = tokio::join!(ui.confirm("sure?"), far_side);
    assert!(confirmed.unwrap());
}

#[tokio::test]
async fn a_form_that_nobody_can_show_is_refused_here_because_the_runtime_would_never_answer() {
    let (client, mut runtime) = connected().await;
    let accept = async {
        let create = runtime.expect("session.create").await;
        runtime.reply(&create, json!({"sessionId": create["params"]["sessionId"]})).await;
    };
    let (session, ()) = tokio::join!(client.create_session(SessionConfig::new()), accept);
    let session = session.unwrap();
    assert_eq!(session.ui().confirm("sure?").await.unwrap_err().kind(), ErrorKind::InvalidConfig);
    runtime.event(session.id(), "capabilities.changed", json!({"ui": {"elicitation": true}})).await;
    runtime.event(session.id(), "session.info", json!({})).await;
    session.subscribe_from(2).next().await.unwrap();
    assert!(session.capabilities().ui.elicitation);
}

#[tokio::test]
async fn sections_of_the_system_message_are_transformed_and_one_that_fails_keeps_its_text() {
    let config = SessionConfig::new()
        .on_system_message_section("identity", async |text: String, _| Ok(text.to_uppercase()))
        .on_system_message_section("tone", async |_, _| Err("no".into()));
    let (_client, mut runtime, _session, _) = with(config).await;
    let sections =
        json!({"identity": {"content": "i am"}, "tone": {"content": "kind"}, "other": {"content": "x"}});
    runtime.request(1, "systemMessage.transform", json!({"sessionId": "s1", "sections": sections})).await;
    let expected =
        json!({"identity": {"content": "I AM"}, "tone": {"content": "kind"}, "other": {"content": "x"}});
    assert_eq!(runtime.answer_to(1).await["result"], json!({ "sections": expected }));
    runtime.request(2, "systemMessage.transform", json!({"sessionId": "s1", "sections": {}})).await;
    assert_eq!(runtime.answer_to(2).await["result"], json!({"sections": {}}));
}

#[tokio::test]
async fn provider_tokens_are_given_and_a_failure_is_an_error_for_the_runtime() {
    let config = SessionConfig::new()
        .provider(codriver::options::ProviderConfig::new("http://127.0.0.1:1/v1"))
        .on_provider_token(async |request: codriver::protocol::requests::ProviderTokenRequest, _| {
            match request.provider_name.as_str() {
                "default" => Ok("tok".to_owned()),
                _ => Err("unknown provider".into()),
            }
        });
    let (_client, mut runtime, _session, _) = with(config).await;
    runtime.request(1, "providerToken.getToken", json!({"sessionId": "s1", "providerName": "default"})).await;
    assert_eq!(runtime.answer_to(1).await["result"], json!({"token": "tok"}));
    runtime.request(2, "providerToken.getToken", json!({"sessionId": "s1", "providerName": "x"})).await;
    assert_eq!(runtime.answer_to(2).await["error"]["code"], -32603);
}
