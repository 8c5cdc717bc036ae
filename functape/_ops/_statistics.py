"""Rows of the statistics that `tf.nn` gathers along axes."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._lengths import as_number
from functape._ops._reductions import axes_of, check_axes


def _sufficient_statistics(x: Any, *shift: Any, axis: Any, keepdims: bool) -> tuple[Any, Any, Any]:
    axes = axes_of(axis, x.ndim)
    moved = x - shift[0] if shift else x
    count = as_number(math.prod(x.shape[each] for each in axes), x.dtype)
    return (
        jnp.asarray(count),
        jnp.sum(moved, axes, keepdims=keepdims),
        jnp.sum(jnp.square(moved), axes, keepdims=keepdims),
    )


def _normalize_moments(count: Any, total: Any, squares: Any, *shift: Any) -> tuple[Any, Any]:
    divisor = 1 / count
    moved = total * divisor
    mean = moved + shift[0] if shift else moved
    return mean, squares * divisor - jnp.square(moved)


def _weighted_moments(x: Any, weights: Any, axis: Any, keepdims: bool) -> tuple[Any, Any]:
    half = x.dtype.itemsize < 4
    wide = x.astype(np.float32) if half else x
    weights = weights.astype(wide.dtype)
    axes = axes_of(axis, x.ndim)
    everywhere = jnp.broadcast_to(weights, jnp.broadcast_shapes(weights.shape, x.shape))
    divisor = 1 / jnp.sum(everywhere, axes, keepdims=True)
    mean = jnp.sum(weights * wide, axes, keepdims=True) * divisor
    distances = jnp.square(wide - lax.stop_gradient(mean))
    variance = jnp.sum(weights * distances, axes, keepdims=True) * divisor
    if not keepdims:
        mean, variance = jnp.squeeze(mean, axes), jnp.squeeze(variance, axes)
    return mean.astype(x.dtype), variance.astype(x.dtype)


SUFFICIENT_STATISTICS = Op(
    "SufficientStatistics",
    _sufficient_statistics,
    ("axis", "keepdims"),
    multiple=True,
    check=checks.every(checks.same_dtype, check_axes, checks.floating),
)
"""`(x, [shift])`."""
NORMALIZE_MOMENTS = Op(
    "NormalizeMoments", _normalize_moments, multiple=True, check=checks.every(checks.same_dtype, checks.floating)
)
"""`(count, sum, sum of squares, [shift])`."""
WEIGHTED_MOMENTS = Op(
    "WeightedMoments",
    _weighted_moments,
    ("axis", "keepdims"),
    multiple=True,
    check=checks.every(checks.elementwise, checks.real_floating),
)
"""`(x, weights)`."""
