//! Questions that come as events and are answered by a call of ours (protocol 3; PROTOCOL §5), and what else of a
//! session's events concerns the core.
//!
//! Without a handler a question stays open: another client of the same runtime may answer it, and nothing is approved.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::core::{Scope, SessionCore};
use super::handlers::Handler;
use super::invoke::{Failure, invoke};
use crate::error::{Error, ErrorKind};
use crate::protocol::event::SessionEvent;
use crate::protocol::methods;
use crate::protocol::requests::defaults::{self, Question};

/// How long the runtime may take to confirm an answer.
const ANSWER_DEADLINE: Duration = Duration::from_secs(30);

/// Whether the core looks at events of this type; of all others only subscribers see anything.
pub(crate) fn concerns_us(event_type: &str) -> bool {
    match event_type.split_once('.') {
        Some(("assistant", kind)) => matches!(kind, "message" | "turn_start" | "turn_end"),
        Some(("session", kind)) => matches!(kind, "idle" | "error" | "shutdown" | "start"),
        Some(("user", kind)) => kind == "message",
        Some(("tool", kind)) => matches!(kind, "execution_start" | "execution_complete"),
        Some(("permission" | "external_tool" | "elicitation" | "command" | "mcp" | "capabilities", _)) => {
            true
        }
        Some((
            "sampling" | "session_limits_exhausted" | "user_input" | "exit_plan_mode" | "auto_mode_switch",
            _,
        )) => true,
        Some(_) => false,
        None => event_type == "abort",
    }
}

/// Does what an event asks for. On the read task: everything that takes time is spawned.
pub(crate) fn react(core: &Arc<SessionCore>, event: &SessionEvent) {
    match event.event_type() {
        "permission.requested" => permission(core, event),
        "external_tool.requested" => tool(core, event),
        "elicitation.requested" => elicitation(core, event),
        "command.execute" => command(core, event),
        "mcp.oauth_required" => mcp_auth(core, event),
        "mcp.headers_refresh_required" => mcp_headers(core, event),
        "sampling.requested" => sampling(core, event),
        "session_limits_exhausted.requested" => session_limits(core, event),
        // A session of the runtime itself asks these as requests, and tells of them by events beside [P].
        "user_input.requested" if core.in_cloud => user_input(core, event),
        "exit_plan_mode.requested" if core.in_cloud => exit_plan_mode(core, event),
        "auto_mode_switch.requested" if core.in_cloud => auto_mode_switch(core, event),
        "permission.completed"
        | "user_input.completed"
        | "exit_plan_mode.completed"
        | "auto_mode_switch.completed"
        | "external_tool.completed"
        | "elicitation.completed"
        | "command.completed"
        | "mcp.oauth_completed"
        | "mcp.headers_refresh_completed"
        | "sampling.completed"
        | "session_limits_exhausted.completed" => {
            if let Some(token) = request_id(event).and_then(|id| core.settle(&id)) {
                token.cancel();
            }
        }
        "abort" => core.end_work(),
        "session.idle" if event.agent_id().is_none() => core.end_turn(),
        "session.start" => core.set_ready(),
        "capabilities.changed" => {
            if let Ok(update) = event.data_as::<Value>() {
                core.merge_capabilities(&update);
            }
        }
        _ => {}
    }
}

fn permission(core: &Arc<SessionCore>, event: &SessionEvent) {
    // A hook of the runtime's owner has decided; the question is there for display only.
    let resolved = event
        .data_as::<Map<String, Value>>()
        .is_ok_and(|data| data.get("resolvedByHook") == Some(&Value::Bool(true)));
    if resolved {
        return;
    }
    let handler = core.handlers.permission.clone();
    question(core, event, Question::Permission, handler, |outcome| {
        let decision = match outcome {
            Ok(decision) => decision,
            // The other side is done with it.
            Err(Failure::Cancelled) => return None,
            Err(_) => defaults::permission_failed(),
        };
        Some((methods::HANDLE_PENDING_PERMISSION, json!({ "result": decision })))
    });
}

fn tool(core: &Arc<SessionCore>, event: &SessionEvent) {
    let name = event.data_as::<Map<String, Value>>().ok();
    let name = name.as_ref().and_then(|data| data.get("toolName")?.as_str()).unwrap_or_default();
    let handler = core.tools.get(name).cloned();
    question(core, event, Question::Tool, handler, |outcome| {
        let result = match outcome {
            Ok(result) => result,
            Err(Failure::Cancelled) => return None,
            Err(failure) => defaults::tool_failed(failure),
        };
        Some((methods::HANDLE_PENDING_TOOL_CALL, json!({ "result": result })))
    });
}

fn elicitation(core: &Arc<SessionCore>, event: &SessionEvent) {
    let handler = core.handlers.elicitation.clone();
    question(core, event, Question::Elicitation, handler, |outcome| {
        let result = outcome.unwrap_or_else(|_| defaults::elicitation_failed());
        Some((methods::HANDLE_PENDING_ELICITATION, json!({ "result": result })))
    });
}

fn command(core: &Arc<SessionCore>, event: &SessionEvent) {
    let name = event.data_as::<Map<String, Value>>().ok();
    let name =
        name.as_ref().and_then(|data| data.get("commandName")?.as_str()).unwrap_or_default().to_owned();
    let Some(handler) = core.handlers.command.get(&name).cloned() else {
        // Commands are ours alone: nobody else could answer one.
        if let Some(id) = request_id(event) {
            let answer = json!({ "error": format!("no command `{name}` is registered") });
            core.runtime.spawn(reply(core.clone(), methods::HANDLE_PENDING_COMMAND, id, answer));
        }
        return;
    };
    question(core, event, Question::Command, Some(handler), |outcome| {
        let answer = match outcome {
            Ok(()) => json!({}),
            Err(failure) => json!({ "error": failure.to_string() }),
        };
        Some((methods::HANDLE_PENDING_COMMAND, answer))
    });
}

fn mcp_auth(core: &Arc<SessionCore>, event: &SessionEvent) {
    let handler = core.handlers.mcp_auth.clone();
    question(core, event, Question::McpAuth, handler, |outcome| {
        let response = match outcome {
            Ok(response) => response,
            Err(Failure::Cancelled) => return None,
            Err(_) => defaults::mcp_auth_failed(),
        };
        Some((methods::HANDLE_PENDING_MCP_OAUTH, json!({ "result": response })))
    });
}

fn mcp_headers(core: &Arc<SessionCore>, event: &SessionEvent) {
    let handler = core.handlers.mcp_headers.clone();
    question(core, event, Question::McpHeaders, handler, |outcome| {
        let response = outcome.unwrap_or_else(defaults::mcp_headers_failed);
        Some((methods::HANDLE_PENDING_MCP_HEADERS, json!({ "result": response })))
    });
}

fn sampling(core: &Arc<SessionCore>, event: &SessionEvent) {
    let handler = core.handlers.sampling.clone();
    question(core, event, Question::Sampling, handler, |outcome| {
        let response = outcome.unwrap_or_else(|_| defaults::sampling_failed());
        // A refusal is an answer without a response.
        let answer = response.message().map_or_else(|| json!({}), |message| json!({ "response": message }));
        Some((methods::HANDLE_PENDING_SAMPLING, answer))
    });
}

fn session_limits(core: &Arc<SessionCore>, event: &SessionEvent) {
    let handler = core.handlers.session_limits.clone();
    question(core, event, Question::SessionLimits, handler, |outcome| {
        let response = outcome.unwrap_or_else(|_| defaults::session_limits_failed());
        Some((methods::HANDLE_PENDING_SESSION_LIMITS, json!({ "response": response })))
    });
}

fn user_input(core: &Arc<SessionCore>, event: &SessionEvent) {
    let handler = core.handlers.user_input.clone();
    question(core, event, Question::UserInput, handler, |outcome| {
        // Without an answer the question stays with the user's other clients.
        Some((methods::HANDLE_PENDING_USER_INPUT, json!({ "response": outcome.ok()? })))
    });
}

fn exit_plan_mode(core: &Arc<SessionCore>, event: &SessionEvent) {
    let handler = core.handlers.exit_plan_mode.clone();
    question(core, event, Question::ExitPlanMode, handler, |outcome| {
        let response = outcome.unwrap_or_else(|_| defaults::exit_plan_mode_failed());
        Some((methods::HANDLE_PENDING_EXIT_PLAN_MODE, json!({ "response": response })))
    });
}

fn auto_mode_switch(core: &Arc<SessionCore>, event: &SessionEvent) {
    let handler = core.handlers.auto_mode_switch.clone();
    question(core, event, Question::AutoModeSwitch, handler, |outcome| {
        let response = outcome.unwrap_or_else(|_| defaults::auto_mode_switch_failed());
        Some((methods::HANDLE_PENDING_AUTO_MODE_SWITCH, json!({ "response": response })))
    });
}

/// Decodes the question, lets the handler answer it, and sends what `answer` makes of that (`None`: nothing).
fn question<Request, Response>(
    core: &Arc<SessionCore>,
    event: &SessionEvent,
    asked: Question,
    handler: Option<Handler<Request, Response>>,
    answer: impl FnOnce(Result<Response, Failure>) -> Option<(&'static str, Value)> + Send + 'static,
) where
    Request: DeserializeOwned + Send + 'static,
    Response: Send + 'static,
{
    let (Some(handler), Some(request_id)) = (handler, request_id(event)) else { return };
    let place = asked.place();
    let request = match event.data_as::<Request>() {
        Ok(request) => request,
        Err(error) => {
            let text = format!("the runtime's `{}` cannot be read: {error}", event.event_type());
            core.report(place, Error::new(ErrorKind::Protocol, text));
            return;
        }
    };
    let scope = Scope::of(asked, event.agent_id().is_some());
    let cancellation = core.cancellation(scope, Some(&request_id));
    let core_then = core.clone();
    invoke(core, place, &handler, request, cancellation, async move |outcome| {
        core_then.settle(&request_id);
        if let Some((method, body)) = answer(outcome) {
            reply(core_then, method, request_id, body).await;
        }
    });
}

/// Sends an answer. One that comes too late is confirmed with `success: false`, and that is all right.
async fn reply(core: Arc<SessionCore>, method: &'static str, request_id: String, mut body: Value) {
    body["sessionId"] = core.id().into();
    body["requestId"] = request_id.into();
    if let Err(error) = core.peer.request::<Value>(method, &body, Some(ANSWER_DEADLINE)).await
        && error.kind() != ErrorKind::RuntimeLost
        && error.kind() != ErrorKind::Closed
    {
        core.report(method, error);
    }
}

fn request_id(event: &SessionEvent) -> Option<String> {
    let data = event.data_as::<Map<String, Value>>().ok()?;
    Some(data.get("requestId")?.as_str()?.to_owned())
}
