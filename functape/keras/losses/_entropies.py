"""The formulas of the cross-entropies: functions of labels and predictions of one dtype."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._ops._cross_entropies import SOFTMAX_CROSS_ENTROPY, SPARSE_SOFTMAX_CROSS_ENTROPY, sigmoid_cross_entropy
from functape._ops._operators import POWER
from functape.keras.losses._arithmetic import inverse, mean, number, probabilities

_power = POWER.function


def _smoothed(target: Any, share: tuple[Any, ...], towards: Any) -> Any:
    """Labels moved towards a value by a share, if one is given, of the way."""
    for each in share:
        each = each.astype(target.dtype)
        target = target * inverse(each) + each * number(towards, target)
    return target


def categorical(target: Any, output: Any, *smoothing: Any, from_logits: bool, axis: Any) -> Any:
    """The cross-entropy of distributions."""
    target = _smoothed(target, smoothing, 1 / target.shape[-1])
    if from_logits:
        return SOFTMAX_CROSS_ENTROPY.function(target, output, axis=axis)
    shares = probabilities(output / jnp.sum(output, axis, keepdims=True))
    return -jnp.sum(target * jnp.log(shares), axis)


def categorical_focal(
    target: Any, output: Any, alpha: Any, gamma: Any, *smoothing: Any, from_logits: bool, axis: Any
) -> Any:
    """The cross-entropy of distributions, with little weight where the prediction is good already."""
    target = _smoothed(target, smoothing, 1 / target.shape[-1])
    if from_logits:
        output = jax.nn.softmax(output, axis)
    shares = probabilities(output / jnp.sum(output, axis, keepdims=True))
    weight = _power(inverse(shares), gamma.astype(output.dtype)) * alpha.astype(output.dtype)
    return jnp.sum(weight * (-target * jnp.log(shares)), axis)


def sparse_categorical(target: Any, output: Any, *ignored: Any, from_logits: bool, axis: int) -> Any:
    """The cross-entropy of classes; where one is ignored, also which places are not."""
    output = jnp.moveaxis(output, axis, -1)
    if target.ndim == output.ndim and target.shape[-1] == 1:
        target = target[..., 0]
    target = target.astype(np.int64)
    kept = None
    if ignored:
        kept = target != ignored[0].astype(np.int64)
        target = jnp.where(kept, target, jnp.zeros((), np.int64))
    loss = SPARSE_SOFTMAX_CROSS_ENTROPY.function(target, output if from_logits else jnp.log(probabilities(output)))
    return loss if kept is None else (jnp.where(kept, loss, number(0, loss)), kept)


def _binary(target: Any, output: Any) -> Any:
    output = probabilities(output)
    return -(target * jnp.log(output) + inverse(target) * jnp.log(inverse(output)))


def binary(target: Any, output: Any, *smoothing: Any, from_logits: bool, axis: Any) -> Any:
    """The mean cross-entropy of labels that do not exclude each other."""
    target = _smoothed(target, smoothing, 0.5)
    return mean(sigmoid_cross_entropy(target, output) if from_logits else _binary(target, output), axis)


def binary_focal(
    target: Any,
    output: Any,
    alpha: Any,
    gamma: Any,
    *smoothing: Any,
    apply_class_balancing: bool,
    from_logits: bool,
    axis: Any,
) -> Any:
    """As `binary`, with little weight where the prediction is good already."""
    target = _smoothed(target, smoothing, 0.5)
    if from_logits:
        loss, output = sigmoid_cross_entropy(target, output), lax.logistic(output)
    else:
        loss = _binary(target, output)
    right = target * output + inverse(target) * inverse(output)
    loss = _power(inverse(right), gamma.astype(output.dtype)) * loss
    if apply_class_balancing:
        alpha = alpha.astype(output.dtype)
        loss = (target * alpha + inverse(target) * inverse(alpha)) * loss
    return mean(loss, axis)


def generalized(target: Any, output: Any, q: Any) -> Any:
    """`(1 - p^q) / q` of the probability of the right class."""
    chosen = jax.nn.one_hot(target.astype(np.int32), output.shape[-1], dtype=output.dtype)
    q = q.astype(output.dtype)
    return inverse(_power(jnp.sum(output * chosen, -1), q)) / q


def ctc(target: Any, output: Any) -> Any:
    """The negative log-likelihood of label sequences, whose end is padded with 0, under every alignment."""
    import optax

    labels = target.astype(np.int32)
    wide = output.astype(np.float32) if output.dtype != np.float64 else output
    length = jnp.sum(labels != 0, -1, keepdims=True)
    padded = (lax.broadcasted_iota(np.int32, labels.shape, 1) >= length).astype(wide.dtype)
    return optax.ctc_loss(wide, jnp.zeros(output.shape[:2], wide.dtype), labels, padded, blank_id=0)
