"""Keras 2's format of configurations (`tf.keras.utils.legacy`)."""

from __future__ import annotations

from typing import Any

from functape._namespace import lazy
from functape.keras._registration import CustomObjectScope, get_registered_name, get_registered_object
from functape.keras._serialization import deserialize_keras_object as _deserialize

__all__ = ["deserialize_keras_object", "serialize_keras_object"]


def serialize_keras_object(instance: Any) -> Any:
    """Class name and configuration of an object, or the name of a function (`tf.keras.utils.legacy`).

    **Raises:** `ValueError` for what has neither.

    ```python
    >>> import functape as tf
    >>> tf.keras.utils.legacy.serialize_keras_object(tf.keras.regularizers.L2(0.5))
    {'class_name': 'L2', 'config': {'l2': 0.5}}

    ```
    """
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        return {"class_name": get_registered_name(type(instance)), "config": instance.get_config()}
    if hasattr(instance, "__name__"):
        return get_registered_name(instance)
    raise ValueError(f"Cannot serialize {instance!r}: its class needs a `get_config()` method.")


def deserialize_keras_object(
    identifier: Any,
    module_objects: dict[str, Any] | None = None,
    custom_objects: dict[str, Any] | None = None,
    printable_module_name: str = "object",
) -> Any:
    """The object that `serialize_keras_object` described (`tf.keras.utils.legacy`).

    **Arguments:**
    - `identifier`: a name, or a dict with `class_name` and `config`.
    - `module_objects`, `custom_objects`: classes and functions by name.
    - `printable_module_name`: what it is called in messages.

    **Raises:** `ValueError` for a name that is not known.
    """
    if identifier is None or callable(identifier):
        return identifier
    if isinstance(identifier, str):
        name = identifier
    elif isinstance(identifier, dict) and "class_name" in identifier and "config" in identifier:
        name = identifier["class_name"]
    else:
        raise ValueError(f"Improper config format: {identifier!r}. Pass a name or `class_name` and `config`.")
    with CustomObjectScope(custom_objects):
        if get_registered_object(name, module_objects=module_objects) is None:
            raise ValueError(
                f"Unknown {printable_module_name}: {name!r}. Name your own objects in `custom_objects` or "
                "tf.keras.utils.custom_object_scope."
            )
        return _deserialize(identifier, module_objects=module_objects)


__getattr__ = lazy(__name__, {}, lambda: __all__)
