"""Storing objects (`tf.keras.saving`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras._registration import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "register_keras_serializable",
    "serialize_keras_object",
]

_LAZY = {
    "load_model": "functape.keras.saving._api:load_model",
    "load_weights": "functape.keras.saving._api:load_weights",
    "save_model": "functape.keras.saving._api:save_model",
    "save_weights": "functape.keras.saving._api:save_weights",
}
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
