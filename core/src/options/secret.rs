//! Text that must never show: tokens, keys, header and environment values (DESIGN I29).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A secret: `Debug` redacts it, it has no `Display`, and serde writes it as it is, because the wire needs it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Secret(secret.into())
    }

    /// The text itself; keep it out of logs and errors.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing but whitespace in it.
    pub(crate) fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Secret(secret.to_owned())
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Secret(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}
