//! What the model says: turns, messages, reasoning, streamed pieces.

use serde_json::Value;

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `assistant.turn_start`: one round of the agent's loop begins, that is one call of the model. One prompt makes
    /// as many rounds as the model asks for tools.
    pub struct AssistantTurnStart {
        /// The round's id, usually its number as text, from `"0"`; not unique over the session.
        pub turn_id: String,
        /// The model of this round, where known.
        pub model: Option<String>,
        /// Ties the round to the service's telemetry.
        pub interaction_id: Option<String>,
    }

    /// `assistant.turn_retry`: the model's call of a round is made again.
    pub struct AssistantTurnRetry {
        /// The round, as in [`AssistantTurnStart::turn_id`].
        pub turn_id: String,
        /// The model of the new attempt, where known.
        pub model: Option<String>,
        /// Why, in the provider's or runtime's words.
        pub reason: Option<String>,
    }

    /// `assistant.turn_end`: a round is over. The prompt is answered only at `session.idle`.
    pub struct AssistantTurnEnd {
        /// The round, as in [`AssistantTurnStart::turn_id`].
        pub turn_id: String,
        /// The model of this round, where known.
        pub model: Option<String>,
    }

    /// `assistant.idle`: the agent's loop has stopped; `session.idle` follows unless other work goes on.
    pub struct AssistantIdle {
        /// Whether it stopped because of an abort.
        pub aborted: Option<bool>,
    }

    /// `assistant.intent`: what the agent is at, in a few words for a status line.
    pub struct AssistantIntent {
        /// The words.
        pub intent: String,
    }

    /// `assistant.message_start`: a streamed message begins.
    pub struct AssistantMessageStart {
        /// The message that the deltas and the final [`AssistantMessage`] name.
        pub message_id: String,
        /// The phase of generation, for models that have phases.
        pub phase: Option<String>,
    }

    /// `assistant.message_delta`: the next piece of a streamed message. Only with `streaming: true`.
    pub struct AssistantMessageDelta {
        /// The message it belongs to.
        pub message_id: String,
        /// The text to append.
        pub delta_content: String,
        /// The tool call of the sub-agent that speaks; `None` for the main agent.
        pub parent_tool_call_id: Option<String>,
    }

    /// `assistant.message`: one whole message of the model, with the tools it asks for.
    pub struct AssistantMessage {
        /// Its id, the same as in the deltas before it.
        pub message_id: String,
        /// The id that `send` returned for the prompt it answers. `None` on 1.0.57 and in cloud sessions.
        pub originating_message_id: Option<String>,
        /// The model that wrote it.
        pub model: Option<String>,
        /// The text; empty where the model only calls tools.
        pub content: String,
        /// The tools it asks for, in order.
        pub tool_requests: Vec<AssistantToolRequest>,
        /// The model's reasoning, where it can be read.
        pub reasoning_text: Option<String>,
        /// The phase of generation, for models that have phases.
        pub phase: Option<String>,
        /// Its place among the messages of one model call, from 0; `None` where the call made one message.
        pub chunk_index: Option<u64>,
        /// How many messages the model call was split into.
        pub chunk_count: Option<u64>,
        /// Tokens of the answer, as the provider counted them.
        pub output_tokens: Option<u64>,
        /// The round, as in [`AssistantTurnStart::turn_id`].
        pub turn_id: Option<String>,
        /// Ties the message to the service's telemetry.
        pub interaction_id: Option<String>,
        /// GitHub's id of the request, for support.
        pub request_id: Option<String>,
        /// The provider's id of the completion.
        pub api_call_id: Option<String>,
        /// The tool call of the sub-agent that speaks; `None` for the main agent.
        pub parent_tool_call_id: Option<String>,
        /// Sources and the spans of `content` they support (`{sources, spans}`), as sent; offsets are UTF-16 units.
        pub citations: Option<Value>,
    }

    /// A tool that a message asks for.
    pub struct AssistantToolRequest {
        /// The call's id; `tool.execution_start` and all that follows name it.
        pub tool_call_id: String,
        /// The tool.
        pub name: String,
        /// Its arguments: an object for a `function`, text for a `custom` tool.
        pub arguments: Option<Value>,
        /// `function` (also where `None`) or `custom`.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// The tool's title for people.
        pub tool_title: Option<String>,
        /// The MCP server that has the tool, if one does.
        pub mcp_server_name: Option<String>,
        /// The tool's own name on that server.
        pub mcp_tool_name: Option<String>,
        /// What this call is for, in a few words.
        pub intention_summary: Option<String>,
    }

    /// `assistant.reasoning`: one whole block of reasoning.
    pub struct AssistantReasoning {
        /// The block's id, the same as in its deltas.
        pub reasoning_id: String,
        /// The text.
        pub content: String,
    }

    /// `assistant.reasoning_delta`: the next piece of a block of reasoning.
    pub struct AssistantReasoningDelta {
        /// The block it belongs to.
        pub reasoning_id: String,
        /// The text to append.
        pub delta_content: String,
    }

    /// `assistant.streaming_delta`: how much of the answer has arrived; sent beside the deltas.
    pub struct AssistantStreamingDelta {
        /// Bytes of the model's response so far.
        pub total_response_size_bytes: u64,
    }

    /// `assistant.tool_call_delta`: the next piece of a tool call that the model is still writing.
    pub struct AssistantToolCallDelta {
        /// The call.
        pub tool_call_id: String,
        /// The tool, once known.
        pub tool_name: Option<String>,
        /// `function` or `custom`, once known.
        pub tool_type: Option<String>,
        /// The text to append: a piece of JSON for a `function`.
        pub input_delta: String,
    }

    /// `assistant.server_tool_progress`: a tool that the provider runs on its side moves on.
    pub struct AssistantServerToolProgress {
        /// Place of the call in the response; stays the same for one call.
        pub output_index: u64,
        /// The provider's tool, e.g. `web_search`.
        pub kind: String,
        /// `in_progress`, `searching` or `completed`.
        pub status: String,
    }
}
