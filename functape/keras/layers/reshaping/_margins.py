"""Layers that cut or add margins along the spatial axes."""

from __future__ import annotations

from typing import Any

from functape._api._shaping import pad
from functape.keras._configuration import standardize_data_format
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_specs import InputSpec
from functape.keras.layers._layer_windows import integers, pairs


class Margins(Layer):
    """The base of croppings and paddings."""

    rank: int
    _setting: str

    def _take_margins(self, given: Any, data_format: str | None) -> None:
        self.data_format = standardize_data_format(data_format)
        margins = (integers(given, 2, self._setting, 0),) if self.rank == 1 else pairs(given, self.rank, self._setting)
        setattr(self, self._setting, margins[0] if self.rank == 1 else margins)
        none = (0, 0)
        self._margins = (none, *margins, none) if self.data_format == "channels_last" else (none, none, *margins)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            self._setting: getattr(self, self._setting),
            "data_format": self.data_format,
        }


class Cropping(Margins):
    """The base of `Cropping1D`, `Cropping2D` and `Cropping3D`."""

    _setting = "cropping"

    def call(self, inputs: Any) -> Any:
        """The outputs.

        **Raises:** `ValueError` if nothing would be left.
        """
        shape = inputs.aval.shape
        if any(low + high >= length for (low, high), length in zip(self._margins, shape, strict=True) if low or high):
            raise ValueError(
                "Values in `cropping` argument should be smaller than the corresponding spatial dimension of the "
                f"input. Received: inputs.shape={tuple(inputs.shape)}, cropping={self.cropping}"
            )
        return inputs[tuple(slice(low or None, -high if high else None) for low, high in self._margins)]


class ZeroPadding(Margins):
    """The base of `ZeroPadding1D`, `ZeroPadding2D` and `ZeroPadding3D`."""

    _setting = "padding"

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return pad(inputs, self._margins)


class Cropping1D(Cropping):
    """A sequence without its ends (`tf.keras.layers.Cropping1D`).

    **Arguments:**
    - `cropping`: how many steps to cut before and after, a number for both or a pair.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Cropping1D((1, 2))(tf.ones((2, 9, 4))).shape
    TensorShape([2, 6, 4])

    ```
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._take_margins(cropping, "channels_last")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        del config["data_format"]
        return config


class Cropping2D(Cropping):
    """Images without their margins (`tf.keras.layers.Cropping2D`).

    **Arguments:**
    - `cropping`: how much to cut: a number, one for each axis, or a pair for each axis.
    - `data_format`: `"channels_last"` or `"channels_first"`.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Cropping2D(((1, 2), (0, 1)))(tf.ones((2, 9, 9, 4))).shape
    TensorShape([2, 6, 8, 4])

    ```
    """

    rank = 2

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._take_margins(cropping, data_format)


class Cropping3D(Cropping):
    """Volumes without their margins (`tf.keras.layers.Cropping3D`). The arguments are as for `Cropping2D`."""

    rank = 3

    def __init__(self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._take_margins(cropping, data_format)


class ZeroPadding1D(ZeroPadding):
    """A sequence with zeros at its ends (`tf.keras.layers.ZeroPadding1D`).

    **Arguments:**
    - `padding`: how many steps to add before and after, a number for both or a pair.
    - `data_format`: `"channels_last"` or `"channels_first"`.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.ZeroPadding1D((1, 2))(tf.ones((2, 9, 4))).shape
    TensorShape([2, 12, 4])

    ```
    """

    rank = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._take_margins(padding, data_format)


class ZeroPadding2D(ZeroPadding):
    """Images with zeros around them (`tf.keras.layers.ZeroPadding2D`).

    **Arguments:**
    - `padding`: how much to add: a number, one for each axis, or a pair for each axis.
    - `data_format`: `"channels_last"` or `"channels_first"`.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.ZeroPadding2D(((1, 2), (0, 1)))(tf.ones((2, 9, 9, 4))).shape
    TensorShape([2, 12, 10, 4])

    ```
    """

    rank = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._take_margins(padding, data_format)


class ZeroPadding3D(ZeroPadding):
    """Volumes with zeros around them (`tf.keras.layers.ZeroPadding3D`). The arguments are as for `ZeroPadding2D`."""

    rank = 3

    def __init__(self, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._take_margins(padding, data_format)
