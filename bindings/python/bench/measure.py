"""What both sides measure with."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

MOCK = os.environ.get("MOCK_RUNTIME", "")


def rss_mb() -> float:
    """Resident memory of this process, the runtime's not counted."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def deltas_in(text: str) -> int:
    """How many deltas of the firehose a text is made of: each is a number, one space and filler. Some may have been merged."""
    return text.count(" ")


async def calls(call: Callable[[], Awaitable[Any]], count: int) -> dict[str, float]:
    """One after the other, the first ones not counted."""
    took = []
    cpu = time.process_time()
    for number in range(count + count // 10):
        began = time.perf_counter()
        await call()
        if number >= count // 10:
            took.append((time.perf_counter() - began) * 1e6)
    cpu_us = (time.process_time() - cpu) * 1e6 / (count + count // 10)
    took.sort()
    return {"median_us": statistics.median(took), "p99_us": took[len(took) * 99 // 100], "cpu_us": cpu_us}


def main(cases: dict[str, Callable[[int], Awaitable[dict[str, float]]]], arguments: list[str]) -> None:
    numbers = asyncio.run(cases[arguments[1]](int(arguments[2])))  # type: ignore[arg-type]
    print(json.dumps(numbers), flush=True)
