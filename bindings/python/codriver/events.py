"""Events of a session: the runtime's own JSON, decoded when somebody looks at it.

Example:
    >>> event = SessionEvent.from_json('{"type": "assistant.message", "id": "e1", "data": {"content": "Hi"}}')
    >>> event.type, event.data.content, event.raw["data"]["content"]
    ('assistant.message', 'Hi', 'Hi')
"""

from __future__ import annotations

import json
from typing import Any

from .view import View

__all__ = ["EVENTS_LOST", "SessionEvent"]

#: The type of the event that stands for ephemeral events given up at the queue's bound: `data` has `count`, `from`, `to`.
EVENTS_LOST = "codriver.events_lost"

_EVENTS = '],"events":['


class SessionEvent:
    """One event, as the runtime sent it.

    It costs next to nothing until a field is looked at. What this version does not know is in `raw` and in `data`.

    Attributes:
        seq: the number in the session, from 1, in the order of the wire; 0 for an event that was stored. An event that
            stands for several (merged deltas, `EVENTS_LOST`) has the last of their numbers.
        type: the type, e.g. `assistant.message_delta`.
    """

    __slots__ = ("_raw", "_text", "seq", "type")

    def __init__(self, seq: int, type: str, text: str | bytes) -> None:
        self.seq = seq
        self.type = type
        self._text: str | bytes | None = text
        self._raw: dict[str, Any] | None = None

    @classmethod
    def from_json(cls, text: str) -> SessionEvent:
        """Makes an event from its JSON, for tests and for events stored elsewhere; its `seq` is 0.

        Raises:
            ValueError: the text is no JSON object with a `type`.
        """
        raw = json.loads(text)
        if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
            raise ValueError("an event is a JSON object with a `type`")
        return cls.of(raw)

    @classmethod
    def of(cls, raw: dict[str, Any], seq: int = 0) -> SessionEvent:
        """Makes an event of its dict."""
        event = cls(seq, raw["type"], "")
        event._raw = raw
        return event

    @property
    def raw(self) -> dict[str, Any]:
        """The whole event as a plain dict with the wire's names."""
        raw = self._raw
        if raw is None:
            raw = self._raw = json.loads(self._text or "")
            self._text = None
        return raw

    @property
    def data(self) -> View:
        """What the event tells: `event.data.delta_content`, or `event.data["deltaContent"]`."""
        return View(self.raw.get("data") or {})

    @property
    def id(self) -> str:
        """The runtime's id of the event; empty where it gave none."""
        return self.raw.get("id") or ""

    @property
    def timestamp(self) -> str | None:
        """When, ISO 8601."""
        return self.raw.get("timestamp")

    @property
    def parent_id(self) -> str | None:
        """The event before it, where the runtime says so."""
        return self.raw.get("parentId")

    @property
    def agent_id(self) -> str | None:
        """The sub-agent it is from; `None` for the main one."""
        return self.raw.get("agentId")

    @property
    def ephemeral(self) -> bool:
        """Whether it is live only: not stored, and may be merged or given up when nobody keeps up."""
        return self.raw.get("ephemeral") is True

    def __repr__(self) -> str:
        return f"SessionEvent(seq={self.seq}, type={self.type!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (SessionEvent.of, (self.raw, self.seq))


def events_of(batch: str) -> list[SessionEvent]:
    """Cuts the events out of a batch; none of them is decoded.

    The batch is `{"seq":[…],"type":[…],"size":[…],"events":[{…},{…}]}`, sizes are bytes.
    """
    at = batch.index(_EVENTS)
    head = json.loads(batch[:at] + "]}")
    # Sizes count bytes; where all characters are one, a text can be cut as it is.
    text: str | bytes = batch if batch.isascii() else batch.encode()
    at = (at if text is batch else len(batch[:at].encode())) + len(_EVENTS)
    events = []
    for seq, kind, size in zip(head["seq"], head["type"], head["size"], strict=True):
        events.append(SessionEvent(seq, kind, text[at : at + size]))
        at += size + 1
    return events
