//! Hooks.
use serde::{Deserialize, Serialize};
/// A hook's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum HookKind {
    /// Before a tool runs.
    PreToolUse,
}
/// Input.
#[derive(Debug, Clone)]
pub struct HookInput {}
/// Output.
#[derive(Debug, Clone)]
pub struct HookOutput {}
