"""The real runtimes, with the scripted model: no login needed. `CODRIVER_REAL_RUNTIMES` has them, one directory a version."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import built
from test_fs import MemoryFs

import codriver

RUNTIMES = os.environ.get("CODRIVER_REAL_RUNTIMES")
VERSIONS = sorted(path.parent.name for path in Path(RUNTIMES).glob("*/node_modules")) if RUNTIMES else []

pytestmark = pytest.mark.skipif(not VERSIONS, reason="CODRIVER_REAL_RUNTIMES is not set")

TURN = 90.0


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    stub = subprocess.Popen([built("model-stub")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert stub.stdout is not None
    yield json.loads(stub.stdout.readline())["baseUrl"]
    stub.communicate(timeout=20)


@pytest.fixture(params=VERSIONS)
def options(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    root = Path(RUNTIMES or "") / request.param / "node_modules" / "@github"
    programs = [root / "copilot-linux-x64" / "copilot", root / "copilot" / "npm-loader.js"]
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    return {
        "cli_path": next(program for program in programs if program.exists()),
        "cwd": tmp_path / "work",
        "base_directory": tmp_path / "home",
        "use_logged_in_user": False,
        "env_remove": ["GH_TOKEN", "GITHUB_TOKEN", "COPILOT_GITHUB_TOKEN"],
        "env": {"NO_PROXY": "127.0.0.1"},
    }


def config(model: str) -> dict[str, Any]:
    provider = {"base_url": model, "type": "openai", "wire_api": "completions", "api_key": "none"}
    return {"model": "stub", "provider": provider, "streaming": True}


async def test_a_conversation_with_a_tool_and_a_permission(options: dict[str, Any], model: str) -> None:
    asked: list[str] = []
    called: list[str] = []

    @codriver.tool
    async def lookup(city: str) -> str:
        """Looks a city up."""
        called.append(city)
        return f"{city} has 22 °C"

    def decide(request: codriver.PermissionRequest) -> codriver.PermissionDecision:
        asked.append(request.kind)
        return codriver.PermissionDecision.approve_for_session(request)

    heard: list[codriver.SessionEvent] = []
    async with codriver.Client(**options) as client:
        assert client.runtime is not None
        session = await client.create_session(
            **config(model), tools=[lookup], on_permission_request=decide, on_event=heard.append
        )
        turn = await session.send_and_wait("STREAM 500", timeout=TURN)
        assert turn.content == "".join(f"{chunk:07} " for chunk in range(500))
        for _ in range(2):
            await session.send_and_wait('TOOL lookup {"city": "Paris"}', timeout=TURN)
        assert (called, asked) == (["Paris", "Paris"], ["custom-tool"])
        session_id = session.id
        await session.disconnect()
        resumed = await client.resume_session(session_id, **config(model))
        stored = [event.type for event in await resumed.get_events()]
        assert stored.count("user.message") == 3
    assert [event.seq for event in heard] == list(range(1, len(heard) + 1))
    assert sum(event.type == "assistant.message_delta" for event in heard) >= 500


async def test_session_state_in_a_filesystem_written_in_python(options: dict[str, Any], model: str) -> None:
    made: dict[str, MemoryFs] = {}
    files = {
        "store": lambda session_id: made.setdefault(session_id, MemoryFs(session_id)),
        "initial_cwd": str(options["cwd"]),
        "state_path": "/state",
    }
    async with codriver.Client(**options, session_fs=files) as client:
        session = await client.create_session(**config(model))
        await session.send_and_wait("STREAM 3", timeout=TURN)
        session_id = session.id
        await session.disconnect()
    log = await made[session_id].read("/state/events.jsonl")
    types = [json.loads(line)["type"] for line in log.splitlines()]
    assert types[0] == "session.start"
    assert "assistant.message" in types
    async with codriver.Client(**options, session_fs=files) as client:
        resumed = await client.resume_session(session_id, **config(model))
        await resumed.send_and_wait("STREAM 2", timeout=TURN)
        assert len(await resumed.get_events()) > len(types)
