"""Handlers that failed."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HandlerFailure"]


@dataclass(frozen=True)
class HandlerFailure:
    """Where a handler failed, and how.

    Attributes:
        place: the handler: `on_event`, `permission`, `tool`, a hook's name, …
        session_id: the session.
        error: what it raised, where it was raised here; else what the core made of it.

    Example:
        >>> failure = HandlerFailure("tool", "s-1", ValueError("no such city"))
        >>> f"{failure.place}: {failure.error}"
        'tool: no such city'
    """

    place: str
    session_id: str
    error: BaseException
