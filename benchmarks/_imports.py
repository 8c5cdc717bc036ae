"""What `import functape` costs over `import jax`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks._timing import Timing


def import_times(rounds: int) -> list[Timing]:
    """Seconds a fresh interpreter takes to import each, interleaved."""
    seconds: dict[str, list[float]] = {"jax": [], "functape": []}
    for _ in range(rounds + 1):
        for module, taken in seconds.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
            taken.append(time.perf_counter() - began)
    timings = []
    for module, taken in seconds.items():
        low, median, high = statistics.quantiles(taken[1:], n=4)
        timings.append(Timing(f"import {module}", median, low, high))
    return timings
