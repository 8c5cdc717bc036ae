"""Rows that measure images: differences of neighbours, edges, and how like two images are."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._image_colours import pixels_as
from functape._ops._operators import ABSOLUTE

_SPATIAL = (-3, -2)


def _check_pair(name: str, avals: tuple[Aval, ...], error: Any = checks.InvalidArgumentError, **_: Any) -> None:
    first, second = avals[:2]
    together = first.ndim >= 3 <= second.ndim and first.shape[-3:] == second.shape[-3:]
    pairs = zip(reversed(first.shape[:-3]), reversed(second.shape[:-3]), strict=False)
    if not together or any(one != other and 1 not in (one, other) for one, other in pairs):
        message = (
            f"The images must be [..., height, width, channels] of compatible shapes [Op:{name}]. "
            f"Received shapes {list(first.shape)} and {list(second.shape)}"
        )
        raise error(message) if error is ValueError else error(message=message)


def _check_similarity(name: str, avals: tuple[Aval, ...], size: int, scales: int = 1, **_: Any) -> None:
    _check_pair(name, avals, ValueError)
    lengths = avals[0].shape[-3:-1]
    for _scale in range(scales):
        if min(lengths) < size:
            raise checks.InvalidArgumentError(
                message=f"The images must be at least as large as the filter of {size} pixels at every scale, but are "
                f"{list(lengths)} [Op:{name}]. Received shape {list(avals[0].shape)}"
            )
        lengths = tuple(-(-each // 2) for each in lengths)


def _as_floats(first: Any, second: Any, most: Any) -> tuple[Any, Any, Any]:
    """Two images and their largest value as float32, whatever the images' dtype."""
    most = pixels_as(most.astype(first.dtype), np.float32)
    return pixels_as(first, np.float32), pixels_as(second, np.float32), most


def _psnr(first: Any, second: Any, most: Any) -> Any:
    first, second, most = _as_floats(first, second, most)
    error = jnp.mean(jnp.square(first - second), (-3, -2, -1), dtype=jnp.float32)
    ten = np.log(10)
    return 20 * jnp.log(most) / jnp.asarray(ten, jnp.float32) - jnp.asarray(10 / ten, jnp.float32) * jnp.log(error)


def _means(length: int, size: int, sigma: float) -> Any:
    """The matrix that takes the mean under a Gaussian at each place of a line where its window lies inside."""
    places = np.arange(size, dtype=np.float64) - (size - 1) / 2
    heights = np.exp(-0.5 * (places / sigma) ** 2)
    matrix = np.zeros((length - size + 1, length), np.float32)
    for row, line in enumerate(matrix):
        line[row : row + size] = heights / heights.sum()
    return matrix


def _blurred(x: Any, size: int, sigma: float) -> Any:
    """The means under a Gaussian of all the windows that lie inside."""
    # Products with matrices that are zero but for a band: convolutions of one channel take four times as long.
    for axis in (x.ndim - 3, x.ndim - 2):
        matrix = _means(x.shape[axis], size, sigma)
        made = lax.dot_general(matrix, x, (((1,), (axis,)), ((), ())), precision=lax.Precision.HIGHEST)
        x = jnp.moveaxis(made, 0, axis)
    return x


def _likeness(x: Any, y: Any, most: Any, size: int, sigma: float, k1: float, k2: float) -> tuple[Any, Any]:
    """Luminance, and contrast with structure, of every window (Wang et al., 2004)."""
    first, second = (k1 * most) ** 2, (k2 * most) ** 2
    means = _blurred(x, size, sigma), _blurred(y, size, sigma)
    product, squares = means[0] * means[1] * 2, jnp.square(means[0]) + jnp.square(means[1])
    luminance = (product + first) / (squares + first)
    crossed, spread = _blurred(x * y, size, sigma) * 2, _blurred(jnp.square(x) + jnp.square(y), size, sigma)
    return luminance, (crossed - product + second) / (spread - squares + second)


def _ssim(x: Any, y: Any, most: Any, size: int, sigma: float, k1: float, k2: float, index_map: bool) -> Any:
    x, y, most = _as_floats(x, y, most)
    luminance, structure = _likeness(x, y, most, size, sigma, k1, k2)
    channels = luminance * structure
    if not index_map:
        channels = jnp.mean(channels, _SPATIAL, dtype=jnp.float32)
    return jnp.mean(channels, -1, dtype=jnp.float32)


def _halved(x: Any) -> Any:
    """The means of two by two pixels; the last row and column stand for what is missing."""
    odd = [length % 2 for length in x.shape[-3:-1]]
    margins = [(0, 0)] * (x.ndim - 3) + [(0, each) for each in odd] + [(0, 0)]
    x = jnp.pad(x, margins, mode="symmetric")
    height, width, channels = x.shape[-3:]
    return jnp.mean(x.reshape(*x.shape[:-3], height // 2, 2, width // 2, 2, channels), (-4, -2), dtype=jnp.float32)


def _positive(x: Any) -> Any:
    return jnp.where(x > 0, x, jnp.zeros_like(x))


def _ssim_multiscale(
    x: Any, y: Any, most: Any, powers: tuple[float, ...], size: int, sigma: float, k1: float, k2: float, scales: int
) -> Any:
    x, y, most = _as_floats(x, y, most)
    total: Any = None
    for scale, power in enumerate(powers):
        if scale:
            x, y = _halved(x), _halved(y)
        luminance, structure = _likeness(x, y, most, size, sigma, k1, k2)
        compared = structure if scale < scales - 1 else luminance * structure
        factor = _positive(jnp.mean(compared, _SPATIAL, dtype=jnp.float32)) ** jnp.asarray(power, jnp.float32)
        total = factor if total is None else total * factor
    return jnp.mean(total, -1, dtype=jnp.float32)


def _differences(x: Any) -> tuple[Any, Any]:
    return x[..., 1:, :, :] - x[..., :-1, :, :], x[..., :, 1:, :] - x[..., :, :-1, :]


def _total_variation(x: Any) -> Any:
    parts = [jnp.sum(ABSOLUTE.function(each), (-3, -2, -1), dtype=x.dtype) for each in _differences(x)]
    return parts[0] + parts[1]


def _gradients(x: Any) -> tuple[Any, Any]:
    down, across = _differences(x)
    return jnp.pad(down, ((0, 0), (0, 1), (0, 0), (0, 0))), jnp.pad(across, ((0, 0), (0, 0), (0, 1), (0, 0)))


def _sobel(x: Any) -> Any:
    padded = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")

    def smooth(x: Any, axis: int) -> Any:
        length = x.shape[axis] - 2
        before, at, after = (lax.slice_in_dim(x, step, step + length, axis=axis) for step in range(3))
        return before + 2 * at + after

    def slope(x: Any, axis: int) -> Any:
        length = x.shape[axis] - 2
        return lax.slice_in_dim(x, 2, 2 + length, axis=axis) - lax.slice_in_dim(x, 0, length, axis=axis)

    return jnp.stack([slope(smooth(padded, 2), 1), slope(smooth(padded, 1), 2)], -1)


def _check_sobel(name: str, avals: tuple[Aval, ...]) -> None:
    x = avals[0]
    if x.ndim != 4 or min(x.shape[1:3]) < 2:
        raise checks.InvalidArgumentError(
            message=f"The images must be [batch, height, width, channels], 2 pixels high and wide or more [Op:{name}]. "
            f"Received shape {list(x.shape)}"
        )


PSNR = Op("PSNR", _psnr, check=_check_pair)
"""`(a, b, most)`"""
SSIM = Op("SSIM", _ssim, ("size", "sigma", "k1", "k2", "index_map"), check=_check_similarity)
"""`(a, b, most)`"""
SSIM_MULTISCALE = Op(
    "MultiscaleSSIM",
    _ssim_multiscale,
    ("powers", "size", "sigma", "k1", "k2", "scales"),
    check=_check_similarity,
)
"""`(a, b, most)`: `scales` is the number of `powers`."""
TOTAL_VARIATION = Op("TotalVariation", _total_variation, check=checks.numeric)
IMAGE_GRADIENTS = Op("ImageGradients", _gradients, multiple=True, check=checks.numeric)
SOBEL_EDGES = Op("SobelEdges", _sobel, check=checks.every(checks.real_floating, _check_sobel))
