"""The compiled library, loaded when it is first needed, and what its generated layer leaves to us.

The generated layer polls a future twice through the event loop, and raises in a thread of the library when that loop is closed.
`_await_rust` takes its place: one turn of the loop a call, and a closed loop is survived. And its locks may be held by a thread
that a forked child does not have: the child gets new ones.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from . import _buffers
from ._native import codriver as native
from .errors import CodriverError, error_of

__all__ = ["awaited", "call_back", "called", "native", "shut_down"]

_T = TypeVar("_T")

_READY = 0
#: How long the end of the interpreter waits for Codriver's threads.
_PATIENCE_MS = 10_000


class _Waiter:
    """A poll that has not been answered; the answer comes on the polling thread, or on one of the library."""

    __slots__ = ("code", "future", "loop", "thread")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.thread = threading.get_ident()
        self.future: asyncio.Future[int] | None = loop.create_future()
        self.code: int | None = None

    def resolve(self, code: int) -> None:
        future = self.future
        if future is not None and not future.done():
            future.set_result(code)


_waiters: dict[int, _Waiter] = {}
_next_waiter = iter(range(1, 2**62)).__next__


@native._UNIFFI_RUST_FUTURE_CONTINUATION_CALLBACK  # type: ignore[untyped-decorator]
def _continue(key: int, code: int) -> None:
    waiter = _waiters.pop(key, None)
    if waiter is None:
        return
    if waiter.thread == threading.get_ident():
        waiter.code = code
        return
    # Where the loop is closed nobody waits.
    with contextlib.suppress(RuntimeError):
        waiter.loop.call_soon_threadsafe(waiter.resolve, code)


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
        code = -1
        while code != _READY:
            waiter = _Waiter(loop)
            key = _next_waiter()
            _waiters[key] = waiter
            poll(rust_future, _continue, key)
            code = waiter.code if waiter.code is not None else await waiter.future  # type: ignore[misc]
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
