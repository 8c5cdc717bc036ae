"""Layers that change the values of pixels at random: `tf.keras.layers.RandomContrast` and `RandomBrightness`."""

from __future__ import annotations

from typing import Any

from functape._api._clipping import clip_by_value
from functape._api._reductions import reduce_mean
from functape._core._cast import cast
from functape.keras.layers.preprocessing._image_layer import ImageLayer, bounds_of

_RANGE = "The `factor` argument should be a number (or a list of two numbers) in the range [{}, 1]. Received: factor={}"


class _Colouring(ImageLayer):
    """The base of layers whose random factor is one for each image."""

    _least = 0

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = bounds_of(factor, self._least, 1, _RANGE.format(self._least, factor))
        self.value_range = self._range_of(value_range)
        self._seed(seed)

    def _range_of(self, value_range: Any) -> Any:
        return value_range

    def _clipped(self, images: Any) -> Any:
        return clip_by_value(images, float(self.value_range[0]), float(self.value_range[1]))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("factor", "value_range", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class RandomContrast(_Colouring):
    """Images of more or less contrast at random in training (`tf.keras.layers.RandomContrast`).

    **Arguments:**
    - `factor`: the bounds of what the contrast's factor differs from 1 by, `[0, 1]`.
    - `value_range`: the least and the largest value of a pixel.
    - `seed`: an integer.

    **Raises:** `ValueError` for a factor out of range.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.RandomContrast(0.2)(tf.ones((2, 8, 8, 3))).shape
    TensorShape([2, 8, 8, 3])

    ```
    """

    def choose(self, batch: int, height: int, width: int) -> Any:
        """The factors."""
        return self._uniform((batch, 1, 1, 1), 1.0 - self.factor[0], 1.0 + self.factor[1], self.compute_dtype)

    def change(self, images: Any, choice: Any, training: Any, nearest: bool) -> Any:
        """The images of another contrast."""
        if choice is None or nearest:
            return images
        mean = reduce_mean(reduce_mean(images, 1, keepdims=True), 2, keepdims=True)
        return self._clipped((images - mean) * choice + mean)


class RandomBrightness(_Colouring):
    """Images lighter or darker at random in training (`tf.keras.layers.RandomBrightness`).

    **Arguments:**
    - `factor`: the bounds of what is added, as parts of the range of values, `[-1, 1]`.
    - `value_range`: the least and the largest value of a pixel.
    - `seed`: an integer.

    **Raises:** `ValueError` for a factor or a range that is none.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.RandomBrightness(0.2)(tf.ones((2, 8, 8, 3))).shape
    TensorShape([2, 8, 8, 3])

    ```
    """

    _least = -1

    def _range_of(self, value_range: Any) -> Any:
        if not isinstance(value_range, list | tuple) or len(value_range) != 2:
            raise ValueError(
                f"The `value_range` argument should be a list of two numbers. Received: value_range={value_range}"
            )
        return sorted(value_range)

    def choose(self, batch: int, height: int, width: int) -> Any:
        """What to add."""
        return self._uniform((batch, 1, 1, 1), *self.factor) * float(self.value_range[1] - self.value_range[0])

    def change(self, images: Any, choice: Any, training: Any, nearest: bool) -> Any:
        """The lighter or darker images."""
        return images if choice is None or nearest else self._clipped(images + cast(choice, images.aval.dtype))
