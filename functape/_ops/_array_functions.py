"""Rows of NumPy's array functions whose lengths decide the arithmetic, so that they are looked up when it runs."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy.special import i0

from functape._engine._op import Op


def _quantile(x: Any, q: Any, axis: Any, method: str, keepdims: bool, ignore_nan: bool) -> Any:
    function = jnp.nanquantile if ignore_nan else jnp.quantile
    return function(x, q, axis=axis, method=method, keepdims=keepdims)


def _clamped_take(x: Any, indices: Any, axis: int) -> Any:
    length = x.shape[axis]
    wrapped = jnp.where(indices < 0, indices + length, indices)
    return jnp.take(x, wrapped, axis=axis, mode="clip")


def _along(x: Any, indices: Any, axis: int) -> Any:
    length = x.shape[axis]
    wrapped = jnp.where(indices < 0, indices + length, indices)
    return jnp.take_along_axis(x, wrapped, axis, mode="clip")


def _tiled(x: Any, repeats: tuple[int, ...]) -> Any:
    return jnp.tile(x, repeats)


def _kron(x1: Any, x2: Any) -> Any:
    return jnp.kron(x1, x2)


def _extreme(x: Any, largest: bool, axis: Any, keepdims: bool) -> Any:
    """The largest or smallest element that is not NaN; NaN if there is none."""
    worst = jnp.array(-jnp.inf if largest else jnp.inf, x.dtype)
    missing = jnp.isnan(x)
    reduce = jnp.max if largest else jnp.min
    made = reduce(jnp.where(missing, worst, x), axis=axis, keepdims=keepdims)
    return jnp.where(jnp.all(missing, axis=axis, keepdims=keepdims), jnp.array(jnp.nan, x.dtype), made)


def _place_of_extreme(x: Any, largest: bool, axis: Any, keepdims: bool) -> Any:
    """The place of the largest or smallest element that is not NaN; -1 if there is none."""
    worst = jnp.array(-jnp.inf if largest else jnp.inf, x.dtype)
    missing = jnp.isnan(x)
    find = jnp.argmax if largest else jnp.argmin
    made = find(jnp.where(missing, worst, x), axis=axis, keepdims=keepdims).astype(jnp.int32)
    return jnp.where(jnp.all(missing, axis=axis, keepdims=keepdims), jnp.int32(-1), made)


def _moment_without_nan(x: Any, root: bool, axis: Any, keepdims: bool) -> Any:
    return (jnp.nanstd if root else jnp.nanvar)(x, axis=axis, keepdims=keepdims)


def _correlate(x1: Any, x2: Any, mode: str) -> Any:
    return jnp.correlate(x1, x2, mode=mode, precision=lax.Precision.HIGHEST)


def _digitize(x: Any, bins: Any) -> Any:
    return jnp.searchsorted(bins, x, side="right").astype(jnp.int32)


def _trapezoid(y: Any, x: Any, axis: int) -> Any:
    return jnp.trapezoid(y, x, axis=axis)


def _evenly_spaced(y: Any, dx: Any, axis: int) -> Any:
    return jnp.trapezoid(y, dx=dx, axis=axis)


def _distances(x: Any, y: Any) -> Any:
    squares = jnp.sum(jnp.square(x[..., :, None, :] - y[..., None, :, :]), -1)
    apart = squares > 0
    return jnp.where(apart, jnp.sqrt(jnp.where(apart, squares, 1)), 0)


def _multiplied_at(x: Any, indices: Any, updates: Any) -> Any:
    return x.at[tuple(jnp.moveaxis(indices, -1, 0))].multiply(updates)


def _unraveled(indices: Any, shape: tuple[int, ...]) -> Any:
    size = math.prod(shape)
    wrapped = jnp.where(indices < 0, indices + size, indices)
    return tuple(each.astype(indices.dtype) for each in jnp.unravel_index(wrapped, shape))


def _histogram(x: Any, bins: int, low: float | None = None, high: float | None = None) -> Any:
    span = None if low is None or high is None else (low, high)
    dtype = x.dtype if jnp.issubdtype(x.dtype, jnp.floating) else jnp.float32
    counts, edges = jnp.histogram(x.astype(dtype), bins, span)
    return counts.astype(x.dtype), edges.astype(dtype)


def _unfolded(x: Any, window: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    """Images `[b, c, h, w]` to columns `[b, c * window, places]`."""
    patches = lax.conv_general_dilated_patches(
        x, window, stride, [(each, each) for each in padding], rhs_dilation=dilation, precision=lax.Precision.HIGHEST
    )
    return patches.reshape((*patches.shape[:2], -1))


def _folded(x: Any, size: Any, window: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    image = jax.ShapeDtypeStruct((x.shape[0], x.shape[1] // math.prod(window), *size), x.dtype)
    return jax.linear_transpose(lambda given: _unfolded(given, window, dilation, padding, stride), image)(x)[0]


QUANTILE = Op("Quantile", _quantile, ("axis", "method", "keepdims", "ignore_nan"), unconnected=(1,))
TAKE = Op("ClampedTake", _clamped_take, ("axis",))
TAKE_ALONG = Op("TakeAlongAxis", _along, ("axis",))
TRIL = Op("LowerTriangle", jnp.tril, ("k",))
TRIU = Op("UpperTriangle", jnp.triu, ("k",))
DIAGONAL = Op("Diagonal", jnp.diagonal, ("offset", "axis1", "axis2"))
TILE = Op("TileToRank", _tiled, ("repeats",))
KRON = Op("Kronecker", _kron)
FLIP = Op("Flip", jnp.flip, ("axis",))
ROT90 = Op("QuarterTurns", jnp.rot90, ("k", "axes"))
NAN_EXTREME = Op("ExtremeWithoutNan", _extreme, ("largest", "axis", "keepdims"))
NAN_PLACE = Op(
    "PlaceOfExtremeWithoutNan", _place_of_extreme, ("largest", "axis", "keepdims"), differentiable=False
)  # fmt: skip
NAN_MOMENT = Op("MomentWithoutNan", _moment_without_nan, ("root", "axis", "keepdims"))
CORRCOEF = Op("CorrelationCoefficients", jnp.corrcoef)
CORRELATE = Op("Correlate", _correlate, ("mode",))
DIGITIZE = Op("Digitize", _digitize, differentiable=False)
TRAPEZOID = Op("Trapezoid", _trapezoid, ("axis",))
TRAPEZOID_EVEN = Op("TrapezoidEvenlySpaced", _evenly_spaced, ("axis",))
I0 = Op("BesselI0OfFloats", i0)
DISTANCES = Op("PairwiseDistances", _distances)
VIEW = Op("ViewBits", lambda x, dtype: x.view(dtype), ("dtype",), differentiable=False)
SLICE_UPDATE = Op("DynamicUpdateSlice", lambda x, updates, *begin: lax.dynamic_update_slice(x, updates, begin))
SCATTER_MULTIPLY = Op("ScatterMultiply", _multiplied_at)
UNRAVEL = Op("UnravelIndexInto", _unraveled, ("shape",), multiple=True, differentiable=False)
HISTOGRAM = Op("Histogram", _histogram, ("bins",), multiple=True)
HISTOGRAM_BETWEEN = Op("HistogramBetween", _histogram, ("bins", "low", "high"), multiple=True)
UNFOLD = Op("Unfold", _unfolded, ("window", "dilation", "padding", "stride"))
FOLD = Op("Fold", _folded, ("size", "window", "dilation", "padding", "stride"))
