"""Keras's losses as functions: one number for each example."""

from __future__ import annotations

from typing import Any

from functape._api._cross_entropies import check_labels
from functape._api._static import operand
from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._engine._dtypes import float32
from functape._engine._recorder import record
from functape._ops import _cross_entropies as rows


def _prepared(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Prediction and target as tensors; a target with no dtype of its own takes the prediction's."""
    predicted = operand(y_pred)
    return predicted, y_true if is_tensor_like(y_true) else convert(y_true, hint=predicted.aval.dtype)


def _floating(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    predicted, target = _prepared(y_true, y_pred)
    if predicted.aval.dtype.is_integer:
        predicted = cast(predicted, float32)
    return predicted, target


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of squared differences over the last axis (`tf.keras.losses.mean_squared_error`, `tf.losses.MSE`).

    **Arguments:**
    - `y_true`: a tensor `[..., n]`; it is cast to the dtype of `y_pred`.
    - `y_pred`: a tensor `[..., n]`. Where only a last axis of length 1 keeps the shapes apart, it is added or dropped.

    **Returns:** a tensor `[...]`.

    **Raises:** `InvalidArgumentError` if the shapes do not broadcast, or for two scalars.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.losses.mean_squared_error([[0.0, 2.0]], [[1.0, 5.0]]).numpy())
    [5.]

    ```
    """
    predicted, target = _prepared(y_true, y_pred)
    return record(rows.MEAN_SQUARED_ERROR, (), (target, predicted))


def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of absolute differences over the last axis (`tf.keras.losses.mean_absolute_error`).

    The arguments are as for `mean_squared_error`; the gradient where both are equal is 0.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.losses.mean_absolute_error([[0.0, 2.0]], [[1.0, 5.0]]).numpy())
    [2.]

    ```
    """
    predicted, target = _prepared(y_true, y_pred)
    return record(rows.MEAN_ABSOLUTE_ERROR, (), (target, predicted))


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: Any = -1
) -> Any:
    """The cross-entropy between distributions (`tf.keras.losses.categorical_crossentropy`).

    **Arguments:**
    - `y_true`: a tensor `[..., classes]`, such as one-hot labels.
    - `y_pred`: a tensor of its shape: probabilities, which are scaled to sum to one and kept 1e-7 away from 0 and 1.
    - `from_logits`: whether `y_pred` holds logits instead.
    - `label_smoothing`: the share of each label that is spread over all classes.
    - `axis`: the axis of the classes.

    **Returns:** a tensor of the shape of `y_pred` without `axis`.

    **Raises:** `ValueError` if the shapes differ.

    ```python
    >>> import functape as tf
    >>> loss = tf.keras.losses.categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
    >>> print(f"{loss.numpy()[0]:.4f}")
    0.6931

    ```
    """
    along = _axis(axis)
    if from_logits and isinstance(along, tuple):
        raise ValueError(f"`axis` must be one axis with `from_logits=True`. Received: axis={axis!r}")
    predicted, target = _floating(y_true, y_pred)
    return record(rows.CATEGORICAL, (bool(from_logits), along), (predicted, target, _number(label_smoothing)))


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Any:
    """The cross-entropy between classes and distributions (`tf.keras.losses.sparse_categorical_crossentropy`).

    **Arguments:**
    - `y_true`: a tensor `[...]` or `[..., 1]` of class numbers.
    - `y_pred`: a tensor `[..., classes]` of probabilities, which are kept 1e-7 away from 0 and 1.
    - `from_logits`: whether `y_pred` holds logits instead.
    - `ignore_class`: a number in `y_true` whose loss is 0.
    - `axis`: the axis of the classes in `y_pred`.

    **Returns:** a tensor `[...]`.

    **Raises:** `ValueError` if the shapes do not fit; `InvalidArgumentError` for a class that is not there, where its
    value is known. One that is only computed later gives NaN.

    ```python
    >>> import functape as tf
    >>> loss = tf.keras.losses.sparse_categorical_crossentropy([1], [[0.5, 0.5]])
    >>> print(f"{loss.numpy()[0]:.4f}")
    0.6931

    ```
    """
    predicted, target = _floating(operand(y_true), y_pred)
    along = int(axis)
    if predicted.aval.shape and -predicted.aval.ndim <= along < predicted.aval.ndim:
        check_labels(target, predicted.aval.shape[along], ignore_class)
    statics = (bool(from_logits), ignore_class is not None, along)
    return record(rows.SPARSE_CATEGORICAL, statics, (predicted, target, int(ignore_class or 0)))


def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: Any = -1
) -> Any:
    """The mean cross-entropy of labels that do not exclude each other (`tf.keras.losses.binary_crossentropy`).

    **Arguments:**
    - `y_true`: a tensor of probabilities or of 0 and 1.
    - `y_pred`: a tensor of its shape: probabilities, which are kept 1e-7 away from 0 and 1.
    - `from_logits`: whether `y_pred` holds logits instead.
    - `label_smoothing`: how far labels are moved towards a half: by this share of the distance.
    - `axis`: the axis the mean is taken over.

    **Returns:** a tensor of the shape of `y_pred` without `axis`.

    **Raises:** `ValueError` if the shapes differ.

    ```python
    >>> import functape as tf
    >>> print(f"{tf.keras.losses.binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]]).numpy()[0]:.4f}")
    0.6931

    ```
    """
    predicted, target = _floating(y_true, y_pred)
    return record(rows.BINARY, (bool(from_logits), _axis(axis)), (predicted, target, _number(label_smoothing)))


def _number(value: Any) -> Any:
    return value if is_tensor_like(value) else float(value)


def _axis(axis: Any) -> Any:
    return tuple(int(each) for each in axis) if isinstance(axis, list | tuple) else int(axis)
