"""Images as arrays and as files, through Pillow."""

from __future__ import annotations

import io
import pathlib
import warnings
from typing import Any

import numpy as np

from functape.keras._configuration import floatx, standardize_data_format

_METHODS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
_MODES = {"grayscale": ("L", ("L", "I;16", "I")), "rgba": ("RGBA", ("RGBA",)), "rgb": ("RGB", ("RGB",))}


def _pillow(purpose: str) -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(f"`{purpose}` needs Pillow, which is not installed: pip install pillow") from error
    return Image


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray[Any, Any]:
    """An image as an array of three dimensions (`tf.keras.utils.img_to_array`).

    **Arguments:**
    - `img`: a Pillow image, or an array `[height, width]` or `[height, width, channels]`.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `dtype`: the dtype; `tf.keras.backend.floatx()` by default.

    **Returns:** an array `[height, width, channels]`, or with the channels first.

    **Raises:** `ValueError` for another number of dimensions.

    ```python
    >>> import functape as tf, numpy as np
    >>> tf.keras.utils.img_to_array(np.zeros([2, 3])).shape
    (2, 3, 1)

    ```
    """
    layout = standardize_data_format(data_format)
    array = np.asarray(img, dtype=floatx() if dtype is None else dtype)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3:
        raise ValueError(f"Unsupported image shape: {array.shape}. An image has two or three dimensions.")
    return array.transpose(2, 0, 1) if layout == "channels_first" else array


def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None) -> Any:
    """An array as a Pillow image (`tf.keras.utils.array_to_img`).

    **Arguments:**
    - `x`: an array `[height, width, channels]` with 1, 3 or 4 channels.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `scale`: whether to spread its values over 0 to 255.
    - `dtype`: the dtype to compute in.

    **Raises:** `ValueError` for another shape; `ImportError` without Pillow.

    ```python
    >>> import functape as tf, numpy as np
    >>> tf.keras.utils.array_to_img(np.zeros([2, 3, 3])).size
    (3, 2)

    ```
    """
    layout = standardize_data_format(data_format)
    image = _pillow("array_to_img")
    array = np.array(x, dtype=floatx() if dtype is None else dtype)
    if array.ndim != 3:
        raise ValueError(f"Expected image array to have rank 3 (single image). Got array with shape: {array.shape}")
    if layout == "channels_first":
        array = array.transpose(1, 2, 0)
    if scale:
        array = array - np.min(array)
        largest = np.max(array)
        if largest != 0:
            array /= largest
        array *= 255
    channels = array.shape[2]
    if channels in (3, 4):
        return image.fromarray(array.astype("uint8"))
    if channels == 1:
        return image.fromarray(array[:, :, 0].astype("int32" if np.max(array) > 255 else "uint8"))
    raise ValueError(f"Unsupported channel number: {channels}. An image has 1, 3 or 4 channels.")


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array as an image file (`tf.keras.utils.save_img`).

    **Arguments:**
    - `path`: the file, whose ending tells its format.
    - `x`, `data_format`, `scale`: as for `array_to_img`.
    - `file_format`: the format.
    - `kwargs`: further arguments of Pillow's `save`.
    """
    named = file_format
    if named is None and isinstance(path, str | pathlib.Path):
        named = pathlib.Path(path).suffix[1:].lower()
    named = "jpeg" if named and named.lower() == "jpg" else named
    image = array_to_img(x, data_format, scale)
    if image.mode == "RGBA" and named == "jpeg":
        warnings.warn("The JPEG format does not support RGBA images, converting to RGB.", stacklevel=2)
        image = image.convert("RGB")
    image.save(path, format=named or None, **kwargs)


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: Any = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
    *,
    grayscale: bool = False,
) -> Any:
    """Read an image file (`tf.keras.utils.load_img`).

    **Arguments:**
    - `path`: the file, or an `io.BytesIO` with what is in it.
    - `color_mode`: `"rgb"`, `"rgba"` or `"grayscale"`.
    - `target_size`: height and width to bring it to.
    - `interpolation`: `"nearest"`, `"bilinear"`, `"bicubic"`, `"hamming"`, `"box"` or `"lanczos"`.
    - `keep_aspect_ratio`: whether to cut off the sides rather than change the proportions.
    - `grayscale`: Keras 2's `color_mode="grayscale"`.

    **Returns:** a Pillow image.

    **Raises:** `ValueError` for another mode or interpolation; `TypeError` for what is no path; `ImportError` without
    Pillow.
    """
    pillow = _pillow("load_img")
    color_mode = "grayscale" if grayscale else color_mode
    if isinstance(path, io.BytesIO):
        image = pillow.open(path)
    elif isinstance(path, pathlib.Path | bytes | str):
        with open(path, "rb") as file:
            image = pillow.open(io.BytesIO(file.read()))
    else:
        raise TypeError(f"path should be path-like or io.BytesIO, not {type(path)}")
    if color_mode not in _MODES:
        raise ValueError(f'color_mode must be "grayscale", "rgb", or "rgba". Received: {color_mode!r}')
    mode, accepted = _MODES[color_mode]
    image = image if image.mode in accepted else image.convert(mode)
    if target_size is None or image.size == (target_size[1], target_size[0]):
        return image
    if interpolation not in _METHODS:
        raise ValueError(
            f"Invalid interpolation method {interpolation} specified. Supported methods are {', '.join(_METHODS)}"
        )
    height, width = target_size[0], target_size[1]
    box = _middle(image.size, width, height) if keep_aspect_ratio else None
    return image.resize((width, height), getattr(pillow.Resampling, interpolation.upper()), box=box)


def _middle(size: tuple[int, int], target_width: int, target_height: int) -> tuple[int, int, int, int]:
    """The largest box in the middle of an image that has the target's proportions."""
    width, height = size
    tall = min(height, width * target_height // target_width)
    wide = min(width, height * target_width // target_height)
    left, top = (width - wide) // 2, (height - tall) // 2
    return left, top, left + wide, top + tall
