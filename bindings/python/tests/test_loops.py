"""Event loops: that of the call, several, closed ones; cancellation."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import random
from collections.abc import Callable

import pytest

import codriver

Mock = Callable[..., codriver.Client]


def test_a_client_of_another_loop_says_so(mock: Mock) -> None:
    client = mock()
    first = asyncio.new_event_loop()
    first.run_until_complete(client.start())

    async def elsewhere() -> None:
        with pytest.raises(codriver.InvalidArgumentError, match="another event loop, which runs elsewhere"):
            await client.ping()

    asyncio.run(elsewhere())
    first.run_until_complete(client.stop())
    first.close()


def test_a_closed_loop_is_survived_and_the_client_can_begin_anew(mock: Mock) -> None:
    client = mock(firehose={"events": 20_000})

    async def leave() -> None:
        session = await client.create_session(on_event=lambda _: None)
        await session.send("pour")

    loop = asyncio.new_event_loop()
    loop.run_until_complete(client.start())
    loop.run_until_complete(leave())
    loop.close()

    async def again() -> None:
        with pytest.raises(codriver.InvalidArgumentError, match="which is closed"):
            await client.ping()
        async with mock() as other:
            assert (await other.ping("x")).message == "pong: x"

    asyncio.run(again())


def test_one_client_on_one_loop_after_another(mock: Mock) -> None:
    client = mock()

    async def turn() -> str | None:
        async with client:
            session = await client.create_session()
            return (await session.send_and_wait("again")).content

    assert [asyncio.run(turn()) for _ in range(2)] == ["You said: again"] * 2


async def test_a_cancelled_call_is_cancelled_in_the_core(mock: Mock) -> None:
    steps = [
        {"expect": {"method": "test.slow"}},
        {"expect": {"method": "test.next"}},
        {"reply": {"result": "next"}},
    ]
    async with mock(steps=steps) as client:
        slow = asyncio.create_task(client.rpc("test.slow"))
        await asyncio.sleep(0.2)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert await client.rpc("test.next") == "next"


async def test_calls_that_are_cancelled_at_any_moment_leave_nothing_and_disturb_no_other(mock: Mock) -> None:
    from codriver import _ffi

    number: contextvars.ContextVar[int] = contextvars.ContextVar("number")
    chance = random.Random(7)
    cancelled = 0

    async def calls(client: codriver.Client, mine: int) -> None:
        nonlocal cancelled
        number.set(mine)
        for _ in range(100):
            if chance.random() < 0.4:
                call = asyncio.create_task(client.ping(str(mine)))
                await asyncio.sleep(chance.choice([0, 0, 0.0001, 0.001]))
                cancelled += call.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await call
            else:
                assert str(mine) in (await client.ping(str(mine))).message
            assert number.get() == mine

    async with mock() as client:
        await asyncio.gather(*(calls(client, mine) for mine in range(20)))
        assert cancelled > 100
        assert not _ffi._waiters


async def test_a_cancelled_create_is_undone_and_its_id_is_free_again(mock: Mock) -> None:
    steps = [
        {"expect": {"method": "session.create"}},
        {"sleep_ms": 500},
        {"reply": {"result": {"sessionId": "s"}}},
        {"expect": {"method": "session.destroy"}},
        {"reply": {"result": {"success": True}}},
        {"expect": {"method": "session.create"}},
        {"reply": {"result": {"sessionId": "s"}}},
    ]
    async with mock(steps=steps) as client:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.create_session(session_id="s"), 0.2)
        for _ in range(100):
            try:
                session = await client.create_session(session_id="s")
                break
            except codriver.SessionAlreadyOpenError:
                await asyncio.sleep(0.05)
        assert session.id == "s"


async def test_wait_for_and_gather_do_what_they_do(mock: Mock) -> None:
    async with mock() as client:
        assert len(await asyncio.gather(*(client.ping(str(n)) for n in range(100)))) == 100
        session = await client.create_session()
        stream = session.events()
        await session.send("hi")
        while (await asyncio.wait_for(stream.__anext__(), 10)).type != "session.idle":
            pass
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(stream.__anext__(), 0.1)
        await session.send("hi")
        assert (await asyncio.wait_for(stream.__anext__(), 10)).type == "user.message"
