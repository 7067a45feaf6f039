"""DESIGN §9: callbacks that are right, throw, re-enter, are slow, answer from many threads, or after the end."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

import codriver
from codriver import PermissionDecision, ToolResult

Mock = Callable[..., codriver.Client]

ASKED = {"requestId": "r-1", "permissionRequest": {"kind": "shell", "fullCommandText": "ls"}}


def event(kind: str, data: Any, id: str = "e-1") -> Any:
    return {
        "notify": {
            "method": "session.event",
            "params": {"sessionId": "s-1", "event": {"id": id, "type": kind, "data": data}},
        }
    }


def asks(kind: str, data: Any, method: str, params: Any) -> list[Any]:
    """A script: the session is there, something is asked by an event, and this answer comes."""
    return [
        {"expect": {"method": "session.create"}},
        {"reply": {"result": {"sessionId": "s-1"}}},
        {"expect": {"method": "test.go"}},
        {"reply": {"result": {}}},
        event(kind, data),
        {"expect": {"method": method, "params": params}},
        {"reply": {"result": {"success": True}}},
        {"expect": {"method": "test.done"}},
        {"reply": {"result": {}}},
    ]


def permission(result: Any) -> list[Any]:
    method = "session.permissions.handlePendingPermissionRequest"
    return asks("permission.requested", ASKED, method, {"requestId": "r-1", "result": result})


def called(result: Any) -> list[Any]:
    data = {"requestId": "r-2", "sessionId": "s-1", "toolCallId": "c", "toolName": "t", "arguments": {"x": 2}}
    return asks("external_tool.requested", data, "session.tools.handlePendingToolCall", {"requestId": "r-2", "result": result})


async def play(client: codriver.Client, **options: Any) -> list[codriver.HandlerFailure]:
    """Plays a script of `asks`; gives the failures that were reported."""
    failures: list[codriver.HandlerFailure] = []
    options.setdefault("on_handler_error", failures.append)
    async with client:
        await client.create_session(session_id="s-1", **options)
        await client.rpc("test.go")
        await asyncio.wait_for(client.rpc("test.done"), 30)
        await asyncio.sleep(0.05)
    return failures


def sync_yes(request: codriver.PermissionRequest) -> PermissionDecision:
    assert (request.kind, request.text("fullCommandText")) == ("shell", "ls")
    return PermissionDecision.approve_once()


async def async_yes(request: codriver.PermissionRequest) -> dict[str, str]:
    await asyncio.sleep(0.01)
    assert request.permission_request.full_command_text == "ls"
    return {"kind": "approve-once"}


@pytest.mark.parametrize("handler", [sync_yes, async_yes])
async def test_a_handler_sync_or_async_answers(mock: Mock, handler: Any) -> None:
    assert await play(mock(steps=permission({"kind": "approve-once"})), on_permission_request=handler) == []


async def test_a_handler_that_raises_approves_nothing_and_is_reported_with_its_own_exception(mock: Mock) -> None:
    boom = KeyError("boom")

    def handler(_: object) -> None:
        raise boom

    failures = await play(mock(steps=permission({"kind": "user-not-available"})), on_permission_request=handler)
    assert [(failure.place, failure.error) for failure in failures] == [("permission", boom)]


async def test_an_answer_the_runtime_would_misread_approves_nothing(mock: Mock, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "codriver"):
        await play(
            mock(steps=permission({"kind": "user-not-available"})),
            on_permission_request=lambda _: {"kind": "approve-all"},
        )
    assert "was refused" in caplog.text


async def test_a_handler_may_call_back_into_the_client_and_its_session(mock: Mock) -> None:
    async def handler(_: object) -> PermissionDecision:
        pong = await client.ping("inside")
        return PermissionDecision.reject(str(pong.message))

    client = mock(steps=permission({"kind": "reject", "feedback": "pong: inside"}))
    assert await play(client, on_permission_request=handler) == []


@codriver.tool(name="t")
def blocking(x: int) -> ToolResult:
    assert threading.current_thread() is not threading.main_thread()
    time.sleep(0.05)
    return ToolResult.text(f"{x * 2}")


@codriver.tool(name="t")
async def returns_json(x: int) -> dict[str, int]:
    return {"x": x}


@codriver.tool(name="t")
async def raises(x: int) -> None:
    raise ValueError("out of range")


@codriver.tool(name="t")
async def wants_text(x: str) -> str:
    return x


@pytest.mark.parametrize(
    ("tool", "result", "failed"),
    [
        (blocking, {"textResultForLlm": "4", "resultType": "success"}, 0),
        (returns_json, {"textResultForLlm": '{"x":2}', "resultType": "success"}, 0),
        (raises, {"textResultForLlm": "the tool failed: out of range", "resultType": "failure"}, 1),
        (wants_text, {"textResultForLlm": "invalid arguments: `x`: must be str, not int", "resultType": "failure"}, 0),
    ],
    ids=["blocking", "json", "raises", "misfit"],
)
async def test_a_tool_answers_the_model(mock: Mock, tool: codriver.Tool, result: Any, failed: int) -> None:
    failures = await play(mock(steps=called(result)), tools=[tool])
    assert len(failures) == failed


async def test_a_tool_nobody_waits_for_is_cancelled(mock: Mock) -> None:
    cancelled = asyncio.Event()
    began = asyncio.Event()

    @codriver.tool(name="t")
    async def hangs(x: int) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with mock(steps=called({"$any": True})[:5]) as client:
        session = await client.create_session(session_id="s-1", tools=[hangs])
        await client.rpc("test.go")
        await asyncio.wait_for(began.wait(), 10)
        await session.disconnect()
        await asyncio.wait_for(cancelled.wait(), 10)


async def test_a_slow_or_raising_event_handler_misses_nothing_and_stops_nobody(mock: Mock) -> None:
    slow: list[int] = []
    quick: list[int] = []
    failures: list[codriver.HandlerFailure] = []

    async def dawdles(event: codriver.SessionEvent) -> None:
        await asyncio.sleep(0.01)
        slow.append(event.seq)
        raise RuntimeError("after event " + str(event.seq))

    async with mock() as client:
        one = await client.create_session(on_event=[dawdles, lambda e: quick.append(e.seq)], on_handler_error=failures.append)
        two = await client.create_session()
        await asyncio.gather(one.send_and_wait("a"), two.send_and_wait("b"))
        await asyncio.sleep(0.5)
        assert slow == quick == list(range(1, len(slow) + 1))
        assert len(slow) >= 8
        assert one.counters["handler_errors"] >= len(slow) - 1
    assert [str(failure.error) for failure in failures] == [f"after event {seq}" for seq in range(1, len(failures) + 1)]
    assert len(failures) >= 8


async def test_many_threads_with_loops_of_their_own_share_the_library(mock: Mock) -> None:
    def one() -> str:
        async def work() -> str:
            async with mock() as client:
                session = await client.create_session()
                turns = [await session.send_and_wait(f"{n}") for n in range(5)]
                return ",".join(str(turn.content) for turn in turns)

        return asyncio.run(work())

    expected = ",".join(f"You said: {n}" for n in range(5))
    assert await asyncio.gather(*(asyncio.to_thread(one) for _ in range(4))) == [expected] * 4


async def test_an_answer_after_the_end_is_no_crash(mock: Mock) -> None:
    from codriver._ffi import native

    with pytest.raises(native.Error.BadHandle):
        native.respond(2**60, "null")
    with pytest.raises(native.Error.BadHandle):
        native.fail(2**60, 0, "late")
    assert native.version() == codriver.__version__


async def test_i15_a_handler_that_awaits_a_cancelled_task_fails_alone_and_the_events_after_it_are_told(mock: Mock) -> None:
    heard: list[int] = []
    failures: list[codriver.HandlerFailure] = []

    async def handler(event: codriver.SessionEvent) -> None:
        heard.append(event.seq)
        if event.seq == 3:
            gone = asyncio.ensure_future(asyncio.sleep(60))
            gone.cancel()
            await gone
        if event.seq == 4:
            raise asyncio.CancelledError

    # One wake for all of them, and none after it.
    events = [event("test.event", {"n": n}, f"e-{n}") for n in range(600)]
    steps = [{"expect": {"method": "session.create"}}, {"reply": {"result": {"sessionId": "s-1"}}}, *events]
    async with mock(steps=steps) as client:
        await client.create_session(session_id="s-1", on_event=handler, on_handler_error=failures.append)
        for _ in range(200):
            if len(heard) >= 600 and len(failures) == 2:
                break
            await asyncio.sleep(0.05)
        assert heard == list(range(1, 601))
        assert [type(failure.error) for failure in failures] == [asyncio.CancelledError] * 2


async def test_a_notice_handler_that_raises_cancelled_keeps_the_notices_after_it(mock: Mock) -> None:
    heard: list[str] = []

    def handler(method: str, _: Any) -> None:
        heard.append(method)
        raise asyncio.CancelledError

    notices = [{"notify": {"method": f"test.notice{n}", "params": {}}} for n in range(20)]
    async with mock(
        steps=[{"expect": {"method": "test.go"}}, *notices, {"reply": {"result": {}}}], on_notification=handler
    ) as client:
        await client.rpc("test.go")
        await asyncio.sleep(0.2)
    assert heard == [f"test.notice{n}" for n in range(20)]
