//! The options of a session: each is the core's of the same name.

use std::collections::HashMap;

use super::feature::{
    Canvas, CanvasProvider, CloudOptions, CustomAgent, DefaultAgent, ExtensionInfo, GithubMcpTools,
    InfiniteSessions, InstalledPlugin, LargeOutput, ManagedSettings, McpServer, Memory, Sandbox,
    SessionLimits, SystemMessage, ToolSearch,
};
use super::provider::{CapiOptions, ModelCapabilities, NamedProvider, ProviderConfig, ProviderModel};
use super::record::records;
use super::text::{Json, Secret};

records! {
    /// The options of a session. What is absent is left to the runtime.
    SessionOptions {
        needed {}
        maybe {
            /// The session's id, a name for a directory; default: a UUID made here. Not for cloud sessions.
            /// Only for create.
            session_id: String,
            /// Makes the session run in the cloud. Only for create.
            cloud: CloudOptions,
            /// Whether to leave out the event `session.resume`; default: false, and true when joining. Only for
            /// resume and join.
            disable_resume: bool,
            /// Whether to go on with the tool calls and permissions that were pending; the runtime's default is
            /// false. Only for resume and join.
            continue_pending_work: bool,
            /// Canvases that are open, as the runtime described them. Only for resume and join.
            open_canvases: Vec<Json>,
            /// Names of environment variables this extension would like to be given. Only for resume and join.
            requested_environment_variables: Vec<String>,
            /// Model id; default: the runtime's choice.
            model: String,
            /// Reasoning effort, e.g. `low`, `medium`, `high`; which there are depends on the model.
            reasoning_effort: String,
            /// How reasoning is summarised: `none`, `concise`, `detailed`.
            reasoning_summary: String,
            /// Context window of models that have two: `default`, `long_context`.
            context_tier: String,
            /// What the runtime should believe of the model.
            model_capabilities: ModelCapabilities,
            /// Name for people.
            name: String,
            /// Which program this is, for statistics and User-Agent.
            client_name: String,
            /// Whether experimental features are on; `empty` mode: false.
            is_experimental_mode: bool,
            /// Tool search.
            tool_search: ToolSearch,
            /// The only tools there are: names, or `builtin:*`, `mcp:*`, `custom:*`; default: all. `empty`
            /// mode: the tools of this config.
            available_tools: Vec<String>,
            /// Tools that are not there, also if `available_tools` names them.
            excluded_tools: Vec<String>,
            /// Built-in agents that are not there.
            excluded_builtin_agents: Vec<String>,
            /// Canvases this client shows.
            canvases: Vec<Canvas>,
            /// Whether this client draws canvases.
            request_canvas_renderer: bool,
            /// Whether extensions are loaded.
            request_extensions: bool,
            /// Path of the SDK that extensions are given.
            extension_sdk_path: String,
            /// Which extension this client is.
            extension_info: ExtensionInfo,
            /// Who provides the canvases.
            canvas_provider: CanvasProvider,
            /// The system message.
            system_message: SystemMessage,
            /// The only model provider. The runtime does not store its keys: give them again on resume.
            provider: ProviderConfig,
            /// Named model providers beside the built-in one; not together with `provider`.
            providers: Vec<NamedProvider>,
            /// Models of the named providers.
            models: Vec<ProviderModel>,
            /// Options of the built-in Copilot provider.
            capi: CapiOptions,
            /// Whether answers come as deltas; the runtime's default is false. `false` is sent too.
            streaming: bool,
            /// Whether deltas of sub-agents come too; default: the runtime's.
            include_sub_agent_streaming_events: bool,
            /// Whether the runtime asks for permissions; default: true, see `create_params`.
            request_permission: bool,
            /// Whether the model may ask people; default: whether there is a handler.
            request_user_input: bool,
            /// Whether MCP servers may ask people; default: whether there is a handler.
            request_elicitation: bool,
            /// Whether leaving the plan mode is asked for; default: whether there is a handler.
            request_exit_plan_mode: bool,
            /// Whether switching the mode is asked for; default: whether there is a handler.
            request_auto_mode_switch: bool,
            /// Whether this client shows MCP apps.
            request_mcp_apps: bool,
            /// Working directory; default: the runtime's.
            working_directory: String,
            /// Directories the agent may use beside it.
            additional_directories: Vec<String>,
            /// Directory of the configuration; default: the runtime's base directory.
            config_dir: String,
            /// Whether MCP servers, skills and the like are looked for in the working directory. `empty` mode:
            /// false.
            enable_config_discovery: bool,
            /// Directories of skills.
            skill_directories: Vec<String>,
            /// Directories of plugins.
            plugin_directories: Vec<String>,
            /// Directories of instructions.
            instruction_directories: Vec<String>,
            /// Directories of agents.
            agent_directories: Vec<String>,
            /// Directories of hooks.
            hook_directories: Vec<String>,
            /// Skills that are not there.
            disabled_skills: Vec<String>,
            /// MCP servers that are not started.
            disabled_mcp_servers: Vec<String>,
            /// MCP servers by name; values of their `env` are literal.
            mcp_servers: HashMap<String, McpServer>,
            /// Where OAuth tokens of MCP servers are kept. `empty` mode: in memory: `persistent`, `in-memory`.
            mcp_oauth_token_storage: String,
            /// Where embeddings are kept. `empty` mode: in memory: `persistent`, `in-memory`.
            embedding_cache_storage: String,
            /// Tools of the built-in GitHub MCP server.
            github_mcp_tool_config: GithubMcpTools,
            /// Agents beside the default one.
            custom_agents: Vec<CustomAgent>,
            /// Whether custom agents run only here. `empty` mode: true.
            custom_agents_local_only: bool,
            /// The default agent.
            default_agent: DefaultAgent,
            /// The agent that is active at first, by name.
            agent: String,
            /// Compaction in the background.
            infinite_sessions: InfiniteSessions,
            /// Memory across sessions. `empty` mode: off.
            memory: Memory,
            /// Tool results that go to a file.
            large_output: LargeOutput,
            /// GitHub token of this session's user, beside the client's own login.
            github_token: Secret,
            /// Whether the session can be watched and steered from elsewhere: `off`, `export`, `on`.
            remote_session: String,
            /// Whether the session reports telemetry. `empty` mode: false.
            enable_session_telemetry: bool,
            /// Whether answers come with citations, where the model can; the runtime's default is false.
            enable_citations: bool,
            /// Whether file changes are recorded, for rewind and diff; the runtime's default is false.
            enable_file_change_tracking: bool,
            /// What the session may use up.
            session_limits: SessionLimits,
            /// Whether the runtime fetches and enforces the enterprise's settings.
            enable_managed_settings: bool,
            /// Policy of the host; never stored, give it again on resume.
            managed_settings: ManagedSettings,
            /// Whether retrieval by embeddings is left out. `empty` mode: true.
            skip_embedding_retrieval: bool,
            /// Instructions of the organisation.
            organization_custom_instructions: String,
            /// Whether instructions are looked for as files are read. `empty` mode: false.
            enable_on_demand_instruction_discovery: bool,
            /// Whether hooks of `.github/hooks` are run. `empty` mode: false.
            enable_file_hooks: bool,
            /// Whether the runtime asks git about the working directory. `empty` mode: false.
            enable_host_git_operations: bool,
            /// Whether the store across sessions is used. `empty` mode: false.
            enable_session_store: bool,
            /// Whether skills are loaded. `empty` mode: false.
            enable_skills: bool,
            /// The sandbox of shell commands.
            sandbox_config: Sandbox,
            /// Feature flags by name.
            feature_flags: HashMap<String, bool>,
            /// Assignments of the experimentation service, in its own shape.
            exp_assignments: Json,
            /// W3C trace context of the call.
            traceparent: String,
            /// W3C trace state of the call.
            tracestate: String,
            /// Whether custom instructions are left out. `empty` mode: true.
            skip_custom_instructions: bool,
            /// Whether commits get a `Co-authored-by` line. `empty` mode: false.
            coauthor_enabled: bool,
            /// Whether the model has the tool `manage_schedule`. `empty` mode: false.
            manage_schedule_enabled: bool,
            /// The only plugins there are. `empty` mode: none.
            installed_plugins: Vec<InstalledPlugin>,
        }
    }
}
