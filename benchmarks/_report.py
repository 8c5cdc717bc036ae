"""The report: Markdown tables of times and ratios, and of the budgets; the same numbers as JSON."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

from benchmarks._budgets import Found, Results
from benchmarks._ways import WAYS
from benchmarks._workloads import PEAK

PACKAGES = ("jax", "jaxlib", "flax", "optax", "numpy", "grain", "keras", "tensorflow", "tensorflow-cpu", "torch")


def machine() -> dict[str, Any]:
    """What it ran on: hardware, Python, and the versions of the libraries."""
    import jax

    import functape
    from functape._engine._hot import native

    found: dict[str, Any] = {
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "device": jax.devices()[0].device_kind,
        "python": platform.python_version(),
        "functape": f"{functape.functape_version}, recording in {'Python' if native is None else 'C'}",
    }
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def amount(value: float, group: str) -> str:
    """A time or a size with its unit."""
    if group == PEAK:
        return f"{value:,.0f} MB"
    for unit, scale, below in (("us", 1e6, 1e-3), ("ms", 1e3, 1.0)):
        if value < below:
            number = value * scale
            return f"{number:.3g} {unit}" if number < 100 else f"{number:,.0f} {unit}"
    return f"{value:.2f} s"


def table(group: str, results: Results, notes: dict[str, dict[str, str]]) -> str:
    """A group's workloads by way: medians, and in brackets the ratio to the first column that has a number."""
    ran = {way for name in results for way in [*results[name], *notes.get(name, {})]}
    order = [way.name for way in WAYS if way.name in ran]
    columns = order + sorted(ran - set(order))
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, figures in results.items():
        base = next((figures[way] for way in columns if way in figures), None)
        cells = []
        for way in columns:
            note = notes.get(name, {}).get(way, "")
            if way not in figures or base is None:
                cells.append(note)
                continue
            ratio = f" ({figures[way].median / base.median:.3g}x)"
            cells.append(amount(figures[way].median, group) + ratio + (f" *{note}*" if note else ""))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return f"## {group}\n\n" + "\n".join(lines)


def number(value: float) -> str:
    """Three digits."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def budget_table(found: list[Found]) -> str:
    """The budgets, what was measured, and whether they hold."""
    lines = ["| | measured | quartiles | budget | target | |", "|---|---|---|---|---|---|"]
    for each in found:
        budget = each.budget
        target = "" if budget.target is None else number(budget.target)
        within = each.low <= budget.most
        verdict = ("over, within the noise" if within else "**over**") if each.over else ""
        if not verdict and budget.target is not None and each.median > budget.target:
            verdict = "above the target"
        measured = f"{number(each.median)} | {number(each.low)} to {number(each.high)}"
        lines.append(f"| {budget.what} | {measured} | {number(budget.most)} | {target} | {verdict} |")
    return "## Budgets\n\n" + "\n".join(lines)


def document(
    groups: dict[str, Results], notes: dict[str, dict[str, str]], left_out: list[str], found: list[Found], rounds: int
) -> str:
    """The whole report."""
    described = "\n".join(f"- {key}: {value}" for key, value in machine().items())
    absent = "".join(f"\n- {each}" for each in left_out)
    parts = [
        "# Benchmarks",
        "Written by `python -m benchmarks`. Times of one step: medians over "
        f"{rounds} rounds (fewer where a round is long) in which the ways take turns; in brackets the ratio to the "
        "first number of the row. The budgets are ratios taken round by round, with their quartiles.",
        "![Times relative to the hand-written step](benchmarks.svg)",
        budget_table(found),
        *(table(group, results, notes) for group, results in groups.items() if results),
        f"## Machine\n\n{described}",
    ]
    if absent:
        parts.append(f"Left out:\n{absent}")
    return "\n\n".join(parts) + "\n"


def as_json(
    groups: dict[str, Results], notes: dict[str, dict[str, str]], left_out: list[str], found: list[Found]
) -> dict[str, Any]:
    """The same for programs; seconds a step (megabytes for memory), round by round."""
    return {
        "machine": machine(),
        "left_out": left_out,
        "notes": notes,
        "figures": {
            group: {
                name: {
                    way: {
                        "median": figure.median,
                        "quartiles": figure.quartiles,
                        "rounds": [float(f"{each:.4g}") for each in figure.rounds],
                    }
                    for way, figure in figures.items()
                }
                for name, figures in results.items()
            }
            for group, results in groups.items()
        },
        "budgets": [
            {
                "what": each.budget.what,
                "median": each.median,
                "quartiles": [each.low, each.high],
                "budget": each.budget.most,
                "target": each.budget.target,
                "over": each.over,
            }
            for each in found
        ],
    }
