"""The handlers of one session: which questions they answer, and how their answers become the wire's."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import requests
from ._pump import Handler
from ._threads import in_thread
from .requests import Answer
from .tools import Tool, ToolInvocation, check_arity, tool

__all__ = ["Handlers"]

log = logging.getLogger("codriver")

#: By keyword: the kind of the question, its place in reports, and the view of the request.
_ONE: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    "on_permission_request": ("permission", "permission", requests.PermissionRequest),
    "on_user_input_request": ("userInput", "user_input", requests.UserInputRequest),
    "on_elicitation_request": ("elicitation", "elicitation", requests.ElicitationRequest),
    "on_exit_plan_mode": ("exitPlanMode", "exit_plan_mode", requests.ExitPlanModeRequest),
    "on_auto_mode_switch": ("autoModeSwitch", "auto_mode_switch", requests.AutoModeSwitchRequest),
    "on_mcp_auth_request": ("mcpAuth", "mcp_auth", requests.McpAuthRequest),
    "on_mcp_headers_request": ("mcpHeaders", "mcp_headers", requests.McpHeadersRequest),
    "on_sampling_request": ("sampling", "sampling", requests.SamplingRequest),
    "on_session_limits_exhausted": ("sessionLimits", "session_limits", requests.SessionLimitsRequest),
    "on_provider_token": ("providerToken", "provider_token", requests.ProviderTokenRequest),
}

#: The keywords that are handlers, not options.
KEYWORDS = (*_ONE, "on_event", "on_handler_error", "hooks", "commands", "system_message_sections", "tools")


class Handlers:
    """What a session's keywords say of handlers.

    Attributes:
        wire: `handlers` of the session's config.
        declared: tools without a handler here, as on the wire.
        on_event: the handlers of events.
        on_handler_error: who is told of failures.
        failed: is given a place and what a handler there raised.
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.wire: dict[str, Any] = {}
        self.declared: list[dict[str, Any]] = []
        self.on_event = _event_handlers(given.get("on_event"))
        self.on_handler_error = given.get("on_handler_error")
        self.failed: Callable[[str, BaseException], None] = lambda place, error: None
        self._answers: dict[tuple[str, str], tuple[str, Callable[[Any], Any]]] = {}
        if self.on_event:
            self.wire["onEvent"] = True
        if self.on_handler_error is not None:
            check_arity("on_handler_error", self.on_handler_error, 1)
        for keyword, (kind, place, view) in _ONE.items():
            handler = given.get(keyword)
            if handler is not None:
                check_arity(keyword, handler, 1)
                self.wire[kind] = True
                self._answers[kind, ""] = (place, _viewed(view, handler))
        self._tools(given.get("tools") or ())
        self._hooks(given.get("hooks") or {})
        self._commands(given.get("commands") or {})
        self._sections(given.get("system_message_sections") or {})

    def _tools(self, tools: Iterable[Any]) -> None:
        if isinstance(tools, (str, bytes, Mapping)) or not isinstance(tools, Iterable):
            raise TypeError(f"tools must be a list of tools, not {type(tools).__name__}")
        for given in tools:
            made = given if isinstance(given, Tool) else _made(given)
            if isinstance(made, dict):
                self.declared.append(made)
            elif made.handler is None:
                self.declared.append(made.definition())
            else:
                self.wire.setdefault("tools", []).append(made.definition())
                self._answers["tool", made.name] = ("tool", _called(made))

    def _hooks(self, hooks: Mapping[str, Any]) -> None:
        for name, handler in _named("hooks", hooks):
            check_arity(f"hook {name!r}", handler, 1)
            self.wire.setdefault("hooks", []).append(name)
            self._answers["hook", name] = (name, _viewed(requests.HookInput, handler))

    def _commands(self, commands: Mapping[str, Any]) -> None:
        for name, given in _named("commands", commands):
            handler, description = given if isinstance(given, tuple) else (given, inspect.getdoc(given) or "")
            check_arity(f"command {name!r}", handler, 1)
            self.wire.setdefault("commands", []).append({"name": name, "description": description})
            self._answers["command", name] = ("command", _viewed(requests.CommandInvocation, handler))

    def _sections(self, sections: Mapping[str, Any]) -> None:
        for name, handler in _named("system_message_sections", sections):
            check_arity(f"section {name!r}", handler, 1)
            self.wire.setdefault("systemMessage", []).append(name)
            self._answers["systemMessage", name] = ("system_message", handler)

    async def answer(self, kind: str, name: str, payload: Any) -> Any:
        """The answer to a question, as the wire has it."""
        place, handler = self._answers[kind, name]
        try:
            answer = handler(payload)
            if inspect.isawaitable(answer):
                answer = await answer
        except Exception as error:
            self.failed(place, error)
            raise
        return _wire(answer)


def _event_handlers(given: Any) -> list[Handler]:
    if given is None:
        return []
    handlers = list(given) if isinstance(given, (list, tuple)) else [given]
    for handler in handlers:
        check_arity("on_event", handler, 1)
    return handlers


def _made(given: Any) -> Any:
    if isinstance(given, Mapping):
        return dict(given)
    if callable(given):
        return tool(given)
    raise TypeError(f"tools: {given!r} is no tool; use @codriver.tool")


def _named(keyword: str, given: Any) -> Iterable[tuple[str, Any]]:
    if not isinstance(given, Mapping):
        raise TypeError(f"{keyword} must be a dict of handlers by name, not {type(given).__name__}")
    return given.items()


def _viewed(view: Callable[[Any], Any], handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda payload: handler(view(payload))


def _called(made: Tool) -> Callable[[Any], Any]:
    is_async = asyncio.iscoroutinefunction(made.handler) or asyncio.iscoroutinefunction(
        getattr(made.handler, "__call__", None)  # noqa: B004
    )

    def call(payload: Any) -> Any:
        try:
            run = made.bind(ToolInvocation(payload))
        except ValueError as error:
            # The model reads it and tries again; nobody's code has failed.
            from .tools import ToolResult

            return ToolResult.failure(f"invalid arguments: {error}")
        return run() if is_async else _in_thread(run)

    return call


async def _in_thread(run: Callable[[], Any]) -> Any:
    answer = await in_thread(run)
    return await answer if inspect.isawaitable(answer) else answer


def _wire(answer: Any) -> Any:
    if isinstance(answer, Answer):
        return answer.wire
    dump = getattr(answer, "model_dump", None)
    if callable(dump) and not isinstance(answer, type):
        return dump(mode="json")
    if not isinstance(answer, type) and hasattr(answer, "__dataclass_fields__"):
        import dataclasses

        return dataclasses.asdict(answer)
    return answer
