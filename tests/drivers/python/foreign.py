"""A store written in the driver: files in memory, through the same class that any user derives from."""

from __future__ import annotations

import asyncio
import posixpath

import codriver
import say


class ForeignStore:
    """The stores of all sessions, and how each behaves."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, bytes | None]] = {}
        self.behaviours: dict[str, str] = {}
        self.latest = "memory"

    def expect(self, session_id: str | None, behaviour: str) -> None:
        """How the store of a session will behave; without an id, that of the next one nobody spoke of."""
        if session_id is None:
            self.latest = behaviour
        else:
            self.behaviours[session_id] = behaviour

    def open(self, session_id: str) -> ForeignFs:
        behaviour = self.behaviours.get(session_id, self.latest)
        return ForeignFs(session_id, behaviour, self.files.setdefault(session_id, {}))


class ForeignFs(codriver.SessionFs):
    def __init__(self, session_id: str, behaviour: str, files: dict[str, bytes | None]) -> None:
        self.session_id = session_id
        self.behaviour = behaviour
        self.files = files

    async def enter(self, op: str, path: str) -> None:
        say.line({"obs": "fs", "session_id": self.session_id, "op": op, "path": path})
        word, _, rest = self.behaviour.partition(":")
        if word == "throw":
            raise OSError("thrown on purpose")
        if word == "hang":
            await asyncio.Event().wait()
        if word == "slow":
            await asyncio.sleep(int(rest) / 1000)

    def parents(self, path: str) -> None:
        while (parent := posixpath.dirname(path)) != path:
            self.files.setdefault(parent, None)
            path = parent

    def content(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(path)
        content = self.files[path]
        if content is None:
            raise IsADirectoryError(path)
        return content

    async def read(self, path: str) -> bytes:
        await self.enter("readFile", path)
        return self.content(path)

    async def write(self, path: str, content: bytes, mode: int | None) -> None:
        await self.enter("writeFile", path)
        if self.files.get(path, b"") is None:
            raise IsADirectoryError(path)
        self.parents(path)
        self.files[path] = content

    async def append(self, path: str, content: bytes, mode: int | None) -> None:
        await self.enter("appendFile", path)
        self.parents(path)
        self.files[path] = (self.content(path) if path in self.files else b"") + content

    async def exists(self, path: str) -> bool:
        await self.enter("exists", path)
        return path in self.files

    async def stat(self, path: str) -> codriver.FsStat:
        await self.enter("stat", path)
        if path in self.files and self.files[path] is None:
            return codriver.FsStat.directory(0, 0)
        return codriver.FsStat.file(len(self.content(path)), 0, 0)

    async def mkdir(self, path: str, recursive: bool, mode: int | None) -> None:
        await self.enter("mkdir", path)
        self.parents(path)
        self.files.setdefault(path, None)

    async def read_dir(self, path: str) -> list[codriver.DirEntry]:
        await self.enter("readdir", path)
        if path not in self.files or self.files[path] is not None:
            raise FileNotFoundError(path)
        return [
            codriver.DirEntry(posixpath.basename(other), "directory" if content is None else "file")
            for other, content in self.files.items()
            if posixpath.dirname(other) == path and other != path
        ]

    async def remove(self, path: str, recursive: bool, force: bool) -> None:
        await self.enter("rm", path)
        gone = [other for other in self.files if other == path or other.startswith(path + "/")]
        if not gone and not force:
            raise FileNotFoundError(path)
        for other in gone:
            del self.files[other]

    async def rename(self, path: str, to: str) -> None:
        await self.enter("rename", path)
        moved = [other for other in self.files if other == path or other.startswith(path + "/")]
        if not moved:
            raise FileNotFoundError(path)
        for other in moved:
            self.files[to + other[len(path) :]] = self.files.pop(other)
