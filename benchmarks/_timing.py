"""Timing several ways of doing one thing in one run, interleaved, so that they share the machine's moods."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

Step = Callable[[], object]


class Way(NamedTuple):
    """One way of doing a workload."""

    name: str
    step: Step
    """Does one step, without waiting for it."""
    finish: Step
    """Waits until all steps are done."""
    slow: int = 1
    """How many times fewer steps to time (for ways that are slow)."""


class Timing(NamedTuple):
    """Seconds a step took."""

    name: str
    median: float
    low: float
    high: float


def interleave(ways: list[Way], steps: int, rounds: int, warm_up: int = 20) -> list[Timing]:
    """Time the ways in turn, `rounds` times.

    **Arguments:**
    - `ways`: what to time.
    - `steps`: steps a round.
    - `rounds`: rounds; the median over them is the figure, the quartiles tell the machine's noise.
    - `warm_up`: steps before the first round, in which everything compiles.
    """
    for way in ways:
        for _ in range(max(warm_up // way.slow, 3)):
            way.step()
        way.finish()
    seconds: dict[str, list[float]] = {way.name: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            count = max(steps // way.slow, 1)
            began = time.perf_counter()
            for _ in range(count):
                way.step()
            way.finish()
            seconds[way.name].append((time.perf_counter() - began) / count)
    timings = []
    for way in ways:
        low, median, high = statistics.quantiles(seconds[way.name], n=4)
        timings.append(Timing(way.name, median, low, high))
    return timings
