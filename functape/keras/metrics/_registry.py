"""Metrics by name and by configuration."""

from __future__ import annotations

from typing import Any

from functape.keras._naming import to_snake_case
from functape.keras.losses._objects import deserialized, interpreted, serialized
from functape.keras.losses._registry import KNOWN as LOSSES
from functape.keras.metrics import _auc, _counts, _f_score, _iou, _mean, _r2, _wrapped
from functape.keras.metrics._metric import Metric

CLASSES: dict[str, type[Metric]] = {
    name: each
    for module in (_mean, _wrapped, _counts, _auc, _f_score, _r2, _iou)
    for name, each in vars(module).items()
    if isinstance(each, type) and issubclass(each, Metric) and not name.startswith("_")
}
ALIASES: dict[str, type[Metric]] = {
    "acc": _wrapped.Accuracy,
    "bce": _wrapped.BinaryCrossentropy,
    "BCE": _wrapped.BinaryCrossentropy,
    "kld": _wrapped.KLDivergence,
    "KLD": _wrapped.KLDivergence,
    "kl_divergence": _wrapped.KLDivergence,
    "kullback_leibler_divergence": _wrapped.KLDivergence,
    "log_cosh": _wrapped.LogCoshError,
    "logcosh": _wrapped.LogCoshError,
    "mae": _wrapped.MeanAbsoluteError,
    "MAE": _wrapped.MeanAbsoluteError,
    "mape": _wrapped.MeanAbsolutePercentageError,
    "MAPE": _wrapped.MeanAbsolutePercentageError,
    "mse": _wrapped.MeanSquaredError,
    "MSE": _wrapped.MeanSquaredError,
    "msle": _wrapped.MeanSquaredLogarithmicError,
    "MSLE": _wrapped.MeanSquaredLogarithmicError,
}
"""Other names."""

_LOSS_FUNCTIONS = {name: each for name, each in LOSSES.items() if not isinstance(each, type)}
KNOWN: dict[str, Any] = {
    **_LOSS_FUNCTIONS,
    **CLASSES,
    **{to_snake_case(name): each for name, each in CLASSES.items()},
    **ALIASES,
}
"""Metrics by name; losses that are no metrics as functions."""


def serialize(metric: Any, use_legacy_format: bool = False) -> Any:
    """The configuration of a metric (`tf.keras.metrics.serialize`).

    **Arguments:**
    - `metric`: a metric or a function.
    - `use_legacy_format`: whether to write it as Keras 2 does.

    ```python
    >>> import functape as tf
    >>> tf.keras.metrics.serialize(tf.keras.metrics.Mean())["config"]
    {'name': 'mean', 'dtype': 'float32'}

    ```
    """
    return serialized(metric, "keras.metrics", use_legacy_format)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False) -> Any:
    """The metric that a configuration describes (`tf.keras.metrics.deserialize`).

    **Arguments:**
    - `config`: a configuration, in the format of Keras 2 or 3, or a name.
    - `custom_objects`: further classes and functions by name.
    - `use_legacy_format`: accepted for compatibility; either format is recognised.

    **Raises:** `ValueError` for a name that is not known.

    ```python
    >>> import functape as tf
    >>> tf.keras.metrics.deserialize({"class_name": "AUC", "config": {"curve": "PR"}}).curve
    'PR'

    ```
    """
    return deserialized(config, "metric", KNOWN, custom_objects)


def get(identifier: Any) -> Any:
    """The metric that `identifier` stands for (`tf.keras.metrics.get`).

    **Arguments:**
    - `identifier`: a metric, a function, a class, a configuration or a name; None gives None.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.metrics.get("mse")
    <MeanSquaredError name=mean_squared_error>

    ```
    """
    return interpreted(identifier, "metric", KNOWN)
