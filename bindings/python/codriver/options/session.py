"""The options of a session, as keyword arguments of `create_session`, `resume_session` and `join_session`.

Each is the core's option of the same name; `None` is as good as absent. One that has no name here goes into `extra`, under
its name on the wire.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from .models import CapiOptions, ModelCapabilities, NamedProvider, ProviderConfig, ProviderModel
from .records import (
    Canvas,
    CanvasProvider,
    CloudOptions,
    ContextTier,
    CustomAgent,
    DefaultAgent,
    ExtensionInfo,
    GithubMcpTools,
    InfiniteSessions,
    InstalledPlugin,
    LargeOutput,
    ManagedSettings,
    McpServer,
    Memory,
    ReasoningSummary,
    RemoteSession,
    Sandbox,
    SessionLimits,
    Storage,
    SystemMessage,
    ToolSearch,
)

__all__ = ["CreateOptions", "ResumeOptions", "SessionOptions"]


class SessionOptions(TypedDict, total=False):
    """What create, resume and join take."""

    model: str | None
    """Model id; default: the runtime's choice."""

    reasoning_effort: str | None
    """Reasoning effort, e.g. `low`, `medium`, `high`; which there are depends on the model."""

    reasoning_summary: ReasoningSummary | None
    """How reasoning is summarised."""

    context_tier: ContextTier | None
    """Context window of models that have two."""

    model_capabilities: ModelCapabilities | None
    """What the runtime should believe of the model."""

    name: str | None
    """Name for people."""

    client_name: str | None
    """Which program this is, for statistics and User-Agent."""

    is_experimental_mode: bool | None
    """Whether experimental features are on; `empty` mode: false."""

    tool_search: ToolSearch | None
    """Tool search."""

    available_tools: Sequence[str] | None
    """The only tools there are: names, or `builtin:*`, `mcp:*`, `custom:*`; default: all. `empty` mode: the
    tools of this config.
    """

    excluded_tools: Sequence[str] | None
    """Tools that are not there, also if `available_tools` names them."""

    excluded_builtin_agents: Sequence[str] | None
    """Built-in agents that are not there."""

    canvases: Sequence[Canvas] | None
    """Canvases this client shows."""

    request_canvas_renderer: bool | None
    """Whether this client draws canvases."""

    request_extensions: bool | None
    """Whether extensions are loaded."""

    extension_sdk_path: str | None
    """Path of the SDK that extensions are given."""

    extension_info: ExtensionInfo | None
    """Which extension this client is."""

    canvas_provider: CanvasProvider | None
    """Who provides the canvases."""

    system_message: SystemMessage | None
    """The system message."""

    provider: ProviderConfig | None
    """The only model provider. The runtime does not store its keys: give them again on resume."""

    providers: Sequence[NamedProvider] | None
    """Named model providers beside the built-in one; not together with `provider`."""

    models: Sequence[ProviderModel] | None
    """Models of the named providers."""

    capi: CapiOptions | None
    """Options of the built-in Copilot provider."""

    streaming: bool | None
    """Whether answers come as deltas; the runtime's default is false. `false` is sent too."""

    include_sub_agent_streaming_events: bool | None
    """Whether deltas of sub-agents come too; default: the runtime's."""

    request_permission: bool | None
    """Whether the runtime asks for permissions; default: true, see `create_params`."""

    request_user_input: bool | None
    """Whether the model may ask people; default: whether there is a handler."""

    request_elicitation: bool | None
    """Whether MCP servers may ask people; default: whether there is a handler."""

    request_exit_plan_mode: bool | None
    """Whether leaving the plan mode is asked for; default: whether there is a handler."""

    request_auto_mode_switch: bool | None
    """Whether switching the mode is asked for; default: whether there is a handler."""

    request_mcp_apps: bool | None
    """Whether this client shows MCP apps."""

    working_directory: str | None
    """Working directory; default: the runtime's."""

    additional_directories: Sequence[str] | None
    """Directories the agent may use beside it."""

    config_dir: str | None
    """Directory of the configuration; default: the runtime's base directory."""

    enable_config_discovery: bool | None
    """Whether MCP servers, skills and the like are looked for in the working directory. `empty` mode: false."""

    skill_directories: Sequence[str] | None
    """Directories of skills."""

    plugin_directories: Sequence[str] | None
    """Directories of plugins."""

    instruction_directories: Sequence[str] | None
    """Directories of instructions."""

    agent_directories: Sequence[str] | None
    """Directories of agents."""

    hook_directories: Sequence[str] | None
    """Directories of hooks."""

    disabled_skills: Sequence[str] | None
    """Skills that are not there."""

    disabled_mcp_servers: Sequence[str] | None
    """MCP servers that are not started."""

    mcp_servers: Mapping[str, McpServer] | None
    """MCP servers by name; values of their `env` are literal."""

    mcp_oauth_token_storage: Storage | None
    """Where OAuth tokens of MCP servers are kept. `empty` mode: in memory."""

    embedding_cache_storage: Storage | None
    """Where embeddings are kept. `empty` mode: in memory."""

    github_mcp_tool_config: GithubMcpTools | None
    """Tools of the built-in GitHub MCP server."""

    custom_agents: Sequence[CustomAgent] | None
    """Agents beside the default one."""

    custom_agents_local_only: bool | None
    """Whether custom agents run only here. `empty` mode: true."""

    default_agent: DefaultAgent | None
    """The default agent."""

    agent: str | None
    """The agent that is active at first, by name."""

    infinite_sessions: InfiniteSessions | None
    """Compaction in the background."""

    memory: Memory | None
    """Memory across sessions. `empty` mode: off."""

    large_output: LargeOutput | None
    """Tool results that go to a file."""

    github_token: str | None
    """GitHub token of this session's user, beside the client's own login."""

    remote_session: RemoteSession | None
    """Whether the session can be watched and steered from elsewhere."""

    enable_session_telemetry: bool | None
    """Whether the session reports telemetry. `empty` mode: false."""

    enable_citations: bool | None
    """Whether answers come with citations, where the model can; the runtime's default is false."""

    enable_file_change_tracking: bool | None
    """Whether file changes are recorded, for rewind and diff; the runtime's default is false."""

    session_limits: SessionLimits | None
    """What the session may use up."""

    enable_managed_settings: bool | None
    """Whether the runtime fetches and enforces the enterprise's settings."""

    managed_settings: ManagedSettings | None
    """Policy of the host; never stored, give it again on resume."""

    skip_embedding_retrieval: bool | None
    """Whether retrieval by embeddings is left out. `empty` mode: true."""

    organization_custom_instructions: str | None
    """Instructions of the organisation."""

    enable_on_demand_instruction_discovery: bool | None
    """Whether instructions are looked for as files are read. `empty` mode: false."""

    enable_file_hooks: bool | None
    """Whether hooks of `.github/hooks` are run. `empty` mode: false."""

    enable_host_git_operations: bool | None
    """Whether the runtime asks git about the working directory. `empty` mode: false."""

    enable_session_store: bool | None
    """Whether the store across sessions is used. `empty` mode: false."""

    enable_skills: bool | None
    """Whether skills are loaded. `empty` mode: false."""

    sandbox_config: Sandbox | None
    """The sandbox of shell commands."""

    feature_flags: Mapping[str, bool] | None
    """Feature flags by name."""

    exp_assignments: Any | None
    """Assignments of the experimentation service, in its own shape."""

    traceparent: str | None
    """W3C trace context of the call."""

    tracestate: str | None
    """W3C trace state of the call."""

    skip_custom_instructions: bool | None
    """Whether custom instructions are left out. `empty` mode: true."""

    coauthor_enabled: bool | None
    """Whether commits get a `Co-authored-by` line. `empty` mode: false."""

    manage_schedule_enabled: bool | None
    """Whether the model has the tool `manage_schedule`. `empty` mode: false."""

    installed_plugins: Sequence[InstalledPlugin] | None
    """The only plugins there are. `empty` mode: none."""

    extra: Mapping[str, Any] | None
    """Options without a name here, under their names on the wire; sent as they are."""


class CreateOptions(SessionOptions, total=False):
    """What only create takes."""

    session_id: str | None
    """The session's id, a name for a directory; default: a UUID made here. Not for cloud sessions."""

    cloud: CloudOptions | None
    """Makes the session run in the cloud."""


class ResumeOptions(SessionOptions, total=False):
    """What only resume and join take."""

    disable_resume: bool | None
    """Whether to leave out the event `session.resume`; default: false, and true when joining."""

    continue_pending_work: bool | None
    """Whether to go on with the tool calls and permissions that were pending; the runtime's default is false.
    """

    open_canvases: Sequence[Any] | None
    """Canvases that are open, as the runtime described them."""

    requested_environment_variables: Sequence[str] | None
    """Names of environment variables this extension would like to be given."""
