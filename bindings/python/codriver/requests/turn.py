"""How a turn goes on: plans, rate limits, used up limits."""

from __future__ import annotations

from ..view import View
from .answer import Answer, present

__all__ = [
    "AutoModeSwitchRequest",
    "AutoModeSwitchResponse",
    "ExitPlanModeRequest",
    "ExitPlanModeResponse",
    "SessionLimitsRequest",
    "SessionLimitsResponse",
]


class ExitPlanModeRequest(View):
    """The plan is ready.

    Attributes:
        summary: the plan in short.
        plan_content: the plan, as Markdown.
        actions: what may be chosen.
        recommended_action: the choice the model would make.

    Example:
        >>> request = ExitPlanModeRequest({"summary": "Fix it", "actions": ["autopilot"], "recommendedAction": "autopilot"})
        >>> request.summary, request.recommended_action
        ('Fix it', 'autopilot')
    """

    session_id: str
    summary: str
    plan_content: str
    actions: list[str]
    recommended_action: str | None


class ExitPlanModeResponse(Answer):
    """The answer to a plan.

    Example:
        >>> ExitPlanModeResponse.reject("smaller steps").wire
        {'approved': False, 'feedback': 'smaller steps'}
    """

    __slots__ = ()

    @classmethod
    def approve(cls, selected_action: str | None = None, *, auto_approve_edits: bool | None = None) -> ExitPlanModeResponse:
        """The plan is good; go on, with one of the request's actions."""
        return cls(present(approved=True, selectedAction=selected_action, autoApproveEdits=auto_approve_edits))

    @classmethod
    def reject(cls, feedback: str | None = None) -> ExitPlanModeResponse:
        """The plan is not good; the model is told what should be different."""
        return cls(present(approved=False, feedback=feedback))


class AutoModeSwitchRequest(View):
    """The model is rate limited; may the runtime choose another one?

    Attributes:
        error_code: the code of the limit.
        retry_after_seconds: seconds until the limit ends.

    Example:
        >>> AutoModeSwitchRequest({"retryAfterSeconds": 30}).retry_after_seconds
        30
    """

    session_id: str
    error_code: str | None
    retry_after_seconds: float | None


class AutoModeSwitchResponse(Answer):
    """The answer to a switch of the model.

    Example:
        >>> AutoModeSwitchResponse.yes(always=True).wire
        {'response': 'yes_always'}
    """

    __slots__ = ()

    @classmethod
    def yes(cls, *, always: bool = False) -> AutoModeSwitchResponse:
        """For this turn, or from now on."""
        return cls({"response": "yes_always" if always else "yes"})

    @classmethod
    def no(cls) -> AutoModeSwitchResponse:
        """The turn ends."""
        return cls({"response": "no"})


class SessionLimitsRequest(View):
    """Asks what to do about a used up limit.

    Attributes:
        used_ai_credits: credits used in this window.
        max_ai_credits: the limit.

    Example:
        >>> request = SessionLimitsRequest({"usedAiCredits": 10, "maxAiCredits": 10})
        >>> request.used_ai_credits >= request.max_ai_credits
        True
    """

    request_id: str
    used_ai_credits: float
    max_ai_credits: float


class SessionLimitsResponse(Answer):
    """What to do about the limit.

    Example:
        >>> SessionLimitsResponse.add(5).wire
        {'action': 'add', 'additionalAiCredits': 5}
    """

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
