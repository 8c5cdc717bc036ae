"""Intersection over union, from a confusion matrix."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._api._static import operand
from functape._engine._op import Op
from functape._engine._recorder import record
from functape.keras.losses._arithmetic import small
from functape.keras.metrics._mean import inputs
from functape.keras.metrics._metric import Metric


def _add(
    matrix: Any,
    output: Any,
    target: Any,
    *others: Any,
    ignored: int | None,
    hot: tuple[int | None, int | None],
    given: tuple[bool, bool],
) -> Any:
    """The matrix with a batch added.

    **Arguments:**
    - `others`: the threshold of predictions and the sample weight, where they are `given`.
    - `hot`: for labels and predictions, the axis of the classes where they are not class numbers.
    """
    dtype, size = matrix.dtype, matrix.shape[0]
    rest = list(others)
    if given[0]:
        output = (output.astype(np.float32) >= rest.pop(0).astype(np.float32)).astype(np.int64)
    target, output = (
        (each if axis is None else jnp.argmax(each, axis)).astype(dtype).reshape(-1)
        for each, axis in zip((target, output), hot, strict=True)
    )
    weight = rest.pop(0).astype(dtype) if given[1] else jnp.ones((), dtype)
    weight = jnp.broadcast_to(weight.reshape(-1) if weight.ndim > 1 else weight, target.shape)
    kept = (target >= 0) & (target < size) & (output >= 0) & (output < size)
    if ignored is not None:
        kept &= target != np.asarray(ignored, dtype)
    rows, columns = (jnp.where(kept, each, jnp.zeros((), dtype)).astype(np.int32) for each in (target, output))
    return (matrix.at[rows, columns].add(jnp.where(kept, weight, jnp.zeros((), dtype))),)


def _mean(matrix: Any, classes: tuple[int, ...]) -> Any:
    hits = jnp.diagonal(matrix)
    union = jnp.sum(matrix, 0) + jnp.sum(matrix, 1) - hits
    chosen = np.asarray(classes, np.int32)
    hits, union = (jnp.take(each, chosen).astype(np.float32) for each in (hits, union))
    there = union > np.float32(1e-9)
    shares = jnp.where(there, hits / (union + small(union)), jnp.zeros((), np.float32))
    return jnp.sum(shares) / (jnp.sum(there.astype(np.float32)) + small(union))


ADD = Op("AddToConfusionMatrix", _add, ("ignored", "hot", "given"), multiple=True, differentiable=False)
MEAN = Op("MeanIntersectionOverUnion", _mean, ("classes",), differentiable=False)


class _IoUBase(Metric):
    """What the metrics of intersection over union share."""

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(name=name, dtype=dtype or "int64")
        self.num_classes = num_classes
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self.total_cm = self.add_variable(
            (num_classes, num_classes), "zeros", dtype=self.dtype, name="total_confusion_matrix"
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in labels, predictions, and a weight for each."""
        self._add(y_true, y_pred, sample_weight, None)

    def _add(self, y_true: Any, y_pred: Any, sample_weight: Any, threshold: float | None) -> None:
        if "float" in str(getattr(sample_weight, "dtype", "")) and "int" in self.dtype:
            warnings.warn(
                "You are passing weight as `float`, but dtype is `int`. This may result in an incorrect weight due to "
                "type casting Consider using integer weights.",
                UserWarning,
                stacklevel=3,
            )
        given, rest = inputs(threshold, sample_weight)
        hot = (None if self.sparse_y_true else self.axis, None if self.sparse_y_pred else self.axis)
        statics = (self.ignore_class, hot, given)
        self._change(ADD, statics, (self.total_cm,), (operand(y_pred), operand(y_true), *rest))


class IoU(_IoUBase):
    """The mean intersection over union of some classes (`tf.keras.metrics.IoU`).

    **Arguments:**
    - `num_classes`: how many classes there are.
    - `target_class_ids`: the classes the mean is over.
    - `name`, `dtype`: as for `Metric`; the counts are of this dtype, int64 by default.
    - `ignore_class`: a label that does not count.
    - `sparse_y_true`, `sparse_y_pred`: whether labels and predictions are class numbers, rather than one-hot vectors or
      probabilities.
    - `axis`: the axis of the classes, where they are not.

    **Raises:** `ValueError` for a class beyond `num_classes`.

    ```python
    >>> import functape as tf
    >>> metric = tf.keras.metrics.IoU(num_classes=2, target_class_ids=[0])
    >>> print(f"{metric([0, 0, 1, 1], [0, 1, 0, 1]).numpy():.4f}")
    0.3333

    ```
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)
        if max(target_class_ids) >= num_classes:
            raise ValueError(f"Target class id {max(target_class_ids)} is out of range, which is [{0}, {num_classes}).")
        self.target_class_ids = [int(each) for each in target_class_ids]

    def result(self) -> Any:
        """The mean so far, over the classes that occurred."""
        return record(MEAN, (tuple(self.target_class_ids),), (self.total_cm.tensor,))

    _shown: tuple[str, ...] = (
        "num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis",
    )  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return super().get_config() | {name: getattr(self, name) for name in self._shown}


class BinaryIoU(IoU):
    """The intersection over union of two classes (`tf.keras.metrics.BinaryIoU`).

    **Arguments:**
    - `target_class_ids`: the classes the mean is over.
    - `threshold`: predictions from it on count as 1.
    - `name`, `dtype`: as for `IoU`.

    ```python
    >>> import functape as tf
    >>> metric = tf.keras.metrics.BinaryIoU(threshold=0.3)
    >>> print(f"{metric([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]).numpy():.4f}")
    0.3333

    ```
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, target_class_ids, name=name, dtype=dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in labels, predictions, and a weight for each."""
        self._add(y_true, y_pred, sample_weight, float(self.threshold))

    _shown = ("target_class_ids", "threshold")


class MeanIoU(IoU):
    """The mean intersection over union of all classes (`tf.keras.metrics.MeanIoU`).

    The arguments are as for `IoU`.

    ```python
    >>> import functape as tf
    >>> print(f"{tf.keras.metrics.MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1]).numpy():.4f}")
    0.3333

    ```
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        classes = range(num_classes)
        super().__init__(num_classes, classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)

    _shown: tuple[str, ...] = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")


class OneHotIoU(IoU):
    """As `IoU`, of one-hot labels and, unless told otherwise, probabilities (`tf.keras.metrics.OneHotIoU`).

    ```python
    >>> import functape as tf
    >>> metric = tf.keras.metrics.OneHotIoU(num_classes=2, target_class_ids=[0])
    >>> print(f"{metric([[1, 0], [0, 1]], [[0.9, 0.1], [0.7, 0.3]]).numpy():.4f}")
    0.5000

    ```
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)

    _shown = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_pred", "axis")


class OneHotMeanIoU(MeanIoU):
    """As `MeanIoU`, of one-hot labels and, unless told otherwise, probabilities (`tf.keras.metrics.OneHotMeanIoU`).

    ```python
    >>> import functape as tf
    >>> metric = tf.keras.metrics.OneHotMeanIoU(num_classes=2)
    >>> print(f"{metric([[1, 0], [0, 1]], [[0.9, 0.1], [0.7, 0.3]]).numpy():.4f}")
    0.2500

    ```
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)

    _shown = ("num_classes", "ignore_class", "sparse_y_pred", "axis")
