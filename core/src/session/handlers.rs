//! What the user hangs onto a session: one optional handler per question the runtime can ask.
//!
//! Absent means the secure default of DESIGN I19, never "approve".

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::stream::EventStream;
use crate::error::Error;
use crate::protocol::event::SessionEvent;
use crate::protocol::hooks::{HookInput, HookKind, HookOutput};
use crate::protocol::requests::{
    AutoModeSwitchRequest, AutoModeSwitchResponse, CommandInvocation, ElicitationRequest, ElicitationResult,
    ExitPlanModeRequest, ExitPlanModeResponse, McpAuthRequest, McpAuthResponse, McpHeadersRequest,
    McpHeadersResponse, PermissionDecision, PermissionRequest, ProviderTokenRequest, SamplingRequest,
    SamplingResponse, SessionLimitsRequest, SessionLimitsResponse, UserInputRequest, UserInputResponse,
};

/// What a handler may fail with: any error; its text is told to the runtime, so put no secret into it.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// What a handler returns.
pub type HandlerResult<T> = std::result::Result<T, HandlerError>;

/// A boxed future.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// An asynchronous handler; called on a task of its own, so it may take as long as it likes.
pub(crate) type Handler<Request, Response> =
    Arc<dyn Fn(Request, HandlerContext) -> BoxFuture<HandlerResult<Response>> + Send + Sync>;

/// A handler of events; called on a thread where it may block.
pub(crate) type EventHandler = Arc<dyn Fn(&SessionEvent) + Send + Sync>;

/// Takes a stream of the session's events, before the first one.
pub(crate) type StreamHandler = Arc<dyn Fn(EventStream) + Send + Sync>;

/// Told when a handler threw, panicked or was refused by the runtime.
pub(crate) type HandlerErrorHandler = Arc<dyn Fn(&HandlerFailure) + Send + Sync>;

/// Where a handler failed, and how.
#[derive(Debug)]
#[non_exhaustive]
pub struct HandlerFailure {
    /// The handler's name as on the wire: `on_event`, `permission`, `tool`, a hook's name, …
    pub place: String,
    /// The session.
    pub session_id: String,
    /// What it threw.
    pub error: Error,
}

/// What every request handler gets beside its request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HandlerContext {
    /// The session that asks.
    pub session_id: String,
    /// Fires when nobody waits for the answer any more: the runtime cancelled or aborted, the session was
    /// disconnected, the connection was lost, or the client stops.
    pub cancellation: Cancellation,
}

/// Tells a handler that nobody waits for its answer any more (DESIGN I20).
#[derive(Debug, Clone, Default)]
pub struct Cancellation(pub(crate) CancellationToken);

impl Cancellation {
    /// Whether it fired.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Ends when it fires. Cancel safe.
    pub async fn cancelled(&self) {
        self.0.cancelled().await;
    }
}

/// The handlers of one session. Built by the `on_…` methods of `SessionConfig`; shared by clones of it.
#[derive(Clone, Default)]
pub struct Handlers {
    pub(crate) on_event: Vec<EventHandler>,
    pub(crate) on_stream: Vec<StreamHandler>,
    pub(crate) on_handler_error: Option<HandlerErrorHandler>,
    pub(crate) permission: Option<Handler<PermissionRequest, PermissionDecision>>,
    pub(crate) user_input: Option<Handler<UserInputRequest, UserInputResponse>>,
    pub(crate) elicitation: Option<Handler<ElicitationRequest, ElicitationResult>>,
    pub(crate) exit_plan_mode: Option<Handler<ExitPlanModeRequest, ExitPlanModeResponse>>,
    pub(crate) auto_mode_switch: Option<Handler<AutoModeSwitchRequest, AutoModeSwitchResponse>>,
    pub(crate) hooks: BTreeMap<HookKind, Handler<HookInput, HookOutput>>,
    pub(crate) system_message: BTreeMap<String, Handler<String, String>>,
    pub(crate) command: BTreeMap<String, Handler<CommandInvocation, ()>>,
    pub(crate) mcp_auth: Option<Handler<McpAuthRequest, McpAuthResponse>>,
    pub(crate) mcp_headers: Option<Handler<McpHeadersRequest, McpHeadersResponse>>,
    pub(crate) sampling: Option<Handler<SamplingRequest, SamplingResponse>>,
    pub(crate) session_limits: Option<Handler<SessionLimitsRequest, SessionLimitsResponse>>,
    pub(crate) provider_token: Option<Handler<ProviderTokenRequest, String>>,
}

impl std::fmt::Debug for Handlers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut names = Vec::new();
        names.extend(self.permission.as_ref().map(|_| "permission"));
        names.extend(self.user_input.as_ref().map(|_| "user_input"));
        names.extend(self.elicitation.as_ref().map(|_| "elicitation"));
        names.extend(self.exit_plan_mode.as_ref().map(|_| "exit_plan_mode"));
        names.extend(self.auto_mode_switch.as_ref().map(|_| "auto_mode_switch"));
        names.extend(self.mcp_auth.as_ref().map(|_| "mcp_auth"));
        names.extend(self.mcp_headers.as_ref().map(|_| "mcp_headers"));
        names.extend(self.sampling.as_ref().map(|_| "sampling"));
        names.extend(self.session_limits.as_ref().map(|_| "session_limits"));
        names.extend(self.provider_token.as_ref().map(|_| "provider_token"));
        f.debug_struct("Handlers")
            .field("present", &names)
            .field("hooks", &self.hooks.keys().collect::<Vec<_>>())
            .field("system_message", &self.system_message.keys().collect::<Vec<_>>())
            .field("command", &self.command.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Boxes a closure that returns a future, so that every `on_…` method takes plain async closures.
pub(crate) fn boxed<Request, Response, F, Fut>(handler: F) -> Handler<Request, Response>
where
    F: Fn(Request, HandlerContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = HandlerResult<Response>> + Send + 'static,
{
    Arc::new(move |request, context| Box::pin(handler(request, context)))
}
