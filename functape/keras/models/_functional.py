"""Functional models, and their configurations."""

from __future__ import annotations

from typing import Any

from functape.keras._registration import CustomObjectScope
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras._symbolic import KerasTensor
from functape.keras.layers._layer_calls import map_leaves
from functape.keras.models._model import Model


class Functional(Model):
    """What `tf.keras.Model(inputs, outputs)` makes.

    **Arguments:**
    - `inputs`, `outputs`: symbolic tensors, or structures of them.
    - `name`: `functional` by default.
    - `kwargs`: as for `tf.keras.Model`.
    """

    _stored_module = "keras.src.models.functional"
    """The module that Keras names in configurations of this class, which it does not count as public."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = super().__new__(cls, *args, **kwargs)
        self.__dict__["_graph"] = None
        return self

    def get_config(self) -> dict[str, Any]:
        """The layers, their calls, and which are inputs and outputs."""
        if type(self).__init__ is not Model.__init__:
            return super().get_config()
        graph = self._graph
        assert graph is not None
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable, "layers": []}
        kept = {id(node) for node in graph.nodes}
        numbers: dict[int, int] = {}
        for layer in graph.layers:
            # In Keras a functional model has a call of its own, by which it was made, before all others.
            first = 1 if isinstance(layer, Functional) else 0
            for number, node in enumerate((node for node in layer._inbound_nodes if id(node) in kept), first):
                numbers[id(node)] = number
        for layer in graph.layers:
            described = serialize_keras_object(layer)
            described["name"] = layer.name
            described["inbound_nodes"] = [
                {"args": _described(node.args, numbers), "kwargs": _described(node.kwargs, numbers)}
                for node in layer._inbound_nodes
                if id(node) in kept and not node.is_input
            ]
            config["layers"].append(described)

        def place(tensor: KerasTensor) -> list[Any]:
            return [tensor._node.layer.name, numbers[id(tensor._node)], tensor._index]

        config["input_layers"] = map_leaves(place, graph.inputs)
        config["output_layers"] = map_leaves(place, graph.outputs)
        return config


def _described(value: Any, numbers: dict[int, int]) -> Any:
    """Arguments of a call as a configuration holds them."""
    if isinstance(value, dict):
        return {key: _described(each, numbers) for key, each in value.items()}
    if isinstance(value, tuple):
        return tuple(_described(each, numbers) for each in value)
    if isinstance(value, list):
        return [_described(each, numbers) for each in value]
    if isinstance(value, KerasTensor):
        history = [value._node.layer.name, numbers[id(value._node)], value._index]
        shape = tuple(value.shape)
        return {
            "class_name": "__keras_tensor__",
            "config": {"shape": shape, "dtype": value.dtype.name, "keras_history": history},
        }
    return serialize_keras_object(value)


def functional_from_config(cls: Any, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """The functional model that a configuration describes, of either Keras's making.

    **Arguments:**
    - `cls`: the class to make.
    - `config`: what `get_config` returned.
    - `custom_objects`: the user's own classes by name.
    """
    layers: dict[str, Any] = {}
    waiting: list[tuple[Any, Any]] = []
    with CustomObjectScope(custom_objects):
        for described in config["layers"]:
            plain = {key: each for key, each in described.items() if key not in ("inbound_nodes",)}
            layer = deserialize_keras_object(plain)
            layers[described.get("name", layer.name)] = layer
            waiting += [(layer, node) for node in described["inbound_nodes"]]
    counts = {id(layer): len(layer._inbound_nodes) for layer in layers.values()}
    begins = {
        key: 0 if layer._inbound_nodes and layer._inbound_nodes[0].is_input else counts[id(layer)]
        for key, layer in layers.items()
    }
    named = _highest_numbers([each["inbound_nodes"] for each in config["layers"]] + [config["output_layers"]])
    for described in config["layers"]:
        name = described.get("name") or described["config"]["name"]
        if getattr(layers[name], "_graph", None) is not None:
            counted_from_one = named.get(name, 0) >= len(described["inbound_nodes"])
            begins[name] = counts[id(layers[name])] - (1 if counted_from_one else 0)

    def tensor(history: Any) -> KerasTensor:
        name, node, place = history[:3]
        return layers[name]._inbound_nodes[begins[name] + node].output_tensors[place]

    while waiting:
        left = []
        for layer, node in waiting:
            try:
                args, kwargs = _arguments(node, tensor)
            except IndexError:
                left.append((layer, node))
                continue
            if any(each is layer for each, _ in left):
                left.append((layer, node))
                continue
            layer(*args, **kwargs)
        if len(left) == len(waiting):
            raise ValueError(f"The calls of layers {sorted({layer.name for layer, _ in left})} have no beginning.")
        waiting = left
    inputs, outputs = (_tensors(config[key], tensor) for key in ("input_layers", "output_layers"))
    if _is_of_keras_2(config):
        inputs, outputs = (each[0] if isinstance(each, list) and len(each) == 1 else each for each in (inputs, outputs))
    given = {key: config[key] for key in ("name", "trainable") if config.get(key) is not None}
    return (Model if cls is Functional else cls)(inputs=inputs, outputs=outputs, **given)


def _is_of_keras_2(config: dict[str, Any]) -> bool:
    """Whether calls are described by lists, in which a single input or output is a list of one."""
    calls = [node for layer in config["layers"] for node in layer["inbound_nodes"]]
    return bool(calls) and not isinstance(calls[0], dict)


def _highest_numbers(config: Any) -> dict[str, int]:
    """The highest number of a call of each layer that a configuration refers to."""
    if isinstance(config, dict):
        config = list(config.values())
    if not isinstance(config, list | tuple):
        return {}
    found: dict[str, int] = {}
    if len(config) >= 3 and isinstance(config[0], str) and isinstance(config[1], int) and isinstance(config[2], int):
        found[config[0]] = config[1]
    for each in config:
        for name, number in _highest_numbers(each).items():
            found[name] = max(number, found.get(name, 0))
    return found


def _tensors(histories: Any, tensor: Any) -> Any:
    if isinstance(histories, dict):
        return {key: _tensors(each, tensor) for key, each in histories.items()}
    if len(histories) == 3 and isinstance(histories[0], str) and isinstance(histories[1], int):
        return tensor(histories)
    return [_tensors(each, tensor) for each in histories]


def _arguments(node: Any, tensor: Any) -> tuple[Any, Any]:
    """The arguments of a call described in Keras 3's way, or in Keras 2's."""
    if isinstance(node, dict):
        return _real(tuple(node["args"]), tensor), _real(node["kwargs"], tensor)
    entries = node if isinstance(node[0], list | tuple) else [node]
    tensors = [tensor(entry) for entry in entries]
    kwargs = {
        key: _keras_2_argument(each, tensor) for key, each in (entries[0][3] if len(entries[0]) > 3 else {}).items()
    }
    return ((tensors[0] if len(tensors) == 1 else tensors),), kwargs


def _keras_2_argument(value: Any, tensor: Any) -> Any:
    if isinstance(value, list) and len(value) == 3 and value[0] in ("_CONSTANT_VALUE",):
        return value[2]
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], int):
        return tensor(value)
    return value


def _real(value: Any, tensor: Any) -> Any:
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return tensor(value["config"]["keras_history"])
        if "class_name" in value and "config" in value:
            return deserialize_keras_object(value)
        return {key: _real(each, tensor) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_real(each, tensor) for each in value)
    return value
