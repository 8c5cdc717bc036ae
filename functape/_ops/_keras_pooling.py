"""Rows of Keras's poolings that `tf.nn` does not have: over windows that part an axis evenly, and of masked steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._pooling import max_pool


def _parted(x: Any, axis: int, count: int, reduce: Callable[[Any, int], Any]) -> Any:
    """`x` with `count` windows along an axis, reduced; each begins and ends at the next whole place."""
    length = x.shape[axis]
    windows = [
        lax.slice_in_dim(x, place * length // count, -(-(place + 1) * length // count), axis=axis)
        for place in range(count)
    ]
    return jnp.concatenate([reduce(each, axis) for each in windows], axis)


def _adaptive(x: Any, output_size: tuple[int, ...], channels_first: bool, reduce: Callable[[Any, int], Any]) -> Any:
    for axis, count in enumerate(output_size, 2 if channels_first else 1):
        x = _parted(x, axis, count, reduce)
    return x


def _mean(window: Any, axis: int) -> Any:
    wide = window.astype(jnp.float32) if window.dtype.itemsize < 4 else window
    total = jnp.sum(wide, axis, keepdims=True)
    return (total / jnp.asarray(window.shape[axis], wide.dtype)).astype(window.dtype)


def _maximum(window: Any, axis: int) -> Any:
    """The maximum along an axis, whose gradient goes to the first of equals."""
    moved = jnp.moveaxis(window, axis, -1)
    flat = moved.reshape((-1, moved.shape[-1], 1))
    size = flat.shape[1]
    largest = max_pool(flat, (size,), (size,), "VALID", False)
    return jnp.expand_dims(largest.reshape(moved.shape[:-1]), axis)


def _masked_mean(x: Any, mask: Any, axis: int, keepdims: bool) -> Any:
    weights = mask.astype(x.dtype)
    shape = [1] * x.ndim
    shape[0], shape[axis] = weights.shape
    weights = weights.reshape(shape)
    return jnp.sum(x * weights, axis, keepdims=keepdims) / jnp.sum(weights, axis, keepdims=keepdims)


ADAPTIVE_AVERAGE = Op(
    "AdaptiveAveragePool",
    lambda x, output_size, channels_first: _adaptive(x, output_size, channels_first, _mean),
    ("output_size", "channels_first"),
    check=checks.real_floating,
)
ADAPTIVE_MAXIMUM = Op(
    "AdaptiveMaxPool",
    lambda x, output_size, channels_first: _adaptive(x, output_size, channels_first, _maximum),
    ("output_size", "channels_first"),
    check=checks.real,
)
MASKED_MEAN = Op("MaskedMean", _masked_mean, ("axis", "keepdims"), unconnected=(1,))
"""`(x, mask [batch, steps])`."""
