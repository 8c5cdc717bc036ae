"""Rows of the cross-entropies of `tf.nn`."""

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
from functape._ops._operators import ABSOLUTE

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
        fits = jnp.broadcast_shapes(labels, logits) is not None and len(labels) == rank
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
