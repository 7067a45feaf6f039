"""Stores without a runtime: what is there, what is damaged; and where a session's files come from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import MOCK

import codriver
import codriver.sync

Mock = Callable[..., codriver.Client]


def stored(kind: str, number: int, data: Any) -> str:
    id = f"33333333-3333-4333-8333-3333333333{number:02}"
    return json.dumps({"type": kind, "id": id, "parentId": None, "timestamp": "2026-11-21T01:44:37.000Z", "data": data})


LOG = "\n".join(
    [stored("session.start", 1, {"sessionId": "s-1"}), stored("user.message", 2, {"content": "hello"}), '{"type":"torn']
)

CREATED: list[Any] = [{"expect": {"method": "session.create"}}, {"reply": {"result": {"sessionId": "s-1"}}}]


async def fill(mock: Mock, url: str) -> None:
    """A session `s-1` whose log has two events and half of a third."""
    params = {"sessionId": "s-1", "path": "/state/events.jsonl", "content": LOG}
    steps = [
        *CREATED,
        {"expect": {"method": "test.go", "as": "go"}},
        {"request": {"as": "w", "method": "sessionFs.writeFile", "params": params}},
        {"expect_response": {"to": "w"}},
        {"reply": {"to": "go", "result": "written"}},
    ]
    async with mock(session_fs={"store": url, "initial_cwd": "/project", "state_path": "/state"}, steps=steps) as client:
        await client.create_session(session_id="s-1")
        assert await client.rpc("test.go") == "written"


@pytest.mark.parametrize("scheme", ["dir", "sqlite"])
async def test_a_damaged_log_is_counted_found_and_repaired(mock: Mock, tmp_path: Path, scheme: str) -> None:
    url = f"{scheme}:{tmp_path}/store"
    await fill(mock, url)
    async with await codriver.Store.open_existing(url) as store:
        events = await store.get_events("s-1")
        assert ([event.type for event in events], events.unreadable) == (["session.start", "user.message"], 1)

        health = await store.check("s-1")
        assert (health.session_id, health.events, health.quarantine) == ("s-1", 2, None)
        assert [(one.kind, one.line) for one in health.damage] == [("torn", 3)]
        assert await store.check_all() == [health]
        assert (await store.get_events("s-1")).unreadable == 1

        repaired = await store.repair("s-1")
        assert [one.kind for one in repaired.damage] == ["torn"]
        assert repaired.quarantine
        events = await store.get_events("s-1")
        assert (len(events), events.unreadable) == (2, 0)
        assert (await store.check("s-1")).damage == []
        assert [one.session_id for one in await store.repair_all()] == ["s-1"]
        with pytest.raises(codriver.SessionNotFoundError):
            await store.check("nobody")


@pytest.mark.parametrize("scheme", ["dir", "sqlite"])
async def test_what_is_not_there_is_not_made(tmp_path: Path, scheme: str) -> None:
    with pytest.raises(codriver.FsNotFoundError):
        await codriver.Store.open_existing(f"{scheme}:{tmp_path}/store")
    assert os.listdir(tmp_path) == []
    with pytest.raises(codriver.InvalidConfigError):
        await codriver.Store.open_existing("nowhere:")
    with pytest.raises(TypeError, match="the URL of a store must be a str"):
        await codriver.Store.open_existing(5)  # type: ignore[arg-type]


async def test_the_store_of_a_client_is_where_its_sessions_are(mock: Mock, tmp_path: Path) -> None:
    fs = {"initial_cwd": "/project", "state_path": "/state"}
    async with mock(session_fs={**fs, "store": f"dir:{tmp_path}/store"}) as client:
        session = await client.create_session()
        store = client.session_store()
        assert store is not None
        async with store:
            assert [listed.session_id for listed in await store.list_sessions()] == [session.id]
    async with mock() as client:
        assert client.session_store() is None


@pytest.mark.parametrize(
    ("options", "inside", "outside"),
    [
        ({}, True, True),
        ({"workspace": "none"}, False, False),
        ({"rest": "none"}, True, False),
        ({"workspace": "disk", "rest": "disk", "cache": True}, True, True),
    ],
    ids=str,
)
async def test_files_beside_the_state_come_from_where_the_options_say(
    mock: Mock, tmp_path: Path, options: Any, inside: bool, outside: bool
) -> None:
    (tmp_path / "cwd").mkdir()
    for place in ("cwd/in.txt", "out.txt"):
        (tmp_path / place).write_text("here")
    steps = [*CREATED, {"expect": {"method": "test.go", "as": "go"}}]
    for name, found in (("cwd/in.txt", inside), ("out.txt", outside)):
        params = {"sessionId": "s-1", "path": str(tmp_path / name)}
        steps.append({"request": {"as": name, "method": "sessionFs.readFile", "params": params}})
        result = {"content": "here"} if found else {"error": {"code": "ENOENT"}}
        steps.append({"expect_response": {"to": name, "result": result}})
    steps.append({"reply": {"to": "go", "result": "read"}})
    session_fs = {"store": "memory:", "initial_cwd": str(tmp_path / "cwd"), "state_path": "/state", **options}
    async with mock(session_fs=session_fs, steps=steps) as client:
        await client.create_session(session_id="s-1")
        assert await client.rpc("test.go") == "read"


@pytest.mark.parametrize("option", [{"workspace": "somewhere"}, {"rest": "elsewhere"}, {"cache": "yes"}], ids=str)
def test_a_source_of_files_that_there_is_not_is_refused_by_its_name(mock: Mock, option: Any) -> None:
    with pytest.raises(codriver.InvalidConfigError, match=next(iter(option))):
        mock(session_fs={"store": "memory:", "initial_cwd": "/", "state_path": "/s", **option})


def test_a_store_without_asyncio(tmp_path: Path) -> None:
    url = f"dir:{tmp_path}/store"
    with pytest.raises(codriver.FsNotFoundError):
        codriver.sync.Store.open_existing(url)
    with codriver.sync.Store.open(url) as store:
        fs = {"initial_cwd": "/project", "state_path": "/state", "store": store}
        with codriver.sync.Client(cli_path=MOCK, session_fs=fs) as client:  # type: ignore[arg-type]
            session = client.create_session()
            session.send_and_wait("hi")
            theirs = client.session_store()
            assert theirs is not None
            with theirs:
                assert theirs.get_last_session_id() == session.id
        assert [listed.session_id for listed in store.list_sessions()] == [session.id]
        store.fork_session(session.id, "fork")
        store.export_session("fork", tmp_path / "fork.archive")
        store.delete_session("fork")
        assert store.get_session_metadata("fork") is None
        assert store.import_session(tmp_path / "fork.archive", "again") == "again"
        assert store.get_events("again").unreadable == 0
        assert store.check("again").damage == store.repair("again").damage
        assert len(store.check_all()) == len(store.repair_all()) == 2


EXTENSION = """
import asyncio, codriver, codriver.sync, sys
async def main():
    async with codriver.Client(transport={"kind": "parent"}) as client:
        async with await client.join_session(on_user_input_request=lambda request: request.question + "!") as session:
            assert session.id == "s-1"
            assert await client.rpc("test.go") == "answered"
def without_asyncio():
    with codriver.sync.Client(transport={"kind": "parent"}) as client:
        with client.join_session(on_user_input_request=lambda request: request.question + "!") as session:
            assert session.id == "s-1"
            assert client.rpc("test.go") == "answered"
asyncio.run(main()) if sys.argv[1] == "async" else without_asyncio()
sys.exit(7)
"""


@pytest.mark.parametrize("layer", ["async", "sync"])
def test_an_extension_joins_its_session_and_answers_questions(layer: str) -> None:
    steps = [
        {"expect": {"method": "session.resume", "params": {"sessionId": "s-1", "requestUserInput": True}}},
        {"reply": {"result": {"sessionId": "s-1"}}},
        {"expect": {"method": "test.go", "as": "go"}},
        {"request": {"as": "q", "method": "userInput.request", "params": {"sessionId": "s-1", "question": "Well"}}},
        {"expect_response": {"to": "q", "result": {"answer": "Well!"}}},
        {"reply": {"to": "go", "result": "answered"}},
    ]
    to_parent, to_extension = os.pipe(), os.pipe()
    env = {**os.environ, "SESSION_ID": "s-1", "PYTHONPATH": str(Path(codriver.__file__).parents[1])}
    extension = subprocess.Popen(
        [sys.executable, "-c", EXTENSION, layer],
        stdin=to_extension[0],
        stdout=to_parent[1],
        stderr=subprocess.PIPE,
        env=env,
        text=True,
    )
    script = json.dumps({"steps": steps})
    parent = subprocess.Popen(
        [MOCK], stdin=to_parent[0], stdout=to_extension[1], env={**os.environ, "MOCK_RUNTIME_SCRIPT": script}
    )
    for end in (*to_parent, *to_extension):
        os.close(end)
    try:
        _, stderr = extension.communicate(timeout=60)
        assert extension.returncode == 7, stderr
        parent.wait(30)
    finally:
        parent.kill()
