"""What a user with `mypy --strict` writes; `run-tests` checks it, nobody runs it."""

from __future__ import annotations

import codriver
import codriver.sync
from codriver import EVENTS_LOST, PermissionDecision, PermissionRequest, SessionEvent, SessionFs, SessionNotFoundError
from codriver.options import ClientOptions, CreateOptions


@codriver.tool
async def add(a: int, b: int = 1) -> int:
    return a + b


def decide(request: PermissionRequest) -> PermissionDecision:
    return PermissionDecision.reject(request.kind)


def open_files(session_id: str) -> SessionFs:
    raise FileNotFoundError(session_id)


OPTIONS: CreateOptions = {"model": "gpt-5", "streaming": True, "system_message": {"mode": "append", "content": "be brief"}}
CLIENT: ClientOptions = {"cli_path": "x", "limits": {"fs_deadline_ms": 5}}


async def main() -> str | None:
    async with codriver.Client(**CLIENT) as client:
        session: codriver.Session = await client.create_session(
            **OPTIONS, tools=[add], on_permission_request=decide, on_event=lambda event: None
        )
        events: list[SessionEvent] = [event async for event in session.events() if event.type != EVENTS_LOST]
        try:
            turn: codriver.Turn = await session.send_and_wait("hi", timeout=5.0)
        except SessionNotFoundError as error:
            return error.name
        except (codriver.TimeoutError, codriver.ForkedError, codriver.CodriverError) as error:
            return error.message
        await client.create_session(modle="x")  # type: ignore[call-arg]
        await client.create_session(streaming="yes")  # type: ignore[arg-type]
        return turn.content or str(len(events))


def script() -> str | None:
    with codriver.sync.Client(session_fs={"store": open_files, "initial_cwd": "/", "state_path": "/s"}) as client:
        return client.create_session().send_and_wait("hi").content
