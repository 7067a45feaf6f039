"""Events of a session: the runtime's own JSON, decoded when somebody looks at it.

Example:
    >>> event = SessionEvent.from_json('{"type": "assistant.message", "id": "e1", "data": {"content": "Hi"}}')
    >>> event.type, event.data.content, event.raw["data"]["content"]
    ('assistant.message', 'Hi', 'Hi')
"""

from __future__ import annotations

import json
from struct import unpack
from typing import Any

from .view import View

__all__ = ["EVENTS_LOST", "SessionEvent"]

#: The type of the event that stands for ephemeral events given up at the queue's bound: `data` has `count`, `from`, `to`.
EVENTS_LOST = "codriver.events_lost"


class SessionEvent:
    """One event, as the runtime sent it.

    It costs next to nothing until a field is looked at. What this version does not know is in `raw` and in `data`.

    Attributes:
        seq: the number in the session, from 1, in the order of the wire; 0 for an event that was stored. An event that
            stands for several (merged deltas, `EVENTS_LOST`) has the last of their numbers.
        first_seq: the first of the numbers that it stands for; nearly always `seq`.
        type: the type, e.g. `assistant.message_delta`.
    """

    __slots__ = ("_raw", "_text", "first_seq", "seq", "type")

    def __init__(self, seq: int, first_seq: int, type: str, text: bytes) -> None:
        self.seq = seq
        self.first_seq = first_seq
        self.type = type
        self._text: bytes | None = text
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
    def of(cls, raw: dict[str, Any], seq: int = 0, first_seq: int = 0) -> SessionEvent:
        """Makes an event of its dict."""
        event = cls(seq, first_seq, raw["type"], b"")
        event._raw = raw
        return event

    @property
    def raw(self) -> dict[str, Any]:
        """The whole event as a plain dict with the wire's names."""
        raw = self._raw
        if raw is None:
            raw = self._raw = json.loads((self._text or b"").decode())
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
        return (SessionEvent.of, (self.raw, self.seq, self.first_seq))


def events_of(batch: Any) -> list[SessionEvent]:
    """Cuts the events out of a batch of the library; none of them is decoded.

    `marks` has four numbers for each: its number, the first it stands for, the place of its type in `types`, and how many bytes
    of `events` are its own.
    """
    numbers = iter(unpack(f"<{len(batch.marks) // 8}Q", batch.marks))
    types, text = batch.types, batch.events
    events = []
    at = 0
    for seq, first, kind, size in zip(numbers, numbers, numbers, numbers, strict=True):
        end = at + size
        events.append(SessionEvent(seq, first, types[kind], text[at:end]))
        at = end
    return events
