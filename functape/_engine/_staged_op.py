"""Ops whose work is described by traces: a call of a function, branches, loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from functape._engine._avals import Aval
from functape._engine._effects import settle
from functape._engine._op import Op
from functape._engine._recorder import Cell, local, record_multiple
from functape._engine._staged import Staged
from functape._engine._tensor import BaseTensor


class Work(Protocol):
    """What such an op does: its one attribute."""

    output_avals: tuple[Aval, ...]
    effects: bool

    @property
    def varying(self) -> tuple[frozenset[int], ...]: ...

    def function(self, *inputs: Any) -> tuple[Any, ...]: ...


class StagedOp(Op):
    """An op whose outputs are known from its attribute, a `Work`."""

    __slots__ = ()

    def __init__(self, name: str) -> None:
        super().__init__(
            name,
            lambda *arrays, work: work.function(*arrays),
            ("work",),
            multiple=True,
            varying=lambda work: work.varying,
            effects=lambda work: work.effects,
        )

    def infer(self, statics: tuple[Any, ...], avals: tuple[Aval, ...]) -> tuple[Aval, ...]:
        """Known since the traces ended."""
        return statics[0].output_avals


CALL = StagedOp("PartitionedCall")
"""`(*inputs)`: a traced function is called."""


class Captures:
    """What several traces captured, each thing once.

    **Arguments:**
    - `traces`: the traces.
    """

    def __init__(self, traces: Sequence[Staged]) -> None:
        self.sources: list[BaseTensor | Cell] = []
        """Tensors, and cells whose present value is meant."""
        self._places: dict[int, int] = {}
        for trace in traces:
            for source in trace.captures:
                self.place(source)

    def place(self, source: BaseTensor | Cell) -> int:
        """Where in `sources` something is; added if it is not there."""
        found = self._places.get(id(source))
        if found is None:
            found = self._places[id(source)] = len(self.sources)
            self.sources.append(source)
        return found

    def places(self, trace: Staged) -> tuple[int, ...]:
        """Where each of a trace's captures is."""
        return tuple(self._places[id(source)] for source in trace.captures)

    def avals(self) -> list[Aval]:
        """The avals of the present values."""
        return [(source.tensor if isinstance(source, Cell) else source).aval for source in self.sources]


def cells_written(traces: Sequence[Staged]) -> list[Cell]:
    """The cells that any of some traces assigns, each once."""
    found: dict[int, Cell] = {}
    for trace in traces:
        for cell, _ in trace.writes:
            found.setdefault(id(cell), cell)
    return list(found.values())


def record_work(
    op: StagedOp,
    work: Work,
    arguments: Sequence[Any],
    sources: Sequence[BaseTensor | Cell],
    cells: Sequence[Cell],
) -> list[Any]:
    """Record an op and assign the cells it writes.

    **Arguments:**
    - `op`: the op.
    - `work`: what it does.
    - `arguments`: tensors and the like.
    - `sources`: what else it reads: tensors, and cells for their present values.
    - `cells`: the cells whose new values are its last outputs.

    **Returns:** the other outputs.

    **Raises:** what the work's effects raise, where it is run at once; the cells then keep their values.
    """
    values = [source.tensor if isinstance(source, Cell) else source for source in sources]
    acting = work.effects and not local.recorder.tracing
    before = [cell.tensor for cell in cells] if acting else None
    made = list(record_multiple(op, (work,), (*arguments, *values)))
    if cells:
        for cell, tensor in zip(cells, made[-len(cells) :], strict=True):
            cell.receive(tensor)
        del made[-len(cells) :]
    if before is not None:
        local.recorder.flush("a function with effects is called")
        try:
            settle(made)
        except BaseException:
            for cell, tensor in zip(cells, before, strict=True):
                cell.receive(tensor)
            raise
    return made
