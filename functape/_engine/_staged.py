"""A traced function as one pure function of arrays: what a call, a branch or a loop body records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from sys import getrefcount
from typing import Any

import jax
import numpy as np

from functape._engine._avals import Aval, Kind
from functape._engine._compat import HELD_ONCE
from functape._engine._evaluate import BACKWARD, evaluate
from functape._engine._gradient import EVENTS, GRADIENT, needed_nodes
from functape._engine._op import Op
from functape._engine._recorder import Cell
from functape._engine._state import Node, slot_avals
from functape._engine._tensor import BaseTensor
from functape._engine._trace import Trace

CONSTANT_ELEMENTS = 64
"""Up to this size a tensor made while tracing that nobody else holds is part of the program, not an input of it."""


class Staged:
    """A finished trace.

    Its inputs are the trace's symbolic inputs followed by what it captured: tensors of the code around it, and cells,
    whose value at the time of the call enters. Its outputs are the results asked for, followed by the new values of
    the cells it wrote.

    **Arguments:**
    - `trace`: the trace; it is finished, and the cells it assigned get back the tensors they had.
    - `count`: the number of its symbolic inputs.
    - `results`: tensors, of this trace or around it, that are its results.
    """

    def __init__(self, trace: Trace, count: int, results: Sequence[BaseTensor]) -> None:
        self.name = trace.name
        self.count = count
        kept = [trace.keep(each) for each in results]
        changed = [(cell, trace.keep(_owned(cell))) for cell, old in trace.written.values() if old is not None]
        results_avals = tuple(_plain(each.aval) for each in kept)
        self.results = tuple(each.slot for each in kept)
        """Slots of the results."""
        self.writes = tuple((cell, each.slot) for cell, each in changed if not _unchanged(cell, each, trace))
        """The cells written, with the slots of their new values."""
        self.nodes = trace.state.path()
        self.avals = slot_avals(self.nodes)
        self.output_avals = (*results_avals, *(self.avals[slot] for _, slot in self.writes))
        del kept, changed, results
        assigned = _assigned(trace)
        trace.undo()
        self.constants: dict[int, np.ndarray[Any, Any]] = {}
        """Value by slot of the numbers and small arrays that are part of the program."""
        self.captures: list[BaseTensor | Cell] = []
        self.capture_slots: list[int] = []
        self._sort_inputs(trace)
        self.needed, self.output_slots = self._connected(assigned)
        self.effects = any(node.op.effects is not None and node.op.effects(*node.statics) for node in self.nodes)
        """Whether it does something besides returning its outputs."""

    def _sort_inputs(self, trace: Trace) -> None:
        """Tell apart what entered: constants, and what is captured."""
        scalars = {trace.slots[id(tensor)]: tensor for tensor in trace.kept}
        trace.kept.clear()
        entered = trace.inputs
        trace.inputs = []
        for index in range(self.count, len(entered)):
            slot = ~index
            value = scalars.pop(slot, entered[index])
            entered[index] = None
            each = self.avals[slot]
            if not isinstance(value, BaseTensor):
                self.constants[slot] = _fitted(value, each)
                continue
            owner = getattr(value, "variable", None)
            cell = None if owner is None else owner()
            if cell is not None:
                self.captures.append(cell)
            elif _is_constant(value, each):
                self.constants[slot] = np.asarray(value.resolve(), each.dtype.as_numpy_dtype)
                continue
            else:
                self.captures.append(value)
            self.capture_slots.append(slot)

    def _connected(self, assigned: dict[int, Cell]) -> tuple[list[Node], tuple[int, ...]]:
        """The nodes to run, with those added that connect the values assigned to variables.

        As in TensorFlow, a gradient with respect to a variable is that with respect to all the values it had: what is
        read after an assignment counts. The new value that comes out carries no gradient, since the code around sees to
        its own.

        **Returns:** the nodes, and the slots of the outputs.
        """
        read = {ref for node in self.nodes for ref in node.refs} | set(self.results)
        entering = {id(source): slot for slot, source in zip(self.capture_slots, self.captures, strict=True)}
        following = sum(len(node.outputs) for node in self.nodes)
        nodes: list[Node] = []
        raw: dict[int, int] = {}
        for node in self.nodes:
            nodes.append(node)
            for slot in node.outputs:
                cell = assigned.get(slot)
                if cell is None or slot not in read or not self.avals[slot].differentiable:
                    continue
                entry = entering.get(id(cell))
                if entry is None or self.avals[entry].shape != self.avals[slot].shape:
                    continue
                each = self.avals[slot]
                nodes.append(Node(CUT, (), (slot,), (following,), (each,)))
                nodes.append(Node(CONNECT, (), (slot, entry), (slot,), (each,)))
                self.avals[following] = each
                raw[slot] = following
                following += 1
        slots = (*self.results, *(raw.get(slot, slot) for _, slot in self.writes))
        return needed_nodes(nodes, slots), slots

    @cached_property
    def input_slots(self) -> tuple[int, ...]:
        """The slots of the inputs in order."""
        return (*(~index for index in range(self.count)), *self.capture_slots)

    @property
    def input_avals(self) -> tuple[Aval, ...]:
        return tuple(self.avals[slot] for slot in self.input_slots)

    def function(self, *inputs: Any) -> tuple[Any, ...]:
        """The pure function: from its inputs to its results and the new values of its cells."""
        environment: dict[int, Any] = dict(zip(self.input_slots, inputs, strict=True))
        environment.update(self.constants)
        evaluate(self.needed, environment, differentiated=BACKWARD)
        return tuple(environment[slot] for slot in self.output_slots)

    @cached_property
    def varying(self) -> tuple[frozenset[int], ...]:
        """For each output, the positions of the inputs that a gradient of it reaches."""
        reached: dict[int, frozenset[int]] = {
            slot: frozenset((position,))
            for position, slot in enumerate(self.input_slots)
            if self.avals[slot].differentiable
        }
        for node in self.needed:
            for output, positions in zip(node.outputs, output_positions(node), strict=True):
                if self.avals[output].differentiable:
                    found = [reached[node.refs[each]] for each in positions if node.refs[each] in reached]
                    if found:
                        reached[output] = frozenset().union(*found)
        return tuple(reached.get(slot, frozenset()) for slot in self.output_slots)


def output_positions(node: Any) -> list[Any]:
    """For each output of a node, the positions of the inputs that a gradient of it reaches."""
    op = node.op
    if op in EVENTS or not op.differentiable:
        return [()] * len(node.outputs)
    if op is GRADIENT:
        return list(node.statics.varying)
    if op.varying is not None:
        return list(op.varying(*node.statics))
    every = [position for position in range(len(node.refs)) if position not in op.unconnected]
    return [every] * len(node.outputs)


def stage(
    function: Callable[..., Any], avals: Sequence[Aval], outer: Any, name: str = "function"
) -> tuple[Staged, Any]:
    """Trace `function`.

    **Arguments:**
    - `function`: called with one symbolic tensor for each of `avals`; returns a sequence of tensors, and anything
      else that the caller wants back.
    - `avals`: the inputs.
    - `outer`: the recorder of the code around.
    - `name`: for messages.

    **Returns:** the trace as a pure function, and what else `function` returned.
    """
    trace = Trace(outer, name)
    results, other = trace.run(function, *trace.placeholders(avals))
    try:
        return Staged(trace, len(avals), results), other
    finally:
        trace.undo()


@jax.custom_jvp
def connect(new: Any, old: Any) -> Any:
    return new


@connect.defjvp
def _connect_jvp(primals: Any, tangents: Any) -> Any:
    return primals[0], tangents[1]


CONNECT = Op("VariableConnect", connect, varying=lambda: (frozenset((1,)),))
"""`(new, old)`: the new value of a variable, with the gradient going to the old one."""
CUT = Op("VariableCut", lambda value: value, differentiable=False)
"""`(value)`: the value without its gradient."""


def _assigned(trace: Trace) -> dict[int, Cell]:
    """The cells that values of a trace were assigned to, by slot."""
    found = {}
    for tensor in trace.outputs:
        owner = getattr(tensor, "variable", None)
        cell = None if owner is None else owner()
        if cell is not None and tensor.aval.kind is not Kind.TREE:
            found[tensor.slot] = cell
    return found


def _owned(cell: Any) -> Any:
    return cell.tensor


def _unchanged(cell: Any, kept: Any, trace: Trace) -> bool:
    """Whether a cell ends with the very value it began with."""
    entered = trace.inputs[~kept.slot] if kept.slot < 0 else None
    return entered is not None and entered is trace.written[id(cell)][1]


def _plain(each: Aval) -> Aval:
    return each if each.kind is Kind.TREE else each.as_kind(Kind.ARRAY)


def _fitted(value: Any, each: Aval) -> np.ndarray[Any, Any]:
    dtype = np.dtype(each.dtype.as_numpy_dtype)
    try:
        with np.errstate(over="ignore"):
            return np.asarray(value, dtype)
    except OverflowError:
        # As TensorFlow does, a Python int keeps the bits that fit.
        return np.array(value % 2 ** (8 * dtype.itemsize), f"u{dtype.itemsize}").view(dtype)


def _is_constant(tensor: Any, each: Aval) -> bool:
    """Whether nobody outside the trace holds a tensor, which then is a number written down in the traced code."""
    if each.kind is Kind.TREE or not hasattr(tensor, "value"):
        return False
    # Held by the caller's variable and by the parameter here.
    return each.size <= CONSTANT_ELEMENTS and HELD_ONCE is not None and getrefcount(tensor) <= _ALONE


def _calibrate() -> int:
    """The count that `getrefcount` reports in `_is_constant` for a tensor held by the caller's local variable only."""

    def inner(tensor: Any, each: Any) -> int:
        return getrefcount(tensor)

    def caller() -> int:
        value = object()
        return inner(value, None)

    return caller()


_ALONE = _calibrate()
