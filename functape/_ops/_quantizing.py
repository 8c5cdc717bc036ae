"""Rows that round to the steps of a quantized range, as numbers of the original dtype."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

from functape._engine._avals import Aval
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._derivatives import with_partials


def _range(low: Any, high: Any, num_bits: int, narrow_range: bool) -> tuple[Any, Any, Any, Any]:
    """The bounds moved so that zero is one of the steps, the size of a step, and its inverse."""
    first, last = jnp.float32(1 if narrow_range else 0), jnp.float32(2**num_bits - 1)
    # XLA would simplify the quotients, which moves what lies in the middle between two steps.
    count = lax.optimization_barrier(last - first)
    step = lax.optimization_barrier((high - low) / count)
    zero = jnp.clip(lax.round(first - low / step, lax.RoundingMethod.AWAY_FROM_ZERO), first, last)
    return (first - zero) * step, (last - zero) * step, step, count / (high - low)


def _empty(low: Any, high: Any) -> Any:
    return (low == 0) & (high == 0)


@functools.cache
def _rounding(num_bits: int, narrow_range: bool, by_inverse: bool) -> Callable[..., Any]:
    """The function `(x, low, high)`; some of TensorFlow's kernels multiply by the inverse of a step."""

    def value(x: Any, low: Any, high: Any) -> Any:
        lowest, highest, step, inverse = _range(low, high, num_bits, narrow_range)
        zero = jnp.floor(-lowest * inverse + 0.5)
        shifted = jnp.maximum(jnp.minimum(x, highest), lowest) - lowest
        steps = jnp.floor((shifted * inverse if by_inverse else shifted / step) - zero + 0.5)
        return jnp.where(_empty(low, high), jnp.zeros_like(x), steps * step)

    def inside(output: Any, x: Any, low: Any, high: Any) -> Any:
        lowest, highest, *_ = _range(low, high, num_bits, narrow_range)
        return (_empty(low, high) | (x >= lowest) & (x <= highest)).astype(x.dtype)

    def below(output: Any, x: Any, low: Any, high: Any) -> Any:
        lowest, *_ = _range(low, high, num_bits, narrow_range)
        return (~_empty(low, high) & (x < lowest)).astype(x.dtype)

    def above(output: Any, x: Any, low: Any, high: Any) -> Any:
        _, highest, *_ = _range(low, high, num_bits, narrow_range)
        return (~_empty(low, high) & (x > highest)).astype(x.dtype)

    return with_partials(value, inside, below, above)


def _fake_quant(x: Any, low: Any, high: Any, num_bits: int, narrow_range: bool, by_inverse: bool) -> Any:
    return _rounding(num_bits, narrow_range, by_inverse)(x, low, high)


def _check(name: str, avals: tuple[Aval, ...], num_bits: int, narrow_range: bool, by_inverse: bool) -> None:
    checks.dtypes(lambda dtype: dtype.name == "float32", "float32")(name, avals)
    checks.broadcastable(name, avals)
    if not 2 <= num_bits <= 16:
        raise InvalidArgumentError(
            message=f"num_bits must be between 2 and 16, inclusive. Received: num_bits={num_bits} [Op:{name}]"
        )


FAKE_QUANT = Op("FakeQuantWithMinMaxVars", _fake_quant, ("num_bits", "narrow_range", "by_inverse"), check=_check)
"""`(x, low, high)`, whose bounds broadcast to `x`"""
