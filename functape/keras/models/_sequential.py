"""`tf.keras.Sequential`: layers one after another."""

from __future__ import annotations

from typing import Any

from functape._core._convert import is_tensor_like
from functape._core._shape import TensorShape
from functape.keras._naming import unique_name
from functape.keras._registration import CustomObjectScope
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras._symbolic import KerasTensor
from functape.keras._symbolic_nodes import concretely
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_tracking import changed
from functape.keras.layers.core._functions import Lambda
from functape.keras.layers.core._input import Input, InputLayer
from functape.keras.models._graph import Graph, of_rank
from functape.keras.models._model import Model


class Sequential(Model):
    """A model whose layers follow one another (`tf.keras.Sequential`).

    The first layer may be a `tf.keras.Input`, or have an `input_shape`; the weights are then made at once, and
    otherwise at the first call.

    **Arguments:**
    - `layers`: the layers; a function becomes a `Lambda` layer.
    - `name`: its name.
    - `trainable`: whether its weights are to be trained.

    ```python
    >>> import functape as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(4, activation="relu"), tf.keras.layers.Dense(1)])
    >>> model(tf.ones((2, 3))).shape
    TensorShape([2, 1])

    ```
    """

    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None, **kwargs: Any) -> None:
        Layer.__init__(self, trainable=trainable, name=name, **kwargs)
        self.supports_masking = True
        self.__dict__["_sequence"] = []
        self._stacked: list[Any] = []
        given = [] if layers is None else list(layers) if isinstance(layers, list | tuple) else [layers]
        for layer in given:
            self.add(layer, rebuild=False)
        self._maybe_rebuild()

    # ---- the layers ------------------------------------------------------------------------------------------

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer at the end.

        **Arguments:**
        - `layer`: a layer, a symbolic tensor from `tf.keras.Input`, or a function.
        - `rebuild`: whether to build at once what can be built.

        **Raises:** `ValueError` for something else, a second input, or a name that is taken.
        """
        sequence = self._sequence
        if isinstance(layer, KerasTensor):
            node = layer._node
            layer = node.layer if node is not None else layer
        if not isinstance(layer, Layer) and callable(layer) and not isinstance(layer, type):
            layer = Lambda(layer)
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Only instances of `keras.Layer` can be added to a Sequential model. Received: {layer} (of type "
                f"{type(layer)})"
            )
        if any(each.name == layer.name for each in sequence):
            raise ValueError(
                "All layers added to a Sequential model should have unique names. Name "
                f"{layer.name!r} is already the name of a layer in this model. Update the `name` argument to pass a "
                "unique name."
            )
        if isinstance(layer, InputLayer) and sequence and isinstance(sequence[0], InputLayer):
            raise ValueError(
                f"Sequential model '{self.name}' has already been configured to use input shape "
                f"{sequence[0].__dict__['batch_shape']}. You cannot add a different Input layer to it."
            )
        if not sequence and not isinstance(layer, InputLayer) and getattr(layer, "_batch_input_shape", None):
            sequence.append(InputLayer(batch_shape=layer._batch_input_shape, dtype=layer._input_dtype))
        elif not sequence and isinstance(layer, Model) and layer._graph is not None and len(layer.inputs) == 1:
            first = layer._graph.input_tensors[0]
            sequence.append(InputLayer(batch_shape=tuple(first.shape), dtype=first.dtype))
        sequence.append(layer)
        self._restack(rebuild)

    def pop(self, rebuild: bool = True) -> Any:
        """Take the last layer away and return it.

        **Raises:** `IndexError` if there is none.
        """
        if not self.layers:
            raise IndexError("There are no layers in the model.")
        layer = self._sequence.pop()
        self._restack(rebuild)
        return layer

    def _restack(self, rebuild: bool) -> None:
        self._stacked = [each for each in self._sequence if not isinstance(each, InputLayer)]
        self.__dict__["_chain"] = tuple(self._stacked)
        self.built = False
        self.__dict__["_graph"] = None
        self._ready.clear()
        changed()
        if rebuild:
            self._maybe_rebuild()

    def _maybe_rebuild(self) -> None:
        sequence = self._sequence
        if len(sequence) > 1 and isinstance(sequence[0], InputLayer):
            self.build(sequence[0].__dict__["batch_shape"])

    @property
    def layers(self) -> list[Any]:
        """The layers, without the input."""
        return [each for each in self._sequence if not isinstance(each, InputLayer)]

    @property
    def _sequence(self) -> list[Any]:
        return self.__dict__["_sequence"]

    # ---- building and running --------------------------------------------------------------------------------

    def build(self, input_shape: Any = None) -> None:
        """Make the weights, for inputs of a shape (with the batch axis).

        **Raises:** `ValueError` if there are no layers.
        """
        if input_shape is None:
            return
        if not self._sequence:
            raise ValueError(
                f"Sequential model {self.name} cannot be built because it has no layers. Call `model.add(layer)`."
            )
        sequence = self._sequence
        if isinstance(sequence[0], InputLayer):
            tensor = sequence[0]._inbound_nodes[0].output_tensors[0]
        elif isinstance(input_shape, dict) or (
            isinstance(input_shape, list | tuple)
            and input_shape
            and isinstance(input_shape[0], list | tuple | TensorShape)
        ):
            self.built = True
            return
        else:
            tensor = Input(batch_shape=tuple(input_shape), dtype=sequence[0].compute_dtype)
            sequence.insert(0, tensor._node.layer)
        x = tensor
        with concretely():
            for layer in sequence[1:]:
                x = layer(x)
        # Keras makes a functional model of it, and counts that among the names.
        self.__dict__["_graph"] = Graph(tensor, x, unique_name("functional"))
        self.built = True

    def _build_for(self, given: dict[str, Any]) -> None:
        Layer._build_for(self, given)

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The outputs of the last layer."""
        graph = self.__dict__["_graph"]
        if graph is not None and is_tensor_like(inputs):
            (stand_in,) = graph.input_tensors
            if len(inputs.aval.shape) != len(stand_in.aval.shape):
                inputs = of_rank(inputs, tuple(stand_in.shape))
        for layer in self.__dict__["_chain"]:
            inputs = layer(inputs)
        return inputs

    def _masks_nothing(self) -> bool:
        return True

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs for inputs of a shape."""
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    # ---- configuration ---------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The layers' configurations."""
        config = {key: each for key, each in Layer.get_config(self).items() if key in ("name", "trainable", "dtype")}
        config["layers"] = [serialize_keras_object(layer) for layer in self._sequence]
        if self._graph is not None:
            config["build_input_shape"] = tuple(self._graph.input_tensors[0].shape)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """The model that `get_config` described, of either Keras's making."""
        if "layers" not in config:
            return cls(**config)
        model = cls(name=config.get("name"), trainable=config.get("trainable", True))
        with CustomObjectScope(custom_objects):
            for described in config["layers"]:
                model.add(deserialize_keras_object(described), rebuild=False)
        model._maybe_rebuild()
        shape = config.get("build_input_shape")
        if not model.built and shape and isinstance(shape, list | tuple):
            model.build(tuple(shape))
        return model
