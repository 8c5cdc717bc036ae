"""`python -m benchmarks`: run every workload and write the report to docs/."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import jax
import numpy as np

import functape
from benchmarks import _derivative_sources, _derivatives_by_hand, _hand_written, _tape_sources
from benchmarks._imports import import_times
from benchmarks._timing import Timing, Way, interleave

IMPORT_BUDGET = 0.15
"""The most seconds that `import functape` may take over `import jax`."""
DOCS = Path(__file__).parent.parent / "docs"


class Workload(NamedTuple):
    """One thing to time."""

    name: str
    tape: Callable[[Any], Any]
    hand_written: Callable[[], Any]
    steps: int
    budget: float
    """The most times the hand-written step that functape, undecorated, may take."""


def _perceptron(name: str, widths: tuple[int, ...], batch: int, steps: int, budget: float) -> Workload:
    return Workload(
        name,
        lambda tf: _tape_sources.perceptron(tf, widths, batch),
        lambda: _hand_written.perceptron(widths, batch),
        steps,
        budget,
    )


def _keras_perceptron(name: str, widths: tuple[int, ...], batch: int, steps: int, budget: float) -> Workload:
    return Workload(
        name,
        lambda tf: _tape_sources.keras_perceptron(tf, widths, batch),
        lambda: _hand_written.perceptron(widths, batch),
        steps,
        budget,
    )


DERIVATIVES = [
    Workload(
        "jacobian of an 8 x 64 sigmoid layer for its 64 x 64 kernel",
        _derivative_sources.sigmoid_jacobian,
        _derivatives_by_hand.sigmoid_jacobian,
        20,
        1.3,
    ),
    Workload(
        "Hessian-vector product of a two-layer tanh net, forward over reverse",
        _derivative_sources.hessian_vector_product,
        _derivatives_by_hand.hessian_vector_product,
        40,
        1.3,
    ),
    Workload(
        "Hessian for 64 parameters",
        _derivative_sources.full_hessian,
        _derivatives_by_hand.full_hessian,
        40,
        1.3,
    ),
]
"""Results are waited for in each step: nothing else asks for them."""

WORKLOADS = [
    *DERIVATIVES,
    Workload("scalar quadratic, SGD", _tape_sources.scalar_quadratic, _hand_written.scalar_quadratic, 2000, 4.0),
    _perceptron("32-32-10 perceptron, batch 64, Adam", (32, 32, 10), 64, 1000, 1.7),
    _perceptron("784-512-512-10 perceptron, batch 128, Adam", (784, 512, 512, 10), 128, 40, 1.05),
    _keras_perceptron("32-32-10 Keras model, batch 64, Adam", (32, 32, 10), 64, 1000, 2.0),
    _keras_perceptron("784-512-512-10 Keras model, batch 128, Adam", (784, 512, 512, 10), 128, 40, 1.1),
    Workload(
        "two convolutions with max-pooling, batch 64, Adam",
        lambda tf: _tape_sources.convolutional(tf, 64),
        lambda: _hand_written.convolutional(64),
        8,
        0.5,
    ),
    Workload(
        "the same as a Keras model",
        lambda tf: _tape_sources.keras_convolutional(tf, 64),
        lambda: _hand_written.convolutional(64),
        8,
        0.5,
    ),
    Workload(
        "Keras LSTM over 64 steps, batch 32, Adam",
        lambda tf: _tape_sources.recurrent(tf, 64, 32),
        lambda: _hand_written.recurrent(64, 32),
        40,
        1.1,
    ),
]


def ready(result: Any) -> Any:
    """The last of a step's results, once it is computed."""
    last = result[-1] if isinstance(result, list | tuple) else result
    array = last.__jax_array__() if hasattr(last, "__jax_array__") else last
    return jax.block_until_ready(array) if isinstance(array, jax.Array) else array


def waiting(step: Any, at_once: bool = False) -> tuple[Any, Any]:
    """A step that keeps its latest result, and a function that waits for it.

    **Arguments:**
    - `step`: does one step.
    - `at_once`: whether to wait in each step.
    """
    latest: list[Any] = [None]

    def run() -> None:
        latest[0] = ready(step()) if at_once else step()

    return run, lambda: np.asarray(latest[0])


def ways(workload: Workload, with_tensorflow: bool) -> list[Way]:
    """The ways of doing a workload; TensorFlow's where it is installed."""
    at_once = workload in DERIVATIVES
    found = [
        Way("jax.jit by hand", *waiting(workload.hand_written(), at_once)),
        Way("functape, undecorated", *waiting(workload.tape(functape), at_once)),
    ]
    if with_tensorflow:
        try:
            import tensorflow
        except ImportError:
            print("TensorFlow is not installed: its columns are left out.")
        else:
            # Eager Keras 3 on TensorFlow; a tenth of the steps tell enough.
            slow = 20 if workload.steps > 100 else 4
            found.append(Way("TensorFlow eager", *waiting(workload.tape(tensorflow), at_once), slow=slow))
            function = tensorflow.function(workload.tape(tensorflow))
            found.append(Way("TensorFlow function", *waiting(function, at_once), slow=4))
    return found


def report(results: dict[str, list[Timing]]) -> str:
    """A Markdown table of times a step and ratios to the hand-written one."""
    names = list(dict.fromkeys(timing.name for timings in results.values() for timing in timings))
    lines = ["| one step | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for workload, timings in results.items():
        by_name = {timing.name: timing for timing in timings}
        base = timings[0].median
        cells = [
            f"{by_name[name].median * 1e6:,.0f} us ({by_name[name].median / base:.2f}x)"
            if name in by_name
            else "absent"
            for name in names
        ]
        lines.append(f"| {workload} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Run the workloads, print the table, write docs/benchmarks.md and docs/benchmarks.json."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=21, help="rounds to take medians over")
    parser.add_argument("--only", default="", help="run workloads whose name contains this")
    parser.add_argument("--without-tensorflow", action="store_true")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a budget is passed; write nothing")
    options = parser.parse_args()
    results: dict[str, list[Timing]] = {}
    passed = []
    for workload in WORKLOADS:
        if options.only not in workload.name:
            continue
        timings = interleave(ways(workload, not options.without_tensorflow), workload.steps, options.rounds)
        results[workload.name] = timings
        ratio = timings[1].median / timings[0].median
        noise = (timings[0].high - timings[0].low) / timings[0].median
        print(f"{workload.name}: {ratio:.2f} times by hand (budget {workload.budget}); noise {noise:.0%}", flush=True)
        if ratio > workload.budget:
            passed.append(workload.name)
    imports = import_times(9)
    cost = imports[1].median - imports[0].median
    said = (
        f"`import functape` takes {cost:.2f} s over `import jax` ({imports[0].median:.2f} s; budget {IMPORT_BUDGET} s)."
    )
    if cost > IMPORT_BUDGET:
        passed.append("import")
    table = f"{report(results)}\n\n{said}"
    print(table)
    if options.check:
        raise SystemExit(f"Over budget: {', '.join(passed)}" if passed else 0)
    machine = {
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "device": jax.devices()[0].device_kind,
        "python": platform.python_version(),
        "jax": jax.__version__,
        "functape": functape.functape_version,
    }
    results["import"] = imports
    data = {name: [timing._asdict() for timing in timings] for name, timings in results.items()}
    (DOCS / "benchmarks.json").write_text(json.dumps({"machine": machine, "seconds": data}, indent=1) + "\n")
    described = ", ".join(f"{key} {value}" for key, value in machine.items())
    (DOCS / "benchmarks.md").write_text(
        f"# Benchmarks\n\nMedians of {options.rounds} interleaved rounds; written by `python -m benchmarks`.\n\n"
        f"{table}\n\nMachine: {described}.\n"
    )


main()
