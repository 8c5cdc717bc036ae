"""Models made from other models, or from configurations."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from functape.keras._serialization import deserialize_keras_object
from functape.keras._symbolic import KerasTensor
from functape.keras.layers._layer_calls import leaves_of, map_leaves
from functape.keras.layers.core._input import Input, InputLayer
from functape.keras.models._model import Model
from functape.keras.models._sequential import Sequential


def clone_model(
    model: Any,
    input_tensors: Any = None,
    clone_function: Callable[[Any], Any] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    **kwargs: Any,
) -> Any:
    """A model of the same architecture with new weights (`tf.keras.models.clone_model`).

    **Arguments:**
    - `model`: a functional or sequential model; a subclassed one is made from its configuration.
    - `input_tensors`: symbolic tensors to build on; new ones by default.
    - `clone_function`: makes a layer of a layer; from its configuration by default.
    - `call_function`: calls a new layer: `(layer, *args, **kwargs)`.
    - `recursive`: whether `clone_function` is applied inside models that are layers.
    - `kwargs`: none; unknown ones are an error.

    **Raises:** `ValueError` for what is no model, or arguments that do not go with it.

    ```python
    >>> import functape as tf
    >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    >>> tf.keras.models.clone_model(model).count_params()
    8

    ```
    """
    if kwargs:
        raise ValueError(f"Unexpected keyword argument(s): {sorted(kwargs)}")
    if not isinstance(model, Model):
        raise ValueError(f"Argument `model` must be a Model instance. Received: {model}")

    def clone(layer: Any) -> Any:
        if recursive and isinstance(layer, Model) and (layer._graph is not None or isinstance(layer, Sequential)):
            return clone_model(layer, None, clone_function, call_function, True)
        return _from_config(layer) if clone_function is None else clone_function(layer)

    if isinstance(model, Sequential):
        return _cloned_sequential(model, input_tensors, clone)
    if model._graph is None:
        if input_tensors is not None or clone_function is not None:
            raise ValueError(
                f"Arguments `clone_function` and `input_tensors` are only supported for Sequential models or "
                f"Functional models. Received model of type '{type(model).__name__}', with "
                f"clone_function={clone_function} and input_tensors={input_tensors}"
            )
        return _from_config(model)
    return _cloned_graph(model, input_tensors, clone, call_function)


def _from_config(layer: Any) -> Any:
    return type(layer).from_config(layer.get_config())


def _cloned_sequential(model: Any, input_tensors: Any, clone: Callable[[Any], Any]) -> Any:
    layers = [clone(layer) for layer in model._sequence if not isinstance(layer, InputLayer)]
    first = model._sequence[0] if model._sequence and isinstance(model._sequence[0], InputLayer) else None
    if input_tensors is not None:
        given = leaves_of(input_tensors)
        if len(given) != 1:
            raise ValueError(f"Argument `input_tensors` must contain a single tensor. Received: {input_tensors}")
        layers.insert(0, given[0])
    elif first is not None:
        layers.insert(0, Input(batch_shape=first.__dict__["batch_shape"], dtype=first.dtype, name=first.name))
    return Sequential(layers, name=model.name, trainable=model.trainable)


def _cloned_graph(model: Any, input_tensors: Any, clone: Callable[[Any], Any], call_function: Any) -> Any:
    graph = model._graph
    if input_tensors is None:
        inputs = map_leaves(_same_input, graph.inputs)
    else:
        flat = [each if isinstance(each, KerasTensor) else _same_input(each) for each in leaves_of(input_tensors)]
        remaining = iter(flat)
        inputs = map_leaves(lambda _: next(remaining), graph.inputs)
    made = {id(old): new for old, new in zip(graph.input_tensors, leaves_of(inputs), strict=True)}
    layers: dict[int, Any] = {}
    for node in graph.nodes:
        if node.is_input or all(id(each) in made for each in node.output_tensors):
            continue
        layer = layers.get(id(node.layer))
        if layer is None:
            layer = layers[id(node.layer)] = clone(node.layer)

        def new(leaf: Any) -> Any:
            return made[id(leaf)] if isinstance(leaf, KerasTensor) else leaf

        args, kwargs = map_leaves(new, node.args), {key: map_leaves(new, each) for key, each in node.kwargs.items()}
        outputs = layer(*args, **kwargs) if call_function is None else call_function(layer, *args, **kwargs)
        made.update(zip(map(id, node.output_tensors), leaves_of(outputs), strict=True))
    outputs = map_leaves(lambda leaf: made[id(leaf)], graph.outputs)
    return Model(inputs, outputs, name=model.name)


def _same_input(tensor: Any) -> KerasTensor:
    node = getattr(tensor, "_node", None)
    name = node.layer.name if node is not None and isinstance(node.layer, InputLayer) else None
    return Input(batch_shape=tuple(tensor.shape), dtype=tensor.dtype, name=name)


def model_from_json(json_string: str, custom_objects: dict[str, Any] | None = None) -> Any:
    """The architecture that `model.to_json()` described, with new weights (`tf.keras.models.model_from_json`).

    **Arguments:**
    - `json_string`: what `to_json` returned.
    - `custom_objects`: the user's own classes and functions by name.
    """
    return deserialize_keras_object(json.loads(json_string), custom_objects)


def model_from_config(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """The model that a configuration with its class's name describes (Keras 2's `model_from_config`).

    **Raises:** `TypeError` for a configuration without a class.
    """
    if isinstance(config, list):
        raise TypeError(f"`model_from_config` expects a dictionary, not a list. Received: config={config}")
    return deserialize_keras_object(config, custom_objects)
