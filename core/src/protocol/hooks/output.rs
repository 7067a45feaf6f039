//! What a hook may answer.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::protocol::requests::{Checked, ToolResult};

/// The answer of a hook (wire: `output` of the reply to `hooks.invoke`). Which fields have an effect depends on the
/// kind: see [`super::HookKind`].
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct HookOutput(Map<String, Value>);

const TEXTS: [&str; 8] = [
    "permissionDecisionReason",
    "additionalContext",
    "modifiedPrompt",
    "modifiedTransformedPrompt",
    "reason",
    "modifiedResponse",
    "userNotification",
    "sessionSummary",
];

impl HookOutput {
    /// No opinion: all goes on as if there were no hook.
    pub fn empty() -> Self {
        Self::default()
    }

    /// `preToolUse`: the tool runs, and no permission is asked for.
    pub fn allow() -> Self {
        Self::empty().with("permissionDecision", "allow")
    }

    /// `preToolUse`: the tool does not run; the model reads why.
    pub fn deny(reason: impl Into<String>) -> Self {
        Self::empty().with("permissionDecision", "deny").with("permissionDecisionReason", reason.into())
    }

    /// `preToolUse`: the user decides; asked as a permission of kind `hook` that shows the reason.
    pub fn ask(reason: impl Into<String>) -> Self {
        Self::empty().with("permissionDecision", "ask").with("permissionDecisionReason", reason.into())
    }

    /// `userPromptSubmitted`: the turn ends here and the user reads why. `agentStop`, `subagentStop`: the agent goes on,
    /// with the reason as its prompt.
    pub fn block(reason: impl Into<String>) -> Self {
        Self::empty().with("decision", "block").with("reason", reason.into())
    }

    /// `preToolUse`: the tool gets these arguments; its permission is asked for as ever, unless [`HookOutput::allow`].
    #[must_use]
    pub fn modified_args(self, arguments: Value) -> Self {
        self.with("modifiedArgs", arguments)
    }

    /// The model reads this too. (1.0.57 ignores it for `preToolUse`.)
    #[must_use]
    pub fn additional_context(self, text: impl Into<String>) -> Self {
        self.with("additionalContext", text.into())
    }

    /// `postToolUse`: the model gets this result in place of the tool's.
    #[must_use]
    pub fn modified_result(self, result: &ToolResult) -> Self {
        self.with("modifiedResult", json!(result))
    }

    /// `userPromptSubmitted`: the prompt is this.
    #[must_use]
    pub fn modified_prompt(self, prompt: impl Into<String>) -> Self {
        self.with("modifiedPrompt", prompt.into())
    }

    /// `userPromptTransformed`: the model reads exactly this.
    #[must_use]
    pub fn modified_transformed_prompt(self, prompt: impl Into<String>) -> Self {
        self.with("modifiedTransformedPrompt", prompt.into())
    }

    /// `preMcpToolCall`: these `_meta` fields go with the call; `None` takes those away that would.
    #[must_use]
    pub fn meta_to_use(self, meta: Option<Map<String, Value>>) -> Self {
        self.with("metaToUse", meta.map_or(Value::Null, Value::Object))
    }

    /// Any other field.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.0.insert(field.to_owned(), value.into());
        self
    }

    /// Reads an output object as a binding returns it; `null` is empty, unknown fields are kept.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` that names the field. The runtime would pass over a misspelled decision and run the tool.
    pub fn from_value(value: Value) -> Result<Self> {
        if value.is_null() {
            return Ok(Self::empty());
        }
        let meta = value.get("metaToUse").cloned();
        let checked = Checked::object("hook output", value)?;
        checked.choice("permissionDecision", &["allow", "deny", "ask"])?;
        for field in TEXTS {
            checked.string(field)?;
        }
        if checked.choice("decision", &["block"])?.is_some() {
            checked.text("reason")?;
        }
        checked.choice("errorHandling", &["retry", "skip", "abort"])?;
        checked.boolean("suppressOutput")?;
        checked.map("metaToUse")?;
        if let Some(result) = checked.map("modifiedResult")? {
            if !result.contains_key("textResultForLlm") {
                return Err(checked.refuse("modifiedResult", "must be a tool result with `textResultForLlm`"));
            }
            ToolResult::from_value(Value::Object(result.clone()))?;
        }
        let mut fields = checked.into_fields();
        if meta == Some(Value::Null) {
            // The one field whose null says something.
            fields.insert("metaToUse".into(), Value::Null);
        }
        Ok(HookOutput(fields))
    }

    /// Whether it has no opinion.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A field of it.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(output: &HookOutput) -> Value {
        serde_json::to_value(output).unwrap()
    }

    #[test]
    fn outputs_are_exactly_what_had_an_effect_on_the_runtime() {
        for (output, want) in [
            (HookOutput::empty(), json!({})),
            (HookOutput::allow(), json!({"permissionDecision": "allow"})),
            (
                HookOutput::deny("not here"),
                json!({"permissionDecision": "deny", "permissionDecisionReason": "not here"}),
            ),
            (
                HookOutput::ask("please"),
                json!({"permissionDecision": "ask", "permissionDecisionReason": "please"}),
            ),
            (HookOutput::block("no"), json!({"decision": "block", "reason": "no"})),
            (
                HookOutput::allow().modified_args(json!({"q": 3})),
                json!({"permissionDecision": "allow", "modifiedArgs": {"q": 3}}),
            ),
            (HookOutput::empty().additional_context("c"), json!({"additionalContext": "c"})),
            (HookOutput::empty().modified_prompt("p"), json!({"modifiedPrompt": "p"})),
            (HookOutput::empty().modified_transformed_prompt("p"), json!({"modifiedTransformedPrompt": "p"})),
            (
                HookOutput::empty().modified_result(&ToolResult::text("x")),
                json!({"modifiedResult": {"textResultForLlm": "x", "resultType": "success"}}),
            ),
            (HookOutput::empty().meta_to_use(None), json!({"metaToUse": null})),
        ] {
            assert_eq!(wire(&output), want);
            assert_eq!(HookOutput::from_value(want).unwrap(), output);
        }
    }

    #[test]
    fn an_output_that_the_runtime_would_pass_over_is_refused_by_field() {
        for (value, field) in [
            (json!({"permissionDecision": "Deny"}), "permissionDecision"),
            (json!({"permissionDecision": true}), "permissionDecision"),
            (json!({"decision": "block"}), "reason"),
            (json!({"decision": "stop", "reason": "r"}), "decision"),
            (json!({"modifiedResult": "text"}), "modifiedResult"),
            (json!({"modifiedResult": {"text": "x"}}), "modifiedResult"),
            (json!({"modifiedResult": {"textResultForLlm": "x", "resultType": "ok"}}), "resultType"),
            (json!({"additionalContext": 5}), "additionalContext"),
            (json!({"metaToUse": "k"}), "metaToUse"),
        ] {
            let error = HookOutput::from_value(value.clone()).unwrap_err();
            assert!(error.message().contains(&format!("`{field}`")), "{value}: {error}");
        }
        assert!(HookOutput::from_value(json!("deny")).is_err());
    }

    #[test]
    fn null_is_empty_and_an_unknown_field_is_kept() {
        assert!(HookOutput::from_value(Value::Null).unwrap().is_empty());
        let kept = HookOutput::from_value(json!({"newer": [1]})).unwrap();
        assert_eq!(kept.get("newer"), Some(&json!([1])));
    }
}
