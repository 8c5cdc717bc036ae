"""Rows that draw from other distributions. The random state is that of `_random_rows`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops import _philox


def _key(words: Any) -> Any:
    """A key of JAX's own generator, from all six words."""
    mixed = words[:2] ^ words[2:4] * np.uint32(0x9E3779B9) ^ words[4:6]
    return jax.random.wrap_key_data(mixed, impl="threefry2x32")


def _categorical(words: Any, logits: Any, count: int, dtype: Any) -> Any:
    """Samples as TensorFlow draws them: a uniform double looked up in the running sum of the probabilities."""
    rows, classes = logits.shape
    wide = logits.astype(jnp.float64)
    finite = jnp.isfinite(wide)
    largest = jnp.max(jnp.where(finite, wide, -jnp.inf), 1, keepdims=True)
    running = jnp.cumsum(jnp.where(finite, jnp.exp(wide - largest), 0.0), 1)
    sought = _philox.uniform(words, shape=(rows, count), dtype=np.float64) * running[:, -1:]
    found = jax.vmap(lambda sums, values: jnp.searchsorted(sums, values, side="right"))(running, sought)
    return jnp.minimum(found, classes - 1).astype(dtype)


def _gamma(words: Any, alpha: Any, beta: Any, shape: tuple[int, ...]) -> Any:
    full = (*shape, *jnp.broadcast_shapes(alpha.shape, beta.shape))
    working = jnp.float32 if alpha.dtype.itemsize < 4 else alpha.dtype
    drawn = jax.random.gamma(_key(words), jnp.broadcast_to(alpha, full).astype(working), full, working)
    tiny = jnp.finfo(working).tiny
    return (jnp.maximum(drawn, tiny) / beta.astype(working)).astype(alpha.dtype)


def _poisson(words: Any, rate: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    full = (*shape, *rate.shape)
    return jax.random.poisson(_key(words), rate.astype(jnp.float32), full, jnp.int32).astype(dtype)


def _binomial(words: Any, counts: Any, probabilities: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    drawn = jax.random.binomial(
        _key(words), counts.astype(jnp.float32), probabilities.astype(jnp.float32), shape, jnp.float32
    )
    return drawn.astype(dtype)


def _bounded_normal(words: Any, mean: Any, deviation: Any, low: Any, high: Any, shape: tuple[int, ...]) -> Any:
    """Normal samples between two bounds, by the inverse of the distribution function."""
    from jax.scipy.special import ndtr, ndtri

    working = jnp.float64 if mean.dtype == jnp.float64 else jnp.float32
    mean, deviation, low, high = (
        jnp.broadcast_to(each, shape).astype(working) for each in (mean, deviation, low, high)
    )
    first, last = (low - mean) / deviation, (high - mean) / deviation
    # The tail that is further from 1 keeps its digits.
    mirrored = first > 0
    first, last = jnp.where(mirrored, -last, first), jnp.where(mirrored, -first, last)
    share = _philox.uniform(words, shape=shape, dtype=working)
    found = ndtri(ndtr(first) + share * (ndtr(last) - ndtr(first)))
    found = jnp.where(mirrored, -found, found)
    return jnp.clip(found * deviation + mean, low, high)


def _shuffled(words: Any, index: Any, largest: Any, rounds: int) -> Any:
    """A permutation of `0 .. largest`, one element of it: a Feistel network that walks until it is inside."""
    width = jnp.uint32(32)
    top = largest.astype(jnp.uint32)
    half = jnp.maximum((width - jax.lax.clz(jnp.maximum(top, 1)) + 1) // 2, 1)
    mask = (jnp.uint32(1) << half) - 1

    def once(value: Any) -> Any:
        left, right = value >> half, value & mask
        for turn in range(rounds):
            mixed = (right ^ words[turn % 6]) * np.uint32(0x85EBCA6B) + words[(turn + 1) % 6]
            mixed = (mixed ^ (mixed >> 15)) * np.uint32(0xC2B2AE35)
            left, right = right, left ^ ((mixed ^ (mixed >> 13)) & mask)
        return (left << half) | right

    def walk(value: Any) -> Any:
        return jax.lax.while_loop(lambda each: each > top, once, once(value))

    function = walk
    for _ in range(index.ndim):
        function = jax.vmap(function)
    return function(index.astype(jnp.uint32)).astype(index.dtype)


CATEGORICAL = Op("Multinomial", _categorical, ("count", "dtype"), differentiable=False)
"""`(words, logits)`: classes drawn from each row of `logits`."""
GAMMA = Op("RandomGamma", _gamma, ("shape",), unconnected=(0,), check=lambda name, avals, **_: _same(name, avals))
"""`(words, alpha, beta)`: gamma samples, with derivatives by both."""
POISSON = Op("RandomPoisson", _poisson, ("shape", "dtype"), differentiable=False)
BINOMIAL = Op("StatelessRandomBinomial", _binomial, ("shape", "dtype"), differentiable=False)
BOUNDED_NORMAL = Op("ParameterizedTruncatedNormal", _bounded_normal, ("shape",), differentiable=False)
INDEX_SHUFFLE = Op("RandomIndexShuffle", _shuffled, ("rounds",), differentiable=False)
ADVANCED = Op(
    "RngSkip",
    lambda state, blocks: _moved(state, blocks),
    differentiable=False,
)
"""`(state, blocks)`: a generator's state, int64[3], that many blocks further."""
WORDS = Op(
    "RngWords",
    lambda state: jax.lax.bitcast_convert_type(jnp.roll(state, 1), jnp.uint32).reshape(6),
    differentiable=False,
)
"""`(state)`: key and counter of a generator."""


def _same(name: str, avals: Any) -> None:
    checks.same_dtype(name, avals[1:])


def _moved(state: Any, blocks: Any) -> Any:
    low = state[0].astype(jnp.uint64)
    after = low + blocks.astype(jnp.uint64)
    carry = (after < low).astype(jnp.int64)
    return jnp.stack([after.astype(jnp.int64), state[1] + carry, state[2]])
