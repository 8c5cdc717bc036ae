"""Random numbers under Keras's names: TensorFlow's own, given the same seeds (`tf.keras.random`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api import _distributions as distributions
from functape._api import _stateless_random as stateless
from functape._api._creation import zeros_like
from functape._api._gathering import gather
from functape._api._ordering import argsort
from functape._api._shaping import broadcast_to
from functape._api._static import operand
from functape._core._cast import cast
from functape._engine._dtypes import as_dtype, float32
from functape._engine._recorder import record
from functape._ops import _activations, _random_rows
from functape.keras._configuration import standardize_dtype
from functape.keras.random._seeds import draw_seed


def normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Samples of a normal distribution (`tf.keras.random.normal`).

    **Arguments:**
    - `shape`: the shape of the samples.
    - `mean`, `stddev`: the distribution's parameters.
    - `dtype`: a floating dtype; `tf.keras.backend.floatx()` by default.
    - `seed`: an integer, which always gives the same samples; a `SeedGenerator`; or None for the global one.

    **Returns:** a tensor of `dtype`.

    ```python
    >>> import functape as tf
    >>> samples = [tf.keras.random.normal([3], seed=1).numpy() for _ in range(2)]
    >>> bool((samples[0] == samples[1]).all())
    True

    ```
    """
    return stateless.stateless_normal(shape, draw_seed(seed), mean, stddev, standardize_dtype(dtype))


def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Samples of a normal distribution within two standard deviations (`tf.keras.random.truncated_normal`).

    The arguments are as for `normal`.

    ```python
    >>> import functape as tf
    >>> bool((abs(tf.keras.random.truncated_normal([100], seed=1).numpy()) <= 2).all())
    True

    ```
    """
    return stateless.stateless_truncated_normal(shape, draw_seed(seed), mean, stddev, standardize_dtype(dtype))


def uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Samples of a uniform distribution on `[minval, maxval)` (`tf.keras.random.uniform`).

    **Arguments:**
    - `shape`, `dtype`, `seed`: as for `normal`.
    - `minval`, `maxval`: the bounds.

    **Returns:** a tensor of `dtype`.

    **Raises:** `ValueError` if `dtype` is not floating.

    ```python
    >>> import functape as tf
    >>> bool((tf.keras.random.uniform([9], 2.0, 3.0, seed=1).numpy() >= 2).all())
    True

    ```
    """
    wanted, bounds = as_dtype(standardize_dtype(dtype)), (minval, maxval)
    if not wanted.is_floating:
        raise ValueError(f"`keras.random.uniform` requires a floating point `dtype`. Received: dtype={dtype}")
    # Keras's bounds are single precision before they are anything else.
    low, high = (float(np.float32(each)) if isinstance(each, int | float) else cast(each, wanted) for each in bounds)
    return stateless.stateless_uniform(shape, draw_seed(seed), low, high, wanted)


def randint(shape: Any, minval: Any, maxval: Any, dtype: Any = "int32", seed: Any = None) -> Any:
    """Integers from `minval` to below `maxval` (`tf.keras.random.randint`).

    **Arguments:**
    - `shape`, `seed`: as for `normal`.
    - `minval`, `maxval`: the bounds.
    - `dtype`: an integer dtype.

    **Returns:** a tensor of `dtype`.

    **Raises:** `ValueError` if `dtype` is no integer dtype.

    ```python
    >>> import functape as tf
    >>> tf.keras.random.randint([3], 0, 10, seed=1).shape
    TensorShape([3])

    ```
    """
    wanted = as_dtype(standardize_dtype(dtype))
    if not wanted.is_integer:
        raise ValueError(f"`keras.random.randint` requires an integer `dtype`. Received: dtype={dtype}")
    drawn = wanted.name if wanted.name in ("int32", "int64") else "int64"
    return cast(stateless.stateless_uniform(shape, draw_seed(seed), minval, maxval, drawn), wanted)


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Set elements to zero at random and scale the others so that the mean stays (`tf.keras.random.dropout`).

    **Arguments:**
    - `inputs`: a floating tensor.
    - `rate`: the probability of each element to become zero, from 0 to 1.
    - `noise_shape`: the shape of the choices, which broadcast to that of `inputs`; None in it stands for the length
      there.
    - `seed`: as for `normal`.

    **Returns:** a tensor of the shape of `inputs`.

    **Raises:** `ValueError` for a rate out of range.

    ```python
    >>> import functape as tf
    >>> sorted(set(tf.keras.random.dropout(tf.ones([100]), 0.5, seed=1).numpy().tolist()))
    [0.0, 2.0]

    ```
    """
    given = operand(inputs)
    if rate == 1.0:
        return zeros_like(given)
    if rate == 0.0:
        return given
    if not 0 <= rate < 1:
        raise ValueError(f"`rate` must be a float in the range [0, 1]. Received: rate={rate!r}")
    whole = given.aval.shape
    shape = whole
    if noise_shape is not None:
        shape = tuple(length if each is None else int(each) for each, length in zip(noise_shape, whole, strict=True))
    words = record(_random_rows.STATELESS_WORDS, (), (draw_seed(seed),))
    return record(_activations.DROPOUT, (shape,), (given, float(rate), 1 / (1 - float(rate)), words))


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """The slices of a tensor along an axis in random order (`tf.keras.random.shuffle`).

    **Arguments:**
    - `x`: a tensor.
    - `axis`: the axis.
    - `seed`: as for `normal`.

    **Returns:** a tensor like `x`.

    ```python
    >>> import functape as tf
    >>> sorted(tf.keras.random.shuffle([1, 2, 3], seed=1).numpy().tolist())
    [1, 2, 3]

    ```
    """
    given = operand(x)
    drawn = stateless.stateless_uniform([given.aval.shape[axis]], draw_seed(seed))
    return gather(given, argsort(drawn), axis=axis)


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """Samples of classes (`tf.keras.random.categorical`).

    **Arguments:**
    - `logits`: unnormalized log-probabilities `[batch, classes]`.
    - `num_samples`: how many for each row.
    - `dtype`: an integer dtype.
    - `seed`: as for `normal`.

    **Returns:** a tensor `[batch, num_samples]`.

    ```python
    >>> import functape as tf
    >>> tf.keras.random.categorical([[0.0, -1e9]], 3, seed=1).numpy().tolist()
    [[0, 0, 0]]

    ```
    """
    return distributions.stateless_categorical(logits, num_samples, draw_seed(seed), as_dtype(standardize_dtype(dtype)))


def gamma(shape: Any, alpha: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Samples of gamma distributions (`tf.keras.random.gamma`).

    **Arguments:**
    - `shape`, `dtype`, `seed`: as for `normal`.
    - `alpha`: the concentration, which broadcasts to the shape.

    ```python
    >>> import functape as tf
    >>> bool((tf.keras.random.gamma([9], 2.0, seed=1).numpy() > 0).all())
    True

    ```
    """
    wanted = as_dtype(standardize_dtype(dtype))
    return distributions.stateless_gamma(shape, draw_seed(seed), cast(alpha, wanted), dtype=wanted)


def beta(shape: Any, alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Samples of beta distributions (`tf.keras.random.beta`).

    **Arguments:**
    - `shape`, `dtype`, `seed`: as for `normal`.
    - `alpha`, `beta`: the parameters, which broadcast to the shape.

    ```python
    >>> import functape as tf
    >>> samples = tf.keras.random.beta([9], 2.0, 3.0, seed=1).numpy()
    >>> bool(((samples > 0) & (samples < 1)).all())
    True

    ```
    """
    wanted = as_dtype(standardize_dtype(dtype))
    first = draw_seed(seed)
    draws = [
        distributions.stateless_gamma(shape, each, broadcast_to(cast(parameter, wanted), shape), dtype=wanted)
        for each, parameter in ((first, alpha), (first + 12, beta))
    ]
    return draws[0] / (draws[0] + draws[1])


def binomial(shape: Any, counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Samples of binomial distributions (`tf.keras.random.binomial`).

    **Arguments:**
    - `shape`, `dtype`, `seed`: as for `normal`.
    - `counts`, `probabilities`: how often something is tried, and how likely it is; they broadcast to the shape.

    ```python
    >>> import functape as tf
    >>> tf.keras.random.binomial([3], 4.0, 1.0, seed=1).numpy().tolist()
    [4.0, 4.0, 4.0]

    ```
    """
    wanted = as_dtype(standardize_dtype(dtype))
    tries, chances = cast(counts, float32), cast(probabilities, float32)
    return distributions.stateless_binomial(shape, draw_seed(seed), tries, chances, wanted)
