"""What only shows with many of it: flat memory, and no deadlock.

`CODRIVER_ENDURANCE` (0 to 1) says how much of the full load is put on where that takes minutes.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import time
from collections.abc import Awaitable, Callable

import pytest

import codriver
from codriver._ffi import native

Mock = Callable[..., codriver.Client]

SHARE = float(os.environ.get("CODRIVER_ENDURANCE", "0.1"))


ROUNDS = 4


def resident() -> int:
    """Bytes of this process that are in memory."""
    gc.collect()
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def held() -> tuple[int, int]:
    """How many values the library keeps a number of, and how many objects Python has."""
    gc.collect()
    return native.open_objects(), len(gc.get_objects())


def threads() -> int:
    return len(os.listdir("/proc/self/task"))


class Growth:
    """What each of the rounds left behind, which is nothing: what leaks does so in every one, and what an allocator keeps does not."""

    def __init__(self) -> None:
        self.bytes: list[int] = []
        self.objects: list[int] = []

    async def round(self, work: Awaitable[None]) -> None:
        before, (open_objects, objects) = resident(), held()
        await work
        left, objects_left = held()
        assert left == open_objects
        self.objects.append(objects_left - objects)
        self.bytes.append(resident() - before)

    def is_nothing(self, much: int) -> None:
        """Of `much` that was done in a round; a single object for each would be as many objects, and a hundred bytes each."""
        assert min(self.objects) < 50 + much // 100, self.objects
        assert min(self.bytes) < 1_000_000 + 20 * much, self.bytes


async def test_memory_is_flat_over_100_000_calls(mock: Mock) -> None:
    async with mock() as client:

        async def calls(count: int) -> None:
            for _ in range(count // 10):
                await asyncio.gather(*(client.ping("x" * 100) for _ in range(10)))

        await calls(2_000)
        growth = Growth()
        for _ in range(ROUNDS):
            await growth.round(calls(100_000 // ROUNDS))
        growth.is_nothing(100_000 // ROUNDS)


async def test_memory_and_threads_are_flat_over_1_000_starts_and_stops(mock: Mock) -> None:
    async def cycles(count: int) -> None:
        for _ in range(count):
            async with mock() as client:
                session = await client.create_session(on_event=lambda _: None)
                await session.send("hi")
            del client, session
        # The last callbacks of a client come back after its end.
        until = time.monotonic() + 10
        while native.open_objects() > unused and time.monotonic() < until:
            gc.collect()
            await asyncio.sleep(0.01)

    unused = native.open_objects()
    await cycles(10)
    running, growth, count = threads(), Growth(), int(1_000 * SHARE) // ROUNDS
    for _ in range(ROUNDS):
        await growth.round(cycles(count))
    growth.is_nothing(count)
    # The pool of the library grows to what was busy at once.
    assert threads() <= running + 8


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
