"""What only shows with many of it: flat memory, and no deadlock.

`CODRIVER_ENDURANCE` (0 to 1) says how much of the full load is put on.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import time
from collections.abc import Callable

import pytest

import codriver

Mock = Callable[..., codriver.Client]

SHARE = float(os.environ.get("CODRIVER_ENDURANCE", "0.02"))


def resident_mb() -> float:
    gc.collect()
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def threads() -> int:
    return len(os.listdir("/proc/self/task"))


def test_memory_is_flat_over_100_000_calls(mock: Mock) -> None:
    async def work() -> None:
        async with mock() as client:

            async def calls(count: int) -> None:
                for _ in range(count // 10):
                    await asyncio.gather(*(client.ping("x" * 100) for _ in range(10)))

            await calls(2_000)
            before = resident_mb()
            await calls(int(100_000 * SHARE))
            assert resident_mb() - before < 8

    asyncio.run(work())


def test_memory_and_threads_are_flat_over_1_000_starts_and_stops(mock: Mock) -> None:
    async def once() -> None:
        async with mock() as client:
            session = await client.create_session(on_event=lambda _: None)
            await session.send("hi")

    async def work() -> None:
        for _ in range(10):
            await once()
        before, running = resident_mb(), threads()
        for _ in range(int(1_000 * SHARE)):
            await once()
        await asyncio.sleep(1)
        assert resident_mb() - before < 16
        # The pool of the library grows to what was busy at once.
        assert threads() <= running + 8

    asyncio.run(work())


def test_handlers_that_call_the_api_deadlock_nobody(mock: Mock) -> None:
    until = time.monotonic() + max(2.0, 60 * SHARE)
    dice = random.Random(7)
    calls = 0

    async def one(client: codriver.Client) -> None:
        nonlocal calls

        async def handler(event: codriver.SessionEvent) -> None:
            nonlocal calls
            calls += 1
            choice = dice.randrange(4)
            if choice == 0:
                await client.ping()
            elif choice == 1:
                await session.get_events()
            elif choice == 2:
                with session.on(lambda _: None):
                    await asyncio.sleep(0)
            else:
                await asyncio.to_thread(lambda: client.state)

        session = await client.create_session()
        session.on(handler)
        stream = session.events()
        while time.monotonic() < until:
            await asyncio.wait_for(session.send_and_wait("again"), 60)
            await asyncio.wait_for(stream.__anext__(), 60)
        stream.close()
        await session.disconnect()

    async def work() -> None:
        async with mock() as client:
            await asyncio.gather(*(one(client) for _ in range(4)))

    asyncio.run(work())
    assert calls > 50


@pytest.mark.parametrize("events", [200_000])
def test_every_event_of_a_storm_reaches_handler_and_stream(mock: Mock, events: int) -> None:
    count = max(20_000, int(events * SHARE))

    async def work() -> None:
        async with mock(firehose={"events": count}) as client:
            seen: list[int] = []
            session = await client.create_session(on_event=lambda event: seen.append(event.seq))
            stream = session.events()
            await session.send("pour")
            streamed = 0
            async for event in stream:
                streamed += event.type == "assistant.message_delta"
                if event.type == "session.idle" or streamed == count:
                    break
            while len(seen) < count:
                await asyncio.sleep(0.01)
            assert streamed == count
            assert seen == list(range(1, len(seen) + 1))
            assert client.counters["events_lost"] == 0

    asyncio.run(asyncio.wait_for(work(), 120))
