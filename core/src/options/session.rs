//! `SessionConfig`: every option of a session, each declared once in the table below.
//!
//! The table gives the field, its builder method, its wire name, and when the runtime takes it (PROTOCOL §3).

use std::collections::BTreeMap;

use serde_json::Value;

use super::agent::{CustomAgent, DefaultAgent};
use super::cloud::CloudOptions;
use super::feature::{
    Canvas, CanvasProvider, Command, ExtensionInfo, GithubMcpTools, InfiniteSessions, InstalledPlugin,
    LargeOutput, ManagedSettings, Memory, RemoteSession, Sandbox, SessionLimits, ToolSearch,
};
use super::mcp::{McpServer, Storage};
use super::model::{CapiOptions, ContextTier, ModelCapabilities, ReasoningSummary};
use super::provider::{NamedProvider, ProviderConfig, ProviderModel};
use super::secret::Secret;
use super::session_table::session_options;
use super::system_message::SystemMessage;

session_options! {
    create {
        /// The session's id, a name for a directory; default: a UUID made here. Not for cloud sessions.
        into session_id: String = "sessionId";
        /// Makes the session run in the cloud.
        is cloud: CloudOptions = "cloud";
    }
    resume {
        /// Whether to leave out the event `session.resume`; default: false, and true when joining.
        is disable_resume: bool = "disableResume";
        /// Whether to go on with the tool calls and permissions that were pending; the runtime's default is false.
        is continue_pending_work: bool = "continuePendingWork";
        /// Canvases that are open, as the runtime described them.
        list open_canvases: Value = "openCanvases";
        /// Names of environment variables this extension would like to be given.
        list requested_environment_variables: String = "requestedEnvironmentVariables";
    }
    both {
        /// Model id; default: the runtime's choice.
        into model: String = "model";
        /// Reasoning effort, e.g. `low`, `medium`, `high`; which there are depends on the model.
        into reasoning_effort: String = "reasoningEffort";
        /// How reasoning is summarised.
        into reasoning_summary: ReasoningSummary = "reasoningSummary";
        /// Context window of models that have two.
        into context_tier: ContextTier = "contextTier";
        /// What the runtime should believe of the model.
        is model_capabilities: ModelCapabilities = "modelCapabilities";
        /// Name for people.
        into name: String = "name";
        /// Which program this is, for statistics and User-Agent.
        into client_name: String = "clientName";
        /// Whether experimental features are on; `empty` mode: false.
        is is_experimental_mode: bool = "isExperimentalMode";
        /// Tool search.
        is tool_search: ToolSearch = "toolSearch";
        /// The only tools there are: names, or `builtin:*`, `mcp:*`, `custom:*`; default: all. `empty` mode: the
        /// tools of this config.
        list available_tools: String = "availableTools";
        /// Tools that are not there, also if `available_tools` names them.
        list excluded_tools: String = "excludedTools";
        /// Built-in agents that are not there.
        list excluded_builtin_agents: String = "excludedBuiltinAgents";
        /// Slash commands; `command()` adds one with its handler.
        list commands: Command = "commands";
        /// Canvases this client shows.
        list canvases: Canvas = "canvases";
        /// Whether this client draws canvases.
        is request_canvas_renderer: bool = "requestCanvasRenderer";
        /// Whether extensions are loaded.
        is request_extensions: bool = "requestExtensions";
        /// Path of the SDK that extensions are given.
        into extension_sdk_path: String = "extensionSdkPath";
        /// Which extension this client is.
        is extension_info: ExtensionInfo = "extensionInfo";
        /// Who provides the canvases.
        is canvas_provider: CanvasProvider = "canvasProvider";
        /// The system message.
        is system_message: SystemMessage = "systemMessage";
        /// The only model provider. The runtime does not store its keys: give them again on resume.
        is provider: ProviderConfig = "provider";
        /// Named model providers beside the built-in one; not together with `provider`.
        list providers: NamedProvider = "providers";
        /// Models of the named providers.
        list models: ProviderModel = "models";
        /// Options of the built-in Copilot provider.
        is capi: CapiOptions = "capi";
        /// Whether answers come as deltas; the runtime's default is false. `false` is sent too.
        is streaming: bool = "streaming";
        /// Whether deltas of sub-agents come too; default: the runtime's.
        is include_sub_agent_streaming_events: bool = "includeSubAgentStreamingEvents";
        /// Whether the runtime asks for permissions; default: true, see `create_params`.
        is request_permission: bool = "requestPermission";
        /// Whether the model may ask people; default: whether there is a handler.
        is request_user_input: bool = "requestUserInput";
        /// Whether MCP servers may ask people; default: whether there is a handler.
        is request_elicitation: bool = "requestElicitation";
        /// Whether leaving the plan mode is asked for; default: whether there is a handler.
        is request_exit_plan_mode: bool = "requestExitPlanMode";
        /// Whether switching the mode is asked for; default: whether there is a handler.
        is request_auto_mode_switch: bool = "requestAutoModeSwitch";
        /// Whether this client shows MCP apps.
        is request_mcp_apps: bool = "requestMcpApps";
        /// Whether hooks are called; default: whether there is a handler.
        is hooks: bool = "hooks";
        /// Working directory; default: the runtime's.
        into working_directory: String = "workingDirectory";
        /// Directories the agent may use beside it.
        list additional_directories: String = "additionalDirectories";
        /// Directory of the configuration; default: the runtime's base directory.
        into config_dir: String = "configDir";
        /// Whether MCP servers, skills and the like are looked for in the working directory. `empty` mode: false.
        is enable_config_discovery: bool = "enableConfigDiscovery";
        /// Directories of skills.
        list skill_directories: String = "skillDirectories";
        /// Directories of plugins.
        list plugin_directories: String = "pluginDirectories";
        /// Directories of instructions.
        list instruction_directories: String = "instructionDirectories";
        /// Directories of agents.
        list agent_directories: String = "agentDirectories";
        /// Directories of hooks.
        list hook_directories: String = "hookDirectories";
        /// Skills that are not there.
        list disabled_skills: String = "disabledSkills";
        /// MCP servers that are not started.
        list disabled_mcp_servers: String = "disabledMcpServers";
        /// MCP servers by name; values of their `env` are literal.
        is mcp_servers: BTreeMap<String, McpServer> = "mcpServers";
        /// Where OAuth tokens of MCP servers are kept. `empty` mode: in memory.
        into mcp_oauth_token_storage: Storage = "mcpOAuthTokenStorage";
        /// Where embeddings are kept. `empty` mode: in memory.
        into embedding_cache_storage: Storage = "embeddingCacheStorage";
        /// Tools of the built-in GitHub MCP server.
        is github_mcp_tool_config: GithubMcpTools = "githubMcpToolConfig";
        /// Agents beside the default one.
        list custom_agents: CustomAgent = "customAgents";
        /// Whether custom agents run only here. `empty` mode: true.
        is custom_agents_local_only: bool = "customAgentsLocalOnly";
        /// The default agent.
        is default_agent: DefaultAgent = "defaultAgent";
        /// The agent that is active at first, by name.
        into agent: String = "agent";
        /// Compaction in the background.
        is infinite_sessions: InfiniteSessions = "infiniteSessions";
        /// Memory across sessions. `empty` mode: off.
        is memory: Memory = "memory";
        /// Tool results that go to a file.
        is large_output: LargeOutput = "largeOutput";
        /// GitHub token of this session's user, beside the client's own login.
        into github_token: Secret = "gitHubToken";
        /// Whether the session can be watched and steered from elsewhere.
        into remote_session: RemoteSession = "remoteSession";
        /// Whether the session reports telemetry. `empty` mode: false.
        is enable_session_telemetry: bool = "enableSessionTelemetry";
        /// Whether answers come with citations, where the model can; the runtime's default is false.
        is enable_citations: bool = "enableCitations";
        /// Whether file changes are recorded, for rewind and diff; the runtime's default is false.
        is enable_file_change_tracking: bool = "enableFileChangeTracking";
        /// What the session may use up.
        is session_limits: SessionLimits = "sessionLimits";
        /// Whether the runtime fetches and enforces the enterprise's settings.
        is enable_managed_settings: bool = "enableManagedSettings";
        /// Policy of the host; never stored, give it again on resume.
        is managed_settings: ManagedSettings = "managedSettings";
        /// Whether retrieval by embeddings is left out. `empty` mode: true.
        is skip_embedding_retrieval: bool = "skipEmbeddingRetrieval";
        /// Instructions of the organisation.
        into organization_custom_instructions: String = "organizationCustomInstructions";
        /// Whether instructions are looked for as files are read. `empty` mode: false.
        is enable_on_demand_instruction_discovery: bool = "enableOnDemandInstructionDiscovery";
        /// Whether hooks of `.github/hooks` are run. `empty` mode: false.
        is enable_file_hooks: bool = "enableFileHooks";
        /// Whether the runtime asks git about the working directory. `empty` mode: false.
        is enable_host_git_operations: bool = "enableHostGitOperations";
        /// Whether the store across sessions is used. `empty` mode: false.
        is enable_session_store: bool = "enableSessionStore";
        /// Whether skills are loaded. `empty` mode: false.
        is enable_skills: bool = "enableSkills";
        /// The sandbox of shell commands.
        is sandbox_config: Sandbox = "sandboxConfig";
        /// Feature flags by name.
        is feature_flags: BTreeMap<String, bool> = "featureFlags";
        /// Assignments of the experimentation service, in its own shape.
        is exp_assignments: Value = "expAssignments";
        /// W3C trace context of the call.
        into traceparent: String = "traceparent";
        /// W3C trace state of the call.
        into tracestate: String = "tracestate";
    }
    update {
        /// Whether custom instructions are left out. `empty` mode: true.
        is skip_custom_instructions: bool = "skipCustomInstructions";
        /// Whether commits get a `Co-authored-by` line. `empty` mode: false.
        is coauthor_enabled: bool = "coauthorEnabled";
        /// Whether the model has the tool `manage_schedule`. `empty` mode: false.
        is manage_schedule_enabled: bool = "manageScheduleEnabled";
        /// The only plugins there are. `empty` mode: none.
        list installed_plugins: InstalledPlugin = "installedPlugins";
    }
}
