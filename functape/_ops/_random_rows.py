"""Rows of the random ops. The random state of each is one uint32 vector of six words: see `_philox`.

`seed_words` of `functape._seeds` makes that vector for eager ops, the row `STATELESS_WORDS` for stateless ones.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from functape._engine._avals import Aval
from functape._engine._dtypes import DType, as_dtype, bfloat16, float16, float32, float64, int32, int64, uint32, uint64
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._ops import _philox

FLOATING = (float16, bfloat16, float32, float64)
INTEGERS = (int32, int64)
FULL_RANGE = (int32, int64, uint32, uint64)


def _allowed(name: str, attribute: str, dtype: DType, allowed: tuple[DType, ...]) -> None:
    if dtype not in allowed:
        names = ", ".join(each.spoken for each in allowed)
        raise InvalidArgumentError(
            message=f"Value for attr '{attribute}' of {dtype.spoken} is not in the list of allowed values: {names} "
            f"[Op:{name}]. Received: {attribute}={dtype!r}."
        )


def _check_words(name: str, words: Aval, shape: tuple[int, ...] = ()) -> None:
    if words.shape != (6,) or words.dtype is not uint32:
        raise InvalidArgumentError(
            message=f"The random state must be a uint32 vector of 6 words [Op:{name}]. Received: {words!r}. "
            f"Make it with seed_words."
        )
    for length in shape:
        if length < 0:
            raise InvalidArgumentError(
                message=f"Dimension {length} must be >= 0 [Op:{name}]. Received: shape={list(shape)}."
            )


def _check_floating(name: str, avals: tuple[Aval, ...], *, shape: tuple[int, ...], dtype: Any) -> None:
    _check_words(name, avals[0], shape)
    _allowed(name, "dtype", as_dtype(dtype), FLOATING)


def _check_full_int(name: str, avals: tuple[Aval, ...], *, shape: tuple[int, ...], dtype: Any) -> None:
    _check_words(name, avals[0], shape)
    _allowed(name, "dtype", as_dtype(dtype), FULL_RANGE)


def _check_int(name: str, avals: tuple[Aval, ...], *, shape: tuple[int, ...]) -> None:
    words, minval, maxval = avals
    _check_words(name, words, shape)
    _allowed(name, "Tout", minval.dtype, INTEGERS)
    for argument, each in (("minval", minval), ("maxval", maxval)):
        if each.shape:
            raise InvalidArgumentError(
                message=f"{argument} must be 0-D, got shape {list(each.shape)} [Op:{name}]. "
                f"Pass one number for all samples."
            )
    if maxval.dtype is not minval.dtype:
        raise InvalidArgumentError(
            message=f"minval and maxval must have one dtype [Op:{name}]. "
            f"Received: minval of {minval.dtype.name}, maxval of {maxval.dtype.name}. Cast one of them."
        )


def _check_shuffle(name: str, avals: tuple[Aval, ...]) -> None:
    _check_words(name, avals[0])


def _check_seed(name: str, avals: tuple[Aval, ...]) -> None:
    seed = avals[0]
    if seed.shape != (2,):
        raise InvalidArgumentError(
            message=f"seed must have shape [2], not {list(seed.shape)} [Op:{name}]. Pass two integers."
        )
    if not seed.dtype.is_integer:
        raise InvalidArgumentError(
            message=f"seed must hold integers [Op:{name}]. Received: seed of {seed.dtype.name}. Pass two integers."
        )


def check_range(name: str, minval: int, maxval: int, shape: tuple[int, ...]) -> None:
    """Reject an empty range of integers, where both bounds are known on the host.

    **Raises:** `InvalidArgumentError` unless `minval < maxval` or there is nothing to draw.
    """
    if minval >= maxval and math.prod(shape) > 0:
        raise InvalidArgumentError(
            message=f"Need minval < maxval, got {minval} >= {maxval} [Op:{name}]. Raise `maxval` above `minval`."
        )


def shuffle(words: Array, value: Array) -> Array:
    """The rows of `value` in the order that `tf.random.shuffle` gives them.

    **Arguments:**
    - `words`: uint32[6], key and counter.
    - `value`: an array of any dtype and shape `[rows, ...]`, or a scalar, which stays as it is.

    **Returns:** an array like `value`.
    """
    value = jnp.asarray(value)
    if value.ndim == 0 or value.shape[0] <= 1:
        return value
    order = _philox.permutation(words, length=value.shape[0])
    return value.at[order].get(mode="promise_in_bounds", unique_indices=True)


@jax.custom_jvp
def spread(samples: Array, minval: Array, maxval: Array) -> Array:
    """Uniform samples moved from [0, 1) to [minval, maxval), TensorFlow's bit for bit.

    **Arguments:**
    - `samples`: floating samples in [0, 1).
    - `minval`, `maxval`: arrays of the samples' dtype that broadcast with them.

    **Returns:** `samples * (maxval - minval) + minval`, the product rounded before the sum.
    """
    width = maxval - minval
    product = samples * width
    # A compiler may contract the product and the sum to one multiply-add, which changes last bits. The clamp, which
    # changes no value, keeps them apart; an optimization barrier or a rounding to the same precision does not.
    zero = jnp.zeros_like(width)
    lowest, highest = jnp.minimum(width, zero), jnp.maximum(width, zero)
    shape = product.shape
    return lax.clamp(jnp.broadcast_to(lowest, shape), product, jnp.broadcast_to(highest, shape)) + minval


@spread.defjvp
def _spread_jvp(primals: Any, tangents: Any) -> Any:
    samples, minval, maxval = primals
    moved, lower, upper = tangents
    return spread(samples, minval, maxval), moved * (maxval - minval) + samples * (upper - lower) + lower


RANDOM_UNIFORM = Op("RandomUniform", _philox.uniform, ("shape", "dtype"), differentiable=False, check=_check_floating)
"""`(words)`: uniform in [0, 1)."""

RANDOM_NORMAL = Op(
    "RandomStandardNormal", _philox.normal, ("shape", "dtype"), differentiable=False, check=_check_floating
)
"""`(words)`: standard normal."""

TRUNCATED_NORMAL = Op(
    "TruncatedNormal", _philox.truncated_normal, ("shape", "dtype"), differentiable=False, check=_check_floating
)
"""`(words)`: standard normal within two standard deviations."""

RANDOM_UNIFORM_INT = Op("RandomUniformInt", _philox.uniform_int, ("shape",), differentiable=False, check=_check_int)
"""`(words, minval, maxval)`: integers of the bounds' dtype in [minval, maxval)."""

RANDOM_FULL_INT = Op(
    "RandomUniformFullInt", _philox.full_int, ("shape", "dtype"), differentiable=False, check=_check_full_int
)
"""`(words)`: integers over the whole range of the dtype."""

RANDOM_SHUFFLE = Op("RandomShuffle", shuffle, differentiable=False, check=_check_shuffle)
"""`(words, value)`: the rows of `value` in random order."""

UNIFORM_SPREAD = Op("RandomUniformSpread", spread)
"""`(samples, minval, maxval)`: uniform samples moved to [minval, maxval)."""

STATELESS_WORDS = Op("StatelessRandomGetKeyCounter", _philox.stateless_words, differentiable=False, check=_check_seed)
"""`(seed)`: the `words` of a stateless op, to be passed to any row above."""
