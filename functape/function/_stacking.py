"""Loops that collect a value in each iteration, as one op: `map_fn`, `scan` and the folds where they are traced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import jax

from functape._core._convert import convert
from functape._engine._avals import Aval, Kind, aval
from functape._engine._recorder import local
from functape._engine._staged import Staged, stage
from functape._engine._staged_op import Captures, StagedOp, record_work
from functape.function._loops import LOOP, Loop
from functape.function._structure import put_together, take_apart

VECTORIZED = StagedOp("VectorizedMap")
"""`(*xs, *captures)`: a traced function of one row, of all rows at once."""


def rows_of(elements: Sequence[Any], name: str) -> int:
    """The common number of rows.

    **Raises:** `ValueError` if it differs, or something has no rows.
    """
    if not elements:
        raise ValueError(
            f"elems must be a Tensor or (possibly nested) sequence of Tensors. Received no tensor in {name}."
        )
    for each in elements:
        if not each.aval.shape:
            raise ValueError(
                f"elements in elems must be 1+ dimensional Tensors, not scalars. Received {each!r} in {name}."
            )
    length = elements[0].aval.shape[0]
    if any(each.aval.shape[0] != length for each in elements):
        shapes = [list(each.aval.shape) for each in elements]
        raise ValueError(
            f"The tensors in elems of {name} must have one length along the first axis. Received shapes: {shapes}"
        )
    return length


def stacked_loop(
    body: Callable[[list[Any], list[Any]], tuple[Any, Any]], state: Any, elements: Sequence[Any], reverse: bool = False
) -> tuple[Any, Any]:
    """Run a traced body over the rows of tensors.

    **Arguments:**
    - `body`: from the rows and the state to the next state, and a structure to be stacked.
    - `state`: a structure.
    - `elements`: tensors of one length.
    - `reverse`: whether to begin with the last row; the results are in the order of the rows either way.

    **Returns:** the last state, and the structure with stacked tensors.
    """
    tensors: list[Any] = []
    template = take_apart(state, tensors, numbers=True)
    tensors = [convert(each) for each in tensors]
    avals = [each.aval.as_kind(Kind.ARRAY) for each in tensors]
    rows = [aval(each.aval.shape[1:], each.aval.dtype) for each in elements]
    count = len(elements)
    made: list[Any] = []

    def traced(*values: Any) -> Any:
        carried = put_together(template, iter(values[count:]))
        following, result = body(list(values[:count]), carried)
        next_tensors: list[Any] = []
        found = take_apart(following, next_tensors, numbers=True)
        if found != template:
            raise TypeError(
                f"The state begins as {template!r} and becomes {found!r} after one iteration. Keep its structure."
            )
        checked = [_checked(each, wanted) for each, wanted in zip(next_tensors, avals, strict=True)]
        results: list[Any] = []
        made.append(take_apart(result, results, numbers=True))
        return [*checked, *(convert(each) for each in results)], None

    staged = stage(traced, (*rows, *avals), local.recorder, "loop body")[0]
    captures = Captures([staged])
    work = Loop(staged, None, len(avals), captures, rows_of(elements, "a loop"), count, reverse=reverse)
    outputs = record_work(LOOP, work, [*tensors, *elements], work.sources, [cell for cell, _ in work.cells])
    last = put_together(template, iter(outputs[: len(avals)]))
    return last, put_together(made[0], iter(outputs[len(avals) :]))


def _checked(value: Any, wanted: Aval) -> Any:
    tensor = convert(value, hint=wanted.dtype)
    if tensor.aval.dtype is not wanted.dtype:
        raise TypeError(
            f"The state has dtype {wanted.dtype.name} before the loop, but dtype {tensor.aval.dtype.name} after one "
            f"iteration. Cast it: tf.cast(x, tf.{wanted.dtype.name})."
        )
    if tensor.aval.shape != wanted.shape:
        raise ValueError(
            f"The state has shape {tuple(wanted.shape)} before the loop, but shape {tuple(tensor.aval.shape)} after "
            f"one iteration. A loop keeps its shapes."
        )
    return tensor


class Vectorized:
    """What a `VECTORIZED` does.

    **Arguments:**
    - `body`: the traced function of one row.
    - `count`: the number of arrays whose rows it takes.
    - `length`: the number of rows.
    """

    def __init__(self, body: Staged, count: int, length: int) -> None:
        self.body = body
        self.count = count
        self.output_avals: tuple[Aval, ...] = tuple(
            aval((length, *each.shape), each.dtype) for each in body.output_avals
        )
        self.effects = body.effects

    @cached_property
    def varying(self) -> tuple[frozenset[int], ...]:
        """As the body's."""
        return self.body.varying

    def function(self, *inputs: Any) -> tuple[Any, ...]:
        axes = [0] * self.count + [None] * (len(inputs) - self.count)
        return jax.vmap(self.body.function, in_axes=axes)(*inputs)


def vectorized(body: Callable[..., Any], elements: Sequence[Any]) -> Any:
    """Run a traced function on all rows at once; None if it assigns variables or draws random numbers.

    **Arguments:**
    - `body`: from the rows to a structure.
    - `elements`: tensors of one length.
    """
    rows = [aval(each.aval.shape[1:], each.aval.dtype) for each in elements]
    made: list[Any] = []

    def traced(*values: Any) -> Any:
        results: list[Any] = []
        made.append(take_apart(body(*values), results, numbers=True))
        return [convert(each) for each in results], None

    staged = stage(traced, rows, local.recorder, "vectorized_map")[0]
    if staged.writes or staged.effects:
        return None
    captures = Captures([staged])
    work = Vectorized(staged, len(elements), rows_of(elements, "vectorized_map"))
    outputs = record_work(VECTORIZED, work, elements, captures.sources, [])
    return put_together(made[0], iter(outputs))
