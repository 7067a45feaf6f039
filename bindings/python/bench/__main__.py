"""Measures this package beside the official one on the same mock runtime, and prints one JSON object.

`bindings/python/bench/run` makes the two environments and calls this. Each number is the best of some rounds in which
the two sides take turns, because a busy machine makes a number worse, never better.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

#: Case: what it is called with on our side and on the official one (none: there is none), the number it is about, and
#: whether less is better.
CASES: dict[str, tuple[int, int | None, str, bool]] = {
    "imports": (1, 1, "import_ms", True),
    "events": (1_000_000, 20_000, "per_second", False),
    "read_events": (500_000, 20_000, "per_second", False),
    "ping": (5_000, 2_000, "median_us", True),
    "filesystem": (5_000, None, "mean_us", True),
    "sessions": (500, 500, "kib_per_session", True),
}

#: What is asked for: of our numbers and the official ones.
TARGETS: dict[str, tuple[str, Any]] = {
    "imports": ("<= 80 ms and <= 1/8", lambda o, t: o["import_ms"] <= 80 and o["import_ms"] * 8 <= t["import_ms"]),
    "events": (
        ">= 250 k/s, >= 40 times, 0 lost",
        lambda o, t: o["per_second"] >= 250e3 and o["per_second"] >= 40 * t["per_second"] and o["lost"] == 0,
    ),
    "ping": ("<= 1/3", lambda o, t: o["median_us"] * 3 <= t["median_us"]),
    "filesystem": ("<= 150 us", lambda o, t: o["mean_us"] <= 150),
}


def measured(python: str, side: str, case: str, count: int) -> dict[str, float]:
    command = [python, str(HERE / f"{side}.py"), case, str(count)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=600, check=True, env=os.environ)
    return dict(json.loads(ended.stdout.splitlines()[-1]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--official-python", help="the interpreter that has the official package")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, one round")
    parser.add_argument("--only", action="append", choices=CASES)
    given = parser.parse_args()
    report = {}
    for case, (count, official_count, number, less) in CASES.items():
        if given.only and case not in given.only:
            continue
        sides: dict[str, list[dict[str, float]]] = {"ours": [], "official": []}
        for _ in range(1 if given.quick else given.rounds):
            share = 10 if given.quick and count > 10 else 1
            sides["ours"].append(measured(sys.executable, "ours", case, count // share))
            if given.official_python and official_count is not None:
                sides["official"].append(measured(given.official_python, "official", case, max(1, official_count // share)))
        best = min if less else max
        row: dict[str, Any] = {side: best(rounds, key=lambda each: each[number]) for side, rounds in sides.items() if rounds}
        row["rounds"] = {side: [round(each[number], 1) for each in rounds] for side, rounds in sides.items() if rounds}
        if "official" in row:
            row["ratio"] = row["ours"][number] / row["official"][number]
        if case in TARGETS and ("official" in row or official_count is None):
            text, reached = TARGETS[case]
            row["target"], row["reached"] = text, bool(reached(row["ours"], row.get("official")))
        report[case] = row
        print(case, json.dumps(row), file=sys.stderr)
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
