"""Ready stores by URL, and what can be asked of stored sessions without a runtime.

Example:
    >>> import asyncio
    >>> async def main() -> list[str]:
    ...     store = await Store.open("memory:")
    ...     return [session.session_id for session in await store.list()]
    >>> asyncio.run(main())
    []
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

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

    async def list(self) -> list[View]:
        """The sessions that are there: `session_id`, `modified_ms`, `created_ms`; the last changed first."""
        return [View(each) for each in await self._call(self._native.list)]

    async def exists(self, session_id: str) -> bool:
        """Whether a session is there."""
        return bool(await self._call(self._native.exists, session_id))

    async def delete(self, session_id: str) -> None:
        """Removes a session with all its files."""
        await self._call(self._native.delete, session_id)

    async def copy(self, source: str, destination: str) -> None:
        """Makes the session `destination` with the files of `source`."""
        await self._call(self._native.copy, source, destination)

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
