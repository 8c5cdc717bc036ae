"""Layers that make the spatial axes longer."""

from __future__ import annotations

from typing import Any

from functape._api._shaping import transpose
from functape._engine._recorder import record
from functape._ops._keras_resizing import ENLARGE
from functape._ops._shaping import REPEAT
from functape.keras._configuration import standardize_data_format
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_specs import InputSpec
from functape.keras.layers._layer_windows import integers

INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area")


def _repeated(x: Any, sizes: tuple[int, ...], first: int) -> Any:
    """`x` with each element repeated along some axes, from `first` on."""
    for axis, size in enumerate(sizes, first):
        if size != 1:
            x = record(REPEAT, (size, axis), (x,))
    return x


class UpSampling1D(Layer):
    """Each step several times (`tf.keras.layers.UpSampling1D`).

    **Arguments:**
    - `size`: how many times.

    **Raises:** `TypeError` if it is no integer; `ValueError` if it is not positive.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.UpSampling1D(2)(tf.constant([[[1.0], [2.0]]])).numpy().ravel())
    [1. 1. 2. 2.]

    ```
    """

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(size, int):
            raise TypeError(f"Expected an integer value for `size`, got {type(size)}.")
        if size <= 0:
            raise ValueError(f"Argument `size` should be a positive integer. Received: size={size}")
        self.size = size
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return _repeated(inputs, (self.size,), 1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "size": self.size}


class UpSampling2D(Layer):
    """Images several times as large (`tf.keras.layers.UpSampling2D`).

    **Arguments:**
    - `size`: how many times, a number or one for each axis.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `interpolation`: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"`, `"lanczos5"` or `"area"`.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.UpSampling2D((2, 3), interpolation="bilinear")(tf.ones((2, 4, 4, 1))).shape
    TensorShape([2, 8, 12, 1])

    ```
    """

    def __init__(
        self, size: Any = (2, 2), data_format: str | None = None, interpolation: str = "nearest", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.size = integers(size, 2, "size")
        self.interpolation = interpolation.lower() if isinstance(interpolation, str) else interpolation
        if self.interpolation not in INTERPOLATIONS:
            raise ValueError(
                f"Invalid value for argument `interpolation`. Expected one of {INTERPOLATIONS}. Received: "
                f"interpolation={interpolation}"
            )
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        channels_first = self.data_format == "channels_first"
        if self.interpolation in ("nearest", "area"):
            return _repeated(inputs, self.size, 2 if channels_first else 1)
        if channels_first:
            inputs = transpose(inputs, (0, 2, 3, 1))
        outputs = record(ENLARGE, (self.size, self.interpolation), (inputs,))
        return transpose(outputs, (0, 3, 1, 2)) if channels_first else outputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "size": self.size,
            "data_format": self.data_format,
            "interpolation": self.interpolation,
        }


class UpSampling3D(Layer):
    """Volumes several times as large (`tf.keras.layers.UpSampling3D`).

    **Arguments:**
    - `size`: how many times, a number or one for each axis.
    - `data_format`: `"channels_last"` or `"channels_first"`.

    **Raises:** `ValueError` for anything else.
    """

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.size = integers(size, 3, "size")
        self.input_spec = InputSpec(ndim=5)

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return _repeated(inputs, self.size, 2 if self.data_format == "channels_first" else 1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "size": self.size, "data_format": self.data_format}
