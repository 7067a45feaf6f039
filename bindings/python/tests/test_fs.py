"""A `SessionFs` written in Python: the core's own suite, errors, deadlines, ready stores."""

from __future__ import annotations

import asyncio
import json
import posixpath
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import codriver
from codriver import DirEntry, FsStat, SessionFs

Mock = Callable[..., codriver.Client]


class MemoryFs(SessionFs):
    """Files in a dict; directories are `None`."""

    def __init__(self, session_id: str = "") -> None:
        self.session_id = session_id
        self.there: dict[str, tuple[bytearray | None, FsStat]] = {"/": (None, FsStat.directory())}

    def entry(self, path: str) -> tuple[bytearray | None, FsStat]:
        if path not in self.there:
            raise FileNotFoundError(path)
        return self.there[path]

    def file(self, path: str) -> bytearray:
        content, _ = self.entry(path)
        if content is None:
            raise IsADirectoryError(path)
        return content

    def parents(self, path: str) -> None:
        parent = posixpath.dirname(path)
        if parent != path:
            self.parents(parent)
            if self.there.setdefault(parent, (None, FsStat.directory()))[0] is not None:
                raise NotADirectoryError(parent)

    def put(self, path: str, content: bytearray) -> None:
        self.parents(path)
        created = None
        if path in self.there:
            self.file(path)
            created = self.there[path][1].created
        self.there[path] = (content, FsStat.file(len(content), created=created))

    def below(self, path: str) -> list[str]:
        return [other for other in self.there if other.startswith(path.rstrip("/") + "/") and other != "/"]

    async def read(self, path: str) -> bytes:
        return bytes(self.file(path))

    async def write(self, path: str, content: bytes, mode: int | None) -> None:
        self.put(path, bytearray(content))

    async def append(self, path: str, content: bytes, mode: int | None) -> None:
        if path in self.there:
            there = self.file(path)
            there += content
            self.there[path] = (there, FsStat.file(len(there), created=self.there[path][1].created))
        else:
            self.put(path, bytearray(content))

    async def stat(self, path: str) -> FsStat:
        return self.entry(path)[1]

    async def mkdir(self, path: str, recursive: bool, mode: int | None) -> None:
        if path in self.there:
            if self.there[path][0] is not None:
                raise FileExistsError(path)
            return
        if not recursive and posixpath.dirname(path) not in self.there:
            raise FileNotFoundError(posixpath.dirname(path))
        self.parents(path)
        self.there[path] = (None, FsStat.directory())

    async def read_dir(self, path: str) -> list[DirEntry]:
        if self.entry(path)[0] is not None:
            raise NotADirectoryError(path)
        return [
            DirEntry(posixpath.basename(other), "file" if self.there[other][0] is not None else "directory")
            for other in self.below(path)
            if posixpath.dirname(other) == path
        ]

    async def remove(self, path: str, recursive: bool, force: bool) -> None:
        if path not in self.there:
            if force:
                return
            raise FileNotFoundError(path)
        if self.there[path][0] is None and not recursive:
            raise IsADirectoryError(path)
        for gone in [*self.below(path), path]:
            del self.there[gone]

    async def rename(self, path: str, to: str) -> None:
        content, _ = self.entry(path)
        if path == to:
            return
        if to.startswith(path.rstrip("/") + "/"):
            raise OSError(f"{to} is inside of {path}")
        if to in self.there and (self.there[to][0] is None or content is None):
            raise IsADirectoryError(to)
        self.parents(to)
        for moved in [path, *self.below(path)]:
            self.there[to + moved[len(path) :]] = self.there.pop(moved)


FS = {"initial_cwd": "/project", "state_path": "/state"}


async def suite(client: codriver.Client) -> Any:
    from codriver._ffi import awaited

    if not hasattr(client._native, "fs_conformance"):
        pytest.fail("the library was built without the feature `test-hooks`; see run-tests")
    client._loop_of_call()
    return json.loads(await awaited(client._native.fs_conformance()))


async def test_a_filesystem_in_python_passes_the_suite_of_the_core(mock: Mock) -> None:
    report = await suite(mock(session_fs={**FS, "store": MemoryFs}))
    assert report["failures"] == []
    assert len(report["passed"]) > 40


async def test_the_suite_fails_where_the_filesystem_is_wrong(mock: Mock) -> None:
    class Forgets(MemoryFs):
        async def append(self, path: str, content: bytes, mode: int | None) -> None:
            await self.write(path, content, mode)

    report = await suite(mock(session_fs={**FS, "store": lambda _: Forgets()}))
    assert any("append" in failure["case"] for failure in report["failures"])


async def test_each_session_has_files_of_its_own_and_create_is_served(mock: Mock) -> None:
    made: dict[str, MemoryFs] = {}

    def open(session_id: str) -> MemoryFs:
        return made.setdefault(session_id, MemoryFs(session_id))

    async with mock(session_fs={**FS, "store": open}) as client:
        sessions = [await client.create_session() for _ in range(2)]
        await asyncio.gather(*(session.send_and_wait("hi") for session in sessions))
    assert set(made) == {session.id for session in sessions}
    for files in made.values():
        assert "/state/workspace.yaml" in files.there


@pytest.mark.parametrize(
    "store",
    [
        lambda _: None,
        lambda _: (_ for _ in ()).throw(OSError("no disk")),
    ],
    ids=["none", "raises"],
)
async def test_a_factory_that_gives_no_filesystem_fails_the_create(mock: Mock, store: Any) -> None:
    async with mock(session_fs={**FS, "store": store}) as client:
        with pytest.raises(codriver.RpcError, match="session construction failed"):
            await client.create_session()
        assert (await client.ping()).message


@pytest.mark.parametrize("session_id", ["s-1", None], ids=["an id given", "an id made"])
async def test_a_create_that_fails_leaves_no_files_and_the_next_one_has_new_ones(mock: Mock, session_id: str | None) -> None:
    made: list[MemoryFs] = []

    def open(session_id: str) -> MemoryFs:
        made.append(MemoryFs(session_id))
        return made[-1]

    def create(name: str, answer: Any) -> list[Any]:
        params = {"sessionId": f"${name}", "path": "/state/x", "content": "x"}
        return [
            {"expect": {"method": "session.create", "as": name, "params": {"sessionId": f"${name}"}}},
            {"request": {"as": f"write {name}", "method": "sessionFs.writeFile", "params": params}},
            {"expect_response": {"to": f"write {name}"}},
            answer,
        ]

    steps = [
        *create("one", {"reply_error": {"to": "one", "error": {"code": -32603, "message": "no"}}}),
        *create("two", {"reply": {"to": "two", "result": {"sessionId": "$two"}}}),
    ]
    options = {} if session_id is None else {"session_id": session_id}
    async with mock(session_fs={**FS, "store": open}, steps=steps) as client:
        with pytest.raises(codriver.RpcError, match="no"):
            await client.create_session(**options)
        assert client._bridge._files == {}
        session = await client.create_session(**options)
        assert [files.session_id for files in made] == [session_id or made[0].session_id, session.id]
        assert list(client._bridge._files) == [session.id]
        # A second one of the same id is refused, and takes nothing from the first.
        with pytest.raises(codriver.SessionAlreadyOpenError):
            await client.create_session(session_id=session.id)
        assert client._bridge._files == {session.id: made[1]}
        await session.disconnect()
        assert client._bridge._files == {}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FileNotFoundError("gone"), "ENOENT"),
        (codriver.FsNotFoundError("gone"), "ENOENT"),
        (PermissionError("gone"), "UNKNOWN"),
        (NotImplementedError("gone"), "UNKNOWN"),
        (ZeroDivisionError("gone"), "UNKNOWN"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_a_filesystem_raises_is_told_in_the_codes_of_the_wire(mock: Mock, error: Exception, code: str) -> None:
    class Raises(MemoryFs):
        async def read(self, path: str) -> bytes:
            raise error

    told = {"code": code, "message": {"$not": {"$contains": "Traceback"}}}
    steps = [
        {"expect": {"method": "session.create"}},
        {"reply": {"result": {"sessionId": "s"}}},
        {"expect": {"method": "test.go", "as": "go"}},
        {"request": {"as": "r", "method": "sessionFs.readFile", "params": {"sessionId": "s", "path": "/state/x"}}},
        {"expect_response": {"to": "r", "result": {"content": "$_", "error": told}}},
        {"reply": {"to": "go", "result": "told"}},
    ]
    async with mock(session_fs={**FS, "store": lambda _: Raises()}, steps=steps) as client:
        await client.create_session(session_id="s")
        assert await client.rpc("test.go") == "told"


async def test_a_call_that_hangs_is_cancelled_at_its_deadline(mock: Mock) -> None:
    cancelled = asyncio.Event()

    class Hangs(MemoryFs):
        async def read(self, path: str) -> bytes:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.set()
                raise
            return b""

    async with mock(session_fs={**FS, "store": lambda _: Hangs()}, limits={"fs_deadline_ms": 200}) as client:
        with pytest.raises(codriver.RpcError):
            await client.create_session()
        await asyncio.wait_for(cancelled.wait(), 10)


@pytest.mark.parametrize("url", ["memory:", "dir:{}/store", "sqlite:{}/store.db"])
async def test_ready_stores_by_url(mock: Mock, tmp_path: Path, url: str) -> None:
    async with await codriver.Store.open(url.format(tmp_path)) as store:
        async with mock(session_fs={**FS, "store": store}) as client:
            session = await client.create_session()
            await session.send_and_wait("hi")
        assert [listed.session_id for listed in await store.list_sessions()] == [session.id]
        assert await store.get_last_session_id() == session.id
        await store.fork_session(session.id, "fork")
        manifest = await store.export_session("fork", tmp_path / "fork.archive")
        assert manifest.raw
        await store.delete_session("fork")
        assert await store.get_session_metadata("fork") is None
        assert await store.import_session(tmp_path / "fork.archive", "again") == "again"
        assert len(await store.list_sessions()) == 2
        with pytest.raises(codriver.SessionNotFoundError):
            await store.get_events("nobody")
