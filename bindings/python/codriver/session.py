"""Sessions."""

from __future__ import annotations

import asyncio
import json
import logging
import weakref
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._bridge import Question
from ._ffi import awaited, called, native
from ._handlers import Handlers
from ._notices import run_handler
from ._pump import BATCH, BATCH_BYTES, Handler, Pump, Registration
from .errors import ClosedError
from .events import SessionEvent, events_of
from .options.client import plain
from .requests import ElicitationResult, HandlerFailure
from .tools import check_arity
from .view import View

if TYPE_CHECKING:
    from .client import Client

__all__ = ["EventStream", "Session", "Turn", "Ui"]

log = logging.getLogger("codriver")


class Turn:
    """How a turn ended.

    Attributes:
        message_id: the id the runtime gave the prompt; empty where it does not tell.
        content: the last text the assistant said in this turn; `None` where it said none.
        aborted: whether the turn was aborted.

    Example:
        >>> Turn("m-1", "Paris", False)
        Turn(content='Paris', aborted=False)
    """

    __slots__ = ("aborted", "content", "message_id")

    def __init__(self, message_id: str, content: str | None, aborted: bool) -> None:
        self.message_id = message_id
        self.content = content
        self.aborted = aborted

    def __repr__(self) -> str:
        return f"Turn(content={self.content!r}, aborted={self.aborted})"


class EventStream(AsyncIterator[SessionEvent]):
    """The events of a session, from a place on. Ends when the session does, after the last event.

    Left as a context manager, or closed, it is unsubscribed; so it is when nobody holds it any more.

    Example:
        >>> async def first_words(session: Session) -> str:
        ...     async with session.events() as events:
        ...         await session.send("Tell me a story")
        ...         async for event in events:
        ...             if event.type == "assistant.message_delta":
        ...                 return event.data.delta_content
        ...     return ""
    """

    def __init__(self, client: Client, cursor: Any) -> None:
        self._client = client
        self._cursor = cursor
        self._id = called(cursor.id)
        self._events: deque[SessionEvent] = deque()
        self._ready = asyncio.Event()
        self._closed = False
        # A wake must not keep a stream alive that nobody reads.
        ready = self._ready
        client._bridge.wakes[self._id] = ready.set

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> SessionEvent:
        self._client._refuse_forked()
        events = self._events
        while not events:
            if self._closed:
                raise StopAsyncIteration
            self._ready.clear()
            batch = called(self._cursor.take, BATCH, BATCH_BYTES)
            events.extend(events_of(batch))
            if events:
                break
            if batch.ended:
                self.close()
            elif not batch.more:
                await self._ready.wait()
        return events.popleft()

    def close(self) -> None:
        """Unsubscribes; what was taken already is still given."""
        if not self._closed:
            self._closed = True
            self._client._bridge.wakes.pop(self._id, None)
            self._cursor.close()
            self._ready.set()

    async def __aenter__(self) -> EventStream:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):
            self._client._bridge.wakes.pop(self._id, None)


class Session:
    """A session that is open in a client; made by `Client.create_session` and its like.

    It lives until `disconnect`, or the end of its client. As a context manager it is disconnected at the end.

    Example:
        >>> import asyncio, codriver
        >>> async def main() -> None:
        ...     async with codriver.Client() as client:
        ...         async with await client.create_session(model="gpt-5") as session:
        ...             turn = await session.send_and_wait("What is the capital of France?")
        ...             print(turn.content)
        >>> asyncio.run(main())
        You said: What is the capital of France?
    """

    def __init__(self, client: Client, native_session: Any, handlers: Handlers, session_id: str = "") -> None:
        self._client = client
        self._native = native_session
        self._handlers = handlers
        self._number: int = called(native_session.id)
        #: What was asked for; from the runtime's answer on, what the runtime says.
        self._id = session_id
        self._is_opened = False
        self._workspace_path: str | None = None
        self._failures: deque[tuple[str, BaseException]] = deque(maxlen=64)
        self._cursor: Any = None
        self._pump: Pump | None = None
        self._all_told = False
        # What the library holds must not hold the session, nor the session itself: it goes with its last owner.
        remember = weakref.WeakMethod(self._remember)
        handlers.failed = lambda place, error: _if_there(remember, place, error)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """From here on questions are answered and events are heard."""
        bridge = self._client._bridge
        bridge.questions[self._number] = _asked_of(weakref.ref(self))
        if self._handlers.on_event:
            self._pump = self._new_pump(loop, self._native.take)
            self._pump.handlers.extend(self._handlers.on_event)
            bridge.wakes[self._number] = _woken(self._pump)

    def _new_pump(self, loop: asyncio.AbstractEventLoop, take: Callable[[int, int], Any]) -> Pump:
        report, ended = weakref.WeakMethod(self._event_handler_failed), weakref.WeakMethod(self._drained)
        return Pump(loop, take, lambda error: _if_there(report, error), lambda: _if_there(ended))

    def _opened(self, info: str) -> None:
        told = json.loads(info)
        self._is_opened = True
        self._id = told["sessionId"]
        self._workspace_path = told.get("workspacePath")

    def _forget(self) -> None:
        """The session is over: nobody is asked any more; the events that are left are still told."""
        client = self._client
        was_open = client._sessions.pop(self._number, None) is not None
        if was_open and self._pump is not None and not self._all_told:
            client._draining.add(self)
        client._bridge.questions.pop(self._number, None)
        # One that was not opened may have been refused because another has its id, and the files.
        if self._is_opened or all(other._id != self._id for other in client._sessions.values()):
            client._bridge.forget_files(self._id)

    def _drained(self) -> None:
        """The last event was told."""
        self._all_told = True
        self._client._draining.discard(self)
        self._client._bridge.wakes.pop(self._number, None)

    @property
    def ui(self) -> Ui:
        """Questions to the user of whoever shows this session."""
        return Ui(self)

    @property
    def id(self) -> str:
        """The session's id."""
        return self._id

    @property
    def workspace_path(self) -> str | None:
        """Where the runtime keeps the session's state; `None` for cloud sessions."""
        return self._workspace_path

    @property
    def capabilities(self) -> View:
        """What the host's interface can do, as the runtime said last."""
        return View(json.loads(called(self._native.info))["capabilities"])

    @property
    def counters(self) -> dict[str, int]:
        """What was counted for it: `events_received`, `events_delivered`, `events_lost`, …"""
        return dict(json.loads(called(self._native.counters)))

    async def send(self, prompt: str, **options: Any) -> str:
        """Sends a prompt; the turn goes on by itself. Prompts go out in the order of the calls.

        Args:
            prompt: what the model reads.
            **options: as of `send_and_wait`.

        Returns:
            The id of the message.

        Raises:
            CloudNotReadyError: the worker of a cloud session did not come.
            ClosedError: the session is over.
        """
        return str(await self._call(self._native.send, _prompt(prompt, options), method="send"))

    async def send_and_wait(
        self,
        prompt: str,
        *,
        timeout: float = 60.0,
        abort_on_timeout: bool = False,
        **options: Any,
    ) -> Turn:
        """Sends a prompt and waits for the end of its turn, whatever else the session does.

        Args:
            prompt: what the model reads.
            timeout: seconds; default: 60.
            abort_on_timeout: whether the turn is aborted then; default: it goes on.
            **options: `display_prompt`, `attachments`, `mode` (`enqueue` or `immediate`), `agent_mode`, `request_headers`,
                `traceparent`, `tracestate`; `extra` for what has no name here.

        Raises:
            TimeoutError: with the last event, and what is pending.
            SessionError: the turn failed.
            ClosedError: the session is over.
        """
        milliseconds = _milliseconds("timeout", timeout)
        told = await self._call(
            self._native.send_and_wait,
            _prompt(prompt, options, "send_and_wait"),
            milliseconds,
            abort_on_timeout,
            method="send_and_wait",
        )
        return Turn(told["messageId"], told["content"], told["aborted"])

    def events(self, *, from_seq: int | None = None) -> EventStream:
        """The events from now on, or from a sequence number as far as they are still held.

        Example:
            >>> async def watch(session: Session) -> None:
            ...     async for event in session.events():
            ...         print(event.seq, event.type)
        """
        self._client._loop_of_call()
        return EventStream(self._client, called(self._native.subscribe, from_seq))

    def on(self, handler: Handler, *, type: str | None = None) -> Registration:
        """Calls `handler` for each event from now on: in wire order, one at a time, after those registered before.

        Args:
            handler: sync or async, with one `SessionEvent`. On the event loop: it must not block.
            type: only events of this type.

        Returns:
            What unregisters it: call it, or use it as a context manager.

        Raises:
            TypeError: the handler cannot be called with one argument.
        """
        check_arity("on()'s handler", handler, 1)
        loop = self._client._loop_of_call()
        if self._pump is None:
            self._cursor = called(self._native.subscribe, None)
            self._pump = self._new_pump(loop, self._cursor.take)
            self._client._bridge.wakes[called(self._cursor.id)] = _woken(self._pump)
        chosen = handler if type is None else _only(type, handler)
        self._pump.handlers.append(chosen)
        return Registration(self._pump.handlers, chosen)

    async def abort(self) -> None:
        """Stops what the session is doing. Handlers at work are cancelled."""
        await self._call(self._native.abort)

    async def get_events(self) -> list[SessionEvent]:
        """The stored events; they have no sequence numbers (`seq` is 0)."""
        return [SessionEvent.of(raw) for raw in await self._call(self._native.get_events)]

    async def set_model(self, model: str, reasoning_effort: str | None = None) -> None:
        """Switches to another model, from the next turn on."""
        await self._call(self._native.set_model, model, reasoning_effort)

    async def log(self, message: str, *, level: str | None = None, ephemeral: bool = False) -> str:
        """Puts a line into the session's log; `level`: `info`, `warning`, `error`. Gives the event's id."""
        return str(await self._call(self._native.log, message, level, ephemeral))

    async def wait_until_ready(self, timeout: float = 120.0) -> None:
        """Waits until the session takes prompts; only a cloud session's worker has to come first.

        Raises:
            CloudNotReadyError: it did not come within `timeout` seconds.
        """
        await self._call(self._native.wait_until_ready, _milliseconds("timeout", timeout))

    async def rpc(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Any method of the runtime, with `sessionId` added to `params`, and its result as it came.

        Raises:
            MethodNotFoundError: the runtime does not know it.
            RpcError: the runtime refused; `error.rpc` has its code.
        """
        return await self._call(self._native.rpc, method, json.dumps(plain(params or {})))

    async def disconnect(self) -> None:
        """Ends the session here and tells the runtime, which keeps what it stored. Twice is fine."""
        try:
            await self._call(self._native.disconnect)
        finally:
            self._forget()

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.disconnect()

    def __repr__(self) -> str:
        return f"Session({self._id!r})"

    async def _call(self, method_of_native: Callable[..., Awaitable[Any]], *args: Any, method: str = "") -> Any:
        self._client._loop_of_call()
        try:
            answer = await awaited(method_of_native(*args))
        except TypeError as error:
            raise TypeError(f"{method or method_of_native.__name__}(): {error}") from None
        return None if answer is None else json.loads(answer)

    def _event_handler_failed(self, error: BaseException) -> None:
        self._remember("on_event", error)
        taken_from = self._cursor or self._native
        try:
            taken_from.report_handler_error("on_event", str(error) or type(error).__name__)
        except native.Error:
            # After the end there is nobody to report to.
            self._tell_failure("on_event", None)

    def _remember(self, place: str, error: BaseException) -> None:
        self._failures.append((place, error))

    def _tell_failure(self, place: str, told: BaseException | None) -> None:
        """A handler failed; `told` is what the library said of it, our own exception is better."""
        error = told
        for at, (where, raised) in enumerate(self._failures):
            if where == place:
                error = raised
                del self._failures[at]
                break
        failure = HandlerFailure(place, self._id, error or RuntimeError("unknown"))
        on_handler_error = self._handlers.on_handler_error
        if on_handler_error is None:
            log.error("handler %s of session %s failed", place, self._id, exc_info=failure.error)
            return
        run_handler(self._client, on_handler_error, failure)


def _if_there(method: weakref.WeakMethod[Any], *args: Any) -> None:
    call = method()
    if call is not None:
        call(*args)


def _woken(pump: Pump) -> Callable[[], None]:
    there = weakref.ref(pump)

    def wake() -> None:
        pump = there()
        if pump is not None:
            pump.wake()

    return wake


def _asked_of(there: weakref.ref[Session]) -> Question:
    async def answer(kind: str, name: str, payload: Any) -> Any:
        session = there()
        if session is None:
            raise ClosedError("the session is not open here any more")
        return await session._handlers.answer(kind, name, payload)

    return answer


class Ui:
    """Questions to the user, through whoever shows the session; each fails where nobody can show one.

    Example:
        >>> async def may_deploy(session: Session) -> bool:
        ...     return await session.ui.confirm("Deploy to production?")
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def elicitation(self, message: str, schema: Mapping[str, Any]) -> ElicitationResult:
        """Shows a form: `schema` is a flat JSON schema object.

        Raises:
            InvalidConfigError: nobody can show one; set `on_elicitation_request`.
        """
        native_session = self._session._native
        return ElicitationResult(await self._session._call(native_session.ui_elicitation, message, json.dumps(plain(schema))))

    async def confirm(self, message: str) -> bool:
        """Asks a yes-or-no question; anything but a yes is `False`."""
        return bool(await self._session._call(self._session._native.ui_confirm, message))

    async def select(self, message: str, choices: Sequence[str]) -> str | None:
        """Lets the user choose; `None` where they did not."""
        native_session = self._session._native
        chosen = await self._session._call(native_session.ui_select, message, json.dumps(list(choices)))
        return None if chosen is None else str(chosen)

    async def input(self, message: str) -> str | None:
        """Lets the user enter a line; `None` where they did not."""
        entered = await self._session._call(self._session._native.ui_input, message)
        return None if entered is None else str(entered)


_SEND_OPTIONS = {
    "display_prompt": "displayPrompt",
    "attachments": "attachments",
    "mode": "mode",
    "agent_mode": "agentMode",
    "request_headers": "requestHeaders",
    "traceparent": "traceparent",
    "tracestate": "tracestate",
}


def _prompt(prompt: str, options: Mapping[str, Any], call: str = "send") -> str:
    from ._names import refuse_unknown

    if not isinstance(prompt, str):
        raise TypeError(f"{call}(): prompt must be a str, not {type(prompt).__name__}")
    refuse_unknown(call, options, [*_SEND_OPTIONS, "extra"])
    wire = dict(options.get("extra") or {})
    wire |= {_SEND_OPTIONS[name]: value for name, value in options.items() if name != "extra" and value is not None}
    return json.dumps(plain({**wire, "prompt": prompt}))


def _milliseconds(name: str, seconds: float) -> int:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise TypeError(f"{name} must be a number of seconds, not {type(seconds).__name__}")
    if not 0 <= seconds < 1e13:
        raise ValueError(f"{name} must be a number of seconds from 0 on, not {seconds}")
    return int(seconds * 1000)


def _only(type: str, handler: Handler) -> Handler:
    def chosen(event: SessionEvent) -> Awaitable[None] | None:
        return handler(event) if event.type == type else None

    return chosen
