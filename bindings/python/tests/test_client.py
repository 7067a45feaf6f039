from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import codriver

Mock = Callable[..., codriver.Client]


async def test_a_turn_from_start_to_stop(mock: Mock) -> None:
    states: list[str] = []
    heard: list[codriver.SessionEvent] = []
    async with mock(on_state=states.append) as client:
        assert client.runtime is not None
        assert (client.runtime.protocol_version, client.state) == (3, "connected")
        async with await client.create_session(model="gpt-5", on_event=heard.append) as session:
            turn = await session.send_and_wait("hello")
            assert (turn.content, turn.aborted) == ("You said: hello", False)
            assert "user.message" in [event.type for event in await session.get_events()]
            assert await client.get_last_session_id() == session.id
            assert client.counters["events_lost"] == 0
    for _ in range(100):
        if len(states) == 3 and heard[-1].type == "session.shutdown":
            break
        await asyncio.sleep(0.05)
    assert [event.seq for event in heard] == list(range(1, len(heard) + 1))
    assert heard[-1].type == "session.shutdown"
    assert states == ["connecting", "connected", "disconnected"]


async def test_a_stream_and_a_handler_see_the_same_and_a_stream_ends_with_its_session(mock: Mock) -> None:
    heard: list[int] = []
    async with mock() as client:
        session = await client.create_session()
        stream = session.events()
        with session.on(lambda event: heard.append(event.seq)), session.on(lambda _: heard.append(-1), type="session.idle"):
            await session.send_and_wait("one")
        await session.send_and_wait("two")
        await session.disconnect()
        streamed = [event.seq async for event in stream]
        assert streamed == list(range(streamed[0], streamed[0] + len(streamed)))
        assert heard[-1] == -1
        assert [seq for seq in heard if seq > 0] == streamed[: len(heard) - 1]


async def test_the_handlers_have_heard_of_a_turn_when_it_is_over(mock: Mock) -> None:
    async with mock() as client:
        session = await client.create_session()
        heard: list[str] = []
        again: list[str] = []

        async def hears(event: codriver.SessionEvent) -> None:
            again.append(event.type)

        session.on(lambda event: heard.append(event.type))
        session.on(hears)
        for _ in range(50):
            await session.send_and_wait("hi")
            assert heard[-1] == again[-1] == "session.idle"
            heard.clear()
            again.clear()


async def test_what_is_closed_says_so(mock: Mock) -> None:
    client = mock()
    with pytest.raises(codriver.ClosedError, match="not connected"):
        await client.ping()
    async with client:
        session = await client.create_session()
        await session.disconnect()
        with pytest.raises(codriver.ClosedError, match="disconnected"):
            await session.send("hi")
    with pytest.raises(codriver.ClosedError):
        await client.create_session()
    assert await client.stop() == []


async def test_a_missing_runtime_says_where_was_looked() -> None:
    with pytest.raises(codriver.RuntimeNotFoundError, match="/no/such/runtime"):
        await codriver.Client(cli_path="/no/such/runtime").start()


async def test_wrong_types_are_refused_where_they_are_given(mock: Mock) -> None:
    for options, error, words in [
        ({"cli_args": 5}, codriver.InvalidConfigError, "cliArgs"),
        ({"env": {"A": object()}}, TypeError, r"Client\(\).*object"),
        ({"mode": "full"}, codriver.InvalidConfigError, "mode"),
        ({"session_fs": "memory:"}, TypeError, "session_fs must be a dict"),
        ({"session_fs": {"initial_cwd": "/", "state_path": "/s"}}, codriver.InvalidConfigError, "store"),
        ({"session_fs": {"store": "nowhere:", "initial_cwd": "/", "state_path": "/s"}}, codriver.CodriverError, "nowhere"),
        ({"threads": 0}, codriver.InvalidConfigError, "threads"),
    ]:
        with pytest.raises(error, match=words):
            mock(**options)
    async with mock() as client:
        session = await client.create_session()
        for call, error, words in [
            (lambda: session.send(5), TypeError, r"send\(\): prompt must be a str"),
            (lambda: session.send_and_wait("x", timeout="5"), TypeError, "timeout must be a number of seconds, not str"),
            (lambda: session.send_and_wait("x", timeout=-1), ValueError, "from 0 on"),
            (lambda: client.ping(5), TypeError, r"ping\(\)"),
            (lambda: client.create_session(model=5), codriver.InvalidConfigError, "model"),
            (lambda: client.create_session(tools="bash"), TypeError, "tools must be a list"),
            (lambda: client.create_session(hooks=[print]), TypeError, "hooks must be a dict"),
            (lambda: client.create_session(on_event=lambda: None), TypeError, "on_event must take 1 argument"),
            (lambda: client.create_session(hooks={"preTool": lambda _: None}), codriver.InvalidConfigError, "preTool"),
            (lambda: client.resume_session(5), TypeError, "session_id must be a str"),
            (lambda: client.rpc("x", object()), TypeError, r"rpc\(\)"),
        ]:
            with pytest.raises(error, match=words):
                await call()


async def test_a_timeout_is_pythons_own_and_leaves_the_turn_running(mock: Mock) -> None:
    steps: list[Any] = [{"expect": {"method": "session.send"}}, {"reply": {"result": {"messageId": "m"}}}]
    async with mock(steps=steps) as client:
        session = await client.create_session()
        with pytest.raises(TimeoutError, match="the turn did not end within"):
            await session.send_and_wait("hi", timeout=0.2)


async def test_a_client_nobody_holds_is_closed(mock: Mock) -> None:
    client = mock()
    await client.start()
    pid = client.runtime_pid
    assert pid is not None
    await client.create_session(on_event=lambda _: None)
    gone = weakref.ref(client)
    del client
    gc.collect()
    assert gone() is None
    for _ in range(200):
        try:
            import os

            os.kill(pid, 0)
        except ProcessLookupError:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the runtime outlived its client")


async def test_a_stopped_client_goes_with_its_last_owner_and_not_with_the_next_collection(mock: Mock) -> None:
    gc.disable()
    try:
        async with mock() as client:
            session = await client.create_session(on_event=lambda _: None)
            session.on(lambda _: None)
            await session.send_and_wait("hi")
        await asyncio.sleep(0.2)
        gone = weakref.ref(client)
        del client, session
        assert gone() is None
    finally:
        gc.enable()
