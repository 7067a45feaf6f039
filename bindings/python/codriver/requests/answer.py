"""Answers: objects as the wire has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Answer", "present"]


class Answer:
    """An answer as the wire has it.

    Attributes:
        wire: the JSON object that is sent.

    Example:
        >>> Answer({"kind": "approve-once"}).wire
        {'kind': 'approve-once'}
    """

    __slots__ = ("wire",)

    def __init__(self, wire: Mapping[str, Any]) -> None:
        self.wire = dict(wire)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answer) and self.wire == other.wire

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        # Values may be credentials.
        return f"{type(self).__name__}({', '.join(self.wire)})"


def present(**fields: Any) -> dict[str, Any]:
    """The fields that are not `None`."""
    return {name: value for name, value in fields.items() if value is not None}
