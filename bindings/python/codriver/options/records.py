"""The option objects inside of the options: dicts with these keys.

Names may also be those of the wire (camelCase). What is absent is left to the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Union

if TYPE_CHECKING:
    from typing_extensions import Required


__all__ = [
    "AutoTier",
    "AzureOptions",
    "Canvas",
    "CanvasAction",
    "CanvasProvider",
    "CapiOptions",
    "CloudOptions",
    "CloudRepository",
    "Command",
    "ContextTier",
    "CustomAgent",
    "DefaultAgent",
    "ExtensionInfo",
    "GithubMcpTools",
    "InfiniteSessions",
    "InstalledPlugin",
    "LargeOutput",
    "ManagedPermissions",
    "ManagedSettings",
    "McpHttp",
    "McpServer",
    "McpStdio",
    "Memory",
    "ModelCapabilities",
    "ModelLimits",
    "ModelSupports",
    "NamedProvider",
    "ProviderConfig",
    "ProviderModel",
    "ProviderTransport",
    "ProviderType",
    "ReasoningSummary",
    "RemoteSession",
    "Sandbox",
    "SectionAction",
    "SessionLimits",
    "Storage",
    "SystemMessage",
    "SystemMessageMode",
    "SystemMessageSection",
    "ToolSearch",
    "VisionLimits",
    "WireApi",
]


ProviderType = Literal["openai", "azure", "anthropic"]

WireApi = Literal["completions", "responses"]

ProviderTransport = Literal["http", "websockets"]

RemoteSession = Literal["off", "export", "on"]

Storage = Literal["persistent", "in-memory"]

ReasoningSummary = Literal["none", "concise", "detailed"]

ContextTier = Literal["default", "long_context"]

AutoTier = Literal["efficiency", "balance", "intelligence", "fast"]

SystemMessageMode = Literal["append", "replace", "customize"]

SectionAction = Literal["replace", "remove", "append", "prepend", "transform"]


#: A value of `mcp_servers`: a child process, or a server reached over HTTP.
McpServer = Union["McpStdio", "McpHttp", Mapping[str, Any]]


class CustomAgent(TypedDict, total=False):
    """An agent the model may hand work to (wire: an element of `customAgents`)."""

    name: Required[str]
    """Name, unique in the session."""

    prompt: Required[str]
    """Its instructions."""

    display_name: str
    """Name for people."""

    description: str
    """What it is good for; the model chooses by it."""

    tools: Sequence[str]
    """Tools it may use; default: all."""

    mcp_servers: Mapping[str, McpServer]
    """MCP servers of its own, by name."""

    infer: bool
    """Whether the model may choose it by itself; the runtime's default is true."""

    skills: Sequence[str]
    """Skills loaded into its context."""

    model: str
    """Its model; default: the session's."""

    reasoning_effort: str
    """Its reasoning effort; default: the session's."""


class DefaultAgent(TypedDict, total=False):
    """The default agent (wire: `defaultAgent`)."""

    excluded_tools: Sequence[str]
    """Tools it may not use, while custom agents may."""


class CloudOptions(TypedDict, total=False):
    """Makes a session run in the cloud (wire: `cloud`). Its id comes from the server, and options that are
    about this process do not go on the wire.
    """

    repository: CloudRepository
    """The repository it works on."""


class CloudRepository(TypedDict, total=False):
    """A repository on the server (wire: `cloud.repository`)."""

    owner: Required[str]
    """User or organisation."""

    name: Required[str]
    """Name without the owner."""

    branch: str
    """Branch; default: the repository's default branch."""


class ToolSearch(TypedDict, total=False):
    """Tool search: the model looks tools up instead of being given all of them (wire: `toolSearch`)."""

    enabled: bool
    """Whether it is on."""

    defer_threshold: int
    """From how many tools on it hides them."""


class InfiniteSessions(TypedDict, total=False):
    """Compaction in the background, so that a session never runs out of context (wire: `infiniteSessions`)."""

    enabled: bool
    """Whether it is on; the runtime's default is true."""

    background_compaction_threshold: float
    """Share of the context window, 0 to 1, from which it compacts in the background."""

    buffer_exhaustion_threshold: float
    """Share of the context window, 0 to 1, from which the turn waits for the compaction."""


class Memory(TypedDict, total=False):
    """The runtime's memory across sessions (wire: `memory`)."""

    enabled: bool
    """Whether it is on."""


class LargeOutput(TypedDict, total=False):
    """Tool results that are written to a file instead of the context (wire: `largeOutput`)."""

    enabled: bool
    """Whether it is on."""

    max_size_bytes: int
    """From how many bytes on."""

    output_dir: str
    """The directory they go to."""


class SessionLimits(TypedDict, total=False):
    """What a session may use up (wire: `sessionLimits`)."""

    max_ai_credits: float
    """Most AI credits; above 0. Runtimes 1.0.85 and 1.0.102 want at least 30."""


class Command(TypedDict, total=False):
    """A slash command (wire: an element of `commands`)."""

    name: Required[str]
    """Name without the slash, unique in the session."""

    description: Required[str]
    """What it does, for people."""


class Canvas(TypedDict, total=False):
    """A canvas that this client can show (wire: an element of `canvases`)."""

    id: Required[str]
    """Id, unique in the session."""

    display_name: Required[str]
    """Name for people."""

    description: Required[str]
    """One sentence for the model."""

    input_schema: Any
    """JSON schema of what it is opened with."""

    actions: Sequence[CanvasAction]
    """What can be done on an open one."""


class CanvasAction(TypedDict, total=False):
    """What can be done on an open canvas (wire: an element of `canvases[].actions`)."""

    name: Required[str]
    """Name, unique in the canvas."""

    description: str
    """One sentence for the model."""

    input_schema: Any
    """JSON schema of its input."""


class CanvasProvider(TypedDict, total=False):
    """Who provides the canvases (wire: `canvasProvider`)."""

    id: Required[str]
    """Stable id."""

    name: str
    """Name for people."""


class ExtensionInfo(TypedDict, total=False):
    """Which extension this client is (wire: `extensionInfo`)."""

    source: Required[str]
    """Where it comes from."""

    name: Required[str]
    """Its name."""


class GithubMcpTools(TypedDict, total=False):
    """Tools of the built-in GitHub MCP server (wire: `githubMcpToolConfig`)."""

    enable_all_tools: bool
    """Whether all of them are there."""

    additional_toolsets: Sequence[str]
    """Tool sets beside the default ones."""

    additional_tools: Sequence[str]
    """Tools beside the default ones."""

    enable_insiders_mode: bool
    """Whether previews are there."""

    disable_form_deferral: bool
    """Whether forms are shown at once."""


class Sandbox(TypedDict, total=False):
    """The sandbox of shell commands (wire: `sandboxConfig`)."""

    enabled: bool
    """Whether it is on."""

    user_policy: Any
    """What people allowed beyond the base policy; as the runtime's schema `SandboxConfigUserPolicy` has it."""

    add_current_working_directory: bool
    """Whether the working directory may be written; the runtime's default is true."""

    sandbox_mcp_servers: bool
    """Whether MCP servers are in it too; the runtime's default is true."""

    sandbox_lsp_servers: bool
    """Whether language servers are in it too; the runtime's default is true."""

    allow_bypass: bool
    """Whether the model may ask to run a command outside of it."""

    allow_dev_tool_access: bool
    """Whether the tool directories found on PATH may be read."""


class ManagedSettings(TypedDict, total=False):
    """Policy of the host (wire: `managedSettings`); it can only narrow, and is never stored."""

    permissions: ManagedPermissions
    """Permission rules."""


class ManagedPermissions(TypedDict, total=False):
    """Permission rules of the host (wire: `managedSettings.permissions`)."""

    disable_bypass_permissions_mode: str
    """`disable` forbids the allow-all modes, `allow-auto-only` leaves the advisory one."""

    deny: Sequence[str]
    """Rules of what is never allowed; first in rank."""

    ask: Sequence[str]
    """Rules of what a person must allow."""

    allow: Sequence[str]
    """Rules of what is allowed."""


class InstalledPlugin(TypedDict, total=False):
    """A plugin of a session (wire: an element of `installedPlugins`; these names are snake_case there)."""

    name: Required[str]
    """Name."""

    marketplace: Required[str]
    """Marketplace it came from; empty for a direct install."""

    installed_at: Required[str]
    """When it was installed, ISO 8601."""

    enabled: Required[bool]
    """Whether it is on."""

    version: str
    """Version."""

    cache_path: str
    """The directory it lies in."""

    source: Any
    """Where a direct install came from; as the runtime's schema `SessionInstalledPluginSource` has it."""


class McpStdio(TypedDict, total=False):
    """An MCP server started as a child process (wire: an element of `mcpServers` with `command`)."""

    command: Required[str]
    """The program."""

    args: Sequence[str]
    """Its arguments."""

    cwd: str
    """Its working directory; default: the session's."""

    env: Mapping[str, str]
    """Its environment; values are sent literally (`envValueMode: direct`)."""

    tools: Sequence[str]
    """Tools to take; default: all."""

    timeout: int
    """Deadline of discovery and calls, in milliseconds."""


class McpHttp(TypedDict, total=False):
    """An MCP server reached over HTTP, streamed or by server-sent events (wire: an element of `mcpServers` with
    `url`).
    """

    url: Required[str]
    """An absolute `http` or `https` URL."""

    headers: Mapping[str, str]
    """Headers of every request."""

    tools: Sequence[str]
    """Tools to take; default: all."""

    timeout: int
    """Deadline of discovery and calls, in milliseconds."""

    oauth_client_id: str
    """Client id where an OAuth client is registered already."""

    oauth_public_client: bool
    """Whether that client has no secret."""

    oauth_grant_type: str
    """`authorization_code` or `client_credentials`."""


class ModelCapabilities(TypedDict, total=False):
    """Overrides of what the runtime knows of a model (wire: `modelCapabilities`), merged deeply over it."""

    supports: ModelSupports
    """What the model can."""

    limits: ModelLimits
    """How much it takes and gives."""


class ModelSupports(TypedDict, total=False):
    """What a model can (wire: `modelCapabilities.supports`)."""

    vision: bool
    """Whether it sees images."""

    reasoning_effort: bool
    """Whether its reasoning effort can be set."""


class ModelLimits(TypedDict, total=False):
    """How much a model takes and gives (wire: `modelCapabilities.limits`; these names are snake_case there)."""

    max_prompt_tokens: int
    """Most tokens in a prompt."""

    max_output_tokens: int
    """Most tokens in an answer."""

    max_context_window_tokens: int
    """Most tokens in prompt and answer together."""

    vision: VisionLimits
    """Limits of images."""


class VisionLimits(TypedDict, total=False):
    """Limits of images (wire: `modelCapabilities.limits.vision`; these names are snake_case there)."""

    supported_media_types: Sequence[str]
    """MIME types the model takes."""

    max_prompt_images: int
    """Most images in a prompt."""

    max_prompt_image_size: int
    """Most bytes of an image."""


class CapiOptions(TypedDict, total=False):
    """Options of the built-in Copilot provider (wire: `capi`)."""

    auto_tier: AutoTier
    """What the model `auto` should be chosen for."""

    enable_web_socket_responses: bool
    """Whether responses may come over a WebSocket; default: where the model offers it."""


class AzureOptions(TypedDict, total=False):
    """What only Azure needs (wire: `azure`)."""

    api_version: str
    """API version; without it the runtime takes the versionless route."""


class ProviderConfig(TypedDict, total=False):
    """The model provider of a session (wire: `provider`). The runtime never stores keys: give them again on
    resume.  Where several credentials are given, `on_provider_token` wins over `bearer_token`, and that over
    `api_key`.
    """

    base_url: Required[str]
    """Endpoint, an absolute `http` or `https` URL, e.g. `http://127.0.0.1:11434/v1`."""

    type: ProviderType
    """Protocol family; the runtime's default is `openai`."""

    wire_api: WireApi
    """API of an OpenAI-like endpoint; the runtime's default is `completions`."""

    transport: ProviderTransport
    """What carries the requests; the runtime's default is `http`. `websockets` needs OpenAI's `responses`."""

    api_key: str
    """Key; a local endpoint may need none."""

    bearer_token: str
    """Bearer token, sent as `Authorization`; wins over `api_key`."""

    azure: AzureOptions
    """What only Azure needs."""

    headers: Mapping[str, str]
    """Headers of every request to the provider."""

    model_id: str
    """Well-known model id from which capabilities and token limits are taken."""

    wire_model: str
    """Model name that the provider is asked for, where it differs from `model`."""

    max_prompt_tokens: int
    """Most tokens in a prompt."""

    max_output_tokens: int
    """Most tokens in an answer."""

    has_bearer_token_provider: bool
    """Whether the runtime asks for a bearer token before each request; set by `on_provider_token`."""


class NamedProvider(TypedDict, total=False):
    """A named provider beside the built-in one (wire: an element of `providers`)."""

    name: Required[str]
    """Name, unique in the session; it qualifies the models: `name/model`."""

    base_url: Required[str]
    """Endpoint, an absolute `http` or `https` URL."""

    type: ProviderType
    """Protocol family; the runtime's default is `openai`."""

    wire_api: WireApi
    """API of an OpenAI-like endpoint; the runtime's default is `completions`."""

    transport: ProviderTransport
    """What carries the requests; the runtime's default is `http`. `websockets` needs OpenAI's `responses`."""

    api_key: str
    """Key; a local endpoint may need none."""

    bearer_token: str
    """Bearer token, sent as `Authorization`; wins over `api_key`."""

    azure: AzureOptions
    """What only Azure needs."""

    headers: Mapping[str, str]
    """Headers of every request to the provider."""

    has_bearer_token_provider: bool
    """Whether the runtime asks for a bearer token before each request; set by `on_provider_token` where no
    other credential is given.
    """


class ProviderModel(TypedDict, total=False):
    """A model of a named provider (wire: an element of `models`); selected as `provider/id`."""

    id: Required[str]
    """Id, unique in its provider."""

    provider: Required[str]
    """The provider's name, one of `providers`."""

    wire_model: str
    """Model name that the provider is asked for; default: the id."""

    model_id: str
    """Well-known model id from which behaviour and limits are taken; default: the id."""

    name: str
    """Name for people; default: `provider/id`."""

    max_prompt_tokens: int
    """Most tokens in a prompt."""

    max_context_window_tokens: int
    """Most tokens in prompt and answer together."""

    max_output_tokens: int
    """Most tokens in an answer."""

    capabilities: ModelCapabilities
    """What the runtime should believe of the model."""


class SystemMessage(TypedDict, total=False):
    """The system message (wire: `systemMessage`)."""

    mode: SystemMessageMode
    """What happens to the runtime's own; the runtime's default is `append`."""

    content: str
    """The text that is appended or replaces it."""

    sections: Mapping[str, SystemMessageSection]
    """Sections by id (`identity`, `tone`, `guidelines`, `environment_context` …); needs the mode `customize`.
    """


class SystemMessageSection(TypedDict, total=False):
    """A change of one section (wire: a value of `systemMessage.sections`)."""

    action: SectionAction
    """What happens to it."""

    content: str
    """The text for `replace`, `append` and `prepend`."""
