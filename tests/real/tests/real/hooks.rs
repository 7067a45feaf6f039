//! Hooks: those that can be provoked are asked, and what they answer has its effect. Not provoked on any of the three:
//! `preCompact`, `permissionRequest`, `notification`, `postResult`, `prePRDescription`.

use std::collections::BTreeMap;

use codriver::options::McpStdio;
use codriver::{
    HandlerContext, HookInput, HookKind, HookOutput, PermissionDecision, SessionConfig, Tool, ToolInvocation,
    ToolResult,
};
use real_tests::{Record, Scene, TURN, data, tool};
use serde_json::{Map, json};

on_every_runtime! {
    every_hook_that_can_be_provoked_is_asked,
    a_pre_tool_use_hook_denies_and_what_it_says_reaches_the_model,
    a_pre_tool_use_hook_that_throws_denies,
    a_pre_tool_use_hook_that_hangs_denies_at_an_abort,
    hooks_change_arguments_results_and_prompts,
    a_blocked_prompt_never_reaches_the_model,
    a_hook_before_an_mcp_call_sets_what_goes_with_it,
}

// 1.0.57 asks neither agents nor transformed prompts.
on_newer_runtimes! {
    an_agent_stop_hook_gives_another_round,
    a_prompt_transformed_hook_has_the_last_word,
}

const EVERYWHERE: &[HookKind] = &[
    HookKind::SessionStart,
    HookKind::UserPromptSubmitted,
    HookKind::PreToolUse,
    HookKind::PostToolUse,
    HookKind::PostToolUseFailure,
    HookKind::PreMcpToolCall,
    HookKind::ErrorOccurred,
    HookKind::SessionEnd,
];
const NEWER: &[HookKind] =
    &[HookKind::UserPromptTransformed, HookKind::AgentStop, HookKind::SubagentStart, HookKind::SubagentStop];

/// A config whose every hook is recorded and has no opinion.
fn listening(config: SessionConfig, asked: &Record<HookInput>) -> SessionConfig {
    HookKind::ALL
        .iter()
        .fold(config, |config, kind| config.on_hook(*kind, asked.answers(|_| HookOutput::empty())))
}

fn approving(config: SessionConfig) -> SessionConfig {
    config.on_permission_request(async |_, _| Ok(PermissionDecision::approve_once()))
}

fn free_tool(name: &str, calls: &Record<ToolInvocation>) -> Tool {
    let mut tool = Tool::new(name, "Echoes").parameters(json!({"type": "object"}));
    tool.skip_permission = Some(true);
    tool.handler(calls.answers(|call| ToolResult::text(call.arguments.to_string())))
}

/// A server of one tool, `echo`, whose result is what it was called with.
fn mcp_server() -> McpStdio {
    McpStdio::new(env!("CARGO_BIN_EXE_real-mcp"))
}

async fn every_hook_that_can_be_provoked_is_asked(scene: &Scene) {
    let client = scene.client().await;
    let (asked, calls) = (Record::<HookInput>::new(), Record::new());
    let config = approving(listening(scene.config(), &asked))
        .tool(free_tool("echo", &calls))
        .mcp_server("stub", mcp_server());
    let session = client.create_session(config).await.unwrap();

    scene.say(&session, &tool("echo", json!({"a": 1}))).await;
    scene.wait_for_tool(&session, "stub-echo").await;
    scene.say(&session, &tool("web_fetch", json!({"url": "http://127.0.0.1:9/page"}))).await;
    scene.say(&session, &tool("stub-echo", json!({"b": 2}))).await;
    if !scene.is_oldest() {
        let agent = json!({"agent_type": "general-purpose", "prompt": "SAY hi", "description": "d", "name": "sub", "mode": "sync"});
        scene.say(&session, &tool("task", agent)).await;
    }
    session.send_and_wait("FAIL 400", TURN).await.unwrap_err();
    session.disconnect().await.unwrap();

    let mut expected: Vec<HookKind> = EVERYWHERE.to_vec();
    if !scene.is_oldest() {
        expected.extend(NEWER);
    }
    expected.sort();
    let mut kinds = BTreeMap::new();
    for input in asked.all() {
        assert_eq!(input.session_id, session.id(), "{input:?}");
        assert!(input.cwd().is_some() && input.timestamp_ms().is_some(), "{input:?}");
        kinds.entry(input.kind()).or_insert(input);
    }
    assert_eq!(kinds.keys().copied().collect::<Vec<_>>(), expected);
    assert_eq!(kinds[&HookKind::PreToolUse].tool_name(), Some("echo"));
    assert_eq!(*kinds[&HookKind::PreToolUse].tool_args().unwrap(), json!({"a": 1}));
    assert_eq!(kinds[&HookKind::PostToolUse].tool_result().unwrap()["textResultForLlm"], r#"{"a":1}"#);
    assert_eq!(kinds[&HookKind::PostToolUseFailure].tool_name(), Some("web_fetch"));
    assert_eq!(kinds[&HookKind::PreMcpToolCall].text("serverName"), Some("stub"));
}

async fn a_pre_tool_use_hook_denies_and_what_it_says_reaches_the_model(scene: &Scene) {
    let client = scene.client().await;
    let asked = Record::new();
    // The permission would be given: it is the hook that stands in the way.
    let config = approving(scene.config())
        .on_hook(HookKind::PreToolUse, asked.answers(|_: &HookInput| HookOutput::deny("not on my watch")));
    let session = client.create_session(config).await.unwrap();
    let prompt = tool("bash", json!({"command": "touch denied", "description": "make a file"}));
    let answer = scene.say(&session, &prompt).await;
    assert!(answer.contains("not on my watch"), "{answer}");
    assert_eq!(asked.count(), 1);
    assert!(!scene.work().join("denied").exists());
}

async fn a_pre_tool_use_hook_that_throws_denies(scene: &Scene) {
    let client = scene.client().await;
    let (asked, failures) = (Record::<HookInput>::new(), Record::new());
    let reported = failures.clone();
    let config = approving(scene.config())
        .on_hook(HookKind::PreToolUse, asked.throws::<HookOutput>("the guard fell asleep"))
        .on_handler_error(move |failure| reported.push(failure.place.clone()));
    let session = client.create_session(config).await.unwrap();
    let prompt = tool("bash", json!({"command": "touch thrown", "description": "make a file"}));
    let answer = scene.say(&session, &prompt).await;
    assert!(answer.contains("the guard fell asleep"), "{answer}");
    assert!(!scene.work().join("thrown").exists());
    assert!(failures.count() == 1 && failures.all()[0].contains("preToolUse"), "{:?}", failures.all());
}

async fn a_pre_tool_use_hook_that_hangs_denies_at_an_abort(scene: &Scene) {
    let client = scene.client().await;
    let (asked, told) = (Record::new(), Record::new());
    let (asking, telling) = (asked.clone(), told.clone());
    let hanging = move |input: HookInput, context: HandlerContext| {
        let (asking, telling) = (asking.clone(), telling.clone());
        async move {
            asking.push(input.kind());
            context.cancellation.cancelled().await;
            telling.push(());
            Ok(HookOutput::allow())
        }
    };
    let config = approving(scene.config()).on_hook(HookKind::PreToolUse, hanging);
    let session = client.create_session(config).await.unwrap();
    let prompt = tool("bash", json!({"command": "touch hung", "description": "make a file"}));
    let turn = tokio::spawn({
        let session = session.clone();
        async move { session.send_and_wait(prompt, TURN).await }
    });
    asked.until(|asked| asked.len() == 1).await.expect("the hook is asked");
    // The newer runtimes answer an abort only after the hook has been.
    session.abort().await.unwrap();
    told.until(|told| told.len() == 1).await.expect("the hook is told");
    assert!(turn.await.unwrap().unwrap().aborted);
    assert!(!scene.work().join("hung").exists());
    assert_eq!(scene.say(&session, "go on").await, "You said: go on");
}

async fn hooks_change_arguments_results_and_prompts(scene: &Scene) {
    let client = scene.client().await;
    let (asked, calls) = (Record::new(), Record::new());
    let result = |input: &HookInput| {
        let text = input.tool_result().unwrap()["textResultForLlm"].as_str().unwrap().to_owned();
        HookOutput::empty().modified_result(&ToolResult::text(format!("{text}, polished")))
    };
    let prompt = |input: &HookInput| match input.prompt() {
        Some("change me") => HookOutput::empty().modified_prompt(tool("echo", json!({"size": 1}))),
        _ => HookOutput::empty(),
    };
    let config = scene
        .config()
        .tool(free_tool("echo", &calls))
        .on_hook(HookKind::UserPromptSubmitted, asked.answers(prompt))
        .on_hook(
            HookKind::PreToolUse,
            asked.answers(|_| HookOutput::empty().modified_args(json!({"size": 2}))),
        )
        .on_hook(HookKind::PostToolUse, asked.answers(result))
        .on_hook(
            HookKind::SessionStart,
            asked.answers(|_| HookOutput::empty().additional_context("CONTEXT-51c2")),
        );
    let session = client.create_session(config).await.unwrap();
    assert_eq!(scene.say(&session, "change me").await, r#"Tool said: {"size":2}, polished"#);
    assert_eq!(calls.all()[0].arguments, json!({"size": 2}));
    let first = &scene.model.requests()[0];
    assert!(first.body["messages"].to_string().contains("CONTEXT-51c2"), "{:#}", first.body["messages"]);
}

async fn a_blocked_prompt_never_reaches_the_model(scene: &Scene) {
    let client = scene.client().await;
    let asked = Record::new();
    let guard = |input: &HookInput| match input.prompt() {
        Some("secret") => HookOutput::block("we do not talk about it"),
        _ => HookOutput::empty(),
    };
    let config = scene.config().on_hook(HookKind::UserPromptSubmitted, asked.answers(guard));
    let session = client.create_session(config).await.unwrap();
    let turn = session.send_and_wait("secret", TURN).await.unwrap();
    assert_eq!(turn.content, None);
    assert!(scene.model.requests().is_empty());
    assert_eq!(scene.say(&session, "weather").await, "You said: weather");
}

async fn a_hook_before_an_mcp_call_sets_what_goes_with_it(scene: &Scene) {
    let client = scene.client().await;
    let asked = Record::new();
    let meta = |_: &HookInput| {
        HookOutput::empty().meta_to_use(Some(Map::from_iter([("trace".into(), json!("T-9"))])))
    };
    let config = approving(scene.config())
        .mcp_server("stub", mcp_server())
        .on_hook(HookKind::PreMcpToolCall, asked.answers(meta));
    let session = client.create_session(config).await.unwrap();
    scene.wait_for_tool(&session, "stub-echo").await;
    let answer = scene.say(&session, &tool("stub-echo", json!({"a": 1}))).await;
    assert!(answer.contains(r#""trace":"T-9""#), "{answer}");
    assert_eq!(asked.count(), 1);
}

async fn an_agent_stop_hook_gives_another_round(scene: &Scene) {
    let client = scene.client().await;
    let asked = Record::new();
    let count = asked.clone();
    let once = move |_: &HookInput| match count.count() {
        1 => HookOutput::block("once more"),
        _ => HookOutput::empty(),
    };
    let heard = Record::new();
    let config = scene.config().on_hook(HookKind::AgentStop, asked.answers(once)).on_event(heard.hears());
    let session = client.create_session(config).await.unwrap();
    // The round is a prompt of its own, with a message id of its own: our turn ends before it.
    assert_eq!(scene.say(&session, "begin").await, "You said: begin");
    heard.first("session.idle").await;
    let said: Vec<_> =
        heard.of("assistant.message").iter().map(|event| data(event)["content"].clone()).collect();
    assert_eq!(said, ["You said: begin", "You said: once more"]);
    assert_eq!(asked.count(), 2);
}

async fn a_prompt_transformed_hook_has_the_last_word(scene: &Scene) {
    let client = scene.client().await;
    let asked = Record::new();
    let last_word = |input: &HookInput| match input.transformed_prompt() {
        Some(text) if text.contains("begin") => {
            HookOutput::empty().modified_transformed_prompt("SAY the last word")
        }
        _ => HookOutput::empty(),
    };
    let config = scene.config().on_hook(HookKind::UserPromptTransformed, asked.answers(last_word));
    let session = client.create_session(config).await.unwrap();
    assert_eq!(scene.say(&session, "begin").await, "the last word");
}
