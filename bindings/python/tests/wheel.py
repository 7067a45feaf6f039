"""What `run-tests` runs with an installed wheel: a conversation, a store, a tool, the blocking layer, the doctor."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import sys
from pathlib import Path

import codriver
import codriver.__main__
import codriver.sync

MOCK = os.environ["MOCK_RUNTIME"]


@codriver.tool
async def add(a: int, b: int) -> int:
    """Adds."""
    return a + b


async def main() -> None:
    heard: list[str] = []
    files = {"store": "memory:", "initial_cwd": "/work", "state_path": "/state"}
    async with codriver.Client(cli_path=MOCK, session_fs=files) as client:
        session = await client.create_session(tools=[add], on_event=lambda event: heard.append(event.type))
        assert (await session.send_and_wait("hello")).content == "You said: hello"
    assert "assistant.message" in heard


here = Path(codriver.__file__).resolve()
assert here.is_relative_to(Path(sys.prefix).resolve()), here
assert (here.parent / "py.typed").exists()
asyncio.run(main())
with codriver.sync.Client(cli_path=MOCK) as client:
    assert client.ping("x").message == "pong: x"
with contextlib.redirect_stdout(io.StringIO()) as said:
    assert codriver.__main__.main(["doctor", "--cli-path", MOCK]) == 1
assert "nobody is logged in" in said.getvalue()
print(f"Python {sys.version.split()[0]}: the wheel works")
