"""Timing several ways of doing one thing in one run, interleaved, so that they share the machine's moods."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol


class Runner(Protocol):
    """A way of doing one workload, ready to be run."""

    def run(self, count: int) -> float:
        """The seconds that so many calls take, all results computed."""


class Figure(NamedTuple):
    """What was measured of one way of one workload: round by round, in seconds (or megabytes)."""

    rounds: list[float]

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return statistics.median(self.rounds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Between which half of the rounds lie: the noise."""
        return quartiles(self.rounds)


def quartiles(values: list[float]) -> tuple[float, float]:
    """The first and the third."""
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


class Here:
    """Runs a step in this process."""

    def __init__(self, step: Callable[[], Any], wait: Callable[[Any], None], each: bool) -> None:
        self._step, self._wait, self._each = step, wait, each

    def run(self, count: int) -> float:
        """As `Runner.run`."""
        step, wait, each = self._step, self._wait, self._each
        began = time.perf_counter()
        for _ in range(count):
            result = step()
            if each:
                wait(result)
        wait(result)
        return time.perf_counter() - began


def interleave(runners: dict[str, Runner], steps: int, rounds: int, seconds: float) -> dict[str, Figure]:
    """Time the ways in turn.

    **Arguments:**
    - `runners`: what to time, by name. All have run once.
    - `steps`: how many steps one call does.
    - `rounds`: rounds to take; at least 3 are, and fewer if they would take more than `60 * seconds` a way.
    - `seconds`: about how long each way runs in a round.

    **Returns:** the seconds a step took in each round.
    """
    counts = {}
    for name, runner in runners.items():
        began = time.perf_counter()
        taken = runner.run(1)
        # What compiles late compiles in the first calls.
        for _ in range(3):
            if time.perf_counter() - began < 20 * seconds:
                taken = min(taken, runner.run(1))
        if taken < seconds:
            few = max(int(seconds / 5 / taken), 1)
            taken = runner.run(few) / few
        counts[name] = max(int(seconds / taken), 1)
        rounds = max(min(rounds, int(60 * seconds / (counts[name] * taken))), 3)
    figures = {name: Figure([]) for name in runners}
    # What other libraries hold is not to be looked through each time Python collects garbage.
    gc.collect()
    gc.freeze()
    try:
        for number in range(rounds):
            for name in list(runners)[:: 1 if number % 2 else -1]:
                count = counts[name]
                figures[name].rounds.append(runners[name].run(count) / (count * steps))
    finally:
        gc.unfreeze()
    return figures
