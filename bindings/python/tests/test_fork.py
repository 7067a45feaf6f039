"""`fork` and what is built on it: an old client answers FORKED, a new one works, and nobody hangs."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import MOCK

import codriver

Script = Callable[..., Any]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


def test_i28_after_fork_an_old_client_answers_forked_and_a_new_one_works(script: Script) -> None:
    ended = script("""
        old = codriver.Client(cli_path=MOCK)
        async def before():
            await old.start()
            session = await old.create_session(on_event=lambda event: None)
            stream = session.events()
            await session.send_and_wait("before")
            # More was taken than this one.
            await stream.__anext__()
            assert stream._events
            return session, stream, await codriver.Store.open("memory:")
        loop = asyncio.new_event_loop()
        session, stream, store = loop.run_until_complete(before())

        async def in_child():
            # The parent's loop is not closed.
            for call in (
                old.ping, old.stop, old.create_session, old.join_session, lambda: old.resume_session("s"),
                session.abort, session.disconnect, lambda: session.send("x"), lambda: session.ui.confirm("x"),
                stream.__anext__, store.list_sessions, lambda: store.get_events("s"),
            ):
                try:
                    await call()
                    raise AssertionError("no FORKED")
                except codriver.ForkedError as error:
                    assert error.number == 5
            for call in (session.events, lambda: session.on(print), lambda: old.state, lambda: session.counters):
                try:
                    call()
                    raise AssertionError("no FORKED")
                except codriver.ForkedError:
                    pass
            async with codriver.Client(cli_path=MOCK) as new:
                child = await new.create_session()
                assert (await child.send_and_wait("child")).content == "You said: child"

        pid = os.fork()
        if pid == 0:
            asyncio.run(in_child())
            sys.exit(7)
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == 7, status

        async def after():
            assert (await session.send_and_wait("parent")).content == "You said: parent"
            await old.stop()
        loop.run_until_complete(after())
        loop.close()
        print("both work")
    """)
    assert (ended.returncode, ended.stdout.strip()) == (0, "both work"), ended.stderr
    assert "panicked" not in ended.stderr


def test_i28_after_fork_an_old_client_without_asyncio_answers_forked_and_a_new_one_works(script: Script) -> None:
    ended = script("""
        import codriver.sync
        old = codriver.sync.Client(cli_path=MOCK)
        old.start()
        session = old.create_session()
        stream = session.events()
        session.send_and_wait("before")
        next(stream)
        assert stream._async._events

        pid = os.fork()
        if pid == 0:
            for call in (old.ping, old.create_session, session.abort, session.events, lambda: next(stream), old.stop):
                try:
                    call()
                    raise AssertionError("no FORKED")
                except codriver.ForkedError as error:
                    assert error.number == 5
            with codriver.sync.Client(cli_path=MOCK) as new:
                assert new.create_session().send_and_wait("child").content == "You said: child"
            sys.exit(7)
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == 7, status
        assert session.send_and_wait("parent").content == "You said: parent"
        old.stop()
        print("both work")
    """)
    assert (ended.returncode, ended.stdout.strip()) == (0, "both work"), ended.stderr
    assert "panicked" not in ended.stderr


def test_fork_in_the_middle_of_a_storm_hangs_nobody(script: Script) -> None:
    ended = script("""
        async def main():
            async with codriver.Client(cli_path=MOCK, env={"MOCK_FIREHOSE": '{"events": 1000000}'}) as client:
                seen = 0
                def count(event):
                    nonlocal seen
                    seen += 1
                session = await client.create_session(on_event=count)
                await session.send("pour")
                for _ in range(10):
                    await asyncio.sleep(0.02)
                    pid = os.fork()
                    if pid == 0:
                        # The child has a client of its own at once, on a loop of its own.
                        import threading
                        def work():
                            async def ping():
                                async with codriver.Client(cli_path=MOCK) as new:
                                    await new.ping()
                            asyncio.run(ping())
                        thread = threading.Thread(target=work)
                        thread.start()
                        thread.join(60)
                        os._exit(1 if thread.is_alive() else 0)
                    _, status = await asyncio.to_thread(os.waitpid, pid, 0)
                    assert status == 0, status
                await client.force_stop()
                print("seen", seen > 0)
        asyncio.run(main())
    """)
    assert (ended.returncode, ended.stdout.strip()) == (0, "seen True"), ended.stderr


def work(question: str) -> str:
    """What a worker of a pool does."""
    import asyncio

    import codriver

    async def ask() -> str:
        async with codriver.Client(cli_path=MOCK) as client:
            session = await client.create_session()
            return str((await session.send_and_wait(question)).content)

    return asyncio.run(ask())


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_pool_of_processes_works_whatever_began_it(method: str) -> None:
    # The parent has used the library before: a forked worker inherits its state.
    assert work("parent") == "You said: parent"
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(work, ["a", "b", "c"], chunksize=1) == ["You said: a", "You said: b", "You said: c"]


APPLICATION = """
import asyncio, os, codriver, codriver.sync
# Used in the master, before the workers are forked.
with codriver.sync.Client(cli_path=os.environ["MOCK"]) as client:
    client.ping()
mine = None
def app(environ, start_response):
    global mine
    if mine is None:
        mine = codriver.sync.Client(cli_path=os.environ["MOCK"])
        mine.start()
    body = (str(os.getpid()) + " " + mine.ping("served")["message"]).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""


def test_a_pre_fork_server_serves_and_ends(tmp_path: Path) -> None:
    pytest.importorskip("gunicorn")
    (tmp_path / "application.py").write_text(APPLICATION)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--preload", "-w", "2", "-b", f"127.0.0.1:{port}", "application:app"],
        cwd=tmp_path,
        env={**os.environ, "MOCK": MOCK, "PYTHONPATH": str(Path(codriver.__file__).parents[1])},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        answers = set()
        deadline = time.monotonic() + 60
        while len(answers) < 2 and time.monotonic() < deadline:
            try:
                with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                    f"http://127.0.0.1:{port}/", timeout=30
                ) as response:
                    answers.add(response.read().decode())
            except OSError:
                time.sleep(0.1)
        assert {answer.split(" ", 1)[1] for answer in answers} == {"pong: served"}
    finally:
        server.send_signal(signal.SIGTERM)
        _, stderr = server.communicate(timeout=60)
    assert server.returncode == 0, stderr
