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
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .events import SessionEvent
from .options.client import plain
from .view import View

__all__ = ["Store", "StoredEvents"]


class StoredEvents(list[SessionEvent]):
    """The events of a session, read from its store; they have no sequence numbers (`seq` is 0).

    Attributes:
        unreadable: how many lines of the session's log are no events; `Store.repair` takes them out.

    Example:
        >>> stored = StoredEvents([SessionEvent.from_json('{"type": "session.start"}')], unreadable=1)
        >>> [event.type for event in stored], stored.unreadable
        (['session.start'], 1)
    """

    def __init__(self, events: Iterable[SessionEvent] = (), *, unreadable: int = 0) -> None:
        super().__init__(events)
        self.unreadable = unreadable


class Store:
    """A store of sessions: `memory:`, `dir:PATH` or `sqlite:PATH`. Give it to clients as `session_fs["store"]`."""

    def __init__(self, native_store: Any) -> None:
        from ._ffi import called

        self._native = native_store
        self._number: int = called(native_store.id)

    @classmethod
    async def open(cls, url: str) -> Store:
        """Opens the store that a URL names; what is not there is made.

        Raises:
            InvalidConfigError: no store is called so.
            FsIoError: it cannot be opened.
        """
        from ._ffi import native

        return await cls._opened(native.Store.open, url)

    @classmethod
    async def open_existing(cls, url: str) -> Store:
        """Opens the store that a URL names, and makes nothing.

        Raises:
            InvalidConfigError: no store is called so.
            FsNotFoundError: nothing is there.
            FsIoError: it cannot be opened.
        """
        from ._ffi import native

        return await cls._opened(native.Store.open_existing, url)

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

    async def get_events(self, session_id: str) -> StoredEvents:
        """The events of a session; lines of its log that are none are left out, and counted as `unreadable`.

        Raises:
            SessionNotFoundError: there is none of that id.
        """
        told = await self._call(self._native.get_events, session_id)
        return StoredEvents(map(SessionEvent.of, told["events"]), unreadable=told["unreadable"])

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

    async def check(self, session_id: str) -> View:
        """What is wrong with the event log of a session, which stays as it is.

        Returns:
            `session_id`, `bytes`, `events` (how many are whole), and `damage`: a list of `kind`, `line`, `offset` and `bytes`,
            empty where nothing is wrong.

        Raises:
            SessionNotFoundError: there is none of that id.

        Example:
            >>> async def is_healthy(store: Store, session_id: str) -> bool:
            ...     return not (await store.check(session_id)).damage
        """
        return View(await self._call(self._native.check, session_id))

    async def check_all(self) -> list[View]:
        """`check` of every session; one that cannot be read has `session_id` and `error` (`number`, `name`, `message`)."""
        return [View(each) for each in await self._call(self._native.check_all)]

    async def repair(self, session_id: str) -> View:
        """Repairs the event log of a session, and says what was wrong, as `check`.

        What it takes out of the log it keeps in the file `quarantine` of the session.

        Raises:
            SessionNotFoundError: there is none of that id.
        """
        return View(await self._call(self._native.repair, session_id))

    async def repair_all(self) -> list[View]:
        """`repair` of every session, as `check_all`."""
        return [View(each) for each in await self._call(self._native.repair_all)]

    def close(self) -> None:
        """Gives it back; clients that were given it keep it."""
        self._native.close()

    async def __aenter__(self) -> Store:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    @classmethod
    async def _opened(cls, constructor: Callable[[str], Any], url: str) -> Store:
        from ._ffi import called

        if not isinstance(url, str):
            raise TypeError(f"the URL of a store must be a str, not {type(url).__name__}")
        return cls(await asyncio.to_thread(called, constructor, url))

    async def _call(self, method: Any, *args: Any) -> Any:
        from ._ffi import awaited

        answer = await awaited(method(*args))
        return None if answer is None else json.loads(answer)
