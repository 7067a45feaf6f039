//! What a session is busy with, pure: what a timeout tells its user.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::protocol::event::SessionEvent;

#[derive(Debug, Default, Clone)]
pub(crate) struct Facts {
    /// Whether a turn of the main agent runs.
    pub(crate) busy: bool,
    /// Type and sequence number of the last event that was no streamed delta.
    last_event: Option<(String, u64)>,
    /// Tools that run, by call id.
    tools: BTreeMap<String, String>,
    /// Kinds of the permissions that are not decided, by request id.
    permissions: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Data {
    tool_call_id: String,
    tool_name: String,
    request_id: String,
    permission_request: Kind,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Kind {
    kind: String,
}

impl Facts {
    pub(crate) fn note(&mut self, event: &SessionEvent, seq: u64) {
        let kind = event.event_type();
        self.last_event = Some((kind.to_owned(), seq));
        let data = || event.data_as::<Data>().unwrap_or_default();
        match kind {
            "tool.execution_start" => {
                let data = data();
                self.tools.insert(data.tool_call_id, data.tool_name);
            }
            "tool.execution_complete" => {
                self.tools.remove(&data().tool_call_id);
            }
            "permission.requested" => {
                let data = data();
                self.permissions.insert(data.request_id, data.permission_request.kind);
            }
            "permission.completed" => {
                self.permissions.remove(&data().request_id);
            }
            "session.idle" if event.agent_id().is_none() => {
                self.tools.clear();
                self.permissions.clear();
            }
            _ => {}
        }
    }

    /// A sentence for the message of a timeout.
    pub(crate) fn describe(&self) -> String {
        let last = match &self.last_event {
            Some((kind, seq)) => format!("the last event was `{kind}` (seq {seq})"),
            None => "no event has come".to_owned(),
        };
        let list = |names: &BTreeMap<String, String>| {
            let names: Vec<_> = names.values().map(|name| format!("`{name}`")).collect();
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        };
        format!(
            "{last}; tools running: {}; permissions pending: {}",
            list(&self.tools),
            list(&self.permissions)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, data: serde_json::Value) -> SessionEvent {
        SessionEvent::from_json(&serde_json::json!({"type": kind, "data": data}).to_string()).unwrap()
    }

    #[test]
    fn i18_a_timeout_can_name_the_last_event_and_what_is_pending() {
        let mut facts = Facts::default();
        assert!(facts.describe().contains("no event has come"));
        let ask = serde_json::json!({"requestId": "r", "permissionRequest": {"kind": "shell"}});
        facts.note(
            &event("tool.execution_start", serde_json::json!({"toolCallId": "c", "toolName": "bash"})),
            4,
        );
        facts.note(&event("permission.requested", ask), 5);
        let text = facts.describe();
        assert!(
            text.contains("`permission.requested` (seq 5)")
                && text.contains("`bash`")
                && text.contains("`shell`")
        );
        facts.note(&event("permission.completed", serde_json::json!({"requestId": "r"})), 6);
        facts.note(&event("tool.execution_complete", serde_json::json!({"toolCallId": "c"})), 7);
        assert!(facts.describe().ends_with("tools running: none; permissions pending: none"));
    }
}
