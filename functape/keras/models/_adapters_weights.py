"""Class weights as sample weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._core import _nest as nest
from functape.keras._configuration import floatx


def class_weight_to_sample_weights(y: Any, class_weight: dict[int, float]) -> Any:
    """The weight of each example's class.

    **Arguments:**
    - `y`: class numbers, or one-hot rows; an array.
    - `class_weight`: the weight of each class; 1 for those it does not name.

    **Returns:** an array of the default floating dtype.

    ```python
    >>> class_weight_to_sample_weights(np.array([0, 1, 2]), {1: 3.0})
    array([1., 3., 1.], dtype=float32)

    ```
    """
    labels = np.asarray(y)
    weights = np.ones(labels.shape[:1], floatx())
    if labels.ndim > 1:
        labels = labels.argmax(-1) if labels.shape[-1] != 1 else labels[..., 0]
    labels = np.round(labels).astype(np.int64)
    for number in np.unique(labels):
        weights[labels == number] = class_weight.get(int(number), 1.0)
    return weights


def check_class_weight(y: Any, sample_weight: Any) -> None:
    """Reject class weights beside several outputs or sample weights.

    **Raises:** `ValueError`.
    """
    if nest.is_nested(y):
        raise ValueError("`class_weight` is only supported for Models with a single output.")
    if sample_weight is not None:
        raise ValueError("You cannot `class_weight` and `sample_weight` at the same time.")
