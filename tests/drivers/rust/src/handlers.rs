//! Turns the behaviours of a command into handlers of a session.

use std::future::pending;

use codriver::protocol::requests::{
    ElicitationResult, PermissionDecision, ToolInvocation, ToolResult, UserInputResponse,
};
use codriver::{
    Client, HandlerContext, HandlerError, HandlerResult, HookKind, HookOutput, SessionConfig, SessionEvent,
    Tool,
};
use serde_json::{Map, json};
use tokio::runtime::Handle;

use crate::command::{Behaviour, Handlers, ToolBehaviour};
use crate::say::Say;

/// Hangs handlers onto a session that the runner calls `name`.
pub(crate) fn attach(
    mut config: SessionConfig,
    name: &str,
    declared: Vec<Tool>,
    handlers: &Handlers,
    say: Say,
    client: Client,
) -> SessionConfig {
    let session = name.to_owned();
    config = config.on_handler_error(move |failure| {
        say.line(&json!({"obs": "handler_error", "session": session, "where": failure.place}));
    });
    config = config.on_event(on_event(name.to_owned(), handlers.on_event.clone(), say, client));
    if let Some(behaviour) = handlers.permission.clone() {
        let session = name.to_owned();
        config = config.on_permission_request(move |request, _context| {
            say.line(&json!({"obs": "permission", "session": session, "kind": request.kind().as_str()}));
            let behaviour = behaviour.clone();
            async move {
                match behaviour.word.as_str() {
                    "approve" => Ok(PermissionDecision::approve_once()),
                    "deny" => Ok(PermissionDecision::reject()),
                    "hang" => pending().await,
                    _ => Err(thrown()),
                }
            }
        });
    }
    if let Some(behaviour) = handlers.user_input.clone() {
        let session = name.to_owned();
        config = config.on_user_input_request(move |request, _context| {
            say.line(&json!({"obs": "user_input", "session": session, "question": request.question}));
            let behaviour = behaviour.clone();
            async move {
                match behaviour.word.as_str() {
                    "answer" => Ok(UserInputResponse::freeform(behaviour.rest)),
                    _ => Err(thrown()),
                }
            }
        });
    }
    if let Some(behaviour) = handlers.elicitation.clone() {
        config = config.on_elicitation_request(move |_request, _context| {
            let word = behaviour.word.clone();
            async move {
                match word.as_str() {
                    "accept" => Ok(ElicitationResult::accept(Map::new())),
                    "cancel" => Ok(ElicitationResult::cancel()),
                    _ => Err(thrown()),
                }
            }
        });
    }
    for (hook, behaviour) in handlers.hooks.clone() {
        let Ok(kind) = serde_json::from_value::<HookKind>(json!(hook)) else { continue };
        let session = name.to_owned();
        config = config.on_hook(kind, move |_input, _context| {
            say.line(&json!({"obs": "hook", "session": session, "hook": hook}));
            let word = behaviour.word.clone();
            async move {
                match word.as_str() {
                    "allow" => Ok(HookOutput::allow()),
                    "deny" => Ok(HookOutput::deny("denied on purpose")),
                    "empty" => Ok(HookOutput::empty()),
                    _ => Err(thrown()),
                }
            }
        });
    }
    with_tools(config, name, declared, handlers, say)
}

fn on_event(
    session: String,
    behaviour: Behaviour,
    say: Say,
    client: Client,
) -> impl Fn(&SessionEvent) + Send + Sync + 'static {
    let runtime = Handle::current();
    move |event| {
        if behaviour.word != "count" {
            say.event(&session, event, None);
        }
        match behaviour.word.as_str() {
            "slow" => std::thread::sleep(behaviour.delay()),
            "throw" => std::panic::panic_any("thrown on purpose"),
            "call_ping" => {
                if let Err(error) = runtime.block_on(client.ping(None)) {
                    std::panic::panic_any(error.to_string());
                }
            }
            _ => {}
        }
    }
}

/// Adds the declared tools, those that have a behaviour with a handler; a behaviour without a declaration declares.
fn with_tools(
    config: SessionConfig,
    session: &str,
    mut tools: Vec<Tool>,
    handlers: &Handlers,
    say: Say,
) -> SessionConfig {
    for ToolBehaviour { name, behaviour } in &handlers.tools {
        let declared = tools.iter().position(|tool| tool.name == *name);
        let tool = declared.map_or_else(|| Tool::new(name, "A tool of the driver"), |at| tools.remove(at));
        let (session, behaviour) = (session.to_owned(), behaviour.clone());
        tools.push(tool.handler(move |call, context| {
            let (session, behaviour) = (session.clone(), behaviour.clone());
            async move { run_tool(&session, behaviour, call, context, say).await }
        }));
    }
    tools.into_iter().fold(config, SessionConfig::tool)
}

async fn run_tool(
    session: &str,
    behaviour: Behaviour,
    call: ToolInvocation,
    context: HandlerContext,
    say: Say,
) -> HandlerResult<ToolResult> {
    let name = call.tool_name;
    say.line(&json!({"obs": "tool", "session": session, "name": name, "arguments": call.arguments}));
    match behaviour.word.as_str() {
        "echo" => Ok(ToolResult::text(call.arguments.to_string())),
        "text" => Ok(ToolResult::text(behaviour.rest)),
        "empty" => Ok(ToolResult::text("")),
        "hang" => {
            context.cancellation.cancelled().await;
            say.line(&json!({"obs": "tool_cancelled", "session": session, "name": name}));
            pending().await
        }
        _ => Err(thrown()),
    }
}

fn thrown() -> HandlerError {
    "thrown on purpose".into()
}
