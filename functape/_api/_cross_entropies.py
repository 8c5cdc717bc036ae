"""The cross-entropies of `tf.nn`."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._static import as_int, operand
from functape._core._convert import convert, is_tensor_like
from functape._core._known import host_array
from functape._core._tensor import Tensor
from functape._engine._errors import InvalidArgumentError
from functape._engine._recorder import record
from functape._ops import _cross_entropies as rows


def softmax_cross_entropy_with_logits(labels: Any, logits: Any, axis: Any = -1, name: str | None = None) -> Any:
    """The cross-entropy between distributions and logits (`tf.nn.softmax_cross_entropy_with_logits`).

    The gradient with respect to `logits` is `softmax(logits) - labels`, as TensorFlow has it: that of labels which sum
    to one.

    **Arguments:**
    - `labels`: a tensor of the shape of `logits`: along `axis`, a distribution.
    - `logits`: a floating tensor `[..., classes]`.
    - `axis`: the axis of the classes.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the shape of `logits` without `axis`.

    **Raises:** `InvalidArgumentError` if the shapes do not fit.

    ```python
    >>> import functape as tf
    >>> loss = tf.nn.softmax_cross_entropy_with_logits(labels=[[0.0, 1.0]], logits=[[0.0, 0.0]])
    >>> print(f"{loss.numpy()[0]:.4f}")
    0.6931

    ```
    """
    if labels.__class__ is not Tensor or logits.__class__ is not Tensor:
        logits = operand(logits)
        labels = labels if is_tensor_like(labels) else convert(labels, hint=logits.aval.dtype)
    return record(rows.SOFTMAX_CROSS_ENTROPY, _LAST if axis == -1 else (as_int(axis, "axis"),), (labels, logits))


_LAST = (-1,)


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: str | None = None) -> Any:
    """The cross-entropy between classes and logits (`tf.nn.sparse_softmax_cross_entropy_with_logits`).

    **Arguments:**
    - `labels`: an int32 or int64 tensor `[...]`: the number of the right class.
    - `logits`: a floating tensor `[..., classes]`.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of the shape of `labels`.

    **Raises:** `ValueError` if the shapes do not fit; `InvalidArgumentError` for labels that are no integers, or are
    out of range where their values are known. One that is only computed later gives NaN, as TensorFlow does on a GPU.

    ```python
    >>> import functape as tf
    >>> loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1], logits=[[0.0, 0.0]])
    >>> print(f"{loss.numpy()[0]:.4f}")
    0.6931

    ```
    """
    targets, given = operand(labels), operand(logits)
    shape = given.aval.shape
    if targets.aval.ndim != len(shape) - 1:
        raise ValueError(
            f"`labels.shape.rank` must equal `logits.shape.rank - 1`. Received: labels.shape={targets.aval.shape} of "
            f"rank {targets.aval.ndim} and logits.shape={shape} of rank {len(shape)}"
        )
    if targets.aval.shape != shape[:-1]:
        raise ValueError(
            f"`labels.shape` must equal `logits.shape` except for the last dimension. "
            f"Received: labels.shape={targets.aval.shape} and logits.shape={shape}"
        )
    check_labels(targets, shape[-1])
    return record(rows.SPARSE_SOFTMAX_CROSS_ENTROPY, (), (targets, given))


def check_labels(labels: Any, classes: int, ignored: Any = None) -> None:
    """Reject a class that is not there, where the labels lie on the host.

    **Arguments:**
    - `labels`: a tensor.
    - `classes`: how many there are.
    - `ignored`: a label that stands for none.

    **Raises:** `InvalidArgumentError`.
    """
    known = host_array(labels)
    if known is None or not known.size or known.dtype.kind not in "iuf":
        return
    if known.min() >= 0 and known.max() < classes:
        return
    wrong = (known < 0) | (known >= classes)
    if ignored is not None:
        wrong &= known != ignored
    if np.any(wrong):
        raise InvalidArgumentError(
            message=f"Received a label value of {known[wrong].ravel()[0]} which is outside the valid range of "
            f"[0, {classes}) [Op:SparseSoftmaxCrossEntropyWithLogits]. Classes are counted from 0."
        )


def _check_same_shape(labels: Any, logits: Any) -> None:
    if labels.aval.shape != logits.aval.shape:
        raise ValueError(
            f"`logits` and `labels` must have the same shape. Received: logits.shape={logits.aval.shape} and "
            f"labels.shape={labels.aval.shape}"
        )


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Any:
    """The cross-entropy of labels that do not exclude each other (`tf.nn.sigmoid_cross_entropy_with_logits`).

    **Arguments:**
    - `labels`: a tensor of probabilities.
    - `logits`: a floating tensor of the same shape and dtype.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of the same shape.

    **Raises:** `ValueError` if the shapes differ or one of them is not given.

    ```python
    >>> import functape as tf
    >>> print(f"{tf.nn.sigmoid_cross_entropy_with_logits(labels=1.0, logits=0.0).numpy():.4f}")
    0.6931

    ```
    """
    if labels is None or logits is None:
        raise ValueError(f"Both `labels` and `logits` must be provided. Received: labels={labels}, logits={logits}")
    given = operand(logits)
    targets = operand(labels, hint=given.aval.dtype)
    _check_same_shape(targets, given)
    return record(rows.SIGMOID_CROSS_ENTROPY, (), (targets, given))


def weighted_cross_entropy_with_logits(labels: Any, logits: Any, pos_weight: Any, name: str | None = None) -> Any:
    """`sigmoid_cross_entropy_with_logits` that weighs positive labels (`tf.nn.weighted_cross_entropy_with_logits`).

    **Arguments:**
    - `labels`: a tensor of probabilities.
    - `logits`: a floating tensor of the same shape and dtype.
    - `pos_weight`: what the part of the positive labels is multiplied by.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of the same shape.

    **Raises:** `ValueError` if the shapes differ.

    ```python
    >>> import functape as tf
    >>> print(f"{tf.nn.weighted_cross_entropy_with_logits([1.0], [0.0], 2.0).numpy()[0]:.4f}")
    1.3863

    ```
    """
    given = operand(logits)
    targets = operand(labels, hint=given.aval.dtype)
    _check_same_shape(targets, given)
    return record(rows.WEIGHTED_CROSS_ENTROPY, (), (targets, given, pos_weight))
