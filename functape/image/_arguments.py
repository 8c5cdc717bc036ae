"""Reading arguments that images and their sizes are given by."""

from __future__ import annotations

from typing import Any

from functape._api._shaping import expand_dims, squeeze
from functape._api._static import as_int, operand


def image_of(image: Any) -> Any:
    """A tensor of one or more images.

    **Raises:** `ValueError` unless it has three dimensions or more, of which the last three are not 0.
    """
    given = operand(image)
    shape = given.aval.shape
    if len(shape) < 3:
        raise ValueError(f"'image' (shape {shape}) must be at least three-dimensional: [height, width, channels].")
    if 0 in shape[-3:]:
        raise ValueError(f"inner 3 dims of 'image.shape' must be > 0. Received shape {shape}")
    return given


def one_or_many(image: Any) -> Any:
    """As `image_of`, for an image or a batch of images.

    **Raises:** `ValueError` for another rank.
    """
    given = operand(image)
    if given.aval.ndim not in (3, 4):
        raise ValueError(f"'image' (shape {given.aval.shape}) must have either 3 or 4 dimensions.")
    return image_of(given)


def batch_of(image: Any) -> tuple[Any, bool]:
    """An image or a batch of images as a batch, and whether it is one image."""
    given = one_or_many(image)
    if given.aval.ndim == 3:
        return expand_dims(given, 0), True
    return given, False


def unbatched(images: Any, single: bool) -> Any:
    """The one image of a batch that `batch_of` made of it."""
    return squeeze(images, [0]) if single else images


def length(value: Any, name: str, least: int) -> int:
    """A length or an offset in pixels.

    **Raises:** `ValueError` if it is below `least`.
    """
    found = as_int(value, name)
    if found < least:
        raise ValueError(f"{name} must be >= {least}. Received: {found}")
    return found
