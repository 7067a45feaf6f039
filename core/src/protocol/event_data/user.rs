//! What the user says, and when it is dropped.

use serde_json::Value;

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `user.message`: a prompt has entered the conversation.
    pub struct UserMessage {
        /// The prompt as shown to people.
        pub content: String,
        /// The id that `send` returned. `None` on 1.0.57 and in cloud sessions.
        pub message_id: Option<String>,
        /// The prompt as the model sees it, wrapped and extended by the runtime.
        pub transformed_content: Option<String>,
        /// Files, selections and references sent along, each as it came (`{type, …}`).
        pub attachments: Vec<Value>,
        /// Where it comes from, if not from the user: `skill-pdf`, `autopilot`, …
        pub source: Option<String>,
        /// How it reached the agent's loop: `idle` (it started one), `steering` or `queued`.
        pub delivery: Option<String>,
        /// The mode it was sent in: `interactive`, `plan`, `autopilot`, `shell`.
        pub agent_mode: Option<String>,
        /// Whether autopilot wrote it to go on by itself.
        pub is_autopilot_continuation: Option<bool>,
        /// Ties the prompt to the service's telemetry.
        pub interaction_id: Option<String>,
        /// The round that took it up, as in `AssistantTurnStart::turn_id`.
        pub turn_id: Option<String>,
        /// The background task that it belongs to.
        pub parent_agent_task_id: Option<String>,
    }

    /// `pending_messages.modified`: the queue of prompts has changed; ask the runtime for it.
    pub struct PendingMessagesModified {}

    /// `abort`: the turn is stopped.
    pub struct Abort {
        /// `user_initiated`, `remote_command`, `user_abort`, `autopilot_credit_limit`, …
        pub reason: String,
    }
}
