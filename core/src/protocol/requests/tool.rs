//! The runtime asks for a tool of this client to be called.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::protocol::tolerant::read;

/// A call of a tool (event `external_tool.requested`). It is durable: its answer may come from another process, after a
/// resume, by the same `request_id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ToolInvocation {
    /// The id that the answer carries.
    #[serde(deserialize_with = "read")]
    pub request_id: String,
    /// The session.
    #[serde(deserialize_with = "read")]
    pub session_id: String,
    /// The model's id of the call.
    #[serde(deserialize_with = "read")]
    pub tool_call_id: String,
    /// The tool.
    #[serde(deserialize_with = "read")]
    pub tool_name: String,
    /// What the model gives it: an object for nearly every tool; an empty one where the runtime sent none.
    #[serde(deserialize_with = "arguments")]
    pub arguments: Value,
    /// The session's working directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<String>,
    /// W3C trace context of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// W3C trace state of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracestate: Option<String>,
    /// What this version does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Default for ToolInvocation {
    fn default() -> Self {
        ToolInvocation {
            request_id: String::new(),
            session_id: String::new(),
            tool_call_id: String::new(),
            tool_name: String::new(),
            arguments: Value::Object(Map::new()),
            working_directory: None,
            traceparent: None,
            tracestate: None,
            extra: Map::new(),
        }
    }
}

fn arguments<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => Value::Object(Map::new()),
        value => value,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::requests::vectors;

    #[test]
    fn what_the_runtimes_asked_survives_whole() {
        vectors::tool().survive::<ToolInvocation>();
        let call: ToolInvocation =
            serde_json::from_value(vectors::tool().get("external_tool.requested", "1.0.57")).unwrap();
        assert_eq!((call.tool_name.as_str(), &call.arguments), ("get_weather", &json!({"city": "Paris"})));
    }

    #[test]
    fn a_call_without_arguments_has_an_empty_object() {
        for call in [json!({"requestId": "r"}), json!({"requestId": "r", "arguments": null})] {
            let call: ToolInvocation = serde_json::from_value(call).unwrap();
            assert_eq!(call.arguments, json!({}));
        }
    }
}
