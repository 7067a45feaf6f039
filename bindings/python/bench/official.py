"""The same of the official package, as its documentation says to use it: `python official.py CASE COUNT`."""

from __future__ import annotations

import time

BEGIN = time.perf_counter()
import copilot  # noqa: E402

IMPORTED = time.perf_counter() - BEGIN

import asyncio  # noqa: E402
import contextlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402

from measure import MOCK, calls, deltas_in, main, rss_mb  # noqa: E402


def client(**env: str) -> Any:
    connection = copilot.StdioRuntimeConnection(path=MOCK)
    return copilot.CopilotClient(connection=connection, env={**os.environ, **env}, use_logged_in_user=False)


async def ended(made: Any) -> None:
    """Stops it; the mock does not know all that it says then."""
    with contextlib.suppress(Exception):
        await made.stop()


def approve(*_: object) -> Any:
    return {"kind": "approve-once"}


async def imports(count: int) -> dict[str, float]:
    began = time.perf_counter()
    made = client()
    loaded = time.perf_counter() - began
    del made
    return {"import_ms": IMPORTED * 1e3, "client_ms": (IMPORTED + loaded) * 1e3, "mb": rss_mb()}


async def events(count: int, reads: bool = False) -> dict[str, float]:
    done = asyncio.Event()
    seen = 0
    loop = asyncio.get_running_loop()

    def on_event(event: Any) -> None:
        nonlocal seen
        kind = getattr(event.type, "value", event.type)
        if kind == "assistant.message_delta":
            seen += deltas_in(event.data.delta_content) if reads else 1
        elif kind == "session.idle":
            loop.call_soon_threadsafe(done.set)

    made = client(MOCK_FIREHOSE=json.dumps({"events": count}))
    await made.start()
    session = await made.create_session(on_permission_request=approve)
    session.on(on_event)
    began = time.perf_counter()
    cpu = time.process_time()
    await session.send("pour")
    await done.wait()
    took = time.perf_counter() - began
    cpu = time.process_time() - cpu
    await ended(made)
    return {"per_second": seen / took, "lost": count - seen, "cpu_us_per_event": cpu / count * 1e6, "mb": rss_mb()}


async def read_events(count: int) -> dict[str, float]:
    return await events(count, reads=True)


async def ping(count: int) -> dict[str, float]:
    made = client()
    await made.start()
    numbers = await calls(made.ping, count)
    await ended(made)
    return numbers


async def sessions(count: int) -> dict[str, float]:
    made = client()
    await made.start()
    before = rss_mb()
    held = [await made.create_session(on_permission_request=approve) for _ in range(count)]
    await asyncio.sleep(0.5)
    numbers = {"kib_per_session": (rss_mb() - before) * 1e3 / len(held), "mb": rss_mb()}
    await ended(made)
    return numbers


if __name__ == "__main__":
    main({f.__name__: f for f in (imports, events, read_events, ping, sessions)}, sys.argv)
