"""The compiled library, loaded when it is first needed, and what its generated layer leaves to us.

The generated layer polls a future twice through the event loop, and raises in a thread of the library when that loop is closed.
`_await_rust` takes its place: one turn of the loop a call, and a closed loop is survived. And its locks may be held by a thread
that a forked child does not have: the child gets new ones.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import contextvars
import os
import threading
from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeVar

from . import _buffers
from ._native import codriver as native
from ._pump import telling
from .errors import CodriverError, error_of

__all__ = ["awaited", "call_back", "called", "native", "shut_down"]

_T = TypeVar("_T")

_READY = 0
#: How long the end of the interpreter waits for Codriver's threads.
_PATIENCE_MS = 10_000


class _Waiter:
    """What a task awaits of one poll; the answer comes on the polling thread, or on the client's.

    It keeps the protocol of futures (`_asyncio_future_blocking`), and steps the task when the loop hears of the answer: a
    future of asyncio takes the loop another turn. That turn is taken only where events are being told, which came before.
    """

    __slots__ = ("_asyncio_future_blocking", "_cancelled", "_wakeup", "code", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.code: int | None = None
        self._asyncio_future_blocking = False
        #: How the task goes on, while it waits.
        self._wakeup: tuple[Callable[[Any], object], contextvars.Context] | None = None
        self._cancelled: tuple[Any, ...] | None = None

    def answer(self, code: int) -> None:
        """On any thread."""
        self.code = code
        if self._wakeup is not None:
            # Where the loop is closed nobody waits.
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._go_on)

    def __await__(self) -> Generator[_Waiter, None, int]:
        self._asyncio_future_blocking = True
        yield self
        return self.result()

    # What a task does with a future, on the loop.

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self.loop

    def add_done_callback(self, wakeup: Callable[[Any], object], *, context: contextvars.Context) -> None:
        self._wakeup = (wakeup, context)
        # It may have come before, and seen nobody wait.
        if self.code is not None:
            self.loop.call_soon(self._go_on)

    def cancel(self, msg: Any = None) -> bool:
        if self._wakeup is None:
            return False
        self._cancelled = () if msg is None else (msg,)
        self.loop.call_soon(self._go_on)
        return True

    def result(self) -> int:
        if self._cancelled is not None:
            raise asyncio.CancelledError(*self._cancelled)
        assert self.code is not None
        return self.code

    def _go_on(self) -> None:
        if self._wakeup is None:
            # It does so already.
            return
        (wakeup, context), self._wakeup = self._wakeup, None
        if telling.pumps:
            self.loop.call_soon(wakeup, self, context=context)
        else:
            context.run(wakeup, self)


_waiters: dict[int, _Waiter] = {}
_next_waiter = iter(range(1, 2**62)).__next__


@native._UNIFFI_RUST_FUTURE_CONTINUATION_CALLBACK  # type: ignore[untyped-decorator]
def _continue(key: int, code: int) -> None:
    waiter = _waiters.pop(key, None)
    if waiter is not None:
        waiter.answer(code)


async def _await_rust(
    rust_future: int,
    poll: Callable[..., None],
    complete: Callable[..., Any],
    free: Callable[..., None],
    lift: Callable[[Any], Any],
    error_converter: Any,
) -> Any:
    try:
        loop = asyncio.get_running_loop()
        code, waited = -1, False
        while code != _READY:
            waiter = _Waiter(loop)
            key = _next_waiter()
            _waiters[key] = waiter
            poll(rust_future, _continue, key)
            # Also an answer that is there at once leaves the loop a turn: it may have events to tell that came before it.
            code = waiter.code if waited and waiter.code is not None else await waiter
            waited = True
        return lift(native._uniffi_rust_call_with_error(error_converter, complete, rust_future))
    finally:
        free(rust_future)


native._uniffi_rust_call_async = _await_rust
_buffers.install()


def _renew_locks() -> None:
    _waiters.clear()
    for value in list(vars(native).values()):
        held = getattr(value, "_handle_map", value)
        if isinstance(held, native._UniffiHandleMap):
            held._lock = threading.Lock()


_callers: set[threading.Thread] = set()


def call_back(client: int) -> None:
    """Gives a client a thread to call back on, until it is closed.

    It is one of Python's: into a thread of the library the interpreter comes anew with each call, and maps memory for it.
    """

    def call() -> None:
        try:
            native.call_back(client)
        finally:
            _callers.discard(caller)

    caller = threading.Thread(target=call, name="codriver-callbacks", daemon=True)
    _callers.add(caller)
    try:
        caller.start()
    except RuntimeError:
        _callers.discard(caller)
        raise


def shut_down() -> None:
    """Ends all that Codriver runs in this process; after it no callback comes. Called when the interpreter ends."""
    # A callback that does not return is left alone; the process ends anyway.
    with contextlib.suppress(native.Error):
        native.shutdown(_PATIENCE_MS)
    for caller in tuple(_callers):
        caller.join(_PATIENCE_MS / 1000)


os.register_at_fork(after_in_child=_renew_locks)
atexit.register(shut_down)


def raised(error: Any) -> CodriverError:
    """The exception of an error of the generated layer."""
    return error_of(error.number, error.message, error.rpc_code, error.rpc_message, error.rpc_data)


def called(function: Callable[..., _T], *args: Any) -> _T:
    """Calls the generated layer; its errors become exceptions of this package."""
    try:
        return function(*args)
    except native.Error as error:
        raise raised(error) from None


async def awaited(awaitable: Awaitable[_T]) -> _T:
    """Awaits the generated layer; its errors become exceptions of this package."""
    try:
        return await awaitable
    except native.Error as error:
        raise raised(error) from None
