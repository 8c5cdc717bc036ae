"""Accuracies and correlations: their formulas, and their functional forms."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from functape.keras.losses._arithmetic import mean, small
from functape.keras.losses._bound import Bound, axis_of, binds, evaluate, number
from functape.keras.losses._checks import broadcasts_along
from functape.keras.losses._formula import Formula
from functape.keras.losses._ranks import same_rank
from functape.keras.metrics._metric import default_floating


def _matches(first: Any, second: Any) -> Any:
    return (first == second).astype(default_floating())


def _accuracy(target: Any, output: Any) -> Any:
    return _matches(*same_rank(target.astype(output.dtype), output))


def _binary(target: Any, output: Any, threshold: Any) -> Any:
    target, output = same_rank(target, output)
    return _matches(target, (output > threshold).astype(target.dtype))


def _categorical(target: Any, output: Any) -> Any:
    target = jnp.argmax(target, -1)
    shape = target.shape
    matched = target.ndim == output.ndim
    if matched:
        target = target.reshape(target.shape[:-1])
    matches = _matches(target, jnp.argmax(output, -1))
    return matches.reshape(shape) if matched else matches


def _sparse(target: Any, output: Any) -> Any:
    target = target.astype(output.dtype)
    shape = target.shape
    matched = target.ndim == output.ndim and shape[-1] == 1
    if matched:
        target = target[..., 0]
    matches = _matches(target, jnp.argmax(output, -1).astype(target.dtype))
    if matched:
        matches = matches.reshape(shape)
    return matches[..., 0] if matches.ndim > 1 and matches.shape[-1] == 1 else matches


def _in_top(classes: Any, output: Any, k: int) -> Any:
    """Whether fewer than `k` classes have a greater prediction than the right one; never if one is not finite."""
    output = output.reshape(-1, output.shape[-1])
    shape, classes = classes.shape, classes.reshape(-1).astype(np.int32)
    there = (classes >= 0) & (classes < output.shape[-1])
    own = jnp.take_along_axis(output, jnp.where(there, classes, 0)[:, None], 1)
    greater = jnp.sum(output > own, 1)
    return (there & (greater < k) & jnp.all(jnp.isfinite(output), 1)).astype(default_floating()).reshape(shape)


def _top(target: Any, output: Any, k: int) -> Any:
    return _in_top(jnp.argmax(target, -1), output, k)


def _sparse_top(target: Any, output: Any, k: int, from_sorted_ids: bool) -> Any:
    if not from_sorted_ids:
        return _in_top(target, output, k)
    ranked = output.reshape(-1, output.shape[-1])[:, :k]
    found = jnp.any(target.astype(output.dtype).reshape(-1, 1) == ranked, 1)
    return found.astype(default_floating()).reshape(target.shape)


def _centred(values: Any, axis: Any) -> tuple[Any, Any]:
    middle = jnp.expand_dims(mean(values, axis), axis)
    return middle, values - middle


def _pearson(target: Any, output: Any, axis: Any) -> Any:
    scaled = []
    for each in (target, output):
        _, centred = _centred(each, axis)
        scaled.append(centred / jnp.expand_dims(jnp.sqrt(mean(jnp.square(_centred(centred, axis)[1]), axis)), axis))
    return mean(scaled[0] * scaled[1], axis)


def _concordance(target: Any, output: Any, axis: Any) -> Any:
    (middle, around), (predicted, spread) = (_centred(each, axis) for each in (target, output))
    variances = [jnp.expand_dims(mean(jnp.square(_centred(each, axis)[1]), axis), axis) for each in (around, spread)]
    together = (target - predicted) * (output - predicted)
    scale = variances[0] + variances[1] + jnp.square(middle - predicted) + small(output)
    return mean((together + together) / scale, axis)


ACCURACY = Formula("Accuracy", _accuracy, scores=True)
BINARY_ACCURACY = Formula("BinaryAccuracy", _binary, scores=True)
CATEGORICAL_ACCURACY = Formula("CategoricalAccuracy", _categorical, scores=True)
SPARSE_CATEGORICAL_ACCURACY = Formula("SparseCategoricalAccuracy", _sparse, scores=True)
TOP_K_ACCURACY = Formula("TopKCategoricalAccuracy", _top, ("k",), scores=True)
SPARSE_TOP_K_ACCURACY = Formula("SparseTopKCategoricalAccuracy", _sparse_top, ("k", "from_sorted_ids"), scores=True)
PEARSON = Formula("PearsonCorrelation", _pearson, ("axis",), align=True, check=broadcasts_along)
CONCORDANCE = Formula("ConcordanceCorrelation", _concordance, ("axis",), align=True, check=broadcasts_along)


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """Where predictions equal labels: 1, and 0 elsewhere (the function of `tf.keras.metrics.Accuracy`).

    **Arguments:**
    - `y_true`, `y_pred`: tensors of one shape.

    **Returns:** a tensor of that shape.
    """
    return evaluate(Bound(ACCURACY), y_true, y_pred)


@binds(accuracy)
def _bind_accuracy() -> Bound:
    return Bound(ACCURACY)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """Where predictions are on the labels' side of a threshold (`tf.keras.metrics.binary_accuracy`).

    **Arguments:**
    - `y_true`: a tensor of 0 and 1.
    - `y_pred`: a tensor of its shape.
    - `threshold`: predictions above it count as 1.

    **Returns:** a tensor of 0 and 1, of that shape.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.metrics.binary_accuracy([[1.0], [1.0]], [[0.9], [0.2]]).numpy().tolist())
    [[1.0], [0.0]]

    ```
    """
    return evaluate(_bind_binary(threshold), y_true, y_pred)


@binds(binary_accuracy)
def _bind_binary(threshold: Any = 0.5) -> Bound:
    return Bound(BINARY_ACCURACY, (), (number(threshold),))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Where the greatest prediction is that of the greatest label (`tf.keras.metrics.categorical_accuracy`).

    **Arguments:**
    - `y_true`: a tensor `[..., classes]`, such as one-hot labels.
    - `y_pred`: a tensor of its shape.

    **Returns:** a tensor `[...]` of 0 and 1.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.metrics.categorical_accuracy([[0, 1], [1, 0]], [[0.1, 0.9], [0.2, 0.8]]).numpy())
    [1. 0.]

    ```
    """
    return evaluate(Bound(CATEGORICAL_ACCURACY), y_true, y_pred)


@binds(categorical_accuracy)
def _bind_categorical() -> Bound:
    return Bound(CATEGORICAL_ACCURACY)


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Where the greatest prediction is that of the right class (`tf.keras.metrics.sparse_categorical_accuracy`).

    **Arguments:**
    - `y_true`: a tensor `[...]` or `[..., 1]` of class numbers.
    - `y_pred`: a tensor `[..., classes]`.

    **Returns:** a tensor `[...]` of 0 and 1.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.metrics.sparse_categorical_accuracy([1, 0], [[0.1, 0.9], [0.2, 0.8]]).numpy())
    [1. 0.]

    ```
    """
    return evaluate(Bound(SPARSE_CATEGORICAL_ACCURACY), y_true, y_pred)


@binds(sparse_categorical_accuracy)
def _bind_sparse() -> Bound:
    return Bound(SPARSE_CATEGORICAL_ACCURACY)


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """Where the right class is among the `k` best (`tf.keras.metrics.top_k_categorical_accuracy`).

    **Arguments:**
    - `y_true`, `y_pred`: as for `categorical_accuracy`.
    - `k`: how many.

    **Returns:** a tensor `[...]` of 0 and 1.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.metrics.top_k_categorical_accuracy([[0, 0, 1]], [[0.1, 0.7, 0.2]], k=2).numpy())
    [1.]

    ```
    """
    return evaluate(_bind_top(k), y_true, y_pred)


@binds(top_k_categorical_accuracy)
def _bind_top(k: int = 5) -> Bound:
    return Bound(TOP_K_ACCURACY, (int(k),))


def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Any:
    """Where the right class is among the `k` best (`tf.keras.metrics.sparse_top_k_categorical_accuracy`).

    **Arguments:**
    - `y_true`: a tensor `[...]` of class numbers.
    - `y_pred`: a tensor `[..., classes]`.
    - `k`: how many.
    - `from_sorted_ids`: whether `y_pred` holds class numbers instead, the best first.

    **Returns:** a tensor `[...]` of 0 and 1.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.metrics.sparse_top_k_categorical_accuracy([2], [[0.1, 0.7, 0.2]], k=2).numpy())
    [1.]

    ```
    """
    return evaluate(_bind_sparse_top(k, from_sorted_ids), y_true, y_pred)


@binds(sparse_top_k_categorical_accuracy)
def _bind_sparse_top(k: int = 5, from_sorted_ids: bool = False) -> Bound:
    return Bound(SPARSE_TOP_K_ACCURACY, (int(k), bool(from_sorted_ids)))


def pearson_correlation(y_true: Any, y_pred: Any, axis: Any = -1) -> Any:
    """Pearson's correlation along an axis (`tf.keras.metrics.pearson_correlation`).

    **Arguments:**
    - `y_true`, `y_pred`: tensors of one shape.
    - `axis`: the axis, or several.

    **Returns:** a tensor without it.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.metrics.pearson_correlation([[0.0, 1.0, 2.0]], [[4.0, 6.0, 8.0]]).numpy().round(3))
    [1.]

    ```
    """
    return evaluate(_bind_pearson(axis), y_true, y_pred)


@binds(pearson_correlation)
def _bind_pearson(axis: Any = -1) -> Bound:
    return Bound(PEARSON, (axis_of(axis),))


def concordance_correlation(y_true: Any, y_pred: Any, axis: Any = -1) -> Any:
    """The concordance correlation along an axis (`tf.keras.metrics.concordance_correlation`).

    It is Pearson's correlation, less for a difference in mean or scale. The arguments are as there.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.metrics.concordance_correlation([[0.0, 1.0, 2.0]], [[1.0, 2.0, 3.0]]).numpy().round(3))
    [0.571]

    ```
    """
    return evaluate(_bind_concordance(axis), y_true, y_pred)


@binds(concordance_correlation)
def _bind_concordance(axis: Any = -1) -> Bound:
    return Bound(CONCORDANCE, (axis_of(axis),))
