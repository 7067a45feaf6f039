"""Questions to the user: of the model, and forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..view import View
from .answer import Answer

__all__ = ["ElicitationRequest", "ElicitationResult", "UserInputRequest", "UserInputResponse"]


class UserInputRequest(View):
    """A question to the user.

    Attributes:
        question: the question.
        choices: what may be chosen; may be empty.
        allow_freeform: whether free words are welcome too.

    Example:
        >>> request = UserInputRequest({"question": "Which one?", "choices": ["a", "b"]})
        >>> request.question, request.choices, request.allow_freeform
        ('Which one?', ['a', 'b'], None)
    """

    session_id: str
    question: str
    choices: list[str] | None
    allow_freeform: bool | None


class UserInputResponse(Answer):
    """The user's answer; not empty.

    Example:
        >>> UserInputResponse.choice("a").wire
        {'answer': 'a', 'wasFreeform': False}
    """

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

    Example:
        >>> request = ElicitationRequest({"message": "Who are you?", "requestedSchema": {"properties": {"name": {}}}})
        >>> request.message, list(request.requested_schema.properties)
        ('Who are you?', ['name'])
    """

    request_id: str
    message: str
    mode: str | None
    requested_schema: View | None
    url: str | None
    elicitation_source: str | None
    tool_call_id: str | None


class ElicitationResult(Answer):
    """The user's answer to a form.

    Example:
        >>> ElicitationResult.accept({"name": "Ada"}).wire
        {'action': 'accept', 'content': {'name': 'Ada'}}
    """

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
