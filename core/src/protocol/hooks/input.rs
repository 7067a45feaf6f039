//! What a hook is told.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::HookKind;

/// The question to a hook (parameters of `hooks.invoke`). The input is kept as it came; what is asked for often has an
/// accessor, and each kind's doc at [`HookKind`] lists its fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HookInput {
    /// The session; for a sub-agent's hook the session it belongs to.
    #[serde(default)]
    pub session_id: String,
    hook_type: HookKind,
    #[serde(default, deserialize_with = "object")]
    input: Map<String, Value>,
    /// What this version does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl HookInput {
    /// An input as if the runtime had sent it; for tests of handlers.
    pub fn new(kind: HookKind, session_id: impl Into<String>, input: Map<String, Value>) -> Self {
        HookInput { session_id: session_id.into(), hook_type: kind, input, extra: Map::new() }
    }

    /// Which hook.
    pub fn kind(&self) -> HookKind {
        self.hook_type
    }

    /// The whole input as the runtime sent it.
    pub fn raw(&self) -> &Map<String, Value> {
        &self.input
    }

    /// A field of the input.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.input.get(field)
    }

    /// A field of the input that is text.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field)?.as_str()
    }

    /// When, in milliseconds since 1970.
    pub fn timestamp_ms(&self) -> Option<u64> {
        let value = self.get("timestamp")?;
        value.as_u64().or_else(|| value.as_f64().filter(|ms| *ms >= 0.0).map(|ms| ms as u64))
    }

    /// The session's working directory.
    pub fn cwd(&self) -> Option<&str> {
        self.text("cwd")
    }

    /// The sub-agent that asks; `None` for the main one.
    pub fn agent_id(&self) -> Option<&str> {
        self.text("agentId")
    }

    /// The tool (hooks about tools).
    pub fn tool_name(&self) -> Option<&str> {
        self.text("toolName")
    }

    /// The tool's arguments (hooks about tools). 1.0.57 sends those of custom tools as a string of JSON: that is parsed.
    pub fn tool_args(&self) -> Option<Cow<'_, Value>> {
        let value = self.get("toolArgs").or_else(|| self.get("arguments"))?;
        match value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok()) {
            Some(parsed) if parsed.is_object() => Some(Cow::Owned(parsed)),
            _ => Some(Cow::Borrowed(value)),
        }
    }

    /// What the tool answered: `{textResultForLlm, resultType, …}` ([`HookKind::PostToolUse`]).
    pub fn tool_result(&self) -> Option<&Map<String, Value>> {
        self.get("toolResult")?.as_object()
    }

    /// The user's prompt ([`HookKind::UserPromptSubmitted`], [`HookKind::UserPromptTransformed`]).
    pub fn prompt(&self) -> Option<&str> {
        self.text("prompt")
    }

    /// The prompt as the model will read it ([`HookKind::UserPromptTransformed`]).
    pub fn transformed_prompt(&self) -> Option<&str> {
        self.text("transformedPrompt")
    }

    /// The text of the error ([`HookKind::PostToolUseFailure`], [`HookKind::ErrorOccurred`]); 1.0.57 tells none to the
    /// latter.
    pub fn error_message(&self) -> Option<&str> {
        let error = self.get("error")?;
        error.as_str().or_else(|| error.get("message")?.as_str())
    }
}

/// A guard must be asked whatever the input looks like: a question that cannot be read would let the tool run.
fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Object(fields) => fields,
        _ => Map::new(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::requests::vectors;

    fn recorded(kind: &str, version: &str) -> HookInput {
        serde_json::from_value(vectors::hooks().get(kind, version)).unwrap()
    }

    #[test]
    fn what_the_runtimes_asked_survives_whole() {
        vectors::hooks().survive::<HookInput>();
        let mut kinds = 0;
        for (case, version, value) in vectors::hooks().all() {
            let input: HookInput = serde_json::from_value(value.clone()).unwrap();
            assert_eq!(input.kind().as_str(), case);
            assert_eq!(input.cwd(), Some("/home/me/app"), "{case} of {version}");
            assert!(input.timestamp_ms().is_some_and(|ms| ms > 1_700_000_000_000));
            kinds += usize::from(version == "1.0.102");
        }
        assert_eq!(kinds, 12);
    }

    #[test]
    fn tool_arguments_are_an_object_also_where_1_0_57_sends_text() {
        assert!(recorded("preToolUse", "1.0.57").get("toolArgs").unwrap().is_string());
        for version in ["1.0.57", "1.0.102"] {
            let input = recorded("preToolUse", version);
            assert_eq!(input.tool_name(), Some("get_weather"));
            assert_eq!(*input.tool_args().unwrap(), json!({"city": "Paris"}), "{version}");
        }
        assert_eq!(*recorded("preMcpToolCall", "1.0.102").tool_args().unwrap(), json!({"a": 1}));
    }

    #[test]
    fn accessors_find_what_the_recordings_have() {
        assert_eq!(recorded("postToolUse", "1.0.57").tool_result().unwrap()["resultType"], "success");
        assert!(
            recorded("postToolUseFailure", "1.0.102")
                .error_message()
                .is_some_and(|m| m.contains("web_fetch"))
        );
        assert!(
            recorded("errorOccurred", "1.0.102").error_message().is_some_and(|m| m.contains("stub failure"))
        );
        assert_eq!(recorded("errorOccurred", "1.0.57").error_message(), None);
        assert!(recorded("userPromptTransformed", "1.0.102").transformed_prompt().is_some());
        assert!(recorded("subagentStop", "1.0.102").agent_id().is_some());
    }

    #[test]
    fn a_hook_is_asked_also_where_its_input_is_no_object() {
        for input in [json!(null), json!("text"), json!([1])] {
            let input = json!({"sessionId": "s", "hookType": "preToolUse", "input": input});
            assert_eq!(serde_json::from_value::<HookInput>(input).unwrap().kind(), HookKind::PreToolUse);
        }
    }

    #[test]
    fn an_unknown_hook_is_an_error_that_names_it() {
        let error = serde_json::from_value::<HookInput>(json!({"sessionId": "s", "hookType": "preLunch"}))
            .unwrap_err();
        assert!(error.to_string().contains("preLunch"), "{error}");
    }
}
