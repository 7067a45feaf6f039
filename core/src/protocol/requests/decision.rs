//! What a permission request may be answered.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Checked;
use super::permission::PermissionRequest;
use crate::error::Result;

/// A decision about a permission (wire: `result` of `session.permissions.handlePendingPermissionRequest`).
///
/// Which ones the runtime takes depends on the prompt. It confirms one that does not fit, and then fails the tool call
/// (seen on 1.0.57 and 1.0.102).
///
/// | prompt | for the session | for longer |
/// |---|---|---|
/// | `commands`, `write`, `read`, `mcp`, `custom-tool` | with an [`Approval`] | for a location, with an [`Approval`] |
/// | `path` | without one, or read-only | – |
/// | `url` | with a domain | permanently, with a domain |
///
/// Once, `reject` and `user-not-available` fit all of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct PermissionDecision(Map<String, Value>);

/// What is approved from now on, for a session or a location: an object with a `kind`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Approval(Map<String, Value>);

const WHAT: &str = "permission decision";
const KINDS: [&str; 7] = [
    "approve-once",
    "approve-for-session",
    "approve-read-only-for-session",
    "approve-for-location",
    "approve-permanently",
    "reject",
    "user-not-available",
];

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

impl PermissionDecision {
    /// Yes, this time.
    pub fn approve_once() -> Self {
        Self::of(json!({ "kind": "approve-once" }))
    }

    /// Yes, and do not ask again in this session for the same thing as `request`: the same command line, any write, the
    /// same tool, the same origin of a URL. What the runtime cannot remember (a kind that is unknown here) is approved once.
    pub fn approve_for_session(request: &PermissionRequest) -> Self {
        match &*request.prompt_kind() {
            "path" => Self::of(json!({ "kind": "approve-for-session" })),
            "url" => match request.text("url").and_then(origin) {
                Some(domain) => Self::of(json!({ "kind": "approve-for-session", "domain": domain })),
                None => Self::approve_once(),
            },
            _ => match Approval::of_request(request) {
                Some(approval) => Self::approve_for_session_with(approval),
                None => Self::approve_once(),
            },
        }
    }

    /// Yes, and do not ask again in this session for what `approval` covers.
    pub fn approve_for_session_with(approval: Approval) -> Self {
        Self::of(json!({ "kind": "approve-for-session", "approval": approval }))
    }

    /// Yes, and reading below that path is free in this session (prompt `path` only).
    pub fn approve_read_only_for_session() -> Self {
        Self::of(json!({ "kind": "approve-read-only-for-session" }))
    }

    /// Yes, and stored for the project at `location_key`: its git root or working directory.
    pub fn approve_for_location(approval: Approval, location_key: impl Into<String>) -> Self {
        Self::of(json!({
            "kind": "approve-for-location", "approval": approval, "locationKey": location_key.into(),
        }))
    }

    /// Yes, and stored for all sessions (prompt `url` only): this origin, e.g. `https://example.org`.
    pub fn approve_permanently(domain: impl Into<String>) -> Self {
        Self::of(json!({ "kind": "approve-permanently", "domain": domain.into() }))
    }

    /// No.
    pub fn reject() -> Self {
        Self::of(json!({ "kind": "reject" }))
    }

    /// No, and the model is told why.
    pub fn reject_with(feedback: impl Into<String>) -> Self {
        Self::of(json!({ "kind": "reject", "feedback": feedback.into() }))
    }

    /// Nobody is there who could say yes; counts as a no.
    pub fn user_not_available() -> Self {
        Self::of(json!({ "kind": "user-not-available" }))
    }

    /// Reads `{kind, feedback?, approval?, domain?, locationKey?}`; other fields are kept.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` that names the field.
    pub fn from_value(value: Value) -> Result<Self> {
        let checked = Checked::object(WHAT, value)?;
        let kind = checked.choice("kind", &KINDS)?.ok_or_else(|| checked.missing("kind"))?;
        checked.string("feedback")?;
        checked.boolean("approvedInteractively")?;
        if checked.string("domain")?.is_some() || kind == "approve-permanently" {
            checked.text("domain")?;
        }
        if let Some(approval) = checked.map("approval")? {
            Approval::from_value(Value::Object(approval.clone()))?;
        }
        if kind == "approve-for-location" {
            checked.text("locationKey")?;
            checked.map("approval")?.ok_or_else(|| checked.missing("approval"))?;
        }
        Ok(PermissionDecision(checked.into_fields()))
    }

    /// The kind on the wire, e.g. `approve-once`.
    pub fn kind(&self) -> &str {
        self.0.get("kind").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether it says yes.
    pub fn is_approval(&self) -> bool {
        self.kind().starts_with("approve-")
    }

    fn of(value: Value) -> Self {
        PermissionDecision(object(value))
    }
}

impl Approval {
    /// These command lines, spelled as in the prompt's `commandIdentifiers`.
    pub fn commands(identifiers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let identifiers: Vec<String> = identifiers.into_iter().map(Into::into).collect();
        Self::of(json!({ "kind": "commands", "commandIdentifiers": identifiers }))
    }

    /// Any write of files.
    pub fn write() -> Self {
        Self::of(json!({ "kind": "write" }))
    }

    /// Any read of files.
    pub fn read() -> Self {
        Self::of(json!({ "kind": "read" }))
    }

    /// A tool of an MCP server by the server's own name for it; `None` is every tool of the server.
    pub fn mcp(server_name: impl Into<String>, tool_name: Option<&str>) -> Self {
        Self::of(json!({ "kind": "mcp", "serverName": server_name.into(), "toolName": tool_name }))
    }

    /// A tool of this client.
    pub fn custom_tool(tool_name: impl Into<String>) -> Self {
        Self::of(json!({ "kind": "custom-tool", "toolName": tool_name.into() }))
    }

    /// Writes to long-term memory (schema; not provoked).
    pub fn memory() -> Self {
        Self::of(json!({ "kind": "memory" }))
    }

    /// Reads `{kind, …}`, also of a kind that has no constructor here.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` that names the field.
    pub fn from_value(value: Value) -> Result<Self> {
        let checked = Checked::object("approval", value)?;
        match checked.text("kind")? {
            "commands" => {
                let list = checked.list("commandIdentifiers")?;
                let list = list.ok_or_else(|| checked.missing("commandIdentifiers"))?;
                if !list.iter().all(Value::is_string) {
                    return Err(checked.refuse("commandIdentifiers", "must hold strings only"));
                }
            }
            "custom-tool" => _ = checked.text("toolName")?,
            "mcp" => {
                checked.text("serverName")?;
                // The runtime wants the field; null says "every tool".
                let tool = checked.string("toolName")?.map(str::to_owned);
                let mut fields = checked.into_fields();
                fields.insert("toolName".into(), json!(tool));
                return Ok(Approval(fields));
            }
            _ => {}
        }
        Ok(Approval(checked.into_fields()))
    }

    /// What fits the prompt of `request`; `None` where nothing does.
    fn of_request(request: &PermissionRequest) -> Option<Self> {
        let text = |field| request.prompt(field).and_then(Value::as_str).or_else(|| request.text(field));
        Some(match &*request.prompt_kind() {
            "commands" => {
                let identifiers = request.prompt("commandIdentifiers")?.as_array()?;
                Self::commands(identifiers.iter().filter_map(Value::as_str))
            }
            "write" => Self::write(),
            "read" => Self::read(),
            "mcp" => Self::mcp(text("serverName")?, Some(text("toolName")?)),
            "custom-tool" => Self::custom_tool(text("toolName")?),
            "memory" => Self::memory(),
            _ => return None,
        })
    }

    fn of(value: Value) -> Self {
        Approval(object(value))
    }
}

/// The origin of a URL, without user; a backslash ends it as a slash does, as in every browser. The runtime takes a bare
/// host for `https://` without a port, and then would ask again about every other URL (seen on 1.0.57 and 1.0.102).
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '\\', '?', '#']).next()?;
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    (!host_and_port.is_empty()).then(|| format!("{scheme}://{host_and_port}"))
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
