//! The end of a session, with its accounts.

use std::collections::BTreeMap;

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `session.shutdown`: the session is left by this runtime; stored. It comes before the answer to
    /// `session.destroy`.
    pub struct SessionShutdown {
        /// `routine` or `error`.
        pub shutdown_type: String,
        /// Why, where it is `error`.
        pub error_reason: Option<String>,
        /// Premium requests in all; multipliers make it fractional.
        pub total_premium_requests: Option<f64>,
        /// The bill, in 10⁻⁹ AI units.
        pub total_nano_aiu: Option<f64>,
        /// Time spent in calls of models, in milliseconds.
        pub total_api_duration_ms: f64,
        /// When it started, in milliseconds since 1970 UTC.
        pub session_start_time: u64,
        /// Size of its event log.
        pub events_file_size_bytes: Option<u64>,
        /// What it did to the code.
        pub code_changes: CodeChanges,
        /// What each model took, by its id.
        pub model_metrics: BTreeMap<String, ModelMetric>,
        /// What each agent took, by its id; `main` is the main one.
        pub agent_metrics: BTreeMap<String, AgentMetric>,
        /// The model at the end.
        pub current_model: Option<String>,
        /// Tokens in the window at the end.
        pub current_tokens: Option<u64>,
        /// Tokens of the system message at the end.
        pub system_tokens: Option<u64>,
        /// Tokens of the conversation at the end.
        pub conversation_tokens: Option<u64>,
        /// Tokens of the tools' definitions at the end.
        pub tool_definitions_tokens: Option<u64>,
    }

    /// What a session did to the code.
    pub struct CodeChanges {
        /// Lines added.
        pub lines_added: u64,
        /// Lines removed.
        pub lines_removed: u64,
        /// Paths of the files it changed.
        pub files_modified: Vec<String>,
    }

    /// What one model took.
    pub struct ModelMetric {
        /// Its calls.
        pub requests: ModelRequests,
        /// Its tokens.
        pub usage: ModelUsage,
        /// Its bill, in 10⁻⁹ AI units.
        pub total_nano_aiu: Option<f64>,
    }

    /// The calls of one model.
    pub struct ModelRequests {
        /// How many.
        pub count: Option<u64>,
        /// The sum of their multipliers.
        pub cost: Option<f64>,
    }

    /// The tokens of one model.
    pub struct ModelUsage {
        /// Of prompts.
        pub input_tokens: u64,
        /// Of answers.
        pub output_tokens: u64,
        /// Of prompts, read from the provider's cache.
        pub cache_read_tokens: u64,
        /// Of prompts, written to the provider's cache.
        pub cache_write_tokens: u64,
        /// Of answers, spent on reasoning.
        pub reasoning_tokens: Option<u64>,
    }

    /// What one agent took.
    pub struct AgentMetric {
        /// Its name; `None` for the main agent.
        pub agent_name: Option<String>,
        /// Its name for people.
        pub agent_display_name: Option<String>,
        /// Time spent in calls of models, in milliseconds.
        pub total_api_duration_ms: f64,
        /// Its bill, in 10⁻⁹ AI units.
        pub total_nano_aiu: f64,
        /// What each model took of it, by the model's id.
        pub model_metrics: BTreeMap<String, ModelMetric>,
    }
}
