//! What the runtime asks of us, and what it may be answered.
//!
//! A request is read tolerantly and keeps what it does not know in `extra`. An answer can only be made by constructors
//! and by `from_value`, which refuses what the runtime would misread: it takes a malformed answer without an error and
//! then fails the tool, or runs it.
//! The shapes were checked against runtimes 1.0.57 and 1.0.102; a doc says where one could not be provoked. The bytes
//! they sent are in `tests/vectors/requests`.

mod check;
mod command;
mod decision;
pub(crate) mod defaults;
mod elicitation;
mod limits;
mod mcp_auth;
mod mcp_headers;
mod mode;
mod permission;
mod provider;
mod sampling;
mod tool;
mod tool_result;
mod user_input;

pub(crate) use check::Checked;
pub use command::CommandInvocation;
pub use decision::{Approval, PermissionDecision};
pub use elicitation::{ElicitationRequest, ElicitationResult};
pub use limits::{SessionLimitsRequest, SessionLimitsResponse};
pub use mcp_auth::{McpAuthRequest, McpAuthResponse, Secret};
pub use mcp_headers::{McpHeadersRequest, McpHeadersResponse};
pub use mode::{AutoModeSwitchRequest, AutoModeSwitchResponse, ExitPlanModeRequest, ExitPlanModeResponse};
pub use permission::{PermissionKind, PermissionRequest};
pub use provider::ProviderTokenRequest;
pub use sampling::{SamplingRequest, SamplingResponse};
pub use tool::ToolInvocation;
pub use tool_result::{ToolResult, ToolResultType};
pub use user_input::{UserInputRequest, UserInputResponse};

#[cfg(test)]
pub(crate) mod vectors;
