"""Branches of a traced program: one of several traces is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import jax.numpy as jnp
from jax import lax

from functape._core._convert import convert
from functape._engine._avals import Aval
from functape._engine._recorder import Cell, local
from functape._engine._staged import Staged, stage
from functape._engine._staged_op import Captures, StagedOp, cells_written, record_work
from functape._engine._trace import ValueNeeded
from functape.function._structure import Static, Template, put_together, take_apart

COND = StagedOp("If")
"""`(index, *captures)`: the branch with this number, or for a bool the first if it is true and else the second."""


class Branches:
    """What a `COND` does.

    **Arguments:**
    - `traces`: the branches, which have no inputs but what they capture.
    - `captures`: what they capture together.
    - `cells`: the cells that any of them writes.
    - `avals`: of the outputs: the results, and the cells' values.
    """

    def __init__(
        self, traces: Sequence[Staged], captures: Captures, cells: Sequence[Cell], avals: tuple[Aval, ...]
    ) -> None:
        self.traces = tuple(traces)
        self.places = tuple(captures.places(trace) for trace in traces)
        self.cells = tuple((cell, captures.place(cell)) for cell in cells)
        self.output_avals = avals
        self.effects = any(trace.effects for trace in traces)

    def _outputs(self, trace: Staged) -> list[int | tuple[str, int]]:
        """For each output, which of the trace's it is; for a cell it does not write, where the cell's value is."""
        count = len(trace.results)
        written = {id(cell): count + index for index, (cell, _) in enumerate(trace.writes)}
        found: list[Any] = list(range(count))
        for cell, place in self.cells:
            found.append(written.get(id(cell), ("kept", place)))
        return found

    @cached_property
    def varying(self) -> tuple[frozenset[int], ...]:
        """For each output, the positions of the inputs that a gradient of it reaches, in any branch."""
        found: list[frozenset[int]] = [frozenset()] * len(self.output_avals)
        for trace, places in zip(self.traces, self.places, strict=True):
            for index in range(len(trace.results)):
                found[index] |= frozenset(_input(places, each) for each in trace.varying[index])
        return tuple(found)

    def function(self, index: Any, *captured: Any) -> tuple[Any, ...]:
        branches = [self._branch(trace, places) for trace, places in zip(self.traces, self.places, strict=True)]
        if index.dtype == jnp.bool_:
            return lax.cond(index, *branches, *captured)
        last = len(branches) - 1
        # As TensorFlow has it, a number that names no branch names the last.
        chosen = jnp.where((index < 0) | (index > last), jnp.asarray(last, index.dtype), index)
        return lax.switch(chosen, branches, *captured)

    def _branch(self, trace: Staged, places: tuple[int, ...]) -> Callable[..., tuple[Any, ...]]:
        outputs = self._outputs(trace)

        def run(*captured: Any) -> tuple[Any, ...]:
            made = trace.function(*(captured[place] for place in places))
            return tuple(
                lax.stop_gradient(captured[each[1]]) if isinstance(each, tuple) else made[each] for each in outputs
            )

        return run


def _input(places: tuple[int, ...], position: int) -> int:
    """The position among a `COND`'s inputs of what is at `position` among a branch's."""
    return places[position] + 1


def staged_cond(
    predicate: Any,
    true_function: Callable[[], Any],
    false_function: Callable[[], Any],
    names: Sequence[str] | None = None,
) -> Any:
    """Trace two branches and record that one of them is run.

    **Arguments:**
    - `predicate`: a scalar tensor; a number counts as true if it is not zero.
    - `true_function`, `false_function`: take nothing and return structures alike.
    - `names`: what to call the parts of the result in messages.

    **Returns:** the structure, with symbolic tensors.

    **Raises:** `TypeError` if the branches return other structures or dtypes, `ValueNeeded` for other shapes.
    """
    index = convert(predicate)
    if index.aval.shape:
        raise ValueError(f"The predicate of a branch must be a scalar. Received a tensor of shape {index.shape}.")
    if not index.dtype.is_bool:
        index = index != 0
    return record_branches(index, [true_function, false_function], ["true_fn", "false_fn"], names)


def staged_switch(index: Any, functions: Sequence[Callable[[], Any]]) -> Any:
    """Trace branches and record that the one numbered `index` is run, the last where there is none of that number."""
    return record_branches(index, functions, [f"branch {number}" for number in range(len(functions))], None)


def record_branches(
    index: Any, functions: Sequence[Callable[[], Any]], titles: Sequence[str], names: Sequence[str] | None
) -> Any:
    outer = local.recorder
    parts: list[list[Any]] = []
    templates: list[Any] = []
    traces: list[Staged] = []
    for function in functions:

        def body(function: Callable[[], Any] = function) -> Any:
            tensors: list[Any] = []
            template = take_apart(function(), tensors, numbers=True)
            return [convert(each) for each in tensors], template

        trace, template = stage(body, (), outer, "branch")
        traces.append(trace)
        templates.append(template)
        parts.append(list(trace.output_avals[: len(trace.results)]))
    _check_alike(templates, parts, titles, names)
    cells = cells_written(traces)
    captures = Captures(traces)
    for cell in cells:
        captures.place(cell)
    avals = (*parts[0], *_cell_avals(cells, traces))
    made = record_work(COND, Branches(traces, captures, cells, avals), (index,), captures.sources, cells)
    return put_together(templates[0], iter(made))


def _cell_avals(cells: Sequence[Cell], traces: Sequence[Staged]) -> list[Aval]:
    """The avals of the cells' values after the branches."""
    found = []
    for cell in cells:
        written = [
            trace.output_avals[len(trace.results) + index]
            for trace in traces
            for index, (other, _) in enumerate(trace.writes)
            if other is cell
        ]
        before = cell.tensor.aval
        for each in written:
            if (each.shape, each.dtype) != (before.shape, before.dtype):
                raise ValueError(
                    f"A branch gives a variable of shape {list(before.shape)} a value of shape {list(each.shape)}. In "
                    f"traced code a variable keeps its shape."
                )
        found.append(written[0])
    return found


def _check_alike(
    templates: Sequence[Any], avals: Sequence[Sequence[Aval]], titles: Sequence[str], names: Sequence[str] | None
) -> None:
    """Check that all branches return the same structure, dtypes and shapes."""
    first, title = templates[0], titles[0]
    for template, given, other in zip(templates[1:], avals[1:], titles[1:], strict=True):
        if template != first:
            what = _differing(first, template, names)
            raise TypeError(
                f"{title} and {other} arguments to tf.cond must have the same number, type, and overall structure of "
                f"return values{what}. {title} returns {first!r}, {other} returns {template!r}. Return the same in "
                "both."
            )
        labels = _labels(first, names)
        for label, left, right in zip(labels, avals[0], given, strict=True):
            if left.dtype is not right.dtype:
                raise TypeError(
                    f"{label} has dtype {left.dtype.name} in {title}, but dtype {right.dtype.name} in {other}. Cast "
                    f"one of them: tf.cast(x, tf.{left.dtype.name})."
                )
            if left.shape != right.shape:
                raise ValueNeeded(
                    f"{label} has shape {list(left.shape)} in {title}, but shape {list(right.shape)} in {other}. In "
                    f"traced code both branches must return tensors of one shape: pad or reshape one of them."
                )


def _labels(template: Any, names: Sequence[str] | None) -> list[str]:
    """For each tensor of a template, what to call it."""
    if isinstance(template, Template) and names is not None and len(names) == len(template.parts):
        return [f"'{name}'" for name, part in zip(names, template.parts, strict=True) for _ in _labels(part, None)]
    if isinstance(template, Static):
        return []
    if isinstance(template, Template):
        return [
            f"result {index}"
            for index, _ in enumerate(label for part in template.parts for label in _labels(part, None))
        ]
    return ["the result"]


def _differing(first: Any, second: Any, names: Sequence[str] | None) -> str:
    if not isinstance(first, Template) or not isinstance(second, Template) or names is None:
        return ""
    if len(first.parts) != len(names) or len(second.parts) != len(names):
        return ""
    wrong = [name for name, a, b in zip(names, first.parts, second.parts, strict=True) if a != b]
    return f": {', '.join(map(repr, wrong))} differ" if wrong else ""
