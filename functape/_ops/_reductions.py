"""Rows of the reductions. All take the static attributes `axis` (None, an int or a tuple of them) and `keepdims`."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.custom_derivatives import SymbolicZero

from functape._engine._avals import Aval
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._lengths import as_number

Axis = int | tuple[int, ...] | None


def axes_of(axis: Axis, rank: int) -> tuple[int, ...]:
    """The axes to reduce over, counted from the front."""
    if axis is None:
        return tuple(range(rank))
    return tuple(each % rank for each in ((axis,) if isinstance(axis, int) else axis))


def check_axes(name: str, avals: tuple[Aval, ...], axis: Axis = None, **_: Any) -> None:
    """Every axis exists, and none is given twice."""
    rank = avals[0].ndim
    if axis is None:
        return
    given = (axis,) if isinstance(axis, int) else axis
    for each in given:
        if not -rank <= each < rank:
            raise InvalidArgumentError(
                message=f"Invalid reduction dimension ({each} for input with {rank} dimension(s)) [Op:{name}]"
            )
    found = [each % rank for each in given]
    for each in found:
        if found.count(each) > 1:
            raise InvalidArgumentError(
                message=f"Invalid reduction arguments: Axes contains duplicate dimension: {each} [Op:{name}]"
            )


def _check_not_integer(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    if avals[0].dtype.is_integer:
        raise TypeError(
            f"Input must be either real or complex [Op:{name}]. Received integer type {avals[0].dtype!r}. "
            f"Cast the argument first: tf.cast(x, tf.float32)."
        )


def _count(x: Any, axis: Axis) -> int:
    return math.prod(x.shape[each] for each in axes_of(axis, x.ndim))


def _sum(x: Any, axis: Axis, keepdims: bool) -> Any:
    return jnp.sum(x, axes_of(axis, x.ndim), dtype=x.dtype, keepdims=keepdims)


def _product(x: Any, axis: Axis, keepdims: bool) -> Any:
    return jnp.prod(x, axes_of(axis, x.ndim), dtype=x.dtype, keepdims=keepdims)


def mean(x: Any, axis: Axis, keepdims: bool) -> Any:
    """The mean, of integers one that is cut off towards zero; their sum need not fit their dtype."""
    count = _count(x, axis)
    if jnp.issubdtype(x.dtype, jnp.integer):
        wide = jnp.uint64 if jnp.issubdtype(x.dtype, jnp.unsignedinteger) else jnp.int64
        total = _sum(x.astype(wide), axis, keepdims)
        return lax.div(total, jnp.full(total.shape, as_number(max(count, 1), wide))).astype(x.dtype)
    total = _sum(x, axis, keepdims)
    return total / as_number(count, x.dtype)


def _extreme(reduce: Any) -> Any:
    """`reduce_max` or `reduce_min`, whose gradient goes to all elements that tie, in equal parts."""

    def function(x: Any, axis: Axis, keepdims: bool) -> Any:
        axes = axes_of(axis, x.ndim)
        lengths = tuple(1 if position in axes else length for position, length in enumerate(x.shape))

        @jax.custom_jvp
        def kept(x: Any) -> Any:
            return reduce(x, axes).reshape(lengths)

        def rule(primals: Any, tangents: Any) -> Any:
            (x,), (tangent,) = primals, tangents
            result = kept(x)
            if isinstance(tangent, SymbolicZero):
                return result, jnp.zeros_like(result)
            chosen = (x == result).astype(x.dtype)
            share = chosen / jnp.sum(chosen, axes, dtype=x.dtype, keepdims=True)
            # No element ties with a NaN, and 0 / 0 is not what XLA always makes of it.
            share = jnp.where(jnp.isnan(result), jnp.asarray(jnp.nan, x.dtype), share)
            return result, jnp.sum(share * tangent, axes, dtype=x.dtype, keepdims=True)

        kept.defjvp(rule, symbolic_zeros=True)
        result = kept(x)
        return result if keepdims else result.reshape([x.shape[i] for i in range(x.ndim) if i not in axes])

    return function


_maximum = _extreme(lax.reduce_max)
_minimum = _extreme(lax.reduce_min)


def _log_sum_exp(x: Any, axis: Axis, keepdims: bool) -> Any:
    largest = lax.stop_gradient(_maximum(x, axis, True))
    largest = jnp.where(jnp.isfinite(largest), largest, jnp.zeros((), x.dtype))
    result = jnp.log(_sum(jnp.exp(x - largest), axis, keepdims))
    return result + largest.reshape(result.shape)


def _variance(x: Any, axis: Axis, keepdims: bool) -> Any:
    difference = x - mean(x, axis, True)
    if jnp.issubdtype(x.dtype, jnp.complexfloating):
        return mean(jnp.real(jnp.conj(difference) * difference), axis, keepdims)
    return mean(jnp.square(difference), axis, keepdims)


def _norm(x: Any, axis: Axis, keepdims: bool) -> Any:
    total = _sum(x * jnp.conj(x), axis, keepdims)
    if jnp.issubdtype(x.dtype, jnp.integer):
        return jnp.sqrt(total.astype(jnp.float64)).astype(x.dtype)
    return jnp.sqrt(total)


def _nonzeros(x: Any, axis: Axis, keepdims: bool, dtype: Any) -> Any:
    counted = jnp.int64 if np.dtype(dtype) == np.bool_ else dtype
    return jnp.sum(x != jnp.zeros((), x.dtype), axes_of(axis, x.ndim), dtype=counted, keepdims=keepdims).astype(dtype)


def _zero_fraction(x: Any) -> Any:
    zeros = jnp.sum(x == jnp.zeros((), x.dtype), dtype=jnp.int64).astype(jnp.float32)
    return zeros / as_number(x.size, np.float32)


def _index_of(find: Any, worst: str) -> Any:
    """`argmax` or `argmin`, which pass over NaNs."""

    def function(x: Any, axis: int, output_type: Any) -> Any:
        if jnp.issubdtype(x.dtype, jnp.floating):
            x = jnp.where(jnp.isnan(x), jnp.asarray(float(worst), x.dtype), x)
        return find(x, axis % x.ndim, jnp.int64).astype(output_type)

    return function


def _check_index(name: str, avals: tuple[Aval, ...], axis: int, output_type: Any) -> None:
    rank = avals[0].ndim
    if not -rank <= axis < rank:
        raise InvalidArgumentError(
            message=f"Expected dimension in the range [{-rank}, {rank}), but got {axis} [Op:{name}]"
        )
    if not avals[0].shape[axis]:
        raise InvalidArgumentError(
            message=f"Reduction axis {axis} is empty in shape {list(avals[0].shape)} [Op:{name}]"
        )


def _reduction(name: str, function: Any, check: Any, differentiable: bool = True) -> Op:
    return Op(
        name, function, ("axis", "keepdims"), check=checks.every(check, check_axes), differentiable=differentiable
    )


_comparable = checks.dtypes(lambda dtype: not dtype.is_complex, "real or bool")

SUM = _reduction("Sum", _sum, checks.numeric)
MEAN = _reduction("Mean", mean, checks.numeric)
PRODUCT = _reduction("Prod", _product, checks.numeric)
MAXIMUM = _reduction("Max", _maximum, checks.real)
MINIMUM = _reduction("Min", _minimum, checks.real)
ANY = _reduction(
    "Any", lambda x, axis, keepdims: jnp.any(x, axes_of(axis, x.ndim), keepdims=keepdims), checks.boolean, False
)
ALL = _reduction(
    "All", lambda x, axis, keepdims: jnp.all(x, axes_of(axis, x.ndim), keepdims=keepdims), checks.boolean, False
)
LOG_SUM_EXP = _reduction("LogSumExp", _log_sum_exp, checks.real_floating)
VARIANCE = _reduction("Variance", _variance, checks.every(_check_not_integer, checks.numeric))
STANDARD_DEVIATION = _reduction(
    "StandardDeviation",
    lambda x, axis, keepdims: jnp.sqrt(_variance(x, axis, keepdims)),
    checks.every(_check_not_integer, checks.numeric),
)
EUCLIDEAN_NORM = _reduction("EuclideanNorm", _norm, checks.numeric)
COUNT_NONZERO = Op("CountNonzero", _nonzeros, ("axis", "keepdims", "dtype"), check=check_axes, differentiable=False)
ZERO_FRACTION = Op("ZeroFraction", _zero_fraction, differentiable=False)
ARGMAX = Op(
    "ArgMax", _index_of(lax.argmax, "-inf"), ("axis", "output_type"),
    check=checks.every(_comparable, _check_index), differentiable=False,
)  # fmt: skip
ARGMIN = Op(
    "ArgMin", _index_of(lax.argmin, "inf"), ("axis", "output_type"),
    check=checks.every(_comparable, _check_index), differentiable=False,
)  # fmt: skip
