"""Other distributions of `tf.random`, and the seeds of stateless ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from functape._api._random import shape_of
from functape._api._stateless_random import _stateless_words
from functape._api._static import as_int, invalid
from functape._core._cast import cast
from functape._core._convert import convert
from functape._core._layered import layered
from functape._core._random_state import random_words
from functape._engine._dtypes import DType, as_dtype, float32, float64, int32, int64
from functape._engine._recorder import record
from functape._ops import _distributions as rows
from functape._ops import _random_rows as basic


def _logits(logits: Any) -> Any:
    values = convert(logits)
    if values.dtype.is_integer and not hasattr(logits, "dtype"):
        values = cast(values, float32)
    if values.aval.ndim != 2:
        raise invalid(f"logits should be a matrix, got shape {list(values.aval.shape)} [Op:Multinomial]")
    if not values.aval.shape[1]:
        raise invalid("num_classes should be positive [Op:Multinomial]")
    return values


def _integer(dtype: Any, default: DType, op: str) -> DType:
    wanted = default if dtype is None else as_dtype(dtype)
    if wanted not in (int32, int64):
        raise invalid(f"Value for attr 'output_dtype' of {wanted.spoken} must be int32 or int64 [Op:{op}]")
    return wanted


@layered("random.categorical")
def categorical(logits: Any, num_samples: Any, dtype: Any = None, seed: Any = None, name: str | None = None) -> Any:
    """Classes drawn by unnormalized log-probabilities (`tf.random.categorical`).

    **Arguments:**
    - `logits`: a tensor `[batch, classes]`.
    - `num_samples`: how many for each row.
    - `dtype`: int32 or int64, the default.
    - `seed`: the op's own seed.
    - `name`: accepted for compatibility.

    **Returns:** a tensor `[batch, num_samples]`.

    ```python
    >>> import functape as tf
    >>> tf.random.categorical([[0.0, -1e9]], 3).numpy()
    array([[0, 0, 0]])

    ```
    """
    values, count = _logits(logits), as_int(num_samples, "num_samples")
    wanted = _integer(dtype, int64, "Multinomial")
    words = random_words("Multinomial", values.aval.shape[0] * -(-count // 4) * 8, seed)
    return record(rows.CATEGORICAL, (count, wanted.as_numpy_dtype), (words, values))


@layered("random.stateless_categorical")
def stateless_categorical(logits: Any, num_samples: Any, seed: Any, dtype: Any = int64, name: str | None = None) -> Any:
    """As `categorical`, by nothing but `seed`, two integers (`tf.random.stateless_categorical`).

    ```python
    >>> import functape as tf
    >>> tf.random.stateless_categorical([[0.0, -1e9]], 3, seed=[1, 2]).numpy()
    array([[0, 0, 0]])

    ```
    """
    values, count = _logits(logits), as_int(num_samples, "num_samples")
    wanted = _integer(dtype, int64, "StatelessMultinomial")
    return record(rows.CATEGORICAL, (count, wanted.as_numpy_dtype), (_stateless_words(seed, "auto_select"), values))


def _gamma(words: Any, lengths: tuple[int, ...], alpha: Any, beta: Any, dtype: DType) -> Any:
    if not dtype.is_floating:
        raise invalid(f"Value for attr 'T' of {dtype.spoken} is not in the list of allowed values [Op:RandomGamma]")
    shapes = convert(alpha, dtype), convert(1.0 if beta is None else beta, dtype)
    return record(rows.GAMMA, (lengths,), (words, *shapes))


@layered("random.gamma")
def gamma(
    shape: Any, alpha: Any, beta: Any = None, dtype: Any = float32, seed: Any = None, name: str | None = None
) -> Any:
    """Samples of gamma distributions (`tf.random.gamma`), of JAX's own generator. Gradients reach `alpha` and `beta`.

    **Arguments:**
    - `shape`: how many samples of each distribution.
    - `alpha`: the shape parameters.
    - `beta`: the rates, which broadcast with `alpha`; 1 by default.
    - `dtype`: a floating dtype.
    - `seed`: the op's own seed.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of shape `shape` followed by that of the parameters.

    ```python
    >>> import functape as tf
    >>> tf.random.gamma([5], [0.5, 1.5]).shape
    TensorShape([5, 2])

    ```
    """
    lengths = shape_of(shape, "RandomGamma")
    return _gamma(random_words("RandomGamma", math.prod(lengths), seed), lengths, alpha, beta, as_dtype(dtype))


@layered("random.stateless_gamma")
def stateless_gamma(
    shape: Any, seed: Any, alpha: Any, beta: Any = None, dtype: Any = float32, name: str | None = None
) -> Any:
    """As `gamma`, by nothing but `seed` (`tf.random.stateless_gamma`); `shape` is that of the result.

    ```python
    >>> import functape as tf
    >>> tf.random.stateless_gamma([5, 2], seed=[1, 2], alpha=[0.5, 1.5]).shape
    TensorShape([5, 2])

    ```
    """
    wanted, lengths = as_dtype(dtype), shape_of(shape, "StatelessRandomGammaV3")
    parameters = [convert(each, wanted) for each in (alpha, 1.0 if beta is None else beta)]
    inner = np.broadcast_shapes(*(each.aval.shape for each in parameters))
    if len(lengths) < len(inner) or np.broadcast_shapes(lengths, inner) != lengths:
        raise invalid(f"Shape passed in must end with broadcasted shape {inner}. Received: shape={lengths}")
    from functape._api._shaping import broadcast_to

    first, second = (broadcast_to(each, lengths) for each in parameters)
    return _gamma(_stateless_words(seed, "auto_select"), (), first, second, wanted)


@layered("random.poisson")
def poisson(shape: Any, lam: Any, dtype: Any = float32, seed: Any = None, name: str | None = None) -> Any:
    """Samples of Poisson distributions (`tf.random.poisson`), of JAX's own generator.

    **Arguments:**
    - `shape`: how many samples of each distribution.
    - `lam`: the rates.
    - `dtype`: a floating or integer dtype.
    - `seed`: the op's own seed.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of shape `shape` followed by that of `lam`.

    ```python
    >>> import functape as tf
    >>> tf.random.poisson([5], [0.5, 1.5]).shape
    TensorShape([5, 2])

    ```
    """
    lengths, rate = shape_of(shape, "RandomPoissonV2"), convert(lam)
    words = random_words("RandomPoissonV2", math.prod(lengths), seed)
    return record(rows.POISSON, (lengths, as_dtype(dtype).as_numpy_dtype), (words, cast(rate, float32)))


@layered("random.stateless_poisson")
def stateless_poisson(shape: Any, seed: Any, lam: Any, dtype: Any = int32, name: str | None = None) -> Any:
    """As `poisson`, by nothing but `seed` (`tf.random.stateless_poisson`); `shape` is that of the result.

    ```python
    >>> import functape as tf
    >>> tf.random.stateless_poisson([5], seed=[1, 2], lam=3.0).dtype
    tf.int32

    ```
    """
    from functape._api._shaping import broadcast_to

    lengths = shape_of(shape, "StatelessRandomPoisson")
    rate = broadcast_to(cast(convert(lam), float32), lengths)
    return record(rows.POISSON, ((), as_dtype(dtype).as_numpy_dtype), (_stateless_words(seed, "auto_select"), rate))


@layered("random.stateless_binomial")
def stateless_binomial(
    shape: Any, seed: Any, counts: Any, probs: Any, output_dtype: Any = int32, name: str | None = None
) -> Any:
    """Samples of binomial distributions, by nothing but `seed` (`tf.random.stateless_binomial`).

    **Arguments:**
    - `shape`: the shape of the result; the parameters broadcast to it.
    - `seed`: two integers.
    - `counts`, `probs`: how often something is tried, and how likely it is.
    - `output_dtype`: the dtype of the result.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.random.stateless_binomial([2], seed=[1, 2], counts=3.0, probs=1.0).numpy()
    array([3, 3], dtype=int32)

    ```
    """
    lengths = shape_of(shape, "StatelessRandomBinomial")
    parameters = tuple(cast(convert(each), float32) for each in (counts, probs))
    statics = (lengths, as_dtype(output_dtype).as_numpy_dtype)
    return record(rows.BINOMIAL, statics, (_stateless_words(seed, "auto_select"), *parameters))


@layered("random.stateless_parameterized_truncated_normal")
def stateless_parameterized_truncated_normal(
    shape: Any, seed: Any, means: Any = 0.0, stddevs: Any = 1.0, minvals: Any = -2.0, maxvals: Any = 2.0,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Normal samples between two bounds, by nothing but `seed`.

    It follows `tf.random.stateless_parameterized_truncated_normal`, whose numbers are others.

    **Arguments:**
    - `shape`: the shape of the result; the parameters broadcast to it.
    - `seed`: two integers.
    - `means`, `stddevs`, `minvals`, `maxvals`: the parameters.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.random.stateless_parameterized_truncated_normal([3], seed=[1, 2]).shape
    TensorShape([3])

    ```
    """
    lengths = shape_of(shape, "StatelessParameterizedTruncatedNormal")
    first = convert(means)
    wanted = first.dtype if first.dtype in (float32, float64) else float32
    parameters = tuple(cast(convert(each), wanted) for each in (means, stddevs, minvals, maxvals))
    return record(rows.BOUNDED_NORMAL, (lengths,), (_stateless_words(seed, "auto_select"), *parameters))


def split(seed: Any, num: Any = 2, alg: Any = "auto_select") -> Any:
    """Seeds made of a seed (`tf.random.split`).

    **Arguments:**
    - `seed`: two integers.
    - `num`: how many.
    - `alg`: as for `tf.random.stateless_normal`.

    **Returns:** a tensor `[num, 2]` of the seed's dtype.

    ```python
    >>> import functape as tf
    >>> tf.random.split([1, 2], 3).shape
    TensorShape([3, 2])

    ```
    """
    from functape._api._stateless_random import stateless_uniform

    wanted = convert(seed).dtype
    return stateless_uniform([as_int(num, "num"), 2], seed, None, None, wanted, alg=alg)


def fold_in(seed: Any, data: Any, alg: Any = "auto_select") -> Any:
    """A seed made of a seed and a number (`tf.random.fold_in`).

    **Arguments:**
    - `seed`: two integers.
    - `data`: an integer.
    - `alg`: as for `tf.random.stateless_normal`.

    ```python
    >>> import functape as tf
    >>> tf.random.fold_in([1, 2], 3).shape
    TensorShape([2])

    ```
    """
    from functape._api._joining import stack
    from functape._api._stateless_random import stateless_uniform

    given = convert(seed)
    first = stateless_uniform([], given, None, None, given.dtype, alg=alg)
    return stack([first, cast(convert(data), given.dtype)])


def stateless_shuffle(value: Any, seed: Any, alg: Any = "auto_select", name: str | None = None) -> Any:
    """The rows in random order, by nothing but `seed` (`tf.random.experimental.stateless_shuffle`)."""
    from functape._api._gathering import gather
    from functape._api._ordering import argsort
    from functape._api._stateless_random import stateless_uniform

    rows_of = convert(value)
    keys = stateless_uniform([rows_of.aval.shape[0]], seed, alg=alg)
    return gather(rows_of, argsort(keys))


def index_shuffle(index: Any, seed: Any, max_index: Any) -> Any:
    """Where an index goes in a random permutation of `0 .. max_index` (`tf.random.experimental.index_shuffle`).

    **Arguments:**
    - `index`: an integer from 0 to `max_index`, or a vector of them.
    - `seed`: two or three integers.
    - `max_index`: the largest index.

    **Returns:** an integer of the index's dtype; the permutation is not TensorFlow's.
    """
    given = convert(index)
    words = record(basic.STATELESS_WORDS, (), (cast(convert(seed)[:2], int64),))
    return record(rows.INDEX_SHUFFLE, (4,), (words, given, convert(max_index, given.dtype)))


def random_index_shuffle(index: Any, seed: Any, max_index: Any, rounds: Any = 4, name: str | None = None) -> Any:
    """As `tf.random.experimental.index_shuffle` (`tf.random_index_shuffle`)."""
    if as_int(rounds, "rounds") < 4 or as_int(rounds, "rounds") % 2:
        raise invalid(f"rounds must be an even number, at least 4. Received: {rounds}")
    return index_shuffle(index, seed, max_index)
