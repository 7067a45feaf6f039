//! The handlers that foreign code has, said in JSON, as handlers of the core.

use std::pin::Pin;

use codriver::options::SessionConfig;
use codriver::protocol::requests::{
    AutoModeSwitchResponse, ElicitationResult, ExitPlanModeResponse, McpAuthResponse, McpHeadersResponse,
    SamplingResponse, SessionLimitsResponse, UserInputResponse,
};
use codriver::{
    HandlerContext, HandlerError, HandlerResult, HookKind, HookOutput, PermissionDecision, Result, Tool,
    ToolResult,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::{self, Answer, Decode};
use crate::callbacks::Request;
use crate::calls::Asker;
use crate::dispatcher::Message;

/// `handlers` of a session's config: which questions foreign code answers. What is not named has the core's secure default.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Whether the session's id has events to take, from the first one on.
    pub(crate) on_event: bool,
    permission: bool,
    user_input: bool,
    elicitation: bool,
    exit_plan_mode: bool,
    auto_mode_switch: bool,
    mcp_auth: bool,
    mcp_headers: bool,
    sampling: bool,
    session_limits: bool,
    provider_token: bool,
    /// Definitions, as in `tools` of the config; those are declared only.
    tools: Vec<Tool>,
    hooks: Vec<HookKind>,
    /// Ids of sections.
    system_message: Vec<String>,
    commands: Vec<Command>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    name: String,
    #[serde(default)]
    description: String,
}

/// The questions of one session.
#[derive(Clone)]
pub(crate) struct SessionAsker {
    pub(crate) asker: Asker,
    pub(crate) session: u64,
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl SessionAsker {
    /// A handler that asks foreign code.
    fn handler<Q, A>(
        &self,
        kind: &'static str,
        name: &str,
        decode: Decode<A>,
    ) -> impl Fn(Q, HandlerContext) -> BoxFuture<HandlerResult<A>> + Send + Sync + use<Q, A>
    where
        Q: Serialize + Send + 'static,
        A: Send + 'static,
    {
        let (asker, name) = (self.clone(), name.to_owned());
        move |question, context| Box::pin(ask(asker.clone(), kind, name.clone(), decode, question, context))
    }
}

async fn ask<Q: Serialize, A: Send + 'static>(
    asker: SessionAsker,
    kind: &'static str,
    name: String,
    decode: Decode<A>,
    question: Q,
    context: HandlerContext,
) -> HandlerResult<A> {
    let payload = serde_json::to_string(&question)?;
    drop(question);
    let (session, session_id) = (asker.session, context.session_id.clone());
    let asked = asker.asker.ask(decode, |call_id| {
        Message::Request(Request { call_id, session, session_id, kind, name, payload })
    });
    tokio::select! {
        biased;
        answer = asked => answer.map_err(|failure| HandlerError::from(failure.message)),
        () = context.cancellation.cancelled() => Err("nobody waits for the answer any more".into()),
    }
}

/// Hangs the wanted handlers onto a config.
pub(crate) fn attach(mut config: SessionConfig, wanted: Wanted, ask: &SessionAsker) -> SessionConfig {
    if wanted.permission {
        config = config.on_permission_request(
            ask.handler("permission", "", |a| PermissionDecision::from_value(answer::value(a)?)),
        );
    }
    if wanted.user_input {
        let decode = |a: Answer<'_>| match answer::value(a)? {
            // A text alone is the answer itself.
            text @ Value::String(_) => UserInputResponse::from_value(serde_json::json!({ "answer": text })),
            other => UserInputResponse::from_value(other),
        };
        config = config.on_user_input_request(ask.handler("userInput", "", decode));
    }
    if wanted.elicitation {
        config = config.on_elicitation_request(
            ask.handler("elicitation", "", |a| ElicitationResult::from_value(answer::value(a)?)),
        );
    }
    if wanted.exit_plan_mode {
        config = config.on_exit_plan_mode(
            ask.handler("exitPlanMode", "", |a| ExitPlanModeResponse::from_value(answer::value(a)?)),
        );
    }
    if wanted.auto_mode_switch {
        config = config.on_auto_mode_switch(
            ask.handler("autoModeSwitch", "", |a| AutoModeSwitchResponse::from_value(answer::value(a)?)),
        );
    }
    if wanted.mcp_auth {
        config = config.on_mcp_auth_request(
            ask.handler("mcpAuth", "", |a| McpAuthResponse::from_value(answer::value(a)?)),
        );
    }
    if wanted.mcp_headers {
        config = config.on_mcp_headers_request(
            ask.handler("mcpHeaders", "", |a| McpHeadersResponse::from_value(answer::value(a)?)),
        );
    }
    if wanted.sampling {
        config = config.on_sampling_request(
            ask.handler("sampling", "", |a| SamplingResponse::from_value(answer::value(a)?)),
        );
    }
    if wanted.session_limits {
        config = config.on_session_limits_exhausted(
            ask.handler("sessionLimits", "", |a| SessionLimitsResponse::from_value(answer::value(a)?)),
        );
    }
    if wanted.provider_token {
        config = config.on_provider_token(ask.handler("providerToken", "", answer::text));
    }
    for kind in wanted.hooks {
        let decode = |a: Answer<'_>| HookOutput::from_value(answer::value(a)?);
        config = config.on_hook(kind, ask.handler("hook", kind.as_str(), decode));
    }
    for tool in wanted.tools {
        let decode = |a: Answer<'_>| ToolResult::from_value(answer::value(a)?);
        let handler = ask.handler("tool", &tool.name, decode);
        config = config.tool(tool.handler(handler));
    }
    for section in wanted.system_message {
        let handler = ask.handler("systemMessage", &section, answer::text);
        config = config.on_system_message_section(section, handler);
    }
    for Command { name, description } in wanted.commands {
        let handler = ask.handler("command", &name, answer::done);
        config = config.command(name, description, handler);
    }
    config
}

/// Splits `handlers` off a session's config.
///
/// # Errors
/// `INVALID_CONFIG` with the name of what is wrong in it.
pub(crate) fn split(config: &mut Value) -> Result<Wanted> {
    let Some(handlers) = config.as_object_mut().and_then(|fields| fields.remove("handlers")) else {
        return Ok(Wanted::default());
    };
    serde_path_to_error::deserialize(handlers).map_err(|error| {
        let text = format!("handlers.{}: {}", error.path(), error.inner());
        codriver::Error::new(codriver::ErrorKind::InvalidConfig, text)
    })
}
