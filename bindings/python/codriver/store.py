"""Ready stores by URL, and what can be asked of stored sessions without a runtime.

Example:
    >>> import asyncio
    >>> async def main() -> list[str]:
    ...     store = await Store.open("memory:")
    ...     return [session.session_id for session in await store.list_sessions()]
    >>> asyncio.run(main())
    []
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from typing import Any

from .events import SessionEvent
from .options.client import plain
from .view import View

__all__ = ["Store"]


class Store:
    """A store of sessions: `memory:`, `dir:PATH` or `sqlite:PATH`. Give it to clients as `session_fs["store"]`."""

    def __init__(self, native_store: Any) -> None:
        from ._ffi import called

        self._native = native_store
        self._number: int = called(native_store.id)

    @classmethod
    async def open(cls, url: str) -> Store:
        """Opens the store that a URL names.

        Raises:
            InvalidConfigError: no store is called so.
            FsIoError: it cannot be opened.
        """
        from ._ffi import called, native

        if not isinstance(url, str):
            raise TypeError(f"the URL of a store must be a str, not {type(url).__name__}")
        return cls(await asyncio.to_thread(called, native.Store.open, url))

    async def list_sessions(self, filter: Mapping[str, Any] | None = None) -> list[View]:
        """The sessions that are there, the last changed first: `session_id`, `start_time`, `modified_time`, …"""
        text = "" if filter is None else json.dumps(plain(filter))
        return [View(each) for each in await self._call(self._native.list_sessions, text)]

    async def get_session_metadata(self, session_id: str) -> View | None:
        """What is known of a session; `None` where there is none of that id."""
        told = await self._call(self._native.get_session_metadata, session_id)
        return None if told is None else View(told)

    async def get_last_session_id(self) -> str | None:
        """The id of the session that was changed last."""
        told = await self._call(self._native.get_last_session_id)
        return None if told is None else str(told)

    async def get_events(self, session_id: str) -> list[SessionEvent]:
        """The events of a session; lines of its log that are none are left out.

        Raises:
            SessionNotFoundError: there is none of that id.
        """
        told = await self._call(self._native.get_events, session_id)
        return [SessionEvent.of(raw) for raw in told["events"]]

    async def delete_session(self, session_id: str) -> None:
        """Erases a session with all its files."""
        await self._call(self._native.delete_session, session_id)

    async def fork_session(self, session_id: str, new_id: str) -> None:
        """Makes the session `new_id` of what `session_id` is now."""
        await self._call(self._native.fork_session, session_id, new_id)

    async def export_session(self, session_id: str, path: str | os.PathLike[str]) -> View:
        """Writes a session into a new file; gives the archive's manifest."""
        return View(await self._call(self._native.export_session, session_id, os.fspath(path)))

    async def import_session(self, path: str | os.PathLike[str], new_id: str | None = None) -> str:
        """Makes a session of what `export_session` wrote, under the id it had or a new one; gives the id."""
        return str(await self._call(self._native.import_session, os.fspath(path), new_id))

    def close(self) -> None:
        """Gives it back; clients that were given it keep it."""
        self._native.close()

    async def __aenter__(self) -> Store:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def _call(self, method: Any, *args: Any) -> Any:
        from ._ffi import awaited

        answer = await awaited(method(*args))
        return None if answer is None else json.loads(answer)
