"""Processes of their own: a way whose Keras needs another backend, first steps from nothing, peak memory, imports.

`python -m benchmarks._processes WAY WORKLOAD MODE` is such a process. It speaks in lines of JSON, marked so that what a
library prints is not mistaken for them.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks._timing import Figure, Here
from benchmarks._ways import BY_NAME, Way, environment, source
from benchmarks._workloads import COLD, LARGEST, WORKLOADS, Workload

MARK = "benchmarks: "
AFTER_JAX = "functape, after jax"
"""What importing functape adds to importing JAX."""
ROOT = Path(__file__).parent.parent
MODES = {"rounds": WORKLOADS, "cold": COLD, "memory": LARGEST}


class Apart:
    """Runs a way in a process of its own, which waits between the rounds."""

    def __init__(self, way: Way, workload: Workload) -> None:
        self._process = _start(way, workload, "rounds")
        self.first = _line(self._process)

    def run(self, count: int) -> float:
        """As `Runner.run`."""
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        return float(_line(self._process))

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def cold_start(way: Way, workload: Workload) -> tuple[float, float]:
    """Seconds from starting Python to the first result, and those of them that followed the imports."""
    began = time.perf_counter()
    process = _start(way, workload, "cold")
    after_imports = float(_line(process))
    taken = time.perf_counter() - began
    process.communicate()
    return taken, after_imports


def peak_memory(way: Way, workload: Workload) -> float:
    """The megabytes that building a model of 48 million parameters and five steps of Adam take at most."""
    process = _start(way, workload, "memory")
    megabytes = float(_line(process))
    process.communicate()
    return megabytes


def import_times(rounds: int, without: set[str]) -> dict[str, Figure]:
    """Seconds that imports take in fresh processes."""
    scripts = {
        "jax": ("jax", ("jax",)),
        AFTER_JAX: ("functape", ("jax", "functape")),
        "tensorflow": ("tensorflow", ("tensorflow",)),
        "torch": ("torch", ("torch",)),
    }
    program = (
        "import importlib, sys, time\nfor name in sys.argv[1:]:\n    began = time.perf_counter()\n"
        "    importlib.import_module(name)\nprint(f'{time.perf_counter() - began}')"
    )
    figures: dict[str, Figure] = {}
    for number in range(rounds + 1):
        for name, (package, modules) in scripts.items():
            way = next(way for way in BY_NAME.values() if way.package == package)
            if package in without or way.absent():
                continue
            command = [sys.executable, "-c", program, *modules]
            output = subprocess.run(command, cwd=ROOT, env=environment(way), check=True, capture_output=True, text=True)
            if number:
                # The first round reads the files from disk.
                figures.setdefault(name, Figure([])).rounds.append(float(output.stdout.split()[-1]))
    return figures


def _start(way: Way, workload: Workload, mode: str) -> Any:
    command = [sys.executable, "-m", "benchmarks._processes", way.name, workload.name, mode]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, cwd=ROOT, env=environment(way), text=True, **pipes)


def _line(process: Any) -> Any:
    for line in process.stdout:
        if line.startswith(MARK):
            return json.loads(line.removeprefix(MARK))
    raise RuntimeError(f"A process ended with status {process.wait()}: {' '.join(process.args[2:])}")


def _say(value: Any) -> None:
    sys.stdout.write(f"{MARK}{json.dumps(value)}\n")
    sys.stdout.flush()


def _rounds(way: Way, workload: Workload) -> None:
    step = way.prepare(source(workload.sources[way.column]), workload.size)
    way.wait(step())
    _say(0.0)
    runner = Here(step, way.wait, workload.each)
    for line in sys.stdin:
        _say(runner.run(int(line)))


def _cold(way: Way, workload: Workload) -> None:
    program = source(workload.sources[way.column])
    __import__(way.package)
    began = time.perf_counter()
    step = way.prepare(program, workload.size)
    way.wait(step())
    _say(time.perf_counter() - began)


def _memory(way: Way, workload: Workload) -> None:
    program = source(workload.sources[way.column])
    __import__(way.package)
    before = _peak(way)
    step = way.prepare(program, workload.size)
    for _ in range(5):
        result = step()
        way.wait(result)
    _say((_peak(way) - before) / 1e6)


def _peak(way: Way) -> float:
    """The most bytes that were in use so far: on the GPU if the library computes there, else in the process."""
    if way.package in ("jax", "functape", "flax"):
        import jax

        jax.block_until_ready(jax.jit(lambda x: x + 1)(1.0))
        statistics = jax.devices()[0].memory_stats()
        if statistics:
            return statistics["peak_bytes_in_use"]
    if way.package == "torch":
        import torch

        if torch.cuda.is_available():
            return torch.cuda.max_memory_allocated()
    if way.package == "tensorflow":
        import tensorflow

        if tensorflow.config.list_physical_devices("GPU"):
            return tensorflow.config.experimental.get_memory_info("GPU:0")["peak"]
    # Linux counts what the parent process held in `ru_maxrss`; this count begins with the process itself.
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(way: str, workload: str, mode: str) -> None:
    """Be the process for one way of one workload."""
    found = next(each for each in MODES[mode] if each.name == workload)
    {"rounds": _rounds, "cold": _cold, "memory": _memory}[mode](BY_NAME[way], found)


if __name__ == "__main__":
    main(*sys.argv[1:])
