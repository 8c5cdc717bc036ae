"""Random numbers of known seeds, drawn at once: the first values of weights.

Recorded with everything else, each shape would be one more generator in one large program, which takes longer to
compile than all the numbers take to draw. Here a few compiled programs, each for a fixed count of numbers, serve all
shapes: a stream of random numbers is the same wherever it is cut.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape._api._static import as_shape
from functape._core._holding import from_numpy
from functape._engine._compat import compile_ahead
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import local
from functape._ops import _philox
from functape.keras._configuration import standardize_dtype
from functape.keras.random import _draws, _seeds

_COUNTS = (2**18, 2**13)
"""How many numbers the compiled programs draw, the largest first."""
_DTYPES = ("float32", "float64")


@functools.cache
def _program(kind: str, count: int, dtype: str) -> Callable[[Any, Any], Any]:
    """A compiled function of a seed and of how many blocks of the stream come before: the next `count` numbers."""
    draw = getattr(_philox, kind)

    def run(seed: Any, before: Any) -> Any:
        steps = jax.lax.bitcast_convert_type(before, np.uint64)
        words = jnp.stack(_philox.advanced(_philox.stateless_words(seed), steps))
        return draw(words, shape=(count,), dtype=np.dtype(dtype).type)

    return compile_ahead(run, [jax.ShapeDtypeStruct((2,), np.int32), jax.ShapeDtypeStruct((2,), np.uint32)], ())


def _drawn(kind: str, size: int, dtype: str, seed: int) -> np.ndarray[Any, Any]:
    """The first `size` numbers of a distribution."""
    seeds = _seeds.integer_pair(seed)
    members = 2 if dtype == "float64" else 4
    blocks = _philox.RESERVED * members // 4 if kind == "truncated_normal" else 1
    made = np.empty(size, dtype)
    start = 0
    while start < size:
        left = size - start
        count = next((each for each in _COUNTS if each <= left), _COUNTS[-1])
        numbers = _program(kind, count, dtype)(seeds, np.array([start // members * blocks], np.uint64).view(np.uint32))
        made[start : start + count] = np.asarray(numbers)[: min(count, left)]
        start += count
    return made


def _fits(dtype: Any, seed: Any, parameters: tuple[Any, ...]) -> bool:
    plain = isinstance(seed, int) and all(isinstance(each, int | float) for each in parameters)
    return plain and not local.recorder.tracing and standardize_dtype(dtype) in _DTYPES


def normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """As `tf.keras.random.normal`."""
    return _scaled("normal", _draws.normal, shape, mean, stddev, dtype, seed)


def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """As `tf.keras.random.truncated_normal`."""
    return _scaled("truncated_normal", _draws.truncated_normal, shape, mean, stddev, dtype, seed)


def _scaled(kind: str, otherwise: Callable[..., Any], shape: Any, mean: Any, stddev: Any, dtype: Any, seed: Any) -> Any:
    if not _fits(dtype, seed, (mean, stddev)):
        return otherwise(shape, mean, stddev, dtype, seed)
    lengths, name = as_shape(shape, "shape"), standardize_dtype(dtype)
    real = as_dtype(name).as_numpy_dtype
    numbers = _drawn(kind, math.prod(lengths), name, seed)
    numbers *= real(stddev)
    numbers += real(mean)
    return from_numpy(numbers.reshape(lengths))


def uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """As `tf.keras.random.uniform`."""
    if not _fits(dtype, seed, (minval, maxval)):
        return _draws.uniform(shape, minval, maxval, dtype, seed)
    lengths, name = as_shape(shape, "shape"), standardize_dtype(dtype)
    real = as_dtype(name).as_numpy_dtype
    low, high = real(np.float32(minval)), real(np.float32(maxval))
    numbers = _drawn("uniform", math.prod(lengths), name, seed)
    numbers *= high - low
    numbers += low
    return from_numpy(numbers.reshape(lengths))
