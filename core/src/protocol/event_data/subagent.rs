//! Sub-agents and skills.

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `subagent.started`: the agent has given work to another.
    pub struct SubagentStarted {
        /// The tool call that did so; the sub-agent's events name it as their parent.
        pub tool_call_id: String,
        /// The sub-agent's name.
        pub agent_name: String,
        /// Its name for people.
        pub agent_display_name: String,
        /// What it is for.
        pub agent_description: String,
        /// The model it will use, where known.
        pub model: Option<String>,
        /// Its kind.
        pub agent_type: Option<String>,
        /// The task of the sub-agent that started it; `None` where the main agent did.
        pub parent_id: Option<String>,
        /// Whether it runs beside (`background`) or inside (`sync`) the turn.
        pub execution_mode: Option<String>,
    }

    /// `subagent.configured`: it is settled what a sub-agent runs with.
    pub struct SubagentConfigured {
        /// The model.
        pub model: String,
        /// Effort of reasoning.
        pub reasoning_effort: Option<String>,
        /// Tier of the context window.
        pub context_tier: Option<String>,
        /// Whether it takes more than one turn.
        pub multi_turn: bool,
    }

    /// `subagent.completed`: a sub-agent is done.
    pub struct SubagentCompleted {
        /// The id of [`SubagentStarted`].
        pub tool_call_id: String,
        /// The sub-agent's name.
        pub agent_name: String,
        /// Its name for people.
        pub agent_display_name: String,
        /// The model it used.
        pub model: Option<String>,
        /// Tool calls it made.
        pub total_tool_calls: Option<u64>,
        /// Tokens it used, prompts and answers.
        pub total_tokens: Option<u64>,
        /// How long it took, in milliseconds.
        pub duration_ms: Option<u64>,
        /// Whether it was cancelled rather than done.
        pub cancelled: Option<bool>,
    }

    /// `subagent.failed`: a sub-agent has given up.
    pub struct SubagentFailed {
        /// The id of [`SubagentStarted`].
        pub tool_call_id: String,
        /// The sub-agent's name.
        pub agent_name: String,
        /// Its name for people.
        pub agent_display_name: String,
        /// Why.
        pub error: String,
        /// The model it used.
        pub model: Option<String>,
        /// Tool calls it made.
        pub total_tool_calls: Option<u64>,
        /// Tokens it used, prompts and answers.
        pub total_tokens: Option<u64>,
        /// How long it took, in milliseconds.
        pub duration_ms: Option<u64>,
    }

    /// `subagent.selected`: the user has picked a custom agent.
    pub struct SubagentSelected {
        /// Its name.
        pub agent_name: String,
        /// Its name for people.
        pub agent_display_name: String,
        /// The tools it has; `None` for all.
        pub tools: Option<Vec<String>>,
    }

    /// `subagent.deselected`: the main agent is back.
    pub struct SubagentDeselected {}

    /// `skill.invoked`: a skill's text has entered the conversation.
    pub struct SkillInvoked {
        /// The skill.
        pub name: String,
        /// Its file; empty for one that has none.
        pub path: String,
        /// Its text.
        pub content: String,
        /// Tools that need no permission while it is at work.
        pub allowed_tools: Vec<String>,
        /// Where it was found: `project`, `plugin`, `builtin`, …
        pub source: Option<String>,
        /// The plugin it comes with.
        pub plugin_name: Option<String>,
        /// What it is for.
        pub description: Option<String>,
        /// `user-invoked`, `agent-invoked` or `context-load`.
        pub trigger: Option<String>,
        /// The model in use, where known.
        pub model: Option<String>,
    }
}
