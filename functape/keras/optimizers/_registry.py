"""Optimizers by name and by configuration."""

from __future__ import annotations

from typing import Any

from functape.keras._family import Family
from functape.keras.optimizers._adam import Adam, Adamax, AdamW, Lion, Nadam, ScheduleFreeAdamW
from functape.keras.optimizers._adaptive import Adadelta, Adagrad, Ftrl, RMSprop
from functape.keras.optimizers._loss_scale import LossScaleOptimizer
from functape.keras.optimizers._matrix import Adafactor, Lamb, Muon
from functape.keras.optimizers._multi import MultiOptimizer
from functape.keras.optimizers._optimizer import Optimizer
from functape.keras.optimizers._sgd import SGD

CLASSES: list[Any] = [
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, LossScaleOptimizer, MultiOptimizer, Muon,
    Nadam, RMSprop, SGD, ScheduleFreeAdamW,
]  # fmt: skip
_LOWER = {kind.__name__.lower(): kind for kind in CLASSES}
_FAMILY = Family("optimizer", CLASSES, _LOWER)


def serialize(optimizer: Optimizer, use_legacy_format: bool = False) -> dict[str, Any]:
    """Class name and arguments of an optimizer (`tf.keras.optimizers.serialize`).

    **Arguments:**
    - `optimizer`: the optimizer.
    - `use_legacy_format`: leave out all but `class_name` and `config`.

    ```python
    >>> import functape as tf
    >>> tf.keras.optimizers.serialize(tf.keras.optimizers.SGD())["class_name"]
    'SGD'

    ```
    """
    return _FAMILY.serialize(optimizer, use_legacy_format)


def deserialize(
    config: dict[str, Any], custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False, **kwargs: Any
) -> Optimizer:
    """The optimizer that `serialize` described (`tf.keras.optimizers.deserialize`).

    **Arguments:**
    - `config`: `class_name` and `config`.
    - `custom_objects`: further classes by name.
    - `use_legacy_format`, `use_legacy_optimizer`: accepted for compatibility; both formats are understood.

    **Raises:** `ValueError` for a class that is not known.

    ```python
    >>> import functape as tf
    >>> described = {"class_name": "SGD", "config": {"learning_rate": 0.5}}
    >>> tf.keras.optimizers.deserialize(described).learning_rate.numpy()
    np.float32(0.5)

    ```
    """
    kwargs.pop("use_legacy_optimizer", None)
    if kwargs:
        raise TypeError(f"Invalid keyword arguments: {', '.join(kwargs)}")
    lower = str(config["class_name"]).lower()
    if config.get("module") == "keras.optimizers.legacy":
        from functape.keras.optimizers import legacy

        return getattr(legacy, config["class_name"]).from_config(config["config"])
    if lower in _LOWER:
        config = {**config, "class_name": lower}
    return _FAMILY.deserialize(config, custom_objects)


def get(identifier: Any, **kwargs: Any) -> Any:
    """The optimizer that `identifier` stands for (`tf.keras.optimizers.get`).

    **Arguments:**
    - `identifier`: an optimizer, its name in any case, what `serialize` returns, or an optax transformation.
    - `use_legacy_optimizer`: accepted for compatibility.

    **Returns:** the optimizer; None for None.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.optimizers.get("sgd").get_config()["momentum"]
    0.0

    ```
    """
    kwargs.pop("use_legacy_optimizer", None)
    if kwargs:
        raise TypeError(f"Invalid keyword arguments: {', '.join(kwargs)}")
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        try:
            return deserialize({"class_name": identifier, "config": {}})
        except TypeError as error:
            raise ValueError(
                f"Unknown optimizer: {identifier!r}. Known are {', '.join(sorted(kind.__name__ for kind in CLASSES))}; "
                "one's own go into tf.keras.utils.custom_object_scope."
            ) from error
    if hasattr(identifier, "init") and hasattr(identifier, "update"):
        from functape.keras.optimizers._optax import Optax

        return Optax(identifier)
    raise ValueError(f"Could not interpret optimizer identifier: {identifier!r}. Pass an optimizer or its name.")
