"""The trace in which layers are called for the sake of shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functape._core._shape import TensorShape, make_shape
from functape._core._symbolic import SymbolicTensor
from functape._engine._avals import Aval, aval
from functape._engine._recorder import Recorder, local
from functape._engine._stand_ins import hide_stand_ins, is_unknown
from functape._engine._trace import Trace
from functape.function._autograph import converting


class ShapedTensor(SymbolicTensor):
    """A tensor of a trace that is there for shapes: lengths that have stand-ins are None."""

    __slots__ = ()

    @property
    def shape(self) -> TensorShape:
        """Its shape, None for unknown lengths."""
        return make_shape(tuple(None if is_unknown(length) else length for length in self.aval.shape))

    def set_shape(self, shape: Any) -> None:
        """Narrow the shape to one that agrees with it.

        **Raises:** `ValueError` if it does not.
        """
        merged = self.shape.merge_with(shape)
        lengths = tuple(
            length if known is None else known for known, length in zip(merged, self.aval.shape, strict=True)
        )
        self.aval = aval(lengths, self.aval.dtype)


def stand_in(given: Aval) -> Any:
    """A tensor for an aval, in the innermost trace that is there for shapes."""
    recorder: Any = local.recorder
    while not isinstance(recorder, ShapeTrace):
        recorder = recorder.outer
    return recorder.placeholders([given])[0]


class ShapeTrace(Trace):
    """A trace that no program is made of.

    **Arguments:**
    - `outer`: the recorder of the code around it.
    """

    __slots__ = ()

    def __init__(self, outer: Recorder) -> None:
        super().__init__(outer, "call", may_create=True)
        self.memory = {}
        self.symbolic_class = ShapedTensor

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """As any trace's, with the user's code converted by AutoGraph, and errors without the stand-ins."""
        try:
            with converting():
                return super().run(function, *args)
        except Exception as error:
            hide_stand_ins(error)
            raise
