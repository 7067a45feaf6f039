//! An MCP server wants a login.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Checked;
use crate::error::Result;
use crate::protocol::tolerant::tolerant;

tolerant! {
    /// An MCP server wants OAuth (event `mcp.oauth_required`; only after interest in it was registered). 1.0.57 sends it
    /// but has no method that takes an answer.
    #[derive(serde::Serialize)]
    pub struct McpAuthRequest {
        /// The id that the answer carries.
        pub request_id: String,
        /// The server's name.
        pub server_name: String,
        /// The server's URL.
        pub server_url: String,
        /// `initial`, `refresh`, `reauth` or `upscope`; absent on 1.0.57.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub reason: Option<String>,
        /// What the server's challenge said: `{resourceMetadataUrl?, scope?, error?}`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub www_authenticate_params: Option<Map<String, Value>>,
        /// The server's metadata document, as text.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub resource_metadata: Option<String>,
        /// The configured OAuth client: `{clientId, clientSecret?, publicClient?, grantType?}`. May hold a secret.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub static_client_config: Option<Secret>,
        /// What this version does not know, and `httpResponse`: the challenge as it came.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }
}

/// A JSON object that `Debug` does not show (DESIGN I29).
#[derive(Clone, Default, PartialEq, Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(pub Map<String, Value>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

crate::protocol::tolerant::plain_field!(Secret);

/// The answer to a login: a token, or none.
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct McpAuthResponse(Map<String, Value>);

impl McpAuthResponse {
    /// An access token; of type `Bearer` unless [`McpAuthResponse::token_type`] says otherwise.
    pub fn token(access_token: impl Into<String>) -> Self {
        Self::of(json!({ "kind": "token", "accessToken": access_token.into() }))
    }

    /// No login; the server stays `needs-auth`, and the runtime may ask again.
    pub fn cancelled() -> Self {
        Self::of(json!({ "kind": "cancelled" }))
    }

    /// Sets the token's type.
    #[must_use]
    pub fn token_type(mut self, token_type: impl Into<String>) -> Self {
        self.0.insert("tokenType".into(), token_type.into().into());
        self
    }

    /// Sets how many seconds the token lives, at least one.
    #[must_use]
    pub fn expires_in_secs(mut self, seconds: u64) -> Self {
        self.0.insert("expiresIn".into(), seconds.max(1).into());
        self
    }

    /// Reads `{kind: "token", accessToken, tokenType?, expiresIn?}` or `{kind: "cancelled"}`; other fields are kept.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` that names the field, never its value.
    pub fn from_value(value: Value) -> Result<Self> {
        let checked = Checked::object("MCP login", value)?;
        match checked.choice("kind", &["token", "cancelled"])? {
            Some("token") => _ = checked.text("accessToken")?,
            Some(_) => {}
            None => return Err(checked.missing("kind")),
        }
        checked.string("tokenType")?;
        if checked.count("expiresIn")? == Some(0) {
            return Err(checked.refuse("expiresIn", "must be at least 1"));
        }
        Ok(McpAuthResponse(checked.into_fields()))
    }

    /// Whether it carries a token.
    pub fn is_token(&self) -> bool {
        self.0.get("kind").and_then(Value::as_str) == Some("token")
    }

    fn of(value: Value) -> Self {
        McpAuthResponse(value.as_object().cloned().unwrap_or_default())
    }
}

impl fmt::Debug for McpAuthResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpAuthResponse").field("is_token", &self.is_token()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::requests::vectors;

    #[test]
    fn what_the_runtimes_asked_survives_whole() {
        vectors::mcp_auth().survive::<McpAuthRequest>();
        let read = |version| -> McpAuthRequest {
            serde_json::from_value(vectors::mcp_auth().get("mcp.oauth_required", version)).unwrap()
        };
        assert_eq!((read("1.0.102").reason.as_deref(), read("1.0.57").reason), (Some("initial"), None));
        assert_eq!(read("1.0.102").extra["httpResponse"]["statusCode"], 401);
    }

    #[test]
    fn answers_are_exactly_the_wire() {
        let wire = |answer: &McpAuthResponse| serde_json::to_value(answer).unwrap();
        assert_eq!(wire(&McpAuthResponse::cancelled()), json!({"kind": "cancelled"}));
        let token = McpAuthResponse::token("t").token_type("DPoP").expires_in_secs(60);
        let want = json!({"kind": "token", "accessToken": "t", "tokenType": "DPoP", "expiresIn": 60});
        assert_eq!(wire(&token), want);
        assert_eq!(McpAuthResponse::from_value(want).unwrap(), token);
    }

    #[test]
    fn no_secret_is_in_debug_or_in_an_error() {
        let request =
            json!({"requestId": "r", "staticClientConfig": {"clientId": "c", "clientSecret": "hush"}});
        let request: McpAuthRequest = serde_json::from_value(request).unwrap();
        assert_eq!(request.static_client_config.as_ref().unwrap().0["clientSecret"], "hush");
        let shown = format!("{request:?} {:?}", McpAuthResponse::token("hush"));
        assert!(!shown.contains("hush"), "{shown}");
        let error =
            McpAuthResponse::from_value(json!({"kind": "token", "accessToken": "hush", "expiresIn": "x"}));
        assert!(!error.unwrap_err().to_string().contains("hush"));
    }

    #[test]
    fn a_token_that_is_empty_or_lives_no_second_is_refused() {
        for value in [
            json!({"kind": "token", "accessToken": ""}),
            json!({"kind": "token"}),
            json!({"kind": "token", "accessToken": "t", "expiresIn": 0}),
            json!({"accessToken": "t"}),
        ] {
            assert_eq!(McpAuthResponse::from_value(value).unwrap_err().name(), "INVALID_ARGUMENT");
        }
    }
}
