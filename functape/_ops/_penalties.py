"""Rows of Keras's penalties on weights and of its limits on their norms, each as one op."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops import _elementwise as elementwise
from functape._ops import _operators as operators
from functape._ops._reductions import axes_of, check_axes

_abs = operators.ABSOLUTE.function
_clip = elementwise.CLIP.function
_minimum = elementwise.minimum


def _penalty(x: Any, *factors: Any, kinds: tuple[int, ...]) -> Any:
    total = None
    for factor, kind in zip(factors, kinds, strict=True):
        size = jnp.sum(_abs(x) if kind == 1 else jnp.square(x), dtype=x.dtype)
        term = factor.astype(x.dtype) * size
        total = term if total is None else total + term
    return total


def _orthogonal(x: Any, factor: Any, epsilon: Any, axis: int) -> Any:
    square = jnp.sum(jnp.square(x), axis, dtype=x.dtype, keepdims=True)
    inverse = 1 / jnp.sqrt(square)
    scaled = x * _minimum(inverse, jnp.broadcast_to(1 / epsilon.astype(x.dtype), inverse.shape))
    size = x.shape[1 - axis]
    product = jnp.matmul(scaled, scaled.T) if axis == 1 else jnp.matmul(scaled.T, scaled)
    apart = product * (1 - jnp.eye(size, dtype=x.dtype))
    pairs = np.asarray(size * (size - 1.0) / 2.0, x.dtype)
    return factor.astype(x.dtype) * jnp.asarray(0.5, x.dtype) * jnp.sum(_abs(apart), dtype=x.dtype) / pairs


def _norms(w: Any, axis: Any) -> Any:
    return jnp.sqrt(jnp.sum(jnp.square(w), axes_of(axis, w.ndim), dtype=w.dtype, keepdims=True))


def _limited(w: Any, lowest: Any, highest: Any, rate: Any, epsilon: Any, axis: Any) -> Any:
    norms = _norms(w, axis)
    lowest, highest = (jnp.broadcast_to(each.astype(w.dtype), norms.shape) for each in (lowest, highest))
    rate = rate.astype(w.dtype)
    wanted = rate * _clip(norms, lowest, highest) + (1 - rate) * norms
    return w * (wanted / (epsilon.astype(w.dtype) + norms))


def _unit(w: Any, epsilon: Any, axis: Any) -> Any:
    return w / (epsilon.astype(w.dtype) + _norms(w, axis))


def _axes_of_first(name: str, avals: Any, axis: Any) -> None:
    check_axes(name, avals[:1], axis)


PENALTY = Op("KerasPenalty", _penalty, ("kinds",), check=checks.real_floating)
"""`(x, *factors)`: for each factor, the sum of sizes (kind 1) or of squares (kind 2)."""

ORTHOGONAL_PENALTY = Op("KerasOrthogonalPenalty", _orthogonal, ("axis",), unconnected=(1, 2))
"""`(x, factor, epsilon)`: how far from orthogonal to each other the rows (axis 1) or columns (axis 0) are."""

LIMIT_NORM = Op("KerasLimitNorm", _limited, ("axis",), unconnected=(1, 2, 3, 4), check=_axes_of_first)
"""`(w, lowest, highest, rate, epsilon)`: `w` with its norms moved into bounds."""

UNIT_NORM = Op("KerasUnitNorm", _unit, ("axis",), unconnected=(1,), check=_axes_of_first)
"""`(w, epsilon)`: `w` with norms of one."""
