"""TensorFlow's own initializers: `tf.zeros_initializer` and its like."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._creation import ones, zeros
from functape._api._random import normal, uniform
from functape._api._stateless_random import stateless_normal, stateless_uniform
from functape._core._constants import constant
from functape._engine import _dtypes as dtypes
from functape._engine._dtypes import DType, as_dtype


class Initializer:
    """What these initializers share."""

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """A tensor of `shape` and `dtype`; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} does not define __call__.")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """The initializer that `get_config` described."""
        return cls(**{key: value for key, value in config.items() if key != "dtype"})


def _shape(shape: Any, kwargs: dict[str, Any]) -> Any:
    for name in kwargs:
        if name not in ("partition_shape", "partition_offset"):
            raise TypeError(
                f"Keyword argument should be one of ['partition_shape', 'partition_offset']. Received: {name}"
            )
    return kwargs.get("partition_shape", shape)


def _checked(dtype: Any, accepted: bool) -> DType:
    if not accepted:
        raise ValueError(f"Argument `dtype` does not fit the initializer: pass a floating dtype. Received: {dtype!r}")
    return as_dtype(dtype)


class Zeros(Initializer):
    """Zeros (`tf.zeros_initializer`).

    ```python
    >>> import functape as tf
    >>> print(tf.zeros_initializer()([2]).numpy())
    [0. 0.]

    ```
    """

    def __call__(self, shape: Any, dtype: Any = dtypes.float32, **kwargs: Any) -> Any:
        """A tensor of `shape` and the numeric or bool `dtype`."""
        return zeros(_shape(shape, kwargs), _checked(dtype, as_dtype(dtype) is not dtypes.string))


class Ones(Initializer):
    """Ones (`tf.ones_initializer`).

    ```python
    >>> import functape as tf
    >>> print(tf.ones_initializer()([2]).numpy())
    [1. 1.]

    ```
    """

    def __call__(self, shape: Any, dtype: Any = dtypes.float32, **kwargs: Any) -> Any:
        """A tensor of `shape` and the numeric or bool `dtype`."""
        return ones(_shape(shape, kwargs), _checked(dtype, as_dtype(dtype) is not dtypes.string))


class Constant(Initializer):
    """A given value (`tf.constant_initializer`).

    **Arguments:**
    - `value`: a number, list or array.
    - `support_partition`: whether arguments about partitions are taken.

    **Raises:** `TypeError` for anything else.

    ```python
    >>> import functape as tf
    >>> print(tf.constant_initializer(3.0)([2]).numpy())
    [3. 3.]

    ```
    """

    def __init__(self, value: Any = 0, support_partition: bool = False) -> None:
        if not (np.isscalar(value) or isinstance(value, list | tuple | np.ndarray)):
            raise TypeError(
                f"Invalid type for initial value: {type(value).__name__}. Expected a number, list, tuple or array."
            )
        self.value = value
        self.support_partition = support_partition

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """A tensor of `shape`; its dtype is the value's by default."""
        _shape(shape, kwargs)
        if kwargs and not self.support_partition:
            raise ValueError("Constant initializer doesn't support partition-related arguments")
        return constant(self.value, dtype=dtype, shape=shape)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"value": self.value}


class RandomUniform(Initializer):
    """Samples of a uniform distribution (`tf.random_uniform_initializer`).

    **Arguments:**
    - `minval`, `maxval`: the bounds.
    - `seed`: an integer for the same samples at each call; without one they follow `tf.random.set_seed`.

    ```python
    >>> import functape as tf
    >>> tf.random_uniform_initializer(seed=1)([2, 3]).shape
    TensorShape([2, 3])

    ```
    """

    def __init__(self, minval: Any = -0.05, maxval: Any = 0.05, seed: int | None = None) -> None:
        self.minval, self.maxval, self.seed = minval, maxval, seed

    def __call__(self, shape: Any, dtype: Any = dtypes.float32, **kwargs: Any) -> Any:
        """A tensor of `shape` and the floating or integer `dtype`."""
        named = as_dtype(dtype)
        wanted = _checked(named, named.is_floating or named.is_integer)
        lengths = _shape(shape, kwargs)
        if self.seed is None:
            return uniform(lengths, self.minval, self.maxval, wanted)
        return stateless_uniform(lengths, [self.seed, 0], self.minval, self.maxval, wanted)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"minval": self.minval, "maxval": self.maxval, "seed": self.seed}


class RandomNormal(Initializer):
    """Samples of a normal distribution (`tf.random_normal_initializer`).

    **Arguments:**
    - `mean`, `stddev`: the distribution's parameters.
    - `seed`: an integer for the same samples at each call; without one they follow `tf.random.set_seed`.

    ```python
    >>> import functape as tf
    >>> tf.random_normal_initializer(seed=1)([2, 3]).shape
    TensorShape([2, 3])

    ```
    """

    def __init__(self, mean: Any = 0.0, stddev: Any = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def __call__(self, shape: Any, dtype: Any = dtypes.float32, **kwargs: Any) -> Any:
        """A tensor of `shape` and the floating `dtype`."""
        wanted = _checked(dtype, as_dtype(dtype).is_floating)
        lengths = _shape(shape, kwargs)
        if self.seed is None:
            return normal(lengths, self.mean, self.stddev, wanted)
        return stateless_normal(lengths, [self.seed, 0], self.mean, self.stddev, wanted)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"mean": self.mean, "stddev": self.stddev, "seed": self.seed}
