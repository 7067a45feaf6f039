//! Tokens, cost and quota.

use std::collections::BTreeMap;

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `assistant.usage`: what one call of the model took.
    pub struct AssistantUsage {
        /// The model.
        pub model: String,
        /// Tokens of the prompt.
        pub input_tokens: Option<u64>,
        /// Tokens of the answer.
        pub output_tokens: Option<u64>,
        /// Prompt tokens read from the provider's cache.
        pub cache_read_tokens: Option<u64>,
        /// Prompt tokens written to the provider's cache.
        pub cache_write_tokens: Option<u64>,
        /// Answer tokens spent on reasoning.
        pub reasoning_tokens: Option<u64>,
        /// The billing multiplier of the model, not money.
        pub cost: Option<f64>,
        /// The whole call, in milliseconds (wire: `duration`).
        #[serde(rename = "duration")]
        pub duration_ms: Option<f64>,
        /// Until the first token, in milliseconds; streamed calls only.
        pub time_to_first_token_ms: Option<f64>,
        /// Mean time between tokens, in milliseconds; streamed calls only.
        pub inter_token_latency_ms: Option<f64>,
        /// Who caused it: `user`, `sub-agent`, `mcp-sampling`, …
        pub initiator: Option<String>,
        /// Whether the user's own provider was called.
        pub is_byok: Option<bool>,
        /// Whether the model was picked by auto mode.
        pub is_auto: Option<bool>,
        /// The prompt limit of the call, in tokens.
        pub max_prompt_tokens: Option<u64>,
        /// The answer limit of the call, in tokens.
        pub max_output_tokens: Option<u64>,
        /// The provider's id of the completion.
        pub api_call_id: Option<String>,
        /// GitHub's id of the request, for support.
        pub provider_call_id: Option<String>,
        /// The endpoint, e.g. `/chat/completions`.
        pub api_endpoint: Option<String>,
        /// The tool call of the sub-agent that called; `None` for the main agent.
        pub parent_tool_call_id: Option<String>,
        /// Effort of reasoning: `low`, `medium`, `high`, …
        pub reasoning_effort: Option<String>,
        /// How many tools the model asked for.
        pub num_tool_calls: Option<u64>,
        /// The same by the tool's name.
        pub tool_counts: BTreeMap<String, u64>,
        /// Why the model stopped: `stop`, `length`, `tool_calls`, `content_filter`.
        pub finish_reason: Option<String>,
        /// Whether a content filter cut or blocked the answer.
        pub content_filter_triggered: Option<bool>,
        /// What is left of each quota, by its id.
        pub quota_snapshots: BTreeMap<String, QuotaSnapshot>,
        /// What GitHub bills for the call.
        pub copilot_usage: Option<CopilotUsage>,
    }

    /// One quota of the account.
    pub struct QuotaSnapshot {
        /// Whether it has no limit.
        pub is_unlimited_entitlement: bool,
        /// Requests in all; `-1` is seen for unlimited ones.
        pub entitlement_requests: i64,
        /// Requests used.
        pub used_requests: i64,
        /// Requests beyond the entitlement in this period.
        pub overage: f64,
        /// Whether requests go on when it is used up.
        pub usage_allowed_with_exhausted_quota: bool,
        /// Whether paid overage is allowed when it is used up.
        pub overage_allowed_with_exhausted_quota: bool,
        /// What is left, 0 to 100.
        pub remaining_percentage: f64,
        /// When it starts anew, ISO 8601.
        pub reset_date: Option<String>,
    }

    /// What GitHub bills for one call.
    pub struct CopilotUsage {
        /// In 10⁻⁹ AI units.
        pub total_nano_aiu: f64,
        /// The items.
        pub token_details: Vec<BilledTokens>,
    }

    /// One item of a bill.
    pub struct BilledTokens {
        /// `input`, `output`, …
        pub token_type: String,
        /// How many.
        pub token_count: u64,
        /// Tokens that are priced together.
        pub batch_size: u64,
        /// The price of one batch.
        pub cost_per_batch: f64,
        /// The model, where it is not the call's.
        pub model: Option<String>,
    }

    /// `session.usage_info`: how full the context window is.
    pub struct SessionUsageInfo {
        /// The window, in tokens.
        pub token_limit: u64,
        /// Tokens in it now.
        pub current_tokens: u64,
        /// Messages in it now.
        pub messages_length: u64,
        /// Tokens of the system message.
        pub system_tokens: Option<u64>,
        /// Tokens of the conversation.
        pub conversation_tokens: Option<u64>,
        /// Tokens of the tools' definitions.
        pub tool_definitions_tokens: Option<u64>,
        /// Whether it is the session's first.
        pub is_initial: Option<bool>,
    }

    /// `session.usage_checkpoint`: the session's bill so far, stored so that a resumed session goes on counting.
    pub struct SessionUsageCheckpoint {
        /// In 10⁻⁹ AI units.
        pub total_nano_aiu: f64,
        /// Premium requests so far; multipliers make it fractional.
        pub total_premium_requests: Option<f64>,
    }
}
