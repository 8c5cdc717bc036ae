"""Rows of the cross-entropies and of Keras's functional losses: each loss is one op."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._avals import Aval
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._activations import log_softmax, relu
from functape._ops._elementwise import maximum, minimum
from functape._ops._operators import ABSOLUTE

EPSILON = 1e-7
"""What Keras keeps probabilities away from 0 and 1 by."""

_absolute = ABSOLUTE.function
"""With a derivative of 0 at 0, as TensorFlow has it."""


@jax.custom_jvp
def softmax_cross_entropy(labels: Any, logits: Any) -> Any:
    """The cross-entropy over the last axis.

    The derivative with respect to the logits is `softmax(logits) - labels`, as TensorFlow has it: that of labels which
    sum to one, whatever they sum to.
    """
    return -jnp.sum(labels * log_softmax(logits), -1)


@softmax_cross_entropy.defjvp
def _softmax_cross_entropy_jvp(primals: Any, tangents: Any) -> Any:
    labels, logits = primals
    label_tangents, logit_tangents = tangents
    output = softmax_cross_entropy(labels, logits)
    slope = jax.nn.softmax(logits, -1) - labels
    return output, jnp.sum(slope * logit_tangents - log_softmax(logits) * label_tangents, -1)


def _softmax_cross_entropy_along(labels: Any, logits: Any, axis: int) -> Any:
    labels, logits = jnp.broadcast_arrays(labels.astype(logits.dtype), logits)
    return softmax_cross_entropy(jnp.moveaxis(labels, axis, -1), jnp.moveaxis(logits, axis, -1))


def _check_along(name: str, avals: tuple[Aval, ...], axis: int, **_: Any) -> None:
    checks.real_floating(name, avals[1:])
    labels, logits = (each.shape for each in avals)
    rank = len(logits)
    if not -rank <= axis < rank:
        raise InvalidArgumentError(
            message=f"`axis` must be in the range [{-rank}, {rank}) [Op:{name}]. Received: axis={axis}"
        )
    try:
        fits = np.broadcast_shapes(labels, logits) is not None and len(labels) == rank
    except ValueError:
        fits = False
    if not fits:
        raise InvalidArgumentError(
            message=f"logits and labels must be broadcastable: logits_size={list(logits)} labels_size={list(labels)} "
            f"[Op:{name}]"
        )


def _sparse_softmax_cross_entropy(labels: Any, logits: Any) -> Any:
    # By comparison: gathering one logit a row makes the gradient a scatter, which is slow.
    classes = logits.shape[-1]
    chosen = lax.broadcasted_iota(labels.dtype, logits.shape, logits.ndim - 1) == labels[..., None]
    loss = -jnp.sum(jnp.where(chosen, log_softmax(logits), jnp.zeros((), logits.dtype)), -1)
    return jnp.where((labels >= 0) & (labels < classes), loss, jnp.full((), np.nan, logits.dtype))


def _check_sparse(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    checks.real_floating(name, avals[1:])
    if avals[0].dtype.name not in ("int32", "int64"):
        raise InvalidArgumentError(
            message=f"Value for attr 'Tlabels' of {avals[0].dtype.spoken} is not in the list of allowed values: int32, "
            f"int64 [Op:{name}]. Cast the labels: tf.cast(labels, tf.int32)."
        )


def sigmoid_cross_entropy(labels: Any, logits: Any) -> Any:
    """The cross-entropy of independent labels, without overflow for logits of any size."""
    positive = logits >= 0
    zero = jnp.zeros((), logits.dtype)
    smaller = jnp.where(positive, -logits, logits)
    return jnp.where(positive, logits, zero) - logits * labels + jnp.log1p(jnp.exp(smaller))


def _weighted_cross_entropy(labels: Any, logits: Any, weight: Any) -> Any:
    one = jnp.ones((), logits.dtype)
    factor = one + (weight - one) * labels
    return (one - labels) * logits + factor * (jnp.log1p(jnp.exp(-_absolute(logits))) + relu(-logits))


def _mean_of(distance: Any) -> Any:
    def function(target: Any, output: Any) -> Any:
        target, output = _same_rank(target.astype(output.dtype), output)
        sizes = distance(target, output)
        if jnp.issubdtype(sizes.dtype, jnp.integer):
            sizes = sizes.astype(np.float32)
        return jnp.sum(sizes, -1) / np.asarray(sizes.shape[-1], sizes.dtype)

    return function


def _same_rank(target: Any, output: Any) -> tuple[Any, Any]:
    """As Keras does, drop or add a last axis of length 1 where only that keeps the ranks apart."""
    if target.ndim == output.ndim + 1 and target.shape[-1] == 1:
        return (target, output[:, None]) if output.ndim == 1 else (target[..., 0], output)
    if output.ndim == target.ndim + 1 and output.shape[-1] == 1:
        return (target[:, None], output) if target.ndim == 1 else (target, output[..., 0])
    return target, output


def _check_mean(name: str, avals: tuple[Aval, ...]) -> None:
    target, output = avals
    checks.numeric(name, (output,))
    if not target.shape and not output.shape:
        raise InvalidArgumentError(
            message=f"Invalid reduction dimension (-1 for input with 0 dimension(s) [Op:{name}]. The mean is over the "
            f"last axis: give y_true and y_pred at least one, or use tf.reduce_mean(tf.square(y_true - y_pred))."
        )
    shapes = (np.empty(each.shape, np.bool_) for each in avals)
    try:
        np.broadcast_shapes(*(each.shape for each in _same_rank(*shapes)))
    except ValueError:
        raise InvalidArgumentError(
            message=f"Incompatible shapes: {list(target.shape)} vs. {list(output.shape)} of y_true and y_pred "
            f"[Op:{name}]"
        ) from None


def _bounded(probabilities: Any) -> Any:
    low, high = (jnp.asarray(bound, probabilities.dtype) for bound in (EPSILON, 1 - EPSILON))
    return maximum(minimum(probabilities, jnp.broadcast_to(high, probabilities.shape)), low)


def _categorical(output: Any, target: Any, smoothing: Any, from_logits: bool, axis: Any) -> Any:
    target = target.astype(output.dtype)
    one = jnp.ones((), output.dtype)
    target = target * (one - smoothing) + smoothing / np.asarray(output.shape[-1], output.dtype)
    if from_logits:
        return _softmax_cross_entropy_along(target, output, axis)
    output = _bounded(output / jnp.sum(output, axis, keepdims=True))
    return -jnp.sum(target * jnp.log(output), axis)


def _sparse_categorical(output: Any, target: Any, ignored: Any, from_logits: bool, ignoring: bool, axis: int) -> Any:
    output = jnp.moveaxis(output, axis, -1)
    if target.ndim == output.ndim and target.shape[-1] == 1:
        target = target[..., 0]
    target = target.astype(np.int64)
    kept = target != ignored.astype(np.int64) if ignoring else None
    if kept is not None:
        target = jnp.where(kept, target, jnp.zeros((), np.int64))
    loss = _sparse_softmax_cross_entropy(target, output if from_logits else jnp.log(_bounded(output)))
    return loss if kept is None else jnp.where(kept, loss, jnp.zeros((), loss.dtype))


def _binary(output: Any, target: Any, smoothing: Any, from_logits: bool, axis: Any) -> Any:
    target = target.astype(output.dtype)
    one = jnp.ones((), output.dtype)
    target = target * (one - smoothing) + np.asarray(0.5, output.dtype) * smoothing
    if from_logits:
        loss = sigmoid_cross_entropy(target, output)
    else:
        output = _bounded(output)
        loss = -(target * jnp.log(output) + (one - target) * jnp.log(one - output))
    total = jnp.sum(loss, axis)
    return total / np.asarray(loss.size // max(total.size, 1), loss.dtype)


def _check_same(name: str, avals: tuple[Aval, ...], axis: Any, **_: Any) -> None:
    output, target = avals[:2]
    checks.real_floating(name, (output,))
    if target.shape != output.shape:
        kind = "shape" if target.ndim == output.ndim else "rank"
        raise ValueError(
            f"y_true and y_pred must have the same {kind}. Received: y_true.shape={target.shape}, "
            f"y_pred.shape={output.shape}"
        )
    _check_loss_axis(name, output, axis)


def _check_loss_axis(name: str, output: Aval, axis: Any) -> None:
    for each in axis if isinstance(axis, tuple) else (axis,):
        if not -output.ndim <= each < output.ndim:
            raise InvalidArgumentError(
                message=f"Invalid reduction dimension ({each} for input with {output.ndim} dimension(s) [Op:{name}]. "
                f"Received: axis={axis}"
            )


def _check_sparse_categorical(name: str, avals: tuple[Aval, ...], axis: int, **_: Any) -> None:
    output, target = avals[:2]
    checks.real_floating(name, (output,))
    if not output.shape:
        raise ValueError(f"y_pred must have at least one axis. Received: y_pred.shape={output.shape}")
    _check_loss_axis(name, output, axis)
    rest = tuple(length for place, length in enumerate(output.shape) if place != axis % output.ndim)
    given = target.shape[:-1] if target.ndim == output.ndim and target.shape[-1] == 1 else target.shape
    if given != rest:
        raise ValueError(
            f"y_true must have the shape of y_pred without its classes. Received: y_true.shape={target.shape}, "
            f"y_pred.shape={output.shape}"
        )


SOFTMAX_CROSS_ENTROPY = Op("SoftmaxCrossEntropyWithLogits", _softmax_cross_entropy_along, ("axis",), check=_check_along)
SPARSE_SOFTMAX_CROSS_ENTROPY = Op(
    "SparseSoftmaxCrossEntropyWithLogits", _sparse_softmax_cross_entropy, check=_check_sparse, unconnected=(0,)
)
SIGMOID_CROSS_ENTROPY = Op(
    "SigmoidCrossEntropyWithLogits", sigmoid_cross_entropy, check=checks.every(checks.elementwise, checks.floating)
)
WEIGHTED_CROSS_ENTROPY = Op(
    "WeightedCrossEntropyWithLogits", _weighted_cross_entropy, check=checks.every(checks.elementwise, checks.floating)
)
MEAN_SQUARED_ERROR = Op("MeanSquaredError", _mean_of(lambda x, y: jnp.square(x - y)), check=_check_mean)
MEAN_ABSOLUTE_ERROR = Op("MeanAbsoluteError", _mean_of(lambda x, y: _absolute(x - y)), check=_check_mean)
CATEGORICAL = Op("CategoricalCrossentropy", _categorical, ("from_logits", "axis"), check=_check_same, unconnected=(2,))
SPARSE_CATEGORICAL = Op(
    "SparseCategoricalCrossentropy",
    _sparse_categorical,
    ("from_logits", "ignoring", "axis"),
    check=_check_sparse_categorical,
    unconnected=(1, 2),
)
BINARY = Op("BinaryCrossentropy", _binary, ("from_logits", "axis"), check=_check_same, unconnected=(2,))
"""This and the last two: `(y_pred, y_true, number)`, so that the number takes the dtype of `y_pred`."""
