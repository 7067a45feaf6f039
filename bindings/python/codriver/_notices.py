"""What a client is told beside its sessions, and the handlers for it."""

from __future__ import annotations

import asyncio
import json
import logging
import weakref
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from ._wire import told_error
from .view import View

if TYPE_CHECKING:
    from .client import Client

__all__ = ["run_handler", "take_notices"]

log = logging.getLogger("codriver")

_NOTICES = 256


def take_notices(me: weakref.ref[Client]) -> None:
    """Takes what a wake announces, and calls the handlers of it."""
    client = me()
    if client is None:
        return
    from ._ffi import native

    more = True
    while more:
        try:
            batch = client._native.take(_NOTICES)
        except native.Error:
            # The interpreter ends, and all is closed.
            return
        for notice in json.loads(batch.json):
            _tell(client, notice)
        more = batch.more


def _tell(client: Client, notice: dict[str, Any]) -> None:
    kind = notice["kind"]
    if kind == "state" and client._on_state is not None:
        run_handler(client, client._on_state, notice["state"])
    elif kind == "lifecycle" and client._on_lifecycle is not None:
        run_handler(client, client._on_lifecycle, View(notice["event"]))
    elif kind == "notification" and client._on_notification is not None:
        run_handler(client, client._on_notification, notice["method"], notice["params"])
    elif kind == "handlerError":
        session = client._sessions.get(notice["session"])
        if session is not None:
            session._tell_failure(notice["place"], told_error(notice["error"]))


def run_handler(client: Client, handler: Callable[..., Any], *args: Any) -> None:
    """Calls a handler that nobody waits for; what it raises goes to the log."""
    try:
        waiting = handler(*args)
    except (Exception, asyncio.CancelledError):
        log.exception("a handler failed")
        return
    if isawaitable(waiting):
        task = asyncio.ensure_future(_logged(waiting))
        client._tasks.add(task)
        task.add_done_callback(client._tasks.discard)


async def _logged(waiting: Awaitable[Any]) -> None:
    try:
        await waiting
    except Exception:
        log.exception("a handler failed")
