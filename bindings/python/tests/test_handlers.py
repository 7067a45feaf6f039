"""Every question of the runtime reaches its handler, with what it asks, and the answer goes back as the wire has it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import MOCK, ROOT

import codriver
import codriver.sync
from codriver import (
    AutoModeSwitchResponse,
    ElicitationResult,
    ExitPlanModeResponse,
    HookOutput,
    McpAuthResponse,
    McpHeadersResponse,
    SessionLimitsResponse,
    ToolResult,
    UserInputResponse,
)

Mock = Callable[..., codriver.Client]

CREATED: list[Any] = [{"expect": {"method": "session.create"}}, {"reply": {"result": {"sessionId": "s-1"}}}]


def recorded(file: str, kind: str) -> dict[str, Any]:
    """What a runtime asked, from the shared vectors."""
    vectors = json.loads((ROOT / f"tests/vectors/requests/{file}.json").read_text())
    return dict(vectors[kind]["1.0.102"])


def by_event(kind: str, data: Any, method: str, answer: Any) -> list[Any]:
    """A question that comes as an event, and the call that answers it."""
    return [
        {"event": {"session": "s-1", "type": kind, "data": {**data, "requestId": "q-1"}}},
        {"expect": {"method": method, "as": "a", "params": {"sessionId": "s-1", "requestId": "q-1", **answer}}},
        {"reply": {"to": "a", "result": {"success": True}}},
    ]


def by_request(method: str, params: Any, result: Any) -> list[Any]:
    """A question that comes as a request."""
    return [
        {"request": {"as": "q", "method": method, "params": {**params, "sessionId": "s-1"}}},
        {"expect_response": {"to": "q", "result": result}},
    ]


PLAN = recorded("exit_plan_mode", "exitPlanMode.request")
AUTH = {**recorded("mcp_auth", "mcp.oauth_required"), "staticClientConfig": {"clientId": "me", "clientSecret": "hush"}}
COMMAND = recorded("command", "command.execute")
SAMPLING = recorded("sampling", "sampling.requested")
TOKEN = recorded("provider_token", "providerToken.getToken")
SECTIONS = {"sections": {"tone": {"content": "Speak"}}}
LIMITS = {"usedAiCredits": 10, "maxAiCredits": 10}
HEADERS = {"serverName": "issues", "serverUrl": "https://example.org/mcp", "reason": "startup"}
PROVIDER = {"provider": {"base_url": "http://127.0.0.1:1/v1"}, "model": "m"}

SWITCH_METHOD = "autoModeSwitch.request"
OAUTH_METHOD = "session.mcp.oauth.handlePendingRequest"
HEADERS_METHOD = "session.mcp.headers.handlePendingHeadersRefreshRequest"
SAMPLING_METHOD = "session.ui.handlePendingSampling"
LIMITS_METHOD = "session.ui.handlePendingSessionLimitsExhausted"
COMMAND_METHOD = "session.commands.handlePendingCommand"

#: Name, what the runtime does, the keyword of the handler, what it must read of the request, its answer, further options.
QUESTIONS: list[tuple[str, list[Any], str, Callable[[Any], Any], Any, Any, dict[str, Any]]] = [
    (
        "plan approved",
        by_request("exitPlanMode.request", PLAN, {"approved": True, "selectedAction": "interactive", "autoApproveEdits": True}),
        "on_exit_plan_mode",
        lambda asked: (asked.summary, asked.plan_content, asked.actions, asked.recommended_action),
        ("do it", "# Plan", PLAN["actions"], "interactive"),
        ExitPlanModeResponse.approve("interactive", auto_approve_edits=True),
        {},
    ),
    (
        "plan rejected",
        by_request("exitPlanMode.request", PLAN, {"approved": False, "feedback": "smaller steps"}),
        "on_exit_plan_mode",
        lambda asked: asked.session_id,
        "s-1",
        ExitPlanModeResponse.reject("smaller steps"),
        {},
    ),
    (
        "another model, always",
        by_request(SWITCH_METHOD, {"errorCode": "limited", "retryAfterSeconds": 30}, {"response": "yes_always"}),
        "on_auto_mode_switch",
        lambda asked: (asked.error_code, asked.retry_after_seconds),
        ("limited", 30),
        AutoModeSwitchResponse.yes(always=True),
        {},
    ),
    (
        "no other model",
        by_request(SWITCH_METHOD, {}, {"response": "no"}),
        "on_auto_mode_switch",
        lambda asked: (asked.error_code, asked.retry_after_seconds),
        (None, None),
        AutoModeSwitchResponse.no(),
        {},
    ),
    (
        "login",
        by_event(
            "mcp.oauth_required",
            AUTH,
            OAUTH_METHOD,
            {"result": {"kind": "token", "accessToken": "t", "tokenType": "Bearer", "expiresIn": 60}},
        ),
        "on_mcp_auth_request",
        lambda asked: (asked.server_name, asked.www_authenticate_params.scope, asked.static_client_config.client_secret),
        ("guarded", "a b", "hush"),
        McpAuthResponse.token("t", token_type="Bearer", expires_in=60),
        {},
    ),
    (
        "no login",
        by_event("mcp.oauth_required", AUTH, OAUTH_METHOD, {"result": {"kind": "cancelled"}}),
        "on_mcp_auth_request",
        lambda asked: asked.reason,
        "initial",
        McpAuthResponse.cancelled(),
        {},
    ),
    (
        "headers",
        by_event(
            "mcp.headers_refresh_required",
            HEADERS,
            HEADERS_METHOD,
            {"result": {"kind": "headers", "headers": {"X-Key": "k"}, "ttlMs": 5}},
        ),
        "on_mcp_headers_request",
        lambda asked: (asked.server_name, asked.server_url, asked.reason),
        ("issues", "https://example.org/mcp", "startup"),
        McpHeadersResponse.headers({"X-Key": "k"}, ttl_ms=5),
        {},
    ),
    (
        "no headers",
        by_event("mcp.headers_refresh_required", HEADERS, HEADERS_METHOD, {"result": {"kind": "none"}}),
        "on_mcp_headers_request",
        lambda asked: asked.request_id,
        "q-1",
        McpHeadersResponse.none(),
        {},
    ),
    (
        "sampling",
        by_event(
            "sampling.requested",
            SAMPLING,
            SAMPLING_METHOD,
            {"response": {"role": "assistant", "model": "m", "content": {"type": "text", "text": "hi"}}},
        ),
        "on_sampling_request",
        lambda asked: (asked.server_name, asked.mcp_request_id, asked.request.max_tokens),
        ("stub", 102, 10),
        {"role": "assistant", "model": "m", "content": {"type": "text", "text": "hi"}},
        {},
    ),
    (
        "no sampling",
        by_event("sampling.requested", SAMPLING, SAMPLING_METHOD, {"response": {"$absent": True}}),
        "on_sampling_request",
        lambda asked: asked.request.messages[0].content.text,
        "sample me",
        None,
        {},
    ),
    (
        "more credits",
        by_event(
            "session_limits_exhausted.requested",
            LIMITS,
            LIMITS_METHOD,
            {"response": {"action": "add", "additionalAiCredits": 5}},
        ),
        "on_session_limits_exhausted",
        lambda asked: (asked.used_ai_credits, asked.max_ai_credits),
        (10, 10),
        SessionLimitsResponse.add(5),
        {},
    ),
    (
        "provider token",
        by_request("providerToken.getToken", TOKEN, {"token": "hush"}),
        "on_provider_token",
        lambda asked: asked.provider_name,
        "default",
        "hush",
        PROVIDER,
    ),
    (
        "user input",
        by_request(
            "userInput.request",
            {"question": "Which?", "choices": ["a", "b"], "allowFreeform": True},
            {"answer": "c", "wasFreeform": True},
        ),
        "on_user_input_request",
        lambda asked: (asked.question, asked.choices, asked.allow_freeform),
        ("Which?", ["a", "b"], True),
        UserInputResponse.freeform("c"),
        {},
    ),
    (
        "form",
        by_event(
            "elicitation.requested",
            {"message": "Who?", "requestedSchema": {"type": "object", "properties": {}}},
            "session.ui.handlePendingElicitation",
            {"result": {"action": "accept", "content": {"name": "Ada"}}},
        ),
        "on_elicitation_request",
        lambda asked: (asked.message, asked.requested_schema.type, asked.url),
        ("Who?", "object", None),
        ElicitationResult.accept({"name": "Ada"}),
        {},
    ),
    (
        "command",
        by_event("command.execute", COMMAND, COMMAND_METHOD, {"error": {"$absent": True}}),
        "commands:deploy",
        lambda asked: (asked.command_name, asked.args, asked.command),
        ("deploy", "prod now", "/deploy prod now"),
        None,
        {},
    ),
    (
        "section",
        by_request("systemMessage.transform", SECTIONS, {"sections": {"tone": {"content": "Speak kindly"}}}),
        "system_message_sections:tone",
        lambda asked: asked,
        "Speak",
        "Speak kindly",
        {},
    ),
    (
        "hook",
        by_request(
            "hooks.invoke",
            {"hookType": "preToolUse", "input": {"toolName": "bash", "toolArgs": {"command": "ls"}}},
            {"output": {"permissionDecision": "deny", "permissionDecisionReason": "not here"}},
        ),
        "hooks:preToolUse",
        lambda asked: asked.tool_name,
        "bash",
        HookOutput.deny("not here"),
        {},
    ),
]


async def failures_of(mock: Mock, keyword: str, steps: Any, handler: Any, more: Any) -> list[codriver.HandlerFailure]:
    """What was reported while the runtime asked a session with this handler; all its steps were played."""
    failures: list[codriver.HandlerFailure] = []
    keyword, _, inner = keyword.partition(":")
    handlers = {keyword: {inner: handler} if inner else handler}
    go = [{"expect": {"method": "test.go", "as": "go"}}, *steps, {"reply": {"to": "go", "result": "answered"}}]
    async with mock(steps=[*CREATED, *go]) as client:
        await client.create_session(session_id="s-1", on_handler_error=failures.append, **handlers, **more)
        assert await asyncio.wait_for(client.rpc("test.go"), 30) == "answered"
        await asyncio.sleep(0.05)
    return failures


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(
    ("name", "steps", "keyword", "read", "expected", "answer", "more"), QUESTIONS, ids=[q[0] for q in QUESTIONS]
)
async def test_a_question_reaches_its_handler_and_its_answer_goes_back(
    mock: Mock, name: str, steps: Any, keyword: str, read: Any, expected: Any, answer: Any, more: Any, is_async: bool
) -> None:
    asked: list[Any] = []

    def at_once(request: Any) -> Any:
        asked.append(read(request))
        return answer

    async def later(request: Any) -> Any:
        await asyncio.sleep(0)
        return at_once(request)

    handler = later if is_async else at_once
    failures = await failures_of(mock, keyword, steps, handler, more)
    assert (asked, failures) == ([expected], [])


#: What is answered where a handler raises: never a yes (I19).
REFUSALS = [
    ("on_exit_plan_mode", by_request("exitPlanMode.request", PLAN, {"approved": False}), "exit_plan_mode", {}),
    ("on_auto_mode_switch", by_request(SWITCH_METHOD, {}, {"response": "no"}), "auto_mode_switch", {}),
    (
        "on_mcp_auth_request",
        by_event("mcp.oauth_required", AUTH, OAUTH_METHOD, {"result": {"kind": "cancelled"}}),
        "mcp_auth",
        {},
    ),
    (
        "on_mcp_headers_request",
        by_event("mcp.headers_refresh_required", HEADERS, HEADERS_METHOD, {"result": {"kind": "error"}}),
        "mcp_headers",
        {},
    ),
    (
        "on_sampling_request",
        by_event("sampling.requested", SAMPLING, SAMPLING_METHOD, {"response": {"$absent": True}}),
        "sampling",
        {},
    ),
    (
        "on_session_limits_exhausted",
        by_event("session_limits_exhausted.requested", LIMITS, LIMITS_METHOD, {"response": {"action": "cancel"}}),
        "session_limits",
        {},
    ),
    ("commands:deploy", by_event("command.execute", COMMAND, COMMAND_METHOD, {"error": {"$contains": "boom"}}), "command", {}),
]


@pytest.mark.parametrize(("keyword", "steps", "place", "more"), REFUSALS, ids=[refusal[2] for refusal in REFUSALS])
async def test_i19_a_handler_that_raises_says_no_and_is_reported(
    mock: Mock, keyword: str, steps: Any, place: str, more: Any
) -> None:
    boom = LookupError("boom")

    def handler(_: object) -> None:
        raise boom

    failures = await failures_of(mock, keyword, steps, handler, more)
    assert [(failure.place, failure.session_id, failure.error) for failure in failures] == [(place, "s-1", boom)]


async def test_commands_are_told_with_what_people_read_of_them(mock: Mock) -> None:
    def deploy(_: codriver.CommandInvocation) -> None:
        """Deploys."""

    told = [{"name": "deploy", "description": "Deploys."}, {"name": "undo", "description": "Takes it back"}]
    created = [{"expect": {"method": "session.create", "params": {"commands": told}}}, CREATED[1]]
    async with mock(steps=created) as client:
        await client.create_session(session_id="s-1", commands={"deploy": deploy, "undo": (deploy, "Takes it back")})


async def test_a_tool_may_answer_with_an_image(mock: Mock) -> None:
    @codriver.tool(name="look")
    def look() -> ToolResult:
        return ToolResult.text("a dot").image("image/png", b"\x89PNG").resource("text/plain", b"dot")

    data = {"sessionId": "s-1", "toolCallId": "c", "toolName": "look", "arguments": {}}
    result = {
        "textResultForLlm": "a dot",
        "resultType": "success",
        "binaryResultsForLlm": [
            {"type": "image", "data": "iVBORw==", "mimeType": "image/png"},
            {"type": "resource", "data": "ZG90", "mimeType": "text/plain"},
        ],
    }
    steps = by_event("external_tool.requested", data, "session.tools.handlePendingToolCall", {"result": result})
    go = [{"expect": {"method": "test.go", "as": "go"}}, *steps, {"reply": {"to": "go", "result": "answered"}}]
    async with mock(steps=[*CREATED, *go]) as client:
        await client.create_session(session_id="s-1", tools=[look])
        assert await asyncio.wait_for(client.rpc("test.go"), 30) == "answered"


async def test_a_secret_of_a_login_is_not_shown(mock: Mock) -> None:
    request = codriver.McpAuthRequest(AUTH)
    assert "hush" not in repr(request) + str(request) + repr(request.static_client_config)
    assert "guarded" in repr(request)
    assert request.raw["staticClientConfig"]["clientSecret"] == "hush"
    assert codriver.McpAuthRequest({"serverName": "x"}).static_client_config is None


async def test_notifications_without_a_name_here_are_told_as_they_came(mock: Mock) -> None:
    told: list[Any] = []
    steps = [
        {"expect": {"method": "test.go"}},
        {"notify": {"method": "brand.new", "params": {"a": [1]}}},
        {"reply": {"result": "done"}},
    ]
    async with mock(steps=steps, on_notification=lambda method, params: told.append((method, params))) as client:
        await client.rpc("test.go")
        for _ in range(100):
            if told:
                break
            await asyncio.sleep(0.02)
    assert told == [("brand.new", {"a": [1]})]


FORMS: list[Any] = [
    {"expect": {"method": "session.create"}},
    {"reply": {"result": {"sessionId": "s-1", "capabilities": {"ui": {"elicitation": True}, "later": 1}}}},
]


def form(answer: Any, **params: Any) -> list[Any]:
    return [
        {"expect": {"method": "session.ui.elicitation", "params": {"sessionId": "s-1", **params}}},
        {"reply": {"result": answer}},
    ]


SURE = form({"action": "accept", "content": {"answer": True}}, message="Sure?")
WHICH = form({"action": "accept", "content": {"answer": "b"}}, message="Which?")
WHAT = form({"action": "cancel"}, message="What?")
FORM = form({"action": "decline"}, message="Form?", requestedSchema={"type": "object"})


async def test_the_ui_asks_whoever_shows_the_session(mock: Mock) -> None:
    async with mock(steps=[*FORMS, *SURE, *WHICH, *WHAT, *FORM]) as client:
        session = await client.create_session(session_id="s-1")
        assert (session.capabilities.ui.elicitation, session.capabilities.later) == (True, 1)
        assert await session.ui.confirm("Sure?") is True
        assert await session.ui.select("Which?", ("a", "b")) == "b"
        assert await session.ui.input("What?") is None
        assert await session.ui.elicitation("Form?", {"type": "object"}) == ElicitationResult.decline()
    async with mock() as client:
        with pytest.raises(codriver.InvalidConfigError, match="on_elicitation_request"):
            await (await client.create_session()).ui.confirm("Sure?")


def test_the_ui_without_asyncio() -> None:
    env = {"MOCK_RUNTIME_SCRIPT": json.dumps({"steps": [*FORMS, *SURE, *WHICH, *WHAT, *FORM]})}
    with codriver.sync.Client(cli_path=MOCK, env=env) as client:
        session = client.create_session(session_id="s-1")
        assert session.capabilities.ui.elicitation is True
        assert session.ui.confirm("Sure?") is True
        assert session.ui.select("Which?", ["a", "b"]) == "b"
        assert session.ui.input("What?") is None
        assert session.ui.elicitation("Form?", {"type": "object"}) == ElicitationResult.decline()


async def test_a_line_goes_into_the_log_and_gives_the_events_id(mock: Mock) -> None:
    steps = [
        *CREATED,
        {
            "expect": {
                "method": "session.log",
                "params": {"sessionId": "s-1", "message": "hm", "level": "warning", "ephemeral": True},
            }
        },
        {"reply": {"result": {"eventId": "e-9"}}},
        {"expect": {"method": "session.log", "params": {"message": "ah", "level": {"$absent": True}}}},
        {"reply": {"result": {"eventId": "e-10"}}},
    ]
    async with mock(steps=steps) as client:
        session = await client.create_session(session_id="s-1")
        assert await session.log("hm", level="warning", ephemeral=True) == "e-9"
        assert await session.log("ah") == "e-10"


async def test_the_runtime_tells_of_itself_its_models_and_its_terminal(mock: Mock) -> None:
    models = {"models": [{"id": "m-1", "name": "One", "capabilities": {"limits": {"max_context_window_tokens": 5}}}]}
    async with mock(auto={"models.list": {"result": models}}) as client:
        status = await client.get_status()
        assert (status.version, status.protocol_version) == ("0.0.0-mock", 3)
        assert (await client.get_auth_status()).is_authenticated is False
        (model,) = await client.list_models()
        assert (model.id, model.name, model.capabilities.limits.max_context_window_tokens) == ("m-1", "One", 5)
        assert await client.get_foreground_session_id() is None
        session = await client.create_session()
        await client.set_foreground_session_id(session.id)
        assert await client.get_foreground_session_id() == session.id
        await session.set_model("m-1", "high")
        await session.wait_until_ready(5)


@pytest.mark.parametrize("abort", [True, False])
async def test_a_timeout_aborts_the_turn_where_it_is_asked_to(mock: Mock, abort: bool) -> None:
    after: list[Any] = [{"expect_none": {"method": "session.abort", "for_ms": 100}}]
    if abort:
        after = [
            {"expect": {"method": "session.abort", "params": {"sessionId": "s-1"}}},
            {"reply": {"result": {"success": True}}},
        ]
    steps = [
        *CREATED,
        {"expect": {"method": "session.send"}},
        {"reply": {"result": {"messageId": "m"}}},
        *after,
        {"expect": {"method": "test.go"}},
        {"reply": {"result": "done"}},
    ]
    async with mock(steps=steps) as client:
        session = await client.create_session(session_id="s-1")
        with pytest.raises(codriver.TimeoutError):
            await session.send_and_wait("hi", timeout=0.2, abort_on_timeout=abort)
        assert await asyncio.wait_for(client.rpc("test.go"), 30) == "done"
