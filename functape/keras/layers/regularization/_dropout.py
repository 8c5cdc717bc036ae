"""Layers that drop elements in training."""

from __future__ import annotations

from typing import Any

from functape._api._elementwise import greater_equal
from functape._core._cast import cast
from functape._ops._activations import SELU_ALPHA, SELU_SCALE
from functape.keras import random
from functape.keras._configuration import standardize_data_format
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_calls import calls
from functape.keras.layers._layer_specs import InputSpec


def check_rate(rate: Any, name: str = "rate") -> None:
    """A number from 0 to 1.

    **Raises:** `TypeError` if it is no number; `ValueError` if it is out of range.
    """
    if isinstance(rate, str) or rate is None:
        raise TypeError(f"Argument `{name}` must be a number between 0 and 1. Received: {name}={rate!r}")
    if not 0 <= rate <= 1:
        raise ValueError(
            f"Invalid value received for argument `{name}`. Expected a float value between 0 and 1. Received: "
            f"{name}={rate}"
        )


class Dropout(Layer):
    """Elements set to zero at random, the others scaled so that the mean stays (`tf.keras.layers.Dropout`).

    Only in training. Srivastava et al., 2014.

    **Arguments:**
    - `rate`: the probability of each element to become zero, from 0 to 1.
    - `noise_shape`: the shape of the choices, which broadcast to that of the inputs; None in it stands for the length
      there.
    - `seed`: an integer, or None.

    **Raises:** `ValueError` for a rate out of range, or a shape that is none.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.Dropout(0.5, seed=1)
    >>> print(layer(tf.ones((1, 3))).numpy(), sorted(set(layer(tf.ones((1, 99)), training=True).numpy().flat)))
    [[1. 1. 1.]] [np.float32(0.0), np.float32(2.0)]

    ```
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_rate(rate)
        self.rate = rate
        self.seed = seed
        self.noise_shape = _checked_shape(noise_shape)
        if rate > 0:
            self.seed_generator = random.SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, training: Any = False) -> Any:
        """The outputs."""
        if training and self.rate > 0 and not calls.abstract:
            if not inputs.aval.dtype.is_floating:
                raise ValueError(
                    f"The inputs of {type(self).__name__} must be floating point, for they are scaled. Received: "
                    f"dtype={inputs.aval.dtype.name}"
                )
            return random.dropout(inputs, self.rate, self._choices(inputs), seed=self.seed_generator)
        return inputs

    def _choices(self, inputs: Any) -> Any:
        """The shape of the choices."""
        return self.noise_shape

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed, "noise_shape": self.noise_shape}


def _checked_shape(shape: Any) -> tuple[int | None, ...] | None:
    if shape is None:
        return None
    try:
        given = tuple(shape)
    except TypeError:
        raise ValueError(
            "Invalid value received for argument `noise_shape`. Expected an iterable of integers (e.g., a tuple or "
            f"list). Received: noise_shape={shape}"
        ) from None
    for place, length in enumerate(given):
        if length is not None and (not hasattr(length, "__index__") or length <= 0):
            raise ValueError(
                "Invalid value received for argument `noise_shape`. Expected all dimensions to be positive integers or "
                f"None. Received {length!r} at index {place}."
            )
    return given


class SpatialDropout(Dropout):
    """The base of `SpatialDropout1D`, `SpatialDropout2D` and `SpatialDropout3D`: whole channels are dropped.

    **Arguments:**
    - `rate`: the probability of each channel to become zero.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `seed`: an integer, or None.
    """

    rank: int

    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate, seed=seed, **kwargs)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _choices(self, inputs: Any) -> Any:
        ones = (1,) * self.rank
        return (None, *ones, None) if self.data_format == "channels_last" else (None, None, *ones)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "rate": self.rate, "seed": self.seed, "name": self.name, "dtype": self.dtype,
            "data_format": self.data_format,
        }  # fmt: skip


class SpatialDropout1D(SpatialDropout):
    """Whole channels of a sequence dropped (`tf.keras.layers.SpatialDropout1D`).

    **Arguments:**
    - `rate`: the probability of each channel to become zero.
    - `seed`: an integer, or None.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.SpatialDropout1D(0.5)(tf.ones((2, 3, 4)), training=True).shape
    TensorShape([2, 3, 4])

    ```
    """

    rank = 1

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate, "channels_last", seed, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        del config["data_format"]
        return config


class SpatialDropout2D(SpatialDropout):
    """Whole channels of images dropped (`tf.keras.layers.SpatialDropout2D`).

    **Arguments:**
    - `rate`: the probability of each channel to become zero.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `seed`: an integer, or None.
    """

    rank = 2


class SpatialDropout3D(SpatialDropout):
    """Whole channels of volumes dropped (`tf.keras.layers.SpatialDropout3D`).

    **Arguments:**
    - `rate`: the probability of each channel to become zero.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `seed`: an integer, or None.
    """

    rank = 3


class AlphaDropout(Layer):
    """Dropout that keeps the mean and the variance of what `selu` puts out (`tf.keras.layers.AlphaDropout`).

    Klambauer et al., 2017.

    **Arguments:**
    - `rate`: the probability of each element to be dropped.
    - `noise_shape`: the shape of the choices, which broadcast to that of the inputs.
    - `seed`: an integer, or None.
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.seed = seed
        self.noise_shape = noise_shape
        self.seed_generator = random.SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, training: Any = False) -> Any:
        """The outputs."""
        if not training or self.rate <= 0 or calls.abstract:
            return inputs
        whole = inputs.aval.shape
        shape = whole
        if self.noise_shape is not None:
            shape = tuple(
                length if each is None else each for each, length in zip(self.noise_shape, whole, strict=True)
            )
        lowest = -SELU_ALPHA * SELU_SCALE
        kept = cast(greater_equal(random.uniform(shape, seed=self.seed_generator), self.rate), inputs.aval.dtype)
        scale = ((1 - self.rate) * (1 + self.rate * lowest**2)) ** -0.5
        return (inputs * kept + (1.0 - kept) * lowest) * scale + -scale * lowest * self.rate

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
