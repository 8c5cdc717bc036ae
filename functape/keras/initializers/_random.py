"""Initializers that draw random numbers: Keras's own, given the same seeds.

An initializer draws the same numbers each time it is called, unless its seed is a `SeedGenerator`. Without a seed it
takes one from Python's `random` when it is made, so that `tf.keras.utils.set_random_seed` decides all of them.
"""

from __future__ import annotations

import math
from typing import Any

from functape._api._decompositions import qr
from functape._api._diagonals import diag_part
from functape._api._elementwise import sign
from functape._api._matrix import matrix_transpose
from functape._api._shaping import reshape
from functape._api._static import as_shape
from functape._core._cast import cast
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.initializers._base import Initializer, floating_dtype, wanted_dtype, wanted_shape
from functape.keras.random._at_once import normal, truncated_normal, uniform
from functape.keras.random._draws import randint
from functape.keras.random._seeds import SeedGenerator, make_default_seed


class RandomInitializer(Initializer):
    """What random initializers share: a seed.

    **Arguments:**
    - `seed`: an integer, a `SeedGenerator` or its configuration; drawn from Python's `random` by default.

    **Raises:** `ValueError` for anything else.
    """

    def __init__(self, seed: Any = None) -> None:
        self._init_seed = seed
        if seed is None:
            seed = make_default_seed()
        elif isinstance(seed, dict):
            seed = deserialize_keras_object(seed)
        elif not isinstance(seed, int | SeedGenerator):
            raise ValueError(
                "`seed` argument should be an instance of `keras.random.SeedGenerator()` or an integer. "
                f"Received: seed={seed!r}"
            )
        self.seed = seed

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"seed": serialize_keras_object(self._init_seed)}


class _Normal(RandomInitializer):
    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class RandomNormal(_Normal):
    """Samples of a normal distribution (`tf.keras.initializers.RandomNormal`).

    **Arguments:**
    - `mean`, `stddev`: the distribution's parameters.
    - `seed`: an integer, a `SeedGenerator`, or None.

    ```python
    >>> import functape as tf
    >>> tf.keras.initializers.RandomNormal(seed=1)([2, 3]).shape
    TensorShape([2, 3])

    ```
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """A tensor of `shape` and the floating `dtype`."""
        return normal(wanted_shape(shape, kwargs), self.mean, self.stddev, floating_dtype(dtype), self.seed)


class TruncatedNormal(_Normal):
    """Samples of a normal distribution within two standard deviations (`tf.keras.initializers.TruncatedNormal`).

    **Arguments:**
    - `mean`, `stddev`: the parameters of the distribution before it is cut off.
    - `seed`: an integer, a `SeedGenerator`, or None.
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """A tensor of `shape` and the floating `dtype`."""
        return truncated_normal(wanted_shape(shape, kwargs), self.mean, self.stddev, floating_dtype(dtype), self.seed)


class RandomUniform(RandomInitializer):
    """Samples of a uniform distribution (`tf.keras.initializers.RandomUniform`).

    **Arguments:**
    - `minval`, `maxval`: the bounds.
    - `seed`: an integer, a `SeedGenerator`, or None.

    ```python
    >>> import functape as tf
    >>> bool((abs(tf.keras.initializers.RandomUniform()([9]).numpy()) <= 0.05).all())
    True

    ```
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        self.minval, self.maxval = minval, maxval
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """A tensor of `shape` and the floating or integer `dtype`."""
        draw = randint if wanted_dtype(dtype).is_integer else uniform
        return draw(wanted_shape(shape, kwargs), self.minval, self.maxval, wanted_dtype(dtype), self.seed)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("uniform", "truncated_normal", "untruncated_normal")
_TRUNCATED_DEVIATION = 0.87962566103423978
"""The standard deviation of the standard normal distribution within two standard deviations."""


class VarianceScaling(RandomInitializer):
    """Samples whose variance is scaled to the number of units (`tf.keras.initializers.VarianceScaling`).

    Their variance is `scale / n`, where `n` is the number of inputs, of outputs, or the mean of both.

    **Arguments:**
    - `scale`: a positive number.
    - `mode`: `"fan_in"`, `"fan_out"` or `"fan_avg"`.
    - `distribution`: `"truncated_normal"` (or `"normal"`), `"untruncated_normal"` or `"uniform"`.
    - `seed`: an integer, a `SeedGenerator`, or None.
    - `input_axes`, `output_axes`: the axes of a weight that count as inputs and outputs; the last two by default, all
      before them counted in both.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.initializers.VarianceScaling(2.0, "fan_out")([4, 8]).shape
    TensorShape([4, 8])

    ```
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ) -> None:
        if scale <= 0.0:
            raise ValueError(f"Argument `scale` must be positive float. Received: scale={scale}")
        if mode not in _MODES:
            raise ValueError(f"Invalid `mode` argument: {mode}. Please use one of {_MODES}")
        distribution = distribution.lower()
        distribution = "truncated_normal" if distribution == "normal" else distribution
        if distribution not in _DISTRIBUTIONS:
            raise ValueError(f"Invalid `distribution` argument: {distribution}. Please use one of {_DISTRIBUTIONS}")
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """A tensor of `shape` and the floating `dtype`."""
        lengths, wanted = as_shape(wanted_shape(shape, kwargs), "shape"), floating_dtype(dtype)
        inputs, outputs = compute_fans(lengths, self.input_axes, self.output_axes)
        units = {"fan_in": inputs, "fan_out": outputs, "fan_avg": (inputs + outputs) / 2}[self.mode]
        variance = self.scale / max(1.0, units)
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return uniform(lengths, -limit, limit, wanted, self.seed)
        if self.distribution == "truncated_normal":
            return truncated_normal(lengths, 0.0, math.sqrt(variance) / _TRUNCATED_DEVIATION, wanted, self.seed)
        return normal(lengths, 0.0, math.sqrt(variance), wanted, self.seed)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


def compute_fans(shape: tuple[int, ...], input_axes: Any = None, output_axes: Any = None) -> tuple[int, int]:
    """How many inputs and outputs a weight of a shape connects.

    ```python
    >>> compute_fans((3, 3, 16, 32))
    (144, 288)

    ```
    """
    if input_axes is not None and output_axes is not None:
        return tuple(math.prod(shape[axis] for axis in axes) for axes in (input_axes, output_axes))  # type: ignore
    if len(shape) < 2:
        length = shape[0] if shape else 1
        return length, length
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


class _Scaled(VarianceScaling):
    """A variance scaling that goes by the name of its inventor."""

    _settings: tuple[float, str, str]

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None:
        super().__init__(*self._settings, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "seed": serialize_keras_object(self._init_seed),
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


_PURPOSE = """{what} (`tf.keras.initializers.{name}`).

    A `VarianceScaling` with scale {scale}, mode `"{mode}"` and distribution `"{distribution}"`. {reference}.

    **Arguments:**
    - `seed`: an integer, a `SeedGenerator`, or None.
    - `input_axes`, `output_axes`: as for `VarianceScaling`.
    """


def _scaled(name: str, what: str, reference: str, scale: float, mode: str, distribution: str) -> type[_Scaled]:
    text = _PURPOSE.format(what=what, name=name, scale=scale, mode=mode, distribution=distribution, reference=reference)
    members = {"__doc__": text, "__module__": __name__, "_settings": (scale, mode, distribution)}
    return type(name, (_Scaled,), members)


_GLOROT = ("Glorot and Bengio, 2010", 1.0, "fan_avg")
_HE = ("He et al., 2015", 2.0, "fan_in")
_LECUN = ("Klambauer et al., 2017", 1.0, "fan_in")

GlorotUniform = _scaled("GlorotUniform", "Glorot's uniform initializer, also Xavier's", *_GLOROT, "uniform")
GlorotNormal = _scaled("GlorotNormal", "Glorot's normal initializer, also Xavier's", *_GLOROT, "truncated_normal")
HeUniform = _scaled("HeUniform", "He's uniform initializer", *_HE, "uniform")
HeNormal = _scaled("HeNormal", "He's normal initializer", *_HE, "truncated_normal")
LecunUniform = _scaled("LecunUniform", "Lecun's uniform initializer", *_LECUN, "uniform")
LecunNormal = _scaled("LecunNormal", "Lecun's normal initializer", *_LECUN, "truncated_normal")


class Orthogonal(RandomInitializer):
    """A random orthogonal matrix (`tf.keras.initializers.Orthogonal`).

    Of the QR decomposition of a normal matrix; all axes but the last count as one. Saxe et al., 2014.

    **Arguments:**
    - `gain`: a factor.
    - `seed`: an integer, a `SeedGenerator`, or None.

    ```python
    >>> import functape as tf
    >>> w = tf.keras.initializers.Orthogonal(seed=1)([3, 3])
    >>> print(abs(tf.round(tf.matmul(w, w, transpose_a=True))).numpy())
    [[1. 0. 0.]
     [0. 1. 0.]
     [0. 0. 1.]]

    ```
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        self.gain = gain
        super().__init__(seed)

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """A tensor of `shape` and the floating `dtype`.

        **Raises:** `ValueError` for fewer than two axes.
        """
        lengths, wanted = as_shape(wanted_shape(shape, kwargs), "shape"), floating_dtype(dtype)
        if len(lengths) < 2:
            raise ValueError(
                "The tensor to initialize must be at least two-dimensional. "
                f"Received: shape={shape} of rank {len(lengths)}."
            )
        rows, columns = math.prod(lengths[:-1]), lengths[-1]
        drawn = normal((max(rows, columns), min(rows, columns)), dtype=wanted, seed=self.seed)
        factor, triangle = qr(drawn)
        factor = factor * sign(diag_part(triangle))
        if rows < columns:
            factor = matrix_transpose(factor)
        return reshape(factor, lengths) * cast(self.gain, wanted)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "gain": self.gain}
