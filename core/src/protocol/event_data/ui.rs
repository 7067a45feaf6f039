//! What the user is asked, and what the host's interface can do.

use serde_json::{Map, Value};

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `user_input.requested`: the model asks the user. The host is asked by the request `userInput.request`; this
    /// event is for those who look on.
    pub struct UserInputRequested {
        /// The question's id.
        pub request_id: String,
        /// The question.
        pub question: String,
        /// Answers to pick from; empty for none.
        pub choices: Vec<String>,
        /// Whether any other answer will do.
        pub allow_freeform: Option<bool>,
        /// The tool call that asks.
        pub tool_call_id: Option<String>,
    }

    /// `user_input.completed`: the user has answered.
    pub struct UserInputCompleted {
        /// The id of the request.
        pub request_id: String,
        /// The answer.
        pub answer: Option<String>,
        /// Whether it was typed rather than picked.
        pub was_freeform: Option<bool>,
    }

    /// `elicitation.requested`: a form or a page for the user. Answered by `session.ui.handlePendingElicitation`.
    pub struct ElicitationRequested {
        /// The id to answer with.
        pub request_id: String,
        /// What it is about.
        pub message: String,
        /// `form` (also where `None`) or `url`.
        pub mode: Option<String>,
        /// The form as a JSON schema of an object.
        pub requested_schema: Option<Value>,
        /// The page to open.
        pub url: Option<String>,
        /// The MCP server that asks; `None` where the agent does.
        pub elicitation_source: Option<String>,
        /// The tool call that asks.
        pub tool_call_id: Option<String>,
    }

    /// `elicitation.completed`: the form is answered, here or by another client.
    pub struct ElicitationCompleted {
        /// The id of the request.
        pub request_id: String,
        /// `accept`, `decline` or `cancel`.
        pub action: Option<String>,
        /// The form's fields, where accepted.
        pub content: Map<String, Value>,
    }

    /// `command.queued`: a slash command waits for its turn.
    pub struct CommandQueued {
        /// The command's id.
        pub request_id: String,
        /// The whole text, e.g. `/deploy production`.
        pub command: String,
    }

    /// `command.execute`: a command of this side is called. Answered by `session.commands.handlePendingCommand`.
    pub struct CommandExecute {
        /// The id to answer with.
        pub request_id: String,
        /// The whole text, e.g. `/deploy production`.
        pub command: String,
        /// The name, without the slash.
        pub command_name: String,
        /// What comes after the name, as typed.
        pub args: String,
    }

    /// `command.completed`: the command is over.
    pub struct CommandCompleted {
        /// The id of the request.
        pub request_id: String,
    }

    /// `exit_plan_mode.requested`: the plan is ready for the user's eyes. The host is asked by the request
    /// `exitPlanMode.request`.
    pub struct ExitPlanModeRequested {
        /// The question's id.
        pub request_id: String,
        /// The plan in short.
        pub summary: String,
        /// The plan.
        pub plan_content: String,
        /// What the user may pick: `exit_only`, `interactive`, `autopilot`, `autopilot_fleet`.
        pub actions: Vec<String>,
        /// The one to preselect.
        pub recommended_action: Option<String>,
    }

    /// `exit_plan_mode.completed`: the user has decided about the plan.
    pub struct ExitPlanModeCompleted {
        /// The id of the request.
        pub request_id: String,
        /// Whether the plan is good.
        pub approved: Option<bool>,
        /// What was picked of the actions.
        pub selected_action: Option<String>,
        /// Whether edits need no permission from now on.
        pub auto_approve_edits: Option<bool>,
        /// What should change.
        pub feedback: Option<String>,
    }

    /// `auto_mode_switch.requested`: a rate limit; may the runtime pick another model?
    pub struct AutoModeSwitchRequested {
        /// The question's id.
        pub request_id: String,
        /// The limit's code.
        pub error_code: Option<String>,
        /// Seconds until the limit is over.
        pub retry_after_seconds: Option<u64>,
    }

    /// `auto_mode_switch.completed`: the user has decided about another model.
    pub struct AutoModeSwitchCompleted {
        /// The id of the request.
        pub request_id: String,
        /// `yes`, `yes_always` or `no`.
        pub response: Option<String>,
    }

    /// `sampling.requested`: an MCP server wants the model. Answered by `session.ui.handlePendingSampling`.
    pub struct SamplingRequested {
        /// The id to answer with.
        pub request_id: String,
        /// The server.
        pub server_name: String,
        /// The server's own id of the request: a number or text.
        pub mcp_request_id: Value,
    }

    /// `sampling.completed`: the server has its answer.
    pub struct SamplingCompleted {
        /// The id of the request.
        pub request_id: String,
    }

    /// `session_limits_exhausted.requested`: the credits are used up. Answered by
    /// `session.ui.handlePendingSessionLimitsExhausted`.
    pub struct SessionLimitsExhaustedRequested {
        /// The id to answer with.
        pub request_id: String,
        /// AI credits used.
        pub used_ai_credits: f64,
        /// AI credits allowed.
        pub max_ai_credits: f64,
    }

    /// `session_limits_exhausted.completed`: the user has decided about the credits.
    pub struct SessionLimitsExhaustedCompleted {
        /// The id of the request.
        pub request_id: String,
        /// The decision as sent: `{action: add|set|unset|cancel, …}`.
        pub response: Option<Value>,
    }

    /// `capabilities.changed`: a partial update of what the host's interface can do. Merge it into what is known
    /// ([`merge_capabilities`](crate::protocol::capabilities::merge_capabilities)); what it does not name stays.
    pub struct CapabilitiesChanged {
        /// The interface.
        pub ui: Option<UiCapabilitiesChange>,
        /// Whether extensions run.
        pub extensions: Option<bool>,
    }

    /// A partial update of what the interface can do: `None` stays as it is.
    pub struct UiCapabilitiesChange {
        /// Forms.
        pub elicitation: Option<bool>,
        /// MCP apps.
        pub mcp_apps: Option<bool>,
        /// Canvases.
        pub canvases: Option<bool>,
    }
}
