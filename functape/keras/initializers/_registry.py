"""Initializers by name and by configuration."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._static import as_shape
from functape._core._cast import cast
from functape._core._convert import is_tensor_like
from functape.keras._configuration import standardize_dtype
from functape.keras._family import Family
from functape.keras.initializers import _constant as constant
from functape.keras.initializers import _random as random
from functape.keras.initializers._base import Initializer

_CLASSES: list[Any] = [
    Initializer, constant.Constant, constant.Identity, constant.Ones, constant.STFT, constant.Zeros,
    random.GlorotNormal, random.GlorotUniform, random.HeNormal, random.HeUniform, random.LecunNormal,
    random.LecunUniform, random.Orthogonal, random.RandomNormal, random.RandomUniform, random.TruncatedNormal,
    random.VarianceScaling,
]  # fmt: skip

_ALIASES = {
    "IdentityInitializer": constant.Identity,
    "OrthogonalInitializer": random.Orthogonal,
    "STFTInitializer": constant.STFT,
    "normal": random.RandomNormal,
    "one": constant.Ones,
    "uniform": random.RandomUniform,
    "zero": constant.Zeros,
}
_KERAS_2 = {f"{each.__name__}V2": each for each in _CLASSES}

FAMILY = Family("initializer", _CLASSES, _ALIASES | _KERAS_2)


def serialize(initializer: Any, use_legacy_format: bool = False) -> Any:
    """The configuration of an initializer (`tf.keras.initializers.serialize`).

    **Arguments:**
    - `initializer`: an initializer, or None.
    - `use_legacy_format`: whether to write Keras 2's format.
    """
    return FAMILY.serialize(initializer, use_legacy_format)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False) -> Any:
    """The initializer that a configuration describes (`tf.keras.initializers.deserialize`).

    **Arguments:**
    - `config`: what `serialize` returned, or a name.
    - `custom_objects`: further classes by name.
    - `use_legacy_format`: accepted; both formats are understood.

    **Raises:** `ValueError` or `TypeError` for a class that is not known.
    """
    return FAMILY.deserialize(config, custom_objects)


def get(identifier: Any) -> Any:
    """The initializer that `identifier` stands for (`tf.keras.initializers.get`).

    **Arguments:**
    - `identifier`: a name, a configuration, a class, a function `(shape, dtype)`, an array with the values, or None.

    **Returns:** an initializer; None for None.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> type(tf.keras.initializers.get("he_normal")).__name__
    'HeNormal'

    ```
    """
    if identifier is None:
        return None
    if is_tensor_like(identifier) or isinstance(identifier, np.ndarray | np.generic):
        return _of_values(identifier)
    return FAMILY.find(identifier)


def _of_values(values: Any) -> Any:
    def initialize(shape: Any, dtype: Any = None) -> Any:
        if as_shape(shape, "shape") != tuple(values.shape):
            raise ValueError(
                f"Expected `shape` to be {tuple(values.shape)}, that of the values given. Received: shape={shape}"
            )
        return cast(values, standardize_dtype(dtype))

    return initialize
