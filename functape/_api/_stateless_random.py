"""Random numbers that depend on nothing but a seed: TensorFlow's own, given the same one (`tf.random.stateless_*`)."""

from __future__ import annotations

from typing import Any

from functape._api._random import DRAWN, bounds_of, checked_dtype, moved, normal_arguments, shape_of, spread, typed
from functape._core._convert import convert, is_tensor_like
from functape._core._layered import layered
from functape._engine import _dtypes as dtypes
from functape._engine._dtypes import DType
from functape._engine._op import Op
from functape._engine._recorder import record
from functape._ops import _random_rows as rows

_UNSIGNED = (dtypes.uint32, dtypes.uint64)


@layered("random.stateless_normal")
def stateless_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Any:
    """Samples of a normal distribution that depend on nothing but `seed` (`tf.random.stateless_normal`).

    **Arguments:**
    - `shape`: the shape of the samples.
    - `seed`: two integers.
    - `mean`, `stddev`, `dtype`, `name`: as for `normal`.
    - `alg`: `"philox"` or `"auto_select"`, which is the same.

    **Returns:** a tensor of `dtype`.

    **Raises:** `InvalidArgumentError` for a seed that is no two integers; `ValueError` for another algorithm.

    ```python
    >>> import functape as tf
    >>> pair = [tf.random.stateless_normal([3], seed=[1, 2]).numpy() for _ in range(2)]
    >>> bool((pair[0] == pair[1]).all())
    True

    ```
    """
    return _stateless_scaled(rows.RANDOM_NORMAL, "StatelessRandomNormalV2", shape, seed, mean, stddev, dtype, alg)


@layered("random.stateless_truncated_normal")
def stateless_truncated_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Any:
    """`truncated_normal` that depends on nothing but `seed` (`tf.random.stateless_truncated_normal`).

    The arguments are as for `stateless_normal`.

    ```python
    >>> import functape as tf
    >>> bool((abs(tf.random.stateless_truncated_normal([100], seed=[1, 2]).numpy()) <= 2).all())
    True

    ```
    """
    name = "StatelessTruncatedNormalV2"
    return _stateless_scaled(rows.TRUNCATED_NORMAL, name, shape, seed, mean, stddev, dtype, alg)


def _stateless_scaled(row: Op, kind: str, shape: Any, seed: Any, mean: Any, stddev: Any, dtype: Any, alg: Any) -> Any:
    wanted, lengths, mean, stddev = normal_arguments(kind, shape, mean, stddev, dtype)
    words = _stateless_words(seed, alg)
    return moved(record(row, (lengths, wanted.as_numpy_dtype), (words,)), mean, stddev)


def _stateless_words(seed: Any, alg: Any) -> Any:
    if alg not in ("auto_select", "philox", 1, 3):
        raise ValueError(
            f"Argument `alg` got unsupported value {alg!r}. Supported are 'philox' and 'auto_select', which is it."
        )
    return record(rows.STATELESS_WORDS, (), (seed if is_tensor_like(seed) else convert(seed),))


@layered("random.stateless_uniform")
def stateless_uniform(
    shape: Any,
    seed: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Any:
    """Samples of a uniform distribution that depend on nothing but `seed` (`tf.random.stateless_uniform`).

    **Arguments:**
    - `shape`: the shape of the samples.
    - `seed`: two integers.
    - `minval`, `maxval`: the bounds, as for `uniform`; both None for integers of the whole range of `dtype`.
    - `dtype`: as for `uniform`; also uint32 and uint64 without bounds.
    - `name`: accepted for compatibility.
    - `alg`: as for `stateless_normal`.

    **Returns:** a tensor of `dtype`.

    **Raises:** as `uniform` and `stateless_normal`; `ValueError` if only one bound of integers is None.

    ```python
    >>> import functape as tf
    >>> tf.random.stateless_uniform([3], seed=[1, 2], maxval=10, dtype=tf.int32).dtype
    tf.int32

    ```
    """
    wanted = checked_dtype(dtype, (*DRAWN, *_UNSIGNED))
    if wanted.is_integer:
        return _stateless_integers(shape, seed, minval, maxval, wanted, alg)
    maxval = 1 if maxval is None else maxval
    lengths = shape_of(shape, "StatelessRandomUniformV2")
    low, high = typed("min", minval, wanted), typed("max", maxval, wanted)
    samples = record(rows.RANDOM_UNIFORM, (lengths, wanted.as_numpy_dtype), (_stateless_words(seed, alg),))
    return spread(samples, minval, maxval, low, high)


def _stateless_integers(shape: Any, seed: Any, minval: Any, maxval: Any, dtype: DType, alg: Any) -> Any:
    if (minval is None) != (maxval is None):
        raise ValueError(
            f"For integer `dtype` argument {dtype!r}, argument `minval` and `maxval` must be both None or not None. "
            f"Received: minval={minval}, maxval={maxval}."
        )
    if minval is None:
        lengths = shape_of(shape, "StatelessRandomUniformFullIntV2")
        return record(rows.RANDOM_FULL_INT, (lengths, dtype.as_numpy_dtype), (_stateless_words(seed, alg),))
    if dtype in _UNSIGNED:
        raise ValueError(
            f"Argument `dtype` got invalid value {dtype!r} when argument `minval` is not None. Use a signed dtype, or "
            f"minval=None and maxval=None for the whole range."
        )
    lengths = shape_of(shape, "StatelessRandomUniformIntV2")
    bounds = bounds_of(minval, maxval, dtype, lengths, "StatelessRandomUniformIntV2")
    return record(rows.RANDOM_UNIFORM_INT, (lengths,), (_stateless_words(seed, alg), *bounds))
