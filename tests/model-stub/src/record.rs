//! What was asked of a server, kept for tests to assert on.

use std::collections::BTreeMap;
use std::fmt;

use axum::http::request::Parts;
use serde_json::Value;

/// Headers that carry a secret; kept apart so that no assertion message or log prints one.
const SECRETS: [&str; 3] = ["authorization", "api-key", "x-api-key"];

/// How the answer to a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// It is still being sent.
    Open,
    /// It was sent to its last byte.
    Complete,
    /// The peer hung up first, as the runtime does on abort.
    HungUp,
}

/// One HTTP request as it arrived.
///
/// Secrets are not readable, only comparable: see [`authorization_is`](Self::authorization_is).
#[derive(Clone)]
pub struct RecordedRequest {
    /// The verb, e.g. `POST`.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The headers by their lower-case name, without those that carry a secret.
    pub headers: BTreeMap<String, String>,
    /// The JSON body; null if there was none.
    pub body: Value,
    /// How the answer ended.
    pub end: End,
    secrets: BTreeMap<String, String>,
}

impl RecordedRequest {
    pub(crate) fn new(parts: &Parts, body: &[u8]) -> RecordedRequest {
        let (secrets, headers) = parts
            .headers
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .partition(|(name, _)| SECRETS.contains(&name.as_str()));
        RecordedRequest {
            method: parts.method.to_string(),
            path: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            headers,
            body: serde_json::from_slice(body).unwrap_or(Value::Null),
            end: End::Open,
            secrets,
        }
    }

    /// Whether the request carried any credential.
    pub fn has_authorization(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// Whether the credential is this token: as `Bearer`, as `token` or as it stands (`api-key` headers).
    pub fn authorization_is(&self, token: &str) -> bool {
        self.secrets.values().any(|value| {
            let bare = value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("token "));
            bare.unwrap_or(value) == token
        })
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &self.headers)
            .field("body", &self.body)
            .field("end", &self.end)
            .field("has_authorization", &self.has_authorization())
            .finish()
    }
}
