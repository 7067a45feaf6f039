//! The places where hooks are asked.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A place where a hook is asked. Inputs and outputs are named as on the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum HookKind {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl HookKind {
            /// Every kind.
            pub const ALL: &'static [HookKind] = &[$(HookKind::$variant,)*];

            /// The name on the wire, e.g. `preToolUse`.
            pub const fn as_str(self) -> &'static str {
                match self { $(HookKind::$variant => $name,)* }
            }
        }
    };
}

kinds! {
    /// Before a tool runs: `toolName`, `toolArgs`. Takes `permissionDecision` (`allow` asks no permission any more, `deny`,
    /// `ask`), `permissionDecisionReason`, `modifiedArgs`, `additionalContext`. Denies the tool where it fails.
    PreToolUse = "preToolUse",
    /// Before a tool of an MCP server is called: `serverName`, `toolName`, `arguments`, `toolCallId`. Takes `metaToUse`.
    PreMcpToolCall = "preMcpToolCall",
    /// After a tool worked: `toolName`, `toolArgs`, `toolResult`. Takes `modifiedResult`, `additionalContext`.
    PostToolUse = "postToolUse",
    /// After a tool failed: `toolName`, `toolArgs`, `error` (text). Takes `additionalContext`.
    PostToolUseFailure = "postToolUseFailure",
    /// A prompt came in: `prompt`. Takes `modifiedPrompt`, `additionalContext`, or `decision: "block"` with `reason`, which
    /// ends the turn before the model is called.
    UserPromptSubmitted = "userPromptSubmitted",
    /// The prompt as the model will read it: `prompt`, `transformedPrompt`. Takes `modifiedTransformedPrompt`.
    UserPromptTransformed = "userPromptTransformed",
    /// Before the first turn: `source`, `initialPrompt`. Takes `additionalContext`.
    SessionStart = "sessionStart",
    /// The session is destroyed (1.0.57 and 1.0.85: a turn ended): `reason`.
    SessionEnd = "sessionEnd",
    /// Something failed: `error` (an object), `errorContext`, `recoverable`. No output had an effect that could be seen.
    ErrorOccurred = "errorOccurred",
    /// The agent is about to stop: `stopReason`, `transcriptPath`, `stop_hook_active`. Takes `decision: "block"` with
    /// `reason`, which becomes the next prompt.
    AgentStop = "agentStop",
    /// A sub-agent starts: `agentName`, `agentType`, `agentId`. Takes `additionalContext`.
    SubagentStart = "subagentStart",
    /// A sub-agent is about to stop: as [`HookKind::SubagentStart`], and `response`, `stopReason`. Takes what
    /// [`HookKind::AgentStop`] takes.
    SubagentStop = "subagentStop",
    /// Before the conversation is compacted (schema).
    PreCompact = "preCompact",
    /// A permission is asked for (schema).
    PermissionRequest = "permissionRequest",
    /// The agent notifies (schema).
    Notification = "notification",
    /// A result is there (schema).
    PostResult = "postResult",
    /// Before the description of a pull request is written (schema).
    PrePrDescription = "prePRDescription",
}

impl fmt::Display for HookKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for HookKind {
    type Err = Error;

    /// # Errors
    /// `INVALID_ARGUMENT` with the names there are.
    fn from_str(name: &str) -> Result<Self, Error> {
        HookKind::ALL.iter().find(|kind| kind.as_str() == name).copied().ok_or_else(|| {
            let known: Vec<&str> = HookKind::ALL.iter().map(|kind| kind.as_str()).collect();
            Error::new(
                ErrorKind::InvalidArgument,
                format!("hook `{name}` is not known; there are {}", known.join(", ")),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_seventeen_are_read_by_the_name_they_have_on_the_wire() {
        assert_eq!(HookKind::ALL.len(), 17);
        for kind in HookKind::ALL {
            assert_eq!(kind.as_str().parse::<HookKind>().unwrap(), *kind);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!("prePRDescription".parse::<HookKind>().unwrap(), HookKind::PrePrDescription);
        let error = "pretooluse".parse::<HookKind>().unwrap_err();
        assert!(error.message().contains("preToolUse, preMcpToolCall"), "{error}");
    }
}
