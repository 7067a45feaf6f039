//! Hooks: the runtime asks at fixed places of its work (request `hooks.invoke {sessionId, hookType, input}`), and is
//! answered `{output}`.
//!
//! To the runtime an error, an empty answer and an answer it cannot read all mean "no opinion": after any of them a tool
//! **runs**. So a guard that fails must answer [`HookOutput::deny`], and [`HookOutput::from_value`] refuses what would be
//! passed over. The runtime waits for an answer without end.
//!
//! Checked against 1.0.57 and 1.0.102. Not provoked there: `permissionRequest`, `notification`, `preCompact`,
//! `postResult`, `prePRDescription`. 1.0.57 has no `userPromptTransformed`, `agentStop`, `subagentStart`, `subagentStop`;
//! it and 1.0.85 ask `sessionEnd` at the end of each turn.

mod input;
mod kind;
mod output;

pub use input::HookInput;
pub use kind::HookKind;
pub use output::HookOutput;
