"""Rows for signals cut into frames: frames that overlap, their sum, the windows over them, bands of pitch."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._elementwise import maximum, minimum


def _framed(x: Any, length: int, step: int, count: int, axis: int) -> Any:
    """The `count` frames of `length` elements along `axis` that begin `step` elements apart."""
    x = jnp.moveaxis(x, axis, -1)
    batch = x.shape[:-1]
    if not length or not count:
        framed = jnp.zeros((*batch, count, length), x.dtype)
    else:
        # Blocks of one step; a frame is some blocks in a row. Repeating all blocks once for each block of a frame, in
        # rows that are longer by one, puts beside each other what follows each other in the frames: no gathering.
        parts = -(-length // step)
        blocks = count + parts - 1
        x = x[..., : blocks * step]
        x = jnp.pad(x, [(0, 0)] * len(batch) + [(0, blocks * step - x.shape[-1])])
        x = jnp.broadcast_to(x.reshape(*batch, 1, blocks, step), (*batch, parts, blocks, step))
        x = x.reshape(*batch, parts * blocks, step)
        x = jnp.pad(x, [(0, 0)] * len(batch) + [(0, parts), (0, 0)])
        x = x.reshape(*batch, parts, blocks + 1, step)[..., :count, :]
        framed = jnp.swapaxes(x, -3, -2).reshape(*batch, count, parts * step)[..., :length]
    return jnp.moveaxis(framed, (-2, -1), (axis, axis + 1))


def _overlapped(x: Any, step: int) -> Any:
    """The sum of frames that begin `step` elements apart."""
    *batch, count, length = x.shape
    total = max(length + step * (count - 1), 0)
    if not count or not length:
        return jnp.zeros((*batch, total), x.dtype)
    parts = -(-length // step)
    blocks = count + parts - 1
    outer = [(0, 0)] * len(batch)
    x = jnp.pad(x, [*outer, (0, 0), (0, parts * step - length)]).reshape(*batch, count, parts, step)
    # The way back from `_framed`: rows that are shorter by one put above each other what is to be added.
    x = jnp.pad(jnp.swapaxes(x, -3, -2), [*outer, (0, 0), (0, parts), (0, 0)])
    x = x.reshape(*batch, parts * (count + parts), step)[..., : parts * blocks, :]
    x = jnp.sum(x.reshape(*batch, parts, blocks, step), -3, dtype=x.dtype)
    return x.reshape(*batch, blocks * step)[..., :total]


def _raised_cosine(length: int, periodic: bool, mean: float, dtype: Any) -> Any:
    if length == 1:
        return jnp.ones((1,), dtype)
    period = length if periodic and length % 2 == 0 else length - 1
    return jnp.asarray(mean - (1 - mean) * np.cos(2 * np.pi * np.arange(length) / period), dtype)


def _vorbis(length: int, dtype: Any) -> Any:
    return jnp.asarray(np.sin(np.pi / 2 * np.sin(np.pi / max(length, 1) * (np.arange(length) + 0.5)) ** 2), dtype)


def _half_circle(length: int, dtype: Any) -> Any:
    half = (length - 1) / 2
    return jnp.asarray(np.sqrt(np.maximum(1 - (np.arange(length) - half) ** 2 / half**2, 0)), dtype)


def _complementary(window: Any, step: int) -> Any:
    """The window that undoes `window` where frames begin `step` elements apart and are added up."""
    length = window.shape[0]
    parts = -(-length // step)
    total = jnp.sum(jnp.pad(jnp.square(window), (0, parts * step - length)).reshape(parts, step), 0)
    total = jnp.tile(total, parts)[:length]
    empty = total == 0
    return jnp.where(empty, jnp.zeros((), window.dtype), window / jnp.where(empty, 1, total))


def _mel(hertz: Any) -> Any:
    """Pitch by frequency, in the scale of the Hidden Markov Model Toolkit."""
    return jnp.asarray(1127.0, hertz.dtype) * jnp.log(1 + hertz / jnp.asarray(700.0, hertz.dtype))


def _mel_weights(rate: Any, lower: Any, upper: Any, bands: int, bins: int) -> Any:
    dtype = rate.dtype
    # The first bin, which is no frequency at all, has no part in any band.
    pitches = _mel(jnp.linspace(jnp.zeros((), dtype), rate / 2, bins, dtype=dtype)[1:])[:, None]
    edges = jnp.linspace(_mel(lower), _mel(upper), bands + 2, dtype=dtype)
    left, centre, right = edges[None, :-2], edges[None, 1:-1], edges[None, 2:]
    rising, falling = (pitches - left) / (centre - left), (right - pitches) / (right - centre)
    return jnp.pad(maximum(jnp.zeros((), dtype), minimum(rising, falling)), [(1, 0), (0, 0)])


FRAME = Op("Frame", _framed, ("length", "step", "count", "axis"))
OVERLAP_AND_ADD = Op("OverlapAndAdd", _overlapped, ("step",), check=checks.numeric)
RAISED_COSINE = Op("RaisedCosineWindow", _raised_cosine, ("length", "periodic", "mean", "dtype"))
VORBIS = Op("VorbisWindow", _vorbis, ("length", "dtype"))
HALF_CIRCLE = Op("HalfCircle", _half_circle, ("length", "dtype"))
"""The exponent of a Kaiser window, up to a factor."""
COMPLEMENTARY_WINDOW = Op("ComplementaryWindow", _complementary, ("step",), check=checks.real_floating)
MEL_WEIGHTS = Op(
    "MelWeights", _mel_weights, ("bands", "bins"), check=checks.every(checks.same_dtype, checks.real_floating)
)
"""`(sample rate, lower edge, upper edge)`"""
