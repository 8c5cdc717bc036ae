"""A traced function compiled for calls from eager code: one dispatch, no recording."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from functape._core._tensor import Tensor
from functape._core._variable import Variable
from functape._engine._avals import Aval, Kind
from functape._engine._bundle import Bundled
from functape._engine._cache import cache
from functape._engine._compat import enable_x64
from functape._engine._inline import InlineProgram, takes_tracers
from functape._engine._program import OpByOpProgram, Program
from functape._engine._recorder import Cell, blank, local
from functape._engine._report import Compilation, logger, user_line
from functape._engine._staged import Staged
from functape._engine._staged_op import CALL, record_work
from functape._engine._state import Node
from functape._engine._trace import INPUTS
from functape.function._effects import raise_failures

_ON_HOST = (np.ndarray, Bundled, np.generic)


class Compiled:
    """A trace as a program for calls with arguments held in given ways.

    **Arguments:**
    - `staged`: the trace.
    - `avals`: of the arguments, with how they are held.
    """

    def __init__(self, staged: Staged, avals: Sequence[Aval]) -> None:
        self.staged = staged
        count = staged.count
        first, *rest = staged.nodes or [Node(INPUTS, (), ())]
        nodes = [Node(INPUTS, (), first.refs, entered=tuple(avals)), *rest]
        self._unify(nodes[1:])
        total = sum(len(node.entered) for node in nodes)
        self._template: list[Any] = [None] * (total - count)
        self._cells: list[tuple[int, Cell]] = []
        self._scalars = tuple(index for index, each in enumerate(avals) if each.kind is Kind.SCALAR)
        self._host_cells: list[tuple[int, Any]] = []
        self._lifted: list[tuple[int, Any]] = []
        """Cells of host numbers that the function assigns."""
        self._checked = list(range(count))
        entered = [each for node in nodes for each in node.entered]
        for slot, source in zip(staged.capture_slots, staged.captures, strict=True):
            index = ~slot
            if isinstance(source, Cell):
                if entered[index].kind is Kind.SCALAR:
                    self._host_cells.append((index, source))
                elif source.tensor.aval.kind is Kind.SCALAR:
                    self._lifted.append((index, source))
                    self._cells.append((index, source))
                else:
                    self._cells.append((index, source))
            elif entered[index].kind is Kind.SCALAR:
                self._template[index - count] = source.value
            else:
                self._template[index - count] = source
                self._checked.append(index)
        self._checked = [index for index in self._checked if index not in self._scalars]
        self._entering = [*self._checked, *(index for index, _ in self._cells)]
        places = {id(cell): index for index, cell in self._cells}
        live = tuple(dict.fromkeys((*staged.results, *(slot for _, slot in staged.writes))))
        replaced = tuple((places[id(cell)], slot) for cell, slot in staged.writes if id(cell) in places)
        self._results = [(slot, each) for slot, each in zip(staged.results, staged.output_avals, strict=False)]
        written = staged.output_avals[len(staged.results) :]
        self._writes = [
            (cell, slot, each, cell._weak if type(cell) is Variable else None)
            for (cell, slot), each in zip(staged.writes, written, strict=True)
        ]
        self._written = [(places[id(cell)], cell) for cell, _ in staged.writes if id(cell) in places]
        """The cells written that are read too, with their places among the inputs."""
        self._unread = [cell for cell, _ in staged.writes if id(cell) not in places]
        shared = {slot for slot, _ in self._results} & {slot for _, slot in staged.writes}
        slots = [slot for slot, _ in self._results]
        self._again = [place for place, slot in enumerate(slots) if slot in shared or slots.index(slot) != place]
        """Results that are other outputs under another name."""
        began = time.perf_counter()
        kind = OpByOpProgram if cache.op_by_op else Program
        if takes_tracers(nodes):
            kind, replaced = InlineProgram, ()
        if staged.effects:
            # What has effects may fail on its account; the variables then keep their values.
            replaced = ()
        self._program = kind(nodes, live, replaced, staged.constants)
        entry = Compilation(
            "a function is called",
            user_line(),
            len(staged.nodes),
            len(live),
            time.perf_counter() - began,
            cache.op_by_op,
        )
        cache.compiled += 1
        cache.log.append(entry)
        if cache.log_compilations:
            logger.warning("%s", entry)

    def _unify(self, nodes: list[Node]) -> None:
        """Let host numbers that the function assigns enter as arrays: from the second call on that is what they are."""
        written = {id(cell) for cell, _ in self.staged.writes}
        slots = {
            slot
            for slot, source in zip(self.staged.capture_slots, self.staged.captures, strict=True)
            if id(source) in written
        }
        number = self.staged.count
        for node in nodes:
            if node.entered:
                node.entered = tuple(
                    each.as_kind(Kind.ARRAY) if each.kind is Kind.SCALAR and ~(number + place) in slots else each
                    for place, each in enumerate(node.entered)
                )
                number += len(node.entered)

    def __call__(self, tensors: list[Any]) -> list[Any]:
        """Run on the arguments' tensors; returns the results' tensors."""
        recorder = local.recorder
        if recorder.tracing or recorder.open_tapes:
            return self.record(tensors)
        inputs = tensors + self._template
        for index, cell in self._cells:
            inputs[index] = cell.tensor
        for index in self._entering:
            tensor = inputs[index]
            try:
                if tensor.value.__class__ in _ON_HOST:
                    _settle(tensor)
            except AttributeError:
                tensor.resolve("a function is called")
                if tensor.value.__class__ in _ON_HOST:
                    _settle(tensor)
        for index, cell in self._lifted:
            if cell.tensor.aval.kind is Kind.SCALAR:
                inputs[index] = _lifted(cell.tensor)
        for index, cell in self._host_cells:
            inputs[index] = cell.number
        for index in self._scalars:
            inputs[index] = inputs[index].value
        outputs: dict[int, Any] = {}
        made = []
        for slot, aval in self._results:
            tensor = blank(aval, slot)
            if slot not in outputs:
                outputs[slot] = tensor
            made.append(tensor)
        unread = [cell.tensor for cell in self._unread] if self._unread else None
        try:
            # The cells take their new tensors before these have values, so that the old ones are held here alone.
            for cell, slot, aval, weak in self._writes:
                tensor = outputs[slot] = blank(aval, slot)
                if weak is None:
                    cell.receive(tensor)
                else:
                    tensor.variable = weak
                    cell.tensor = tensor
                    # What is pending may have read the old value.
                    recorder.assigned = recorder.state.depth > 0
            tensor = None
            self._program.run(inputs, outputs)
            if self.staged.effects:
                raise_failures(made)
        except BaseException:
            self._restore(inputs, unread)
            raise
        for place in self._again:
            made[place].value = outputs[self._results[place][0]].value
        return made

    def _restore(self, inputs: list[Any], unread: list[Any] | None) -> None:
        """Give the cells the tensors they had before the call."""
        for cell, old in zip(self._unread, unread or (), strict=True):
            cell.tensor = old
        for index, cell in self._written:
            cell.tensor = inputs[index]

    def record(self, tensors: list[Any]) -> list[Any]:
        """Record the call as one op, under a tape or in another trace."""
        staged = self.staged
        return record_work(CALL, staged, tensors, staged.captures, [cell for cell, _ in staged.writes])


def _settle(tensor: Any) -> None:
    if isinstance(tensor.value, np.generic):
        tensor.value = np.asarray(tensor.value)
    tensor._settle(tensor.value)


def _lifted(tensor: Any) -> Any:
    """A tensor of a host number as one of a device array."""
    array = Tensor()
    array.aval = tensor.aval.as_kind(Kind.ARRAY)
    array.home = None
    with enable_x64(True):
        array.value = jax.device_put(np.asarray(tensor.value, tensor.aval.dtype.as_numpy_dtype))
    return array
