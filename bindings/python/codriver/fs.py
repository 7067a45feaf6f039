"""Session state in files of one's own: `SessionFs`, written in Python.

Example:
    >>> class Files(SessionFs):
    ...     def __init__(self) -> None:
    ...         self.files: dict[str, bytes] = {}
    ...
    ...     async def read(self, path: str) -> bytes:
    ...         if path not in self.files:
    ...             raise FileNotFoundError(path)
    ...         return self.files[path]
    ...
    ...     async def write(self, path: str, content: bytes, mode: int | None) -> None:
    ...         self.files[path] = content
    ...
    ...     # … and the others
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["DirEntry", "FsStat", "SessionFs"]

EntryKind = Literal["file", "directory"]


@dataclass(frozen=True)
class FsStat:
    """What is known of a file or directory.

    Attributes:
        kind: `file` or `directory`.
        size: bytes of a file.
        modified: when the content last changed, in seconds since 1970.
        created: when it was made, in seconds since 1970.

    Example:
        >>> FsStat.file(3, modified=10.5).size
        3
    """

    kind: EntryKind
    size: int = 0
    modified: float = 0.0
    created: float = 0.0

    @classmethod
    def file(cls, size: int, modified: float | None = None, created: float | None = None) -> FsStat:
        """A file; without times, those of now."""
        now = time.time()
        return cls("file", size, now if modified is None else modified, now if created is None else created)

    @classmethod
    def directory(cls, modified: float | None = None, created: float | None = None) -> FsStat:
        """A directory; without times, those of now."""
        now = time.time()
        return cls("directory", 0, now if modified is None else modified, now if created is None else created)


@dataclass(frozen=True)
class DirEntry:
    """A name in a directory.

    Attributes:
        name: without the directory.
        kind: `file` or `directory`.

    Example:
        >>> DirEntry("events.jsonl")
        DirEntry(name='events.jsonl', kind='file')
    """

    name: str
    kind: EntryKind = "file"


class SessionFs(ABC):
    """The files of one session, wherever they are. Paths are absolute and normalised.

    What changes something is called in order, one at a time; reads overlap. What was acknowledged must be seen by every later
    read. Each change is atomic. `write`, `append` and the destination of `rename` make missing parent directories. `mode`
    is a POSIX mode for what is newly made; a store without modes ignores it.

    Errors: `FileNotFoundError` for what is not there (the runtime sees ENOENT); `NotImplementedError` for what this store
    cannot do; `FsConflictError` where somebody else changed the file; anything else is a failure of the store. The runtime
    never sees a stack trace. A call whose time is over (`limits.fs_deadline_ms`) is cancelled.
    """

    @abstractmethod
    async def read(self, path: str) -> bytes:
        """The whole content of a file."""

    @abstractmethod
    async def write(self, path: str, content: bytes, mode: int | None) -> None:
        """Replaces a file's whole content, or makes the file."""

    @abstractmethod
    async def append(self, path: str, content: bytes, mode: int | None) -> None:
        """Adds to the end of a file, or makes it. The event log grows so: do not rewrite it."""

    async def exists(self, path: str) -> bool:
        """Whether there is a file or directory."""
        try:
            await self.stat(path)
        except FileNotFoundError:
            return False
        return True

    @abstractmethod
    async def stat(self, path: str) -> FsStat:
        """Kind, size and times."""

    @abstractmethod
    async def mkdir(self, path: str, recursive: bool, mode: int | None) -> None:
        """Makes a directory, with its parents if `recursive`; fine if it is there already."""

    @abstractmethod
    async def read_dir(self, path: str) -> Iterable[DirEntry]:
        """What is directly in a directory, in any order."""

    @abstractmethod
    async def remove(self, path: str, recursive: bool, force: bool) -> None:
        """Removes a file, or with `recursive` a directory and all in it. With `force` it is fine if nothing is there."""

    @abstractmethod
    async def rename(self, path: str, to: str) -> None:
        """Moves a file or directory. A file at the destination is replaced in one step; a directory there is not."""
