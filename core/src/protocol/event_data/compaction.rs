//! Compaction: the conversation is replaced by a summary of it.

use super::usage::CopilotUsage;
use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `session.compaction_start`: a compaction begins.
    pub struct SessionCompactionStart {
        /// `threshold`, `context_limit_retry`, `manual`, `memory_pressure`, `model_switch`.
        pub trigger: Option<String>,
        /// The model that will write the summary.
        pub model: Option<String>,
        /// Tokens in the window.
        pub current_tokens: Option<u64>,
        /// The window, in tokens.
        pub token_limit: Option<u64>,
        /// Tokens of the system message.
        pub system_tokens: Option<u64>,
        /// Tokens of the conversation.
        pub conversation_tokens: Option<u64>,
        /// Tokens of the tools' definitions.
        pub tool_definitions_tokens: Option<u64>,
    }

    /// `session.compaction_complete`: a compaction is over.
    pub struct SessionCompactionComplete {
        /// Whether it worked.
        pub success: bool,
        /// What went wrong.
        pub error: Option<String>,
        /// HTTP status of the failed call.
        pub status_code: Option<u64>,
        /// As [`SessionCompactionStart::trigger`].
        pub trigger: Option<String>,
        /// Tokens before.
        pub pre_compaction_tokens: Option<u64>,
        /// Tokens after.
        pub post_compaction_tokens: Option<u64>,
        /// Messages before.
        pub pre_compaction_messages_length: Option<u64>,
        /// The difference in messages.
        pub messages_removed: Option<i64>,
        /// The difference in tokens; negative where the summary is longer than what it replaces (seen on 1.0.57).
        pub tokens_removed: Option<i64>,
        /// The summary.
        pub summary_content: Option<String>,
        /// What the user asked the summary to keep.
        pub custom_instructions: Option<String>,
        /// Number of the checkpoint made before.
        pub checkpoint_number: Option<u64>,
        /// Its file.
        pub checkpoint_path: Option<String>,
        /// What the summary took.
        pub compaction_tokens_used: Option<CompactionUsage>,
        /// GitHub's id of the request, for support.
        pub request_id: Option<String>,
        /// The window, in tokens.
        pub token_limit: Option<u64>,
        /// Tokens of the system message, after.
        pub system_tokens: Option<u64>,
        /// Tokens of the conversation, after.
        pub conversation_tokens: Option<u64>,
        /// Tokens of the tools' definitions, after.
        pub tool_definitions_tokens: Option<u64>,
    }

    /// What the summary of a compaction took.
    pub struct CompactionUsage {
        /// Tokens of the prompt.
        pub input_tokens: Option<u64>,
        /// Tokens of the summary.
        pub output_tokens: Option<u64>,
        /// Prompt tokens read from the provider's cache.
        pub cache_read_tokens: Option<u64>,
        /// Prompt tokens written to the provider's cache.
        pub cache_write_tokens: Option<u64>,
        /// The call, in milliseconds (wire: `duration`).
        #[serde(rename = "duration")]
        pub duration_ms: Option<f64>,
        /// The model.
        pub model: Option<String>,
        /// What GitHub bills for it.
        pub copilot_usage: Option<CopilotUsage>,
    }
}
