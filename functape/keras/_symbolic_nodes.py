"""Calls on symbolic tensors: what shapes come out, and the nodes that functional models are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from functape._core._convert import convert_arguments, from_lengths, is_tensor_like
from functape._core._known import without_running
from functape._core._layered import LAYERED
from functape._core._masks import mask_of, set_mask
from functape._core._shape import TensorShape
from functape._engine._op import Op
from functape._engine._recorder import local, record, record_multiple
from functape._engine._tensor import BaseTensor
from functape._seeds import seeds
from functape.keras._symbolic import KerasTensor, symbolic_from_aval
from functape.keras._symbolic_trace import ShapeTrace, stand_in
from functape.keras.layers._layer_calls import calls, leaves_of, map_leaves
from functape.keras.layers._layer_tracking import structure


class KerasHistory(NamedTuple):
    """Where a symbolic tensor comes from."""

    layer: Any
    node_index: int
    tensor_index: int


class Node:
    """One call of a layer on symbolic tensors.

    **Arguments:**
    - `layer`: the layer.
    - `args`, `kwargs`: what it was called with.
    - `outputs`: what it returned, a structure of symbolic tensors that gets this node for its history.
    """

    def __init__(self, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any) -> None:
        self.layer = self.operation = layer
        self.args = args
        self.kwargs = kwargs
        self.outputs = outputs
        self.input_tensors = [leaf for leaf in leaves_of((args, kwargs)) if isinstance(leaf, KerasTensor)]
        self.output_tensors = [leaf for leaf in leaves_of(outputs) if isinstance(leaf, KerasTensor)]
        self.parents = list({id(each._node): each._node for each in self.input_tensors if each._node}.values())
        self.index = len(layer._inbound_nodes)
        for place, tensor in enumerate(self.output_tensors):
            tensor._node, tensor._index = self, place
        layer._inbound_nodes.append(self)
        for parent in self.parents:
            parent.layer._outbound_nodes.append(self)

    @property
    def is_input(self) -> bool:
        """Whether it is where a symbolic tensor begins."""
        return not self.input_tensors

    @property
    def parent_nodes(self) -> list[Node]:
        """The calls that made its inputs."""
        return self.parents

    @property
    def given_inputs(self) -> Any:
        """The first argument; the outputs, for a node where symbolic tensors begin."""
        if self.is_input:
            return self.outputs
        given = self.args[0] if self.args else next(iter(self.kwargs.values()))
        symbolic = [leaf for leaf in leaves_of(given) if isinstance(leaf, KerasTensor)]
        return given if symbolic else self.input_tensors[0]

    @property
    def input_shapes(self) -> Any:
        """The shapes of the first argument."""
        return map_leaves(lambda each: tuple(each.shape) if isinstance(each, KerasTensor) else None, self.given_inputs)

    def history(self, place: int) -> KerasHistory:
        """The history of its output numbered `place`."""
        return KerasHistory(self.layer, self.index, place)

    def __repr__(self) -> str:
        return f"<Node operation={self.layer!r}, index={self.index}>"


def call_layer(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a layer on symbolic tensors, and leave a node for it.

    **Returns:** a structure of new symbolic tensors.
    """
    outputs = abstract_outputs(layer, args, kwargs)
    Node(layer, args, kwargs, outputs)
    return outputs


def abstract_outputs(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Symbolic tensors like the outputs of a call."""
    return run_abstractly(layer._call_in_full, args, kwargs)


def run_abstractly(function: Callable[..., Any], *arguments: Any) -> Any:
    """Symbolic tensors like what a function of symbolic tensors returns. Nothing is run: the function is traced."""
    given = list({id(leaf): leaf for leaf in leaves_of(arguments) if isinstance(leaf, KerasTensor)}.values())
    with_masks = [*given, *(mask for mask in map(mask_of, given) if isinstance(mask, KerasTensor))]
    trace = ShapeTrace(local.recorder)
    inside = dict(zip(map(id, with_masks), trace.placeholders([each.aval for each in with_masks]), strict=True))
    for each in given:
        if mask_of(each) is not None:
            set_mask(inside[id(each)], inside.get(id(mask_of(each)), mask_of(each)))
    values: dict[int, Any] = {}

    def traced() -> Any:
        for each in given:
            if hasattr(each, "value"):
                inside[id(each)] = from_lengths(_lengths_in(each.value), each.aval.dtype.as_numpy_dtype)
        outputs = function(*map_leaves(lambda leaf: inside.get(id(leaf), leaf), arguments))
        for leaf in leaves_of(outputs):
            if isinstance(leaf, BaseTensor) and leaf.aval.ndim < 2 and leaf.aval.dtype.is_integer:
                values[id(leaf)] = without_running(leaf)
        return outputs

    try:
        with abstractly():
            outputs = trace.run(traced)
        shapes = {id(inside[id(each)]): each._shape for each in given}
        return map_leaves(lambda leaf: _fresh(leaf, shapes.get(id(leaf)), values.get(id(leaf))), outputs)
    finally:
        trace.undo()


def _lengths_in(value: Any) -> Any:
    """A known value, a scalar or a vector, as an int or a tuple of ints."""
    return tuple(int(each) for each in value) if value.ndim else int(value)


@contextmanager
def abstractly() -> Iterator[None]:
    """A context in which layers are run for the sake of shapes only."""
    before = calls.abstract, calls.depth, calls.training
    version, drawn = structure.version, seeds._sequence.getstate()
    calls.abstract, calls.depth = True, 0 if not before[0] else before[1]
    try:
        yield
    finally:
        calls.abstract, calls.depth, calls.training = before
        if structure.version == version:
            # Nothing was built: the random numbers drawn were drawn for nothing.
            seeds._sequence.setstate(drawn)


@contextmanager
def concretely() -> Iterator[None]:
    """A context in which calls on symbolic tensors leave nodes, also where one is being run for the sake of shapes."""
    before = calls.abstract
    calls.abstract = False
    try:
        yield
    finally:
        calls.abstract = before


def _fresh(leaf: Any, shape: Any, value: Any) -> Any:
    """A symbolic tensor like a given one, without its history.

    **Arguments:**
    - `shape`: its shape, None where its aval tells.
    - `value`: what is known of its value, with stand-ins for unknown lengths; or None.
    """
    if not is_tensor_like(leaf):
        return leaf
    if not isinstance(leaf, KerasTensor) and not calls.abstract and hasattr(leaf, "tensor"):
        return leaf
    tensor = symbolic_from_aval(leaf.aval)
    if shape is not None:
        tensor._shape = shape
    if value is not None:
        tensor.value = value
    mask = mask_of(leaf)
    if mask is not None:
        set_mask(tensor, symbolic_from_aval(mask.aval))
    return tensor


def stand_ins_for_shapes(shape: Any, dtype: Any) -> Any:
    """Symbolic tensors for a shape, or a structure of shapes."""
    if isinstance(shape, dict):
        return {key: stand_ins_for_shapes(each, dtype) for key, each in shape.items()}
    if isinstance(shape, list | tuple) and not all(each is None or hasattr(each, "__index__") for each in shape):
        return [stand_ins_for_shapes(each, dtype) for each in shape]
    return KerasTensor(TensorShape(shape), dtype)


# ---- ops -------------------------------------------------------------------------------------------------------------


def record_symbolically(op: Op, statics: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
    """What an op makes of symbolic arguments: symbolic tensors, with a node unless a layer is being run for shapes."""
    if not all(is_tensor_like(arg) or arg.__class__ in (float, int, bool) for arg in args):
        args = convert_arguments(op, args)
    if calls.abstract:
        # The tensor is one of the code around the layer: its shape is all there is of it.
        args = tuple(stand_in(arg.aval) if isinstance(arg, KerasTensor) else arg for arg in args)
        return (record_multiple if op.multiple else record)(op, statics, args)
    from functape.keras.layers.core._op_layer import TFOpLambda

    return TFOpLambda.for_op(op, statics, args)(*(arg for arg in args if isinstance(arg, KerasTensor)))


def call_function(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a function makes of symbolic arguments: as `record_symbolically`, with the function for a layer."""
    if calls.abstract:
        args, kwargs = map_leaves(
            lambda leaf: stand_in(leaf.aval) if isinstance(leaf, KerasTensor) else leaf, (args, kwargs)
        )
        return LAYERED[name](*args, **kwargs)
    from functape.keras.layers.core._function_layer import TFFunction

    return TFFunction(name)(*args, **kwargs)
