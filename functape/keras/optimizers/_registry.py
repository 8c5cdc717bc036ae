"""Optimizers by name and by configuration."""

from __future__ import annotations

from typing import Any

from functape.keras.optimizers._adam import Adam
from functape.keras.optimizers._optimizer import Optimizer
from functape.keras.optimizers._sgd import SGD

_CLASSES: dict[str, type[Optimizer]] = {"adam": Adam, "sgd": SGD}


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """Class name and arguments of an optimizer (`tf.keras.optimizers.serialize`)."""
    return {"class_name": type(optimizer).__name__, "config": optimizer.get_config()}


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Optimizer:
    """The optimizer that `serialize` described (`tf.keras.optimizers.deserialize`).

    **Arguments:**
    - `config`: `class_name` and `config`.
    - `custom_objects`: further classes by name.

    **Raises:** `ValueError` for a class that is not known.
    """
    name = config["class_name"]
    known = _CLASSES | {key.lower(): value for key, value in (custom_objects or {}).items()}
    if name.lower() not in known:
        raise ValueError(f"Unknown optimizer: {name!r}. Known are {sorted(known)}; others go into `custom_objects`.")
    return known[name.lower()].from_config(config["config"])


def get(identifier: Any) -> Optimizer:
    """The optimizer that `identifier` stands for (`tf.keras.optimizers.get`).

    **Arguments:**
    - `identifier`: an optimizer, its name in any case, or what `serialize` returns.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.optimizers.get("sgd").get_config()["momentum"]
    0.0

    ```
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        return deserialize({"class_name": identifier, "config": {}})
    raise ValueError(f"Could not interpret optimizer identifier: {identifier!r}. Pass an optimizer or its name.")
