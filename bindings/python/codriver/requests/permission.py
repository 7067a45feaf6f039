"""Permissions: nothing is approved but by an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..view import View
from .answer import Answer

__all__ = ["PermissionDecision", "PermissionRequest"]


class PermissionRequest(View):
    """Asks for a permission. `kind` is `shell`, `write`, `read`, `mcp`, `url`, `custom-tool`, `memory`, `hook` or newer.

    Attributes:
        request_id: the id that the answer carries.
        permission_request: what for, with fields that depend on the kind, e.g. `full_command_text`, `path`, `url`.
        prompt_request: the same, cut for a prompt to people.
        resolved_by_hook: whether a hook has decided already.

    Example:
        >>> request = PermissionRequest({"permissionRequest": {"kind": "shell", "fullCommandText": "ls"}})
        >>> request.kind, request.text("fullCommandText"), request.permission_request.full_command_text
        ('shell', 'ls', 'ls')
    """

    request_id: str
    permission_request: View
    prompt_request: View | None
    resolved_by_hook: bool | None

    @property
    def kind(self) -> str:
        """What it is for, e.g. `shell`."""
        return str(self.raw.get("permissionRequest", {}).get("kind", ""))

    @property
    def tool_call_id(self) -> str | None:
        """The tool call that wants it, if one does."""
        return self.text("toolCallId")

    def text(self, field: str) -> str | None:
        """A field of the request that is text, by its name on the wire, e.g. `fullCommandText`."""
        value = self.raw.get("permissionRequest", {}).get(field)
        return value if isinstance(value, str) else None


class PermissionDecision(Answer):
    """The answer to a `PermissionRequest`.

    Example:
        >>> def decide(request: PermissionRequest) -> PermissionDecision:
        ...     if request.kind == "read":
        ...         return PermissionDecision.approve_once()
        ...     return PermissionDecision.reject("read only, please")
        >>> decide(PermissionRequest({"permissionRequest": {"kind": "write"}})).wire
        {'kind': 'reject', 'feedback': 'read only, please'}
    """

    __slots__ = ()

    @classmethod
    def approve_once(cls) -> PermissionDecision:
        """Yes, this time."""
        return cls({"kind": "approve-once"})

    @classmethod
    def approve_for_session(cls, request: PermissionRequest) -> PermissionDecision:
        """Yes, and do not ask again in this session for the same thing as `request`."""
        from .._ffi import called, native

        return cls(json.loads(called(native.approve_for_session, json.dumps(request.raw))))

    @classmethod
    def approve_for_location(cls, approval: Mapping[str, Any], location_key: str) -> PermissionDecision:
        """Yes, and stored for the project at `location_key`; `approval` as in `approve-for-location` of the wire."""
        return cls({"kind": "approve-for-location", "approval": dict(approval), "locationKey": location_key})

    @classmethod
    def approve_permanently(cls, domain: str) -> PermissionDecision:
        """Yes, and stored for all sessions: this origin, e.g. `https://example.org` (URLs only)."""
        return cls({"kind": "approve-permanently", "domain": domain})

    @classmethod
    def reject(cls, feedback: str | None = None) -> PermissionDecision:
        """No; the model is told why."""
        return cls({"kind": "reject"} if feedback is None else {"kind": "reject", "feedback": feedback})

    @classmethod
    def user_not_available(cls) -> PermissionDecision:
        """Nobody is there who could say yes; counts as a no."""
        return cls({"kind": "user-not-available"})
