//! What is answered where no handler is set, and where a handler fails: never a yes (DESIGN I19, PROTOCOL §5).
//!
//! The same for every language, because it is decided here only.

use serde_json::{Value, json};

use super::{
    AutoModeSwitchResponse, ElicitationResult, ExitPlanModeResponse, McpAuthResponse, McpHeadersResponse,
    PermissionDecision, SamplingResponse, SessionLimitsResponse, ToolResult,
};
use crate::protocol::hooks::{HookKind, HookOutput};

/// A question of the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    Permission,
    Tool,
    Elicitation,
    Command,
    McpAuth,
    McpHeaders,
    Sampling,
    SessionLimits,
    Hook,
    UserInput,
    ExitPlanMode,
    AutoModeSwitch,
    ProviderToken,
}

impl Question {
    /// The name of its handler, as `HandlerFailure::place` tells it.
    pub(crate) const fn place(self) -> &'static str {
        match self {
            Question::Permission => "permission",
            Question::Tool => "tool",
            Question::Elicitation => "elicitation",
            Question::Command => "command",
            Question::McpAuth => "mcp_auth",
            Question::McpHeaders => "mcp_headers",
            Question::Sampling => "sampling",
            Question::SessionLimits => "session_limits",
            Question::Hook => "hook",
            Question::UserInput => "user_input",
            Question::ExitPlanMode => "exit_plan_mode",
            Question::AutoModeSwitch => "auto_mode_switch",
            Question::ProviderToken => "provider_token",
        }
    }
}

/// What happens to a question that has no handler.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Unhandled {
    /// It stays open: another client of the same runtime may answer it.
    Open,
    /// This is the answer.
    Answer(Value),
    /// It is refused as an unknown method, or with an error text.
    Refuse,
}

/// The column "no handler" of PROTOCOL §5.
pub(crate) fn without_handler(question: Question) -> Unhandled {
    match question {
        Question::Permission | Question::Tool | Question::Elicitation => Unhandled::Open,
        Question::McpAuth | Question::McpHeaders | Question::Sampling | Question::SessionLimits => {
            Unhandled::Open
        }
        // Hooks are asked for all kinds or for none; a kind without a handler has no opinion.
        Question::Hook => Unhandled::Answer(json!({})),
        Question::AutoModeSwitch => Unhandled::Answer(json!(AutoModeSwitchResponse::no())),
        // Commands belong to one client. The others are asked of a client that said it would answer: the runtime takes a
        // refusal for "the user did not respond", which approves nothing.
        Question::Command | Question::UserInput | Question::ExitPlanMode | Question::ProviderToken => {
            Unhandled::Refuse
        }
    }
}

/// A permission handler failed: nobody said yes.
pub(crate) fn permission_failed() -> PermissionDecision {
    PermissionDecision::user_not_available()
}

/// A tool failed. The runtime hides the text of its own error form from the model, so it goes as a result.
pub(crate) fn tool_failed(failure: impl std::fmt::Display) -> ToolResult {
    ToolResult::failure(format!("the tool failed: {failure}"))
}

/// A form's handler failed.
pub(crate) fn elicitation_failed() -> ElicitationResult {
    ElicitationResult::cancel()
}

/// A hook failed: a guard must not let anything pass, the others have nothing to guard.
pub(crate) fn hook_failed(kind: HookKind, failure: impl std::fmt::Display) -> HookOutput {
    match kind {
        HookKind::PreToolUse => HookOutput::deny(format!("the preToolUse hook failed: {failure}")),
        _ => HookOutput::empty(),
    }
}

/// A plan's handler failed.
pub(crate) fn exit_plan_mode_failed() -> ExitPlanModeResponse {
    ExitPlanModeResponse::rejected()
}

/// The handler of a switch of the model failed.
pub(crate) fn auto_mode_switch_failed() -> AutoModeSwitchResponse {
    AutoModeSwitchResponse::no()
}

/// A login's handler failed.
pub(crate) fn mcp_auth_failed() -> McpAuthResponse {
    McpAuthResponse::cancelled()
}

/// The handler of an MCP server's headers failed.
pub(crate) fn mcp_headers_failed(failure: impl std::fmt::Display) -> McpHeadersResponse {
    McpHeadersResponse::error(failure.to_string())
}

/// The handler of an MCP server's request to the model failed.
pub(crate) fn sampling_failed() -> SamplingResponse {
    SamplingResponse::rejected()
}

/// The handler of a used up limit failed.
pub(crate) fn session_limits_failed() -> SessionLimitsResponse {
    SessionLimitsResponse::cancel()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(value: impl serde::Serialize) -> Value {
        serde_json::to_value(value).unwrap()
    }

    #[test]
    fn without_a_handler_nothing_is_approved() {
        use Question::{
            AutoModeSwitch, Command, Elicitation, ExitPlanMode, Hook, McpAuth, McpHeaders, Permission,
            ProviderToken, Sampling, SessionLimits, Tool, UserInput,
        };
        for open in [Permission, Tool, Elicitation, McpAuth, McpHeaders, Sampling, SessionLimits] {
            assert_eq!(without_handler(open), Unhandled::Open, "{open:?}");
        }
        for refused in [Command, UserInput, ExitPlanMode, ProviderToken] {
            assert_eq!(without_handler(refused), Unhandled::Refuse, "{refused:?}");
        }
        assert_eq!(without_handler(Hook), Unhandled::Answer(json!({})));
        assert_eq!(without_handler(AutoModeSwitch), Unhandled::Answer(json!({"response": "no"})));
    }

    #[test]
    fn a_failing_handler_approves_nothing() {
        assert_eq!(wire(permission_failed()), json!({"kind": "user-not-available"}));
        assert_eq!(wire(elicitation_failed()), json!({"action": "cancel"}));
        assert_eq!(wire(exit_plan_mode_failed()), json!({"approved": false}));
        assert_eq!(wire(auto_mode_switch_failed()), json!({"response": "no"}));
        assert_eq!(wire(mcp_auth_failed()), json!({"kind": "cancelled"}));
        assert_eq!(wire(mcp_headers_failed("no")), json!({"kind": "error", "message": "no"}));
        assert_eq!(wire(sampling_failed()), Value::Null);
        assert_eq!(wire(session_limits_failed()), json!({"action": "cancel"}));
    }

    #[test]
    fn a_failing_tool_tells_the_model_why() {
        let text = "the tool failed: boom";
        assert_eq!(
            wire(tool_failed("boom")),
            json!({"textResultForLlm": text, "resultType": "failure", "error": text})
        );
    }

    #[test]
    fn a_failing_pre_tool_use_hook_denies_and_every_other_hook_has_no_opinion() {
        for kind in HookKind::ALL {
            let output = wire(hook_failed(*kind, "boom"));
            match kind {
                HookKind::PreToolUse => {
                    assert_eq!(output["permissionDecision"], "deny");
                    assert_eq!(output["permissionDecisionReason"], "the preToolUse hook failed: boom");
                }
                _ => assert_eq!(output, json!({}), "{kind}"),
            }
        }
    }
}
