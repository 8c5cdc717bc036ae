"""Weights in Keras 2's HDF5 layout: a group for each layer, whose attributes list the weights' names."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from functape.keras.saving._store import read, write
from functape.keras.saving._walk import layers_in_keras_2

TOP_LEVEL = "top_level_model_weights"
_ATTRIBUTE_LIMIT = 64512
"""The bytes that fit into an attribute of an HDF5 file; longer lists are spread over several."""
KERAS_VERSION = "3.15.1"
"""The version of Keras whose layouts are written."""


def save_weights(group: Any, model: Any) -> None:
    """Store the weights of a model's layers.

    **Arguments:**
    - `group`: an HDF5 file or a group of one.
    - `model`: the model.
    """
    _set_names(group, "layer_names", [layer.name for layer in model.layers])
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = KERAS_VERSION.encode()
    for layer in sorted(model.layers, key=lambda each: each.name):
        save_variables(group.create_group(layer.name), weights_of(layer))
    save_variables(group.create_group(TOP_LEVEL), model._stored_variables())


def weights_of(layer: Any) -> list[Any]:
    """The weights of a layer as Keras 2 orders them: all those to be trained first."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def save_variables(group: Any, variables: list[Any]) -> None:
    """Store variables under their names.

    **Arguments:**
    - `group`: an HDF5 group.
    - `variables`: the variables; equal names get numbers.
    """
    names: dict[str, Any] = {}
    for variable in variables:
        name, number = variable.name, 0
        while name in names:
            number += 1
            plain, colon, place = variable.name.partition(":")
            name = f"{plain}_{number}{colon}{place}"
        names[name] = variable
    _set_names(group, "weight_names", list(names))
    for name, variable in names.items():
        write(group, name, variable)


def load_variables(group: Any) -> list[np.ndarray[Any, Any]]:
    """The values that `save_variables` stored, in order."""
    return [read(group[name]) for name in get_names(group, "weight_names")]


def load_weights(group: Any, model: Any, skip_mismatch: bool = False) -> None:
    """Take the weights of a model's layers from a file, layer by layer in their order.

    **Arguments:**
    - `group`: an HDF5 file or a group of one.
    - `model`: the model, with its weights made.
    - `skip_mismatch`: whether to leave weights of another shape as they are, with a warning.

    **Raises:** `ValueError` if the numbers of layers or weights are not those of the file, or shapes are others;
    nothing is assigned then.
    """
    version = group.attrs.get("keras_version", "")
    by_keras_3 = (version.decode() if isinstance(version, bytes) else str(version)).startswith("3")
    layers = [layer for layer in (model.layers if by_keras_3 else layers_in_keras_2(model)) if weights_of(layer)]
    names = [name for name in get_names(group, "layer_names") if get_names(group[name], "weight_names")]
    if len(names) != len(layers):
        raise ValueError(
            f"Layer count mismatch when loading weights from file. Model expected {len(layers)} layers, found "
            f"{len(names)} saved layers."
        )
    pairs: list[tuple[Any, Any]] = []
    for place, (name, layer) in enumerate(zip(names, layers, strict=True)):
        variables, values = weights_of(layer), load_variables(group[name])
        if len(values) != len(variables):
            raise ValueError(
                f"Weight count mismatch for layer #{place} (named {layer.name} in the current model, {name} in the "
                f"save file). Layer expects {len(variables)} weight(s). Received {len(values)} saved weight(s)"
            )
        pairs += _matched(f"layer #{place} (named {layer.name})", variables, values, skip_mismatch)
    pairs += _top_level(group, model, False, skip_mismatch)
    _assign(pairs)


def load_weights_by_name(group: Any, model: Any, skip_mismatch: bool = False) -> None:
    """Take the weights of those of a model's layers whose names are in a file.

    **Arguments:**
    - `group`, `model`: as for `load_weights`.
    - `skip_mismatch`: whether to leave layers with another number of weights, and weights of another shape, as they
      are, with a warning.

    **Raises:** `ValueError` as `load_weights`.
    """
    pairs: list[tuple[Any, Any]] = []
    for place, name in enumerate(get_names(group, "layer_names")):
        values = load_variables(group[name])
        for layer in model.layers:
            if layer.name != name:
                continue
            variables, what = weights_of(layer), f"layer #{place} (named {name})"
            if len(values) == len(variables):
                pairs += _matched(what, variables, values, skip_mismatch)
                continue
            counts = f"Layer expects {len(variables)} weight(s). Received {len(values)} saved weight(s)"
            if not skip_mismatch:
                raise ValueError(f"Weight count mismatch for {what}. {counts}")
            _warn(f"Skipping loading of weights for {what} due to mismatch in number of weights. {counts}")
    pairs += _top_level(group, model, skip_mismatch, skip_mismatch)
    _assign(pairs)


def _top_level(group: Any, model: Any, skip_count: bool, skip_shape: bool) -> list[tuple[Any, Any]]:
    """The weights that belong to no layer of a model but to itself."""
    if TOP_LEVEL not in group:
        return []
    variables, values = model._stored_variables(), load_variables(group[TOP_LEVEL])
    if len(values) == len(variables):
        return _matched("top-level model", variables, values, skip_shape)
    counts = f"Model expects {len(variables)} top-level weight(s). Received {len(values)} saved top-level weight(s)"
    if not skip_count:
        raise ValueError(f"Weight count mismatch for top-level weights when loading weights from file. {counts}")
    _warn(f"Skipping loading top-level weights for model due to mismatch in number of weights. {counts}")
    return []


def _matched(what: str, variables: list[Any], values: list[Any], skip_mismatch: bool) -> list[tuple[Any, Any]]:
    """Variables with their values, where the shapes are equal."""
    pairs = []
    for variable, value in zip(variables, values, strict=True):
        shape = tuple(variable.shape)
        if shape == value.shape:
            pairs.append((variable, value))
            continue
        told = f"Weight expects shape {shape}. Received saved weight with shape {value.shape}"
        if not skip_mismatch:
            raise ValueError(f"Shape mismatch in {what} for weight {variable.name}. {told}")
        _warn(f"Skipping loading weights for {what} due to mismatch in shape for weight {variable.name}. {told}")
    return pairs


def _warn(message: str) -> None:
    warnings.warn(message, stacklevel=6)


def _assign(pairs: list[tuple[Any, Any]]) -> None:
    for variable, value in pairs:
        variable.assign(np.asarray(value).astype(variable.dtype.as_numpy_dtype))


def has_layers(group: Any) -> bool:
    """Whether an HDF5 file or group is in this layout."""
    return "layer_names" in group.attrs or "layer_names0" in group.attrs


def get_names(group: Any, attribute: str) -> list[str]:
    """The list of names in an attribute, or in several with numbers."""
    if attribute in group.attrs:
        found = list(group.attrs[attribute])
    else:
        found, number = [], 0
        while f"{attribute}{number}" in group.attrs:
            found += list(group.attrs[f"{attribute}{number}"])
            number += 1
    return [each.decode() if isinstance(each, bytes) else str(each) for each in found]


def _set_names(group: Any, attribute: str, names: list[str]) -> None:
    encoded = [name.encode() for name in names]
    longest = max(map(len, encoded), default=1)
    if longest > _ATTRIBUTE_LIMIT:
        raise RuntimeError(f"A name of {longest} bytes cannot be stored in an HDF5 file: give the layer a shorter one.")
    fits = _ATTRIBUTE_LIMIT // longest
    if len(encoded) <= fits:
        group.attrs[attribute] = encoded
        return
    for number, start in enumerate(range(0, len(encoded), fits)):
        group.attrs[f"{attribute}{number}"] = encoded[start : start + fits]
