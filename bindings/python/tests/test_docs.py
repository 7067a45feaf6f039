"""Every example runs: of the docstrings, and of the README."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest
from conftest import MOCK

import codriver

PACKAGE = Path(__file__).resolve().parents[1]
MODULES = sorted(
    name
    for _, name, _ in pkgutil.walk_packages(codriver.__path__, "codriver.")
    if "_native" not in name and not name.endswith("__main__")
)


@pytest.mark.parametrize("name", ["codriver", *MODULES])
def test_the_examples_of_a_module_are_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPILOT_CLI_PATH", MOCK)
    module = importlib.import_module(name)
    result = doctest.testmod(module, extraglobs={"codriver": codriver}, optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


def test_no_example_is_left_out() -> None:
    sources = [path for path in PACKAGE.glob("codriver/**/*.py") if "_native" not in path.parts]
    assert len(sources) > 20
    assert [path.name for path in sources if "SKIP" in path.read_text()] == []


@pytest.mark.parametrize("name", sorted(set(codriver.__all__) - {"__version__", "EVENTS_LOST"}))
def test_a_public_name_is_documented_with_types_and_an_example(name: str) -> None:
    public = getattr(codriver, name)
    module = importlib.import_module(public.__module__)
    # The errors differ in their names and numbers only: one example is for all.
    is_error = isinstance(public, type) and issubclass(public, codriver.CodriverError)
    assert public.__doc__
    assert "Example:" in (module.__doc__ if is_error else public.__doc__ + (module.__doc__ or ""))
    for member, value in vars(public).items() if isinstance(public, type) else ():
        function = getattr(value, "__func__", getattr(value, "fget", value))
        if not member.startswith("_") and inspect.isfunction(function):
            assert function.__doc__, member
            assert "return" in function.__annotations__, member


def test_every_public_name_of_a_module_is_a_public_name_of_the_package() -> None:
    for module, names in codriver._NAMES.items():
        known = set(importlib.import_module(f"codriver.{module}").__all__)
        inner = {"ERRORS", "error_of", "Answer", "Ui"}
        assert known - inner == set(names.split()), module


def examples() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (PACKAGE / "README.md").read_text(), re.DOTALL | re.MULTILINE)


def test_the_readme_has_examples() -> None:
    assert len(examples()) >= 5


@pytest.mark.parametrize("text", examples())
def test_an_example_of_the_readme_runs(text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COPILOT_CLI_PATH", MOCK)
    monkeypatch.chdir(tmp_path)
    ast.parse(text)
    exec(compile(text, "README.md", "exec"), {"__name__": "__main__"})
