"""Tools: what the model may call.

Example:
    >>> @tool
    ... async def get_weather(city: str, days: int = 1) -> str:
    ...     \"\"\"Tells the weather.
    ...
    ...     Args:
    ...         city: the city's name.
    ...     \"\"\"
    ...     return f"22 °C in {city}"
    >>> get_weather.name, get_weather.description
    ('get_weather', 'Tells the weather.')
    >>> get_weather.parameters["properties"]["city"]
    {'type': 'string', 'description': "the city's name."}
"""

from __future__ import annotations

import base64
import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar, overload

from . import _schema
from .requests import Answer
from .view import View

__all__ = ["Tool", "ToolInvocation", "ToolResult", "tool"]

_R = TypeVar("_R")


class ToolInvocation(View):
    """A call of a tool. A tool with a parameter of this type is given it.

    Attributes:
        tool_name: the tool.
        tool_call_id: the model's id of the call.
        arguments: what the model gives it, as it came.
        session_id: the session.

    Example:
        >>> @tool
        ... def whoami(call: ToolInvocation) -> str:
        ...     \"\"\"Tells which session asks.\"\"\"
        ...     return call.session_id
        >>> whoami.parameters["properties"]
        {}
    """

    __slots__ = ()

    request_id: str
    session_id: str
    tool_call_id: str
    tool_name: str
    arguments: Any
    working_directory: str | None


class ToolResult(Answer):
    """What a tool answers when a plain value does not say enough.

    Example:
        >>> ToolResult.failure("no such city").wire
        {'textResultForLlm': 'no such city', 'resultType': 'failure', 'error': 'no such city'}
    """

    __slots__ = ()

    @classmethod
    def text(cls, text: str, *, session_log: str | None = None) -> ToolResult:
        """It worked; `session_log` is what the timeline shows in place of the text."""
        return cls(_result(text, "success", sessionLog=session_log))

    @classmethod
    def failure(cls, text: str) -> ToolResult:
        """It failed; the model reads why and goes on."""
        return cls(_result(text, "failure", error=text))

    @classmethod
    def denied(cls, text: str) -> ToolResult:
        """It was not allowed; the model reads why and goes on."""
        return cls(_result(text, "denied"))

    @classmethod
    def rejected(cls, text: str) -> ToolResult:
        """The user refused it; the turn ends."""
        return cls(_result(text, "rejected"))

    @classmethod
    def timeout(cls, text: str) -> ToolResult:
        """It took too long; the model reads this and goes on."""
        return cls(_result(text, "timeout"))

    def image(self, mime_type: str, content: bytes) -> ToolResult:
        """The same and an image for the model."""
        return self._binary("image", mime_type, content)

    def resource(self, mime_type: str, content: bytes) -> ToolResult:
        """The same and other bytes for the model."""
        return self._binary("resource", mime_type, content)

    def _binary(self, kind: str, mime_type: str, content: bytes) -> ToolResult:
        data = base64.b64encode(content).decode()
        binary = {"type": kind, "data": data, "mimeType": mime_type}
        there = self.wire.get("binaryResultsForLlm", [])
        return ToolResult({**self.wire, "binaryResultsForLlm": [*there, binary]})


def _result(text: str, result_type: str, **more: str | None) -> dict[str, Any]:
    present = {name: value for name, value in more.items() if value is not None}
    return {"textResultForLlm": text, "resultType": result_type, **present}


class Tool:
    """A tool: its declaration, and what it does. Calling it calls the function.

    A function that is not async runs on a thread of its own, so that it may block.

    Attributes:
        name: the name the model calls; unique in a session.
        description: what the model is told about it.
        parameters: JSON schema of the arguments.
        handler: the function; `None` for a tool that is declared only.

    Example:
        >>> schema = {"type": "object", "properties": {"city": {"type": "string"}}}
        >>> made = Tool("get_weather", "Tells the weather", schema, lambda call: f"22 °C in {call.arguments['city']}")
        >>> made(ToolInvocation({"arguments": {"city": "Paris"}}))
        '22 °C in Paris'
    """

    def __init__(
        self,
        name: str,
        description: str = "",
        parameters: Mapping[str, Any] | None = None,
        handler: Callable[..., Any] | None = None,
        *,
        overrides_built_in_tool: bool | None = None,
        skip_permission: bool | None = None,
        defer: Literal["auto", "never"] | None = None,
        is_terminal: bool | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Makes a tool by hand; `handler` is then called with one `ToolInvocation`.

        Args:
            name: the name the model calls.
            description: what the model is told about it.
            parameters: JSON schema of the arguments, an object schema.
            handler: sync or async; without one the tool is declared only.
            overrides_built_in_tool: whether it replaces a built-in tool of the same name.
            skip_permission: whether it is called without asking for a permission.
            defer: whether the runtime may hide it behind tool search.
            is_terminal: whether a call of it ends the turn.
            metadata: sent as is.

        Raises:
            TypeError: the handler cannot be called with one argument.
        """
        if not isinstance(name, str):
            raise TypeError(f"the name of a tool must be a str, not {type(name).__name__}")
        if handler is not None:
            check_arity(f"the handler of tool {name!r}", handler, 1)
        self.name = name
        self.description = description
        self.parameters = None if parameters is None else dict(parameters)
        self.handler = handler
        self._readers: dict[str, _schema.Reader] | None = None
        self._invocation: str | None = None
        self._options = {
            "overridesBuiltInTool": overrides_built_in_tool,
            "skipPermission": skip_permission,
            "defer": defer,
            "isTerminal": is_terminal,
            "metadata": None if metadata is None else dict(metadata),
        }

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the function.

        Raises:
            TypeError: the tool is declared only.
        """
        if self.handler is None:
            raise TypeError(f"tool {self.name!r} is declared only")
        return self.handler(*args, **kwargs)

    def __repr__(self) -> str:
        return f"Tool({self.name!r})"

    def definition(self) -> dict[str, Any]:
        """The declaration as on the wire."""
        wire: dict[str, Any] = {"name": self.name, "description": self.description}
        if self.parameters is not None:
            wire["parameters"] = self.parameters
        return wire | {name: value for name, value in self._options.items() if value is not None}

    def bind(self, invocation: ToolInvocation) -> Callable[[], Any]:
        """What runs the tool for one call.

        Raises:
            ValueError: the arguments do not fit; the model is told the text.
        """
        handler = self.handler
        assert handler is not None
        if self._readers is None:
            return lambda: handler(invocation)
        required = (self.parameters or {}).get("required", [])
        arguments = _schema.read_object(invocation.raw.get("arguments") or {}, self._readers, required)
        if self._invocation is not None:
            arguments[self._invocation] = invocation
        return lambda: handler(**arguments)


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    overrides_built_in_tool: bool | None = None,
    skip_permission: bool | None = None,
    defer: Literal["auto", "never"] | None = None,
    is_terminal: bool | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], Tool]: ...


def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    **options: Any,
) -> Any:
    """Makes a tool of a function with annotations, sync or async.

    The schema comes from the annotations: `str`, `int`, `float`, `bool`, `None`, `Literal`, enums, dates, lists, dicts,
    unions, dataclasses, typed dicts and Pydantic models; `Annotated[str, "…"]` and the docstring's `Args:` describe. What the
    function returns is what the model reads: text as it is, a `ToolResult`, anything else as JSON.

    Args:
        function: the function, where the decorator has no parentheses.
        name: the tool's name; default: the function's.
        description: default: the first paragraph of the docstring.
        **options: those of `Tool`.

    Raises:
        TypeError: a parameter without annotation, or with one that JSON has no place for.

    Example:
        >>> @tool(skip_permission=True)
        ... def add(a: int, b: int) -> int:
        ...     "Adds."
        ...     return a + b
        >>> add(1, 2), add.definition()["skipPermission"]
        (3, True)
    """
    if function is None:
        return lambda function: tool(function, name=name, description=description, **options)  # type: ignore[call-overload]
    if not callable(function) or isinstance(function, type):
        raise TypeError(f"@tool needs a function, not {function!r}")
    hints = typing.get_type_hints(function)
    invocation = next((param for param, hint in hints.items() if hint is ToolInvocation), None)
    skip = frozenset(() if invocation is None else (invocation,))
    schema, readers = _schema.of_function(function, skip)
    text = description if description is not None else _first_paragraph(function)
    made = Tool(name or function.__name__, text, schema, **options)
    made.handler = function
    made._readers = readers
    made._invocation = invocation
    return made


def _first_paragraph(function: Callable[..., Any]) -> str:
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())


def check_arity(what: str, handler: Callable[..., Any], count: int) -> None:
    """Refuses a handler that cannot be called with `count` arguments.

    Raises:
        TypeError: it is no function, or takes another number of arguments.
    """
    if not callable(handler):
        raise TypeError(f"{what} must be a function, not {type(handler).__name__}")
    try:
        signature = inspect.signature(handler)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*range(count))
    except TypeError:
        plural = "argument" if count == 1 else "arguments"
        raise TypeError(f"{what} must take {count} {plural}; its signature is {signature}") from None
