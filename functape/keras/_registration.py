"""Classes and functions of the user's own that configurations may name."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from typing import Any, Literal


class _Local(threading.local):
    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}


_local = _Local()
_registered: dict[str, Any] = {}
_names: dict[Any, str] = {}


class CustomObjectScope:
    """A context in which names in configurations stand for one's own objects (`tf.keras.utils.custom_object_scope`).

    **Arguments:**
    - `custom_objects`: objects by name, in one dict or several.

    ```python
    >>> import functape as tf
    >>> def double(x): return 2 * x
    >>> with tf.keras.utils.custom_object_scope({"double": double}):
    ...     tf.keras.activations.get("double") is double
    True

    ```
    """

    def __init__(self, *custom_objects: dict[str, Any] | None) -> None:
        self.custom_objects = {name: each for objects in custom_objects for name, each in (objects or {}).items()}
        self._left: list[dict[str, Any]] = []

    def __enter__(self) -> CustomObjectScope:
        self._left.append(_local.objects)
        _local.objects = _local.objects | self.custom_objects
        return self

    def __exit__(self, *_: object) -> Literal[False]:
        _local.objects = self._left.pop()
        return False


def custom_object_scope(*custom_objects: dict[str, Any] | None) -> CustomObjectScope:
    """As `CustomObjectScope` (`tf.keras.utils.custom_object_scope`)."""
    return CustomObjectScope(*custom_objects)


def get_custom_objects() -> dict[str, Any]:
    """The registered objects by name, to be changed at will (`tf.keras.utils.get_custom_objects`)."""
    return _registered


def scoped_objects() -> dict[str, Any]:
    """The objects of the scopes that are open."""
    return _local.objects


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[Any], Any]:
    """A decorator that lets configurations name a class or function (`tf.keras.utils.register_keras_serializable`).

    **Arguments:**
    - `package`: put before the name, with `>` between them.
    - `name`: the name; the object's own by default.

    **Raises:** `ValueError` for a class without `get_config`.

    ```python
    >>> import functape as tf
    >>> @tf.keras.utils.register_keras_serializable("mine")
    ... def double(x): return 2 * x
    >>> tf.keras.utils.get_registered_name(double)
    'mine>double'

    ```
    """

    def decorator(registered: Any) -> Any:
        if inspect.isclass(registered) and not hasattr(registered, "get_config"):
            raise ValueError(
                f"Cannot register {registered.__name__}: a class needs a get_config() method, which returns the "
                "arguments of its constructor as a dict."
            )
        full = f"{package}>{registered.__name__ if name is None else name}"
        _registered[full] = registered
        _names[registered] = full
        return registered

    return decorator


def get_registered_name(obj: Any) -> str:
    """The name an object is registered under, or its own (`tf.keras.utils.get_registered_name`)."""
    try:
        return _names.get(obj) or obj.__name__
    except TypeError:
        return obj.__name__


def get_registered_object(
    name: str, custom_objects: dict[str, Any] | None = None, module_objects: dict[str, Any] | None = None
) -> Any:
    """The object of a name: of the open scopes, registered, or given (`tf.keras.utils.get_registered_object`).

    **Arguments:**
    - `name`: as `get_registered_name` gives it.
    - `custom_objects`, `module_objects`: further objects by name.

    **Returns:** the object; None if there is none.
    """
    for objects in (_local.objects, _registered, custom_objects or {}, module_objects or {}):
        if name in objects:
            return objects[name]
    return None
