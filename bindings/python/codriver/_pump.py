"""Feeds event handlers: in wire order, one event at a time, from one task that is there only while there are events."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from inspect import isawaitable
from typing import Any

from .events import SessionEvent, events_of

__all__ = ["BATCH", "BATCH_BYTES", "Handler", "Pump", "Registration", "telling"]

log = logging.getLogger("codriver")

#: How much one crossing takes. What was taken is out of the queue's bound, so it is not much.
BATCH = 256
BATCH_BYTES = 256 * 1024

#: A handler of events, sync or async.
Handler = Callable[[SessionEvent], Awaitable[None] | None]


class Registration:
    """A registered handler. Called, or left as a context manager, it is registered no more.

    Example:
        >>> seen = []
        >>> handlers = [seen.append]
        >>> with Registration(handlers, seen.append):
        ...     handlers[0](1)
        >>> handlers, seen
        ([], [1])
    """

    __slots__ = ("_handler", "_handlers")

    def __init__(self, handlers: list[Any], handler: Any) -> None:
        self._handlers = handlers
        self._handler = handler

    def __call__(self) -> None:
        if self._handler in self._handlers:
            self._handlers.remove(self._handler)

    def __enter__(self) -> Registration:
        return self

    def __exit__(self, *_: object) -> None:
        self()


class _Telling(threading.local):
    """How many pumps are telling events, on the loop of this thread."""

    pumps = 0


telling = _Telling()


class _Draining(asyncio.Task[None]):
    """Knows whether it was cancelled itself; before Python 3.11 a task does not."""

    was_cancelled = False

    def __init__(self, work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(work, loop=loop, name="codriver-events")
        # Of a loop that is closed while events flow: the task is not the program's, which is to hear nothing of it.
        self._log_destroy_pending = False

    def cancel(self, msg: Any = None) -> bool:
        self.was_cancelled = True
        return super().cancel(msg)


def _is_cancelled(task: _Draining | None) -> bool:
    return task is None or task.was_cancelled


class Pump:
    """Takes what a wake announces and calls the handlers, in the order of their registration."""

    __slots__ = ("__weakref__", "_again", "_ended", "_loop", "_report", "_take", "_task", "handlers")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        take: Callable[[int, int], Any],
        report: Callable[[BaseException], None],
        ended: Callable[[], None],
    ) -> None:
        self.handlers: list[Handler] = []
        self._loop = loop
        self._take = take
        self._report = report
        self._ended = ended
        self._task: _Draining | None = None
        self._again = False

    def wake(self) -> None:
        """There is something to take. Called on the loop."""
        if self._task is None:
            self._task = _Draining(self._drain(), self._loop)
            telling.pumps += 1
        else:
            self._again = True

    async def _drain(self) -> None:
        try:
            more = True
            while more:
                self._again = False
                batch = self._take(BATCH, BATCH_BYTES)
                for event in events_of(batch):
                    for handler in tuple(self.handlers):
                        try:
                            waiting = handler(event)
                            if waiting is not None and isawaitable(waiting):
                                await waiting
                        except asyncio.CancelledError as error:
                            if _is_cancelled(self._task):
                                raise
                            # What the handler awaited was cancelled, not we.
                            self._report(error)
                        except Exception as error:
                            self._report(error)
                if batch.ended:
                    self._ended()
                    return
                more = batch.more or self._again
                if more:
                    # Others on this loop have their turn too.
                    await asyncio.sleep(0)
        except asyncio.CancelledError:
            raise
        except Exception:
            # The client was closed under us; what was taken was told.
            log.debug("events are not taken any more", exc_info=True)
        finally:
            self._task = None
            telling.pumps -= 1
