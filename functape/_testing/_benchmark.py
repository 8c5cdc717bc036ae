"""`tf.test.main`, and benchmarks as methods of a class."""

from __future__ import annotations

import sys
import time
import unittest
from collections.abc import Callable
from typing import Any

import numpy as np


def main(argv: list[str] | None = None) -> None:
    """Run the tests of the program (`tf.test.main`), as `unittest.main`.

    **Arguments:**
    - `argv`: the command line; that of this process by default.
    """
    unittest.main(module="__main__", argv=list(sys.argv if argv is None else argv))


def benchmark_config() -> dict[str, Any]:
    """Options for benchmarks (`tf.test.benchmark_config`); none are needed."""
    return {}


class Benchmark:
    """Base of classes whose methods measure something and report it (`tf.test.Benchmark`)."""

    def report_benchmark(
        self, iters: Any = None, cpu_time: Any = None, wall_time: Any = None, throughput: Any = None,
        extras: Any = None, name: str | None = None, metrics: Any = None,
    ) -> None:  # fmt: skip
        """Print what was measured."""
        given = {"iters": iters, "cpu_time": cpu_time, "wall_time": wall_time, "throughput": throughput}
        shown = {key: value for key, value in (given | (extras or {})).items() if value is not None}
        sys.stdout.write(f"{name or type(self).__name__}: {shown}\n")

    def evaluate(self, tensors: Any) -> Any:
        """The values of tensors in nested structures, as NumPy arrays."""
        from functape._core._structures import map_structure

        return map_structure(lambda each: each.numpy() if hasattr(each, "numpy") else np.asarray(each), tensors)

    def time_calls(self, function: Callable[[], Any], calls: int = 10) -> float:
        """The median of the seconds that calls take."""
        taken = []
        for _ in range(calls):
            begun = time.perf_counter()
            function()
            taken.append(time.perf_counter() - begun)
        return float(np.median(taken))
