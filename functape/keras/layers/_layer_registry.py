"""Layers by configuration."""

from __future__ import annotations

from typing import Any

from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.layers._layer import Layer


def serialize(layer: Any) -> dict[str, Any]:
    """The configuration of a layer, with its class (`tf.keras.layers.serialize`)."""
    return serialize_keras_object(layer)


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """The layer that a configuration describes (`tf.keras.layers.deserialize`).

    **Arguments:**
    - `config`: what `serialize` returned, of either Keras's making.
    - `custom_objects`: the user's own classes by name.

    **Raises:** `ValueError` if it describes something else.
    """
    made = deserialize_keras_object(config, custom_objects)
    if not isinstance(made, Layer):
        raise ValueError(
            "`keras.layers.deserialize` was passed a `config` object that is not a `keras.layers.Layer`. "
            f"Received: {config}"
        )
    return made
