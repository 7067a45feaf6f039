//! The filesystem of a session.

/// A session's filesystem.
pub trait SessionFs: Send + Sync {}

/// How paths look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Conventions {
    /// `/a/b`.
    Posix,
    /// `C:\a\b`.
    Windows,
}
