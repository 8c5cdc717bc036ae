"""Rows of the reductions by segment."""

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


def _lowest(dtype: Any, largest: bool) -> Any:
    """The finite value that any element of a segment replaces."""
    limits = jnp.finfo(dtype) if jnp.issubdtype(dtype, jnp.floating) else jnp.iinfo(dtype)
    return np.asarray(limits.max if largest else limits.min, dtype)


def _flat(data: Any, ids: Any) -> tuple[Any, Any]:
    return data.reshape((ids.size, *data.shape[ids.ndim :])), ids.reshape(-1)


def _start(data: Any, size: int, value: Any) -> Any:
    return jnp.full((size, *data.shape[1:]), value, data.dtype)


def _in_range(ids: Any, size: int) -> Any:
    """Ids, those of dropped elements moved past the end, since JAX counts negative ones from there."""
    return jnp.where(ids < 0, jnp.asarray(size, ids.dtype), ids)


def _sum(data: Any, ids: Any, size: int) -> Any:
    data, ids = _flat(data, ids)
    return _start(data, size, 0).at[_in_range(ids, size)].add(data, mode="drop")


def _counts(data: Any, ids: Any, size: int, dtype: Any) -> Any:
    """How many elements each segment has, shaped to divide the segments by."""
    ones = jnp.ones(ids.shape, dtype)
    return _sum(ones, ids, size).reshape((size,) + (1,) * (data.ndim - ids.ndim))


def _mean(data: Any, ids: Any, size: int) -> Any:
    counts = jnp.maximum(_counts(data, ids, size, data.dtype), jnp.ones((), data.dtype))
    total = _sum(data, ids, size)
    if jnp.issubdtype(data.dtype, jnp.integer):
        return lax.div(*jnp.broadcast_arrays(total, counts))
    return total / counts


def _quotient_mean(data: Any, ids: Any, size: int) -> Any:
    """The mean of unsorted segments, which is a fraction for integers too."""
    if not jnp.issubdtype(data.dtype, jnp.integer):
        return _mean(data, ids, size)
    wide = jnp.float64 if data.dtype.itemsize >= 4 else jnp.float32
    counts = jnp.maximum(_counts(data, ids, size, data.dtype), jnp.ones((), data.dtype))
    return _sum(data, ids, size).astype(wide) / counts.astype(wide)


def _root_mean(data: Any, ids: Any, size: int) -> Any:
    counts = jnp.maximum(_counts(data, ids, size, data.dtype), jnp.ones((), data.dtype))
    return _sum(data, ids, size) / jnp.sqrt(counts)


def _product(data: Any, ids: Any, size: int) -> Any:
    flat, places = _flat(data, ids)
    places = _in_range(places, size)

    @jax.custom_jvp
    def multiplied(flat: Any) -> Any:
        return _start(flat, size, 1).at[places].multiply(flat, mode="drop")

    @multiplied.defjvp
    def rule(primals: Any, tangents: Any) -> Any:
        (flat,), (tangent,) = primals, tangents
        zero, one = jnp.zeros((), flat.dtype), jnp.ones((), flat.dtype)
        result, empty = multiplied(flat), flat == zero
        filled = jnp.where(empty, one, flat)
        # The product of a segment's other elements: nothing is left of it where two of them are 0.
        zeros = _sum(empty.astype(flat.dtype), places, size)
        rest = multiplied(filled).at[places].get(mode="clip") / filled
        fits = zeros.at[places].get(mode="clip") == empty.astype(flat.dtype)
        return result, _sum(jnp.where(fits, rest, zero) * tangent, places, size)

    return multiplied(flat)


def _extreme(method: str, largest: bool) -> Any:
    """Segment maximum or minimum, whose gradient goes to all elements that tie, in equal parts."""

    def function(data: Any, ids: Any, size: int) -> Any:
        flat, places = _flat(data, ids)
        places = _in_range(places, size)
        empty = _start(flat, size, _lowest(data.dtype, not largest))

        @jax.custom_jvp
        def best(flat: Any) -> Any:
            return getattr(empty.at[places], method)(flat, mode="drop")

        @best.defjvp
        def rule(primals: Any, tangents: Any) -> Any:
            (flat,), (tangent,) = primals, tangents
            result = best(flat)
            chosen = (flat == result.at[places].get(mode="clip")).astype(flat.dtype)
            ties = jnp.maximum(_sum(chosen, places, size), jnp.ones((), flat.dtype))
            return result, _sum(chosen * tangent, places, size) / ties

        return best(flat)

    return function


def _empty_as_zero(function: Any) -> Any:
    """As `function`, with 0 for a segment that has no element."""

    def wrapped(data: Any, ids: Any, size: int) -> Any:
        counts = _counts(data, ids, size, jnp.int32)
        return jnp.where(counts == 0, jnp.zeros((), data.dtype), function(data, ids, size))

    return wrapped


def _check(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    data, ids = avals
    if not ids.dtype.is_integer:
        raise InvalidArgumentError(message=f"segment_ids must be integers [Op:{name}]. Received: {ids.dtype.name}.")
    if data.shape[: ids.ndim] != ids.shape:
        raise InvalidArgumentError(
            message=f"data.shape = {list(data.shape)} does not start with segment_ids.shape = {list(ids.shape)} "
            f"[Op:{name}]"
        )


def _check_sorted(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    data, ids = avals
    _check(name, avals)
    if ids.ndim != 1 or not data.ndim:
        raise InvalidArgumentError(message=f"segment_ids should be a vector [Op:{name}]. Received: {ids!r}.")


def _row(name: str, function: Any, dtypes: Any, sorted_ids: bool) -> Op:
    def check(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
        dtypes(name, avals[:1])
        (_check_sorted if sorted_ids else _check)(name, avals)

    return Op(name, function, ("size",), check=check)


_maximum, _minimum = _extreme("max", True), _extreme("min", False)

SORTED = {
    "sum": _row("SegmentSum", _sum, checks.numeric, True),
    "mean": _row("SegmentMean", _mean, checks.numeric, True),
    "prod": _row("SegmentProd", _product, checks.numeric, True),
    "max": _row("SegmentMax", _empty_as_zero(_maximum), checks.real, True),
    "min": _row("SegmentMin", _empty_as_zero(_minimum), checks.real, True),
}
"""`(data, segment_ids)`, by kind."""

UNSORTED = {
    "sum": _row("UnsortedSegmentSum", _sum, checks.numeric, False),
    "mean": _row("UnsortedSegmentMean", _quotient_mean, checks.numeric, False),
    "sqrt_n": _row("UnsortedSegmentSqrtN", _root_mean, checks.floating, False),
    "prod": _row("UnsortedSegmentProd", _product, checks.numeric, False),
    "max": _row("UnsortedSegmentMax", _maximum, checks.real, False),
    "min": _row("UnsortedSegmentMin", _minimum, checks.real, False),
}
"""As `SORTED`, for ids in any order; negative ones are dropped."""
