//! Which questions foreign code answers.

use super::record::records;
use super::text::Json;

records! {
    /// Which questions the callbacks answer; what is not named has the core's secure default.
    SessionHandlers {
        needed {}
        maybe {
            /// Whether the session has events to take, from the first one on.
            on_event: bool,
            /// `permission`.
            permission: bool,
            /// `userInput`.
            user_input: bool,
            /// `elicitation`.
            elicitation: bool,
            /// `exitPlanMode`.
            exit_plan_mode: bool,
            /// `autoModeSwitch`.
            auto_mode_switch: bool,
            /// `mcpAuth`.
            mcp_auth: bool,
            /// `mcpHeaders`.
            mcp_headers: bool,
            /// `sampling`.
            sampling: bool,
            /// `sessionLimits`.
            session_limits: bool,
            /// `providerToken`.
            provider_token: bool,
            /// `tool`: the tools that are answered.
            tools: Vec<ToolDefinition>,
            /// `hook`: their names, e.g. `preToolUse`.
            hooks: Vec<String>,
            /// `systemMessage`: ids of sections.
            system_message: Vec<String>,
            /// `command`: the slash commands.
            commands: Vec<CommandDefinition>,
        }
    }

    /// A tool the model may call.
    ToolDefinition {
        needed {
            /// The name the model calls; unique in a session.
            name: String,
        }
        maybe {
            /// What the model is told about it.
            description: String,
            /// JSON schema of the arguments, an object schema.
            parameters: Json,
            /// Whether it replaces a built-in tool of the same name.
            overrides_built_in_tool: bool,
            /// Whether it is called without asking for a permission.
            skip_permission: bool,
            /// `auto` or `never`: whether the runtime may hide it behind tool search.
            defer: String,
            /// A JSON object, sent as is.
            metadata: Json,
            /// Whether a call of it ends the turn.
            is_terminal: bool,
        }
    }

    /// A slash command.
    CommandDefinition {
        needed {
            /// The name without the slash, unique in a session.
            name: String,
        }
        maybe {
            /// What people are told about it.
            description: String,
        }
    }
}
