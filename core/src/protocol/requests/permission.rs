//! The runtime asks whether it may.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// Asks for a permission (event `permission.requested`). One tool call may ask more than once: for a path outside
    /// the workspace, then for reading it.
    #[derive(serde::Serialize)]
    pub struct PermissionRequest {
        /// The id that the answer carries.
        pub request_id: String,
        /// What for, as sent: `{kind, toolCallId?, …}`, with fields that depend on [`PermissionRequest::kind`].
        pub permission_request: Map<String, Value>,
        /// The same, cut for a prompt to a user: `{kind: commands|write|read|mcp|custom-tool|url|path|…, …}`. Its kind
        /// decides which answers the runtime takes; see [`crate::protocol::requests::PermissionDecision`].
        #[serde(skip_serializing_if = "Option::is_none")]
        pub prompt_request: Option<Map<String, Value>>,
        /// Whether a hook has decided already; then it is for display only and no handler is asked.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub resolved_by_hook: Option<bool>,
        /// What this version does not know.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }
}

/// What a permission is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PermissionKind {
    /// A shell command: `fullCommandText`, `intention`, `commands`, …
    Shell,
    /// A file is written: `fileName`, `diff`, `intention`, …
    Write,
    /// A file or directory is read: `path`, `intention`.
    Read,
    /// A tool of an MCP server: `serverName`, `toolName`, `toolTitle`, `args`, `readOnly`.
    Mcp,
    /// A URL is fetched: `url`, `intention`.
    Url,
    /// A tool of this client: `toolName`, `toolDescription`, `args`.
    CustomTool,
    /// Long-term memory is written: `fact`, `subject`, … (schema; not provoked).
    Memory,
    /// A `preToolUse` hook answered `ask`: `toolName`, `toolArgs`, `hookMessage`.
    Hook,
    /// A kind this version does not know.
    Other(String),
}

impl PermissionKind {
    /// The name on the wire, e.g. `custom-tool`.
    pub fn as_str(&self) -> &str {
        match self {
            PermissionKind::Shell => "shell",
            PermissionKind::Write => "write",
            PermissionKind::Read => "read",
            PermissionKind::Mcp => "mcp",
            PermissionKind::Url => "url",
            PermissionKind::CustomTool => "custom-tool",
            PermissionKind::Memory => "memory",
            PermissionKind::Hook => "hook",
            PermissionKind::Other(name) => name,
        }
    }
}

impl From<&str> for PermissionKind {
    fn from(name: &str) -> Self {
        use PermissionKind::{CustomTool, Hook, Mcp, Memory, Read, Shell, Url, Write};
        let known = [Shell, Write, Read, Mcp, Url, CustomTool, Memory, Hook];
        known
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .unwrap_or_else(|| PermissionKind::Other(name.into()))
    }
}

impl PermissionRequest {
    /// What it is for.
    pub fn kind(&self) -> PermissionKind {
        self.text("kind").unwrap_or_default().into()
    }

    /// The tool call that wants it, if one does.
    pub fn tool_call_id(&self) -> Option<&str> {
        self.text("toolCallId")
    }

    /// The kind of prompt, which decides the answers: that of `promptRequest`, or what follows from
    /// [`PermissionRequest::kind`] where the runtime sent none.
    pub fn prompt_kind(&self) -> Cow<'_, str> {
        match (self.prompt("kind").and_then(Value::as_str), self.kind()) {
            (Some(kind), _) => Cow::Borrowed(kind),
            (None, PermissionKind::Shell) => Cow::Borrowed("commands"),
            (None, kind) => Cow::Owned(kind.as_str().to_owned()),
        }
    }

    /// A field of the request that is text, e.g. `fullCommandText`, `path`, `url`.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.permission_request.get(field)?.as_str()
    }

    /// A field of the prompt.
    pub fn prompt(&self, field: &str) -> Option<&Value> {
        self.prompt_request.as_ref()?.get(field)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::requests::vectors;

    fn recorded(case: &str, version: &str) -> PermissionRequest {
        serde_json::from_value(vectors::permission().get(case, version)).unwrap()
    }

    #[test]
    fn what_the_runtimes_asked_survives_whole() {
        vectors::permission().survive::<PermissionRequest>();
    }

    #[test]
    fn kind_and_prompt_kind_are_those_of_the_recordings() {
        for version in ["1.0.57", "1.0.102"] {
            for (case, kind) in [
                ("commands", PermissionKind::Shell),
                ("write", PermissionKind::Write),
                ("path", PermissionKind::Read),
                ("read", PermissionKind::Read),
                ("url", PermissionKind::Url),
                ("mcp", PermissionKind::Mcp),
                ("custom-tool", PermissionKind::CustomTool),
            ] {
                let request = recorded(case, version);
                assert_eq!((request.kind(), &*request.prompt_kind()), (kind, case), "{version}");
                assert!(request.tool_call_id().is_some_and(|id| id.starts_with("call_")));
            }
        }
        assert_eq!(recorded("commands", "1.0.102").text("fullCommandText"), Some("touch y"));
        assert_eq!(recorded("commands", "1.0.102").extra["ownerSessionId"], "s");
    }

    #[test]
    fn a_kind_nobody_knows_yet_keeps_its_name() {
        let request: PermissionRequest =
            serde_json::from_value(json!({"requestId": "r", "permissionRequest": {"kind": "teleport"}}))
                .unwrap();
        assert_eq!(request.kind(), PermissionKind::Other("teleport".into()));
        assert_eq!(request.prompt_kind(), "teleport");
        assert_eq!(request.tool_call_id(), None);
    }
}
