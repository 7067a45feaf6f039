from __future__ import annotations

import dataclasses
import enum
from datetime import date
from typing import Annotated, Any, Literal, Optional, TypedDict

import pytest

import codriver
from codriver import ToolInvocation, tool
from codriver._schema import Unfit, of_type


class Unit(enum.Enum):
    C = "celsius"
    F = "fahrenheit"


@dataclasses.dataclass
class Place:
    city: str
    days: int = 1


class Box(TypedDict, total=False):
    width: int


@pytest.mark.parametrize(
    ("hint", "schema", "good", "read", "bad"),
    [
        (str, {"type": "string"}, "x", "x", 1),
        (int, {"type": "integer"}, 2.0, 2, True),
        (float, {"type": "number"}, 2, 2.0, "2"),
        (bool, {"type": "boolean"}, True, True, 1),
        (Optional[str], {"anyOf": [{"type": "string"}, {"type": "null"}]}, None, None, 1),
        (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}, 1, 1, "x"),
        (Literal["a", "b"], {"enum": ["a", "b"]}, "a", "a", "c"),
        (Unit, {"enum": ["celsius", "fahrenheit"]}, "celsius", Unit.C, "kelvin"),
        (list[int], {"type": "array", "items": {"type": "integer"}}, [1], [1], ["x"]),
        (set[str], {"type": "array", "items": {"type": "string"}}, ["a"], {"a"}, "a"),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1}, {"a": 1}, []),
        (date, {"type": "string", "format": "date"}, "2026-01-02", date(2026, 1, 2), "soon"),
        (Annotated[str, "the name"], {"type": "string", "description": "the name"}, "x", "x", None),
        (
            Place,
            {
                "type": "object",
                "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
                "required": ["city"],
            },
            {"city": "Paris"},
            Place("Paris"),
            {"days": 2},
        ),
        (Box, {"type": "object", "properties": {"width": {"type": "integer"}}}, {"width": 1}, {"width": 1}, {"w": 1}),
        (Any, {}, [1], [1], None),
    ],
)
def test_an_annotation_has_a_schema_and_reads_what_fits(hint: Any, schema: Any, good: Any, read: Any, bad: Any) -> None:
    made, reader = of_type(hint, "here")
    assert made == schema
    assert reader(good) == read
    if hint is not Any:
        with pytest.raises(Unfit):
            reader(bad)


def test_a_tool_is_made_of_a_function_and_its_docstring() -> None:
    @tool
    async def get_weather(place: Place, unit: Unit = Unit.C, verbose: bool = False) -> str:
        """Tells the weather,
        today.

        More for people.

        Args:
            place: where,
                and for how long.
            verbose (bool): whether to say more.
        """
        return place.city

    assert (get_weather.name, get_weather.description) == ("get_weather", "Tells the weather, today.")
    parameters = get_weather.parameters
    assert parameters is not None
    assert parameters["required"] == ["place"]
    assert parameters["properties"]["place"]["description"] == "where, and for how long."
    assert parameters["properties"]["verbose"] == {
        "type": "boolean",
        "description": "whether to say more.",
        "default": False,
    }


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: x, "parameter 'x'.*annotate it"),
        (lambda *args: args, "must have names"),
        (5, "@tool needs a function"),
        (dict, "@tool needs a function"),
    ],
)
def test_a_function_without_a_schema_is_refused_where_it_is_written(function: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        tool(function)


def test_an_annotation_json_has_no_place_for_names_the_parameter() -> None:
    def f(x: complex) -> None: ...

    with pytest.raises(TypeError, match="parameter 'x' of tool 'f'.*complex"):
        tool(f)


def test_arguments_that_do_not_fit_say_which() -> None:
    @tool
    def f(city: str, days: int = 1) -> str:
        return f"{city}{days}"

    def run(arguments: Any) -> Any:
        return f.bind(ToolInvocation({"arguments": arguments}))()

    assert run({"city": "Paris", "days": 2}) == "Paris2"
    for arguments, words in [
        ({}, "`city` is missing"),
        ({"city": 5}, "`city`: must be str, not int"),
        ({"city": "x", "town": 1}, "`town` is not known; there are city, days"),
        ([], "`city` is missing"),
    ]:
        with pytest.raises(ValueError, match=words):
            run(arguments)


def test_a_pydantic_model_brings_its_own_schema_and_validation() -> None:
    pydantic = pytest.importorskip("pydantic")

    class Query(pydantic.BaseModel):  # type: ignore[name-defined, misc]
        text: str
        limit: int = pydantic.Field(5, ge=1)

    schema, reader = of_type(Query, "here")
    assert schema["properties"]["limit"]["minimum"] == 1
    assert reader({"text": "x"}).limit == 5
    with pytest.raises(Unfit, match="greater than or equal to 1"):
        reader({"text": "x", "limit": 0})


def test_a_handler_of_the_wrong_arity_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="handler of tool 'x' must take 1 argument"):
        codriver.Tool("x", handler=lambda: 1)
    with pytest.raises(TypeError, match="on_state must take 1 argument"):
        codriver.Client(on_state=lambda: None)
    with pytest.raises(TypeError, match="on_notification must take 2 arguments"):
        codriver.Client(on_notification=lambda one: None)
