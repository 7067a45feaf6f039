//! Hooks: called, and answered.

use serde_json::Value;

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `hook.start`: a hook is called.
    pub struct HookStart {
        /// The call's id.
        pub hook_invocation_id: String,
        /// The hook's name on the wire, e.g. `preToolUse`.
        pub hook_type: String,
        /// What it is told.
        pub input: Option<Value>,
        /// The tool call of the sub-agent it is called for; `None` for the main agent.
        pub parent_tool_call_id: Option<String>,
    }

    /// `hook.end`: a hook has answered or failed.
    pub struct HookEnd {
        /// The id of [`HookStart`].
        pub hook_invocation_id: String,
        /// The hook's name on the wire.
        pub hook_type: String,
        /// What it said.
        pub output: Option<Value>,
        /// Whether it worked.
        pub success: bool,
        /// What went wrong.
        pub error: Option<HookError>,
        /// The tool call of the sub-agent it was called for; `None` for the main agent.
        pub parent_tool_call_id: Option<String>,
    }

    /// What went wrong in a hook.
    pub struct HookError {
        /// For people.
        pub message: String,
        /// The stack, where there is one.
        pub stack: Option<String>,
        /// Where the hook comes from, e.g. a plugin.
        pub source: Option<String>,
    }

    /// `hook.progress`: a hook tells how far it is.
    pub struct HookProgress {
        /// The words.
        pub message: String,
        /// Whether the next such message takes its place.
        pub temporary: Option<bool>,
    }
}
