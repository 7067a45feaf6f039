"""Measures this package beside the official one on the same mock runtime, and prints a table.

`bindings/python/bench/run` makes the two environments and calls this. Each number is the median of some rounds in which
the two sides take turns; all rounds go to standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Case:
    """What is measured, and how much of it on each side (`None`: the official package has no such thing)."""

    title: str
    count: int
    official_count: int | None
    #: The number it is about, and its unit.
    number: str
    unit: str
    #: What else is shown: numbers and their words.
    more: dict[str, str] = field(default_factory=dict)
    target: str = "–"
    reached: Callable[[dict[str, float], dict[str, float]], bool] | None = None


MEMORY = {"mb": "MB"}
CASES = {
    "imports": Case(
        "`import`",
        1,
        1,
        "import_ms",
        "ms",
        {"client_ms": "ms until there is a client", **MEMORY},
        "≤ 80 ms and ≤ 1/8",
        lambda ours, official: ours["import_ms"] <= 80 and ours["import_ms"] * 8 <= official["import_ms"],
    ),
    "events": Case(
        "events to a handler",
        1_000_000,
        20_000,
        "per_second",
        "events/s",
        {"lost": "lost", "cpu_us_per_event": "µs CPU each", **MEMORY},
        "≥ 250 k/s, ≥ 40 times, 0 lost",
        lambda ours, official: (
            ours["per_second"] >= 250e3 and ours["per_second"] >= 40 * official["per_second"] and ours["lost"] == 0
        ),
    ),
    "read_events": Case(
        "events, the handler reads the text",
        500_000,
        20_000,
        "per_second",
        "events/s",
        {"lost": "lost", "cpu_us_per_event": "µs CPU each", **MEMORY},
    ),
    "ping": Case(
        "`ping`",
        5_000,
        2_000,
        "median_us",
        "µs",
        {"p99_us": "µs p99", "cpu_us": "µs CPU"},
        "≤ 1/3",
        lambda ours, official: ours["median_us"] * 3 <= official["median_us"],
    ),
    "filesystem": Case(
        "filesystem call into Python and back",
        5_000,
        None,
        "mean_us",
        "µs",
        {"cpu_us": "µs CPU"},
        "≤ 150 µs",
        lambda ours, _: ours["mean_us"] <= 150,
    ),
    "sessions": Case("an idle session", 500, 500, "kib_per_session", "KiB", MEMORY),
}


def measured(python: str, side: str, case: str, count: int) -> dict[str, float]:
    command = [python, str(HERE / f"{side}.py"), case, str(count)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=600, check=True, env=os.environ)
    return dict(json.loads(ended.stdout.splitlines()[-1]))


def medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    """The medians; of what was lost the most, or else a loss would hide behind the other rounds."""
    return {name: (max if name == "lost" else median)(each[name] for each in rounds) for name in rounds[0]}


def said(case: Case, numbers: dict[str, float]) -> str:
    first = f"**{numbers[case.number]:,.{0 if numbers[case.number] >= 1000 else 1}f}** {case.unit}"
    return ", ".join([first, *(f"{numbers[name]:,.4g} {words}" for name, words in case.more.items() if name in numbers)])


def row(case: Case, ours: dict[str, float], official: dict[str, float] | None) -> str:
    ratio = "–" if official is None else f"{ours[case.number] / official[case.number]:.3g}"
    verdict = ""
    if case.reached is not None and (official is not None or case.official_count is None):
        verdict = ": reached" if case.reached(ours, official or {}) else ": **missed**"
    theirs = "–" if official is None else said(case, official)
    return f"| {case.title} | {theirs} | {said(case, ours)} | {ratio} | {case.target}{verdict} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--official-python", help="the interpreter that has the official package")
    parser.add_argument("--official", default="", help="what the official package is called, for the head of the table")
    parser.add_argument("--commit", default="unknown", help="what is measured, for the head of the table")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, one round")
    parser.add_argument("--only", action="append", choices=CASES)
    given = parser.parse_args()
    rounds = 1 if given.quick else given.rounds
    rows = []
    for name, case in CASES.items():
        if given.only and name not in given.only:
            continue
        sides: dict[str, list[dict[str, float]]] = {"ours": [], "official": []}
        for _ in range(rounds):
            share = 10 if given.quick and case.count > 10 else 1
            sides["ours"].append(measured(sys.executable, "ours", name, case.count // share))
            if given.official_python and case.official_count is not None:
                count = max(1, case.official_count // share)
                sides["official"].append(measured(given.official_python, "official", name, count))
        print(name, json.dumps(sides), file=sys.stderr)
        rows.append(row(case, medians(sides["ours"]), medians(sides["official"]) if sides["official"] else None))
    print(
        f"Codriver {given.commit} for Python beside `{given.official}`, CPython {platform.python_version()}; "
        f"{os.cpu_count()} cores, load average {os.getloadavg()[2]:.2f} over the last 15 minutes; medians of {rounds} rounds.\n"
    )
    print("| | official | codriver | ratio | target |\n|---|---|---|---|---|", *rows, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
