"""Rows that move the pixels of images: resizing, and any projective transformation."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from functape._engine._op import Op

_METHODS = {
    "bilinear": "linear",
    "bicubic": "cubic",
    "nearest": "nearest",
    "lanczos3": "lanczos3",
    "lanczos5": "lanczos5",
}
RESIZE_METHODS = tuple(_METHODS)


def _resize(images: Any, height: int, width: int, method: str, antialias: bool) -> Any:
    shape = (*images.shape[:-3], height, width, images.shape[-1])
    if method == "nearest":
        return jax.image.resize(images, shape, "nearest")
    wide = images if jnp.issubdtype(images.dtype, jnp.floating) else images.astype(jnp.float32)
    if method == "bilinear" and not antialias:
        return _along(_along(wide, width, -2), height, -3)
    return jax.image.resize(wide, shape, _METHODS[method], antialias=antialias)


def _along(images: Any, length: int, axis: int) -> Any:
    """Linear interpolation along an axis, rounded as TensorFlow rounds."""
    given = images.shape[axis]
    scale = jnp.asarray(given / length, jnp.float32)
    half = jnp.asarray(0.5, jnp.float32)
    at = (jnp.arange(length, dtype=jnp.int32).astype(jnp.float32) + half) * scale - half
    below = jnp.floor(at)
    share = (at - below).astype(images.dtype).reshape((-1,) + (1,) * (-axis - 1))
    low, high = (jnp.clip(each, 0, given - 1).astype(jnp.int32) for each in (below, below + 1))
    first, second = jnp.take(images, low, axis), jnp.take(images, high, axis)
    return first + (second - first) * share


def _reflected(at: Any, length: int) -> Any:
    """Coordinates mirrored at the edges."""
    twice = jnp.asarray(2 * length, at.dtype)
    low = jnp.where(at < -twice, twice * jnp.trunc(-at / twice) + at, at)
    low = jnp.where(low < -length, low + twice, -low - 1)
    high = at - twice * jnp.trunc(at / twice)
    high = jnp.where(high >= length, twice - high - 1, high)
    return jnp.where(at < 0, low, jnp.where(at > length - 1, high, at))


def _wrapped(at: Any, length: int) -> Any:
    size = jnp.asarray(length - 1, at.dtype)
    low = at + length * (jnp.trunc(-at / size) + 1)
    high = at - length * jnp.trunc(at / size)
    return jnp.where(at < 0, low, jnp.where(at > length - 1, high, at))


def _mapped(at: Any, length: int, fill_mode: str) -> Any:
    """Where along an axis a coordinate reads."""
    if fill_mode == "constant":
        return at
    if fill_mode == "nearest" or length == 1:
        return jnp.clip(at, 0, length - 1)
    mapped = _reflected(at, length) if fill_mode == "reflect" else _wrapped(at, length)
    return jnp.clip(mapped, 0, length - 1)


def _read(image: Any, y: Any, x: Any, fill: Any) -> Any:
    """The pixels at whole coordinates; `fill` outside of the image."""
    height, width = image.shape[:2]
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    row = jnp.clip(y, 0, height - 1).astype(jnp.int32)
    column = jnp.clip(x, 0, width - 1).astype(jnp.int32)
    return jnp.where(inside[..., None], image[row, column], fill)


def _transform(images: Any, transforms: Any, fill_value: Any, interpolation: str, fill_mode: str) -> Any:
    count, height, width = images.shape[:3]
    transforms = jnp.broadcast_to(transforms, (count, 8)).astype(jnp.float32)
    y, x = (each.astype(jnp.float32) for each in jnp.indices((height, width), dtype=jnp.int32))
    fill = fill_value.astype(images.dtype)

    def one(image: Any, transform: Any) -> Any:
        a0, a1, a2, b0, b1, b2, c0, c1 = transform
        scale = c0 * x + c1 * y + jnp.asarray(1, jnp.float32)
        from_x = _mapped((a0 * x + a1 * y + a2) / scale, width, fill_mode)
        from_y = _mapped((b0 * x + b1 * y + b2) / scale, height, fill_mode)
        if interpolation == "nearest":
            half = jnp.asarray(0.5, jnp.float32)
            whole = [jnp.sign(each) * jnp.floor(jnp.abs(each) + half) for each in (from_y, from_x)]
            return _read(image, whole[0], whole[1], fill)
        left, top = jnp.floor(from_x), jnp.floor(from_y)
        across, down = (from_x - left)[..., None], (from_y - top)[..., None]
        above = (1 - across) * _read(image, top, left, fill) + across * _read(image, top, left + 1, fill)
        below = (1 - across) * _read(image, top + 1, left, fill) + across * _read(image, top + 1, left + 1, fill)
        return ((1 - down) * above + down * below).astype(image.dtype)

    return jax.vmap(one)(images, transforms)


RESIZE_IMAGES = Op("KerasResize", _resize, ("height", "width", "method", "antialias"))
"""`(images [..., h, w, c])`: images of another size; floating but for the nearest pixels."""
TRANSFORM_IMAGES = Op("KerasProjectiveTransform", _transform, ("interpolation", "fill_mode"), unconnected=(1, 2))
"""`(images [b, h, w, c], transforms [b or 1, 8], fill_value)`: each pixel read from where its transform says."""
