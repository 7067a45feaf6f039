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
    >>> asyncio.run(main())  # doctest: +SKIP

Scripts without asyncio take `codriver.sync`. The names of options are in `codriver.options`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import *
from .errors import __all__ as _errors
from .events import EVENTS_LOST, SessionEvent
from .fs import DirEntry, FsStat, SessionFs
from .requests import *
from .requests import __all__ as _requests
from .tools import Tool, ToolInvocation, ToolResult, tool
from .view import View

if TYPE_CHECKING:
    from .client import Client, RuntimeInfo
    from .session import EventStream, Session, Turn
    from .store import Store

__version__ = "0.1.0"

__all__ = [
    "EVENTS_LOST",
    "Client",
    "DirEntry",
    "EventStream",
    "FsStat",
    "RuntimeInfo",
    "Session",
    "SessionEvent",
    "SessionFs",
    "Store",
    "Tool",
    "ToolInvocation",
    "ToolResult",
    "Turn",
    "View",
    "__version__",
    "tool",
    *(name for name in _errors if name not in ("ERRORS", "error_of")),
    *(name for name in _requests if name != "Answer"),
]

#: What needs asyncio and the compiled library, loaded when it is first asked for.
_LATER = {
    "Client": "client",
    "RuntimeInfo": "client",
    "EventStream": "session",
    "Session": "session",
    "Turn": "session",
    "Store": "store",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        from importlib import import_module

        value = getattr(import_module(f".{_LATER[name]}", __name__), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
