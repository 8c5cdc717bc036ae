"""Images of another size that keep their proportions."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._shaping import transpose
from functape._core._convert import convert
from functape.keras._configuration import standardize_data_format


def smart_resize(
    x: Any,
    size: Any,
    interpolation: str = "bilinear",
    data_format: str = "channels_last",
    backend_module: Any = None,
) -> Any:
    """The largest middle part of images that has the proportions of a size, in that size
    (`tf.keras.preprocessing.image.smart_resize`).

    **Arguments:**
    - `x`: an image `[height, width, channels]` or images `[batch, height, width, channels]`, array or tensor.
    - `size`: height and width.
    - `interpolation`: as for `tf.image.resize`.
    - `data_format`: where the channels are.
    - `backend_module`: accepted for compatibility.

    **Returns:** an array for an array, else a tensor.

    **Raises:** `ValueError` for a size that is no pair, or another rank.

    ```python
    >>> import functape as tf, numpy as np
    >>> tf.keras.preprocessing.image.smart_resize(np.ones((6, 8, 3)), (3, 3)).shape
    (3, 3, 3)

    ```
    """
    if len(size) != 2:
        raise ValueError(f"Expected `size` to be a tuple of 2 integers, but got: {size}.")
    images = convert(x)
    rank = len(images.shape)
    if rank not in (3, 4):
        raise ValueError(
            "Expected an image array with shape `(height, width, channels)`, or `(batch_size, height, width, "
            f"channels)`, but got input with incorrect rank, of shape {images.shape}."
        )
    first = standardize_data_format(data_format) == "channels_first"
    made = resized(images, size, interpolation, first, crop=True)
    return made.numpy() if isinstance(x, np.ndarray) else made


def resized(images: Any, size: Any, method: str, first: bool = False, crop: bool = False, fill: bool = False) -> Any:
    """Images of another size.

    **Arguments:**
    - `images`: a tensor of rank 3 or 4.
    - `size`: height and width.
    - `method`: as for `tf.image.resize`.
    - `first`: whether the channels come first.
    - `crop`, `fill`: whether to keep the proportions, cutting off or filling up with zeros.
    """
    from functape import image

    rank = len(images.shape)
    forth = (*range(rank - 3), rank - 2, rank - 1, rank - 3)
    back = (*range(rank - 3), rank - 1, rank - 3, rank - 2)
    images = transpose(images, forth) if first else images
    height, width = images.shape[-3:-1]
    if crop:
        tall, broad = int(width * size[0] / size[1]), int(height * size[1] / size[0])
        tall, broad = min(height, tall), min(width, broad)
        top, left = int((height - tall) / 2), int((width - broad) / 2)
        images = images[..., top : top + tall, left : left + broad, :]
    made = (
        image.resize_with_pad(images, size[0], size[1], method=method)
        if fill
        else image.resize(images, list(size), method=method)
    )
    return transpose(made, back) if first else made
