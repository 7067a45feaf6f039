//! Permissions: asked for, and decided.

use serde_json::Value;

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `permission.requested`: the runtime wants to know whether it may. Answered by
    /// `session.permissions.handlePendingPermissionRequest` unless a hook has done so.
    pub struct PermissionRequested {
        /// The id to answer with.
        pub request_id: String,
        /// What for, as sent: `{kind: shell|write|read|mcp|custom-tool|url|…, …}`.
        pub permission_request: Value,
        /// The same, cut for a prompt to the user.
        pub prompt_request: Option<Value>,
        /// Whether a hook has decided already and no answer is wanted.
        pub resolved_by_hook: Option<bool>,
        /// The mode of the agent: `interactive`, `plan`, `autopilot` (1.0.102).
        pub agent_mode: Option<String>,
        /// The mode of permissions: `manual`, `assisted`, `allow-all` (1.0.102).
        pub permission_mode: Option<String>,
    }

    /// `permission.completed`: it is decided, here, by a rule or by another client.
    pub struct PermissionCompleted {
        /// The id of the request.
        pub request_id: String,
        /// The tool call it was for.
        pub tool_call_id: Option<String>,
        /// The decision.
        pub result: PermissionResult,
        /// Who decided: `human_response`, `host_policy`, `assisted_approval`, …
        pub decision_source: Option<String>,
    }

    /// A decision as the runtime tells it, in words other than those of the answer.
    pub struct PermissionResult {
        /// `approved`, `approved-for-session`, `approved-for-location`, `cancelled`, `denied-by-rules`,
        /// `denied-interactively-by-user`, …
        pub kind: String,
        /// What is approved from now on, as sent.
        pub approval: Option<Value>,
        /// The place an approval is stored for: git root or working directory.
        pub location_key: Option<String>,
        /// What the user said about a refusal.
        pub feedback: Option<String>,
        /// What a hook or policy said about a refusal.
        pub message: Option<String>,
        /// Why it was cancelled.
        pub reason: Option<String>,
    }
}

impl PermissionRequested {
    /// The `kind` of the request, e.g. `shell`; empty where there is none.
    pub fn kind(&self) -> &str {
        self.permission_request["kind"].as_str().unwrap_or_default()
    }

    /// The tool call that wants it, if one does.
    pub fn tool_call_id(&self) -> Option<&str> {
        self.permission_request["toolCallId"].as_str()
    }
}

impl PermissionResult {
    /// Whether it may, for once or for longer.
    pub fn is_approved(&self) -> bool {
        self.kind == "approved" || self.kind.starts_with("approved-")
    }
}
