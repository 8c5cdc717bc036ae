"""Random numbers: TensorFlow's own, given the same seeds (`tf.random`)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from functape._api._static import array_of, as_shape
from functape._core._convert import convert, from_numpy, is_tensor_like
from functape._core._known import host_array
from functape._core._layered import layered
from functape._core._random_state import random_words
from functape._core._shape import TensorShape
from functape._engine import _dtypes as dtypes
from functape._engine._avals import Kind
from functape._engine._dtypes import DType, as_dtype
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._engine._recorder import record
from functape._ops import _operators as operators
from functape._ops import _random_rows as rows

DRAWN = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64)
"""What `uniform` draws."""


@layered("random.normal")
def normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """Samples of a normal distribution (`tf.random.normal`).

    **Arguments:**
    - `shape`: the shape of the samples: a sequence of ints, a shape or an integer tensor.
    - `mean`, `stddev`: numbers, or tensors of `dtype` that broadcast with the samples.
    - `dtype`: float16, bfloat16, float32 or float64.
    - `seed`: the op's own seed; see `tf.random.set_seed`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of `dtype`.

    **Raises:** `InvalidArgumentError` for a shape that is none; `ValueError` or `TypeError` for parameters that do not
    fit `dtype`.

    ```python
    >>> import functape as tf
    >>> tf.random.set_seed(1)
    >>> first = tf.random.normal([2, 3])
    >>> tf.random.set_seed(1)
    >>> bool((tf.random.normal([2, 3]).numpy() == first.numpy()).all())
    True

    ```
    """
    return _scaled(rows.RANDOM_NORMAL, "RandomStandardNormal", shape, mean, stddev, dtype, seed)


@layered("random.truncated_normal")
def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """Samples of a normal distribution within two standard deviations (`tf.random.truncated_normal`).

    The arguments are as for `normal`.

    ```python
    >>> import functape as tf
    >>> bool((abs(tf.random.truncated_normal([100]).numpy()) <= 2).all())
    True

    ```
    """
    return _scaled(rows.TRUNCATED_NORMAL, "TruncatedNormal", shape, mean, stddev, dtype, seed)


def _scaled(row: Op, kind: str, shape: Any, mean: Any, stddev: Any, dtype: Any, seed: Any) -> Any:
    wanted, lengths, mean, stddev = normal_arguments(kind, shape, mean, stddev, dtype)
    words = random_words((kind, wanted.name), math.prod(lengths), seed)
    return moved(record(row, (lengths, wanted.as_numpy_dtype), (words,)), mean, stddev)


def normal_arguments(
    kind: str, shape: Any, mean: Any, stddev: Any, dtype: Any
) -> tuple[DType, tuple[int, ...], Any, Any]:
    """Dtype, shape, mean and deviation of normal samples; a parameter that changes nothing is None."""
    wanted = as_dtype(dtype)
    mean, stddev = _parameter("mean", mean, wanted), _parameter("stddev", stddev, wanted)
    return wanted, shape_of(shape, kind), mean, stddev


def moved(samples: Any, mean: Any, stddev: Any) -> Any:
    """Standard normal samples with another mean and deviation; None leaves either as it is."""
    if stddev is not None:
        samples = record(operators.MULTIPLY, (), (samples, stddev))
    return samples if mean is None else record(operators.ADD, (), (samples, mean))


_NEUTRAL = {"mean": 0, "stddev": 1}


def _parameter(name: str, value: Any, dtype: DType) -> Any:
    """A distribution's parameter as a tensor, or None where it changes nothing."""
    if value.__class__ in (int, float) and value == _NEUTRAL[name] and dtype.is_floating:
        return None
    return typed(name, value, dtype)


def typed(name: str, value: Any, dtype: DType) -> Any:
    """A parameter as a tensor of `dtype`.

    **Raises:** `ValueError` that names it, if it is a tensor of another.
    """
    try:
        return convert(value, dtype)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def shape_of(shape: Any, op: str) -> tuple[int, ...]:
    """A static shape.

    **Raises:** `InvalidArgumentError` for what is no vector of integers that are not negative.
    """
    if not isinstance(shape, list | tuple | TensorShape):
        array = array_of(shape)
        if array.ndim != 1:
            raise InvalidArgumentError(
                message=f"shape must be a vector of {{int32,int64}}, got shape {list(array.shape)} [Op:{op}]. "
                f"Received: shape={shape!r}. Pass a list of lengths."
            )
        shape = array
    if any(isinstance(each, float | np.floating) for each in shape):
        raise InvalidArgumentError(
            message=f"Value for attr 'T' of float is not in the list of allowed values: int32, int64 [Op:{op}]. "
            f"Received: shape={shape!r}. Pass integers."
        )
    return as_shape(shape, "shape")


@layered("random.uniform")
def uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """Samples of a uniform distribution on `[minval, maxval)` (`tf.random.uniform`).

    **Arguments:**
    - `shape`: the shape of the samples.
    - `minval`: the lower bound, a number or a tensor of `dtype`; a scalar for integers.
    - `maxval`: the upper bound; 1 by default, and required for integers.
    - `dtype`: float16, bfloat16, float32, float64, int32 or int64.
    - `seed`: the op's own seed.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of `dtype`.

    **Raises:** `ValueError` for another dtype or integers without `maxval`; `InvalidArgumentError` for integer bounds
    that leave nothing between them.

    ```python
    >>> import functape as tf
    >>> tf.random.uniform([3], maxval=10, dtype=tf.int32).shape
    TensorShape([3])

    ```
    """
    wanted = checked_dtype(dtype, DRAWN)
    if maxval is None:
        if wanted.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {wanted!r}: there is no default range.")
        maxval = 1
    if wanted.is_integer:
        lengths = shape_of(shape, "RandomUniformInt")
        bounds = bounds_of(minval, maxval, wanted, lengths, "RandomUniformInt")
        words = random_words(("RandomUniformInt", wanted.name), math.prod(lengths), seed)
        return record(rows.RANDOM_UNIFORM_INT, (lengths,), (words, *bounds))
    lengths = shape_of(shape, "RandomUniform")
    low, high = typed("min", minval, wanted), typed("max", maxval, wanted)
    words = random_words(("RandomUniform", wanted.name), math.prod(lengths), seed)
    samples = record(rows.RANDOM_UNIFORM, (lengths, wanted.as_numpy_dtype), (words,))
    return spread(samples, minval, maxval, low, high)


def spread(samples: Any, minval: Any, maxval: Any, low: Any, high: Any) -> Any:
    """Uniform samples moved to other bounds, given as they came and as tensors."""
    plain = (int, float)
    if minval.__class__ in plain and maxval.__class__ in plain and minval == 0 and maxval == 1:
        return samples
    return record(rows.UNIFORM_SPREAD, (), (samples, low, high))


def checked_dtype(dtype: Any, allowed: tuple[DType, ...]) -> DType:
    """The dtype that is meant.

    **Raises:** `ValueError` if it is not allowed.
    """
    wanted = as_dtype(dtype)
    if wanted not in allowed:
        names = ", ".join(f"tf.{each.name}" for each in allowed)
        raise ValueError(f"Argument `dtype` got invalid value {wanted!r}. Accepted dtypes are {names}.")
    return wanted


def bounds_of(minval: Any, maxval: Any, dtype: DType, shape: tuple[int, ...], op: str) -> tuple[Any, Any]:
    """Bounds of integers as tensors.

    **Raises:** `InvalidArgumentError` if nothing lies between them.
    """
    low, high = typed("min", minval, dtype), typed("max", maxval, dtype)
    known = host_array(low), host_array(high)
    if known[0] is not None and known[1] is not None and not known[0].shape and not known[1].shape:
        rows.check_range(op, int(known[0]), int(known[1]), shape)
    return low, high


@layered("random.shuffle")
def shuffle(value: Any, seed: Any = None, name: str | None = None) -> Any:
    """The rows of a tensor in random order (`tf.random.shuffle`).

    **Arguments:**
    - `value`: a tensor of any dtype; a scalar stays as it is.
    - `seed`: the op's own seed.
    - `name`: accepted for compatibility.

    **Returns:** a tensor like `value`.

    ```python
    >>> import functape as tf
    >>> sorted(tf.random.shuffle([1, 2, 3]).numpy().tolist())
    [1, 2, 3]

    ```
    """
    given = value if is_tensor_like(value) else convert(value)
    length = given.aval.shape[0] if given.aval.shape else 0
    words = random_words("RandomShuffle", length, seed)
    if given.aval.kind is Kind.HOST:
        places = record(rows.RANDOM_SHUFFLE, (), (words, from_numpy(np.arange(length))))
        return convert(given.numpy()[places.numpy()]) if given.aval.shape else given
    return record(rows.RANDOM_SHUFFLE, (), (words, given))
