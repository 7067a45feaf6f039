//! The life of a session: start, resume, idle, notices, errors, end.

use serde_json::Value;

use super::context::SessionContextChanged;
use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `session.start`: the first event of a session, stored.
    pub struct SessionStart {
        /// The session as its maker calls it. In a cloud session that is the worker's id, not ours.
        pub session_id: String,
        /// Version of the event format.
        pub version: u64,
        /// Who makes the events; `copilot-agent` in a cloud session says that its worker is there.
        pub producer: String,
        /// Version of the runtime that makes the events.
        pub copilot_version: String,
        /// ISO 8601.
        pub start_time: String,
        /// The model.
        pub selected_model: Option<String>,
        /// Effort of reasoning.
        pub reasoning_effort: Option<String>,
        /// Tier of the context window.
        pub context_tier: Option<String>,
        /// The credits it may use.
        pub session_limits: Option<SessionLimits>,
        /// Where it works.
        pub context: Option<SessionContextChanged>,
        /// Whether another client has it open.
        pub already_in_use: Option<bool>,
        /// Whether it can be steered from GitHub.
        pub remote_steerable: Option<bool>,
    }

    /// The credits that a session may use.
    pub struct SessionLimits {
        /// In AI credits; `None` for no limit.
        pub max_ai_credits: Option<f64>,
    }

    /// `session.resume`: a stored session goes on.
    pub struct SessionResume {
        /// ISO 8601.
        pub resume_time: String,
        /// Events it had stored.
        pub event_count: u64,
        /// Size of its event log.
        pub events_file_size_bytes: Option<u64>,
        /// The model.
        pub selected_model: Option<String>,
        /// Effort of reasoning.
        pub reasoning_effort: Option<String>,
        /// Tier of the context window.
        pub context_tier: Option<String>,
        /// The credits it may use.
        pub session_limits: Option<SessionLimits>,
        /// Where it works.
        pub context: Option<SessionContextChanged>,
        /// Whether another client has it open.
        pub already_in_use: Option<bool>,
        /// Whether it was at work already in this runtime.
        pub session_was_active: Option<bool>,
        /// Whether it can be steered from GitHub.
        pub remote_steerable: Option<bool>,
        /// Whether open tool calls and permissions of its last life still wait for their answers.
        pub continue_pending_work: Option<bool>,
    }

    /// `session.remote_steerable_changed`: it can, or can no more, be steered from GitHub.
    pub struct SessionRemoteSteerableChanged {
        /// Whether it can.
        pub remote_steerable: bool,
    }

    /// `session.idle`: nothing is left to do. Live only: it is not in the stored history.
    pub struct SessionIdle {
        /// Whether the work before it was aborted.
        pub aborted: Option<bool>,
        /// The mode the agent was in: `interactive`, `plan`, `autopilot`.
        pub mode: Option<String>,
    }

    /// `session.error`: something failed, and the session goes on.
    pub struct SessionError {
        /// `authentication`, `authorization`, `quota`, `rate_limit`, `context_limit`, `query`, `notification`, …
        pub error_type: String,
        /// The provider's finer code.
        pub error_code: Option<String>,
        /// For people.
        pub message: String,
        /// The stack, where there is one.
        pub stack: Option<String>,
        /// HTTP status of the failed call.
        pub status_code: Option<u64>,
        /// GitHub's id of the request, for support.
        pub provider_call_id: Option<String>,
        /// The service's id of the request, for support.
        pub service_request_id: Option<String>,
        /// A page about it.
        pub url: Option<String>,
        /// Whether an `auto_mode_switch.requested` follows; only for `rate_limit`.
        pub eligible_for_auto_switch: Option<bool>,
        /// What the user can do about it: `sign_in`, `switch_account`, …
        pub remediation: Option<String>,
    }

    /// `session.info`: a notice.
    pub struct SessionInfo {
        /// `notification`, `timing`, `mcp`, `remote`, … For `remote`, `url` is the session's page.
        pub info_type: String,
        /// For people.
        pub message: String,
        /// A page about it.
        pub url: Option<String>,
        /// Something to try.
        pub tip: Option<String>,
    }

    /// `session.warning`: a notice to heed.
    pub struct SessionWarning {
        /// `subscription`, `policy`, `mcp`, …
        pub warning_type: String,
        /// For people.
        pub message: String,
        /// A page about it.
        pub url: Option<String>,
        /// What the user can do about it.
        pub remediation: Option<String>,
    }

    /// `session.title_changed`: it has another title.
    pub struct SessionTitleChanged {
        /// The title.
        pub title: String,
    }

    /// `session.handoff`: it goes on elsewhere.
    pub struct SessionHandoff {
        /// ISO 8601.
        pub handoff_time: String,
        /// Where it comes from: `remote` or `local`.
        pub source_type: String,
        /// The repository.
        pub repository: Option<HandoffRepository>,
        /// What to know about it.
        pub context: Option<String>,
        /// What was done there.
        pub summary: Option<String>,
        /// Its id there.
        pub remote_session_id: Option<String>,
        /// The GitHub host there.
        pub host: Option<String>,
    }

    /// The repository of a session that goes on elsewhere.
    pub struct HandoffRepository {
        /// User or organisation.
        pub owner: String,
        /// Its name.
        pub name: String,
        /// The branch.
        pub branch: Option<String>,
    }

    /// `session.task_complete`: the agent says that the task is done.
    pub struct SessionTaskComplete {
        /// What was done.
        pub summary: Option<String>,
        /// Whether that was accepted.
        pub success: Option<bool>,
        /// `completed`, `continue` or `blocked`.
        pub outcome: Option<String>,
        /// Why so.
        pub reason: Option<String>,
        /// The objective of autopilot that it ends.
        pub objective_id: Option<u64>,
    }

    /// `session.completion_receipt`: the stored proof that an exchange was accepted as complete.
    pub struct SessionCompletionReceipt {
        /// Version of this format.
        pub schema_version: u64,
        /// Which receipt of the session, from 1.
        pub attempt: u64,
        /// The `assistant.turn_end` that ended the exchange.
        pub source_event_id: String,
        /// `natural`, `terminal_tool`, `agent_stop_block_limit`.
        pub stop_reason: String,
        /// Tools that worked in it.
        pub successful_tool_count: u64,
        /// Tools that did not.
        pub failed_tool_count: u64,
    }

    /// `session.custom_notification`: something a plugin or host wants told; its meaning is the source's.
    pub struct SessionCustomNotification {
        /// Who.
        pub source: String,
        /// What.
        pub name: String,
        /// Version of the payload.
        pub version: Option<u64>,
        /// What it is about, as sent.
        pub subject: Option<Value>,
        /// The payload.
        pub payload: Value,
    }
}
