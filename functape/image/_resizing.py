"""Images of another size."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._shaping import expand_dims
from functape._api._static import array_of, operand
from functape._core._convert import convert, is_tensor_like
from functape._core._layered import layered
from functape._engine._dtypes import int32
from functape._engine._recorder import record
from functape._engine._trace import ValueNeeded
from functape._ops._image_resizing import RESIZE
from functape.image._arguments import batch_of, length, unbatched
from functape.image._cropping import pad_to_bounding_box


class ResizeMethod:
    """The methods of `resize` (`tf.image.ResizeMethod`).

    ```python
    >>> import functape as tf
    >>> tf.image.ResizeMethod.NEAREST_NEIGHBOR
    'nearest'

    ```
    """

    BILINEAR = "bilinear"
    NEAREST_NEIGHBOR = "nearest"
    BICUBIC = "bicubic"
    AREA = "area"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    GAUSSIAN = "gaussian"
    MITCHELLCUBIC = "mitchellcubic"


METHODS = tuple(value for name, value in vars(ResizeMethod).items() if not name.startswith("_"))


@layered("image.resize")
def resize(
    images: Any,
    size: Any,
    method: Any = ResizeMethod.BILINEAR,
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Any:
    """Images of another size (`tf.image.resize`).

    **Arguments:**
    - `images`: `[height, width, channels]` or `[batch, height, width, channels]`, numeric.
    - `size`: the new height and width.
    - `method`: a `ResizeMethod`: `"bilinear"`, `"lanczos3"`, `"lanczos5"`, `"bicubic"`, `"gaussian"`, `"nearest"`,
      `"area"` or `"mitchellcubic"`.
    - `preserve_aspect_ratio`: whether the images become the largest that fit into `size` undistorted.
    - `antialias`: whether to filter before an image is made smaller; without effect on `"nearest"` and `"area"`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** float32 images; of the dtype of `images` for `"nearest"`.

    **Raises:** `ValueError` for another rank, method or form of `size`; `InvalidArgumentError` for a size of 0 or less.

    ```python
    >>> import functape as tf
    >>> tf.image.resize(tf.constant([[[0.0], [4.0]]]), [1, 4]).numpy().ravel()
    array([0., 1., 3., 4.], dtype=float32)

    ```
    """
    given = operand(images)
    if given.aval.ndim not in (3, 4):
        raise ValueError(f"'images' must have either 3 or 4 dimensions. Received shape {given.aval.shape}")
    height, width = _lengths(size)
    if preserve_aspect_ratio:
        height, width = _fitted(height, width, given.aval.shape[-3:-1])
    if method not in METHODS:
        raise ValueError(
            f"Resize method is not implemented: {method}. Received: method={method!r}; use one of {METHODS}"
        )
    single = given.aval.ndim == 3
    batch = expand_dims(given, 0) if single else given
    return unbatched(record(RESIZE, (height, width, method, bool(antialias)), (batch,)), single)


def _lengths(size: Any) -> tuple[int, int]:
    try:
        known = array_of(size if is_tensor_like(size) else convert(size, int32))
    except ValueNeeded:
        raise
    except (TypeError, ValueError) as error:
        raise ValueError(f"'size' must be a 1-D int32 Tensor. Received: {size!r}") from error
    if known.dtype not in (np.int32, object):
        raise ValueError(f"'size' must be a 1-D int32 Tensor. Received one of {known.dtype}: {size!r}")
    if known.shape != (2,):
        raise ValueError(f"'size' must be a 1-D Tensor of 2 elements: new_height, new_width. Received: {size!r}")
    return int(known[0]), int(known[1])


def _fitted(height: int, width: int, given: tuple[int, ...]) -> tuple[int, int]:
    """The largest lengths within the wanted ones that leave an image undistorted."""
    known = np.array(given, np.float32)
    scale = (np.array([height, width], np.float32) / known).min()
    rounded = np.rint(scale * known).astype(int)
    return int(rounded[0]), int(rounded[1])


def resize_with_pad(
    image: Any, target_height: Any, target_width: Any, method: Any = ResizeMethod.BILINEAR, antialias: bool = False
) -> Any:
    """Images of another size, undistorted, with zeros around them (`tf.image.resize_with_pad`).

    **Arguments:**
    - `image`: `[height, width, channels]` or `[batch, height, width, channels]`.
    - `target_height`, `target_width`: the new lengths.
    - `method`, `antialias`: as for `resize`.

    **Returns:** as `resize`.

    **Raises:** `ValueError` for another rank, or lengths of 0 or less.

    ```python
    >>> import functape as tf
    >>> tf.image.resize_with_pad(tf.ones([2, 4, 1]), 4, 4).numpy()[..., 0]
    array([[0., 0., 0., 0.],
           [1., 1., 1., 1.],
           [1., 1., 1., 1.],
           [0., 0., 0., 0.]], dtype=float32)

    ```
    """
    batch, single = batch_of(image)
    target = length(target_height, "target_height", 1), length(target_width, "target_width", 1)
    given, wanted = np.array(batch.aval.shape[1:3], np.float32), np.array(target, np.float32)
    exact = given / (given / wanted).max()
    height, width = np.floor(exact).astype(int).tolist()
    top, left = np.maximum(np.floor((wanted - exact) / 2).astype(int), 0).tolist()
    resized = resize(batch, [height, width], method, antialias=antialias)
    return unbatched(pad_to_bounding_box(resized, top, left, *target), single)
