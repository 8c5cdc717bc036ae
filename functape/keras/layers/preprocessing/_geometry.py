"""Layers that move the pixels of images: `tf.keras.layers.Resizing`, `CenterCrop`, `RandomFlip`, ..."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from functape._api._choosing import where
from functape._api._clipping import clip_by_value
from functape._api._creation import zeros, zeros_like
from functape._api._elementwise import cos, less_equal, round, sin
from functape._api._gathering import slice as slice_of
from functape._api._joining import concat, stack
from functape._api._shaping import pad, reverse
from functape._core._cast import cast
from functape._engine._dtypes import as_dtype, float32, int32
from functape._ops._image_transform import RESIZE_METHODS
from functape.keras.layers._layer_calls import calls
from functape.keras.layers.preprocessing._image_layer import ImageLayer, bounds_of, resized, transformed
from functape.keras.random._seeds import make_default_seed


class Resizing(ImageLayer):
    """Images of a given size (`tf.keras.layers.Resizing`).

    **Arguments:**
    - `height`, `width`: the size.
    - `interpolation`: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
    - `crop_to_aspect_ratio`, `pad_to_aspect_ratio`: whether to keep the proportions, cropping or padding.
    - `fill_mode`, `fill_value`: with what to pad; the mode is `"constant"`.
    - `antialias`: whether to average when pixels become fewer.
    - `data_format`: where the channels are.

    **Raises:** `ValueError` for another interpolation or mode.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Resizing(4, 6)(tf.ones((2, 8, 8, 3))).shape
    TensorShape([2, 4, 6, 3])

    ```
    """

    _casts_images = False

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height, self.width = height, width
        self.interpolation = interpolation
        self.crop_to_aspect_ratio, self.pad_to_aspect_ratio = crop_to_aspect_ratio, pad_to_aspect_ratio
        self.fill_mode, self.fill_value = fill_mode, fill_value
        self.antialias = bool(antialias)

    def change(self, images: Any, choice: Any, training: Any, nearest: bool) -> Any:
        """The images of the new size, in their dtype."""
        method = "nearest" if nearest else self.interpolation
        if method not in RESIZE_METHODS:
            raise ValueError(
                f"Invalid value for argument `interpolation`. Expected of one {RESIZE_METHODS}. Received: "
                f"interpolation={method}"
            )
        if self.fill_mode != "constant":
            raise ValueError(
                "Invalid value for argument `fill_mode`. Only `'constant'` is supported. Received: "
                f"fill_mode={self.fill_mode}"
            )
        if self.pad_to_aspect_ratio and self.crop_to_aspect_ratio:
            raise ValueError("Only one of `pad_to_aspect_ratio` & `crop_to_aspect_ratio` can be `True`.")
        dtype = images.aval.dtype
        if self.crop_to_aspect_ratio:
            images = self._cropped(images)
        elif self.pad_to_aspect_ratio:
            images = self._padded(images)
        made = resized(images, self.height, self.width, method, self.antialias)
        if made.aval.dtype is dtype:
            return made
        if dtype.is_integer:
            limits = np.iinfo(dtype.as_numpy_dtype)
            made = clip_by_value(round(made), float(limits.min), float(limits.max))
        return cast(made, dtype)

    def _cropped(self, images: Any) -> Any:
        height, width = images.aval.shape[1:3]
        tall = max(min(height, int(float(width * self.height) / self.width)), 1)
        broad = max(min(width, int(float(height * self.width) / self.height)), 1)
        top, left = int(float(height - tall) / 2), int(float(width - broad) / 2)
        return images[:, top : top + tall, left : left + broad]

    def _padded(self, images: Any) -> Any:
        height, width = images.aval.shape[1:3]
        tall = max(height, int(float(width * self.height) / self.width))
        broad = max(width, int(float(height * self.width) / self.height))
        top, left = int(float(tall - height) / 2), int(float(broad - width) / 2)
        amounts = [[0, 0], [top, tall - height - top], [left, broad - width - left], [0, 0]]
        return pad(images, amounts, constant_values=self.fill_value)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("height", "width", "interpolation", "crop_to_aspect_ratio", "pad_to_aspect_ratio", "fill_mode",
                 "fill_value", "antialias")  # fmt: skip
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class CenterCrop(ImageLayer):
    """The middle of images (`tf.keras.layers.CenterCrop`); smaller images are resized.

    **Arguments:**
    - `height`, `width`: the size.
    - `data_format`: where the channels are.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.CenterCrop(4, 6)(tf.ones((2, 8, 8, 3))).shape
    TensorShape([2, 4, 6, 3])

    ```
    """

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height, self.width = height, width

    def change(self, images: Any, choice: Any, training: Any, nearest: bool) -> Any:
        """The middle of the images."""
        down, across = (a - b for a, b in zip(images.aval.shape[1:3], (self.height, self.width), strict=True))
        if down >= 0 and across >= 0:
            top, left = down // 2, across // 2
            return images[:, top : top + self.height, left : left + self.width]
        return _smartly_resized(images, self.height, self.width)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "height": self.height, "width": self.width}


def _smartly_resized(images: Any, height: int, width: int) -> Any:
    """The largest middle part of the wanted proportions, resized."""
    given_height, given_width = images.aval.shape[1:3]
    tall = max(min(given_height, int(float(given_width * height) / width)), 1)
    broad = max(min(given_width, int(float(given_height * width) / height)), 1)
    top, left = int(float(given_height - tall) / 2), int(float(given_width - broad) / 2)
    return resized(images[:, top : top + tall, left : left + broad], height, width)


class RandomCrop(ImageLayer):
    """A random part of images in training (`tf.keras.layers.RandomCrop`).

    **Arguments:**
    - `height`, `width`: the size of the part, which is the same one for all images of a batch.
    - `seed`: an integer.
    - `data_format`: where the channels are.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.RandomCrop(4, 6)(tf.ones((2, 8, 8, 3)), training=True).shape
    TensorShape([2, 4, 6, 3])

    ```
    """

    def __init__(
        self, height: int, width: int, seed: int | None = None, data_format: str | None = None, name: str | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(data_format=data_format, name=name, **kwargs)
        self.height, self.width = height, width
        default = seed if seed is not None else make_default_seed()
        self._seed(seed)
        self.seed = default

    def choose(self, batch: int, height: int, width: int) -> Any:
        """Where the part begins: numbers, or a tensor of two."""
        if height > self.height and width > self.width:
            places = [
                cast(self._uniform((), 0, float(given - wanted + 1)), int32)
                for given, wanted in ((height, self.height), (width, self.width))
            ]
            return stack(places)
        tall = max(min(height, int(float(width * self.height) / self.width)), 1)
        broad = max(min(width, int(float(height * self.width) / self.height)), 1)
        return int(float(height - tall) / 2), int(float(width - broad) / 2)

    def change(self, images: Any, choice: Any, training: Any, nearest: bool) -> Any:
        """The part of the images."""
        if not training:
            return images
        if calls.abstract:
            return resized(images, self.height, self.width)
        if isinstance(choice, tuple):
            top, left = choice
            images = images[:, top : top + self.height, left : left + self.width]
            if images.aval.shape[1:3] != (self.height, self.width):
                images = cast(resized(images, self.height, self.width), as_dtype(self.compute_dtype))
            return images
        begin = pad(choice, [[1, 1]])
        batch, channels = images.aval.shape[0], images.aval.shape[3]
        return slice_of(images, begin, [batch, self.height, self.width, channels])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "height": self.height, "width": self.width, "seed": self.seed}


class RandomFlip(ImageLayer):
    """Images mirrored at random in training (`tf.keras.layers.RandomFlip`).

    **Arguments:**
    - `mode`: `"horizontal"`, `"vertical"` or `"horizontal_and_vertical"`.
    - `seed`: an integer.
    - `data_format`: where the channels are.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.RandomFlip("horizontal", seed=1)(tf.ones((2, 8, 8, 3))).shape
    TensorShape([2, 8, 8, 3])

    ```
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self._seed(seed)
        self.mode = mode

    def choose(self, batch: int, height: int, width: int) -> Any:
        """Which images to mirror."""
        return less_equal(self._uniform((batch, 1, 1, 1), 0.0, 1.0), 0.5)

    def change(self, images: Any, choice: Any, training: Any, nearest: bool) -> Any:
        """The images, mirrored or not."""
        if choice is None:
            return images
        for axis, modes in (
            (2, ("horizontal", "horizontal_and_vertical")),
            (1, ("vertical", "horizontal_and_vertical")),
        ):
            if self.mode in modes:
                images = where(choice, reverse(images, [axis]), images)
        return images

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "seed": self.seed, "mode": self.mode}


class _Moving(ImageLayer):
    """The base of layers that read images through a random transform."""

    fill_mode: str
    interpolation: str
    fill_value: float

    def _take(self, fill_mode: str, interpolation: str, seed: int | None, fill_value: float) -> None:
        self._check_reading(fill_mode, interpolation)
        self.fill_mode, self.interpolation, self.fill_value = fill_mode, interpolation, fill_value
        self._seed(seed)

    def change(self, images: Any, choice: Any, training: Any, nearest: bool) -> Any:
        """The images, moved."""
        if choice is None:
            return images
        interpolation = "nearest" if nearest else self.interpolation
        return transformed(images, choice, self.fill_value, interpolation, self.fill_mode)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("fill_mode", "fill_value", "interpolation", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class RandomRotation(_Moving):
    """Images turned by random angles in training (`tf.keras.layers.RandomRotation`).

    **Arguments:**
    - `factor`: the bounds of the angle as parts of a full turn; one number stands for both directions.
    - `fill_mode`: what is beyond the edges: `"reflect"`, `"wrap"`, `"constant"` or `"nearest"`.
    - `interpolation`: `"bilinear"` or `"nearest"`.
    - `seed`: an integer.
    - `fill_value`: what is beyond the edges for `"constant"`.
    - `data_format`: where the channels are.

    **Raises:** `ValueError` for a factor out of range; `NotImplementedError` for another mode.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.RandomRotation(0.2)(tf.ones((2, 8, 8, 3))).shape
    TensorShape([2, 8, 8, 3])

    ```
    """

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.factor = bounds_of(factor, -1, 1, _factor_message(factor, -1, 1))
        self._take(fill_mode, interpolation, seed, fill_value)

    def choose(self, batch: int, height: int, width: int) -> Any:
        """The transforms."""
        angle = self._uniform((batch,), self.factor[0] * 360.0, self.factor[1] * 360.0)
        angle = cast(angle, float32) * (math.pi / 180.0)
        x, y = 0.5 * (width - 1), 0.5 * (height - 1)
        a, b = cos(angle), sin(angle)
        none = zeros_like(a)
        return stack([a, -b, x - x * a + y * b, b, a, y - x * b - y * a, none, none], 1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "factor": self.factor}


class RandomZoom(_Moving):
    """Images made larger or smaller at random in training (`tf.keras.layers.RandomZoom`).

    **Arguments:**
    - `height_factor`, `width_factor`: the bounds of the zoom, below 0 for closer; the width's is by default the
      height's.
    - the others: as for `RandomRotation`.

    **Raises:** as `RandomRotation`.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.RandomZoom(0.2)(tf.ones((2, 8, 8, 3))).shape
    TensorShape([2, 8, 8, 3])

    ```
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._height = _zoom_bounds(height_factor, "height_factor", math.inf)
        self._width = None if width_factor is None else _zoom_bounds(width_factor, "width_factor", math.inf)
        self._take(fill_mode, interpolation, seed, fill_value)

    def choose(self, batch: int, height: int, width: int) -> Any:
        """The transforms."""
        down = self._uniform((batch, 1), 1.0 + self._height[0], 1.0 + self._height[1])
        across = down
        if self._width is not None:
            across = self._uniform((batch, 1), 1.0 + self._width[0], 1.0 + self._width[1])
        down, across = cast(down, float32), cast(across, float32)
        none = zeros((batch, 1), float32)
        x, y = (width - 1.0) / 2.0 * (1.0 - across), (height - 1.0) / 2.0 * (1.0 - down)
        return concat([across, none, x, none, down, y, none, none], 1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "height_factor": self.height_factor, "width_factor": self.width_factor}


class RandomTranslation(_Moving):
    """Images moved at random in training (`tf.keras.layers.RandomTranslation`).

    **Arguments:**
    - `height_factor`, `width_factor`: the bounds of the way, as parts of the size.
    - the others: as for `RandomRotation`.

    **Raises:** as `RandomRotation`.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.RandomTranslation(0.2, 0.1)(tf.ones((2, 8, 8, 3))).shape
    TensorShape([2, 8, 8, 3])

    ```
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._height = _zoom_bounds(height_factor, "height_factor", 1.0)
        self._width = _zoom_bounds(width_factor, "width_factor", 1.0)
        self._take(fill_mode, interpolation, seed, fill_value)

    def choose(self, batch: int, height: int, width: int) -> Any:
        """The transforms."""
        down = cast(self._uniform((batch, 1), *self._height), float32) * float(height)
        across = cast(self._uniform((batch, 1), *self._width), float32) * float(width)
        none = zeros((batch, 1), float32)
        one = none + 1.0
        return concat([one, none, -across, none, one, -down, none, none], 1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "height_factor": self.height_factor, "width_factor": self.width_factor}


def _factor_message(factor: Any, low: float, high: float) -> str:
    return (
        f"The `factor` argument should be a number (or a list of two numbers) in the range [{low}, {high}]. "
        f"Received: factor={factor}"
    )


def _zoom_bounds(factor: Any, name: str, most: float) -> tuple[float, float]:
    message = (
        "The `height_factor` and `width_factor` arguments should be a number (or a list of two numbers) in the range "
        f"[-1.0, 1.0]. Received: {name}={factor}"
    )
    low, high = bounds_of(factor, -1.0, most, message)
    return (-high, high) if not isinstance(factor, list | tuple) else (low, high)
