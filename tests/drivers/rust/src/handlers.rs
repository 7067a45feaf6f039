//! Turns the behaviours of a command into handlers of a session.

use std::future::pending;

use codriver::{
    Client, ElicitationAction, ElicitationResult, HandlerContext, HandlerError, HookKind, HookOutput,
    PermissionDecision, SessionConfig, SessionEvent, Tool, ToolInvocation, ToolResult, UserInputResponse,
};
use serde_json::json;
use tokio::runtime::Handle;

use crate::command::{Behaviour, Handlers};
use crate::say::Say;

/// Hangs handlers onto a session that the runner calls `name`.
pub(crate) fn attach(
    mut config: SessionConfig,
    name: &str,
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
            say.line(&json!({"obs": "permission", "session": session, "kind": request.kind}));
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
                    "answer" => Ok(UserInputResponse::new(behaviour.rest)),
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
                    "accept" => Ok(ElicitationResult::accept(json!({}))),
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
                    "allow" | "deny" => Ok(HookOutput::from(json!({"permissionDecision": word}))),
                    "empty" => Ok(HookOutput::default()),
                    _ => Err(thrown()),
                }
            }
        });
    }
    for tool in &handlers.tools {
        config = with_tool(config, name, &tool.name, tool.behaviour.clone(), say);
    }
    config
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

/// Gives the declared tool of that name its behaviour, or declares it.
fn with_tool(
    mut config: SessionConfig,
    session: &str,
    name: &str,
    behaviour: Behaviour,
    say: Say,
) -> SessionConfig {
    let declared = config.tools.iter().position(|tool| tool.name == name);
    let tool = declared
        .map_or_else(|| Tool::new(name, "A tool of the conformance driver"), |at| config.tools.remove(at));
    let session = session.to_owned();
    config.tool(tool.handler(move |call: ToolInvocation, context: HandlerContext| {
        let (session, behaviour) = (session.clone(), behaviour.clone());
        async move {
            say.line(&json!({"obs": "tool", "session": session, "name": call.tool_name, "arguments": call.arguments}));
            match behaviour.word.as_str() {
                "echo" => Ok(ToolResult::text(call.arguments.to_string())),
                "text" => Ok(ToolResult::text(behaviour.rest)),
                "empty" => Ok(ToolResult::text("")),
                "hang" => {
                    context.cancellation.cancelled().await;
                    say.line(&json!({"obs": "tool_cancelled", "session": session, "name": call.tool_name}));
                    pending().await
                }
                _ => Err(thrown()),
            }
        }
    }))
}

fn thrown() -> HandlerError {
    "thrown on purpose".into()
}
