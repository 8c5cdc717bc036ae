"""Rows that read images at other places: patches, coordinates, perspective, scaling, and blur."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy.ndimage import map_coordinates

from functape._engine._op import Op
from functape._ops._image_transform import TRANSFORM_IMAGES


def _patches(images: Any, window: Any, strides: Any, dilations: Any, padding: str) -> Any:
    """`[b, *spatial, c]` to `[b, *places, window * c]`, the channels innermost."""
    rank = len(window)
    first = jnp.moveaxis(images, -1, 1)
    made = lax.conv_general_dilated_patches(
        first, window, strides, padding, rhs_dilation=dilations, precision=lax.Precision.HIGHEST
    )
    channels = images.shape[-1]
    parted = made.reshape((made.shape[0], channels, -1, *made.shape[2:]))
    order = (0, *range(3, 3 + rank), 2, 1)
    return parted.transpose(order).reshape((made.shape[0], *made.shape[2:], -1))


def _solved_perspective(start: Any, end: Any) -> Any:
    """The eight numbers of the map that takes each end point to its start point."""
    x, y = end[:, 0], end[:, 1]
    u, v = start[:, 0], start[:, 1]
    zero, one = jnp.zeros_like(x), jnp.ones_like(x)
    upper = jnp.stack([x, y, one, zero, zero, zero, -x * u, -y * u], -1)
    lower = jnp.stack([zero, zero, zero, x, y, one, -x * v, -y * v], -1)
    return jnp.linalg.solve(jnp.concatenate([upper, lower]), jnp.concatenate([u, v]))


def _perspective(images: Any, start: Any, end: Any, fill: Any, interpolation: str) -> Any:
    transforms = jax.vmap(_solved_perspective)(start, end)
    return TRANSFORM_IMAGES.function(images, transforms, fill, interpolation=interpolation, fill_mode="constant")


def _read(inputs: Any, coordinates: Any, order: int, fill_mode: str, fill_value: float) -> Any:
    mode = {"reflect": "reflect", "mirror": "mirror"}.get(fill_mode, fill_mode)
    wide = inputs if jnp.issubdtype(inputs.dtype, jnp.floating) else inputs.astype(jnp.float32)
    made = map_coordinates(wide, list(coordinates), order, mode, fill_value)
    if not jnp.issubdtype(inputs.dtype, jnp.floating):
        made = jnp.round(made)
    return made.astype(inputs.dtype)


def _scaled(images: Any, scale: Any, translation: Any, shape: Any, axes: Any, method: str, antialias: bool) -> Any:
    return jax.image.scale_and_translate(
        images, shape, axes, scale, translation, method, antialias, precision=lax.Precision.HIGHEST
    )


def _blurred(images: Any, size: tuple[int, int], sigma: tuple[float, float]) -> Any:
    channels = images.shape[-1]
    lines = []
    for length, width in zip(size, sigma, strict=True):
        places = np.arange(length) - (length - 1) / 2
        weights = np.exp(-0.5 * (places / width) ** 2)
        lines.append(weights / weights.sum())
    kernel = jnp.asarray(np.outer(*lines), images.dtype)
    filters = jnp.broadcast_to(kernel[:, :, None, None], (*size, 1, channels))
    return lax.conv_general_dilated(
        images, filters, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"), feature_group_count=channels,
        precision=lax.Precision.HIGHEST,
    )  # fmt: skip


EXTRACT_PATCHES = Op("WindowsAsVectors", _patches, ("window", "strides", "dilations", "padding"))
MAP_COORDINATES = Op("MapCoordinates", _read, ("order", "fill_mode", "fill_value"))
PERSPECTIVE = Op("PerspectiveTransform", _perspective, ("interpolation",), unconnected=(1, 2, 3))
SCALE_AND_TRANSLATE = Op("ScaleAndTranslate", _scaled, ("shape", "axes", "method", "antialias"))
BLUR = Op("GaussianBlur", _blurred, ("size", "sigma"))
