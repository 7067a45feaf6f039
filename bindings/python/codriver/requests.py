"""What the runtime asks, and what may be answered.

A request is a view: its fields by attribute, all of it as `raw`. An answer is made by a class below, or is a dict as the wire
has it; one that the runtime would misread is refused with the field's name, and counts as a failed handler.

Example:
    >>> PermissionDecision.reject("not on a Friday").wire
    {'kind': 'reject', 'feedback': 'not on a Friday'}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .view import View

__all__ = [
    "Answer",
    "AutoModeSwitchRequest",
    "AutoModeSwitchResponse",
    "CommandInvocation",
    "ElicitationRequest",
    "ElicitationResult",
    "ExitPlanModeRequest",
    "ExitPlanModeResponse",
    "HandlerFailure",
    "HookInput",
    "HookOutput",
    "McpAuthRequest",
    "McpAuthResponse",
    "McpHeadersRequest",
    "McpHeadersResponse",
    "PermissionDecision",
    "PermissionRequest",
    "ProviderTokenRequest",
    "SamplingRequest",
    "SessionLimitsRequest",
    "SessionLimitsResponse",
    "UserInputRequest",
    "UserInputResponse",
]


class Answer:
    """An answer as the wire has it.

    Attributes:
        wire: the JSON object that is sent.
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


class PermissionRequest(View):
    """Asks for a permission. `kind` is `shell`, `write`, `read`, `mcp`, `url`, `custom-tool`, `memory`, `hook` or newer.

    Attributes:
        request_id: the id that the answer carries.
        permission_request: what for, with fields that depend on the kind, e.g. `full_command_text`, `path`, `url`.
        prompt_request: the same, cut for a prompt to people.
        resolved_by_hook: whether a hook has decided already.
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
    """The answer to a `PermissionRequest`."""

    __slots__ = ()

    @classmethod
    def approve_once(cls) -> PermissionDecision:
        """Yes, this time."""
        return cls({"kind": "approve-once"})

    @classmethod
    def approve_for_session(cls, request: PermissionRequest) -> PermissionDecision:
        """Yes, and do not ask again in this session for the same thing as `request`."""
        from ._ffi import called, native

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


class UserInputRequest(View):
    """A question to the user.

    Attributes:
        question: the question.
        choices: what may be chosen; may be empty.
        allow_freeform: whether free words are welcome too.
    """

    session_id: str
    question: str
    choices: list[str] | None
    allow_freeform: bool | None


class UserInputResponse(Answer):
    """The user's answer; not empty."""

    __slots__ = ()

    @classmethod
    def choice(cls, answer: str) -> UserInputResponse:
        """One of the choices."""
        return cls({"answer": answer, "wasFreeform": False})

    @classmethod
    def freeform(cls, answer: str) -> UserInputResponse:
        """Free words."""
        return cls({"answer": answer, "wasFreeform": True})


class ElicitationRequest(View):
    """Asks the user to fill in a form, or to open a page.

    Attributes:
        message: what to tell the user.
        mode: `form` or `url`; `None` is `form`.
        requested_schema: JSON schema of the form.
        url: the page.
        elicitation_source: the MCP server that asks.
    """

    request_id: str
    message: str
    mode: str | None
    requested_schema: View | None
    url: str | None
    elicitation_source: str | None
    tool_call_id: str | None


class ElicitationResult(Answer):
    """The user's answer to a form."""

    __slots__ = ()

    @classmethod
    def accept(cls, content: Mapping[str, Any] | None = None) -> ElicitationResult:
        """The user filled it in: values by field name."""
        return cls({"action": "accept", "content": dict(content or {})})

    @classmethod
    def decline(cls) -> ElicitationResult:
        """The user refused."""
        return cls({"action": "decline"})

    @classmethod
    def cancel(cls) -> ElicitationResult:
        """The user closed it, or there was none."""
        return cls({"action": "cancel"})


class ExitPlanModeRequest(View):
    """The plan is ready.

    Attributes:
        summary: the plan in short.
        plan_content: the plan, as Markdown.
        actions: what may be chosen.
        recommended_action: the choice the model would make.
    """

    session_id: str
    summary: str
    plan_content: str
    actions: list[str]
    recommended_action: str | None


class ExitPlanModeResponse(Answer):
    """The answer to a plan."""

    __slots__ = ()

    @classmethod
    def approve(cls, selected_action: str | None = None, *, auto_approve_edits: bool | None = None) -> ExitPlanModeResponse:
        """The plan is good; go on, with one of the request's actions."""
        return cls(_present(approved=True, selectedAction=selected_action, autoApproveEdits=auto_approve_edits))

    @classmethod
    def reject(cls, feedback: str | None = None) -> ExitPlanModeResponse:
        """The plan is not good; the model is told what should be different."""
        return cls(_present(approved=False, feedback=feedback))


class AutoModeSwitchRequest(View):
    """The model is rate limited; may the runtime choose another one?

    Attributes:
        error_code: the code of the limit.
        retry_after_seconds: seconds until the limit ends.
    """

    session_id: str
    error_code: str | None
    retry_after_seconds: float | None


class AutoModeSwitchResponse(Answer):
    """The answer to a switch of the model."""

    __slots__ = ()

    @classmethod
    def yes(cls, *, always: bool = False) -> AutoModeSwitchResponse:
        """For this turn, or from now on."""
        return cls({"response": "yes_always" if always else "yes"})

    @classmethod
    def no(cls) -> AutoModeSwitchResponse:
        """The turn ends."""
        return cls({"response": "no"})


class CommandInvocation(View):
    """A slash command to run.

    Attributes:
        command: the whole line, e.g. `/deploy prod now`.
        command_name: its name, without the slash.
        args: what follows the name, as typed.
    """

    request_id: str
    command: str
    command_name: str
    args: str


class HookInput(View):
    """The question to a hook; which fields there are depends on the hook.

    Attributes:
        session_id: the session.
        hook_type: which hook, e.g. `preToolUse`.
        input: the whole input.
    """

    session_id: str
    hook_type: str
    input: View

    def __getattr__(self, name: str) -> Any:
        # The input's own fields are what a hook is about: `hook.tool_name` for `hook.input.tool_name`.
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(View(self.raw.get("input") or {}), name)


class HookOutput(Answer):
    """The answer of a hook; which fields have an effect depends on the hook."""

    __slots__ = ()

    @classmethod
    def empty(cls) -> HookOutput:
        """No opinion."""
        return cls({})

    @classmethod
    def allow(cls) -> HookOutput:
        """`preToolUse`: the tool runs, and no permission is asked for."""
        return cls({"permissionDecision": "allow"})

    @classmethod
    def deny(cls, reason: str) -> HookOutput:
        """`preToolUse`: the tool does not run; the model reads why."""
        return cls({"permissionDecision": "deny", "permissionDecisionReason": reason})

    @classmethod
    def ask(cls, reason: str) -> HookOutput:
        """`preToolUse`: the user decides."""
        return cls({"permissionDecision": "ask", "permissionDecisionReason": reason})

    @classmethod
    def block(cls, reason: str) -> HookOutput:
        """`userPromptSubmitted`: the turn ends here. `agentStop`: the agent goes on, with the reason as its prompt."""
        return cls({"decision": "block", "reason": reason})

    def with_fields(self, **fields: Any) -> HookOutput:
        """The same and these fields, in snake_case, e.g. `additional_context="…"`."""
        from ._names import camel_case

        return HookOutput({**self.wire, **{camel_case(name): value for name, value in fields.items()}})


class McpAuthRequest(View):
    """An MCP server wants OAuth.

    Attributes:
        server_name: the server's name.
        server_url: its URL.
        reason: `initial`, `refresh`, `reauth` or `upscope`.
        www_authenticate_params: what the server's challenge said.
        resource_metadata: the server's metadata document, as text.
        static_client_config: the configured OAuth client; may hold a secret.
    """

    request_id: str
    server_name: str
    server_url: str
    reason: str | None
    www_authenticate_params: View | None
    resource_metadata: str | None
    static_client_config: View | None


class McpAuthResponse(Answer):
    """The answer to a login."""

    __slots__ = ()

    @classmethod
    def token(cls, access_token: str, *, token_type: str | None = None, expires_in: int | None = None) -> McpAuthResponse:
        """An access token; `expires_in` in seconds."""
        return cls(_present(kind="token", accessToken=access_token, tokenType=token_type, expiresIn=expires_in))

    @classmethod
    def cancelled(cls) -> McpAuthResponse:
        """No login."""
        return cls({"kind": "cancelled"})


class McpHeadersRequest(View):
    """Asks for the headers of an MCP server.

    Attributes:
        server_name: the server's name.
        server_url: its URL.
        reason: `startup`, `ttl-expired` or `auth-failed`.
    """

    request_id: str
    server_name: str
    server_url: str
    reason: str


class McpHeadersResponse(Answer):
    """Headers, none, or a failure."""

    __slots__ = ()

    @classmethod
    def headers(cls, headers: Mapping[str, str], *, ttl_ms: int | None = None) -> McpHeadersResponse:
        """Headers by name, and for how many milliseconds they may be kept."""
        return cls(_present(kind="headers", headers=dict(headers), ttlMs=ttl_ms))

    @classmethod
    def none(cls) -> McpHeadersResponse:
        """No headers."""
        return cls({"kind": "none"})

    @classmethod
    def error(cls, message: str) -> McpHeadersResponse:
        """They could not be got."""
        return cls({"kind": "error", "message": message})


class SamplingRequest(View):
    """An MCP server asks for a completion; answer with MCP's `CreateMessageResult` as a dict, or `None` to refuse.

    Attributes:
        server_name: the server.
        request: MCP's `CreateMessageRequest` parameters.
    """

    request_id: str
    server_name: str
    mcp_request_id: Any
    request: View


class SessionLimitsRequest(View):
    """Asks what to do about a used up limit.

    Attributes:
        used_ai_credits: credits used in this window.
        max_ai_credits: the limit.
    """

    request_id: str
    used_ai_credits: float
    max_ai_credits: float


class SessionLimitsResponse(Answer):
    """What to do about the limit."""

    __slots__ = ()

    @classmethod
    def add(cls, additional_ai_credits: float) -> SessionLimitsResponse:
        """Raise it by this many credits."""
        return cls({"action": "add", "additionalAiCredits": additional_ai_credits})

    @classmethod
    def set(cls, max_ai_credits: float) -> SessionLimitsResponse:
        """Set it to this many credits."""
        return cls({"action": "set", "maxAiCredits": max_ai_credits})

    @classmethod
    def unset(cls) -> SessionLimitsResponse:
        """Remove it."""
        return cls({"action": "unset"})

    @classmethod
    def cancel(cls) -> SessionLimitsResponse:
        """Leave it; the request to the model is cancelled."""
        return cls({"action": "cancel"})


class ProviderTokenRequest(View):
    """Asks for the bearer token of a model provider; answer with the token as text.

    Attributes:
        provider_name: the provider, where the runtime names it.
    """

    provider_name: str | None


@dataclass(frozen=True)
class HandlerFailure:
    """Where a handler failed, and how.

    Attributes:
        place: the handler: `on_event`, `permission`, `tool`, a hook's name, …
        session_id: the session.
        error: what it raised, where it was raised here; else what the core made of it.
    """

    place: str
    session_id: str
    error: BaseException


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
