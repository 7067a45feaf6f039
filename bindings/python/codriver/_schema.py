"""JSON schemas of functions: from annotations, docstrings and, where they are installed, Pydantic models."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union

#: Reads one argument: takes JSON, gives what the annotation says.
Reader = Callable[[Any], Any]

_PLAIN: dict[Any, tuple[dict[str, Any], tuple[type, ...]]] = {
    str: ({"type": "string"}, (str,)),
    bool: ({"type": "boolean"}, (bool,)),
    int: ({"type": "integer"}, (int,)),
    float: ({"type": "number"}, (int, float)),
    type(None): ({"type": "null"}, (type(None),)),
}


class Unfit(ValueError):
    """An argument of the model that does not fit its annotation; the model reads the text."""


def of_function(function: Callable[..., Any], skip: frozenset[str]) -> tuple[dict[str, Any], dict[str, Reader]]:
    """The object schema of a function's parameters, and how each is read.

    Raises:
        TypeError: a parameter without annotation or with one that JSON has no place for, `*args`, `**kwargs`.
    """
    hints = typing.get_type_hints(function, include_extras=True)
    docs = _documented(function)
    properties: dict[str, Any] = {}
    required = []
    readers: dict[str, Reader] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in skip:
            continue
        where = f"parameter {name!r} of tool {function.__name__!r}"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise TypeError(f"{where}: a tool's parameters must have names")
        if name not in hints:
            raise TypeError(f"{where}: annotate it, e.g. `{name}: str`")
        schema, reader = of_type(hints[name], where)
        if name in docs and "description" not in schema:
            schema = {**schema, "description": docs[name]}
        if parameter.default is parameter.empty:
            required.append(name)
        elif parameter.default is None or isinstance(parameter.default, (str, int, float, bool)):
            schema = {**schema, "default": parameter.default}
        properties[name] = schema
        readers[name] = reader
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = required
    return schema, readers


def of_type(hint: Any, where: str) -> tuple[dict[str, Any], Reader]:
    """The schema of an annotation, and how its values are read.

    Raises:
        TypeError: JSON has no place for it.
    """
    if hint in (Any, inspect.Parameter.empty):
        return {}, _as_is
    if hint in _PLAIN:
        schema, kinds = _PLAIN[hint]
        return dict(schema), _plain_reader(hint, kinds)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        schema, reader = of_type(args[0], where)
        texts = [extra for extra in args[1:] if isinstance(extra, str)]
        return ({**schema, "description": texts[0]} if texts else schema), reader
    if origin is Literal:
        return {"enum": list(args)}, _choice_reader(args)
    if origin in (Union, types.UnionType):
        return _union(args, where)
    if origin in (list, tuple, set, frozenset, Sequence) and origin is not tuple:
        inner, reader = of_type(args[0], where) if args else ({}, _as_is)
        kind = list if origin is Sequence else origin
        return {"type": "array", "items": inner}, _list_reader(kind, reader)
    if origin in (dict, Mapping):
        inner, reader = of_type(args[1], where) if args else ({}, _as_is)
        return {"type": "object", "additionalProperties": inner}, _dict_reader(reader)
    if hint in (list, dict):
        return {"type": "array" if hint is list else "object"}, _instance_reader(hint)
    if isinstance(hint, type):
        return _of_class(hint, where)
    raise TypeError(f"{where}: no JSON schema for {hint!r}")


def _of_class(hint: type, where: str) -> tuple[dict[str, Any], Reader]:
    if issubclass(hint, enum.Enum):
        members = {member.value: member for member in hint}
        return {"enum": list(members)}, _member_reader(members)
    if issubclass(hint, (datetime, date)):
        name = "date-time" if issubclass(hint, datetime) else "date"
        return {"type": "string", "format": name}, _call_reader(hint.fromisoformat)
    if "pydantic" in sys.modules and hasattr(hint, "model_json_schema"):
        return hint.model_json_schema(), _call_reader(hint.model_validate)  # type: ignore[attr-defined]
    if dataclasses.is_dataclass(hint):
        return _record(hint, {f.name: f.default is f.default_factory for f in dataclasses.fields(hint)}, where, hint)
    if typing.is_typeddict(hint):
        needed = hint.__required_keys__  # type: ignore[attr-defined]
        return _record(hint, {name: name in needed for name in hint.__annotations__}, where, dict)
    raise TypeError(f"{where}: no JSON schema for {hint!r}")


def _record(hint: type, fields: Mapping[str, bool], where: str, make: Callable[..., Any]) -> tuple[dict[str, Any], Reader]:
    hints = typing.get_type_hints(hint, include_extras=True)
    parts = {name: of_type(_unwrapped(hints[name]), f"{where}, field {name!r}") for name in fields}
    required = [name for name, needed in fields.items() if needed]
    schema: dict[str, Any] = {"type": "object", "properties": {name: part[0] for name, part in parts.items()}}
    if required:
        schema["required"] = required

    def read(value: Any) -> Any:
        return make(**read_object(value, {name: part[1] for name, part in parts.items()}, required))

    return schema, read


def _unwrapped(hint: Any) -> Any:
    # `Required[X]` and `NotRequired[X]` of a TypedDict.
    args = typing.get_args(hint)
    return args[0] if str(typing.get_origin(hint)).endswith("Required") else hint


def read_object(value: Any, readers: Mapping[str, Reader], required: Sequence[str]) -> dict[str, Any]:
    """Reads the fields of a JSON object.

    Raises:
        Unfit: with the field's name.
    """
    if not isinstance(value, dict):
        raise Unfit(f"must be an object, not {_name(value)}")
    for name in required:
        if name not in value:
            raise Unfit(f"`{name}` is missing")
    read = {}
    for name, inner in value.items():
        if name not in readers:
            raise Unfit(f"`{name}` is not known; there are {', '.join(readers) or 'no parameters'}")
        try:
            read[name] = readers[name](inner)
        except ValueError as error:
            raise Unfit(f"`{name}`: {error}") from error
    return read


def _as_is(value: Any) -> Any:
    return value


def _plain_reader(hint: Any, kinds: tuple[type, ...]) -> Reader:
    def read(value: Any) -> Any:
        if hint is int and isinstance(value, float) and value.is_integer():
            return int(value)
        if not isinstance(value, kinds) or (isinstance(value, bool) and hint is not bool):
            raise Unfit(f"must be {hint.__name__}, not {_name(value)}")
        return float(value) if hint is float else value  # type: ignore[arg-type]

    return read


def _choice_reader(choices: Sequence[Any]) -> Reader:
    def read(value: Any) -> Any:
        if value not in choices:
            raise Unfit(f"must be one of {', '.join(map(repr, choices))}, not {value!r}")
        return value

    return read


def _member_reader(members: Mapping[Any, Any]) -> Reader:
    choose = _choice_reader(list(members))
    return lambda value: members[choose(value)]


def _union(args: Sequence[Any], where: str) -> tuple[dict[str, Any], Reader]:
    parts = [of_type(arg, where) for arg in args]

    def read(value: Any) -> Any:
        problems = []
        for _, reader in parts:
            try:
                return reader(value)
            except ValueError as error:
                problems.append(str(error))
        raise Unfit("; ".join(problems))

    return {"anyOf": [schema for schema, _ in parts]}, read


def _list_reader(kind: Callable[[list[Any]], Any], reader: Reader) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, list):
            raise Unfit(f"must be an array, not {_name(value)}")
        return kind([reader(item) for item in value])

    return read


def _dict_reader(reader: Reader) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise Unfit(f"must be an object, not {_name(value)}")
        return {key: reader(inner) for key, inner in value.items()}

    return read


def _instance_reader(kind: type) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, kind):
            raise Unfit(f"must be {kind.__name__}, not {_name(value)}")
        return value

    return read


def _call_reader(make: Callable[[Any], Any]) -> Reader:
    def read(value: Any) -> Any:
        try:
            return make(value)
        except (ValueError, TypeError) as error:
            raise Unfit(str(error)) from error

    return read


def _name(value: Any) -> str:
    return "null" if value is None else type(value).__name__


def _documented(function: Callable[..., Any]) -> dict[str, str]:
    """The parameters that a Google-style docstring describes."""
    text = inspect.getdoc(function) or ""
    _, _, section = text.partition("\nArgs:\n")
    docs: dict[str, str] = {}
    last = None
    for line in section.splitlines():
        if line and not line.startswith(" "):
            break
        entry = re.match(r"    (\w+)(?: \([^)]*\))?: *(.*)", line)
        if entry:
            last = entry.group(1)
            docs[last] = entry.group(2)
        elif last and line.strip():
            docs[last] += " " + line.strip()
    return docs
