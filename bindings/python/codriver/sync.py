"""The same for scripts without asyncio: every call blocks until it is done, and Ctrl-C works at once.

Everything runs on an event loop of its own, on a thread of its own. Handlers are called on threads, so they may block and
call back into the client.

Example:
    >>> import codriver.sync
    >>> def main() -> None:
    ...     with codriver.sync.Client() as client:
    ...         session = client.create_session(model="gpt-5")
    ...         print(session.send_and_wait("What is the capital of France?").content)
    >>> main()
    You said: What is the capital of France?
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import os
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from . import client as _client
from . import session as _session
from . import store as _store
from ._handlers import KEYWORDS
from ._pump import Registration
from ._threads import in_thread
from .errors import CodriverError, WouldDeadlockError
from .events import SessionEvent
from .requests import ElicitationResult
from .session import Turn
from .view import View

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import ClientOptions

__all__ = ["Client", "EventStream", "Session", "Store", "Ui"]

_T = TypeVar("_T")


class _Loop:
    """An event loop on a thread of its own, shared by all clients of this process and started with the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Runs it there and waits. Interrupted, it is cancelled.

        Raises:
            WouldDeadlockError: on the thread of the loop itself.
        """
        loop = self._running()
        if threading.current_thread() is self._thread:
            work.close()
            raise WouldDeadlockError("a blocking call on Codriver's own event loop; make it from another thread")
        future: concurrent.futures.Future[_T] = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._thread is None or not self._thread.is_alive():
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="codriver-sync", daemon=True)
                self._thread.start()
            return self._loop

    def renew(self) -> None:
        """A forked child has no thread; its lock may have been held."""
        self.__init__()  # type: ignore[misc]


_loop = _Loop()

os.register_at_fork(after_in_child=_loop.renew)


def _on_thread(handler: Callable[..., Any]) -> Callable[..., Any]:
    """The handler, called on a thread; what is async stays on the loop."""
    if inspect.iscoroutinefunction(handler):
        return handler

    async def call(*args: Any) -> Any:
        answer = await in_thread(handler, *args)
        return await answer if inspect.isawaitable(answer) else answer

    call.__signature__ = inspect.signature(handler)  # type: ignore[attr-defined]
    return call


def _threaded(keyword: str, value: Any) -> Any:
    if keyword not in KEYWORDS or keyword == "tools" or value is None:
        return value
    if isinstance(value, Mapping):
        return {
            name: (_on_thread(each[0]), *each[1:]) if isinstance(each, tuple) else _on_thread(each)
            for name, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_on_thread(each) for each in value]
    return _on_thread(value) if callable(value) else value


class Client:
    """`codriver.Client` without asyncio; same arguments, same errors."""

    def __init__(
        self,
        *,
        on_state: Callable[[str], Any] | None = None,
        on_lifecycle: Callable[[View], Any] | None = None,
        on_notification: Callable[[str, Any], Any] | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        if isinstance(given := options.get("session_fs"), Mapping) and isinstance(store := given.get("store"), Store):
            options["session_fs"] = {**given, "store": store._async}
        self._async = _client.Client(
            on_state=on_state and _on_thread(on_state),
            on_lifecycle=on_lifecycle and _on_thread(on_lifecycle),
            on_notification=on_notification and _on_thread(on_notification),
            **options,
        )

    def start(self) -> None:
        """Connects; see `codriver.Client.start`."""
        _loop.run(self._async.start())

    def stop(self) -> list[CodriverError]:
        """Ends the client in order; see `codriver.Client.stop`."""
        return _loop.run(self._async.stop())

    def force_stop(self) -> list[CodriverError]:
        """Ends the client at once."""
        return _loop.run(self._async.force_stop())

    def __enter__(self) -> Client:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def state(self) -> str:
        """`disconnected`, `connecting`, `connected` or `error`."""
        return self._async.state

    @property
    def runtime(self) -> _client.RuntimeInfo | None:
        """What the runtime said of itself."""
        return self._async.runtime

    @property
    def runtime_pid(self) -> int | None:
        """The process id of the runtime, where it is a child of this client."""
        return self._async.runtime_pid

    @property
    def counters(self) -> dict[str, int]:
        """What was counted for all its sessions together."""
        return self._async.counters

    def session_store(self) -> Store | None:
        """The store of its sessions; see `codriver.Client.session_store`."""
        opened = self._async.session_store()
        return None if opened is None else Store(opened)

    def create_session(self, **options: Any) -> Session:
        """Creates a session; arguments of `codriver.Client.create_session`."""
        return Session(_loop.run(self._async.create_session(**_all_threaded(options))))

    def resume_session(self, session_id: str, **options: Any) -> Session:
        """Resumes a stored session; arguments of `codriver.Client.resume_session`."""
        return Session(_loop.run(self._async.resume_session(session_id, **_all_threaded(options))))

    def join_session(self, **options: Any) -> Session:
        """Joins the session of the runtime that started this process; see `codriver.Client.join_session`."""
        return Session(_loop.run(self._async.join_session(**_all_threaded(options))))

    def list_sessions(self, filter: Mapping[str, Any] | None = None) -> list[View]:
        """The stored sessions of the runtime."""
        return _loop.run(self._async.list_sessions(filter))

    def get_session_metadata(self, session_id: str) -> View | None:
        """What is known of a stored session."""
        return _loop.run(self._async.get_session_metadata(session_id))

    def get_last_session_id(self) -> str | None:
        """The id of the session that was used last."""
        return _loop.run(self._async.get_last_session_id())

    def get_events(self, session_id: str) -> list[SessionEvent]:
        """The stored events of a session."""
        return _loop.run(self._async.get_events(session_id))

    def delete_session(self, session_id: str) -> None:
        """Erases a stored session."""
        _loop.run(self._async.delete_session(session_id))

    def get_foreground_session_id(self) -> str | None:
        """The session the terminal shows."""
        return _loop.run(self._async.get_foreground_session_id())

    def set_foreground_session_id(self, session_id: str) -> None:
        """Makes the terminal show a session."""
        _loop.run(self._async.set_foreground_session_id(session_id))

    def ping(self, message: str | None = None) -> View:
        """Asks the runtime for a sign of life."""
        return _loop.run(self._async.ping(message))

    def get_status(self) -> View:
        """The runtime's version and protocol."""
        return _loop.run(self._async.get_status())

    def get_auth_status(self) -> View:
        """Who is logged in."""
        return _loop.run(self._async.get_auth_status())

    def list_models(self) -> list[View]:
        """The models the logged-in user may use."""
        return _loop.run(self._async.list_models())

    def rpc(self, method: str, params: Any = None) -> Any:
        """Any method of the runtime."""
        return _loop.run(self._async.rpc(method, params))


def _all_threaded(options: Mapping[str, Any]) -> dict[str, Any]:
    return {keyword: _threaded(keyword, value) for keyword, value in options.items()}


class Session:
    """`codriver.Session` without asyncio."""

    def __init__(self, session: _session.Session) -> None:
        self._async = session

    @property
    def ui(self) -> Ui:
        """Questions to the user of whoever shows this session."""
        return Ui(self._async.ui)

    @property
    def id(self) -> str:
        """The session's id."""
        return self._async.id

    @property
    def workspace_path(self) -> str | None:
        """Where the runtime keeps the session's state."""
        return self._async.workspace_path

    @property
    def capabilities(self) -> View:
        """What the host's interface can do."""
        return self._async.capabilities

    @property
    def counters(self) -> dict[str, int]:
        """What was counted for it."""
        return self._async.counters

    def send(self, prompt: str, **options: Any) -> str:
        """Sends a prompt; see `codriver.Session.send`."""
        return _loop.run(self._async.send(prompt, **options))

    def send_and_wait(self, prompt: str, *, timeout: float = 60.0, abort_on_timeout: bool = False, **options: Any) -> Turn:
        """Sends a prompt and waits for the end of its turn; see `codriver.Session.send_and_wait`."""
        return _loop.run(self._async.send_and_wait(prompt, timeout=timeout, abort_on_timeout=abort_on_timeout, **options))

    def events(self, *, from_seq: int | None = None) -> EventStream:
        """The events from now on, or from a sequence number as far as they are still held.

        Example:
            >>> def watch(session: Session) -> None:
            ...     for event in session.events():
            ...         print(event.seq, event.type)
        """

        async def subscribe() -> _session.EventStream:
            return self._async.events(from_seq=from_seq)

        return EventStream(_loop.run(subscribe()))

    def on(self, handler: Callable[[SessionEvent], Any], *, type: str | None = None) -> Registration:
        """Calls `handler` for each event from now on, on a thread; see `codriver.Session.on`."""

        async def register() -> Registration:
            return self._async.on(_on_thread(handler), type=type)

        return _loop.run(register())

    def abort(self) -> None:
        """Stops what the session is doing."""
        _loop.run(self._async.abort())

    def get_events(self) -> list[SessionEvent]:
        """The stored events."""
        return _loop.run(self._async.get_events())

    def set_model(self, model: str, reasoning_effort: str | None = None) -> None:
        """Switches to another model."""
        _loop.run(self._async.set_model(model, reasoning_effort))

    def log(self, message: str, *, level: str | None = None, ephemeral: bool = False) -> str:
        """Puts a line into the session's log."""
        return _loop.run(self._async.log(message, level=level, ephemeral=ephemeral))

    def wait_until_ready(self, timeout: float = 120.0) -> None:
        """Waits until the session takes prompts."""
        _loop.run(self._async.wait_until_ready(timeout))

    def rpc(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Any method of the runtime, with `sessionId` added."""
        return _loop.run(self._async.rpc(method, params))

    def disconnect(self) -> None:
        """Ends the session here and tells the runtime."""
        _loop.run(self._async.disconnect())

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.disconnect()

    def __repr__(self) -> str:
        return f"Session({self.id!r})"


class EventStream(Iterator[SessionEvent]):
    """The events of a session; ends when the session does."""

    def __init__(self, stream: _session.EventStream) -> None:
        self._async = stream

    def __iter__(self) -> EventStream:
        return self

    def __next__(self) -> SessionEvent:
        self._async._client._refuse_forked()
        # An event at a time is a crossing of threads each; what was taken already costs none.
        if self._async._events:
            try:
                return self._async._events.popleft()
            except IndexError:
                pass
        event = _loop.run(_next(self._async))
        if event is None:
            raise StopIteration
        return event

    def close(self) -> None:
        """Unsubscribes."""

        async def close() -> None:
            self._async.close()

        _loop.run(close())

    def __enter__(self) -> EventStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


async def _next(stream: _session.EventStream) -> SessionEvent | None:
    # StopAsyncIteration cannot leave a coroutine.
    async for event in stream:
        return event
    return None


class Ui:
    """`codriver.session.Ui` without asyncio."""

    def __init__(self, ui: _session.Ui) -> None:
        self._async = ui

    def elicitation(self, message: str, schema: Mapping[str, Any]) -> ElicitationResult:
        """Shows a form."""
        return _loop.run(self._async.elicitation(message, schema))

    def confirm(self, message: str) -> bool:
        """Asks a yes-or-no question."""
        return _loop.run(self._async.confirm(message))

    def select(self, message: str, choices: Sequence[str]) -> str | None:
        """Lets the user choose."""
        return _loop.run(self._async.select(message, choices))

    def input(self, message: str) -> str | None:
        """Lets the user enter a line."""
        return _loop.run(self._async.input(message))


class Store:
    """`codriver.Store` without asyncio; made by `open`. Give it to clients of this module as `session_fs["store"]`.

    Example:
        >>> with Store.open("memory:") as store:
        ...     store.list_sessions()
        []
    """

    def __init__(self, store: _store.Store) -> None:
        self._async = store

    @classmethod
    def open(cls, url: str) -> Store:
        """Opens the store that a URL names; what is not there is made."""
        return cls(_loop.run(_store.Store.open(url)))

    @classmethod
    def open_existing(cls, url: str) -> Store:
        """Opens the store that a URL names, and makes nothing."""
        return cls(_loop.run(_store.Store.open_existing(url)))

    def list_sessions(self, filter: Mapping[str, Any] | None = None) -> list[View]:
        """The sessions that are there, the last changed first."""
        return _loop.run(self._async.list_sessions(filter))

    def get_session_metadata(self, session_id: str) -> View | None:
        """What is known of a session."""
        return _loop.run(self._async.get_session_metadata(session_id))

    def get_last_session_id(self) -> str | None:
        """The id of the session that was changed last."""
        return _loop.run(self._async.get_last_session_id())

    def get_events(self, session_id: str) -> _store.StoredEvents:
        """The events of a session, and how many lines of its log are none."""
        return _loop.run(self._async.get_events(session_id))

    def delete_session(self, session_id: str) -> None:
        """Erases a session with all its files."""
        _loop.run(self._async.delete_session(session_id))

    def fork_session(self, session_id: str, new_id: str) -> None:
        """Makes the session `new_id` of what `session_id` is now."""
        _loop.run(self._async.fork_session(session_id, new_id))

    def export_session(self, session_id: str, path: str | os.PathLike[str]) -> View:
        """Writes a session into a new file; gives the archive's manifest."""
        return _loop.run(self._async.export_session(session_id, path))

    def import_session(self, path: str | os.PathLike[str], new_id: str | None = None) -> str:
        """Makes a session of what `export_session` wrote; gives its id."""
        return _loop.run(self._async.import_session(path, new_id))

    def check(self, session_id: str) -> View:
        """What is wrong with the event log of a session; see `codriver.Store.check`."""
        return _loop.run(self._async.check(session_id))

    def check_all(self) -> list[View]:
        """`check` of every session."""
        return _loop.run(self._async.check_all())

    def repair(self, session_id: str) -> View:
        """Repairs the event log of a session; see `codriver.Store.repair`."""
        return _loop.run(self._async.repair(session_id))

    def repair_all(self) -> list[View]:
        """`repair` of every session."""
        return _loop.run(self._async.repair_all())

    def close(self) -> None:
        """Gives it back; clients that were given it keep it."""
        self._async.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
