//! An MCP server asks for the model. 1.0.57 does not offer it to servers.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Checked;
use crate::error::Result;
use crate::protocol::tolerant::tolerant;

tolerant! {
    /// An MCP server asks for a completion (event `sampling.requested`).
    #[derive(serde::Serialize)]
    pub struct SamplingRequest {
        /// The id that the answer carries.
        pub request_id: String,
        /// The server.
        pub server_name: String,
        /// The server's own id of it: a string or a number.
        pub mcp_request_id: Value,
        /// MCP's `CreateMessageRequest` parameters: `{messages, maxTokens, …}`. In no schema, but sent.
        pub request: Map<String, Value>,
        /// What this version does not know.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }
}

/// MCP's `CreateMessageResult`, or a refusal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SamplingResponse(Option<Map<String, Value>>);

impl SamplingResponse {
    /// A message of text by `model`.
    pub fn text(model: impl Into<String>, text: impl Into<String>) -> Self {
        let content = json!({ "type": "text", "text": text.into() });
        let message = json!({ "role": "assistant", "model": model.into(), "content": content });
        SamplingResponse(message.as_object().cloned())
    }

    /// The request is refused.
    pub fn rejected() -> Self {
        SamplingResponse(None)
    }

    /// Reads MCP's `CreateMessageResult` `{role, model, content, …}`, or `null` for a refusal.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` that names the field.
    pub fn from_value(value: Value) -> Result<Self> {
        if value.is_null() {
            return Ok(Self::rejected());
        }
        let checked = Checked::object("sampling result", value)?;
        checked.text("role")?;
        checked.text("model")?;
        checked.get("content").ok_or_else(|| checked.missing("content"))?;
        Ok(SamplingResponse(Some(checked.into_fields())))
    }

    /// The message; `None` is a refusal, and then the answer on the wire has no `response` at all.
    pub fn message(&self) -> Option<&Map<String, Value>> {
        self.0.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::requests::vectors;

    #[test]
    fn what_the_runtime_asked_survives_whole() {
        vectors::sampling().survive::<SamplingRequest>();
        let request: SamplingRequest =
            serde_json::from_value(vectors::sampling().get("sampling.requested", "1.0.102")).unwrap();
        assert_eq!((&request.mcp_request_id, &request.request["maxTokens"]), (&json!(102), &json!(10)));
    }

    #[test]
    fn a_message_is_what_the_runtime_passed_on_to_the_server() {
        let wire = json!({"role": "assistant", "model": "m", "content": {"type": "text", "text": "hi"}});
        assert_eq!(serde_json::to_value(SamplingResponse::text("m", "hi")).unwrap(), wire);
        assert_eq!(SamplingResponse::from_value(wire).unwrap(), SamplingResponse::text("m", "hi"));
        assert_eq!(SamplingResponse::from_value(Value::Null).unwrap().message(), None);
        for value in [json!({}), json!({"role": "assistant", "model": "m"}), json!("hi")] {
            assert_eq!(SamplingResponse::from_value(value).unwrap_err().name(), "INVALID_ARGUMENT");
        }
    }
}
