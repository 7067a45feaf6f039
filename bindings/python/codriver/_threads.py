"""Threads for handlers that block: as many as there are calls at once, used again; the end of a program waits for none.

The loop's own executor has a few threads, which everything in the program shares: some handlers that block would hold up those
of every session (I15), and each other for good where one waits for what another has to allow.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["in_thread"]

_T = TypeVar("_T")

#: Runs, and gives what then tells the outcome.
_Work = Callable[[], Callable[[], None]]

#: How long a thread waits for another call.
_PATIENCE = 10.0


class _Threads:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: The queue of each thread that waits for its next work, the last used one at the end.
        self._idle: list[queue.SimpleQueue[_Work]] = []

    def run(self, work: _Work) -> None:
        with self._lock:
            thread = self._idle.pop() if self._idle else None
        if thread is None:
            thread = queue.SimpleQueue()
            threading.Thread(target=self._serve, args=(thread,), name="codriver-handler", daemon=True).start()
        thread.put(work)

    def _serve(self, mine: queue.SimpleQueue[_Work]) -> None:
        while True:
            try:
                work = mine.get(timeout=_PATIENCE)
            except queue.Empty:
                with self._lock:
                    if mine in self._idle:
                        self._idle.remove(mine)
                        return
                # Somebody has just chosen it.
                work = mine.get()
            tell = work()
            # Idle before it is told: who hears of it and calls again finds this thread.
            with self._lock:
                self._idle.append(mine)
            tell()
            # What it worked for must not live as long as the thread waits.
            del work, tell

    def renew(self) -> None:
        """A forked child has none of the threads; the lock may have been held."""
        self.__init__()  # type: ignore[misc]


_threads = _Threads()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.renew)


async def in_thread(function: Callable[..., _T], *args: Any) -> _T:
    """Calls it on a thread, in the context of the caller. Cancelled, nobody hears of its end any more.

    Raises:
        RuntimeError: it raised what is no `Exception`; that would end the loop, or the one who waits.
    """
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[_T] = loop.create_future()
    context = contextvars.copy_context()

    def work() -> Callable[[], None]:
        answer: Any = None
        failure: BaseException | None = None
        try:
            answer = context.run(function, *args)
        except BaseException as error:
            failure = error

        def tell() -> None:
            nonlocal answer, failure
            # Where the loop is closed nobody waits.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, answered, answer, failure)
            # The failure's traceback leads back here.
            answer = failure = None

        return tell

    _threads.run(work)
    return await answered


def _settle(answered: asyncio.Future[Any], answer: Any, failure: BaseException | None) -> None:
    if answered.done():
        return
    if failure is None:
        answered.set_result(answer)
    elif isinstance(failure, Exception) and not isinstance(failure, StopIteration):
        answered.set_exception(failure)
    else:
        told = RuntimeError(f"a handler raised {type(failure).__name__}: {failure}")
        told.__cause__ = failure
        answered.set_exception(told)
