"""The formulas of the margin losses and of the losses of overlap."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape.keras.losses._arithmetic import at_least, inverse, mean, number, small
from functape.keras.losses._distances import softplus


def _signs(target: Any) -> Any:
    """Labels of -1 and 1, where they are 0 and 1."""
    is_binary = jnp.all((target == 0) | (target == 1))
    return jnp.where(is_binary, number(2, target) * target - number(1, target), target)


def _shortfall(target: Any, output: Any) -> Any:
    return at_least(inverse(_signs(target) * output), 0)


def hinge(target: Any, output: Any) -> Any:
    """The mean of how far predictions are on the wrong side of their margin."""
    return mean(_shortfall(target, output))


def squared_hinge(target: Any, output: Any) -> Any:
    """As `hinge`, squared."""
    return mean(jnp.square(_shortfall(target, output)))


def categorical_hinge(target: Any, output: Any) -> Any:
    """How much less than one the right class is above the best of the others."""
    right = jnp.sum(target * output, -1)
    wrong = jnp.max(inverse(target) * output, -1)
    return at_least(wrong - right + number(1, output), 0)


def dice(target: Any, output: Any, axis: Any) -> Any:
    """One minus twice the overlap over the sum of both areas."""
    overlap = jnp.sum(target * output, axis)
    areas = jnp.sum(target, axis) + jnp.sum(output, axis) + small(output)
    return inverse(number(2, output) * overlap / areas)


def tversky(target: Any, output: Any, alpha: Any, beta: Any, axis: Any) -> Any:
    """One minus the overlap over itself and a weighted sum of what either lacks."""
    overlap = jnp.sum(target * output, axis)
    missed = jnp.sum(inverse(output) * target, axis) * alpha.astype(output.dtype)
    surplus = jnp.sum(output * inverse(target), axis) * beta.astype(output.dtype)
    return inverse(overlap / (overlap + missed + surplus + small(output)))


def circle(target: Any, output: Any, *others: Any, remove_diagonal: bool, references: tuple[bool, bool]) -> Any:
    """The circle loss of embeddings of unit length, and which of its values are positive.

    **Arguments:**
    - `target`: classes.
    - `output`: embeddings `[batch, size]`.
    - `others`: the scale and the margin; then the reference labels and embeddings that `references` says are given.
    """
    gamma, margin, *given = others
    gamma, margin = gamma.astype(output.dtype), margin.astype(output.dtype)
    labels = target.astype(np.int32).reshape(-1, 1)
    keys = given.pop(0).astype(np.int32).reshape(-1, 1) if references[0] else labels
    embeddings = given.pop(0).astype(output.dtype) if references[1] else output
    distances = at_least(inverse(output @ embeddings.T), 0)
    alike = labels == keys.T
    unlike = ~alike
    if remove_diagonal:
        alike &= ~jnp.eye(alike.shape[0], alike.shape[1], dtype=np.bool_)
    zero = number(0, output)
    pull = at_least(jnp.where(alike, margin + distances, zero), 0)
    push = at_least(jnp.where(unlike, number(1, output) + margin - distances, zero), 0)
    nearer = -gamma * pull * (margin - distances)
    farther = gamma * push * (inverse(margin) - distances)
    never = number(-np.inf, output)
    total = jax.nn.logsumexp(jnp.where(alike, nearer, never), 1) + jax.nn.logsumexp(
        jnp.where(unlike, farther, never), 1
    )
    values = softplus(total)
    return values, values > 0
