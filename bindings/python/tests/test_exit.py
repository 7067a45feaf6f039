"""The end of a program: its own exit code, and nothing on standard error that it did not say itself."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from conftest import MOCK

Script = Callable[..., Any]

#: `main` returns while events flow: the client is still held.
FLOWING = """
async def main():
    global client, session
    client = codriver.Client(cli_path=MOCK, env={"MOCK_FIREHOSE": '{"events": 1000000}'})
    await client.start()
    seen = asyncio.Event()
    session = await client.create_session(on_event=lambda event: seen.set() if event.seq > 2000 else None)
    await session.send("pour")
    await seen.wait()

async def fails():
    await main()
    raise LookupError("mine")

async def is_interrupted():
    await main()
    os.kill(os.getpid(), 2)
    await asyncio.sleep(60)

async def leaves():
    await main()
    sys.exit(4)
"""


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        ("asyncio.run(main())", 0, ""),
        ("asyncio.run(main()); sys.exit(3)", 3, ""),
        ("loop = asyncio.new_event_loop(); loop.run_until_complete(main()); os._exit(0)", 0, ""),
        ("loop = asyncio.new_event_loop(); asyncio.set_event_loop(loop); loop.run_until_complete(main()); loop.close()", 0, ""),
        ("asyncio.run(main()); raise LookupError('mine')", 1, "LookupError: mine"),
        ("asyncio.run(main()); raise KeyboardInterrupt", -signal.SIGINT, "KeyboardInterrupt"),
        ("asyncio.run(fails())", 1, "LookupError: mine"),
        ("asyncio.run(is_interrupted())", -signal.SIGINT, "KeyboardInterrupt"),
        ("asyncio.run(leaves())", 4, ""),
    ],
    ids=[
        "returns",
        "exits",
        "_exit",
        "closed loop",
        "raises",
        "interrupted",
        "raises on the loop",
        "interrupted on the loop",
        "exits on the loop",
    ],
)
def test_i28_a_program_that_ends_while_events_flow_ends_as_it_says(script: Script, ending: str, code: int, said: str) -> None:
    ended = script(FLOWING + ending)
    assert ended.returncode == code, ended.stderr
    if said:
        assert ended.stderr.strip().endswith(said)
    else:
        assert ended.stderr == ""


def test_ctrl_c_in_a_call_stops_the_runtime_and_ends_the_program() -> None:
    program = f"""
import asyncio, codriver
async def main():
    async with codriver.Client(cli_path={MOCK!r}, env={{"MOCK_RUNTIME_SCRIPT": '{{"steps": [{{"expect": {{"method": "test.never"}}}}]}}'}}) as client:
        print(client.runtime_pid, flush=True)
        await client.rpc("test.never")
asyncio.run(main())
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT, stderr
    assert stderr.strip().endswith("KeyboardInterrupt")
    assert not alive(pid)


def test_ctrl_c_works_at_once_without_asyncio() -> None:
    program = f"""
import codriver.sync
client = codriver.sync.Client(cli_path={MOCK!r}, env={{"MOCK_RUNTIME_SCRIPT": '{{"steps": [{{"expect": {{"method": "test.never"}}}}]}}'}})
client.start()
print(client.runtime_pid, flush=True)
client.rpc("test.never")
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT, stderr
    assert stderr.strip().endswith("KeyboardInterrupt")
    assert not alive(pid)


@pytest.mark.parametrize("handler", ["on_event=lambda event: (print('in', flush=True), time.sleep(600))", "tools=[waits]"])
def test_ctrl_c_ends_the_program_while_a_handler_blocks(handler: str) -> None:
    called = {"requestId": "r", "sessionId": "s-1", "toolCallId": "c", "toolName": "waits", "arguments": {}}
    told = {"id": "e", "type": "external_tool.requested", "data": called}
    steps = [
        {"expect": {"method": "session.create"}},
        {"reply": {"result": {"sessionId": "s-1"}}},
        {"notify": {"method": "session.event", "params": {"sessionId": "s-1", "event": told}}},
        {"expect": {"method": "test.never"}},
    ]
    program = f"""
import codriver, codriver.sync, json, time
@codriver.tool
def waits() -> None:
    print("in", flush=True)
    time.sleep(600)
client = codriver.sync.Client(cli_path={MOCK!r}, env={{"MOCK_RUNTIME_SCRIPT": {json.dumps({"steps": steps})!r}}})
client.start()
client.create_session(session_id="s-1", {handler})
client.rpc("test.never")
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"
    time.sleep(0.3)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT, stderr
    assert stderr.strip().endswith("KeyboardInterrupt")
    assert time.monotonic() - began < 8


def alive(pid: int) -> bool:
    import os

    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True
