"""Activation functions by name and by configuration."""

from __future__ import annotations

import types
from typing import Any

from functape.keras._family import Family
from functape.keras._registration import get_registered_name
from functape.keras.activations import _functions as functions

_MEMBERS = [
    functions.celu, functions.elu, functions.exponential, functions.gelu, functions.glu, functions.hard_shrink,
    functions.hard_sigmoid, functions.hard_silu, functions.hard_tanh, functions.leaky_relu, functions.linear,
    functions.log_sigmoid, functions.log_softmax, functions.mish, functions.relu, functions.relu6, functions.selu,
    functions.sigmoid, functions.silu, functions.soft_shrink, functions.softmax, functions.softplus,
    functions.softsign, functions.sparse_plus, functions.sparse_sigmoid, functions.sparsemax, functions.squareplus,
    functions.tanh, functions.tanh_shrink, functions.threshold,
]  # fmt: skip

FAMILY = Family("activation function", _MEMBERS, {"swish": functions.silu, "hard_swish": functions.hard_silu})
_SAME = {"softmax_v2": "softmax"}


def serialize(activation: Any, use_legacy_format: bool = False) -> Any:
    """The name or configuration of an activation function (`tf.keras.activations.serialize`).

    **Arguments:**
    - `activation`: a function or a layer.
    - `use_legacy_format`: whether to write Keras 2's format.

    **Raises:** `ValueError` for what has no name.

    ```python
    >>> import functape as tf
    >>> tf.keras.activations.serialize(tf.keras.activations.swish)
    'silu'

    ```
    """
    if activation is None:
        raise ValueError("Activation function None cannot be serialized: pass tf.keras.activations.linear.")
    if isinstance(activation, types.FunctionType) and activation.__name__ != "<lambda>":
        name = get_registered_name(activation)
        if use_legacy_format or FAMILY.objects.get(_SAME.get(name, name)) is not None:
            return _SAME.get(name, name)
    config = FAMILY.serialize(activation, use_legacy_format)
    if not use_legacy_format and "config" not in config:
        raise ValueError(f"Activation function {activation!r} has no name to store. Register it. Received: {config}")
    return config


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False) -> Any:
    """The activation function of a name or configuration (`tf.keras.activations.deserialize`).

    **Arguments:**
    - `config`: what `serialize` returned.
    - `custom_objects`: further functions by name.
    - `use_legacy_format`: accepted; both formats are understood.

    **Raises:** `ValueError` or `TypeError` for a function that is not known.
    """
    return FAMILY.deserialize(config, custom_objects)


def get(identifier: Any) -> Any:
    """The activation function that `identifier` stands for (`tf.keras.activations.get`).

    **Arguments:**
    - `identifier`: a name, a configuration or a function; None stands for `linear`.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.activations.get("relu") is tf.keras.activations.relu
    True

    ```
    """
    if identifier is None:
        return functions.linear
    if callable(identifier):
        return identifier
    return FAMILY.find(identifier)
