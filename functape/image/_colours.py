"""Images in other colour spaces and dtypes."""

from __future__ import annotations

from typing import Any

from functape._api._shaping import tile
from functape._api._static import operand
from functape._core._convert import convert
from functape._engine._dtypes import as_dtype
from functape._engine._errors import FailedPreconditionError
from functape._engine._recorder import record
from functape._engine._trace import is_tracing
from functape._ops import _image_colours as rows

_RGB_TO_YIQ = (
    (0.299, 0.59590059, 0.2115),
    (0.587, -0.27455667, -0.52273617),
    (0.114, -0.32134392, 0.31119955),
)
_YIQ_TO_RGB = ((1.0, 1.0, 1.0), (0.95598634, -0.27201283, -1.10674021), (0.6208248, -0.64720424, 1.70423049))
_RGB_TO_YUV = (
    (0.299, -0.14714119, 0.61497538),
    (0.587, -0.28886916, -0.51496512),
    (0.114, 0.43601035, -0.10001026),
)
_YUV_TO_RGB = ((1.0, 1.0, 1.0), (0.0, -0.394642334, 2.03206185), (1.13988303, -0.58062185, 0.0))


def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Any:
    """Images in another dtype, with the range that is usual for it (`tf.image.convert_image_dtype`).

    Integers from 0 to the largest stand for floats from 0 to 1.

    **Arguments:**
    - `image`: a numeric tensor of any shape.
    - `dtype`: an integer or floating dtype.
    - `saturate`: whether numbers out of range become the nearest in range.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `AttributeError` for another dtype.

    ```python
    >>> import functape as tf
    >>> tf.image.convert_image_dtype(tf.constant([0.0, 0.5, 1.0]), tf.uint8).numpy()
    array([  0, 127, 255], dtype=uint8)

    ```
    """
    given, wanted = operand(image), as_dtype(dtype)
    for each, label in ((wanted, "dtype"), (given.aval.dtype, "image dtype")):
        if not each.is_floating and not each.is_integer:
            raise AttributeError(f"{label} must be either floating point or integer. Received: {each!r}")
    if given.aval.dtype is wanted:
        return convert(given)
    return record(rows.CONVERT_PIXELS, (wanted.as_numpy_dtype, bool(saturate)), (given,))


def _mixed(images: Any, kernel: tuple[tuple[float, ...], ...], op: str) -> Any:
    given = operand(images)
    if not given.aval.dtype.is_floating:
        raise TypeError(f"images must be floating [Op:{op}]. Received: {given.aval.dtype!r}. Use convert_image_dtype.")
    if not given.aval.ndim or given.aval.shape[-1] != rows.CHANNELS:
        raise rows.checks.InvalidArgumentError(
            message=f"Matrix size-incompatible: the last dimension of the images must be {rows.CHANNELS} [Op:{op}]. "
            f"Received shape {given.aval.shape}"
        )
    return record(rows.MIX_CHANNELS, (kernel,), (given,))


def rgb_to_yiq(images: Any) -> Any:
    """Luma and the two chroma components of the American television standard (`tf.image.rgb_to_yiq`).

    **Arguments:**
    - `images`: floating, of any shape with red, green and blue along the last axis.

    **Raises:** `TypeError` for integers; `InvalidArgumentError` for another number of channels.

    ```python
    >>> import functape as tf
    >>> tf.image.rgb_to_yiq(tf.constant([1.0, 0.0, 0.0])).numpy().round(3)
    array([0.299, 0.596, 0.212], dtype=float32)

    ```
    """
    return _mixed(images, _RGB_TO_YIQ, "rgb_to_yiq")


def yiq_to_rgb(images: Any) -> Any:
    """The inverse of `rgb_to_yiq` (`tf.image.yiq_to_rgb`).

    ```python
    >>> import functape as tf
    >>> tf.image.yiq_to_rgb(tf.constant([1.0, 0.0, 0.0])).numpy()
    array([1., 1., 1.], dtype=float32)

    ```
    """
    return _mixed(images, _YIQ_TO_RGB, "yiq_to_rgb")


def rgb_to_yuv(images: Any) -> Any:
    """Luma and the two chroma components of the European television standard (`tf.image.rgb_to_yuv`).

    The argument is as for `rgb_to_yiq`.

    ```python
    >>> import functape as tf
    >>> tf.image.rgb_to_yuv(tf.constant([1.0, 0.0, 0.0])).numpy().round(3)
    array([ 0.299, -0.147,  0.615], dtype=float32)

    ```
    """
    return _mixed(images, _RGB_TO_YUV, "rgb_to_yuv")


def yuv_to_rgb(images: Any) -> Any:
    """The inverse of `rgb_to_yuv` (`tf.image.yuv_to_rgb`).

    ```python
    >>> import functape as tf
    >>> tf.image.yuv_to_rgb(tf.constant([1.0, 0.0, 0.0])).numpy()
    array([1., 1., 1.], dtype=float32)

    ```
    """
    return _mixed(images, _YUV_TO_RGB, "yuv_to_rgb")


def rgb_to_hsv(images: Any, name: str | None = None) -> Any:
    """Hue, saturation and value, each from 0 to 1 (`tf.image.rgb_to_hsv`).

    **Arguments:**
    - `images`: floating, of any shape with red, green and blue along the last axis, from 0 to 1.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for another dtype, `FailedPreconditionError` for another number of channels.

    ```python
    >>> import functape as tf
    >>> tf.image.rgb_to_hsv(tf.constant([0.0, 1.0, 0.5])).numpy().round(3)
    array([0.417, 1.   , 1.   ], dtype=float32)

    ```
    """
    return record(rows.RGB_TO_HSV, (), (_of_three(images, rows.RGB_TO_HSV.name),))


def _of_three(images: Any, op: str) -> Any:
    given = operand(images)
    shape = given.aval.shape
    if shape and shape[-1] != rows.CHANNELS:
        message = f"input must have {rows.CHANNELS} channels but input only has {shape[-1]} channels [Op:{op}]"
        raise ValueError(message) if is_tracing() else FailedPreconditionError(message=message)
    return given


def hsv_to_rgb(images: Any, name: str | None = None) -> Any:
    """The inverse of `rgb_to_hsv` (`tf.image.hsv_to_rgb`). No gradient flows through it.

    ```python
    >>> import functape as tf
    >>> tf.image.hsv_to_rgb(tf.constant([0.5, 1.0, 1.0])).numpy()
    array([0., 1., 1.], dtype=float32)

    ```
    """
    return record(rows.HSV_TO_RGB, (), (_of_three(images, rows.HSV_TO_RGB.name),))


def rgb_to_grayscale(images: Any, name: str | None = None) -> Any:
    """The brightness of each pixel (`tf.image.rgb_to_grayscale`).

    **Arguments:**
    - `images`: of any numeric dtype and shape, with red, green and blue along the last axis.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of the dtype of `images` with one channel.

    **Raises:** `InvalidArgumentError` for another number of channels.

    ```python
    >>> import functape as tf
    >>> tf.image.rgb_to_grayscale(tf.constant([[255, 0, 0]], tf.uint8)).numpy()
    array([[76]], dtype=uint8)

    ```
    """
    given = operand(images)
    if not given.aval.ndim or given.aval.shape[-1] != rows.CHANNELS:
        raise rows.checks.InvalidArgumentError(
            message=f"Matrix size-incompatible: the last dimension of the images must be {rows.CHANNELS} "
            f"[Op:rgb_to_grayscale]. Received shape {given.aval.shape}"
        )
    return record(rows.GREY, (), (given,))


def grayscale_to_rgb(images: Any, name: str | None = None) -> Any:
    """Grey images with three equal channels (`tf.image.grayscale_to_rgb`).

    **Arguments:**
    - `images`: of any numeric dtype, with a last axis of length 1.
    - `name`: accepted for compatibility.

    **Raises:** `ValueError` for another last axis.

    ```python
    >>> import functape as tf
    >>> tf.image.grayscale_to_rgb(tf.constant([[7]])).numpy()
    array([[7, 7, 7]], dtype=int32)

    ```
    """
    given = operand(images)
    if given.aval.ndim < 2:
        raise ValueError(f"A grayscale image (shape {given.aval.shape}) must be at least two-dimensional.")
    if given.aval.shape[-1] != 1:
        raise ValueError(f"Last dimension of a grayscale image should be size 1. Received shape {given.aval.shape}")
    return tile(given, [1] * (given.aval.ndim - 1) + [rows.CHANNELS])
