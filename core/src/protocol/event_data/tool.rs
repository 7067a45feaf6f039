//! Tools at work: those of the runtime, and those that this side answers.

use serde_json::{Map, Value};

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `tool.user_requested`: the user, not the model, asked for a tool.
    pub struct ToolUserRequested {
        /// The call's id.
        pub tool_call_id: String,
        /// The tool.
        pub tool_name: String,
        /// Its arguments.
        pub arguments: Option<Value>,
    }

    /// `tool.execution_start`: a tool begins to run.
    pub struct ToolExecutionStart {
        /// The call's id.
        pub tool_call_id: String,
        /// The tool.
        pub tool_name: String,
        /// Its arguments.
        pub arguments: Option<Value>,
        /// The tool's title for people (1.0.102).
        pub tool_title: Option<String>,
        /// What a shell command may touch.
        pub shell_tool_info: Option<ShellToolInfo>,
        /// The model that asked for it.
        pub model: Option<String>,
        /// The MCP server that has the tool, if one does.
        pub mcp_server_name: Option<String>,
        /// The tool's own name on that server.
        pub mcp_tool_name: Option<String>,
        /// The round, as in `AssistantTurnStart::turn_id`.
        pub turn_id: Option<String>,
        /// The tool call of the sub-agent that runs it; `None` for the main agent.
        pub parent_tool_call_id: Option<String>,
    }

    /// What a shell command may touch, judged by its text.
    pub struct ShellToolInfo {
        /// Files it may read or write.
        pub possible_paths: Vec<String>,
        /// Whether it redirects into a file.
        pub has_write_file_redirection: bool,
        /// The command without a needless leading `cd`, where there was one.
        pub display_command: Option<String>,
    }

    /// `tool.execution_partial_result`: the next piece of a running tool's output.
    pub struct ToolExecutionPartialResult {
        /// The call.
        pub tool_call_id: String,
        /// The text to append.
        pub partial_output: String,
    }

    /// `tool.execution_progress`: a running tool tells how far it is.
    pub struct ToolExecutionProgress {
        /// The call.
        pub tool_call_id: String,
        /// The words.
        pub progress_message: String,
    }

    /// `tool.shell_output`: the next piece of a shell command's output (1.0.102; in no schema).
    pub struct ToolShellOutput {
        /// The call.
        pub tool_call_id: String,
        /// `stdout` or `stderr`.
        pub stream: String,
        /// The text.
        pub text: String,
        /// Its place in the stream, from 0.
        pub sequence: u64,
    }

    /// `tool.execution_complete`: a tool has ended.
    pub struct ToolExecutionComplete {
        /// The call.
        pub tool_call_id: String,
        /// Whether it worked.
        pub success: bool,
        /// What it gave, where it worked.
        pub result: Option<ToolExecutionResult>,
        /// What went wrong, where it did not.
        pub error: Option<ToolExecutionError>,
        /// The model that asked for it.
        pub model: Option<String>,
        /// Whether the user, not the model, asked for it.
        pub is_user_requested: Option<bool>,
        /// Whether it ran in a sandbox.
        pub sandboxed: Option<bool>,
        /// The tool's own measurements, as sent.
        pub tool_telemetry: Map<String, Value>,
        /// The round, as in `AssistantTurnStart::turn_id`.
        pub turn_id: Option<String>,
        /// Ties the call to the service's telemetry.
        pub interaction_id: Option<String>,
        /// The tool call of the sub-agent that ran it; `None` for the main agent.
        pub parent_tool_call_id: Option<String>,
    }

    /// What a tool gave.
    pub struct ToolExecutionResult {
        /// What the model is told; may be cut.
        pub content: String,
        /// The whole of it, for people.
        pub detailed_content: Option<String>,
        /// The same in blocks, each as it came: `{type: text|terminal|shell_exit|image|audio|resource_link|resource}`.
        pub contents: Vec<Value>,
        /// The MCP tool's structured answer.
        pub structured_content: Option<Value>,
    }

    /// What went wrong in a tool.
    pub struct ToolExecutionError {
        /// For people.
        pub message: String,
        /// For programs.
        pub code: Option<String>,
        /// What the user can do about it: `sign_in`, `review_sandbox_policy`, …
        pub remediation: Option<String>,
    }

    /// `external_tool.requested`: a tool of this side is called. Answered by
    /// `session.tools.handlePendingToolCall`, also from another process after a crash: the id is all it takes.
    pub struct ExternalToolRequested {
        /// The id to answer with.
        pub request_id: String,
        /// The session that calls.
        pub session_id: String,
        /// The call.
        pub tool_call_id: String,
        /// The tool.
        pub tool_name: String,
        /// Its arguments.
        pub arguments: Option<Value>,
        /// Where the session works.
        pub working_directory: Option<String>,
        /// W3C trace context of the call.
        pub traceparent: Option<String>,
        /// W3C trace state of the call.
        pub tracestate: Option<String>,
    }

    /// `external_tool.completed`: the call is answered, here or by another client.
    pub struct ExternalToolCompleted {
        /// The id of the request.
        pub request_id: String,
    }
}
