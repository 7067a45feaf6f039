"""Lines of JSON on standard output, each whole, in the order they were said."""

from __future__ import annotations

import json
import sys
from typing import Any

import codriver


def line(value: dict[str, Any]) -> None:
    try:
        sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # A runner that is gone hears nothing; the driver ends with its standard input.
        pass


def event(session: str, told: codriver.SessionEvent, subscriber: int | None = None) -> None:
    if told.type == codriver.EVENTS_LOST:
        said = {"obs": "events_lost", "session": session, "count": told.data["count"]}
    else:
        said = {
            "obs": "event",
            "session": session,
            "seq": told.seq,
            "type": told.type,
            "event_id": told.id,
            "ephemeral": told.ephemeral,
        }
        for key in ("content", "deltaContent"):
            if key in told.data:
                said["content"] = told.data[key]
                break
    if subscriber is not None:
        said["subscriber"] = subscriber
    line(said)


def error(failure: BaseException) -> dict[str, Any]:
    if not isinstance(failure, codriver.CodriverError):
        # A TypeError of a call: the argument is wrong.
        return {"number": 1, "name": "INVALID_ARGUMENT", "message": f"{type(failure).__name__}: {failure}"}
    said: dict[str, Any] = {"number": failure.number, "name": failure.name, "message": failure.message}
    if failure.rpc is not None:
        said["rpc_code"] = failure.rpc.code
    return said
