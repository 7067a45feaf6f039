"""What the runtime says, by attribute and as the plain dict.

The wire has camelCase names; attributes have the same names in snake_case. A field that this version does not know is
there as well: nothing is dropped.

Example:
    >>> view = View({"toolName": "bash", "args": {"timeoutMs": 5}})
    >>> view.tool_name, view.args.timeout_ms, view["toolName"]
    ('bash', 5, 'bash')
    >>> view.raw
    {'toolName': 'bash', 'args': {'timeoutMs': 5}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ._names import camel_case, snake_case

__all__ = ["View"]


class View(Mapping[str, Any]):
    """A JSON object of the runtime.

    `view.tool_name` reads the field `toolName`; objects inside are views too. A declared field that the runtime left out is
    `None`, any other missing one an `AttributeError`. As a mapping it has the wire's names and plain values.

    Attributes:
        raw: the dict itself.
    """

    __slots__ = ("raw",)

    raw: dict[str, Any]

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw

    def __getattr__(self, name: str) -> Any:
        raw = self.raw
        key = camel_case(name)
        if key in raw:
            return _wrap(raw[key])
        if name in raw:
            return _wrap(raw[name])
        if name[:1] != "_" and _declares(type(self), name):
            return None
        there = ", ".join(snake_case(key) for key in raw) or "no fields"
        raise AttributeError(f"{type(self).__name__} has no field {name!r}; there are {there}")

    def __getitem__(self, key: str) -> Any:
        return self.raw[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(snake_case(key) for key in self.raw)]

    def __eq__(self, other: object) -> bool:
        return self.raw == (other.raw if isinstance(other, View) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.raw!r})"


def _wrap(value: Any) -> Any:
    if type(value) is dict:
        return View(value)
    if type(value) is list and value and type(value[0]) is dict:
        return [_wrap(item) for item in value]
    return value


def _declares(kind: type, name: str) -> bool:
    import inspect

    return any(name in inspect.get_annotations(base) for base in kind.__mro__)
