"""The client: one connection to a runtime, and the sessions on it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import weakref
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from ._names import refuse_unknown
from ._notices import take_notices
from ._pump import Handler
from ._wire import as_json, session_fs_of, told_error
from .errors import CodriverError, ForkedError, InvalidArgumentError
from .events import SessionEvent
from .options.client import plain
from .requests import HandlerFailure
from .tools import check_arity
from .view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Unpack

    from . import requests as asked
    from .options import ClientOptions, CreateOptions, ResumeOptions
    from .session import Session
    from .store import Store
    from .tools import Tool

__all__ = ["Client", "RuntimeInfo"]

log = logging.getLogger("codriver")


class RuntimeInfo:
    """What the handshake said of the runtime.

    Attributes:
        version: the runtime's version, e.g. `1.0.102`.
        protocol_version: the protocol it speaks.

    Example:
        >>> RuntimeInfo("1.0.102", 3).version
        '1.0.102'
    """

    __slots__ = ("protocol_version", "version")

    def __init__(self, version: str, protocol_version: int) -> None:
        self.version = version
        self.protocol_version = protocol_version

    def __repr__(self) -> str:
        return f"RuntimeInfo(version={self.version!r}, protocol_version={self.protocol_version})"


class Client:
    """A client of one runtime, on one event loop: that of the first call.

    As a context manager it connects at the beginning and stops at the end. Handlers are called on its loop and must not
    block it; tools that are not async run on threads.

    Args:
        on_state: is told `disconnected`, `connecting`, `connected`, `error`.
        on_lifecycle: is told when sessions of the runtime come, go and change: `type`, `session_id`, `metadata`.
        on_notification: is told notifications this library has no name for: method and parameters.
        **options: see `codriver.options.ClientOptions`; none of them is needed.

    Raises:
        TypeError: an option that is not known, with the nearest one; a handler of the wrong arity.
        InvalidConfigError: an option that cannot work, by its name.

    Example:
        >>> import asyncio, codriver
        >>> async def main() -> None:
        ...     async with codriver.Client() as client:
        ...         session = await client.create_session(model="gpt-5")
        ...         turn = await session.send_and_wait("What is the capital of France?")
        ...         print(turn.content)
        >>> asyncio.run(main())
        You said: What is the capital of France?
    """

    def __init__(
        self,
        *,
        on_state: Callable[[str], Any] | None = None,
        on_lifecycle: Callable[[View], Any] | None = None,
        on_notification: Callable[[str, Any], Any] | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        from . import _bridge, _ffi
        from .options import ClientOptions as known

        refuse_unknown("Client", options, known.__annotations__)
        for name, handler, count in (
            ("on_state", on_state, 1),
            ("on_lifecycle", on_lifecycle, 1),
            ("on_notification", on_notification, 2),
        ):
            if handler is not None:
                check_arity(name, handler, count)
        self._on_state = on_state
        self._on_lifecycle = on_lifecycle
        self._on_notification = on_notification
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = os.getpid()
        self._sessions: dict[int, Session] = {}
        #: Sessions that are over, with events that are still to be told.
        self._draining: set[Session] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        wire = {name: plain(value) for name, value in options.items() if value is not None and name != "session_fs"}
        open_files, self._store = None, None
        if (given := options.get("session_fs")) is not None:
            wire["session_fs"], open_files, self._store = session_fs_of(given)
        self._bridge = _bridge.Bridge(open_files)
        files = None if open_files is None else self._bridge
        try:
            self._native = _ffi.called(_ffi.native.Client, as_json("Client", wire), self._bridge, files, True)
        except (ValueError, OverflowError) as error:
            raise TypeError(f"Client(): {error}") from None
        me, handle = weakref.ref(self), _ffi.called(self._native.id)
        self._bridge.wakes[handle] = lambda: take_notices(me)
        _ffi.call_back(handle)

    # The connection.

    async def start(self) -> None:
        """Connects, and starts the runtime where that is ours to do; does nothing where the client is connected.

        After an error, a lost runtime or `stop`, it may be called again.

        Raises:
            RuntimeNotFoundError: no runtime was found, with all that was tried.
            RuntimeLostError: it ended at once, with its last words.
            ConnectFailedError: nobody listens.
            AuthenticationRequiredError, AuthenticationFailedError: the connection wants a (right) token.
            VersionMismatchError, ProtocolError, TimeoutError: it is not a runtime this library can talk to.
        """
        await self._call(self._native.connect)

    async def stop(self) -> list[CodriverError]:
        """Ends the client in order: sessions, runtime, and all that the runtime started. Twice is fine.

        Returns:
            What went wrong; the client is stopped all the same.
        """
        return self._ended(await self._call(self._native.stop))

    async def force_stop(self) -> list[CodriverError]:
        """Ends the client at once: the runtime is killed with all that it started."""
        return self._ended(await self._call(self._native.force_stop))

    async def __aenter__(self) -> Client:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for error in await self.stop():
            log.warning("while stopping: %s", error)

    @property
    def state(self) -> str:
        """`disconnected`, `connecting`, `connected` or `error`."""
        return str(self._info()["state"])

    @property
    def runtime(self) -> RuntimeInfo | None:
        """What the runtime said of itself; `None` where the client is not connected."""
        info = self._info()
        if "runtimeVersion" not in info:
            return None
        return RuntimeInfo(info["runtimeVersion"], info["protocolVersion"])

    @property
    def runtime_pid(self) -> int | None:
        """The process id of the runtime, where it is a child of this client."""
        return self._info().get("runtimePid")

    def session_store(self) -> Store | None:
        """The store of its sessions, opened for the caller, who closes it; there from the first `start` on.

        `None` where the runtime keeps the sessions, or a `SessionFs` of one's own does.

        Example:
            >>> async def how_many(client: Client) -> int:
            ...     store = client.session_store()
            ...     if store is None:
            ...         return 0
            ...     async with store:
            ...         return len(await store.list_sessions())
        """
        from ._ffi import called
        from .store import Store

        opened = called(self._native.session_store)
        return None if opened is None else Store(opened)

    @property
    def counters(self) -> dict[str, int]:
        """What was counted for all its sessions together: `events_received`, `events_delivered`, `events_lost`, …"""
        from ._ffi import called

        return dict(json.loads(called(self._native.counters)))

    # Sessions.

    async def create_session(
        self,
        *,
        on_event: Handler | Sequence[Handler] | None = None,
        on_handler_error: Callable[[HandlerFailure], Any] | None = None,
        on_permission_request: Callable[[asked.PermissionRequest], Any] | None = None,
        on_user_input_request: Callable[[asked.UserInputRequest], Any] | None = None,
        on_elicitation_request: Callable[[asked.ElicitationRequest], Any] | None = None,
        on_exit_plan_mode: Callable[[asked.ExitPlanModeRequest], Any] | None = None,
        on_auto_mode_switch: Callable[[asked.AutoModeSwitchRequest], Any] | None = None,
        on_mcp_auth_request: Callable[[asked.McpAuthRequest], Any] | None = None,
        on_mcp_headers_request: Callable[[asked.McpHeadersRequest], Any] | None = None,
        on_sampling_request: Callable[[asked.SamplingRequest], Any] | None = None,
        on_session_limits_exhausted: Callable[[asked.SessionLimitsRequest], Any] | None = None,
        on_provider_token: Callable[[asked.ProviderTokenRequest], Any] | None = None,
        hooks: Mapping[str, Callable[[asked.HookInput], Any]] | None = None,
        commands: Mapping[str, Any] | None = None,
        system_message_sections: Mapping[str, Callable[[str], Any]] | None = None,
        tools: Sequence[Tool | Callable[..., Any] | Mapping[str, Any]] | None = None,
        **options: Unpack[CreateOptions],
    ) -> Session:
        """Creates a session. Handlers are there before the first byte is written; each is sync or async.

        Args:
            on_event: hears every event, from the first one on; one handler or a list, called in this order.
            on_handler_error: is told when a handler failed; default: the log is.
            on_permission_request: decides on permissions; without it nothing is approved.
            on_user_input_request: answers what the model asks people.
            on_elicitation_request: answers forms of MCP servers.
            on_exit_plan_mode: decides whether a plan is good.
            on_auto_mode_switch: decides whether another model may be taken.
            on_mcp_auth_request: logs in to MCP servers.
            on_mcp_headers_request: gives headers for MCP servers.
            on_sampling_request: lets MCP servers ask the model.
            on_session_limits_exhausted: decides when the session's limits are used up.
            on_provider_token: gives the bearer token for each request to the model's provider.
            hooks: by name, e.g. `preToolUse`; one that fails there denies the tool.
            commands: slash commands: a handler, or a handler and what people are told about it.
            system_message_sections: what rewrites a section, by its id: text to text.
            tools: functions with `@codriver.tool`; or declarations, as dicts.
            **options: see `codriver.options.CreateOptions`.

        Raises:
            TypeError: an option that is not known, with the nearest one; a handler of the wrong arity.
            InvalidConfigError: an option that cannot work, by its name.
            SessionAlreadyOpenError: that session is open here.

        Example:
            >>> async def ask(client: Client) -> None:
            ...     session = await client.create_session(
            ...         model="gpt-5",
            ...         streaming=True,
            ...         on_event=lambda event: print(event.type),
            ...         on_permission_request=lambda request: codriver.PermissionDecision.reject(),
            ...     )
        """
        from .options import CreateOptions as known

        session = self._new_session("create_session", locals(), options, known)
        return await self._open(session, session._native.create)

    async def resume_session(
        self,
        session_id: str,
        *,
        on_event: Handler | Sequence[Handler] | None = None,
        on_handler_error: Callable[[HandlerFailure], Any] | None = None,
        on_permission_request: Callable[[asked.PermissionRequest], Any] | None = None,
        on_user_input_request: Callable[[asked.UserInputRequest], Any] | None = None,
        on_elicitation_request: Callable[[asked.ElicitationRequest], Any] | None = None,
        on_exit_plan_mode: Callable[[asked.ExitPlanModeRequest], Any] | None = None,
        on_auto_mode_switch: Callable[[asked.AutoModeSwitchRequest], Any] | None = None,
        on_mcp_auth_request: Callable[[asked.McpAuthRequest], Any] | None = None,
        on_mcp_headers_request: Callable[[asked.McpHeadersRequest], Any] | None = None,
        on_sampling_request: Callable[[asked.SamplingRequest], Any] | None = None,
        on_session_limits_exhausted: Callable[[asked.SessionLimitsRequest], Any] | None = None,
        on_provider_token: Callable[[asked.ProviderTokenRequest], Any] | None = None,
        hooks: Mapping[str, Callable[[asked.HookInput], Any]] | None = None,
        commands: Mapping[str, Any] | None = None,
        system_message_sections: Mapping[str, Callable[[str], Any]] | None = None,
        tools: Sequence[Tool | Callable[..., Any] | Mapping[str, Any]] | None = None,
        **options: Unpack[ResumeOptions],
    ) -> Session:
        """Resumes a stored session; arguments as of `create_session`.

        Raises:
            SessionNotFoundError: the runtime has none of that id.
            SessionAlreadyOpenError: it is open here.
        """
        from .options import ResumeOptions as known

        if not isinstance(session_id, str):
            raise TypeError(f"resume_session(): session_id must be a str, not {type(session_id).__name__}")
        session = self._new_session("resume_session", locals(), options, known)
        return await self._open(session, session._native.resume, session_id)

    async def join_session(
        self,
        *,
        on_event: Handler | Sequence[Handler] | None = None,
        on_handler_error: Callable[[HandlerFailure], Any] | None = None,
        on_permission_request: Callable[[asked.PermissionRequest], Any] | None = None,
        on_user_input_request: Callable[[asked.UserInputRequest], Any] | None = None,
        on_elicitation_request: Callable[[asked.ElicitationRequest], Any] | None = None,
        on_exit_plan_mode: Callable[[asked.ExitPlanModeRequest], Any] | None = None,
        on_auto_mode_switch: Callable[[asked.AutoModeSwitchRequest], Any] | None = None,
        on_mcp_auth_request: Callable[[asked.McpAuthRequest], Any] | None = None,
        on_mcp_headers_request: Callable[[asked.McpHeadersRequest], Any] | None = None,
        on_sampling_request: Callable[[asked.SamplingRequest], Any] | None = None,
        on_session_limits_exhausted: Callable[[asked.SessionLimitsRequest], Any] | None = None,
        on_provider_token: Callable[[asked.ProviderTokenRequest], Any] | None = None,
        hooks: Mapping[str, Callable[[asked.HookInput], Any]] | None = None,
        commands: Mapping[str, Any] | None = None,
        system_message_sections: Mapping[str, Callable[[str], Any]] | None = None,
        tools: Sequence[Tool | Callable[..., Any] | Mapping[str, Any]] | None = None,
        **options: Unpack[ResumeOptions],
    ) -> Session:
        """Joins the session of the runtime that started this process as an extension (`transport={"kind": "parent"}`).

        Arguments as of `create_session`.
        """
        from .options import ResumeOptions as known

        session = self._new_session("join_session", locals(), options, known)
        return await self._open(session, session._native.join)

    async def list_sessions(self, filter: Mapping[str, Any] | None = None) -> list[View]:
        """The stored sessions of the runtime: `session_id`, `start_time`, `modified_time`, `summary`, …"""
        text = "" if filter is None else as_json("list_sessions", plain(filter))
        return [View(each) for each in await self._call(self._native.list_sessions, text)]

    async def get_session_metadata(self, session_id: str) -> View | None:
        """What is known of a stored session; `None` where the runtime has none of that id."""
        told = await self._call(self._native.get_session_metadata, session_id)
        return None if told is None else View(told)

    async def get_last_session_id(self) -> str | None:
        """The id of the session that was used last."""
        told = await self._call(self._native.get_last_session_id)
        return None if told is None else str(told)

    async def get_events(self, session_id: str) -> list[SessionEvent]:
        """The stored events of a session, whether or not anybody has it open; their `seq` is 0.

        Raises:
            SessionNotFoundError: there is none of that id.
        """
        return [SessionEvent.of(raw) for raw in await self._call(self._native.get_events, session_id)]

    async def delete_session(self, session_id: str) -> None:
        """Erases a stored session.

        Raises:
            SessionNotFoundError: there is none of that id.
        """
        await self._call(self._native.delete_session, session_id)

    async def get_foreground_session_id(self) -> str | None:
        """The session the terminal shows; `None` where there is no terminal."""
        told = await self._call(self._native.get_foreground_session_id)
        return None if told is None else str(told)

    async def set_foreground_session_id(self, session_id: str) -> None:
        """Makes the terminal show a session."""
        await self._call(self._native.set_foreground_session_id, session_id)

    # The runtime.

    async def ping(self, message: str | None = None) -> View:
        """Asks the runtime for a sign of life: `message`, `timestamp`.

        Raises:
            ClosedError: the client is not connected.
            RuntimeLostError: the runtime is gone.
        """
        return View(await self._call(self._native.ping, message))

    async def get_status(self) -> View:
        """The runtime's version and protocol: `version`, `protocol_version`."""
        return View(await self._call(self._native.get_status))

    async def get_auth_status(self) -> View:
        """Who is logged in: `is_authenticated`, `login`, …"""
        return View(await self._call(self._native.get_auth_status))

    async def list_models(self) -> list[View]:
        """The models the logged-in user may use: `id`, `name`, `capabilities`, …"""
        return [View(each) for each in await self._call(self._native.list_models)]

    async def rpc(self, method: str, params: Any = None) -> Any:
        """Any method of the runtime, with its result as it came. The way to all that has no name here.

        Raises:
            MethodNotFoundError: the runtime does not know it.
            RpcError: the runtime refused; `error.rpc` has its code, message and data.
        """
        text = "" if params is None else as_json("rpc", plain(params))
        return await self._call(self._native.rpc, method, text)

    def __repr__(self) -> str:
        return f"Client(state={self.state!r})"

    # Inside.

    def _loop_of_call(self) -> asyncio.AbstractEventLoop:
        """The loop that runs, which must be the client's, in the process that made it."""
        self._refuse_forked()
        loop = asyncio.get_running_loop()
        mine = self._loop
        if mine is loop:
            return loop
        if mine is None or (mine.is_closed() and not self._sessions):
            self._loop = self._bridge.loop = loop
            return loop
        gone = "which is closed" if mine.is_closed() else "which runs elsewhere"
        raise InvalidArgumentError(
            f"this client belongs to another event loop, {gone}; make one for each loop, or reach it by "
            "asyncio.run_coroutine_threadsafe()"
        )

    def _refuse_forked(self) -> None:
        """Before all else: a child has the parent's loop and its taken events as well, which lead to other answers."""
        if os.getpid() != self._process:
            raise ForkedError("it was made before this process was forked; make a new client here")

    async def _call(self, method: Callable[..., Awaitable[Any]], *args: Any) -> Any:
        from ._ffi import awaited

        self._loop_of_call()
        try:
            answer = await awaited(method(*args))
        except TypeError as error:
            raise TypeError(f"{method.__name__}(): {error}") from None
        return None if answer is None else json.loads(answer)

    def _info(self) -> dict[str, Any]:
        from ._ffi import called

        return dict(json.loads(called(self._native.info)))

    def _ended(self, errors: list[dict[str, Any]]) -> list[CodriverError]:
        for session in list(self._sessions.values()):
            session._forget()
        return [told_error(error) for error in errors]

    def _new_session(self, call: str, arguments: Mapping[str, Any], options: Mapping[str, Any], known: Any) -> Session:
        from ._ffi import called
        from ._handlers import KEYWORDS, Handlers
        from .session import Session

        refuse_unknown(call, options, [*known.__annotations__, *KEYWORDS])
        loop = self._loop_of_call()
        handlers = Handlers({name: arguments.get(name) for name in KEYWORDS})
        wire = {name: plain(value) for name, value in options.items() if value is not None and name != "extra"}
        wire |= plain(options.get("extra") or {})
        if handlers.declared:
            wire["tools"] = handlers.declared
        wire["handlers"] = handlers.wire
        session_id = arguments.get("session_id") or wire.get("session_id") or wire.get("sessionId") or ""
        if self._bridge.opens_files and call == "create_session" and not session_id and "cloud" not in wire:
            # The core would make one as well, and not tell it where the create fails: the files made for it would stay.
            from uuid import uuid4

            session_id = wire["session_id"] = str(uuid4())
        session = Session(self, called(self._native.session, as_json(call, wire)), handlers, str(session_id))
        session._begin(loop)
        return session

    async def _open(self, session: Session, method: Callable[..., Awaitable[Any]], *args: Any) -> Session:
        from ._ffi import awaited

        self._sessions[session._number] = session
        try:
            session._opened(await awaited(method(*args)))
        except BaseException:
            session._forget()
            session._native.close()
            raise
        return session
