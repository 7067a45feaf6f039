//! Builder methods that add one thing to a list or a map, and the handlers.

use std::future::Future;
use std::sync::Arc;

use serde_json::Value;

use super::agent::CustomAgent;
use super::feature::Command;
use super::mcp::McpServer;
use super::session::SessionConfig;
use crate::protocol::event::SessionEvent;
use crate::protocol::hooks::{HookInput, HookKind, HookOutput};
use crate::protocol::requests::{
    AutoModeSwitchRequest, AutoModeSwitchResponse, CommandInvocation, ElicitationRequest, ElicitationResult,
    ExitPlanModeRequest, ExitPlanModeResponse, McpAuthRequest, McpAuthResponse, McpHeadersRequest,
    McpHeadersResponse, PermissionDecision, PermissionRequest, ProviderTokenRequest, SamplingRequest,
    SamplingResponse, SessionLimitsRequest, SessionLimitsResponse, UserInputRequest, UserInputResponse,
};
use crate::session::EventStream;
use crate::session::handlers::{HandlerContext, HandlerFailure, HandlerResult, boxed};
use crate::session::tool::Tool;

impl SessionConfig {
    /// A config in which everything is left to the runtime.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tool.
    #[must_use]
    pub fn tool(mut self, tool: Tool) -> Self {
        self.tools.push(tool);
        self
    }

    /// Adds tools.
    #[must_use]
    pub fn tools(mut self, tools: impl IntoIterator<Item = Tool>) -> Self {
        self.tools.extend(tools);
        self
    }

    /// Adds an MCP server.
    #[must_use]
    pub fn mcp_server(mut self, name: impl Into<String>, server: impl Into<McpServer>) -> Self {
        self.mcp_servers.get_or_insert_default().insert(name.into(), server.into());
        self
    }

    /// Adds an agent.
    #[must_use]
    pub fn custom_agent(mut self, agent: CustomAgent) -> Self {
        self.custom_agents.get_or_insert_default().push(agent);
        self
    }

    /// Adds an option this crate does not know yet, under its wire name.
    #[must_use]
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(name.into(), value.into());
        self
    }

    /// Adds a slash command and what it does.
    #[must_use]
    pub fn command<F, Fut>(mut self, name: impl Into<String>, description: impl Into<String>, run: F) -> Self
    where
        F: Fn(CommandInvocation, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<()>> + Send + 'static,
    {
        let name = name.into();
        self.handlers.command.insert(name.clone(), boxed(run));
        self.commands.get_or_insert_default().push(Command::new(name, description));
        self
    }

    /// Adds a handler of events: it sees every event from the first one on, also those before create answers.
    /// Handlers are called in the order they were added, one event at a time.
    #[must_use]
    pub fn on_event(mut self, handler: impl Fn(&SessionEvent) + Send + Sync + 'static) -> Self {
        self.handlers.on_event.push(Arc::new(handler));
        self
    }

    /// Is given a stream of the session's events that begins with the first one: it is there before create or resume is
    /// written, so what comes ahead of the answer is in it. `take` is called once a session, and must not block.
    #[must_use]
    pub fn on_stream(mut self, take: impl Fn(EventStream) + Send + Sync + 'static) -> Self {
        self.handlers.on_stream.push(Arc::new(take));
        self
    }

    /// Is told when a handler throws or panics; without it such failures are only logged.
    #[must_use]
    pub fn on_handler_error(mut self, handler: impl Fn(&HandlerFailure) + Send + Sync + 'static) -> Self {
        self.handlers.on_handler_error = Some(Arc::new(handler));
        self
    }

    /// Decides on permissions. Without it nothing is approved: requests stay pending for whoever answers them by
    /// `session.permissions.handlePendingPermissionRequest`.
    #[must_use]
    pub fn on_permission_request<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(PermissionRequest, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<PermissionDecision>> + Send + 'static,
    {
        self.handlers.permission = Some(boxed(handler));
        self
    }

    /// Answers what the model asks people.
    #[must_use]
    pub fn on_user_input_request<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(UserInputRequest, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<UserInputResponse>> + Send + 'static,
    {
        self.handlers.user_input = Some(boxed(handler));
        self
    }

    /// Answers the forms of MCP servers.
    #[must_use]
    pub fn on_elicitation_request<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(ElicitationRequest, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<ElicitationResult>> + Send + 'static,
    {
        self.handlers.elicitation = Some(boxed(handler));
        self
    }

    /// Decides whether a plan is good and the plan mode may be left.
    #[must_use]
    pub fn on_exit_plan_mode<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(ExitPlanModeRequest, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<ExitPlanModeResponse>> + Send + 'static,
    {
        self.handlers.exit_plan_mode = Some(boxed(handler));
        self
    }

    /// Decides whether the runtime may switch the mode.
    #[must_use]
    pub fn on_auto_mode_switch<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(AutoModeSwitchRequest, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<AutoModeSwitchResponse>> + Send + 'static,
    {
        self.handlers.auto_mode_switch = Some(boxed(handler));
        self
    }

    /// Sets the hook of a kind. One that throws denies the tool where it is `preToolUse`, and changes nothing elsewhere.
    #[must_use]
    pub fn on_hook<F, Fut>(mut self, kind: HookKind, handler: F) -> Self
    where
        F: Fn(HookInput, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<HookOutput>> + Send + 'static,
    {
        self.handlers.hooks.insert(kind, boxed(handler));
        self
    }

    /// Rewrites a section of the system message: it gets the section's text and returns the new one.
    #[must_use]
    pub fn on_system_message_section<F, Fut>(mut self, id: impl Into<String>, handler: F) -> Self
    where
        F: Fn(String, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<String>> + Send + 'static,
    {
        self.handlers.system_message.insert(id.into(), boxed(handler));
        self
    }

    /// Logs in to MCP servers that want OAuth.
    #[must_use]
    pub fn on_mcp_auth_request<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(McpAuthRequest, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<McpAuthResponse>> + Send + 'static,
    {
        self.handlers.mcp_auth = Some(boxed(handler));
        self
    }

    /// Gives the bearer token for each request to `provider`, or to those of `providers` that have no credential.
    #[must_use]
    pub fn on_provider_token<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(ProviderTokenRequest, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<String>> + Send + 'static,
    {
        self.handlers.provider_token = Some(boxed(handler));
        self
    }

    /// Gives the headers for MCP servers whose headers have run out.
    #[must_use]
    pub fn on_mcp_headers_request<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(McpHeadersRequest, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<McpHeadersResponse>> + Send + 'static,
    {
        self.handlers.mcp_headers = Some(boxed(handler));
        self
    }

    /// Lets MCP servers ask the model.
    #[must_use]
    pub fn on_sampling_request<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(SamplingRequest, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<SamplingResponse>> + Send + 'static,
    {
        self.handlers.sampling = Some(boxed(handler));
        self
    }

    /// Decides when the limits of the session are used up.
    #[must_use]
    pub fn on_session_limits_exhausted<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(SessionLimitsRequest, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<SessionLimitsResponse>> + Send + 'static,
    {
        self.handlers.session_limits = Some(boxed(handler));
        self
    }
}
