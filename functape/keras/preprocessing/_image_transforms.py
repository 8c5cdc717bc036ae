"""Changes of single images, given or drawn by NumPy's random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape.keras.utils._images import array_to_img, img_to_array

Array = np.ndarray[Any, Any]


def apply_affine_transform(
    x: Any,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
) -> Array:
    """An image turned, shifted, sheared and zoomed about its middle
    (`tf.keras.preprocessing.image.apply_affine_transform`).

    **Arguments:**
    - `x`: an array of three axes.
    - `theta`, `shear`: angles in degrees.
    - `tx`, `ty`: pixels, down and across.
    - `zx`, `zy`: factors, down and across; below 1 for closer.
    - `row_axis`, `col_axis`, `channel_axis`: which axis is which; the channels are first or last.
    - `fill_mode`: what is beyond the edges: `"nearest"`, `"constant"`, `"reflect"` or `"wrap"`.
    - `cval`: what is there for `"constant"`.
    - `order`: of the spline that reads between pixels.

    **Raises:** `ValueError` for other axes.
    """
    from scipy import ndimage

    if {row_axis, col_axis, channel_axis} != {0, 1, 2} or channel_axis == 1:
        raise ValueError(
            "'row_axis', 'col_axis', and 'channel_axis' must be distinct, and the channels the first or last axis. "
            f"Received: row_axis={row_axis}, col_axis={col_axis}, channel_axis={channel_axis}"
        )
    if x.ndim != 3:
        raise ValueError(f"Input arrays must be multi-channel 2D images. Received: shape={x.shape}")
    turn, slope = np.deg2rad(theta), np.deg2rad(shear)
    parts = (
        (theta != 0, [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]),
        (tx != 0 or ty != 0, [[1, 0, tx], [0, 1, ty], [0, 0, 1]]),
        (shear != 0, [[1, -np.sin(slope), 0], [0, np.cos(slope), 0], [0, 0, 1]]),
        (zx != 1 or zy != 1, [[zx, 0, 0], [0, zy, 0], [0, 0, 1]]),
    )
    matrices = [np.array(matrix, float) for wanted, matrix in parts if wanted]
    if not matrices:
        return x
    whole = matrices[0]
    for each in matrices[1:]:
        whole = whole @ each
    down, across = x.shape[row_axis] / 2 - 0.5, x.shape[col_axis] / 2 - 0.5
    there = np.array([[1, 0, down], [0, 1, across], [0, 0, 1]])
    back = np.array([[1, 0, -down], [0, 1, -across], [0, 0, 1]])
    whole = there @ whole @ back
    if col_axis > row_axis:
        # Keras swaps the axes of the matrix as if the rows came second.
        whole[:, [0, 1]] = whole[:, [1, 0]]
        whole[[0, 1]] = whole[[1, 0]]
    planes = np.rollaxis(x, channel_axis, 0)
    made = [
        ndimage.affine_transform(each, whole[:2, :2], whole[:2, 2], order=order, mode=fill_mode, cval=cval)
        for each in planes
    ]
    return np.rollaxis(np.stack(made), 0, channel_axis + 1)


def apply_channel_shift(x: Any, intensity: float, channel_axis: int = 0) -> Array:
    """A number added to all values, which stay within their range
    (`tf.keras.preprocessing.image.apply_channel_shift`).

    **Arguments:**
    - `x`: an array of three axes.
    - `intensity`: the number.
    - `channel_axis`: where the channels are.
    """
    return np.clip(x + intensity, np.min(x), np.max(x))


def apply_brightness_shift(x: Any, brightness: float, scale: bool = True) -> Array:
    """An image made lighter or darker (`tf.keras.preprocessing.image.apply_brightness_shift`).

    **Arguments:**
    - `x`: an array `[height, width, channels]`.
    - `brightness`: a factor; 0 for black, 1 for the image as it is.
    - `scale`: whether its values are spread over 0 to 255 before.

    **Raises:** `ImportError` without Pillow.
    """
    from PIL import ImageEnhance

    least, most = np.min(x), np.max(x)
    beyond = bool(least < 0 or most > 255)
    image = array_to_img(x, scale=beyond or scale)
    made = img_to_array(ImageEnhance.Brightness(image).enhance(brightness))
    return made / 255 * (most - least) + least if beyond and not scale else made


def random_rotation(
    x: Any, rg: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest",
    cval: float = 0.0, interpolation_order: int = 1,
) -> Array:  # fmt: skip
    """An image turned by a random angle of up to `rg` degrees (`tf.keras.preprocessing.image.random_rotation`).

    The other arguments are as for `apply_affine_transform`.
    """
    theta = np.random.uniform(-rg, rg)
    return apply_affine_transform(x, theta, row_axis=row_axis, col_axis=col_axis, channel_axis=channel_axis,
                                  fill_mode=fill_mode, cval=cval, order=interpolation_order)  # fmt: skip


def random_shift(
    x: Any, wrg: float, hrg: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0,
    fill_mode: str = "nearest", cval: float = 0.0, interpolation_order: int = 1,
) -> Array:  # fmt: skip
    """An image shifted at random by up to a part `wrg` of its width and `hrg` of its height
    (`tf.keras.preprocessing.image.random_shift`).

    The other arguments are as for `apply_affine_transform`.
    """
    tx = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    ty = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    return apply_affine_transform(x, tx=tx, ty=ty, row_axis=row_axis, col_axis=col_axis, channel_axis=channel_axis,
                                  fill_mode=fill_mode, cval=cval, order=interpolation_order)  # fmt: skip


def random_shear(
    x: Any, intensity: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest",
    cval: float = 0.0, interpolation_order: int = 1,
) -> Array:  # fmt: skip
    """An image sheared by a random angle of up to `intensity` degrees (`tf.keras.preprocessing.image.random_shear`).

    The other arguments are as for `apply_affine_transform`.
    """
    shear = np.random.uniform(-intensity, intensity)
    return apply_affine_transform(x, shear=shear, row_axis=row_axis, col_axis=col_axis, channel_axis=channel_axis,
                                  fill_mode=fill_mode, cval=cval, order=interpolation_order)  # fmt: skip


def random_zoom(
    x: Any, zoom_range: Any, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest",
    cval: float = 0.0, interpolation_order: int = 1,
) -> Array:  # fmt: skip
    """An image zoomed by random factors between the two of `zoom_range` (`tf.keras.preprocessing.image.random_zoom`).

    The other arguments are as for `apply_affine_transform`.

    **Raises:** `ValueError` for a range that is no pair.
    """
    if len(zoom_range) != 2:
        raise ValueError(f"`zoom_range` should be a tuple or list of two floats. Received: {zoom_range}")
    zx, zy = (1, 1) if zoom_range[0] == 1 and zoom_range[1] == 1 else np.random.uniform(zoom_range[0], zoom_range[1], 2)
    return apply_affine_transform(x, zx=zx, zy=zy, row_axis=row_axis, col_axis=col_axis, channel_axis=channel_axis,
                                  fill_mode=fill_mode, cval=cval, order=interpolation_order)  # fmt: skip


def random_channel_shift(x: Any, intensity_range: float, channel_axis: int = 0) -> Array:
    """`apply_channel_shift` by a random number of up to `intensity_range`
    (`tf.keras.preprocessing.image.random_channel_shift`)."""
    return apply_channel_shift(x, np.random.uniform(-intensity_range, intensity_range), channel_axis)


def random_brightness(x: Any, brightness_range: Any, scale: bool = True) -> Array:
    """`apply_brightness_shift` by a random factor between two (`tf.keras.preprocessing.image.random_brightness`).

    **Raises:** `ValueError` for a range that is no pair.
    """
    if len(brightness_range) != 2:
        raise ValueError(f"`brightness_range` should be tuple or list of two floats. Received: {brightness_range}")
    return apply_brightness_shift(x, np.random.uniform(brightness_range[0], brightness_range[1]), scale)
