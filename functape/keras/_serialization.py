"""Objects as configurations that can be stored as JSON, in Keras 3's format, and back.

Keras 2's `{"class_name": ..., "config": ...}` is understood too.
"""

from __future__ import annotations

import inspect
import threading
import types
import warnings
from typing import Any, Literal

import numpy as np

from functape._core._convert import convert, is_tensor_like
from functape._core._shape import TensorShape
from functape._engine._dtypes import DType, as_dtype
from functape.keras import _lambdas
from functape.keras._public import MODELING, public_object, public_place
from functape.keras._registration import (
    CustomObjectScope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    scoped_objects,
)

_PLAIN = (str, int, float, bool)


class _Local(threading.local):
    def __init__(self) -> None:
        self.safe: bool | None = None
        self.configs: dict[int, dict[str, Any]] | None = None
        self.objects: dict[int, Any] | None = None


_local = _Local()


class SafeModeScope:
    """A context in which stored Python code may not, or may, be run (`keras.saving`'s safe mode).

    **Arguments:**
    - `safe_mode`: False to allow lambda functions.
    """

    def __init__(self, safe_mode: bool | None = True) -> None:
        self._wanted = safe_mode

    def __enter__(self) -> SafeModeScope:
        self._before, _local.safe = _local.safe, self._wanted
        return self

    def __exit__(self, *_: object) -> Literal[False]:
        _local.safe = self._before
        return False


class ObjectSharingScope:
    """A context in which an object that configurations hold twice is one object again when they are read."""

    def __enter__(self) -> ObjectSharingScope:
        self._before = _local.configs, _local.objects
        _local.configs, _local.objects = {}, {}
        return self

    def __exit__(self, *_: object) -> Literal[False]:
        _local.configs, _local.objects = self._before
        return False


def enable_unsafe_deserialization() -> None:
    """Allow stored lambda functions everywhere (`tf.keras.config.enable_unsafe_deserialization`)."""
    _local.safe = False


def serialize_keras_object(obj: Any) -> Any:
    """The configuration of an object (`tf.keras.utils.serialize_keras_object`).

    **Arguments:**
    - `obj`: an object with `get_config`, a function, an array, a plain value, or lists and dicts of these.

    **Returns:** what `json.dumps` takes. A class or function becomes `module`, `class_name`, `config` and
    `registered_name`.

    **Raises:** `TypeError` for an object without `get_config`.

    ```python
    >>> import functape as tf
    >>> tf.keras.utils.serialize_keras_object(tf.keras.initializers.Zeros())["class_name"]
    'Zeros'

    ```
    """
    if obj is None or isinstance(obj, _PLAIN):
        return obj
    if isinstance(obj, TensorShape):
        return None if obj.rank is None else obj.as_list()
    if isinstance(obj, list):
        return [serialize_keras_object(each) for each in obj]
    if isinstance(obj, tuple):
        return tuple(serialize_keras_object(each) for each in obj)
    if isinstance(obj, dict):
        return _serialize_dict(obj)
    if isinstance(obj, DType):
        return obj.name
    if obj is Ellipsis:
        return _special("ellipsis", {})
    if isinstance(obj, bytes):
        return _special("bytes", {"value": obj.decode("utf-8")})
    if isinstance(obj, slice):
        return _special("slice", _serialize_dict({"start": obj.start, "stop": obj.stop, "step": obj.step}))
    if type(obj).__name__ == "KerasTensor":
        return _symbolic(obj)
    if is_tensor_like(obj):
        return _special("tensor", {"value": np.asarray(obj.numpy()).tolist(), "dtype": obj.dtype.name})
    if isinstance(obj, np.generic | np.ndarray):
        if obj.ndim:
            return _special("numpy", {"value": obj.tolist(), "dtype": as_dtype(obj.dtype).name})
        return obj.item()
    if isinstance(obj, types.FunctionType) and obj.__name__ == "<lambda>":
        warnings.warn(
            "A lambda function is stored as Python code. To read it back, pass `safe_mode=False`; better, use a named "
            "function.",
            stacklevel=2,
        )
        return _special("lambda", {"value": _lambdas.dump(obj)})
    return _serialize_object(obj)


def _special(kind: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": f"__{kind}__", "config": config}


def _serialize_dict(values: dict[str, Any]) -> dict[str, Any]:
    return {key: serialize_keras_object(each) for key, each in values.items()}


def _symbolic(tensor: Any) -> dict[str, Any]:
    history = list(getattr(tensor, "_keras_history", None) or ())
    if history:
        history[0] = history[0].name
    config = {"shape": tuple(tensor.shape), "dtype": as_dtype(tensor.dtype).name, "keras_history": history or None}
    return _special("keras_tensor", config)


def _serialize_object(obj: Any) -> dict[str, Any]:
    if isinstance(obj, types.FunctionType) or not hasattr(obj, "get_config"):
        if not hasattr(obj, "__name__"):
            raise TypeError(
                f"Cannot serialize object {obj} of type {type(obj)}. Give its class a get_config() method, which "
                "returns the arguments of its constructor as a dict."
            )
        return {
            "module": "builtins",
            "class_name": "function",
            "config": get_registered_name(obj),
            "registered_name": "function",
        }
    config = obj.get_config()
    if not isinstance(config, dict):
        raise TypeError(f"The `get_config()` method of {obj} should return a dict. It returned: {config}")
    cls = type(obj)
    place = public_place(cls)
    module, name = place or (cls.__module__, cls.__name__)
    registered = None if place else get_registered_name(cls)
    if "_stored_module" in vars(cls):
        module, registered = cls._stored_module, name
    described: dict[str, Any] = {
        "module": None if module == "__main__" else module,
        "class_name": name,
        "config": _serialize_dict(config),
        "registered_name": registered,
    }
    for what in ("build", "compile"):
        further = getattr(obj, f"get_{what}_config", lambda: None)()
        if further is not None:
            described[f"{what}_config"] = _serialize_dict(further)
    if _local.configs is not None:
        first = _local.configs.setdefault(id(obj), described)
        if first is not described:
            first["shared_object_id"] = described["shared_object_id"] = id(obj)
    return described


def deserialize_keras_object(
    config: Any, custom_objects: dict[str, Any] | None = None, safe_mode: bool = True, **kwargs: Any
) -> Any:
    """The object that a configuration describes (`tf.keras.utils.deserialize_keras_object`).

    **Arguments:**
    - `config`: what `serialize_keras_object` returned, or Keras 2's `class_name` and `config`.
    - `custom_objects`: the user's own classes and functions by name.
    - `safe_mode`: False to allow lambda functions.
    - `module_objects`: objects by name, for a configuration that names no module.

    **Raises:** `TypeError` for a class or function that is not found; `ValueError` for a lambda function in safe mode.

    ```python
    >>> import functape as tf
    >>> config = tf.keras.utils.serialize_keras_object(tf.keras.regularizers.L2(0.5))
    >>> tf.keras.utils.deserialize_keras_object(config).l2
    0.5

    ```
    """
    module_objects = kwargs.pop("module_objects", None)
    kwargs.pop("printable_module_name", None)
    if kwargs:
        raise TypeError(f"Unknown arguments: {sorted(kwargs)}. Known are custom_objects, safe_mode, module_objects.")
    safe = _local.safe if _local.safe is not None else safe_mode
    with CustomObjectScope(custom_objects), SafeModeScope(safe):
        return _deserialize(config, module_objects or {})


def _deserialize(config: Any, module_objects: dict[str, Any]) -> Any:
    if isinstance(config, str):
        found = get_registered_object(config, module_objects=module_objects)
        return config if found is None else found() if inspect.isclass(found) else found
    if config is None or isinstance(config, _PLAIN):
        return config
    if isinstance(config, list | tuple):
        return [_deserialize(each, {}) for each in config]
    if not isinstance(config, dict):
        raise TypeError(f"Could not parse config: {config!r}. Pass what serialize_keras_object returned.")
    if "class_name" not in config or "config" not in config:
        if module_objects:
            raise ValueError(f"A configuration needs `class_name` and `config`. Received: {config!r}")
        return {key: _deserialize(each, {}) for key, each in config.items()}
    inner = {} if config["config"] is None else config["config"]
    special = _SPECIAL.get(config["class_name"])
    return special(inner) if special is not None else _object(config, inner, module_objects)


def _lambda(config: dict[str, Any]) -> types.FunctionType:
    if _local.safe:
        raise ValueError(
            "The configuration holds a lambda function, that is Python code, which might do anything. If you trust "
            "where it comes from, pass `safe_mode=False`, or call tf.keras.config.enable_unsafe_deserialization()."
        )
    import functape

    return _lambdas.load(
        config["value"], {"tf": functape, "np": np, "keras": functape.keras, "__builtins__": __builtins__}
    )


def _keras_tensor(config: dict[str, Any]) -> Any:
    tensor = public_object("keras", "KerasTensor")(tuple(config["shape"]), dtype=config["dtype"])
    tensor._pre_serialization_keras_history = config["keras_history"]
    return tensor


_SPECIAL = {
    "__bytes__": lambda config: config["value"].encode("utf-8"),
    "__ellipsis__": lambda config: Ellipsis,
    "__keras_tensor__": _keras_tensor,
    "__lambda__": _lambda,
    "__numpy__": lambda config: np.array(config["value"], as_dtype(config["dtype"]).as_numpy_dtype),
    "__slice__": lambda config: slice(config["start"], config["stop"], config["step"]),
    "__tensor__": lambda config: convert(np.array(config["value"], as_dtype(config["dtype"]).as_numpy_dtype)),
}


def _object(config: dict[str, Any], inner: Any, module_objects: dict[str, Any]) -> Any:
    name = inner if config["class_name"] == "function" else config["class_name"]
    found: Any = _find(config, name, module_objects)
    if not inspect.isclass(found):
        return found
    if not isinstance(inner, dict):
        raise TypeError(f"Expected 'config' to be a dict for {name}, instead got {type(inner)}. Full config: {config}")
    shared = config.get("shared_object_id")
    if shared is not None and _local.objects is not None and shared in _local.objects:
        return _local.objects[shared]
    if not hasattr(found, "from_config"):
        raise TypeError(f"The class {name} has no `from_config()` method to make it from a configuration: {config}")
    try:
        instance = found.from_config(dict(inner))  # type: ignore[attr-defined]
    except TypeError as error:
        raise TypeError(
            f"{found} could not be deserialized properly: {error}. What get_config() returns must be what the "
            f"constructor takes; objects in it are to be deserialized in from_config(). Full config: {config}"
        ) from error
    if config.get("build_config") and not getattr(instance, "built", True):
        instance.build_from_config(config["build_config"])
        instance.built = True
    if config.get("compile_config"):
        instance.compile_from_config(config["compile_config"])
        instance.compiled = True
    if shared is not None and _local.objects is not None:
        _local.objects[shared] = instance
    return instance


def _find(config: dict[str, Any], name: Any, module_objects: dict[str, Any]) -> Any:
    """The class or function of a configuration: the user's own first."""
    if not isinstance(name, str):
        raise TypeError(f"Expected a name, instead got {type(name)}. Full config: {config}")
    own = get_custom_objects() | scoped_objects()
    for candidate in (config.get("registered_name"), name):
        if candidate in own:
            return own[candidate]
    if name in module_objects:
        return module_objects[name]
    module = config.get("module")
    for place in [module] if module and module != "builtins" else [f"keras.{each}" for each in MODELING]:
        found = public_object(place, name)
        if found is not None:
            return found
    ending = [each for key, each in own.items() if key.endswith(f">{name}")]
    if ending:
        return ending[0]
    kind = "function" if config["class_name"] == "function" else "class"
    raise TypeError(
        f"Could not locate {kind} '{name}'. Decorate your own with @tf.keras.utils.register_keras_serializable(), and "
        f"import it before, or name it in `custom_objects`. Full object config: {config}"
    )
