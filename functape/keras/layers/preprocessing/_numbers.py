"""Layers that scale numbers: `tf.keras.layers.Normalization` and `tf.keras.layers.Rescaling`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from functape._api._elementwise import maximum, sqrt
from functape._api._shaping import reshape
from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._core._shape import TensorShape
from functape._engine._dtypes import as_dtype
from functape.keras._configuration import epsilon
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.layers._layer import Layer


class Rescaling(Layer):
    """`inputs * scale + offset` (`tf.keras.layers.Rescaling`).

    **Arguments:**
    - `scale`, `offset`: numbers, or lists of them for the last axis.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.Rescaling(0.5, offset=1.0)(tf.constant([2.0, 4.0])).numpy())
    [2. 3.]

    ```
    """

    _casts_integers = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The outputs, of the layer's dtype."""
        dtype = as_dtype(self.compute_dtype)
        scale, offset = (_parameter(each, dtype) for each in (self.scale, self.offset))
        return cast(inputs, dtype) * scale + offset

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        scale, offset = (serialize_keras_object(each) for each in (self.scale, self.offset))
        return {**super().get_config(), "scale": scale, "offset": offset}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Rescaling:
        """The layer that `get_config` described."""
        told = {name: deserialize_keras_object(config[name], custom_objects) for name in ("scale", "offset")}
        return cls(**{**config, **told})


def _parameter(value: Any, dtype: Any) -> Any:
    if isinstance(value, int | float):
        return float(value)
    return cast(value, dtype) if is_tensor_like(value) else convert(np.asarray(value, dtype.as_numpy_dtype))


class Normalization(Layer):
    """`(inputs - mean) / sqrt(variance)`, with the mean and variance of data (`tf.keras.layers.Normalization`).

    **Arguments:**
    - `axis`: the axes with a mean and a variance for each place; None for one of each.
    - `mean`, `variance`: their values, in place of those that `adapt` finds.
    - `invert`: whether to compute the inputs from the outputs.

    **Raises:** `ValueError` if only one of mean and variance is given, or if they do not fit.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.Normalization(axis=None)
    >>> layer.adapt([[1.0], [2.0], [3.0]])
    >>> print(layer(tf.constant([[2.0]])).numpy())
    [[0.]]

    ```
    """

    _casts_integers = True

    def __init__(
        self, axis: Any = -1, mean: Any = None, variance: Any = None, invert: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.axis: tuple[int, ...] = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.input_mean, self.input_variance = mean, variance
        self.invert = invert
        self.supports_masking = True
        self.mean = self.variance = None
        if (mean is None) != (variance is None):
            raise ValueError(
                "When setting values directly, both `mean` and `variance` must be set. Received: "
                f"mean={mean} and variance={variance}"
            )
        if mean is None:
            return
        if np.shape(mean) != np.shape(variance):
            raise ValueError(
                "When setting values directly, `mean` and `variance` must have the same shape. Received: "
                f"mean shape {np.shape(mean)} and variance shape {np.shape(variance)}"
            )
        if len(np.shape(mean)) > len(self.axis):
            raise ValueError(
                "The rank of `mean` must be less than or equal to the number of axes "
                f"({len(self.axis)}). Received: mean shape {np.shape(mean)} for axis {self.axis}"
            )

    def build(self, input_shape: Any) -> None:
        """Make `mean`, `variance` and `count`, if their values are not given.

        **Raises:** `ValueError` if the axes do not fit the inputs.
        """
        shape = tuple(input_shape)
        rank = len(shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ValueError(
                "All `axis` values must be in the range [-ndim, ndim). Received inputs with "
                f"ndim={rank}, while axis={self.axis}"
            )
        kept = tuple(sorted(axis % rank for axis in self.axis))
        if any(shape[axis] is None for axis in kept):
            raise ValueError(
                f"All `axis` values to be kept must have a known shape. Received axis={self.axis}, inputs.shape={shape}"
            )
        self._keep_axis = kept
        self._reduce_axis = tuple(axis for axis in range(rank) if axis not in kept)
        self._shape = shape
        self._broadcast_shape = tuple(shape[axis] if axis in kept else 1 for axis in range(rank))
        own = tuple(shape[axis] for axis in kept)
        if self.input_mean is None:
            self.adapt_mean = self.add_weight(name="mean", shape=own, initializer="zeros", trainable=False)
            self.adapt_variance = self.add_weight(name="variance", shape=own, initializer="ones", trainable=False)
            self.count = self.add_weight(
                name="count", shape=(), dtype="int32", initializer="zeros", trainable=False
            )  # fmt: skip
        self.built = True

    def _moments(self) -> tuple[Any, Any]:
        dtype = as_dtype(self.compute_dtype)
        if self.input_mean is None:
            values = (self.adapt_mean, self.adapt_variance)
            mean, variance = (cast(reshape(each, self._broadcast_shape), dtype) for each in values)
            return mean, variance
        shape = [1] * len(self._shape)
        given = np.shape(self.input_mean)
        for place in range(1, len(given) + 1):
            shape[self._keep_axis[-place]] = given[-place]
        found = [
            convert(np.broadcast_to(np.reshape(each, shape), self._broadcast_shape).astype(dtype.as_numpy_dtype))
            for each in (self.input_mean, self.input_variance)
        ]
        return found[0], found[1]

    def finalize_state(self) -> None:
        """Let `mean` and `variance` be those that the weights hold."""
        if self.built:
            mean, variance = self._moments()
            object.__setattr__(self, "mean", mean)
            object.__setattr__(self, "variance", variance)

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Find the mean and the variance of data.

        **Arguments:**
        - `data`: an array, a tensor, or an iterable of batches, such as a dataset.
        - `batch_size`: accepted for compatibility.
        - `steps`: how many batches to look at.

        **Raises:** `ValueError` for data of another shape than before, or no data; `TypeError` for no data of numbers.
        """
        batches = _batches(data)
        total = mean = variance = None
        for number, batch in enumerate(batches):
            if steps is not None and number >= steps:
                break
            values = _as_array(batch)
            if not self.built:
                with self.name_scope:
                    self.build(TensorShape((None, *values.shape[1:]) if 0 not in self._kept(values) else values.shape))
            elif any(values.shape[axis] != self._shape[axis] for axis in self._keep_axis):
                raise ValueError(
                    f"The layer was built with input_shape={self._shape}, but adapt() is being called with data with "
                    f"an incompatible shape, data.shape={values.shape}"
                )
            wide = values.astype(np.float64)
            count = math.prod(values.shape[axis] for axis in self._reduce_axis)
            batch_mean, batch_variance = wide.mean(axis=self._reduce_axis), wide.var(axis=self._reduce_axis)
            if total is None:
                total, mean, variance = count, batch_mean, batch_variance
                continue
            share = count / (total + count)
            merged = mean * (1 - share) + batch_mean * share
            variance = (variance + (mean - merged) ** 2) * (1 - share) + (
                batch_variance + (batch_mean - merged) ** 2
            ) * share
            total, mean = total + count, merged
        if total is None:
            raise ValueError("adapt() received an empty iterable (no batches). Expected at least one batch.")
        if self.input_mean is not None:
            return
        dtype = self.adapt_mean.dtype.as_numpy_dtype
        self.adapt_mean.assign(np.asarray(mean, dtype))
        self.adapt_variance.assign(np.asarray(variance, dtype))
        self.finalize_state()

    def _kept(self, values: Any) -> tuple[int, ...]:
        return tuple(axis % values.ndim for axis in self.axis if -values.ndim <= axis < values.ndim)

    def call(self, inputs: Any) -> Any:
        """The outputs, of the layer's dtype."""
        mean, variance = self._moments()
        inputs = cast(inputs, as_dtype(self.compute_dtype))
        deviation = maximum(sqrt(variance), epsilon())
        return mean + inputs * deviation if self.invert else (inputs - mean) / deviation

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "invert": self.invert,
            "mean": np.array(self.input_mean).tolist(),
            "variance": np.array(self.input_variance).tolist(),
        }


def _batches(data: Any) -> Any:
    """An array as its only batch, or the batches of an iterable."""
    if is_tensor_like(data) or isinstance(data, np.ndarray):
        return [data]
    if isinstance(data, list | tuple) and data and not hasattr(data[0], "shape"):
        return [np.asarray(data)]
    if not hasattr(data, "__iter__"):
        raise TypeError(
            f"Unsupported data type: {type(data)}. `adapt` supports arrays, tensors, datasets and iterables of batches."
        )
    return data


def _as_array(batch: Any) -> Any:
    values = batch[0] if isinstance(batch, tuple) else batch
    return np.asarray(values.numpy() if is_tensor_like(values) else values)
