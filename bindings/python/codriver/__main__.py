"""`python -m codriver doctor`: is everything there for a conversation, and what to do if not."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import sys
from typing import Any

import codriver


async def _doctor(cli_path: str | None) -> dict[str, Any]:
    report: dict[str, Any] = {
        "ok": False,
        "codriver": codriver.__version__,
        "python": platform.python_version(),
        "runtime": None,
        "login": None,
        "problems": [],
    }
    options = {} if cli_path is None else {"cliPath": cli_path}
    try:
        from codriver._ffi import called, native

        report["runtime"] = json.loads(called(native.find_runtime, json.dumps(options)))
        async with codriver.Client(cli_path=cli_path) as client:
            if client.runtime is not None:
                report["runtime"]["version"] = client.runtime.version
                report["runtime"]["protocolVersion"] = client.runtime.protocol_version
            report["login"] = (await client.get_auth_status()).raw
    except (codriver.CodriverError, ImportError, OSError) as error:
        report["problems"].append(str(error))
        return report
    if not report["login"].get("isAuthenticated"):
        report["problems"].append(
            "nobody is logged in: log in with the runtime's own `/login`, give `github_token`, or a `provider` to sessions"
        )
    report["ok"] = not report["problems"]
    return report


def _show(report: dict[str, Any]) -> None:
    print(f"codriver {report['codriver']}, Python {report['python']}")
    runtime = report["runtime"]
    if runtime is not None:
        version = runtime.get("version", "does not start")
        print(f"runtime  {version} ({runtime['path']}, {runtime['origin']})")
    login = report["login"]
    if login is not None:
        who = login.get("login") or ("yes" if login.get("isAuthenticated") else "nobody")
        print(f"login    {who}")
    for problem in report["problems"]:
        print(f"problem  {problem}")
    print("ready" if report["ok"] else "not ready")


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; 0 means that a conversation is possible."""
    parser = argparse.ArgumentParser(prog="python -m codriver", description=__doc__)
    parser.add_argument("--version", action="version", version=codriver.__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    doctor = commands.add_parser("doctor", help="is everything there for a conversation")
    doctor.add_argument("--cli-path", help="the runtime's program")
    doctor.add_argument("--json", action="store_true", help="the report as JSON")
    given = parser.parse_args(arguments)
    report = asyncio.run(_doctor(given.cli_path))
    if given.json:
        print(json.dumps(report))
    else:
        _show(report)
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
