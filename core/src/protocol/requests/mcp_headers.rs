//! A remote MCP server needs fresh headers. (Schema; not provoked. 1.0.57 has no method for the answer.)

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Checked;
use crate::error::Result;
use crate::protocol::tolerant::tolerant;

tolerant! {
    /// Asks for the headers of an MCP server (event `mcp.headers_refresh_required`).
    #[derive(serde::Serialize)]
    pub struct McpHeadersRequest {
        /// The id that the answer carries.
        pub request_id: String,
        /// The server's name.
        pub server_name: String,
        /// The server's URL.
        pub server_url: String,
        /// `startup`, `ttl-expired` or `auth-failed`.
        pub reason: String,
        /// What this version does not know.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }
}

/// The answer: headers, none, or a failure.
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct McpHeadersResponse(Map<String, Value>);

impl McpHeadersResponse {
    /// Headers by name; they win over the configured ones.
    pub fn headers(headers: BTreeMap<String, String>) -> Self {
        Self::of(json!({ "kind": "headers", "headers": headers }))
    }

    /// Sets for how many milliseconds the headers may be kept.
    #[must_use]
    pub fn ttl_ms(mut self, ttl_ms: u64) -> Self {
        self.0.insert("ttlMs".into(), ttl_ms.into());
        self
    }

    /// No headers.
    pub fn none() -> Self {
        Self::of(json!({ "kind": "none" }))
    }

    /// They could not be got.
    pub fn error(message: impl Into<String>) -> Self {
        Self::of(json!({ "kind": "error", "message": message.into() }))
    }

    /// Reads `{kind: "headers", headers, ttlMs?}`, `{kind: "none"}` or `{kind: "error", message}`.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` that names the field, never its value.
    pub fn from_value(value: Value) -> Result<Self> {
        let checked = Checked::object("MCP headers", value)?;
        match checked.choice("kind", &["headers", "none", "error"])? {
            Some("headers") => {
                let headers = checked.map("headers")?.ok_or_else(|| checked.missing("headers"))?;
                if !headers.values().all(Value::is_string) {
                    return Err(checked.refuse("headers", "must hold strings only"));
                }
                checked.count("ttlMs")?;
            }
            Some("error") => _ = checked.text("message")?,
            Some(_) => {}
            None => return Err(checked.missing("kind")),
        }
        Ok(McpHeadersResponse(checked.into_fields()))
    }

    fn of(value: Value) -> Self {
        McpHeadersResponse(value.as_object().cloned().unwrap_or_default())
    }
}

impl fmt::Debug for McpHeadersResponse {
    /// Headers are credentials more often than not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpHeadersResponse").field("kind", &self.0.get("kind")).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_those_of_the_schema() {
        let wire = |answer: &McpHeadersResponse| serde_json::to_value(answer).unwrap();
        let headers = BTreeMap::from([("X-Key".to_owned(), "hush".to_owned())]);
        let answer = McpHeadersResponse::headers(headers).ttl_ms(5);
        assert_eq!(wire(&answer), json!({"kind": "headers", "headers": {"X-Key": "hush"}, "ttlMs": 5}));
        assert!(!format!("{answer:?}").contains("hush"));
        assert_eq!(wire(&McpHeadersResponse::none()), json!({"kind": "none"}));
        assert_eq!(wire(&McpHeadersResponse::error("no")), json!({"kind": "error", "message": "no"}));
        assert_eq!(McpHeadersResponse::from_value(wire(&answer)).unwrap(), answer);
    }

    #[test]
    fn headers_that_are_no_strings_are_refused() {
        for value in [
            json!({"kind": "headers"}),
            json!({"kind": "headers", "headers": {"a": 1}}),
            json!({"kind": "error"}),
            json!({}),
        ] {
            assert_eq!(McpHeadersResponse::from_value(value).unwrap_err().name(), "INVALID_ARGUMENT");
        }
    }
}
