//! What the runtime asks, and the answers.
/// AutoModeSwitchRequest.
#[derive(Debug, Clone)]
pub struct AutoModeSwitchRequest {}
/// AutoModeSwitchResponse.
#[derive(Debug, Clone)]
pub struct AutoModeSwitchResponse {}
/// CommandInvocation.
#[derive(Debug, Clone)]
pub struct CommandInvocation {}
/// ElicitationRequest.
#[derive(Debug, Clone)]
pub struct ElicitationRequest {}
/// ElicitationResult.
#[derive(Debug, Clone)]
pub struct ElicitationResult {}
/// ExitPlanModeRequest.
#[derive(Debug, Clone)]
pub struct ExitPlanModeRequest {}
/// ExitPlanModeResponse.
#[derive(Debug, Clone)]
pub struct ExitPlanModeResponse {}
/// McpAuthRequest.
#[derive(Debug, Clone)]
pub struct McpAuthRequest {}
/// McpAuthResponse.
#[derive(Debug, Clone)]
pub struct McpAuthResponse {}
/// PermissionDecision.
#[derive(Debug, Clone)]
pub struct PermissionDecision {}
/// PermissionRequest.
#[derive(Debug, Clone)]
pub struct PermissionRequest {}
/// ProviderTokenRequest.
#[derive(Debug, Clone)]
pub struct ProviderTokenRequest {}
/// UserInputRequest.
#[derive(Debug, Clone)]
pub struct UserInputRequest {}
/// UserInputResponse.
#[derive(Debug, Clone)]
pub struct UserInputResponse {}
/// ToolInvocation.
#[derive(Debug, Clone)]
pub struct ToolInvocation {
    /// Arguments.
    pub arguments: serde_json::Value,
}
/// ToolResult.
#[derive(Debug, Clone)]
pub struct ToolResult {}
impl ToolResult {
    /// Text.
    pub fn text(_text: impl Into<String>) -> Self {
        Self {}
    }
    /// Failure.
    pub fn failure(_text: impl Into<String>) -> Self {
        Self {}
    }
}
