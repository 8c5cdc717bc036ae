"""What layers that change images have in common."""

from __future__ import annotations

from typing import Any

from functape._api._shaping import expand_dims, squeeze, transpose
from functape._core._cast import cast
from functape._core._convert import convert
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import record
from functape._ops._image_transform import RESIZE_IMAGES, TRANSFORM_IMAGES
from functape.keras._configuration import standardize_data_format
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_calls import calls
from functape.keras.random import SeedGenerator, uniform

FILL_MODES = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("nearest", "bilinear")
_OPEN = object()
"""Stands for a choice that is still to be made."""


class ImageLayer(Layer):
    """The base of layers that change images `[height, width, channels]` or `[batch, height, width, channels]`.

    A call takes images, or a dict with `images` and possibly `labels` and `segmentation_masks`.

    **Arguments:**
    - `data_format`: where the channels are.
    - `kwargs`: those of `Layer`.
    """

    _TF_MODULE_IGNORED_PROPERTIES = Layer._TF_MODULE_IGNORED_PROPERTIES | {"generator"}
    _casts_images = True

    def __init__(self, data_format: str | None = None, bounding_box_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bounding_box_format = bounding_box_format
        self.data_format = standardize_data_format(data_format)

    def _seed(self, seed: int | None) -> None:
        self.seed = seed
        self.generator = SeedGenerator(seed)

    def call(self, data: Any, training: Any = True) -> Any:
        """The changed images, in the structure of `data`.

        **Raises:** `ValueError` for images of another rank; `NotImplementedError` for bounding boxes.
        """
        if not isinstance(data, dict):
            return self._change(data, training)
        if "bounding_boxes" in data:
            raise NotImplementedError(
                f"{type(self).__name__} does not move bounding boxes. Leave 'bounding_boxes' out of its input."
            )
        choice = self._choose_for(data["images"], training)
        changed = {**data, "images": self._change(data["images"], training, choice)}
        if "segmentation_masks" in data:
            changed["segmentation_masks"] = self._change(data["segmentation_masks"], training, choice, nearest=True)
        return changed

    def _choose_for(self, images: Any, training: Any) -> Any:
        images = convert(images)
        shape = images.aval.shape
        if len(shape) not in (3, 4):
            raise ValueError(
                "Expected image tensor to have rank 3 (single image) or 4 (batch of images). Received: "
                f"data.shape={tuple(shape)}"
            )
        if calls.abstract or not training:
            return None
        batch = shape[0] if len(shape) == 4 else 1
        return self.choose(batch, *self._lengths(shape))

    def _lengths(self, shape: Any) -> tuple[int, int]:
        return tuple(shape[-2:]) if self.data_format == "channels_first" else tuple(shape[-3:-1])  # type: ignore

    def _change(self, images: Any, training: Any, choice: Any = _OPEN, nearest: bool = False) -> Any:
        images = convert(images)
        if choice is _OPEN:
            choice = self._choose_for(images, training)
        if self._casts_images:
            images = cast(images, as_dtype(self.compute_dtype))
        single = len(images.aval.shape) == 3
        images = expand_dims(images, 0) if single else images
        first = self.data_format == "channels_first"
        images = transpose(images, (0, 2, 3, 1)) if first else images
        images = self.change(images, choice, training, nearest)
        images = transpose(images, (0, 3, 1, 2)) if first else images
        return squeeze(images, 0) if single else images

    def choose(self, batch: int, height: int, width: int) -> Any:
        """What to do with images of a size; random where the layer is."""
        return None

    def change(self, images: Any, choice: Any, training: Any, nearest: bool) -> Any:
        """The changed images, channels last; `choice` is None where nothing is to be done at random."""
        raise NotImplementedError

    def _uniform(self, shape: Any, low: float, high: float, dtype: Any = None) -> Any:
        return uniform(shape, low, high, dtype=dtype, seed=self.generator)

    def _check_reading(self, fill_mode: str, interpolation: str) -> None:
        if fill_mode not in FILL_MODES:
            raise NotImplementedError(f"Unknown `fill_mode` {fill_mode}. Expected of one {FILL_MODES}.")
        if interpolation not in INTERPOLATIONS:
            raise NotImplementedError(f"Unknown `interpolation` {interpolation}. Expected of one {INTERPOLATIONS}.")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = {**super().get_config(), "data_format": self.data_format}
        if self.bounding_box_format is not None:
            config["bounding_box_format"] = self.bounding_box_format
        return config


def transformed(images: Any, transforms: Any, fill_value: float, interpolation: str, fill_mode: str) -> Any:
    """Images `[batch, height, width, channels]` with each pixel read from where a transform says."""
    return record(TRANSFORM_IMAGES, (interpolation, fill_mode), (images, transforms, convert(float(fill_value))))


def resized(images: Any, height: int, width: int, interpolation: str = "bilinear", antialias: bool = False) -> Any:
    """Images `[batch, height, width, channels]` of another size."""
    return record(RESIZE_IMAGES, (height, width, interpolation, antialias), (images,))


def bounds_of(factor: Any, low: float, high: float, message: str) -> tuple[float, float]:
    """The two bounds that a number, or a pair of numbers, stands for.

    **Raises:** `ValueError` with `message` if they are out of range.
    """
    pair = tuple(factor) if isinstance(factor, list | tuple) else None
    if pair is None and not isinstance(factor, int | float):
        raise ValueError(message)
    numbers = (factor,) if pair is None else pair
    if (pair is not None and len(pair) != 2) or not all(low <= each <= high for each in numbers):
        raise ValueError(message)
    if pair is None:
        size = abs(factor)
        return max(-size, low), size
    first, second = sorted(pair)
    return first, second
