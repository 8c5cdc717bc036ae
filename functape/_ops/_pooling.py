"""Rows of the poolings, with TensorFlow's gradients at ties.

The gradient of a maximum goes to the first of its equals over one or two axes, and to all of them over three. It is
found by comparison: XLA's own way of scattering it takes many times as long on a CPU.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._convolution import Padding, check_moving, dilated, refuse, shifts, spatial_padding

Pads = tuple[tuple[int, int], ...]


def _lowest(dtype: Any) -> Any:
    if jnp.issubdtype(dtype, jnp.floating):
        return np.asarray(jnp.finfo(dtype).min, dtype)
    return np.asarray(jnp.iinfo(dtype).min, dtype)


def _tiles(x: Any, window: tuple[int, ...], pads: Pads, fill: Any) -> Any:
    """`x` cut into the windows of a pooling whose windows do not overlap: `[batch, n1, w1, n2, w2, ..., channels]`."""
    lengths = x.shape[1:-1]
    counts = [(length + low + high) // width for length, width, (low, high) in zip(lengths, window, pads, strict=True)]
    if any(pair != (0, 0) for pair in pads):
        x = lax.pad(x, fill, [(0, 0, 0), *((low, high, 0) for low, high in pads), (0, 0, 0)])
    x = lax.slice(
        x, (0,) * x.ndim, (x.shape[0], *(n * width for n, width in zip(counts, window, strict=True)), x.shape[-1])
    )
    cut = [length for pair in zip(counts, window, strict=True) for length in pair]
    return x.reshape((x.shape[0], *cut, x.shape[-1]))


def _reduced(x: Any, window: tuple[int, ...], strides: tuple[int, ...], pads: Pads, start: Any, reduce: Any) -> Any:
    return lax.reduce_window(x, start, reduce, (1, *window, 1), (1, *strides, 1), ((0, 0), *pads, (0, 0)))


def _parts(x: Any, window: tuple[int, ...], strides: tuple[int, ...], pads: Pads, fill: Any) -> list[Any]:
    """For each place in the window, what lies there."""
    if window != strides:
        return [part for _, part in shifts(x, window, strides, pads, (1,) * len(window), fill)]
    tiles = _tiles(x, window, pads, fill)
    places = itertools.product(*map(range, window))
    return [tiles[(slice(None), *(each for at in place for each in (slice(None), at)))] for place in places]


def _max_function(window: tuple[int, ...], strides: tuple[int, ...], pads: Pads) -> Any:
    """The maximum over a moving window, as a function of an array with its channels last."""
    places = math.prod(window)
    inner = tuple(range(2, 2 + 2 * len(window), 2))
    to_all = len(window) == 3

    @jax.custom_jvp
    def pooled(x: Any) -> Any:
        lowest = _lowest(x.dtype)
        if places > FEW:
            return _reduced(x, window, strides, pads, lowest, lax.max)
        return functools.reduce(jnp.maximum, _parts(x, window, strides, pads, lowest), lowest)

    @pooled.defjvp
    def rule(primals: Any, tangents: Any) -> Any:
        (x,), (tangent,) = primals, tangents
        output = pooled(x)
        lowest, zero = _lowest(x.dtype), np.zeros((), x.dtype)
        if to_all and window == strides:
            chosen = _tiles(x, window, pads, lowest) == jnp.expand_dims(output, inner)
            return output, jnp.sum(jnp.where(chosen, _tiles(tangent, window, pads, zero), zero), inner)
        equals = [part == output for part in _parts(x, window, strides, pads, lowest)]
        numbers = np.arange(places, dtype=np.int32)
        if not to_all:
            first = jnp.full(output.shape, places, np.int32)
            for number, equal in reversed(list(zip(numbers, equals, strict=True))):
                first = jnp.where(equal, number, first)
            equals = [first == number for number in numbers]
        if window == strides:
            numbers = numbers.reshape([length for width in window for length in (1, width)] + [1])
            chosen = jnp.expand_dims(first, inner) == numbers
            return output, jnp.sum(jnp.where(chosen, _tiles(tangent, window, pads, zero), zero), inner)
        total: Any = None
        for equal, part in zip(equals, _parts(tangent, window, strides, pads, zero), strict=True):
            term = jnp.where(equal, part, zero)
            total = term if total is None else total + term
        return output, total

    return pooled


FEW = 32
"""Up to this many places in a window are compared one by one, which compilers turn into vector instructions."""


def _prepared(x: Any, window: Any, strides: Any, padding: Padding, channels_first: bool) -> tuple[Any, Pads]:
    x = jnp.moveaxis(x, 1, -1) if channels_first else x
    return x, spatial_padding(padding, x.shape[1:-1], window, strides)


def max_pool(x: Any, window: tuple[int, ...], strides: tuple[int, ...], padding: Padding, channels_first: bool) -> Any:
    """The maximum over a moving window.

    **Arguments:**
    - `x`: `[batch, *lengths, channels]`, or `[batch, channels, *lengths]` if `channels_first`.
    - `window`, `strides`: one number for each spatial axis.
    - `padding`: as of a convolution.
    """
    x, pads = _prepared(x, window, strides, padding, channels_first)
    output = _max_function(window, strides, pads)(x)
    return jnp.moveaxis(output, -1, 1) if channels_first else output


def average_pool(
    x: Any, window: tuple[int, ...], strides: tuple[int, ...], padding: Padding, channels_first: bool
) -> Any:
    """The mean over a moving window, without what is padded. The arguments are as for `max_pool`."""
    x, pads = _prepared(x, window, strides, padding, channels_first)
    wide = x.astype(np.float32) if x.dtype.itemsize < 4 else x
    zero = np.zeros((), wide.dtype)
    if window == strides:
        total = jnp.sum(_tiles(wide, window, pads, zero), tuple(range(2, 2 + 2 * len(window), 2)))
    else:
        total = _reduced(wide, window, strides, pads, zero, lax.add)
    output = total
    lengths = zip(x.shape[1:-1], window, strides, pads, total.shape[1:-1], strict=True)
    for axis, (length, width, stride, ends, made) in enumerate(lengths, 1):
        counts = _counts(length, width, stride, ends, made).astype(wide.dtype)
        output = output / counts.reshape([-1 if each == axis else 1 for each in range(output.ndim)])
    output = output.astype(x.dtype)
    return jnp.moveaxis(output, -1, 1) if channels_first else output


def _counts(length: int, width: int, stride: int, pads: tuple[int, int], made: int) -> Any:
    """How many elements that are no padding lie in each window along one axis; one number if they all are alike."""
    if pads == (0, 0):
        return np.array([width])
    # Traced, since lengths that stand for unknown ones are too large for an array.
    starts = jnp.arange(made, dtype=np.int64) * stride - pads[0]
    return jnp.maximum(jnp.minimum(starts + width, length) - jnp.maximum(starts, 0), 1)


def _max_pool_with_argmax(
    x: Any, window: tuple[int, int], strides: tuple[int, int], padding: Padding, dtype: Any, with_batch: bool
) -> tuple[Any, Any]:
    _, height, width, channels = x.shape
    pads = spatial_padding(padding, (height, width), window, strides)
    output = _max_function(window, strides, pads)(x)
    found = jnp.full(output.shape, -1, dtype)
    rows = np.arange(output.shape[1])[:, None, None] * strides[0] - pads[0][0]
    columns = np.arange(output.shape[2])[:, None] * strides[1] - pads[1][0]
    parts = list(shifts(x, window, strides, pads, (1, 1), _lowest(x.dtype)))
    for place, part in reversed(parts):
        row, column = rows + place[0], columns + place[1]
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        number = np.asarray((row * width + column) * channels + np.arange(channels), dtype)
        found = jnp.where((part == output) & inside, number, found)
    if with_batch:
        size = height * width * channels
        found = found + (jnp.arange(x.shape[0]) * size).astype(dtype).reshape(-1, 1, 1, 1)
    return output, found


def _check(
    name: str,
    avals: tuple[Aval, ...],
    window: tuple[int, ...],
    strides: tuple[int, ...],
    padding: Padding,
    channels_first: bool = False,
    **_: Any,
) -> None:
    (x,) = avals
    rank = len(window)
    if x.ndim != rank + 2:
        refuse(name, f"tensor_in must be {rank + 2}-dimensional. Received a tensor of shape {list(x.shape)}")
    lengths = x.shape[2:] if channels_first else x.shape[1:-1]
    check_moving(name, lengths, window, strides, padding, (1,) * rank)
    if not isinstance(padding, str):
        for pair, width in zip(padding, window, strict=True):
            if max(pair) >= width:
                refuse(name, f"Pooling with explicit padding must pad less than the window. Received: {padding}")


def _first_largest(parts: list[Any]) -> Any:
    """The elementwise maximum, whose gradient goes to the first of equals."""
    largest = parts[0]
    for part in parts[1:]:
        largest = jnp.where(part > largest, part, largest)
    return largest


def _dilated_pool(x: Any, window: tuple[int, ...], dilations: Any, channels_first: bool, largest: bool) -> Any:
    x = jnp.moveaxis(x, 1, -1) if channels_first else x
    ones, none = (1,) * len(window), ((0, 0),) * len(window)
    parts = [part for _, part in shifts(x, window, ones, none, dilations)]
    output = _first_largest(parts) if largest else sum(parts[1:], parts[0]) / np.asarray(len(parts), x.dtype)
    return jnp.moveaxis(output, -1, 1) if channels_first else output


def _check_dilated_pool(
    name: str, avals: tuple[Aval, ...], window: Any, dilations: Any, channels_first: bool, **_: Any
) -> None:
    x = avals[0]
    lengths = x.shape[2:] if channels_first else x.shape[1:-1]
    check_moving(name, lengths, window, (1,) * len(window), "VALID", dilations)


def _max_over_channels(x: Any, depth: int) -> Any:
    parts = x.reshape((*x.shape[:-1], x.shape[-1] // depth, depth))
    return _first_largest([parts[..., place] for place in range(depth)])


def _dilation(x: Any, filters: Any, strides: Any, padding: Padding, dilations: Any) -> Any:
    window = filters.shape[:2]
    pads = spatial_padding(padding, x.shape[1:-1], dilated(window, dilations), strides)
    parts = shifts(x, window, strides, pads, dilations, _lowest(x.dtype))
    return _first_largest([part + filters[place] for place, part in parts])


def _erosion(x: Any, filters: Any, strides: Any, padding: Padding, dilations: Any) -> Any:
    return -_dilation(-x, jnp.flip(filters, (0, 1)), strides, padding, dilations)


def _check_dilation(name: str, avals: tuple[Aval, ...], strides: Any, padding: Padding, dilations: Any) -> None:
    checks.same_dtype(name, avals)
    x, filters = avals
    if x.ndim != 4 or filters.ndim != 3:
        refuse(name, f"input must be 4-dimensional and filter 3-dimensional: {list(x.shape)}, {list(filters.shape)}")
    if x.shape[-1] != filters.shape[-1]:
        refuse(name, f"input and filter must have the same depth: {x.shape[-1]} vs {filters.shape[-1]}")
    check_moving(name, x.shape[1:-1], filters.shape[:2], strides, padding, dilations)


_MOVING = ("window", "strides", "padding", "channels_first")

MAX_POOL = Op("MaxPool", max_pool, _MOVING, check=checks.every(checks.real, _check))
AVERAGE_POOL = Op("AvgPool", average_pool, _MOVING, check=checks.every(checks.real_floating, _check))
MAX_POOL_WITH_ARGMAX = Op(
    "MaxPoolWithArgmax",
    _max_pool_with_argmax,
    ("window", "strides", "padding", "dtype", "with_batch"),
    multiple=True,
    check=checks.every(checks.real, _check),
)
DILATED_POOL = Op(
    "DilatedPool",
    _dilated_pool,
    ("window", "dilations", "channels_first", "largest"),
    check=checks.every(checks.real_floating, _check_dilated_pool),
)
MAX_OVER_CHANNELS = Op("MaxPoolOverChannels", _max_over_channels, ("depth",), check=checks.real)
_MORPHOLOGY = ("strides", "padding", "dilations")
DILATION = Op("Dilation2D", _dilation, _MORPHOLOGY, check=checks.every(checks.real, _check_dilation))
EROSION = Op("Erosion2D", _erosion, _MORPHOLOGY, check=checks.every(checks.real, _check_dilation))
"""This and the last: `(x, filters)`."""
