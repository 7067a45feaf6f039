"""Every example runs: of the docstrings, and of the README."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import codriver

PACKAGE = Path(__file__).resolve().parents[1]
MODULES = sorted(
    name
    for _, name, _ in pkgutil.walk_packages(codriver.__path__, "codriver.")
    if "_native" not in name and not name.endswith("__main__")
)


@pytest.mark.parametrize("name", ["codriver", *MODULES])
def test_the_examples_of_a_module_are_true(name: str) -> None:
    module = importlib.import_module(name)
    result = doctest.testmod(module, extraglobs={"codriver": codriver}, optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


def examples() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (PACKAGE / "README.md").read_text(), re.DOTALL | re.MULTILINE)


def test_the_readme_has_examples() -> None:
    assert len(examples()) >= 5


@pytest.mark.parametrize("text", examples())
def test_an_example_of_the_readme_runs(text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from conftest import MOCK

    monkeypatch.setenv("COPILOT_CLI_PATH", MOCK)
    monkeypatch.chdir(tmp_path)
    ast.parse(text)
    exec(compile(text, "README.md", "exec"), {"__name__": "__main__"})
