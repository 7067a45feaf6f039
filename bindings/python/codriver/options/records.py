"""The option objects inside of the options: dicts with these keys.

Names may also be those of the wire (camelCase). What is absent is left to the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Union

if TYPE_CHECKING:
    from typing_extensions import Required


__all__ = [
    "Canvas",
    "CanvasAction",
    "CanvasProvider",
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
]


RemoteSession = Literal["off", "export", "on"]

Storage = Literal["persistent", "in-memory"]

ReasoningSummary = Literal["none", "concise", "detailed"]

ContextTier = Literal["default", "long_context"]


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
