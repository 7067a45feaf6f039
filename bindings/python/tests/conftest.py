"""What the tests share: the mock runtime, scripts for it, and tests that are coroutines."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import codriver

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 300.0


def built(name: str) -> str:
    """A program of the workspace, as `run-tests` builds it."""
    variable = name.upper().replace("-", "_")
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return os.environ.get(variable) or str(target / "debug" / name)


MOCK = built("mock-runtime")

# What a shell starts in the background ignores Ctrl-C, and so does all that is started by that. The programs under test get what
# those at a terminal have.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test that is a coroutine runs on a loop of its own, with a deadline."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), PATIENCE))
    return True


@pytest.fixture
def mock() -> Callable[..., codriver.Client]:
    """Makes a client of the mock runtime; `steps` and `auto` script it."""

    def make(*, steps: list[Any] | None = None, auto: Any = None, firehose: Any = None, **options: Any) -> codriver.Client:
        env = dict(options.pop("env", {}))
        if steps is not None or auto is not None:
            env["MOCK_RUNTIME_SCRIPT"] = json.dumps({"steps": steps or [], "auto": auto or {}})
        if firehose is not None:
            env["MOCK_FIREHOSE"] = json.dumps(firehose)
        return codriver.Client(cli_path=MOCK, env=env, **options)

    return make


@pytest.fixture
def script() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a Python program with `MOCK` and `codriver` in scope, as a process of its own."""

    def run(text: str, *, timeout: float = PATIENCE, **env: str) -> subprocess.CompletedProcess[str]:
        import textwrap

        program = f"import asyncio, codriver, os, sys, time\nMOCK = {MOCK!r}\n" + textwrap.dedent(text)
        return subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", program],
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, **env},
            check=False,
        )

    return run
