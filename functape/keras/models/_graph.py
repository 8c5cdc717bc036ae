"""The graph of a functional model: its layer calls in order, and how they are run."""

from __future__ import annotations

from typing import Any

from functape._core._arrange import arrange
from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._core._masks import mask_of
from functape._core._tensor import Tensor
from functape._engine._dtypes import as_dtype
from functape._ops._shaping import RESHAPE
from functape.keras._symbolic import KerasTensor
from functape.keras._symbolic_lengths import lengths_of
from functape.keras._symbolic_nodes import Node
from functape.keras.layers._layer_calls import leaves_of, map_leaves
from functape.keras.layers.core._input import InputLayer
from functape.keras.layers.core._op_layer import TFOpLambda


class Graph:
    """What lies between symbolic inputs and outputs.

    **Arguments:**
    - `inputs`, `outputs`: structures of symbolic tensors.
    - `name`: the model's name, for messages.

    **Raises:** `ValueError` if an output does not depend on the inputs alone, or two layers have one name.
    """

    def __init__(self, inputs: Any, outputs: Any, name: str) -> None:
        self.inputs, self.outputs, self.name = inputs, outputs, name
        self.input_tensors = _symbolic(inputs, "inputs")
        self.output_tensors = _symbolic(outputs, "outputs")
        if len({id(each) for each in self.input_tensors}) != len(self.input_tensors):
            raise ValueError(f"The list of inputs passed to the model contains the same input more than once: {inputs}")
        self._known = {id(each) for each in self.input_tensors}
        self.nodes: list[Node] = []
        self.layers: list[Any] = []
        self._sort()
        self._check_names()
        self.steps = self._plan()
        self._direct: set[Any] = set()
        """Avals of single inputs that need no adjusting."""

    # ---- order -----------------------------------------------------------------------------------------------

    def _sort(self) -> None:
        """Put nodes and layers in Keras's order: by their distance from the outputs, then as they were met."""
        finished: list[Node] = []
        met: dict[Any, int] = {}
        self._visit_all(finished, met)
        depth: dict[Node, int] = {}
        layer_depth: dict[int, int] = {}
        layers = {id(node.layer): node.layer for node in finished}
        for node in reversed(finished):
            own = max(depth.setdefault(node, 0), layer_depth.get(id(node.layer), 0))
            depth[node] = layer_depth[id(node.layer)] = own
            for parent in self._parents(node):
                depth[parent] = max(own + 1, depth.get(parent, 0))
        for tensor in self.input_tensors:
            node = tensor._node
            if node is not None and id(node.layer) not in layers and node.is_input:
                layers[id(node.layer)] = node.layer
                layer_depth[id(node.layer)] = 0
                met[id(node.layer)] = -1
                depth[node] = 0
                finished.append(node)
        order = sorted(layers, key=lambda each: (-layer_depth[each], met[each]))
        self.layers = [layers[each] for each in order]
        self.nodes = sorted(finished, key=lambda node: -depth[node])

    def _visit_all(self, finished: list[Node], met: dict[Any, int]) -> None:
        seen: set[int] = set()
        active: set[int] = set()

        def visit(tensor: KerasTensor) -> None:
            node = tensor._node
            if node is None:
                raise ValueError(
                    f"Graph disconnected: cannot find a layer that made the tensor {tensor!r}. Build the outputs from "
                    "tf.keras.Input tensors that are among the model's inputs."
                )
            if id(node) in seen:
                return
            if id(node) in active:
                raise ValueError(f"Tensor {tensor!r} from layer '{node.layer.name}' is part of a cycle.")
            if node.is_input and id(tensor) not in self._known:
                raise ValueError(
                    f"Graph disconnected: cannot find parent for tensor {tensor!r} of layer '{node.layer.name}'. "
                    "It is needed for the outputs, but is not among the model's inputs."
                )
            met.setdefault(id(node.layer), len(met))
            active.add(id(node))
            if id(tensor) not in self._known:
                for each in node.input_tensors:
                    if id(each) in self._known and not (each._node is not None and each._node.is_input):
                        # An input of the model that a layer made: the graph begins there.
                        continue
                    visit(each)
            seen.add(id(node))
            active.discard(id(node))
            finished.append(node)

        for tensor in self.output_tensors:
            visit(tensor)

    def _parents(self, node: Node) -> list[Node]:
        return [] if node.is_input else [
            each._node for each in node.input_tensors
            if each._node is not None and (id(each) not in self._known or each._node.is_input)
        ]  # fmt: skip

    def _check_names(self) -> None:
        names = [layer.name for layer in self.layers]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f"All layers in a functional model must have unique names. The name {twice[0]!r} is used "
                f"{names.count(twice[0])} times. Pass other `name`s to the layers."
            )

    # ---- running ---------------------------------------------------------------------------------------------

    def _plan(self) -> list[tuple[Any, int | None, int | None, Node]]:
        """The calls to make: for the plainest kind, with one tensor in and one out, their ids."""
        steps: list[tuple[Any, int | None, int | None, Node]] = []
        for node in self.nodes:
            if node.is_input or all(id(each) in self._known for each in node.output_tensors):
                continue
            plain = (
                len(node.args) == 1
                and isinstance(node.args[0], KerasTensor)
                and not node.kwargs
                and isinstance(node.outputs, KerasTensor)
                and not (isinstance(node.layer, TFOpLambda) and node.layer._moves)
            )
            steps.append(
                (node.layer, id(node.args[0]), id(node.outputs), node) if plain else (node.layer, None, None, node)
            )
        self._moves = any(isinstance(layer, TFOpLambda) and layer._moves for layer, *_ in steps)
        self._chain = self._find_chain(steps)
        return steps

    def _find_chain(self, steps: list[Any]) -> list[Any] | None:
        """The layers, if each takes just the output of the one before."""
        if len(self.input_tensors) != 1 or not isinstance(self.outputs, KerasTensor):
            return None
        last = id(self.input_tensors[0])
        for _, taken, made, _ in steps:
            if taken is None or taken != last:
                return None
            last = made
        return [layer for layer, *_ in steps] if last == id(self.outputs) else None

    def run(self, inputs: Any, mask: Any = None) -> Any:
        """The outputs for some inputs."""
        if self._chain is not None and inputs.__class__ is Tensor and inputs.aval in self._direct and mask is None:
            for layer in self._chain:
                inputs = layer(inputs)
            return inputs
        tensors = self.flat(inputs)
        if self._chain is not None and tensors[0].__class__ is Tensor and tensors[0] is inputs:
            self._direct.add(inputs.aval)
        values = {id(stand_in): tensor for stand_in, tensor in zip(self.input_tensors, tensors, strict=True)}
        lengths = lengths_of(self.input_tensors, tensors) if self._moves else None
        for layer, taken, made, node in self.steps:
            if taken is not None and made is not None:
                values[made] = layer(values[taken])
                continue
            self._step(layer, node, values, lengths)
        return map_leaves(lambda each: values[id(each)] if isinstance(each, KerasTensor) else each, self.outputs)

    def _step(self, layer: Any, node: Node, values: dict[int, Any], lengths: Any) -> None:
        def real(leaf: Any) -> Any:
            return values[id(leaf)] if isinstance(leaf, KerasTensor) else leaf

        args = map_leaves(real, node.args)
        kwargs = {key: map_leaves(real, each) for key, each in node.kwargs.items()}
        if isinstance(layer, TFOpLambda) and layer._moves:
            outputs = layer.call(*args, lengths=lengths)
        else:
            outputs = layer(*args, **kwargs)
        made = [leaf for leaf in leaves_of(outputs) if is_tensor_like(leaf)]
        for stand_in, value in zip(node.output_tensors, made, strict=True):
            values[id(stand_in)] = value

    # ---- inputs ----------------------------------------------------------------------------------------------

    def flat(self, inputs: Any) -> list[Any]:
        """The inputs as tensors, in order, of the shapes and dtypes they should have.

        **Raises:** `ValueError` if they are not those of the model.
        """
        given = self._in_order(inputs)
        if len(given) != len(self.input_tensors):
            raise ValueError(
                f"Model '{self.name}' expected {len(self.input_tensors)} input(s). Received {len(given)} instead."
            )
        return [self._fit(value, stand_in) for value, stand_in in zip(given, self.input_tensors, strict=True)]

    def _in_order(self, inputs: Any) -> list[Any]:
        if isinstance(inputs, dict) and not isinstance(self.inputs, dict):
            names = [_input_name(each) for each in self.input_tensors]
            missing = [name for name in names if name not in inputs]
            if missing:
                raise ValueError(
                    f"Missing data for input {missing[0]!r}. You passed a data dictionary with keys {list(inputs)}. "
                    f"Expected the following keys: {names}"
                )
            return [inputs[name] for name in names]
        if isinstance(inputs, dict):
            missing = [key for key in self.inputs if key not in inputs]
            if missing:
                raise ValueError(
                    f"Missing data for input {missing[0]!r}. You passed a data dictionary with keys {list(inputs)}. "
                    f"Expected the following keys: {list(self.inputs)}"
                )
            return [leaf for key in self.inputs for leaf in leaves_of(inputs[key])]
        return leaves_of(inputs)

    def _fit(self, value: Any, stand_in: KerasTensor) -> Any:
        if value is None:
            return None
        if not is_tensor_like(value):
            value = convert(value)
        dtype = stand_in.aval.dtype
        mask = mask_of(value)
        if value.aval.dtype is not dtype:
            value = cast(value, as_dtype(dtype))
        wanted = tuple(stand_in.shape)
        value = of_rank(value, wanted)
        if mask is not None and mask_of(value) is None:
            value._keras_mask = mask
        shape = tuple(value.shape)
        fits = len(shape) == len(wanted) and all(
            a is None or b is None or a == b for a, b in zip(shape, wanted, strict=True)
        )
        if not fits:
            place = next(index for index, each in enumerate(self.input_tensors) if each is stand_in)
            raise ValueError(
                f"Input {place} of layer '{self.name}' is incompatible with the layer: expected shape={wanted}, found "
                f"shape={shape}"
            )
        return value


def of_rank(value: Any, wanted: tuple[Any, ...]) -> Any:
    """A tensor with a last axis of length 1 more, or without one, if that gives it the rank of a shape."""
    shape = value.aval.shape
    if len(shape) == len(wanted) - 1 and wanted[-1] == 1:
        return arrange(RESHAPE, ((*shape, 1),), (value,))
    if len(shape) == len(wanted) + 1 and shape[-1] == 1:
        return arrange(RESHAPE, (shape[:-1],), (value,))
    return value


def _input_name(tensor: KerasTensor) -> str:
    node = tensor._node
    return node.layer.name if node is not None and isinstance(node.layer, InputLayer) else tensor.name


def _symbolic(structure: Any, what: str) -> list[KerasTensor]:
    found = leaves_of(structure)
    for each in found:
        if not isinstance(each, KerasTensor):
            raise ValueError(
                f"All `{what}` values of a functional model must be KerasTensors, made by tf.keras.Input and by layers "
                f"called on its result. Received: {what}={structure} including invalid value {each} of type "
                f"{type(each)}"
            )
    return found
