"""What each measured ratio may be at most, one row each."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import NamedTuple

from benchmarks import _workloads as rows
from benchmarks._processes import AFTER_JAX
from benchmarks._timing import Figure, quartiles
from benchmarks._ways import EAGER, FIT, FUNCTION, FUNCTIONAL, GRAIN, HAND, HELD, JAX_FIT, TAPE, TF_FUNCTION, TORCH

Results = dict[str, dict[str, Figure]]
"""Figures by workload and way."""
Measure = Callable[[Results], list[float] | None]
"""Gives a number for each round, or None where something it needs was not run."""


class Budget(NamedTuple):
    """A number that must not grow.

    **Fields:**
    - `what`: what it is.
    - `measure`: gives it.
    - `most`: what it may be at most.
    - `target`: what is aimed at, where that is less.
    """

    what: str
    measure: Measure
    most: float
    target: float | None = None


class Found(NamedTuple):
    """A budget and what was measured."""

    budget: Budget
    median: float
    low: float
    high: float

    @property
    def over(self) -> bool:
        """Whether the budget is broken."""
        return self.median > self.budget.most


def _rounds(results: Results, workload: str, way: str) -> list[float] | None:
    figure = results.get(workload, {}).get(way)
    return figure and figure.rounds


def _together(combine: Callable[[float, float], float], *places: tuple[str, str]) -> Measure:
    """Round by round, a number from two figures."""

    def measure(results: Results) -> list[float] | None:
        first, second = (_rounds(results, *place) for place in places)
        if first is None or second is None:
            return None
        return [combine(one, other) for one, other in zip(first, second, strict=False)]

    return measure


def _ratio(workload: str, way: str = TAPE, to: str = HAND) -> Measure:
    return _together(lambda one, other: one / other, (workload, way), (workload, to))


def _microseconds_over(workload: str, way: str, to: str, divided_by: int = 1) -> Measure:
    return _together(lambda one, other: (one - other) * 1e6 / divided_by, (workload, way), (workload, to))


def _growth(name: Callable[[int], str], fewer: int, more: int) -> Measure:
    """How much more a single one costs among many."""
    return _together(lambda one, other: one / more / (other / fewer), (name(more), TAPE), (name(fewer), TAPE))


BUDGETS = (
    Budget(f"{rows.SCALAR}: undecorated / by hand", _ratio(rows.SCALAR), 4.0),
    Budget(f"{rows.SCALAR}: undecorated / TensorFlow eager", _ratio(rows.SCALAR, to=EAGER), 1 / 30),
    Budget(f"{rows.SMALL}: undecorated / by hand", _ratio(rows.SMALL), 1.7, 1.5),
    Budget(f"{rows.SMALL}: undecorated / TensorFlow eager", _ratio(rows.SMALL, to=EAGER), 1 / 30),
    Budget(f"{rows.SMALL}: tf.function / by hand", _ratio(rows.SMALL, FUNCTION), 1.5),
    Budget(f"{rows.SMALL_KERAS}: undecorated / by hand", _ratio(rows.SMALL_KERAS), 2.0, 1.5),
    Budget(f"{rows.SMALL_KERAS}: undecorated / TensorFlow eager", _ratio(rows.SMALL_KERAS, to=EAGER), 1 / 50),
    Budget(f"{rows.MIDDLE}: undecorated / by hand", _ratio(rows.MIDDLE), 1.05),
    Budget(f"{rows.MIDDLE}: tf.function / by hand", _ratio(rows.MIDDLE, FUNCTION), 1.05),
    Budget(f"{rows.MIDDLE_KERAS}: undecorated / by hand", _ratio(rows.MIDDLE_KERAS), 1.1),
    Budget(f"{rows.LARGE}: undecorated / by hand", _ratio(rows.LARGE), 1.02),
    *(
        Budget(f"{name}: undecorated / {text}", _ratio(name, to=to), most)
        for name in (rows.CONVOLUTIONAL, rows.CONVOLUTIONAL_KERAS)
        for text, to, most in (
            ("by hand", HAND, 0.5),
            ("TensorFlow's function", TF_FUNCTION, 1.0),
            ("PyTorch", TORCH, 1.0),
        )
    ),
    Budget(f"{rows.LSTM}: undecorated / by hand", _ratio(rows.LSTM), 1.1),
    Budget(f"{rows.LOOP}: tf.function / by hand", _ratio(rows.LOOP, FUNCTION), 1.3),
    Budget(f"{rows.SCANNED}: functionalized / by hand", _ratio(rows.SCANNED, FUNCTIONAL), 1.05),
    *(
        Budget(f"{name}: undecorated / {text}", _ratio(name, to=to), most)
        for name in (rows.JACOBIAN, rows.HVP, rows.HESSIAN)
        for text, to, most in (("by hand", HAND, 1.3), ("TensorFlow's function", TF_FUNCTION, 1.0))
    ),
    Budget(f"{rows.FIT_SMALL}: functape / Keras 3 on JAX", _ratio(rows.FIT_SMALL, FIT, JAX_FIT), 1.0),
    Budget(f"{rows.FIT_MIDDLE}: functape / Keras 3 on JAX", _ratio(rows.FIT_MIDDLE, FIT, JAX_FIT), 1.0),
    Budget(f"{rows.FIT_CONVOLUTIONAL}: functape / Keras 3 on JAX", _ratio(rows.FIT_CONVOLUTIONAL, FIT, JAX_FIT), 1.0),
    Budget(f"{rows.EPOCH}: functape / tf.data", _ratio(rows.EPOCH, to=EAGER), 1.0),
    Budget(f"{rows.MAPPED}: functape / grain", _ratio(rows.MAPPED, to=GRAIN), 1.0),
    Budget(f"{rows.FED}: fed / one batch again and again", _ratio(rows.FED, to=HELD), 1.1),
    Budget(f"{rows.UNIFORMS}: undecorated / TensorFlow eager", _ratio(rows.UNIFORMS, to=EAGER), 1.5),
    Budget(f"{rows.CALL}: tf.function - jax.jit, in microseconds", _microseconds_over(rows.CALL, FUNCTION, HAND), 5.0),
    Budget(
        "an op among 10,000, recorded: undecorated - by hand, in microseconds",
        _microseconds_over(rows.ops(10_000), TAPE, HAND, 10_000),
        2.0,
    ),
    Budget("an op among 10,000 / an op among 1,000", _growth(rows.ops, 1000, 10_000), 1.25),
    Budget("a variable among 2,000 / a variable among 500", _growth(rows.variables, 500, 2000), 1.25),
    *(
        Budget(f"{name}: undecorated / by hand", _ratio(name), 1.2)
        for name in (rows.COLD_SMALL, rows.COLD_CONVOLUTIONAL)
    ),
    Budget("import functape after jax, in seconds", lambda results: _rounds(results, rows.IMPORT, AFTER_JAX), 0.15),
    *(Budget(f"{name}: undecorated / by hand", _ratio(name), 1.1) for name in (rows.MEMORY, rows.MEMORY_KEPT)),
)


def judge(results: Results) -> list[Found]:
    """The budgets of which everything was measured, each with the median and the quartiles over the rounds."""
    found = []
    for budget in BUDGETS:
        rounds = budget.measure(results)
        if rounds:
            found.append(Found(budget, statistics.median(rounds), *quartiles(rounds)))
    return found
