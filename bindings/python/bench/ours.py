"""What is measured of this package, in a process of its own: `python ours.py CASE COUNT`, which prints JSON."""

from __future__ import annotations

import time

BEGIN = time.perf_counter()
import codriver  # noqa: E402

IMPORTED = time.perf_counter() - BEGIN

BEGIN = time.perf_counter()
import asyncio  # noqa: E402

ASYNCIO = time.perf_counter() - BEGIN

import json  # noqa: E402
import sys  # noqa: E402

from measure import MOCK, calls, deltas_in, main, rss_mb  # noqa: E402


def client(**options: object) -> codriver.Client:
    return codriver.Client(cli_path=MOCK, **options)  # type: ignore[arg-type]


async def imports(count: int) -> dict[str, float]:
    began = time.perf_counter()
    made = client()
    loaded = time.perf_counter() - began + ASYNCIO
    del made
    return {"import_ms": IMPORTED * 1e3, "client_ms": (IMPORTED + loaded) * 1e3, "mb": rss_mb()}


async def events(count: int, reads: bool = False) -> dict[str, float]:
    firehose = json.dumps({"events": count})
    done = asyncio.Event()
    seen = 0

    def on_event(event: codriver.SessionEvent) -> None:
        nonlocal seen
        if event.type == "assistant.message_delta":
            # A merged event stands for several.
            seen += deltas_in(event.data.delta_content) if reads else event.seq - event.first_seq + 1
        elif event.type == "session.idle":
            done.set()

    async with client(env={"MOCK_FIREHOSE": firehose}) as made:
        session = await made.create_session(on_event=on_event)
        began = time.perf_counter()
        cpu = time.process_time()
        await session.send("pour")
        await done.wait()
        took = time.perf_counter() - began
        cpu = time.process_time() - cpu
        lost = count - seen
    return {"per_second": seen / took, "lost": lost, "cpu_us_per_event": cpu / count * 1e6, "mb": rss_mb()}


async def read_events(count: int) -> dict[str, float]:
    return await events(count, reads=True)


async def ping(count: int) -> dict[str, float]:
    async with client() as made:
        return await calls(made.ping, count)


async def filesystem(count: int) -> dict[str, float]:
    class Files(codriver.SessionFs):
        async def read(self, path: str) -> bytes:
            return b"x" * 100

        write = append = mkdir = remove = rename = stat = read_dir = None  # type: ignore[assignment]

    steps = [
        {"expect": {"method": "session.create"}},
        {"reply": {"result": {"sessionId": "s"}}},
        {"expect": {"method": "test.go", "as": "go"}},
        {
            "repeat": {
                "times": count,
                "steps": [
                    {"request": {"as": "r", "method": "sessionFs.readFile", "params": {"sessionId": "s", "path": "/state/x"}}},
                    {"expect_response": {"to": "r"}},
                ],
            }
        },
        {"reply": {"to": "go", "result": {}}},
    ]
    files = {"store": lambda _: Files(), "initial_cwd": "/w", "state_path": "/state"}
    env = {"MOCK_RUNTIME_SCRIPT": json.dumps({"steps": steps})}
    async with client(session_fs=files, env=env) as made:
        await made.create_session(session_id="s")
        began, cpu = time.perf_counter(), time.process_time()
        await made.rpc("test.go")
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        return {"mean_us": took / count * 1e6, "cpu_us": cpu / count * 1e6}


async def sessions(count: int) -> dict[str, float]:
    async with client() as made:
        before = rss_mb()
        held = [await made.create_session(on_event=lambda _: None) for _ in range(count)]
        await asyncio.sleep(0.5)
        return {"kib_per_session": (rss_mb() - before) * 1e3 / len(held), "mb": rss_mb()}


if __name__ == "__main__":
    main({f.__name__: f for f in (imports, events, read_events, ping, filesystem, sessions)}, sys.argv)
