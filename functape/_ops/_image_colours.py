"""Rows of colours: dtypes of pixels, colour spaces, brightness, contrast, hue and saturation."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._elementwise import maximum, minimum

CHANNELS = 3


def pixels_as(x: Any, dtype: Any, saturate: bool = False) -> Any:
    """Pixels in another dtype: integers from 0 to their largest stand for floats from 0 to 1.

    **Arguments:**
    - `x`: pixels of an integer or floating dtype.
    - `dtype`: a NumPy dtype of these kinds.
    - `saturate`: whether what does not fit becomes the nearest that does.
    """
    dtype = jnp.dtype(dtype)
    from_integers, to_integers = jnp.issubdtype(x.dtype, jnp.integer), jnp.issubdtype(dtype, jnp.integer)
    if x.dtype == dtype:
        return x
    if not from_integers and not to_integers:
        return x.astype(dtype)
    if not to_integers:
        return x.astype(dtype) * jnp.asarray(1 / int(jnp.iinfo(x.dtype).max), dtype)
    most = int(jnp.iinfo(dtype).max)
    if not from_integers:
        return _cast(x * jnp.asarray(most + 0.5, x.dtype), dtype, saturate)
    largest = int(jnp.iinfo(x.dtype).max)
    if largest > most:
        return _cast(x // jnp.asarray((largest + 1) // (most + 1), x.dtype), dtype, saturate)
    return _cast(x, dtype, saturate) * jnp.asarray((most + 1) // (largest + 1), dtype)


def _cast(x: Any, dtype: Any, saturate: bool) -> Any:
    if not saturate:
        return x.astype(dtype)
    lowest, highest = int(jnp.iinfo(dtype).min), int(jnp.iinfo(dtype).max)
    if jnp.issubdtype(x.dtype, jnp.integer):
        known = jnp.iinfo(x.dtype)
        x = jnp.clip(x, max(lowest, int(known.min)), min(highest, int(known.max)))
        return x.astype(dtype)
    # A float as large as the highest integer, rounded up, does not fit any more.
    inside = jnp.clip(x, jnp.asarray(lowest, x.dtype), jnp.asarray(highest, x.dtype)).astype(dtype)
    return jnp.where(x >= jnp.asarray(highest, x.dtype), jnp.asarray(highest, dtype), inside)


def _floating(x: Any) -> Any:
    """Pixels as TensorFlow computes with them: float16 stays, all else is float32."""
    return x if x.dtype == jnp.float16 else pixels_as(x, np.float32)


def _brighter(x: Any, delta: Any) -> Any:
    wide = _floating(x)
    return pixels_as(wide + delta.astype(wide.dtype), x.dtype, saturate=True)


def _gamma(x: Any, gamma: Any, gain: Any) -> Any:
    wide = _floating(x)
    return pixels_as(gain.astype(wide.dtype) * wide ** gamma.astype(wide.dtype), x.dtype, saturate=True)


def _contrasted(x: Any, factor: Any) -> Any:
    wide = _floating(x)
    single = wide.astype(jnp.float32)
    mean = jnp.mean(single, (-3, -2), keepdims=True, dtype=jnp.float32)
    return pixels_as(((single - mean) * factor + mean).astype(wide.dtype), x.dtype, saturate=True)


def _standardized(x: Any) -> Any:
    wide = x.astype(jnp.float32)
    axes = (-3, -2, -1)
    count = wide.shape[-1] * wide.shape[-2] * wide.shape[-3]
    moved = wide - jnp.mean(wide, axes, keepdims=True, dtype=jnp.float32)
    variance = jnp.mean(moved * moved, axes, keepdims=True, dtype=jnp.float32)
    positive = variance > 0
    deviation = jnp.where(positive, jnp.sqrt(jnp.where(positive, variance, jnp.ones_like(variance))), variance)
    least = jnp.asarray(1 / np.sqrt(np.float32(count)), jnp.float32)
    return moved / maximum(deviation, jnp.broadcast_to(least, deviation.shape))


# ---- colour spaces -------------------------------------------------------------------------------------------------


def _mixed(x: Any, kernel: tuple[tuple[float, ...], ...]) -> Any:
    return jnp.dot(x, jnp.asarray(np.array(kernel), x.dtype), precision=jax.lax.Precision.HIGHEST)


def _grey(x: Any) -> Any:
    wide = pixels_as(x, np.float32)
    weights = jnp.asarray([[0.2989], [0.587], [0.114]], jnp.float32)
    return pixels_as(jnp.dot(wide, weights, precision=jax.lax.Precision.HIGHEST), x.dtype)


def _hsv(x: Any) -> Any:
    """Hue, saturation and value."""
    red, green, blue = x[..., 0], x[..., 1], x[..., 2]
    value = jnp.max(x, -1)
    width = value - jnp.min(x, -1)
    saturation = jnp.where(value > 0, width / jnp.where(value > 0, value, jnp.ones_like(value)), jnp.zeros_like(value))
    scale = 1 / (6 * jnp.where(width > 0, width, jnp.ones_like(width)))
    third = jnp.asarray(2 / 6, x.dtype)
    hue = jnp.where(
        red == value,
        scale * (green - blue),
        jnp.where(green == value, scale * (blue - red) + third, scale * (red - green) + 2 * third),
    )
    hue = jnp.where(width > 0, hue, jnp.zeros_like(hue))
    return jnp.stack([jnp.where(hue < 0, hue + 1, hue), saturation, value], -1)


def _ratio(x: Any, y: Any) -> Any:
    """`x / y`, and 0 where `y` is 0."""
    empty = y == 0
    return jnp.where(empty, jnp.zeros_like(y), x / jnp.where(empty, jnp.ones_like(y), y))


def _hsv_partials(x: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """The derivatives of hue, saturation and value for the three channels.

    At ties the first of red, green and blue is the largest, and the last is the smallest. As in TensorFlow, there is
    none through a channel that is 0 or less.
    """
    channels = [x[..., place] for place in range(CHANNELS)]
    red, green, blue = channels
    largest = [(red >= blue) & (red >= green), (green > red) & (green >= blue), (blue > red) & (blue > green)]
    smallest = [(red < blue) & (red < green), (green <= red) & (green < blue), (blue <= red) & (blue <= green)]
    value, least = jnp.max(x, -1), jnp.min(x, -1)
    zero, one = jnp.zeros_like(value), jnp.ones_like(value)
    hues, saturations, values = [], [], []
    for place in range(CHANNELS):
        own, after, before = (channels[(place + step) % CHANNELS] for step in range(CHANNELS))
        after_largest, before_largest = largest[(place + 1) % CHANNELS], largest[(place + 2) % CHANNELS]
        after_smallest, before_smallest = smallest[(place + 1) % CHANNELS], smallest[(place + 2) % CHANNELS]
        width = value - least
        hue = jnp.where(largest[place] & (own > 0), _ratio(before - after, width * width), zero)
        squares = (after - own) * (after - own), (before - own) * (before - own)
        through_after = jnp.where(
            smallest[place],
            _ratio(before - after, squares[0]),
            jnp.where(before_smallest, -_ratio(one, after - before), zero),
        )
        through_before = jnp.where(
            smallest[place],
            _ratio(before - after, squares[1]),
            jnp.where(after_smallest, _ratio(one, before - after), zero),
        )
        hue = hue + jnp.where(after_largest & (after > 0), through_after, zero)
        hue = hue + jnp.where(before_largest & (before > 0), through_before, zero)
        hues.append(hue / 6)
        other_is_least = after_smallest | before_smallest
        saturation = jnp.where(largest[place] & other_is_least, _ratio(least, own * own), zero)
        saturation = saturation - jnp.where(smallest[place] & ~largest[place], _ratio(one, value), zero)
        saturations.append(jnp.where(own > 0, saturation, zero))
        values.append(largest[place].astype(x.dtype))
    return hues, saturations, values


to_hsv = jax.custom_jvp(_hsv)


@to_hsv.defjvp
def _hsv_jvp(primals: Any, tangents: Any) -> Any:
    (x,), (moved,) = primals, tangents
    parts = [
        sum(partial * moved[..., place] for place, partial in enumerate(partials)) for partials in _hsv_partials(x)
    ]
    return to_hsv(x), jnp.stack(parts, -1)


def from_hsv(x: Any) -> Any:
    """Red, green and blue."""
    hue, saturation, value = 6 * x[..., 0], x[..., 1], x[..., 2]
    zero, one = jnp.zeros((), x.dtype), jnp.ones((), x.dtype)
    shares = jnp.abs(hue - 3) - 1, 2 - jnp.abs(hue - 2), 2 - jnp.abs(hue - 4)
    return jnp.stack([(1 - saturation + saturation * jnp.clip(each, zero, one)) * value for each in shares], -1)


def _with_hue(x: Any, delta: Any) -> Any:
    wide = _floating(x)
    hsv = to_hsv(wide.astype(jnp.float32))
    hue = hsv[..., 0] + delta
    moved = jnp.concatenate([(hue - jnp.floor(hue))[..., None], hsv[..., 1:]], -1)
    return pixels_as(from_hsv(moved).astype(wide.dtype), x.dtype)


def _saturated(x: Any, factor: Any) -> Any:
    wide = _floating(x)
    hsv = to_hsv(wide.astype(jnp.float32))
    zero, one = jnp.zeros((), jnp.float32), jnp.ones((), jnp.float32)
    saturation = minimum(one, maximum(zero, hsv[..., 1] * factor))
    moved = jnp.stack([hsv[..., 0], saturation, hsv[..., 2]], -1)
    return pixels_as(from_hsv(moved).astype(wide.dtype), x.dtype)


# ---- checks and rows -----------------------------------------------------------------------------------------------


def _refuse(name: str, message: str) -> None:
    raise checks.InvalidArgumentError(message=f"{message} [Op:{name}]")


def _check_three(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    images = avals[0]
    if images.ndim < 1:
        _refuse(name, "input must be at least 1D. Received a scalar")
    if images.shape[-1] != CHANNELS:
        _refuse(name, f"input must have 3 channels but instead has {images.shape[-1]} channels")


def _check_factor(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    images, factor = avals
    if images.ndim < 3:
        _refuse(name, f"input must be at least 3-D, got shape {list(images.shape)}")
    if factor.shape:
        _refuse(name, f"the factor must be scalar, got shape {list(factor.shape)}")
    if factor.dtype.name != "float32":
        _refuse(
            name,
            f"cannot compute {name} as input #1(zero-based) was expected to be a float tensor but is a "
            f"{factor.dtype.spoken} tensor. Cast it: tf.cast(x, tf.float32)",
        )


CONVERT_PIXELS = Op("ConvertImageDtype", pixels_as, ("dtype", "saturate"))
ADJUST_BRIGHTNESS = Op("AdjustBrightness", _brighter)
"""`(images, delta)`"""
ADJUST_GAMMA = Op("AdjustGamma", _gamma)
"""`(images, gamma, gain)`"""
ADJUST_CONTRAST = Op("AdjustContrastv2", _contrasted, check=_check_factor)
"""`(images, factor)`"""
STANDARDIZE = Op("PerImageStandardization", _standardized)
MIX_CHANNELS = Op("MixChannels", _mixed, ("kernel",))
"""`(images)`: the last axis multiplied by a matrix."""
GREY = Op("RGBToGrayscale", _grey)
RGB_TO_HSV = Op("RGBToHSV", to_hsv, check=checks.every(checks.real_floating, _check_three))
HSV_TO_RGB = Op("HSVToRGB", from_hsv, differentiable=False, check=checks.every(checks.real_floating, _check_three))
ADJUST_HUE = Op("AdjustHue", _with_hue, check=checks.every(_check_factor, _check_three))
"""`(images, delta)`"""
ADJUST_SATURATION = Op("AdjustSaturation", _saturated, check=checks.every(_check_factor, _check_three))
"""`(images, factor)`"""
