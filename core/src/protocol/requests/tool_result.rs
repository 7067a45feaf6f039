//! What a tool call is answered.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Checked;
use crate::error::Result;

/// How a tool call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ToolResultType {
    /// It worked.
    Success,
    /// It failed; the model reads the text and goes on.
    Failure,
    /// The user refused it; **the turn ends** without another call of the model.
    Rejected,
    /// It was not allowed; the model reads the text and goes on.
    Denied,
    /// It took too long; the model reads the text and goes on.
    Timeout,
}

/// The answer to a tool call (wire: `result` of `session.tools.handlePendingToolCall`).
///
/// A handler's failure belongs in here too: the runtime hides the text of its other form, `error`, from the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolResult {
    /// What the model reads; may be empty.
    pub text_result_for_llm: String,
    /// How it ended.
    pub result_type: ToolResultType,
    /// What users and logs read of a failure; the model does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What the timeline shows in place of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_log: Option<String>,
    /// Images and other bytes for the model: `{type: image|resource, data: base64, mimeType, description?}`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub binary_results_for_llm: Vec<Value>,
    /// Content blocks: `{type: text|terminal|image|audio|resource|…, …}`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<Value>,
    /// Telemetry: `{properties?, metrics?}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_telemetry: Option<Map<String, Value>>,
    /// Sent as is, e.g. `toolReferences` of a tool search.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

const WHAT: &str = "tool result";
const TYPES: [(&str, ToolResultType); 5] = [
    ("success", ToolResultType::Success),
    ("failure", ToolResultType::Failure),
    ("rejected", ToolResultType::Rejected),
    ("denied", ToolResultType::Denied),
    ("timeout", ToolResultType::Timeout),
];
const FIELDS: [&str; 7] = [
    "textResultForLlm",
    "resultType",
    "error",
    "sessionLog",
    "binaryResultsForLlm",
    "contents",
    "toolTelemetry",
];

impl ToolResult {
    /// It worked.
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(ToolResultType::Success, text.into())
    }

    /// It worked, and the model reads this as JSON.
    pub fn json(value: &Value) -> Self {
        Self::text(value.to_string())
    }

    /// It failed; the model reads why.
    pub fn failure(text: impl Into<String>) -> Self {
        let text = text.into();
        ToolResult { error: Some(text.clone()), ..Self::of(ToolResultType::Failure, text) }
    }

    /// It was not allowed; the model reads why.
    pub fn denied(text: impl Into<String>) -> Self {
        Self::of(ToolResultType::Denied, text.into())
    }

    /// The user refused it; the turn ends.
    pub fn rejected(text: impl Into<String>) -> Self {
        Self::of(ToolResultType::Rejected, text.into())
    }

    /// It took too long; the model reads this.
    pub fn timeout(text: impl Into<String>) -> Self {
        Self::of(ToolResultType::Timeout, text.into())
    }

    /// Adds an image for the model.
    #[must_use]
    pub fn image(self, mime_type: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.binary("image", mime_type, bytes.as_ref())
    }

    /// Adds other bytes for the model.
    #[must_use]
    pub fn resource(self, mime_type: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.binary("resource", mime_type, bytes.as_ref())
    }

    /// Sets what the timeline shows in place of the text.
    #[must_use]
    pub fn session_log(mut self, log: impl Into<String>) -> Self {
        self.session_log = Some(log.into());
        self
    }

    /// Reads what a tool of another language returned: text; `null`, which is an empty text; a result object
    /// `{textResultForLlm, resultType?, …}`; or any other JSON, which the model reads as JSON.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` that names the field: the runtime would silently take a misspelled `resultType` for success
    /// and a missing text for an empty one.
    pub fn from_value(value: Value) -> Result<Self> {
        let is_result =
            |fields: &Map<String, Value>| FIELDS[..2].iter().any(|name| fields.contains_key(*name));
        let value = match value {
            Value::Null => return Ok(Self::text("")),
            Value::String(text) => return Ok(Self::text(text)),
            Value::Object(fields) if is_result(&fields) => Value::Object(fields),
            other => return Ok(Self::json(&other)),
        };
        let checked = Checked::object(WHAT, value)?;
        let text = checked.string("textResultForLlm")?.ok_or_else(|| checked.missing("textResultForLlm"))?;
        let error = checked.string("error")?.map(str::to_owned);
        let assumed = if error.is_some() { "failure" } else { "success" };
        let name = checked.choice("resultType", &TYPES.map(|(name, _)| name))?.unwrap_or(assumed);
        let result_type =
            TYPES.iter().find(|(known, _)| *known == name).map_or(ToolResultType::Failure, |t| t.1);
        let binary = checked.list("binaryResultsForLlm")?.cloned().unwrap_or_default();
        for item in &binary {
            let item = Checked::object("an element of binaryResultsForLlm", item.clone())?;
            item.choice("type", &["image", "resource"])?.ok_or_else(|| item.missing("type"))?;
            item.text("data")?;
            item.text("mimeType")?;
        }
        let mut result = ToolResult {
            text_result_for_llm: text.to_owned(),
            result_type,
            error,
            session_log: checked.string("sessionLog")?.map(str::to_owned),
            binary_results_for_llm: binary,
            contents: checked.list("contents")?.cloned().unwrap_or_default(),
            tool_telemetry: checked.map("toolTelemetry")?.cloned(),
            extra: checked.into_fields(),
        };
        result.extra.retain(|name, _| !FIELDS.contains(&name.as_str()));
        Ok(result)
    }

    fn of(result_type: ToolResultType, text_result_for_llm: String) -> Self {
        ToolResult {
            text_result_for_llm,
            result_type,
            error: None,
            session_log: None,
            binary_results_for_llm: Vec::new(),
            contents: Vec::new(),
            tool_telemetry: None,
            extra: Map::new(),
        }
    }

    fn binary(mut self, kind: &str, mime_type: &str, bytes: &[u8]) -> Self {
        let data = STANDARD.encode(bytes);
        self.binary_results_for_llm.push(json!({ "type": kind, "data": data, "mimeType": mime_type }));
        self
    }
}

impl From<String> for ToolResult {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&str> for ToolResult {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(result: &ToolResult) -> Value {
        serde_json::to_value(result).unwrap()
    }

    #[test]
    fn results_are_exactly_the_wire() {
        assert_eq!(
            wire(&ToolResult::text("22 C")),
            json!({"textResultForLlm": "22 C", "resultType": "success"})
        );
        assert_eq!(
            wire(&ToolResult::failure("no city")),
            json!({"textResultForLlm": "no city", "resultType": "failure", "error": "no city"})
        );
        assert_eq!(
            wire(&ToolResult::text("see").image("image/png", b"hi").session_log("log")),
            json!({"textResultForLlm": "see", "resultType": "success", "sessionLog": "log",
                "binaryResultsForLlm": [{"type": "image", "data": "aGk=", "mimeType": "image/png"}]})
        );
    }

    #[test]
    fn a_result_object_of_a_binding_keeps_every_field() {
        let value = json!({"textResultForLlm": "x", "resultType": "denied", "error": "e", "sessionLog": "l",
            "binaryResultsForLlm": [{"type": "resource", "data": "aGk=", "mimeType": "a/b", "description": "d"}],
            "contents": [{"type": "text", "text": "t"}], "toolTelemetry": {"metrics": {"m": 1}},
            "toolReferences": ["a"]});
        assert_eq!(wire(&ToolResult::from_value(value.clone()).unwrap()), value);
    }

    #[test]
    fn text_null_and_plain_json_are_results_too() {
        for (value, text) in [
            (json!("hello"), "hello"),
            (json!(""), ""),
            (json!(null), ""),
            (json!({"temperature": 22}), r#"{"temperature":22}"#),
            (json!([1, 2]), "[1,2]"),
            (json!(5), "5"),
        ] {
            let result = ToolResult::from_value(value).unwrap();
            assert_eq!(
                (result.text_result_for_llm.as_str(), result.result_type),
                (text, ToolResultType::Success)
            );
        }
    }

    #[test]
    fn an_error_without_a_type_is_a_failure() {
        let result = ToolResult::from_value(json!({"textResultForLlm": "x", "error": "e"})).unwrap();
        assert_eq!(result.result_type, ToolResultType::Failure);
    }

    #[test]
    fn a_result_that_the_runtime_would_misread_is_refused_by_field() {
        for (value, field) in [
            (json!({"resultType": "success"}), "textResultForLlm"),
            (json!({"textResultForLlm": 5}), "textResultForLlm"),
            (json!({"textResultForLlm": "x", "resultType": "sucess"}), "resultType"),
            (json!({"textResultForLlm": "x", "binaryResultsForLlm": [{"bad": 1}]}), "type"),
            (json!({"textResultForLlm": "x", "toolTelemetry": 1}), "toolTelemetry"),
        ] {
            let error = ToolResult::from_value(value.clone()).unwrap_err();
            assert!(error.message().contains(&format!("`{field}`")), "{value}: {error}");
        }
    }
}
