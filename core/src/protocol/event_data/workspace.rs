//! What a session keeps beside its conversation: plan, to-dos, files, schedules, objectives.

use serde_json::Value;

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `session.plan_changed`: the plan is another.
    pub struct SessionPlanChanged {
        /// `create`, `update` or `delete`.
        pub operation: String,
    }

    /// `session.todos_changed`: the to-dos are others; ask the runtime for them.
    pub struct SessionTodosChanged {}

    /// `session.memory_changed`: what is remembered is another.
    pub struct SessionMemoryChanged {}

    /// `session.background_tasks_changed`: the tasks beside the turn are others; ask the runtime for them.
    pub struct SessionBackgroundTasksChanged {}

    /// `session.workspace_file_changed`: a file of the session's own directory is new or another.
    pub struct SessionWorkspaceFileChanged {
        /// Relative to that directory.
        pub path: String,
        /// `create` or `update`.
        pub operation: String,
    }

    /// `session.binary_asset`: bytes that other events name by their id.
    pub struct SessionBinaryAsset {
        /// Made from the content, e.g. `sha256:…`.
        pub asset_id: String,
        /// `image` or `resource`.
        #[serde(rename = "type")]
        pub kind: String,
        /// MIME type.
        pub mime_type: String,
        /// Size once decoded.
        pub byte_length: u64,
        /// The bytes in base64.
        pub data: String,
        /// What it is.
        pub description: Option<String>,
    }

    /// `session.extensions.attachments_pushed`: an extension hands over attachments for the next prompt.
    pub struct SessionAttachmentsPushed {
        /// Each as it came (`{type, …}`).
        pub attachments: Vec<Value>,
    }

    /// `session.schedule_created`: a prompt is set to be sent later or again and again.
    pub struct SessionScheduleCreated {
        /// The schedule's number in the session.
        pub id: u64,
        /// The prompt.
        pub prompt: String,
        /// The prompt as shown to people.
        pub display_prompt: Option<String>,
        /// Milliseconds between two.
        pub interval_ms: Option<u64>,
        /// Five fields of cron.
        pub cron: Option<String>,
        /// The time zone of `cron`, IANA.
        pub tz: Option<String>,
        /// When, in milliseconds since 1970 UTC, for one that fires once.
        pub at: Option<u64>,
        /// Whether it fires again and again.
        pub recurring: Option<bool>,
        /// Whether the model sets each next time.
        pub self_paced: Option<bool>,
        /// `user` or `model`.
        pub origin: Option<String>,
    }

    /// `session.schedule_cancelled`: a schedule is gone.
    pub struct SessionScheduleCancelled {
        /// The schedule.
        pub id: u64,
    }

    /// `session.schedule_rearmed`: the model has set the next time.
    pub struct SessionScheduleRearmed {
        /// The schedule.
        pub id: u64,
        /// When, in milliseconds since 1970 UTC.
        pub next_run_at: u64,
    }

    /// `session.autopilot_objective_changed`: what autopilot works towards is another.
    pub struct SessionAutopilotObjectiveChanged {
        /// `create`, `update` or `delete`.
        pub operation: String,
        /// The objective, if there is one.
        pub id: Option<u64>,
        /// `active`, `paused`, `cap_reached`, `completed`.
        pub status: Option<String>,
    }
}
