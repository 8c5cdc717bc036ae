"""Colours of images, their edges, blur and likeness."""

from __future__ import annotations

from typing import Any

from functape._api._shaping import reshape, transpose
from functape._core._cast import cast
from functape._engine._recorder import record
from functape._ops._image_geometry import BLUR
from functape.image import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv, sobel_edges, ssim
from functape.keras._configuration import standardize_data_format
from functape.keras.ops._images import channels_last
from functape.keras.ops._table import Rows, described
from functape.keras.ops._types import common, floats, tensor


def _of_floats(convert: Any) -> Any:
    def function(images, data_format=None):  # type: ignore[no-untyped-def]
        given = tensor(images)
        if not given.aval.dtype.is_floating:
            raise ValueError(
                f"Invalid images dtype: expected float dtype. Received: images.dtype={given.aval.dtype.name}"
            )
        return channels_last(given, data_format, convert)

    return function


def _edges(images: Any, data_format: Any) -> Any:
    given = floats(images)
    if given.aval.ndim != 4:
        raise ValueError(f"Invalid images rank: expected rank 4 (batch of images). Received: {given.shape}")
    return channels_last(given, data_format, sobel_edges)


def _blurred(images: Any, size: Any, sigma: Any) -> Any:
    given = floats(images)
    batch = reshape(given, [1, *given.aval.shape]) if given.aval.ndim == 3 else given
    widths = tuple(float(each) for each in sigma)
    made = record(BLUR, (tuple(int(each) for each in size), widths), (batch,))
    return cast(reshape(made, given.aval.shape), given.aval.dtype)


def _likeness(first: Any, second: Any, largest: Any, size: int, sigma: float, k1: float, k2: float, form: Any) -> Any:
    pair = common((first, second))
    if standardize_data_format(form) == "channels_first":
        pair = [transpose(each, (0, 2, 3, 1)) for each in pair]
    return ssim(*pair, largest, size, sigma, k1, k2)


_PIXELS: Rows = {
    "rgb_to_grayscale": (
        "Images in shades of grey",
        lambda images, data_format=None: channels_last(images, data_format, rgb_to_grayscale),
    ),
    "rgb_to_hsv": ("Red, green and blue as hue, saturation and value", _of_floats(rgb_to_hsv)),
    "hsv_to_rgb": ("Hue, saturation and value as red, green and blue", _of_floats(hsv_to_rgb)),
    "sobel_edges": ("Sobel's edges", lambda images, data_format=None: _edges(images, data_format)),
    "gaussian_blur": (
        "Images blurred",
        lambda images, kernel_size=(3, 3), sigma=(1.0, 1.0), data_format=None: channels_last(
            images, data_format, lambda given: _blurred(given, kernel_size, sigma)
        ),
    ),
    "ssim": (
        "How alike the structure of images is",
        lambda image1, image2, max_val=1.0, filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03, data_format=None: (
            _likeness(image1, image2, max_val, filter_size, filter_sigma, k1, k2, data_format)
        ),
    ),
}

FUNCTIONS = described(_PIXELS, "keras.ops.image")
