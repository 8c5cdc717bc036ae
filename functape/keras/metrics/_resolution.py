"""Which loss or metric a name means for given labels and predictions: what `compile` leaves to the first batch."""

from __future__ import annotations

from typing import Any

from functape.keras.losses import _classification as classification
from functape.keras.losses._loss import Loss, LossFunctionWrapper
from functape.keras.losses._registry import get as get_loss
from functape.keras.metrics import _wrapped as wrapped
from functape.keras.metrics._mean import MeanMetricWrapper
from functape.keras.metrics._metric import Metric
from functape.keras.metrics._registry import get as get_metric

_ACCURACIES = {
    "binary": wrapped.BinaryAccuracy,
    "sparse": wrapped.SparseCategoricalAccuracy,
    "categorical": wrapped.CategoricalAccuracy,
}
_CROSS_ENTROPIES = {
    "binary": classification.binary_crossentropy,
    "sparse": classification.sparse_categorical_crossentropy,
    "categorical": classification.categorical_crossentropy,
}


def kind_of_labels(y_true: tuple[int, ...], y_pred: tuple[int, ...]) -> str:
    """Whether labels are `"binary"`, `"sparse"` (class numbers) or `"categorical"` (one-hot), from the shapes.

    ```python
    >>> kind_of_labels((8, 1), (8, 1)), kind_of_labels((8,), (8, 3)), kind_of_labels((8, 3), (8, 3))
    ('binary', 'sparse', 'categorical')

    ```
    """
    if y_pred and y_pred[-1] == 1:
        return "binary"
    if len(y_true) < len(y_pred) or y_true and y_true[-1] == 1 and y_pred[-1] > 1:
        return "sparse"
    return "categorical"


def resolve_metric(identifier: Any, y_true: tuple[int, ...], y_pred: tuple[int, ...]) -> Metric:
    """The metric that an entry of `compile(metrics=...)` stands for.

    **Arguments:**
    - `identifier`: what `tf.keras.metrics.get` takes, or `"accuracy"` or `"acc"`, whose meaning the shapes decide.
    - `y_true`, `y_pred`: the shapes of labels and predictions.

    **Returns:** a metric, named as the entry.

    **Raises:** `ValueError` for what is no metric.
    """
    if identifier is None:
        raise ValueError("Expected a metric. Received: None")
    if isinstance(identifier, str) and identifier.lower() in ("accuracy", "acc"):
        return _ACCURACIES[kind_of_labels(y_true, y_pred)](name=identifier)
    found = get_metric(identifier)
    metric = found if isinstance(found, Metric) else MeanMetricWrapper(found, name=name_of(found))
    if isinstance(identifier, str):
        metric.name = identifier
    return metric


def resolve_loss(identifier: Any, y_true: tuple[int, ...], y_pred: tuple[int, ...]) -> Loss | None:
    """The loss that an entry of `compile(loss=...)` stands for.

    **Arguments:**
    - `identifier`: what `tf.keras.losses.get` takes, or `"crossentropy"` or `"ce"`, whose meaning the shapes decide.
    - `y_true`, `y_pred`: the shapes of labels and predictions.

    **Returns:** a loss; None for None.

    **Raises:** `ValueError` for what is no loss.
    """
    if identifier is None:
        return None
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        found: Any = _CROSS_ENTROPIES[kind_of_labels(y_true, y_pred)]
    else:
        found = get_loss(identifier)
    if isinstance(found, Loss):
        return found
    return LossFunctionWrapper(found, name=identifier if isinstance(identifier, str) else name_of(found))


def name_of(found: Any) -> str:
    """What a function or object is called."""
    return getattr(found, "name", None) or getattr(found, "__name__", None) or type(found).__name__
