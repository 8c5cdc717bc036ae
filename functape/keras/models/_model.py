"""`tf.keras.Model`: a layer that is trained."""

from __future__ import annotations

import json
from typing import Any

from functape._core import _name_scope as scopes
from functape._core import _nest as nest
from functape._core._shape import TensorShape
from functape.keras._symbolic_nodes import run_abstractly, stand_ins_for_shapes
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_calls import converted, map_leaves
from functape.keras.models._graph import Graph
from functape.keras.models._saving import Saving
from functape.keras.models._training import Training


class Model(Saving, Training):
    """A layer that holds others, and is trained, saved and printed as a whole (`tf.keras.Model`).

    `Model(inputs, outputs)` makes a functional model of what lies between symbolic tensors. A subclass that defines
    `call` computes what it likes with the layers it has for attributes.

    **Arguments:**
    - `inputs`, `outputs`: symbolic tensors, or structures of them.
    - `name`: its name.
    - `trainable`: whether its weights are to be trained.
    - `dtype`: as for layers.

    ```python
    >>> import functape as tf
    >>> x = tf.keras.Input((3,))
    >>> model = tf.keras.Model(x, tf.keras.layers.Dense(2)(x))
    >>> model(tf.ones((5, 3))).shape, model.count_params()
    (TensorShape([5, 2]), 8)

    ```
    """

    _graph: Graph | None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and _is_functional(args, kwargs):
            from functape.keras.models._functional import Functional

            return Layer.__new__(Functional, *args, **kwargs)
        self = Layer.__new__(cls, *args, **kwargs)
        self.__dict__["_graph"] = None
        return self

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if _is_functional(args, kwargs):
            given = dict(zip(("inputs", "outputs", "name"), args, strict=False))
            inputs, outputs = (
                given.pop("inputs", kwargs.pop("inputs", None)),
                given.pop("outputs", kwargs.pop("outputs", None)),
            )
            super().__init__(**{**given, **kwargs})
            self._take_graph(inputs, outputs)
        else:
            super().__init__(*args, **kwargs)
        self.__dict__.setdefault("_graph", None)

    def _take_graph(self, inputs: Any, outputs: Any) -> None:
        """Become the model of what lies between symbolic inputs and outputs."""
        graph = Graph(inputs, outputs, self.name)
        self.__dict__["_graph"] = graph
        self._functional_layers = list(graph.layers)
        self.built = True
        self._leaf = False

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The outputs; a subclass overrides it.

        **Raises:** `NotImplementedError` if it does not.
        """
        graph = self.__dict__["_graph"]
        if graph is None:
            raise NotImplementedError(
                f"Model {type(self).__name__} does not have a `call()` method implemented. Define "
                "`call(self, inputs)`, or build the model from tf.keras.Input."
            )
        return graph.run(inputs, mask)

    def build(self, input_shape: Any = None) -> None:
        """Make the weights, by a call on symbolic tensors of a shape.

        **Arguments:**
        - `input_shape`: a shape with the batch axis, None for lengths that may be any; a structure of shapes for
          several inputs.

        **Raises:** `ValueError` if `call` cannot be run on symbolic tensors.
        """
        if self._graph is not None or input_shape is None:
            return
        if type(self).call is Model.call:
            return
        given = stand_ins_for_shapes(_as_tuples(input_shape), self.compute_dtype)
        kwargs = {"training": False} if self._spec.takes_training else {}
        with scopes.name_scope(""):
            try:
                run_abstractly(lambda inputs: converted(self.call)(inputs, **kwargs), given)
            except (TypeError, NotImplementedError) as error:
                raise ValueError(
                    f"You cannot build your model by calling `build` if your layers do not support float type inputs, "
                    "or read values. Instead, in order to instantiate and build your model, call your model on real "
                    f"tensor data (of the correct dtype). The actual error from `call` is: {error}."
                ) from error

    def _build_for(self, given: dict[str, Any]) -> None:
        if type(self).build is Model.build:
            self.built = True
            return
        super()._build_for(given)

    # ---- layers ----------------------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Any]:
        """The layers directly inside, in order."""
        if self._graph is not None:
            own = [each for each in self._layers_inside() if not any(each is layer for layer in self._graph.layers)]
            return list(self._graph.layers) + own
        return self._layers_inside()

    def layers_in_summary(self) -> list[Any]:
        """The layers that `summary` lists."""
        return self.layers

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """The layer of a name, or at a place.

        **Raises:** `ValueError` if there is none, or if both or neither are given.
        """
        if index is not None and name is not None:
            raise ValueError(f"Provide only a layer name or a layer index. Received: index={index}, name={name}.")
        layers = self.layers
        if index is not None:
            if len(layers) <= index:
                raise ValueError(
                    f"Was asked to retrieve layer at index {index} but model only has {len(layers)} layers."
                )
            return layers[index]
        if name is not None:
            for layer in layers:
                if layer.name == name:
                    return layer
            raise ValueError(f"No such layer: {name}. Existing layers are: {[layer.name for layer in layers]}.")
        raise ValueError("Provide either a layer name or layer index at `get_layer`.")

    @property
    def inputs(self) -> Any:
        """The symbolic inputs of a functional model, in a list; None for another."""
        return None if self._graph is None else list(self._graph.input_tensors)

    @property
    def outputs(self) -> Any:
        """The symbolic outputs of a functional model, in a list; None for another."""
        return None if self._graph is None else list(self._graph.output_tensors)

    @property
    def input(self) -> Any:
        """The symbolic inputs of a functional model, as they were given."""
        return super().input if self._graph is None else self._graph.inputs

    @property
    def output(self) -> Any:
        """The symbolic outputs of a functional model, as they were given."""
        return super().output if self._graph is None else self._graph.outputs

    @property
    def input_shape(self) -> Any:
        """The shape of `input`."""
        return map_leaves(lambda each: tuple(each.shape), self.input)

    @property
    def output_shape(self) -> Any:
        """The shape of `output`."""
        return map_leaves(lambda each: tuple(each.shape), self.output)

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs of a functional model."""
        from functape.keras.models._graph import _input_name

        return [] if self._graph is None else [_input_name(each) for each in self._graph.input_tensors]

    @property
    def output_names(self) -> list[str]:
        """The names of the layers that make the outputs of a functional model, in the order of a dict's sorted keys."""
        return [] if self._graph is None else [each._node.layer.name for each in nest.flatten(self._graph.outputs)]

    # ---- printing and configuration --------------------------------------------------------------------------

    def summary(
        self,
        line_length: int | None = None,
        positions: list[float] | None = None,
        print_fn: Any = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Print a table of the layers with their output shapes and numbers of weights.

        **Arguments:**
        - `line_length`: the table's width.
        - `positions`: where its columns end, as parts of the width.
        - `print_fn`: called with the text instead of printing it.
        - `expand_nested`: whether to list the layers of models inside.
        - `show_trainable`: whether to tell which layers are trained.
        - `layer_range`: names (or patterns) of the first and the last layer to list.
        """
        from functape.keras.models._summary import print_summary

        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def to_json(self, **kwargs: Any) -> str:
        """The model's configuration as JSON; `tf.keras.models.model_from_json` makes the same architecture of it.

        **Arguments:**
        - `kwargs`: passed to `json.dumps`.
        """
        from functape.keras._serialization import serialize_keras_object

        return json.dumps(serialize_keras_object(self), **kwargs)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """The model that `get_config` described."""
        if "layers" in config and "input_layers" in config and "output_layers" in config:
            from functape.keras.models._functional import functional_from_config

            return functional_from_config(cls, config, custom_objects)
        return super().from_config(config)


def _is_functional(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether arguments of a model's constructor are symbolic inputs and outputs."""
    return len(args) >= 2 or (len(args) == 1 and "outputs" in kwargs) or ("inputs" in kwargs and "outputs" in kwargs)


def _as_tuples(shape: Any) -> Any:
    """Shapes as tuples of lengths."""
    if isinstance(shape, TensorShape):
        return tuple(shape)
    if isinstance(shape, dict):
        return {key: _as_tuples(each) for key, each in shape.items()}
    if isinstance(shape, list | tuple) and not all(each is None or hasattr(each, "__index__") for each in shape):
        return [_as_tuples(each) for each in shape]
    return tuple(shape)
