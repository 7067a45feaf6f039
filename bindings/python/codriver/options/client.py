"""The options of a client, as keyword arguments of `Client`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from typing_extensions import Required

    from ..fs import SessionFs
    from ..store import Store

__all__ = [
    "ClientInfo",
    "ClientMode",
    "ClientOptions",
    "ExternalTransport",
    "FsSource",
    "Limits",
    "LogLevel",
    "ParentTransport",
    "SessionFsOptions",
    "StdioTransport",
    "TcpTransport",
    "Telemetry",
    "Transport",
]

LogLevel = Literal["none", "error", "warning", "info", "debug", "all", "default"]
ClientMode = Literal["copilot", "empty"]
FsSource = Literal["disk", "none"]


class StdioTransport(TypedDict):
    """A child of ours, over its stdin and stdout."""

    kind: Literal["stdio"]


class TcpTransport(TypedDict, total=False):
    """A child of ours, over TCP on loopback."""

    kind: Required[Literal["tcp"]]

    port: int
    """Port; 0, the default: any."""


class ExternalTransport(TypedDict, total=False):
    """A runtime somebody else started and will end."""

    kind: Required[Literal["external"]]

    host: Required[str]
    """Host name or address."""

    port: Required[int]
    """Port."""

    token: str
    """Connection token, where the runtime was started with one."""


class ParentTransport(TypedDict):
    """The runtime that started this process as an extension, over our own stdin and stdout."""

    kind: Literal["parent"]


Transport = StdioTransport | TcpTransport | ExternalTransport | ParentTransport


class ClientInfo(TypedDict, total=False):
    """Who this program is, for the runtime's telemetry."""

    name: Required[str]
    """The program."""

    version: str
    """Its version."""


class Telemetry(TypedDict, total=False):
    """OpenTelemetry of the runtime; that it is there turns it on."""

    otlp_endpoint: str
    """OTLP endpoint, an `http` or `https` URL."""

    otlp_protocol: Literal["http/json", "http/protobuf"]
    """How it is spoken to."""

    file_path: str
    """File for the file exporter."""

    exporter_type: Literal["otlp-http", "file"]
    """Which exporter."""

    source_name: str
    """Name of the instrumentation scope."""

    capture_content: bool
    """Whether prompts and answers are recorded."""


class Limits(TypedDict, total=False):
    """Bounds and deadlines; what is absent has its default."""

    max_frame_bytes: int
    """Largest frame taken from the runtime; default: 64 MiB + 64 KiB."""

    event_queue_max_bytes: int
    """Bytes of undelivered events a session holds before deltas are merged; default: 64 MiB."""

    replay_max_bytes: int
    """Bytes of delivered events a session holds for `events(from_seq=...)`; default: 64 KiB."""

    parking_max_items: int
    """Parked messages an unknown session id may have; default: 1,024."""

    parking_max_bytes: int
    """Parked bytes an unknown session id may have; default: 4 MiB."""

    parking_max_ids: int
    """Unknown session ids that may have parked messages; default: 64."""

    parking_timeout_ms: int
    """How long a message is parked; default: 120 s."""

    fs_deadline_ms: int
    """How long a filesystem call may take; default: 30 s."""

    handler_deadline_ms: int | None
    """How long a handler may take; default: as long as it likes."""

    start_timeout_ms: int
    """How long starting and connecting may take; default: 60 s."""

    stop_timeout_ms: int
    """How long each step of stopping may take; default: 10 s."""

    cloud_ready_timeout_ms: int
    """How long a prompt waits for a cloud session's worker; default: 120 s."""

    request_timeout_ms: int | None
    """How long a call of the runtime may take; default: until it answers or is gone."""


class SessionFsOptions(TypedDict, total=False):
    """Session state in a store of one's own."""

    store: Required[str | Store | Callable[[str], SessionFs]]
    """A URL (`memory:`, `dir:PATH`, `sqlite:PATH`), an open `Store`, or what makes the `SessionFs` of a session id."""

    initial_cwd: Required[str]
    """Working directory of sessions, an absolute path."""

    state_path: Required[str]
    """Where the runtime keeps a session's state in the session's store, an absolute path, e.g. `/state`."""

    conventions: Literal["posix", "windows"]
    """How paths look; default: `posix`."""

    binary: bool
    """Whether stores read and write bytes; default: true."""

    sqlite: bool
    """Whether SQL is answered; default: false."""

    workspace: FsSource
    """Where the files of a session's working directory and of its additional directories are; default: on the disk."""

    rest: FsSource
    """Where everything else is; default: on the disk if the workspace is, the runtime was started by this client and its mode
    is not `empty`; else nowhere: reads find nothing, changes are refused."""

    cache: bool
    """Whether a session's small files are kept in memory while it is open; default: where the store is far away.

    A `SessionFs` of one's own is given every path as the runtime says it, unless one of `workspace`, `rest` and `cache` is
    set: then it has `/state`, `/runtime` and `/codriver` of a session and nothing else."""


class ClientOptions(TypedDict, total=False):
    """What `Client` takes; `None` is as good as absent."""

    transport: Transport | None
    """How the runtime is reached; default: a child over stdio."""

    cli_path: str | os.PathLike[str] | None
    """The runtime's program; default: `COPILOT_CLI_PATH`, `copilot` on PATH, what `codriver doctor --install` installed."""

    cli_args: Sequence[str] | None
    """Arguments before our own, e.g. a script when `cli_path` is an interpreter."""

    cwd: str | os.PathLike[str] | None
    """The runtime's working directory, which must exist; default: this process's."""

    env: Mapping[str, str] | None
    """Environment variables of the runtime, over those of this process."""

    env_remove: Sequence[str] | None
    """Environment variables that the runtime does not inherit."""

    log_level: LogLevel | None
    """How much the runtime logs."""

    github_token: str | None
    """The user's GitHub token; reaches the runtime in its environment, never in its arguments."""

    use_logged_in_user: bool | None
    """Whether the login stored on this machine may be used; default: true, and false with `github_token`."""

    connection_token: str | None
    """Token of the connection; default for a TCP child: a random one."""

    base_directory: str | os.PathLike[str] | None
    """Where the runtime keeps state, configuration and logs; default: `~/.copilot`."""

    session_idle_timeout_seconds: int | None
    """After how many seconds the runtime closes an idle session; 0 or `None`: never."""

    remote: bool | None
    """Whether sessions may be steered from elsewhere."""

    telemetry: Telemetry | None
    """OpenTelemetry of the runtime; default: off."""

    mode: ClientMode | None
    """How much of its surroundings sessions take in; `empty` is for servers with many users."""

    client_info: ClientInfo | None
    """Who this program is."""

    builtin_plugins: Sequence[str | os.PathLike[str]] | None
    """Directories of plugins that every session has."""

    enable_github_telemetry_forwarding: bool | None
    """Whether the runtime forwards its telemetry as notifications `gitHubTelemetry.event`."""

    session_fs: SessionFsOptions | None
    """Session state in a store of one's own; default: the runtime's files."""

    limits: Limits | None
    """Bounds and deadlines."""

    threads: int | None
    """Threads Codriver has for its own work; counts for the first client of a process."""


def plain(value: Any) -> Any:
    """The value as JSON has it: paths become text, mappings dicts, other iterables lists."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner) for inner in value]
    return value
