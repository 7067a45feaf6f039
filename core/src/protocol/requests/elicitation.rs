//! A form for the user: asked for by an MCP server or by `session.ui.elicitation`.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Checked;
use crate::error::Result;
use crate::protocol::tolerant::tolerant;

tolerant! {
    /// Asks the user for structured input (event `elicitation.requested`).
    #[derive(serde::Serialize)]
    pub struct ElicitationRequest {
        /// The id that the answer carries.
        pub request_id: String,
        /// What to tell the user.
        pub message: String,
        /// `form`, or `url` for a page to open; absent is `form`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub mode: Option<String>,
        /// JSON schema of the form: an object schema with flat properties.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub requested_schema: Option<Value>,
        /// The page to open.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub url: Option<String>,
        /// The MCP server that asks; absent where the session's own client does.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub elicitation_source: Option<String>,
        /// The tool call behind it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub tool_call_id: Option<String>,
        /// What this version does not know.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }
}

/// The user's answer to a form. The runtime passes it on unchecked, so what it holds is the asker's matter.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ElicitationResult(Map<String, Value>);

impl ElicitationResult {
    /// The user filled it in: values by field name (string, number, boolean or list of strings).
    pub fn accept(content: Map<String, Value>) -> Self {
        let mut result = Self::of("accept");
        result.0.insert("content".into(), Value::Object(content));
        result
    }

    /// The user refused.
    pub fn decline() -> Self {
        Self::of("decline")
    }

    /// The user closed it, or there was none.
    pub fn cancel() -> Self {
        Self::of("cancel")
    }

    /// Reads `{action: accept|decline|cancel, content?}`; other fields are kept.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` that names the field.
    pub fn from_value(value: Value) -> Result<Self> {
        let checked = Checked::object("elicitation result", value)?;
        let action = checked.choice("action", &["accept", "decline", "cancel"])?;
        action.ok_or_else(|| checked.missing("action"))?;
        checked.map("content")?;
        Ok(ElicitationResult(checked.into_fields()))
    }

    /// `accept`, `decline` or `cancel`.
    pub fn action(&self) -> &str {
        self.0.get("action").and_then(Value::as_str).unwrap_or_default()
    }

    /// The values by field name, where it was accepted with some.
    pub fn content(&self) -> Option<&Map<String, Value>> {
        self.0.get("content")?.as_object()
    }

    fn of(action: &str) -> Self {
        ElicitationResult([("action".to_owned(), Value::from(action))].into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::requests::vectors;

    #[test]
    fn what_the_runtimes_asked_survives_whole() {
        vectors::elicitation().survive::<ElicitationRequest>();
        let source = |case| {
            let value = vectors::elicitation().get(case, "1.0.102");
            serde_json::from_value::<ElicitationRequest>(value).unwrap().elicitation_source
        };
        assert_eq!((source("mcp").as_deref(), source("ui")), (Some("stub"), None));
    }

    #[test]
    fn results_are_exactly_the_wire() {
        let wire = |result: ElicitationResult| serde_json::to_value(result).unwrap();
        assert_eq!(wire(ElicitationResult::cancel()), json!({"action": "cancel"}));
        assert_eq!(wire(ElicitationResult::decline()), json!({"action": "decline"}));
        let content = Map::from_iter([("name".to_owned(), json!("Bob"))]);
        assert_eq!(
            wire(ElicitationResult::accept(content)),
            json!({"action": "accept", "content": {"name": "Bob"}})
        );
    }

    #[test]
    fn an_unknown_action_or_a_content_that_is_no_object_is_refused() {
        for value in [json!({}), json!({"action": "yes"}), json!({"action": "accept", "content": "Bob"})] {
            assert_eq!(ElicitationResult::from_value(value).unwrap_err().name(), "INVALID_ARGUMENT");
        }
        let kept =
            ElicitationResult::from_value(json!({"action": "accept", "content": null, "_meta": {}})).unwrap();
        assert_eq!((kept.action(), kept.content()), ("accept", None));
    }
}
