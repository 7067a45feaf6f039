"""Turns the behaviours of a command into handlers of a session."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import codriver
import say


class Thrown(Exception):
    def __init__(self) -> None:
        super().__init__("thrown on purpose")


def keywords(client: codriver.Client, session: str, declared: list[dict[str, Any]], handlers: dict[str, Any]) -> dict[str, Any]:
    """The keywords of `create_session` and `resume_session`."""

    def on_handler_error(failure: codriver.HandlerFailure) -> None:
        say.line({"obs": "handler_error", "session": session, "where": failure.place})

    given: dict[str, Any] = {
        "on_event": _on_event(client, session, handlers.get("on_event", "record")),
        "on_handler_error": on_handler_error,
        "tools": _tools(session, declared, handlers.get("tools", [])),
        "hooks": {name: _hook(session, name, word) for name, word in handlers.get("hooks", {}).items()},
    }
    if "permission" in handlers:
        given["on_permission_request"] = _permission(session, handlers["permission"])
    if "user_input" in handlers:
        given["on_user_input_request"] = _user_input(session, handlers["user_input"])
    if "elicitation" in handlers:
        given["on_elicitation_request"] = _elicitation(handlers["elicitation"])
    return given


def _on_event(client: codriver.Client, session: str, behaviour: str) -> Callable[[codriver.SessionEvent], Any]:
    word, _, rest = behaviour.partition(":")

    def record(event: codriver.SessionEvent) -> None:
        say.event(session, event)

    async def slow(event: codriver.SessionEvent) -> None:
        record(event)
        await asyncio.sleep(int(rest) / 1000)

    def throw(event: codriver.SessionEvent) -> None:
        record(event)
        raise Thrown

    async def call_ping(event: codriver.SessionEvent) -> None:
        record(event)
        await client.ping()

    def count(event: codriver.SessionEvent) -> None:
        pass

    return {"slow": slow, "throw": throw, "call_ping": call_ping, "count": count}.get(word, record)


def _permission(session: str, behaviour: str) -> Callable[[codriver.PermissionRequest], Any]:
    async def decide(request: codriver.PermissionRequest) -> codriver.PermissionDecision:
        say.line({"obs": "permission", "session": session, "kind": request.kind})
        if behaviour == "hang":
            await asyncio.Event().wait()
        if behaviour == "approve":
            return codriver.PermissionDecision.approve_once()
        if behaviour == "deny":
            return codriver.PermissionDecision.reject()
        raise Thrown

    return decide


def _user_input(session: str, behaviour: str) -> Callable[[codriver.UserInputRequest], Any]:
    word, _, rest = behaviour.partition(":")

    def answer(request: codriver.UserInputRequest) -> codriver.UserInputResponse:
        say.line({"obs": "user_input", "session": session, "question": request.question})
        if word == "answer":
            return codriver.UserInputResponse.freeform(rest)
        raise Thrown

    return answer


def _elicitation(behaviour: str) -> Callable[[codriver.ElicitationRequest], Any]:
    def answer(request: codriver.ElicitationRequest) -> codriver.ElicitationResult:
        if behaviour == "accept":
            return codriver.ElicitationResult.accept()
        if behaviour == "cancel":
            return codriver.ElicitationResult.cancel()
        raise Thrown

    return answer


def _hook(session: str, name: str, behaviour: str) -> Callable[[codriver.HookInput], Any]:
    def answer(_: codriver.HookInput) -> codriver.HookOutput:
        say.line({"obs": "hook", "session": session, "hook": name})
        if behaviour == "allow":
            return codriver.HookOutput.allow()
        if behaviour == "deny":
            return codriver.HookOutput.deny("denied on purpose")
        if behaviour == "empty":
            return codriver.HookOutput.empty()
        raise Thrown

    return answer


def _tools(session: str, declared: list[dict[str, Any]], behaviours: list[dict[str, str]]) -> list[Any]:
    """The declared tools, those that have a behaviour with a handler; a behaviour without a declaration declares."""
    tools: list[Any] = list(declared)
    for wanted in behaviours:
        name = wanted["name"]
        there = next((tool for tool in tools if isinstance(tool, dict) and tool.get("name") == name), None)
        if there is not None:
            tools.remove(there)
        there = there or {"description": "A tool of the driver"}
        tools.append(
            codriver.Tool(
                name,
                there.get("description", ""),
                there.get("parameters"),
                _tool(session, wanted["behaviour"]),
                overrides_built_in_tool=there.get("overridesBuiltInTool"),
                skip_permission=there.get("skipPermission"),
                defer=there.get("defer"),
                is_terminal=there.get("isTerminal"),
                metadata=there.get("metadata"),
            )
        )
    return tools


def _tool(session: str, behaviour: str) -> Callable[[codriver.ToolInvocation], Any]:
    word, _, rest = behaviour.partition(":")

    async def run(call: codriver.ToolInvocation) -> str:
        name = call.tool_name
        say.line({"obs": "tool", "session": session, "name": name, "arguments": call.raw["arguments"]})
        if word == "echo":
            return json.dumps(call.raw["arguments"], separators=(",", ":"))
        if word == "text":
            return rest
        if word == "empty":
            return ""
        if word == "hang":
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                say.line({"obs": "tool_cancelled", "session": session, "name": name})
                raise
        raise Thrown

    return run
