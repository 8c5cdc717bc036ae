"""TensorFlow's Philox 4x32-10 generator and the distributions drawn from it, as pure functions of a few words.

Every function takes its random state as `words`, a uint32 vector of six: the key (low, high) and the counter (lowest
word first). That vector is a program input, so a seed or a counter that changes from step to step never compiles.
Everything is traced with 64-bit dtypes enabled. The generator is the one of Salmon et al., "Parallel random
numbers: as easy as 1, 2, 3" (2011).
"""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from functape._engine._compat import wide
from functape._engine._dtypes import as_dtype

uint32 = np.uint32
uint64 = np.uint64

STATELESS_KEY = (0x3EC8F720, 0x02461E29)
"""The key under which a stateless op's seed is scrambled."""

RESERVED = 256
"""Words TensorFlow sets aside for each sample of a distribution that draws a varying number of them."""

_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)

Block = tuple[Array, Array, Array, Array]


def _round(counter: Block, key: tuple[Array, Array]) -> tuple[Block, tuple[Array, Array]]:
    first = counter[0].astype(uint64) * uint64(_MULTIPLIERS[0])
    second = counter[2].astype(uint64) * uint64(_MULTIPLIERS[1])
    half = uint64(32)
    mixed = (
        (second >> half).astype(uint32) ^ counter[1] ^ key[0],
        second.astype(uint32),
        (first >> half).astype(uint32) ^ counter[3] ^ key[1],
        first.astype(uint32),
    )
    return mixed, (key[0] + uint32(_WEYL[0]), key[1] + uint32(_WEYL[1]))


def philox(key: tuple[Array, Array], counter: Block) -> Block:
    """Ten rounds of Philox on counters of any one shape.

    **Arguments:**
    - `key`: two uint32 scalars.
    - `counter`: four uint32 arrays, lowest word first.

    **Returns:** four uint32 arrays of the counters' shape.
    """
    # A loop of a few rounds at a time: all ten unrolled run four times slower on a CPU, and ten turns of one round
    # three times slower.
    return lax.fori_loop(0, 10, lambda _, state: _round(*state), (counter, key), unroll=5)[0]


def _split(low: Array, high: Array) -> Block:
    half = uint64(32)
    return low.astype(uint32), (low >> half).astype(uint32), high.astype(uint32), (high >> half).astype(uint32)


def _add(words: Array, steps: Array) -> Block:
    """The 128-bit counter in `words` advanced by each of `steps` (uint64)."""
    low = lax.bitcast_convert_type(words[2:4], uint64)
    high = lax.bitcast_convert_type(words[4:6], uint64)
    moved = low + steps
    return _split(moved, high + (moved < low).astype(uint64))


@wide
def advanced(words: Array, steps: Array) -> tuple[Array, ...]:
    """The six words of the generator after so many more blocks (uint64)."""
    return words[0], words[1], *_add(words, steps)


@wide
def blocks(words: Array, count: int) -> Block:
    """The next `count` outputs of the generator, as four uint32 arrays of shape `(count,)`."""
    return philox((words[0], words[1]), _add(words, lax.iota(uint64, count)))


def _interleave(parts: tuple[Array, ...], size: int) -> Array:
    return jnp.stack(parts, axis=-1).reshape(-1)[:size]


@wide
def bits32(words: Array, size: int) -> Array:
    """The next `size` words of the stream, as uint32 of shape `(size,)`."""
    return _interleave(blocks(words, -(-size // 4)), size)


def _pairs(words: Array, size: int) -> tuple[Array, Array]:
    """Words two by two, each of shape `(size,)`."""
    first, second, third, fourth = blocks(words, -(-size // 2))
    return _interleave((first, third), size), _interleave((second, fourth), size)


@wide
def bits64(words: Array, size: int) -> Array:
    """The next `size` pairs of words, the low half first, as uint64 of shape `(size,)`."""
    low, high = _pairs(words, size)
    return low.astype(uint64) | high.astype(uint64) << uint64(32)


def _uniform16(bits: Array, mantissa: int, bias: int, dtype: Any) -> Array:
    """A 16-bit float in [0, 1) from the lowest bits of each word."""
    ones = np.uint16(bias << mantissa)
    patterns = (bits & uint32((1 << mantissa) - 1)).astype(np.uint16) | ones
    return lax.bitcast_convert_type(patterns, dtype) - np.ones((), dtype)


def _uniform32(bits: Array) -> Array:
    patterns = (bits & uint32(0x7FFFFF)) | uint32(127 << 23)
    return lax.bitcast_convert_type(patterns, np.float32) - np.float32(1)


def _uniform64(high: Array, low: Array) -> Array:
    patterns = (high & uint32(0xFFFFF)).astype(uint64) << uint64(32) | low.astype(uint64) | uint64(1023 << 52)
    return lax.bitcast_convert_type(patterns, np.float64) - np.float64(1)


@wide
def uniform(words: Array, *, shape: tuple[int, ...], dtype: Any) -> Array:
    """Uniform samples in [0, 1), TensorFlow's bit for bit.

    **Arguments:**
    - `words`: uint32[6], key and counter.
    - `shape`: shape of the result.
    - `dtype`: float16, bfloat16, float32 or float64.

    **Returns:** an array of `shape` and `dtype`.

    ```python
    >>> import jax, numpy as np
    >>> words = np.array([42, 0, 0, 0, 7, 0], np.uint32)
    >>> with jax.enable_x64(True):
    ...     print(uniform(words, shape=(2,), dtype=np.float32).shape)
    (2,)

    ```
    """
    name = as_dtype(dtype).name
    words = jnp.asarray(words)
    size = math.prod(shape)
    if name == "float64":
        return _uniform64(*_pairs(words, size)).reshape(shape)
    bits = bits32(words, size).reshape(shape)
    if name == "float32":
        return _uniform32(bits)
    if name == "float16":
        return _uniform16(bits, 10, 15, jnp.float16)
    return _uniform16(bits, 7, 127, jnp.bfloat16)


@wide
def uniform_int(words: Array, minval: Array, maxval: Array, *, shape: tuple[int, ...]) -> Array:
    """Integers in `[minval, maxval)`, TensorFlow's bit for bit: each word, or pair of words, modulo the range.

    **Arguments:**
    - `words`: uint32[6], key and counter.
    - `minval`, `maxval`: int32 or int64 scalars, `minval < maxval`.
    - `shape`: shape of the result.

    **Returns:** an array of `shape` and the bounds' dtype.
    """
    words, minval, maxval = jnp.asarray(words), jnp.asarray(minval), jnp.asarray(maxval)
    dtype = minval.dtype
    bits = full_int(words, shape=shape, dtype=np.dtype(f"uint{8 * dtype.itemsize}"))
    lowest = lax.bitcast_convert_type(minval, bits.dtype)
    width = lax.bitcast_convert_type(maxval, bits.dtype) - lowest
    return lax.bitcast_convert_type(lowest + lax.rem(bits, jnp.broadcast_to(width, shape)), dtype)


@wide
def full_int(words: Array, *, shape: tuple[int, ...], dtype: Any) -> Array:
    """Integers over the whole range of `dtype` (int32, uint32, int64 or uint64), TensorFlow's bit for bit."""
    numpy_dtype = np.dtype(as_dtype(dtype).as_numpy_dtype)
    words = jnp.asarray(words)
    draw = bits32 if numpy_dtype.itemsize == 4 else bits64
    return lax.bitcast_convert_type(draw(words, math.prod(shape)).reshape(shape), numpy_dtype)


def _box_muller(radius: Array, angle: Array) -> tuple[Array, Array]:
    """Two normal samples from two uniform ones of the same shape."""
    dtype = radius.dtype
    distance = jnp.sqrt(dtype.type(-2) * jnp.log(jnp.maximum(radius, dtype.type(1e-7))))
    # TensorFlow multiplies by 2 pi in double precision and rounds once.
    turned = (angle.astype(np.float64) * np.float64(2 * math.pi)).astype(dtype)
    return jnp.sin(turned) * distance, jnp.cos(turned) * distance


def _normal_parts(block: Block, double: bool) -> tuple[Array, ...]:
    """The normal samples that one block makes, in order: two of double precision, or four."""
    first, second, third, fourth = block
    if double:
        return _box_muller(_uniform64(first, second), _uniform64(third, fourth))
    return (
        *_box_muller(_uniform32(first), _uniform32(second)),
        *_box_muller(_uniform32(third), _uniform32(fourth)),
    )


@wide
def normal(words: Array, *, shape: tuple[int, ...], dtype: Any) -> Array:
    """Standard normal samples by Box and Muller's transform, TensorFlow's up to the last bits of sine and logarithm.

    **Arguments:**
    - `words`: uint32[6], key and counter.
    - `shape`: shape of the result.
    - `dtype`: float16, bfloat16, float32 or float64; the 16-bit types are float32 samples rounded.

    **Returns:** an array of `shape` and `dtype`.
    """
    wanted = as_dtype(dtype).as_numpy_dtype
    double = wanted is np.float64
    size = math.prod(shape)
    block = blocks(jnp.asarray(words), -(-size // (2 if double else 4)))
    return _interleave(_normal_parts(block, double), size).reshape(shape).astype(wanted)


@wide
def truncated_normal(words: Array, *, shape: tuple[int, ...], dtype: Any) -> Array:
    """Normal samples, each drawn again until it lies within two standard deviations, as TensorFlow draws them.

    Samples are made in groups of as many as one block yields. Every group has a stretch of the stream of its own, and
    takes from it in order whatever is within bounds until it is full.

    **Arguments:** and **Returns:** as `normal`.
    """
    wanted = as_dtype(dtype).as_numpy_dtype
    double = wanted is np.float64
    size = math.prod(shape)
    members = 2 if double else 4
    groups = -(-size // members)
    words = jnp.asarray(words)
    starts = lax.iota(uint64, groups) * uint64(members * RESERVED // 4)
    working = np.float64 if double else np.float32
    zeros = tuple(jnp.zeros(groups, working) for _ in range(members))

    def unfilled(state: Any) -> Array:
        return jnp.any(state[1] < members)

    def draw(state: Any) -> Any:
        step, filled, samples = state
        parts = _normal_parts(philox((words[0], words[1]), _add(words, starts + step)), double)
        for part in lax.optimization_barrier(parts):
            accepted = jnp.abs(part) < working(2)
            samples = tuple(
                jnp.where(accepted & (filled == member), part, sample) for member, sample in enumerate(samples)
            )
            filled = filled + accepted.astype(np.int32)
        return step + uint64(1), filled, samples

    begin = (jnp.zeros((), uint64), jnp.zeros(groups, np.int32), zeros)
    samples = lax.while_loop(unfilled, draw, begin)[2]
    return _interleave(samples, size).reshape(shape).astype(wanted)


@wide
def permutation(words: Array, *, length: int) -> Array:
    """The order in which `tf.random.shuffle` puts `length` rows: Fisher and Yates's shuffle, bit for bit.

    Step i swaps places i and i + (word i modulo length - i). Steps that touch different places may be taken at once,
    so each round takes every step that is the earliest still to touch both its places (Shun et al., "Sequential random
    permutation, list contraction and tree contraction are highly parallel", 2015): about log(length) rounds.

    **Arguments:**
    - `words`: uint32[6], key and counter.
    - `length`: number of rows.

    **Returns:** int32[length], the row that goes to each place.
    """
    place = lax.iota(np.int32, length)
    if length <= 1:
        return place
    remaining = uint32(length) - place.astype(uint32)
    partner = place + lax.rem(bits32(jnp.asarray(words), length), remaining).astype(np.int32)

    def unfinished(state: tuple[Array, Array]) -> Array:
        return jnp.any(state[0])

    def swap(state: tuple[Array, Array]) -> tuple[Array, Array]:
        waiting, order = state
        step = jnp.where(waiting, place, np.int32(length))
        earliest = step.at[jnp.where(waiting, partner, np.int32(length))].min(step, mode="drop")
        taken = waiting & (earliest == place) & (earliest[partner] == place)
        moved = order.at[jnp.where(taken, partner, np.int32(length))].set(order, mode="drop")
        return waiting & ~taken, jnp.where(taken, order[partner], moved)

    return lax.while_loop(unfinished, swap, (jnp.ones(length, np.bool_), place))[1]


@wide
def stateless_words(seed: Array) -> Array:
    """Key and counter of a stateless op: its seed, scrambled by one block of the generator.

    **Arguments:**
    - `seed`: int32[2] or int64[2].

    **Returns:** uint32[6].
    """
    seed = jnp.asarray(seed).astype(np.int64)
    parts = lax.bitcast_convert_type(seed, uint32).reshape(4)
    key = (jnp.asarray(STATELESS_KEY[0], uint32), jnp.asarray(STATELESS_KEY[1], uint32))
    mixed = philox(key, (parts[0], parts[1], parts[2], parts[3]))
    zero = jnp.zeros((), uint32)
    return jnp.stack((mixed[0], mixed[1], zero, zero, mixed[2], mixed[3]))
