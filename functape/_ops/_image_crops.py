"""Rows that cut pieces out of images: resized boxes, glimpses, patches."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops import _philox
from functape._ops._convolution import spatial_padding
from functape._ops._image_resizing import Taps, along


def _refuse(name: str, message: str) -> None:
    raise checks.InvalidArgumentError(message=f"{message} [Op:{name}]")


# ---- boxes, resized ------------------------------------------------------------------------------------------------


def _lines(first: Any, last: Any, count: int, given: int) -> Any:
    """Where along an axis the lines of each box lie: `[boxes, count]`."""
    most = jnp.asarray(given - 1, jnp.float32)
    if count == 1:
        return (jnp.asarray(0.5, jnp.float32) * (first + last) * most)[:, None]
    step = (last - first) * most / (count - 1)
    return (first * most)[:, None] + jnp.arange(count, dtype=jnp.float32) * step[:, None]


def _crops(images: Any, boxes: Any, numbers: Any, size: tuple[int, int], nearest: bool, outside: Any) -> Any:
    height, width = images.shape[1:3]
    y = _lines(boxes[:, 0], boxes[:, 2], size[0], height)[:, :, None]
    x = _lines(boxes[:, 1], boxes[:, 3], size[1], width)[:, None, :]
    known = (numbers >= 0) & (numbers < images.shape[0])
    inside = (y >= 0) & (y <= height - 1) & (x >= 0) & (x <= width - 1) & known[:, None, None]
    batch = jnp.clip(numbers, 0, images.shape[0] - 1)[:, None, None]

    def read(y: Any, x: Any) -> Any:
        row = jnp.clip(y, 0, height - 1).astype(jnp.int32)
        column = jnp.clip(x, 0, width - 1).astype(jnp.int32)
        return images.at[batch, row, column].get(mode="promise_in_bounds")

    if nearest:
        half = jnp.asarray(0.5, jnp.float32)
        found = read(jnp.floor(y + half), jnp.floor(x + half))
    else:
        top, left = jnp.floor(y), jnp.floor(x)
        down, across = (y - top)[..., None], (x - left)[..., None]
        above, below = [
            (near := read(row, left)) + (read(row, jnp.ceil(x)) - near) * across for row in (top, jnp.ceil(y))
        ]
        found = above + (below - above) * down
    return jnp.where(inside[..., None], found, outside)


def _crop_and_resize(images: Any, boxes: Any, numbers: Any, outside: Any, size: tuple[int, int], method: str) -> Any:
    images, outside = jnp.asarray(images).astype(jnp.float32), outside.astype(jnp.float32)
    if method == "bilinear":
        return _crops(images, boxes, numbers, size, False, outside)
    run = jax.custom_jvp(lambda images, boxes: _crops(images, boxes, numbers, size, True, outside))

    @run.defjvp
    def rule(primals: Any, tangents: Any) -> Any:
        images, boxes = primals
        moved = _crops(tangents[0], boxes, numbers, size, True, jnp.zeros_like(outside))
        # The nearest pixel does not change with the box: TensorFlow's derivative for it is that of bilinear crops.

        def smooth(boxes: Any) -> Any:
            return _crops(images, boxes, numbers, size, False, outside)

        return run(images, boxes), moved + jax.jvp(smooth, (boxes,), (tangents[1],))[1]

    return run(images, boxes)


def _check_crop(name: str, avals: tuple[Aval, ...], size: tuple[int, int], method: str) -> None:
    images, boxes, numbers, _ = avals
    if images.ndim != 4:
        _refuse(name, f"input image must be 4-D, got shape {list(images.shape)}")
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        _refuse(name, f"boxes must be 2-D with 4 columns, got shape {list(boxes.shape)}")
    if numbers.shape != boxes.shape[:1]:
        _refuse(name, f"box_indices has incompatible shape: {list(numbers.shape)} for boxes of {list(boxes.shape)}")
    if boxes.dtype.name != "float32":
        _refuse(
            name,
            f"cannot compute {name} as input #1(zero-based) was expected to be a float tensor but is a "
            f"{boxes.dtype.spoken} tensor. Cast it: tf.cast(x, tf.float32)",
        )
    if min(size) <= 0:
        _refuse(name, f"crop dimensions must be positive. Received: crop_size={list(size)}")
    if not images.size:
        _refuse(name, f"image dimensions must be positive, got shape {list(images.shape)}")


CROP_AND_RESIZE = Op("CropAndResize", _crop_and_resize, ("size", "method"), unconnected=(2, 3), check=_check_crop)
"""`(images [batch, h, w, channels], boxes [n, 4], numbers [n], outside)`"""


# ---- glimpses ------------------------------------------------------------------------------------------------------


def _begins(offsets: Any, given: int, length: int, centered: bool, normalized: bool) -> Any:
    """The first line of each glimpse along an axis."""
    at = offsets * given if normalized else offsets
    if centered:
        at = (at - length) / 2 + given / 2 if normalized else at + given / 2
    return at.astype(jnp.int32)


def _noise(images: Any, words: Any, shape: tuple[int, ...], noise: str) -> Any:
    """What stands outside of the images: `[batch, h, w, channels]`."""
    axes = (1, 2, 3)
    low, high = (each(images, axes, keepdims=True) for each in (jnp.min, jnp.max))
    if noise == "uniform":
        return low + (high - low) * _philox.uniform(words, shape=shape, dtype=np.float32)
    mean, deviation = (each(images, axes, keepdims=True, dtype=jnp.float32) for each in (jnp.mean, jnp.std))
    return jnp.clip(mean + deviation * _philox.normal(words, shape=shape, dtype=np.float32), low, high)


def _glimpse(
    images: Any, offsets: Any, *words: Any, size: tuple[int, int], centered: bool, normalized: bool, noise: str
) -> Any:
    images = jnp.asarray(images)
    count, height, width, channels = images.shape
    first = _begins(offsets[:, 0], height, size[0], centered, normalized)
    left = _begins(offsets[:, 1], width, size[1], centered, normalized)
    rows = (first[:, None] + jnp.arange(size[0], dtype=jnp.int32))[:, :, None]
    columns = (left[:, None] + jnp.arange(size[1], dtype=jnp.int32))[:, None, :]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    batch = jnp.arange(count, dtype=jnp.int32)[:, None, None]
    found = images.at[batch, jnp.clip(rows, 0, height - 1), jnp.clip(columns, 0, width - 1)].get(
        mode="promise_in_bounds"
    )
    blank = jnp.zeros_like(found) if noise == "zero" else _noise(images, words[0], (count, *size, channels), noise)
    return jnp.where(inside[..., None], found, blank)


def _check_glimpse(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    images, offsets = avals[:2]
    if images.ndim != 4:
        _refuse(name, f"input must be a 4-dimensional tensor (batch, height, width, channels): {list(images.shape)}")
    if offsets.ndim != 2 or offsets.shape[1] != 2:
        _refuse(name, f"offsets must be a matrix with two columns, got shape {list(offsets.shape)}")
    if offsets.shape[0] != images.shape[0]:
        _refuse(name, f"offsets should have one row for each image: {offsets.shape[0]} for {images.shape[0]}")
    for number, each in enumerate(avals[:2]):
        if each.dtype.name != "float32":
            _refuse(
                name,
                f"cannot compute {name} as input #{number}(zero-based) was expected to be a float tensor but is a "
                f"{each.dtype.spoken} tensor. Cast it: tf.cast(x, tf.float32)",
            )


EXTRACT_GLIMPSE = Op(
    "ExtractGlimpseV2",
    _glimpse,
    ("size", "centered", "normalized", "noise"),
    differentiable=False,
    check=_check_glimpse,
)
"""`(images [batch, h, w, channels], offsets [batch, 2], *words)`"""


# ---- patches -------------------------------------------------------------------------------------------------------


def _patches(
    images: Any, sizes: tuple[int, int], strides: tuple[int, int], rates: tuple[int, int], padding: str
) -> Any:
    windows = tuple((size - 1) * rate + 1 for size, rate in zip(sizes, rates, strict=True))
    pads = spatial_padding(padding, images.shape[1:3], windows, strides)
    made = jnp.pad(images, ((0, 0), *pads, (0, 0)))
    counts = []
    for axis, size, stride, rate, window in zip((1, 2), sizes, strides, rates, windows, strict=True):
        count = (made.shape[axis] - window) // stride + 1
        places = np.arange(count)[:, None] * stride + np.arange(size) * rate
        lines = places.reshape(-1, 1).astype(np.int32)
        made = along(made, Taps(lines, np.ones(lines.shape, np.float32)), axis)
        counts.append(count)
    batch, channels = made.shape[0], made.shape[-1]
    pieces = made.reshape(batch, counts[0], sizes[0], counts[1], sizes[1], channels)
    return pieces.transpose(0, 1, 3, 2, 4, 5).reshape(batch, *counts, sizes[0] * sizes[1] * channels)


def _check_patches(name: str, avals: tuple[Aval, ...], sizes: Any, strides: Any, rates: Any, padding: str) -> None:
    images = avals[0]
    if images.ndim != 4:
        _refuse(name, f"images must be 4-dimensional, got shape {list(images.shape)}")
    for length, size, rate in zip(images.shape[1:3], sizes, rates, strict=True):
        if padding == "VALID" and (size - 1) * rate + 1 > length:
            _refuse(name, f"the patches of {list(sizes)} at rates {list(rates)} do not fit into {list(images.shape)}")


EXTRACT_PATCHES = Op("ExtractImagePatches", _patches, ("sizes", "strides", "rates", "padding"), check=_check_patches)
"""`(images [batch, h, w, channels])`: `[batch, rows, columns, height * width * channels]`."""
