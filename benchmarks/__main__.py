"""Speed, side by side: run every workload every way there is, interleaved, and write the report.

python -m benchmarks                        # all of it; writes docs/benchmarks.md, .json and .svg
python -m benchmarks --only perceptron      # workloads and groups whose name contains this; writes nothing
python -m benchmarks --without tensorflow   # leaves a library out
python -m benchmarks --check                # exit status 1 if a budget is broken; writes nothing
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import _processes, _ways
from benchmarks._budgets import Found, Results, judge
from benchmarks._report import amount, as_json, budget_table, document, number
from benchmarks._timing import Figure, Here, interleave
from benchmarks._ways import WAYS, Way, source
from benchmarks._workloads import (
    AFTER_IMPORTS,
    COLD,
    IMPORT,
    IMPORTING,
    LARGEST,
    PEAK,
    STARTING,
    WORKLOADS,
    Workload,
)

DOCS = Path(__file__).parent.parent / "docs"
SAME = 2e-3
"""How far apart, relatively, the first results of two ways of running a workload may be."""


class Benchmark:
    """One run of the command: what is measured, and what is noted on the way."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.rounds = 3 if options.quick else options.rounds
        self.seconds = 0.02 if options.quick else 0.05
        self.fresh = 1 if options.quick else 3
        self.only: str = options.only.lower()
        self.without = {each.lower() for each in options.without}
        self.groups: dict[str, Results] = {}
        self.notes: dict[str, dict[str, str]] = {}
        """By workload and way, what is to be said beside the number, or in its place."""
        self.left_out = self._left_out()

    def run(self) -> list[Found]:
        """Measure everything asked for, and judge it."""
        for workload in WORKLOADS:
            if self._wanted(workload.name, workload.group):
                self._put(workload.group, workload.name, self._timed(workload))
        for workload in COLD:
            if self._wanted(workload.name, workload.group):
                self._cold(workload)
        for workload in LARGEST:
            if self._wanted(workload.name, workload.group):
                self._put(PEAK, workload.name, self._peaks(workload))
        if self._wanted(IMPORT, IMPORTING):
            self._put(IMPORTING, IMPORT, _processes.import_times(3 * self.fresh, self.without))
        return judge({name: figures for results in self.groups.values() for name, figures in results.items()})

    def _wanted(self, name: str, group: str) -> bool:
        return self.only in name.lower() or self.only in group.lower()

    def _left_out(self) -> list[str]:
        """What will not be run, and why."""
        said = []
        for way in WAYS:
            reason = f"{way.package} is left out" if way.package in self.without else way.absent()
            if reason:
                said.append(f"{way.name}: {reason}")
        return said

    def _ways(self, workload: Workload) -> list[Way]:
        return [
            way
            for way in WAYS
            if way.column in workload.sources
            and (not workload.only or way.name in workload.only)
            and way.package not in self.without
            and not way.absent()
        ]

    def _put(self, group: str, name: str, figures: dict[str, Figure]) -> None:
        self.groups.setdefault(group, {})[name] = figures
        described = ", ".join(f"{way} {amount(figure.median, group)}" for way, figure in figures.items())
        print(f"[{time.perf_counter() - BEGAN:4.0f} s] {name}: {described}", flush=True)

    def _note(self, workload: Workload, way: Way, text: str) -> None:
        self.notes.setdefault(workload.name, {})[way.name] = text
        print(f"    {workload.name}, {way.name}: {text}", flush=True)

    def _failed(self, workload: Workload, way: Way, error: Exception) -> None:
        self._note(workload, way, f"fails: {type(error).__name__}")
        first = str(error).strip().split("\n")[0]
        print(f"        {first[:200]}", flush=True)

    def _timed(self, workload: Workload) -> dict[str, Figure]:
        """The figures of one workload, all ways interleaved."""
        runners: dict[str, Any] = {}
        expected: Any = None
        for way in self._ways(workload):
            try:
                if way.alone:
                    runners[way.name] = _processes.Apart(way, workload)
                    continue
                step = way.prepare(source(workload.sources[way.column]), workload.size)
                first = step()
                way.wait(first)
                if workload.same:
                    expected = self._compared(workload, way, first, expected)
                runners[way.name] = Here(step, way.wait, workload.each)
            except Exception as error:  # another library's, of whatever kind: the rest is measured all the same
                self._failed(workload, way, error)
        try:
            return interleave(runners, workload.steps, self.rounds, self.seconds) if runners else {}
        finally:
            for runner in runners.values():
                if isinstance(runner, _processes.Apart):
                    runner.close()
            runners.clear()
            gc.collect()

    def _compared(self, workload: Workload, way: Way, result: Any, expected: Any) -> Any:
        """The first way's first result; a way that computes something else is told of."""
        import numpy as np

        value = _ways.last(result)
        if expected is None:
            return value
        if not np.allclose(value, expected, rtol=SAME, atol=SAME * float(np.max(np.abs(expected)))):
            self._note(workload, way, "computes something else")
        return expected

    def _cold(self, workload: Workload) -> None:
        whole: dict[str, Figure] = {}
        after: dict[str, Figure] = {}
        for turn in range(self.fresh + 1):
            for way in self._ways(workload):
                try:
                    taken, after_imports = _processes.cold_start(way, workload)
                except Exception as error:
                    self._failed(workload, way, error)
                    continue
                if not turn:
                    # The first time, bytecode is written and files are read from the disk.
                    continue
                whole.setdefault(way.name, Figure([])).rounds.append(taken)
                after.setdefault(way.name, Figure([])).rounds.append(after_imports)
        self._put(STARTING, workload.name, whole)
        self._put(STARTING, workload.name + AFTER_IMPORTS, after)

    def _peaks(self, workload: Workload) -> dict[str, Figure]:
        figures = {}
        for way in self._ways(workload):
            try:
                figures[way.name] = Figure([_processes.peak_memory(way, workload)])
            except Exception as error:
                self._failed(workload, way, error)
        return figures


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--only", default="", metavar="NAME", help="workloads and groups whose name contains this")
    made.add_argument(
        "--without", action="append", default=[], metavar="PACKAGE", help="leave a package's ways out: tensorflow, ..."
    )
    made.add_argument("--rounds", type=int, default=15, help="rounds to take medians over")
    made.add_argument("--quick", action="store_true", help="few and short rounds: does everything run?")
    made.add_argument("--check", action="store_true", help="exit with 1 if a budget is broken; write nothing")
    made.add_argument(
        "--output", type=Path, metavar="FOLDER", help="where to write the report; docs/ after a whole run"
    )
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = parser().parse_args(arguments)
    benchmark = Benchmark(options)
    for each in benchmark.left_out:
        print(f"Left out: {each}")
    found = benchmark.run()
    print(f"\n{budget_table(found)}\n")
    partly = options.only or options.without or options.quick or options.check
    folder = options.output or (None if partly else DOCS)
    if folder is not None:
        write(benchmark, found, folder)
    broken = [f"{each.budget.what}: {number(each.median)}" for each in found if each.over]
    if broken:
        print("Over budget:\n" + "\n".join(f"- {each}" for each in broken))
    return 1 if options.check and broken else 0


def write(benchmark: Benchmark, found: list[Found], folder: Path) -> None:
    """Write the report's three files."""
    folder.mkdir(parents=True, exist_ok=True)
    reported = benchmark.groups, benchmark.notes, benchmark.left_out, found
    (folder / "benchmarks.json").write_text(json.dumps(as_json(*reported), indent=1) + "\n")
    (folder / "benchmarks.md").write_text(document(*reported, benchmark.rounds))
    if importlib.util.find_spec("matplotlib"):
        from benchmarks._plot import draw

        draw(benchmark.groups, folder / "benchmarks.svg")
    else:
        print("matplotlib is not installed: the picture is left as it was.")
    print(f"Written: {folder}/benchmarks.md, .json and .svg")


def be_quiet() -> None:
    """Let the libraries print less, share a GPU, and Keras 3 run on TensorFlow; before any of them is imported."""
    os.environ.update(_ways.environment(_ways.BY_NAME[_ways.EAGER]))
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)


BEGAN = time.perf_counter()

if __name__ == "__main__":
    be_quiet()
    sys.exit(main())
