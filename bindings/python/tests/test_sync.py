from __future__ import annotations

import threading

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
    from codriver import client, session

    for ours, theirs, different in [
        (codriver.sync.Client, client.Client, {"join_session"}),
        (codriver.sync.Session, session.Session, set()),
        (codriver.sync.Ui, session.Ui, set()),
    ]:
        public = {name for name in dir(theirs) if not name.startswith("_")}
        assert public - set(dir(ours)) == different
