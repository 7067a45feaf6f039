"""Hooks and slash commands."""

from __future__ import annotations

from typing import Any

from ..view import View
from .answer import Answer

__all__ = ["CommandInvocation", "HookInput", "HookOutput"]


class CommandInvocation(View):
    """A slash command to run.

    Attributes:
        command: the whole line, e.g. `/deploy prod now`.
        command_name: its name, without the slash.
        args: what follows the name, as typed.

    Example:
        >>> command = CommandInvocation({"command": "/deploy prod", "commandName": "deploy", "args": "prod"})
        >>> command.command_name, command.args
        ('deploy', 'prod')
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

    Example:
        >>> hook = HookInput({"hookType": "preToolUse", "input": {"toolName": "bash"}})
        >>> hook.hook_type, hook.tool_name
        ('preToolUse', 'bash')
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
    """The answer of a hook; which fields have an effect depends on the hook.

    Example:
        >>> HookOutput.allow().with_fields(additional_context="be brief").wire
        {'permissionDecision': 'allow', 'additionalContext': 'be brief'}
    """

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
        from .._names import camel_case

        return HookOutput({**self.wire, **{camel_case(name): value for name, value in fields.items()}})
