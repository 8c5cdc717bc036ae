"""Configurations of losses and metrics: from objects and back."""

from __future__ import annotations

import inspect
from typing import Any

from functape.keras._registration import get_registered_name, get_registered_object


def serialized(value: Any, module: str, use_legacy_format: bool = False) -> Any:
    """The configuration of an object or function.

    **Arguments:**
    - `value`: the object or function.
    - `module`: where Keras has it, such as `"keras.losses"`.
    - `use_legacy_format`: whether to write it as Keras 2 does.
    """
    if value is None:
        return None
    if not hasattr(value, "get_config"):
        name = get_registered_name(value)
        if use_legacy_format:
            return name
        return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}
    kind = type(value)
    name = get_registered_name(kind)
    config = {key: _plain(each) for key, each in value.get_config().items()}
    if use_legacy_format:
        return {"class_name": name, "config": config}
    own = kind.__module__.startswith("functape.")
    return {
        "module": module if own else kind.__module__,
        "class_name": kind.__name__,
        "config": config,
        "registered_name": None if own else name,
    }


def _plain(value: Any) -> Any:
    """A part of a configuration as JSON can hold it."""
    if inspect.isfunction(value) or inspect.isclass(value):
        return get_registered_name(value)
    if hasattr(value, "numpy"):
        return value.numpy().tolist()
    return value.tolist() if hasattr(value, "tolist") else value


def deserialized(config: Any, kind: str, known: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """The object or function that a configuration, or a name, describes.

    **Arguments:**
    - `config`: what `serialized` returns, what Keras 2 or 3 wrote, or a name.
    - `kind`: what is looked for, in messages.
    - `known`: objects by name.
    - `custom_objects`: further objects by name.

    **Raises:** `ValueError` for a name that is not known; `TypeError` for what is no configuration.
    """
    if isinstance(config, str):
        found = _found(config, kind, known, custom_objects)
        return found() if inspect.isclass(found) else found
    if not isinstance(config, dict) or "class_name" not in config:
        raise TypeError(f"Could not parse config of a {kind}. Received: {config!r}")
    if config["class_name"] == "function":
        return _found(config["config"], kind, known, custom_objects)
    registered = config.get("registered_name")
    name = registered if registered and get_registered_object(registered, custom_objects) else config["class_name"]
    found = _found(name, kind, known, custom_objects)
    arguments = dict(config.get("config") or {})
    if isinstance(arguments.get("fn"), str | dict):
        arguments["fn"] = deserialized(arguments["fn"], kind, known, custom_objects)
    return found.from_config(arguments) if hasattr(found, "from_config") else found(**arguments)


def _found(name: Any, kind: str, known: dict[str, Any], custom_objects: dict[str, Any] | None) -> Any:
    found = get_registered_object(name, custom_objects, known)
    if found is None:
        raise ValueError(
            f"Unknown {kind}: {name!r}. Known are {sorted(known)}; others go into `custom_objects` or "
            "`tf.keras.utils.register_keras_serializable`."
        )
    return found


def interpreted(identifier: Any, kind: str, known: dict[str, Any]) -> Any:
    """What `get` returns for an identifier: an object, or a function.

    **Raises:** `ValueError` for what is none.
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        found = deserialized(identifier, kind, known)
    elif isinstance(identifier, str):
        found = get_registered_object(identifier, None, known)
    else:
        found = identifier
    if callable(found):
        return found() if inspect.isclass(found) else found
    raise ValueError(
        f"Could not interpret {kind} identifier: {identifier!r}. Pass a {kind}, a function of y_true and y_pred, or "
        f"a name: {', '.join(sorted(known))}."
    )
