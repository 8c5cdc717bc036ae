"""Control flow inside traced functions: what AutoGraph and `tf.while_loop` record.

`staged_cond`, `staged_while` and `staged_for` take Python functions, trace each once and record one op.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from functape._core._convert import convert
from functape._core._holding import is_tensor_like
from functape._core._known import host_array
from functape._core._symbolic import OperatorNotAllowedInGraphError, SymbolicTensor
from functape._engine._avals import Aval, Kind, aval
from functape._engine._recorder import local
from functape._engine._staged import Staged, stage
from functape._engine._staged_op import Captures, record_work
from functape._engine._trace import ValueNeeded, is_tracing
from functape.function._branches import staged_cond, staged_switch
from functape.function._loops import LOOP, Loop
from functape.function._range import DynamicRange
from functape.function._structure import put_together, take_apart

__all__ = [
    "DynamicRange",
    "OperatorNotAllowedInGraphError",
    "is_iterable_by_stage",
    "is_symbolic",
    "is_tracing",
    "staged_cond",
    "staged_for",
    "staged_switch",
    "staged_while",
]


def is_symbolic(value: Any) -> bool:
    """Whether `value` is a tensor of a function being traced."""
    return isinstance(value, SymbolicTensor)


def is_iterable_by_stage(value: Any) -> bool:
    """Whether a `for` statement over `value` is a loop of the traced program."""
    from functape.function._tensor_array import TensorArray

    if not is_tracing():
        return False
    return isinstance(value, DynamicRange | TensorArray) or is_tensor_like(value) and bool(value.aval.shape)


def staged_while(
    condition: Callable[..., Any],
    body: Callable[..., Any],
    state: Sequence[Any],
    names: Sequence[str] | None = None,
    maximum_iterations: Any = None,
    shape_invariants: Any = None,
) -> tuple[Any, ...]:
    """Trace a loop that goes on while a condition holds.

    **Arguments:**
    - `condition`: from the state to a scalar bool tensor.
    - `body`: from the state to the next state, a sequence of as many structures.
    - `state`: structures of tensors and numbers; other objects in them must stay the same.
    - `names`: what to call the parts of the state in messages.
    - `maximum_iterations`: a bound on the number of rounds, a number or a scalar tensor.
    - `shape_invariants`: says that shapes may change between rounds, which cannot be compiled.

    **Returns:** the last state.

    **Raises:** `TypeError` or `ValueError` if the state changes its structure, a dtype or a shape.
    """
    return _Looping(state, names, shape_invariants is not None).run(body, condition, limit=maximum_iterations)


def staged_for(
    iterated: Any,
    body: Callable[..., Any],
    state: Sequence[Any],
    extra_test: Callable[..., Any] | None = None,
    names: Sequence[str] | None = None,
) -> tuple[Any, ...]:
    """Trace a loop over the rows of a tensor, the numbers of a `tf.range`, or the elements of a `TensorArray`.

    **Arguments:**
    - `iterated`: what to loop over.
    - `body`: from an item and the state to the next state.
    - `state`, `names`: as for `staged_while`.
    - `extra_test`: from the state to a scalar bool tensor: whether to go on.

    **Returns:** the last state.
    """
    from functape.function._tensor_array import TensorArray

    if isinstance(iterated, TensorArray):
        iterated = iterated.stack()
    looping = _Looping(state, names)
    if isinstance(iterated, DynamicRange):
        start, delta = iterated.start, iterated.delta

        def numbered(number: Any, *values: Any) -> Any:
            return body(start + iterated.cast(number) * delta, *values)

        return looping.run(numbered, extra_test, limit=iterated.count(), numbered=True)
    tensor = convert(iterated)
    if not tensor.aval.shape:
        raise TypeError("Cannot iterate over a scalar tensor.")
    counts = extra_test is None and _counts_from_zero(tensor)
    return looping.run(body, extra_test, xs=[tensor], length=tensor.aval.shape[0], counts=counts)


def _counts_from_zero(tensor: Any) -> bool:
    """Whether the rows of a tensor are known to be 0, 1, 2, ..."""
    known = host_array(tensor)
    if known is None and tensor.dtype.is_integer and hasattr(tensor, "value"):
        known = np.asarray(tensor.value)
    return known is not None and known.ndim == 1 and bool(np.array_equal(known, np.arange(len(known))))


class _Looping:
    """A loop being traced.

    **Arguments:**
    - `state`: the structures it begins with.
    - `names`: what to call them in messages.
    - `open_shapes`: whether shapes may change, which leads to the function being run as plain Python.
    """

    def __init__(self, state: Sequence[Any], names: Sequence[str] | None, open_shapes: bool = False) -> None:
        self.open_shapes = open_shapes
        self.names = names
        self.state = list(state)

    def run(
        self,
        body: Callable[..., Any],
        condition: Callable[..., Any] | None,
        limit: Any = None,
        xs: Sequence[Any] = (),
        length: int | None = None,
        numbered: bool = False,
        counts: bool = False,
    ) -> tuple[Any, ...]:
        from functape.function._tensor_array import ready_for_loop

        item = (aval((), convert(0).dtype),) if numbered else tuple(_row(each.aval) for each in xs)
        bound = limit if limit.__class__ is int else length
        self.state = ready_for_loop(self.state, lambda values: self._probe(body, item, values), bound, counts)
        tensors: list[Any] = []
        templates = tuple(take_apart(each, tensors, numbers=True) for each in self.state)
        tensors = [convert(each) for each in tensors]
        avals = [each.aval.as_kind(Kind.ARRAY) if each.aval.kind is not Kind.TREE else each.aval for each in tensors]
        outer = local.recorder

        def traced_condition(*values: Any) -> Any:
            answer = convert(condition(*self._structures(templates, values)))  # type: ignore[misc]
            if answer.aval.shape:
                raise ValueError(f"The condition of a loop must return a scalar. Received shape {answer.shape}.")
            return [answer if answer.dtype.is_bool else answer != 0], None

        def traced_body(*values: Any) -> Any:
            lead, rest = values[: len(item)], values[len(item) :]
            return self._results(body(*lead, *self._structures(templates, rest)), templates, avals), None

        tested = None if condition is None else stage(traced_condition, avals, outer, "loop condition")[0]
        staged = stage(traced_body, (*item, *avals), outer, "loop body")[0]
        self._check_cells(staged)
        captures = Captures([staged] if tested is None else [staged, tested])
        known = limit.__class__ is int
        limited = limit is not None and not known
        bound = limit if known else length
        work = Loop(staged, tested, len(avals), captures, bound, len(xs), numbered, limited)
        lead = [*tensors, *xs]
        if limited:
            lead.append(limit)
        made = record_work(LOOP, work, lead, work.sources, [cell for cell, _ in work.cells])
        return tuple(self._structures(templates, made))

    def _structures(self, templates: Sequence[Any], tensors: Sequence[Any]) -> list[Any]:
        remaining = iter(tensors)
        return [put_together(template, remaining) for template in templates]

    def _probe(self, body: Callable[..., Any], item: tuple[Aval, ...], state: Sequence[Any]) -> list[Any]:
        """What the body makes of a state; nothing is kept of the trace."""
        tensors: list[Any] = []
        templates = tuple(take_apart(each, tensors, numbers=True) for each in state)
        avals = [convert(each).aval.as_kind(Kind.ARRAY) for each in tensors]
        found: list[Any] = []

        def traced(*values: Any) -> Any:
            lead, rest = values[: len(item)], values[len(item) :]
            found.extend(_sequence(body(*lead, *self._structures(templates, rest)), len(state)))
            return [], None

        stage(traced, (*item, *avals), local.recorder, "loop body")
        return found

    def _label(self, index: int) -> str:
        return (
            f"'{self.names[index]}'" if self.names is not None and index < len(self.names) else f"loop variable {index}"
        )

    def _results(self, values: Any, templates: Sequence[Any], avals: Sequence[Aval]) -> list[Any]:
        """The tensors of the next state, checked to be like those of the state before."""
        given = _sequence(values, len(templates))
        if len(given) != len(templates):
            raise ValueError(
                f"The body of a loop must return as many values as there are loop variables. Received {len(given)} "
                f"values for {len(templates)} variables."
            )
        position = 0
        results: list[Any] = []
        for index, (template, value) in enumerate(zip(templates, given, strict=True)):
            tensors: list[Any] = []
            found = take_apart(value, tensors, numbers=True)
            if found != template:
                raise ValueError(
                    f"{self._label(index)} does not have the same nested structure after one iteration: it begins as "
                    f"{template!r} and becomes {found!r}. Give it the same structure and type before the loop."
                )
            for tensor in tensors:
                wanted = avals[position]
                position += 1
                results.append(self._checked(tensor, wanted, index))
        return results

    def _checked(self, value: Any, wanted: Aval, index: int) -> Any:
        tensor = value if is_tensor_like(value) else convert(value, hint=wanted.dtype)
        if tensor.aval.dtype is not wanted.dtype:
            raise TypeError(
                f"{self._label(index)} has dtype {wanted.dtype.name} before the loop, but dtype "
                f"{tensor.aval.dtype.name} "
                f"after one iteration. Cast it: tf.cast(x, tf.{wanted.dtype.name})."
            )
        if tensor.aval.shape != wanted.shape:
            raise (ValueNeeded if self.open_shapes else ShapeChange)(
                f"{self._label(index)} has shape {_spoken(wanted)} before the loop, but shape {_spoken(tensor.aval)} "
                "after one iteration. A compiled loop keeps its shapes: write into a tf.TensorArray or a tensor of "
                f"the final shape."
            )
        return convert(tensor)

    def _check_cells(self, staged: Staged) -> None:
        for index, (cell, _) in enumerate(staged.writes):
            before, after = cell.tensor.aval, staged.output_avals[len(staged.results) + index]
            if (before.shape, before.dtype) != (after.shape, after.dtype):
                raise ShapeChange(
                    f"A variable of shape {_spoken(before)} is assigned a value of shape {_spoken(after)} in a loop. A "
                    f"compiled loop keeps its shapes."
                )


class ShapeChange(ValueError):
    """A value changes its shape from one iteration to the next."""


def _spoken(each: Aval) -> str:
    return str(tuple(each.shape))


def _row(each: Aval) -> Aval:
    return aval(each.shape[1:], each.dtype)


def _sequence(values: Any, count: int) -> list[Any]:
    if count == 1 and not (isinstance(values, list | tuple) and len(values) == 1):
        return [values]
    if isinstance(values, list | tuple):
        return list(values)
    return [] if values is None and not count else [values]
