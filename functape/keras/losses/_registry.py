"""Losses by name and by configuration."""

from __future__ import annotations

from typing import Any

from functape.keras.losses import _classes as classes
from functape.keras.losses import _classification as classification
from functape.keras.losses import _functions as functions
from functape.keras.losses._bound import binders
from functape.keras.losses._loss import Loss, LossFunctionWrapper
from functape.keras.losses._objects import deserialized, interpreted, serialized

ALIASES: dict[str, Any] = {
    "bce": classification.binary_crossentropy,
    "BCE": classification.binary_crossentropy,
    "kld": functions.kl_divergence,
    "KLD": functions.kl_divergence,
    "kullback_leibler_divergence": functions.kl_divergence,
    "logcosh": functions.log_cosh,
    "mae": functions.mean_absolute_error,
    "MAE": functions.mean_absolute_error,
    "mape": functions.mean_absolute_percentage_error,
    "MAPE": functions.mean_absolute_percentage_error,
    "mse": functions.mean_squared_error,
    "MSE": functions.mean_squared_error,
    "msle": functions.mean_squared_logarithmic_error,
    "MSLE": functions.mean_squared_logarithmic_error,
    "huber_loss": functions.huber,
}
"""Other names of functions."""

KNOWN: dict[str, Any] = {
    **{each.__name__: each for each in (*binders, Loss, LossFunctionWrapper)},
    **{
        name: each
        for name, each in vars(classes).items()
        if isinstance(each, type) and issubclass(each, LossFunctionWrapper)
    },
    **ALIASES,
}
"""Losses, functions and classes, by name."""


def serialize(loss: Any, use_legacy_format: bool = False) -> Any:
    """The configuration of a loss or of a function (`tf.keras.losses.serialize`).

    **Arguments:**
    - `loss`: a loss or a function.
    - `use_legacy_format`: whether to write it as Keras 2 does.

    ```python
    >>> import functape as tf
    >>> tf.keras.losses.serialize(tf.keras.losses.Hinge())["config"]
    {'name': 'hinge', 'reduction': 'sum_over_batch_size'}

    ```
    """
    return serialized(loss, "keras.losses", use_legacy_format)


def deserialize(name: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False) -> Any:
    """The loss or function that a configuration describes (`tf.keras.losses.deserialize`).

    **Arguments:**
    - `name`: a configuration, in the format of Keras 2 or 3, or a name.
    - `custom_objects`: further classes and functions by name.
    - `use_legacy_format`: accepted for compatibility; either format is recognised.

    **Raises:** `ValueError` for a name that is not known.

    ```python
    >>> import functape as tf
    >>> tf.keras.losses.deserialize({"class_name": "Huber", "config": {"delta": 2.0}}).get_config()["delta"]
    2.0

    ```
    """
    return deserialized(name, "loss", KNOWN, custom_objects)


def get(identifier: Any) -> Any:
    """The loss or function that `identifier` stands for (`tf.keras.losses.get`).

    **Arguments:**
    - `identifier`: a loss, a function, a class, a configuration or a name; None gives None.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.losses.get("mse") is tf.keras.losses.mean_squared_error
    True

    ```
    """
    return interpreted(identifier, "loss", KNOWN)
