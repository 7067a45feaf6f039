from __future__ import annotations

import json
import threading
import time

import pytest
from conftest import MOCK

import codriver
import codriver.sync


def test_a_script_without_asyncio() -> None:
    heard: list[str] = []
    with (
        codriver.sync.Client(cli_path=MOCK) as client,
        client.create_session(on_event=lambda e: heard.append(e.type)) as session,
    ):
        stream = session.events()
        assert session.send_and_wait("hello").content == "You said: hello"
        seen = []
        for event in stream:
            seen.append(event.type)
            if event.type == "session.idle":
                break
        assert "user.message" in seen
        assert client.get_session_metadata("nobody") is None
        with pytest.raises(codriver.MethodNotFoundError):
            session.rpc("no.such.method")
    assert heard[:2] == ["session.start", "user.message"]


def test_a_handler_may_block_and_call_back() -> None:
    pongs: list[str] = []
    done = threading.Event()
    with codriver.sync.Client(cli_path=MOCK) as client:

        def handler(event: codriver.SessionEvent) -> None:
            if event.type == "session.idle":
                pongs.append(client.ping("inside").message)
                done.set()

        session = client.create_session(on_event=handler)
        session.send("hi")
        assert done.wait(30)
    assert pongs == ["pong: inside"]


def test_an_async_handler_that_blocks_on_its_own_loop_is_told() -> None:
    told: list[BaseException] = []
    done = threading.Event()
    with codriver.sync.Client(cli_path=MOCK) as client:

        async def handler(event: codriver.SessionEvent) -> None:
            if event.type == "session.idle":
                try:
                    client.ping()
                except codriver.WouldDeadlockError as error:
                    told.append(error)
                done.set()

        client.create_session(on_event=handler).send("hi")
        assert done.wait(30)
    assert len(told) == 1


def test_everything_of_the_asyncio_layer_is_here_too() -> None:
    from codriver import client, session, store

    for ours, theirs in [
        (codriver.sync.Client, client.Client),
        (codriver.sync.Session, session.Session),
        (codriver.sync.Store, store.Store),
        (codriver.sync.Ui, session.Ui),
    ]:
        public = {name for name in dir(theirs) if not name.startswith("_")}
        assert public - set(dir(ours)) == set()


def test_i15_handlers_of_many_sessions_block_at_once_and_hold_up_nobody() -> None:
    many = 16
    all_there = threading.Barrier(many)
    asked: list[str] = []

    def handler(event: codriver.SessionEvent) -> None:
        if event.type == "session.idle":
            # Nobody passes before all are there.
            all_there.wait(60)
            asked.append(threading.current_thread().name)

    with codriver.sync.Client(cli_path=MOCK) as client:
        sessions = [client.create_session(on_event=handler) for _ in range(many)]
        for session in sessions:
            session.send("hi")
        for _ in range(600):
            if len(asked) == many:
                break
            time.sleep(0.1)
        # A session that blocks its own handler is no reason for another to wait.
        assert client.create_session().send_and_wait("and I").content == "You said: and I"
    assert asked == ["codriver-handler"] * many


ASKS = [
    {"expect": {"method": "session.create", "as": "create"}},
    {"reply": {"to": "create", "result": {"sessionId": "s-1"}}},
]


def test_tools_that_block_until_all_were_called_are_all_called() -> None:
    many = 40
    all_there = threading.Barrier(many)

    @codriver.tool(name="t")
    def waits() -> str:
        all_there.wait(60)
        return "done"

    def data(n: int) -> dict[str, object]:
        return {"requestId": f"r-{n}", "sessionId": "s-1", "toolCallId": f"c-{n}", "toolName": "t", "arguments": {}}

    steps: list[object] = [*ASKS, {"expect": {"method": "test.go", "as": "go"}}]
    for n in range(many):
        told = {"id": f"e-{n}", "type": "external_tool.requested", "data": data(n)}
        steps.append({"notify": {"method": "session.event", "params": {"sessionId": "s-1", "event": told}}})
    for _ in range(many):
        steps.append(
            {"expect": {"method": "session.tools.handlePendingToolCall", "params": {"result": {"textResultForLlm": "done"}}}}
        )
        steps.append({"reply": {"result": {"success": True}}})
    steps.append({"reply": {"to": "go", "result": "all"}})
    env = {"MOCK_RUNTIME_SCRIPT": json.dumps({"steps": steps})}
    with codriver.sync.Client(cli_path=MOCK, env=env) as client:
        client.create_session(session_id="s-1", tools=[waits])
        assert client.rpc("test.go") == "all"


def test_a_handler_that_exits_is_a_failure_and_the_next_ones_run() -> None:
    failures: list[codriver.HandlerFailure] = []
    heard: list[int] = []

    def leaves(event: codriver.SessionEvent) -> None:
        heard.append(event.seq)
        raise SystemExit(3)

    with codriver.sync.Client(cli_path=MOCK) as client:
        session = client.create_session(on_event=leaves, on_handler_error=failures.append)
        assert session.send_and_wait("hi").content == "You said: hi"
        for _ in range(100):
            if len(failures) > 3:
                break
            time.sleep(0.05)
    assert heard == list(range(1, len(heard) + 1))
    assert str(failures[0].error) == "a handler raised SystemExit: 3"


def test_threads_are_used_again() -> None:
    import asyncio

    from codriver._threads import in_thread

    async def one_after_another() -> set[int]:
        return {await in_thread(threading.get_ident) for _ in range(50)}

    assert len(asyncio.run(one_after_another())) == 1
