"""Drives the GitHub Copilot agent runtime: sessions, tools, permissions, files; nothing lost.

Example:
    >>> import asyncio, codriver
    >>> @codriver.tool
    ... async def get_weather(city: str) -> str:
    ...     "Tells the weather."
    ...     return f"22 °C in {city}"
    >>> async def main() -> None:
    ...     async with codriver.Client() as client:
    ...         session = await client.create_session(
    ...             tools=[get_weather],
    ...             on_permission_request=lambda request: codriver.PermissionDecision.approve_once(),
    ...         )
    ...         turn = await session.send_and_wait("What is the weather in Paris?")
    ...         print(turn.content)
    >>> asyncio.run(main())
    You said: What is the weather in Paris?

Scripts without asyncio take `codriver.sync`. The names of options are in `codriver.options`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .client import Client as Client
    from .client import RuntimeInfo as RuntimeInfo
    from .errors import *
    from .events import EVENTS_LOST as EVENTS_LOST
    from .events import SessionEvent as SessionEvent
    from .fs import DirEntry as DirEntry
    from .fs import FsStat as FsStat
    from .fs import SessionFs as SessionFs
    from .requests import *
    from .session import EventStream as EventStream
    from .session import Session as Session
    from .session import Turn as Turn
    from .store import Store as Store
    from .store import StoredEvents as StoredEvents
    from .tools import Tool as Tool
    from .tools import ToolInvocation as ToolInvocation
    from .tools import ToolResult as ToolResult
    from .tools import tool as tool
    from .view import View as View

__version__ = "0.1.0"

#: Where each name is. A module is imported when one of its names is first asked for.
_NAMES = {
    "client": "Client RuntimeInfo",
    "errors": """
        AuthenticationFailedError AuthenticationRequiredError BadHandleError CancelledError ClosedError CloudNotReadyError
        CloudPolicyBlockedError CodriverError ConnectFailedError ForkedError FrameTooLargeError FsConflictError FsCorruptError
        FsInvalidPathError FsIoError FsNotFoundError FsUnsupportedError InternalError InvalidArgumentError InvalidConfigError
        InvalidUtf8Error MethodNotFoundError ProtocolError RpcDetails RpcError RuntimeLostError RuntimeNotFoundError
        SessionAlreadyOpenError SessionError SessionIdMismatchError SessionLockedError SessionNotFoundError TimeoutError
        VersionMismatchError WouldDeadlockError""",
    "events": "EVENTS_LOST SessionEvent",
    "fs": "DirEntry FsStat SessionFs",
    "requests": """
        AutoModeSwitchRequest AutoModeSwitchResponse CommandInvocation ElicitationRequest ElicitationResult ExitPlanModeRequest
        ExitPlanModeResponse HandlerFailure HookInput HookOutput McpAuthRequest McpAuthResponse McpHeadersRequest
        McpHeadersResponse PermissionDecision PermissionRequest ProviderTokenRequest SamplingRequest SessionLimitsRequest
        SessionLimitsResponse UserInputRequest UserInputResponse""",
    "session": "EventStream Session Turn",
    "store": "Store StoredEvents",
    "tools": "Tool ToolInvocation ToolResult tool",
    "view": "View",
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = ["__version__", *_MODULE_OF]


if not TYPE_CHECKING:  # A name that is not there must stay one for type checkers.

    def __getattr__(name: str) -> object:
        module = _MODULE_OF.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(f".{module}", __name__), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
