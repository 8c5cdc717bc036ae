"""The row of images resized: each axis is a sum of weighted neighbours, the same for all lines."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks

_float = np.float32
Numbers = np.ndarray[Any, Any]

CUBIC_PLACES = 1024
"""How many places between two pixels TensorFlow's table of the cubic kernel knows."""

MOST_NEIGHBOURS = 16
"""Neighbours up to which gathering them is quicker than a product with a matrix that is zero elsewhere."""


class Taps(NamedTuple):
    """What each new pixel along an axis is made of."""

    places: Numbers
    """int32[length, neighbours]"""
    weights: Numbers
    """float32[length, neighbours]"""


def _halves(length: int, given: int) -> Numbers:
    """Where the centres of the new pixels lie, measured in old ones."""
    scale = _float(given) / _float(length)
    return (np.arange(length, dtype=np.float32) + _float(0.5)) * scale


def _nearest(length: int, given: int) -> Taps:
    places = np.minimum(np.floor(_halves(length, given)).astype(np.int32), given - 1)
    return Taps(places[:, None], np.ones((length, 1), np.float32))


def _bilinear(length: int, given: int) -> Taps:
    at = _halves(length, given) - _float(0.5)
    below = np.floor(at)
    share = at - below
    places = np.stack([np.maximum(below, 0), np.minimum(np.ceil(at), given - 1)], 1)
    return Taps(places.astype(np.int32), np.stack([1 - share, share], 1))


def _keys(distance: Numbers) -> Numbers:
    """Keys's cubic kernel (1981)."""
    near = (1.5 * distance - 2.5) * distance * distance + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0))


def _bicubic(length: int, given: int) -> Taps:
    at = _halves(length, given) - _float(0.5)
    below = np.floor(at)
    part = np.rint((at - below) * _float(CUBIC_PLACES)) / CUBIC_PLACES
    wanted = (below[:, None] + np.arange(-1, 3)).astype(np.int32)
    weights = _keys(np.stack([1 + part, part, 1 - part, 2 - part], 1)).astype(np.float32)
    places = np.clip(wanted, 0, given - 1)
    return _normalized(places, np.where(places == wanted, weights, _float(0)))


def _normalized(places: Numbers, weights: Numbers) -> Taps:
    """Taps whose weights sum to one, as far as their sum is not nearly zero."""
    total = weights.sum(1, keepdims=True, dtype=np.float32)
    small = np.abs(total) < 1000 * np.finfo(np.float32).tiny
    return Taps(places, np.where(small, weights, weights * (_float(1) / np.where(small, _float(1), total))))


def _area(length: int, given: int) -> Taps:
    scale = _float(given) / _float(length)
    number = np.arange(length, dtype=np.float32)
    begin, end = number * scale, (number + 1) * scale
    first, last = np.floor(begin).astype(int), np.ceil(end).astype(int)
    wanted = first[:, None] + np.arange(int((last - first).max()))
    inside = wanted < last[:, None]
    covered = np.minimum(wanted + 1, end[:, None]) - np.maximum(wanted, begin[:, None])
    weights = np.where(inside, covered.astype(np.float32) * (_float(1) / scale), _float(0))
    return Taps(np.clip(wanted, 0, given - 1).astype(np.int32), weights)


def _lanczos(radius: int) -> Callable[[Numbers], Numbers]:
    def kernel(distance: Numbers) -> Numbers:
        away = np.where(distance > 1e-3, distance, 1)
        wave = radius * np.sin(np.pi * away) * np.sin(np.pi * away / radius) / (np.pi * np.pi * away * away)
        return np.where(distance > radius, 0, np.where(distance > 1e-3, wave, 1))

    return kernel


def _gaussian(distance: Numbers) -> Numbers:
    return np.where(distance >= 1.5, 0, np.exp(-2 * distance * distance))


def _mitchell(distance: Numbers) -> Numbers:
    """Mitchell and Netravali's cubic kernel (1988)."""
    near = (7 / 6 * distance - 2) * distance * distance + 8 / 9
    far = ((-7 / 18 * distance + 2) * distance - 10 / 3) * distance + 16 / 9
    return np.where(distance < 1, near, np.where(distance < 2, far, 0))


_KERNELS: dict[str, tuple[float, Callable[[Numbers], Numbers]]] = {
    "bilinear": (1, lambda distance: np.maximum(1 - distance, 0)),
    "bicubic": (2, _keys),
    "lanczos3": (3, _lanczos(3)),
    "lanczos5": (5, _lanczos(5)),
    "gaussian": (1.5, _gaussian),
    "mitchellcubic": (2, _mitchell),
}
"""Kernels by method, each with how far it reaches."""

_PLAIN = {"nearest": _nearest, "bilinear": _bilinear, "bicubic": _bicubic, "area": _area}
"""Methods that are not antialiased, or cannot be."""


def _sampled(length: int, given: int, method: str, antialias: bool) -> Taps:
    """A kernel around the centre of each new pixel; an antialiased one is stretched as the image is shrunk."""
    reach, kernel = _KERNELS[method]
    inverse = _float(1) / (_float(length) / _float(given))
    stretch = max(inverse, _float(1)) if antialias else _float(1)
    centre = (np.arange(length, dtype=np.float32) + _float(0.5)) * inverse
    first = np.clip(np.ceil(centre - _float(reach) * stretch - _float(0.5)), 0, given - 1).astype(np.int64)
    last = np.clip(np.floor(centre + _float(reach) * stretch - _float(0.5)), 0, given - 1).astype(np.int64)
    places = first[:, None] + np.arange(int((last - first).max()) + 1)
    distance = (places.astype(np.float32) + _float(0.5)) - centre[:, None]
    weights = kernel(np.abs(distance * (_float(1) / stretch))).astype(np.float32)
    inside = (places <= last[:, None]) & (centre <= given)[:, None]
    return _normalized(np.minimum(places, given - 1).astype(np.int32), np.where(inside, weights, _float(0)))


@functools.lru_cache(256)
def taps(length: int, given: int, method: str, antialias: bool) -> Taps:
    """What the pixels along an axis are made of.

    **Arguments:**
    - `length`, `given`: the new length and the old one.
    - `method`: a method of `tf.image.resize`.
    - `antialias`: whether the kernel is stretched when the image is shrunk; without effect on `nearest` and `area`.
    """
    if method in _PLAIN and not (antialias and method in _KERNELS):
        return _PLAIN[method](length, given)
    return _sampled(length, given, method, antialias)


def _matrix(known: Taps, given: int) -> Numbers:
    matrix = np.zeros((len(known.places), given), np.float32)
    np.add.at(matrix, (np.arange(len(matrix))[:, None], known.places), known.weights)
    return matrix


def _product(x: Any, known: Taps, axis: int) -> Any:
    matrix = _matrix(known, x.shape[axis]).astype(x.dtype)
    made = lax.dot_general(matrix, x, (((1,), (axis,)), ((), ())), precision=lax.Precision.HIGHEST)
    return jnp.moveaxis(made, 0, axis)


def _gathered(x: Any, known: Taps, axis: int) -> Any:
    count = known.places.shape[1]
    shape = [len(known.places) if place == axis else 1 for place in range(x.ndim)]
    pixels = [jnp.take(x, known.places[:, number], axis, mode="clip") for number in range(count)]
    if count == 1:
        return pixels[0]
    weights = [known.weights[:, number].reshape(shape) for number in range(count)]
    if count == 2:
        # Exact where both pixels are equal.
        return pixels[0] + (pixels[1] - pixels[0]) * weights[1]
    total = pixels[0] * weights[0]
    for pixel, weight in zip(pixels[1:], weights[1:], strict=True):
        total = total + pixel * weight
    return total


def along(x: Any, known: Taps, axis: int) -> Any:
    """The axis of `x` made of the given taps."""
    if known.places.shape[1] > MOST_NEIGHBOURS:
        return _product(x, known, axis)
    if not jnp.issubdtype(x.dtype, jnp.floating):
        return _gathered(x, known, axis)
    # The transpose of a gather adds up pixel by pixel; that of a product is a product.
    run = jax.custom_jvp(lambda x: _gathered(x, known, axis))
    run.defjvp(lambda primals, tangents: (run(*primals), _product(tangents[0], known, axis)))
    return run(x)


def _resize(images: Any, height: int, width: int, method: str, antialias: bool) -> Any:
    if method != "nearest":
        images = images.astype(jnp.float32)
    across = taps(width, images.shape[2], method, antialias)
    down = taps(height, images.shape[1], method, antialias)
    return along(along(images, across, 2), down, 1)


def _check(name: str, avals: tuple[Aval, ...], height: int, width: int, method: str, antialias: bool) -> None:
    images = avals[0]
    checks.real(name, avals)
    if height <= 0 or width <= 0:
        raise checks.InvalidArgumentError(
            message=f"output dimensions must be positive [Op:{name}]. Received: size=[{height}, {width}]"
        )
    if 0 in images.shape[1:3]:
        raise checks.InvalidArgumentError(
            message=f"input image must be of non-zero size [Op:{name}]. Received shape {list(images.shape)}"
        )


RESIZE = Op("ResizeImages", _resize, ("height", "width", "method", "antialias"), check=_check)
"""`(images [batch, h, w, channels])`: float32 images of another size; of their own dtype for `nearest`."""
