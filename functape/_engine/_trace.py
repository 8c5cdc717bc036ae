"""A nested recording with symbolic inputs: the body of a traced function, of a loop or of a branch."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from functape._engine._avals import Aval, Kind
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._engine._recorder import Cell, Recorder, Recording, local, record
from functape._engine._state import Node, State
from functape._engine._tensor import BaseTensor


def _no_computation(*_: Any, **__: Any) -> Any:
    raise RuntimeError("The inputs of a trace are no computation.")


INPUTS = Op("TraceInputs", _no_computation, differentiable=False)
"""The symbolic inputs of a recording enter."""
KEEP = Op("TraceKeep", lambda value, kind: value, ("kind",), kinds=lambda kind: (kind,))
"""Makes a value part of a recording."""


class ValueNeeded(TypeError):
    """A value was needed while a function was traced, which has none yet: a shape that depends on data."""


class HostShapeNeeded(ValueNeeded):
    """The shape of what a Python function returns was needed while a function was traced."""


class InaccessibleTensorError(ValueError):
    """A symbolic tensor was used outside the branch, loop or inner function that made it
    (`tf.errors.InaccessibleTensorError`)."""


_ABOUT_DTYPES = re.compile(r"tensor but is a |attr '(T\w*|\w*type)' of .*list of allowed values|integer tensor, not ")


def graph_error(error: InvalidArgumentError) -> Exception:
    """What TensorFlow raises while it traces, where running the same code raises `InvalidArgumentError`."""
    text = str(error)
    return (TypeError if _ABOUT_DTYPES.search(text) else ValueError)(text)


class TraceRecording(Recording):
    """The outputs of a trace, which are symbolic tensors."""

    __slots__ = ()

    recorder: Trace

    def append(self, tensor: BaseTensor) -> None:
        tensor.__class__ = self.recorder.symbolic_class
        super().append(tensor)


class _Settings:
    """What the layer above supplies."""

    symbolic_class: type[BaseTensor] = BaseTensor


_settings = _Settings()


def install_symbolic(symbolic_class: type[BaseTensor]) -> None:
    """Supply the class of symbolic tensors, a subclass of the tensors' that adds no slots."""
    _settings.symbolic_class = symbolic_class


class Trace(Recorder):
    """A recorder that never runs anything.

    **Arguments:**
    - `outer`: the recorder of the code around it.
    - `name`: of what is traced, for messages.
    - `may_create`: whether variables may be made in it.
    """

    __slots__ = (
        "outer", "name", "written", "may_create", "created", "finished", "memory", "own_memory", "symbolic_class",
    )  # fmt: skip

    tracing = True

    def __init__(self, outer: Recorder, name: str = "function", may_create: bool | None = None) -> None:
        self.outer = outer
        self.name = name
        self.written: dict[int, tuple[Cell, Any]] = {}
        """The cells given a new value here, by id, with the tensor each had before."""
        self.may_create: bool = (
            outer.may_create if may_create is None and isinstance(outer, Trace) else bool(may_create)
        )
        self.created: list[Any] = outer.created if isinstance(outer, Trace) else []
        """Variables made here."""
        self.memory: dict[Any, Any] = outer.memory if isinstance(outer, Trace) else {}
        """What the layers above keep for the outermost function being traced, such as the states of its random ops."""
        self.own_memory: dict[Any, Any] = {}
        """What they keep for this trace alone, such as the seeds of its random ops."""
        self.symbolic_class: type[BaseTensor] = (
            outer.symbolic_class if isinstance(outer, Trace) else _settings.symbolic_class
        )
        self.finished = False
        super().__init__()

    def _begin(self) -> None:
        super()._begin()
        self.state = State()
        self.outputs = TraceRecording()
        self.outputs.recorder = self

    def placeholders(self, avals: Sequence[Aval]) -> list[Any]:
        """Symbolic inputs; those of a function to be staged are made before anything is recorded."""
        made = []
        for index, each in enumerate(avals, len(self.inputs)):
            tensor = self.symbolic_class()
            tensor.aval = each
            tensor.home = self.outputs
            tensor.slot = ~index
            self.inputs.append(tensor)
            self.slots[id(tensor)] = ~index
            made.append(tensor)
        self.state = State(self.state, Node(INPUTS, (), tuple(each.slot for each in made), entered=tuple(avals)))
        return made

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call `function` with what it records recorded here. What it assigned is undone by `finish`."""
        before = local.recorder
        local.recorder = self
        try:
            return function(*args)
        except BaseException:
            self.undo()
            raise
        finally:
            local.recorder = before

    def note_write(self, cell: Cell, old: Any) -> None:
        """Remember the tensor a cell had before it is given a new value here; None if it is new."""
        if id(cell) not in self.written:
            self.written[id(cell)] = (cell, old)

    def keep(self, tensor: Any) -> Any:
        """A tensor of this recording with the value of `tensor`."""
        if tensor.home is self.outputs:
            return tensor
        return self.run(
            record, KEEP, (tensor.aval.kind if tensor.aval.kind is not Kind.SCALAR else Kind.ARRAY,), (tensor,)
        )

    def undo(self) -> None:
        """Give the cells assigned here the tensors they had before."""
        self.finished = True
        written, self.written = self.written, {}
        for cell, old in written.values():
            if old is not None:
                cell.tensor = old

    # ---- what a recorder does that a trace does not ----------------------------------------------------------

    def restart(self) -> None:
        """Nothing is run, so nothing begins anew."""

    def flush(self, reason: str) -> None:
        """Nothing is run while a function is traced."""

    def miss(self, key: Any, op: Op, statics: tuple[Any, ...], args: tuple[Any, ...], refs: tuple[Any, ...]) -> Any:
        """As a recorder's, with the exception types of TensorFlow's graphs.

        **Raises:** `TypeError` for dtypes that do not fit, `ValueError` for shapes, where running code raises
        `InvalidArgumentError`.
        """
        try:
            return super().miss(key, op, statics, args, refs)
        except InvalidArgumentError as error:
            raise graph_error(error) from error

    def _full(self, op: Op, statics: tuple[Any, ...], args: tuple[Any, ...]) -> bool:
        return False

    def capture(self, tensor: BaseTensor) -> Aval:
        """Let a tensor of an outer recording enter, without its value.

        **Raises:** `TypeError` or `InaccessibleTensorError` if its recording has ended.
        """
        check_scope(tensor, self.outer)
        self.slots[id(tensor)] = ~len(self.inputs)
        self.inputs.append(tensor)
        return tensor.aval

    def resolve(self, tensor: BaseTensor, reason: str) -> None:
        """As a recorder's; there is no value.

        **Raises:** `ValueNeeded`; `TypeError` or `InaccessibleTensorError` once the trace has ended.
        """
        if self.finished:
            raise out_of_scope(tensor, local.recorder)
        raise ValueNeeded(
            f"The value of {tensor!r} is needed while {self.name!r} is traced, where it is not known yet: it decides a "
            f"shape or an argument that must be static. Compute it from Python values or from shapes, or call the "
            f"function without tf.function."
        )

    def value_for_other_thread(self, tensor: BaseTensor) -> Any:
        """As `resolve`."""
        self.resolve(tensor, "value needed")


def check_scope(tensor: BaseTensor, recorder: Any) -> None:
    """Check that a symbolic tensor belongs to a trace that is still going on.

    **Raises:** `InaccessibleTensorError` in the function around the trace, `TypeError` elsewhere.
    """
    home = tensor.home.recorder
    if not isinstance(home, Trace):
        return
    around = recorder
    while isinstance(around, Trace):
        if around is home:
            return
        around = around.outer
    raise out_of_scope(tensor, local.recorder)


def out_of_scope(tensor: BaseTensor, recorder: Any) -> Exception:
    """The error about a symbolic tensor that left its trace."""
    outside, inside = _outermost_trace(tensor.home.recorder), _outermost_trace(recorder)
    kind = InaccessibleTensorError if outside is inside and not inside.finished else TypeError
    return kind(
        f"{tensor!r} is out of scope and cannot be used here: it is a symbolic tensor of a function that was traced, "
        "or of a branch or loop in it, and has no value outside. Return it from there, or assign it to a tf.Variable."
    )


def _outermost_trace(recorder: Any) -> Any:
    while isinstance(recorder, Trace) and isinstance(recorder.outer, Trace):
        recorder = recorder.outer
    return recorder


def is_tracing() -> bool:
    """Whether what this thread does is being traced rather than run."""
    return local.recorder.tracing


def outermost() -> Recorder:
    """The recorder of the eager code around all traces."""
    recorder: Any = local.recorder
    while recorder.tracing:
        recorder = recorder.outer
    return recorder
