"""The row of images made a whole number of times as large."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._op import Op

_METHODS = {
    "bilinear": jax.image.ResizeMethod.LINEAR,
    "lanczos3": jax.image.ResizeMethod.LANCZOS3,
    "lanczos5": jax.image.ResizeMethod.LANCZOS5,
}

CUBIC_PLACES = 1024
"""How many places between two pixels TensorFlow's cubic kernel knows."""


def _cubic(distance: float) -> float:
    """Keys's cubic kernel (1981)."""
    if distance <= 1:
        return (1.5 * distance - 2.5) * distance * distance + 1
    return ((-0.5 * distance + 2.5) * distance - 4) * distance + 2


def _cubic_along(x: Any, axis: int, times: int) -> Any:
    """`x`, `times` as long along an axis. Pixels outside count for nothing; the others' weights sum to one."""
    length, reach = x.shape[axis], 3
    margins = [(reach, reach, 0) if each == axis else (0, 0, 0) for each in range(x.ndim)]
    ones = jnp.ones([length if each == axis else 1 for each in range(x.ndim)], x.dtype)
    zero = np.zeros((), x.dtype)
    pixels, present = lax.pad(x, zero, margins), lax.pad(ones, zero, margins)
    phases = []
    for phase in range(times):
        place = (phase + 0.5) / times - 0.5
        first = math.floor(place)
        part = round((place - first) * CUBIC_PLACES) / CUBIC_PLACES
        weights = [_cubic(each) for each in (1 + part, part, 1 - part, 2 - part)]
        total: Any = None
        sum_of_weights: Any = None
        for step, weight in enumerate(weights, first - 1 + reach):
            factor = np.asarray(weight, x.dtype)
            term = factor * lax.slice_in_dim(pixels, step, step + length, axis=axis)
            counted = factor * lax.slice_in_dim(present, step, step + length, axis=axis)
            total = term if total is None else total + term
            sum_of_weights = counted if sum_of_weights is None else sum_of_weights + counted
        phases.append(total / sum_of_weights)
    shape = [each * times if place == axis else each for place, each in enumerate(x.shape)]
    return jnp.stack(phases, axis + 1).reshape(shape)


def _enlarge(x: Any, size: tuple[int, int], method: str) -> Any:
    batch, height, width, channels = x.shape
    wide = x if x.dtype in (jnp.float32, jnp.float64) else x.astype(jnp.float32)
    if method == "bicubic":
        for axis, times in enumerate(size, 1):
            wide = _cubic_along(wide, axis, times)
        return wide.astype(x.dtype)
    shape = (batch, height * size[0], width * size[1], channels)
    return jax.image.resize(wide, shape, _METHODS[method], antialias=False).astype(x.dtype)


ENLARGE = Op("KerasEnlarge", _enlarge, ("size", "method"))
"""`(images)`: images `[batch, height, width, channels]`, `size` times as large."""
