"""The report's picture: each way's time relative to the hand-written step, and how a step's time grows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import _ways as ways
from benchmarks._budgets import Results
from benchmarks._workloads import OPS, VARIABLES

STYLES = {
    ways.HAND: ("black", "|"),
    ways.TAPE: ("tab:blue", "o"),
    ways.FUNCTION: ("tab:cyan", "D"),
    ways.FUNCTIONAL: ("tab:blue", "s"),
    ways.NNX: ("tab:green", "^"),
    ways.EAGER: ("tab:red", "o"),
    ways.TF_FUNCTION: ("tab:orange", "D"),
    ways.TF_JIT: ("tab:brown", "P"),
    ways.TORCH: ("tab:purple", "X"),
}
"""Colour and marker of each way."""


def draw(groups: dict[str, Results], path: Path) -> None:
    """Write the picture.

    **Arguments:**
    - `groups`: what was measured.
    - `path`: where to; the format is that of its ending.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    # The same numbers give the same file.
    plt.rcParams.update({"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.size": 9})
    compared = {
        name: figures
        for group, results in groups.items()
        if group not in (OPS, VARIABLES)
        for name, figures in results.items()
        if ways.HAND in figures
    }
    height = max(0.32 * len(compared) + 1.6, 5.5)
    figure = plt.figure(figsize=(13, height), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(2.4, 1))
    _ratios(figure.add_subplot(grid[:, 0]), compared)
    _growth(figure.add_subplot(grid[0, 1]), groups.get(OPS, {}), "ops recorded")
    _growth(figure.add_subplot(grid[1, 1]), groups.get(VARIABLES, {}), "variables trained")
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=4, frameon=False)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)


def _ratios(axes: Any, compared: Results) -> None:
    names = list(compared)
    for way, (colour, marker) in STYLES.items():
        if way == ways.HAND:
            continue
        rows = [row for row, name in enumerate(names) if way in compared[name]]
        ratios = [compared[names[row]][way].median / compared[names[row]][ways.HAND].median for row in rows]
        if rows:
            axes.plot(ratios, rows, linestyle="", color=colour, marker=marker, label=way, alpha=0.85)
    axes.axvline(1.0, color="black", linewidth=1)
    labels = [name.replace("`", "") for name in names]
    axes.set(xscale="log", yticks=range(len(names)), yticklabels=labels, xlabel="hand-written jax.jit step = 1")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(alpha=0.3)


def _growth(axes: Any, results: Results, what: str) -> None:
    counts = [int(name.split()[0].replace(",", "")) for name in results]
    for way, (colour, marker) in STYLES.items():
        points = [
            (count, results[name][way].median * 1e6)
            for count, name in zip(counts, results, strict=True)
            if way in results[name]
        ]
        if points:
            axes.plot(*zip(*points, strict=True), color=colour, marker=marker, label=way)
    axes.set(xscale="log", yscale="log", xlabel=what, ylabel="microseconds a step")
    axes.grid(alpha=0.3)
