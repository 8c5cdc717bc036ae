"""Images resized, cut, padded, transformed and read at coordinates."""

from __future__ import annotations

from typing import Any

from functape._api._shaping import pad, reshape, transpose
from functape._core._cast import cast
from functape._engine._recorder import record
from functape._ops._image_geometry import EXTRACT_PATCHES, MAP_COORDINATES, PERSPECTIVE, SCALE_AND_TRANSLATE
from functape._ops._image_transform import RESIZE_IMAGES, RESIZE_METHODS, TRANSFORM_IMAGES
from functape.keras._configuration import standardize_data_format
from functape.keras.layers._layer_windows import integers, padding_name
from functape.keras.ops._table import Rows, described
from functape.keras.ops._types import common, floats, is_inexact, tensor


def channels_last(images: Any, data_format: Any, compute: Any) -> Any:
    """What a function of images with channels last makes of images in either format."""
    given = tensor(images)
    if given.aval.ndim not in (3, 4):
        raise ValueError(
            "Invalid images rank: expected rank 3 (single image) or rank 4 (batch of images). Received input with "
            f"shape: images.shape={given.shape}"
        )
    if standardize_data_format(data_format) == "channels_last":
        return compute(given)
    batch = (0,) if given.aval.ndim == 4 else ()
    first = len(batch)
    made = compute(transpose(given, (*batch, first + 1, first + 2, first)))
    extra = tuple(range(first + 3, made.aval.ndim))
    return transpose(made, (*batch, first + 2, first, first + 1, *extra))


def _size(images: Any) -> tuple[int, int]:
    height, width = images.aval.shape[-3:-1]
    return height, width


def _cut(images: Any, top: int, left: int, height: int, width: int) -> Any:
    return images[..., top : top + height, left : left + width, :]


def _bordered(images: Any, top: int, left: int, bottom: int, right: int, value: Any = 0) -> Any:
    batch = [[0, 0]] * (images.aval.ndim - 3)
    return pad(images, [*batch, [top, bottom], [left, right], [0, 0]], constant_values=value)


def _resized(images: Any, size: Any, method: str, antialias: bool, crop: bool, fit: bool, mode: str, fill: Any) -> Any:
    if method not in RESIZE_METHODS:
        raise ValueError(
            f"Invalid value for argument `interpolation`. Expected of one {RESIZE_METHODS}. Received: "
            f"interpolation={method}"
        )
    if mode != "constant":
        raise ValueError(
            "Invalid value for argument `fill_mode`. Only `'constant'` is supported. Received: fill_mode=" + mode
        )
    if crop and fit:
        raise ValueError("Only one of `pad_to_aspect_ratio` & `crop_to_aspect_ratio` can be `True`.")
    target_height, target_width = integers(size, 2, "size")
    height, width = _size(images)
    given = images
    if crop:
        kept_height = min(height, int(float(width * target_height) / target_width))
        kept_width = min(width, int(float(height * target_width) / target_height))
        top, left = int(float(height - kept_height) / 2), int(float(width - kept_width) / 2)
        given = _cut(given, top, left, kept_height, kept_width)
    if fit:
        whole_height = max(height, int(float(width * target_height) / target_width))
        whole_width = max(width, int(float(height * target_width) / target_height))
        top, left = int(float(whole_height - height) / 2), int(float(whole_width - width) / 2)
        given = _bordered(given, top, left, whole_height - height - top, whole_width - width - left, fill)
    made = record(RESIZE_IMAGES, (target_height, target_width, method, bool(antialias)), (given,))
    return cast(made, images.aval.dtype)


def _margins(name: str, before: Any, after: Any, length: int, target: Any, added: bool) -> tuple[int, int]:
    """What is added or cut before and after an axis, two of the three numbers being given."""
    if [before, after, target].count(None) != 1:
        raise ValueError(f"Must specify exactly two of {name}. Received: {before}, {after}, {target}")
    sign = 1 if added else -1
    if before is None:
        before = sign * (target - length) - after
    if after is None:
        after = sign * (target - length) - before
    if before < 0 or after < 0:
        raise ValueError(f"{name} must be >= 0. Received: {before}, {after}")
    return before, after


def _padded(images: Any, top: Any, left: Any, bottom: Any, right: Any, height: Any, width: Any) -> Any:
    given_height, given_width = _size(images)
    down = _margins("top_padding, bottom_padding, target_height", top, bottom, given_height, height, True)
    across = _margins("left_padding, right_padding, target_width", left, right, given_width, width, True)
    return _bordered(images, down[0], across[0], down[1], across[1])


def _cropped(images: Any, top: Any, left: Any, bottom: Any, right: Any, height: Any, width: Any) -> Any:
    given_height, given_width = _size(images)
    down = _margins("top_cropping, bottom_cropping, target_height", top, bottom, given_height, height, False)
    across = _margins("left_cropping, right_cropping, target_width", left, right, given_width, width, False)
    return _cut(images, down[0], across[0], given_height - sum(down), given_width - sum(across))


_FILLS = ("constant", "nearest", "wrap", "mirror", "reflect")


def _batched(images: Any, compute: Any) -> Any:
    """What a function of batches of images makes of one image, or of a batch."""
    if images.aval.ndim == 4:
        return compute(images)
    return reshape(compute(reshape(images, [1, *images.aval.shape])), [*images.aval.shape])


def _transformed(images: Any, transform: Any, interpolation: str, fill_mode: str, fill_value: Any) -> Any:
    if interpolation not in ("nearest", "bilinear"):
        raise ValueError(f"Invalid value for argument `interpolation`. Received: interpolation={interpolation}")
    if fill_mode not in _FILLS[:3] + _FILLS[4:]:
        raise ValueError(f"Invalid value for argument `fill_mode`. Received: fill_mode={fill_mode}")
    given = tensor(transform, "float32")
    rows = reshape(given, [1, 8]) if given.aval.ndim == 1 else given
    statics = (interpolation, fill_mode)
    return _batched(
        images, lambda batch: record(TRANSFORM_IMAGES, statics, (batch, rows, tensor(fill_value, "float32")))
    )


def _seen_from(images: Any, start: Any, end: Any, interpolation: str, fill_value: Any) -> Any:
    if interpolation not in ("nearest", "bilinear"):
        raise ValueError(f"Invalid value for argument `interpolation`. Received: interpolation={interpolation}")
    corners = [tensor(each, "float32") for each in (start, end)]
    for each in corners:
        if each.aval.shape[-2:] != (4, 2) or each.aval.ndim not in (2, 3):
            raise ValueError(f"Points must be of shape (4, 2) or (N, 4, 2). Received: {each.shape}")
    pair = [reshape(each, [-1, 4, 2]) for each in corners]
    return _batched(
        images,
        lambda batch: record(PERSPECTIVE, (interpolation,), (batch, *pair, tensor(fill_value, "float32"))),
    )


def _read_at(inputs: Any, coordinates: Any, order: int, fill_mode: str, fill_value: Any) -> Any:
    given, places = tensor(inputs), tensor(coordinates)
    if places.aval.shape[0] != given.aval.ndim:
        raise ValueError(
            "First dim of `coordinates` must be the same as the rank of `inputs`. Received inputs with shape: "
            f"{given.shape} and coordinate leading dim of {places.aval.shape[0]}"
        )
    if order not in (0, 1):
        raise ValueError(f"Invalid value for argument `order`. Expected one of {{0, 1}}. Received: order={order}")
    if fill_mode not in _FILLS:
        raise ValueError(f"Invalid value for argument `fill_mode`. Received: fill_mode={fill_mode}")
    positions = places if is_inexact(places.aval.dtype) else cast(places, "float32")
    return record(MAP_COORDINATES, (order, fill_mode, float(fill_value)), (given, positions))


def _patches(images: Any, size: Any, strides: Any, dilation: Any, padding: str, rank: int) -> Any:
    window = integers(size, rank, "size")
    steps = window if strides is None else integers(strides, rank, "strides")
    holes = integers(dilation, rank, "dilation_rate")
    return record(EXTRACT_PATCHES, (window, steps, holes, padding_name(padding).upper()), (images,))


def _volume_patches(volumes: Any, size: Any, strides: Any, dilation: Any, padding: str, data_format: Any) -> Any:
    given = tensor(volumes)
    single = given.aval.ndim == 4
    batch = reshape(given, [1, *given.aval.shape]) if single else given
    first = standardize_data_format(data_format) == "channels_first"
    made = _patches(transpose(batch, (0, 2, 3, 4, 1)) if first else batch, size, strides, dilation, padding, 3)
    made = transpose(made, (0, 4, 1, 2, 3)) if first else made
    return made[0] if single else made


def _image_patches(images: Any, size: Any, strides: Any, dilation: Any, padding: str) -> Any:
    batch = reshape(images, [1, *images.aval.shape]) if images.aval.ndim == 3 else images
    made = _patches(batch, size, strides, dilation, padding, 2)
    return made[0] if images.aval.ndim == 3 else made


def _scaled(images: Any, shape: Any, scale: Any, translation: Any, axes: Any, method: str, antialias: bool) -> Any:
    names = {"linear": "linear", "bilinear": "linear", "trilinear": "linear", "triangle": "linear", "cubic": "cubic",
             "bicubic": "cubic", "tricubic": "cubic", "lanczos3": "lanczos3", "lanczos5": "lanczos5"}  # fmt: skip
    if method not in names:
        raise ValueError(f"Invalid value for argument `method`. Expected one of {sorted(names)}. Received: {method}")
    given = floats(images)
    statics = (tuple(int(each) for each in shape), tuple(axes), names[method], bool(antialias))
    factors, moved = common((tensor(scale), tensor(translation)), float)
    return record(SCALE_AND_TRANSLATE, statics, (given, factors, moved))


_IMAGES: Rows = {
    "resize": (
        "Images of another size",
        lambda images, size, interpolation="bilinear", antialias=False, crop_to_aspect_ratio=False,
        pad_to_aspect_ratio=False, fill_mode="constant", fill_value=0.0, data_format=None: channels_last(
            images, data_format,
            lambda given: _resized(given, size, interpolation, antialias, crop_to_aspect_ratio, pad_to_aspect_ratio,
                                   fill_mode, fill_value),
        ),
    ),
    "crop_images": (
        "Images without their borders",
        lambda images, top_cropping=None, left_cropping=None, bottom_cropping=None, right_cropping=None,
        target_height=None, target_width=None, data_format=None: channels_last(
            images, data_format,
            lambda given: _cropped(given, top_cropping, left_cropping, bottom_cropping, right_cropping, target_height,
                                   target_width),
        ),
    ),
    "pad_images": (
        "Images with borders",
        lambda images, top_padding=None, left_padding=None, bottom_padding=None, right_padding=None,
        target_height=None, target_width=None, data_format=None: channels_last(
            images, data_format,
            lambda given: _padded(given, top_padding, left_padding, bottom_padding, right_padding, target_height,
                                  target_width),
        ),
    ),
    "affine_transform": (
        "Images whose pixels are read from where an affine map says",
        lambda images, transform, interpolation="bilinear", fill_mode="constant", fill_value=0, data_format=None: (
            channels_last(images, data_format,
                          lambda given: _transformed(given, transform, interpolation, fill_mode, fill_value))
        ),
    ),
    "perspective_transform": (
        "Images seen so that four points come to lie on four others",
        lambda images, start_points, end_points, interpolation="bilinear", fill_value=0, data_format=None: (
            channels_last(images, data_format,
                          lambda given: _seen_from(given, start_points, end_points, interpolation, fill_value))
        ),
    ),
    "map_coordinates": (
        "Elements read at coordinates between them",
        lambda inputs, coordinates, order, fill_mode="constant", fill_value=0: _read_at(
            inputs, coordinates, order, fill_mode, fill_value
        ),
    ),
    "extract_patches": (
        "The windows of images, each as a vector",
        lambda images, size, strides=None, dilation_rate=1, padding="valid", data_format=None: channels_last(
            images, data_format, lambda given: _image_patches(given, size, strides, dilation_rate, padding)
        ),
    ),
    "extract_patches_3d": (
        "The windows of volumes, each as a vector",
        lambda volumes, size, strides=None, dilation_rate=1, padding="valid", data_format=None: _volume_patches(
            volumes, size, strides, dilation_rate, padding, data_format
        ),
    ),
    "scale_and_translate": (
        "Images scaled and moved by any amount",
        lambda images, output_shape, scale, translation, spatial_dims, method, antialias=True: _scaled(
            images, output_shape, scale, translation, spatial_dims, method, antialias
        ),
    ),
}  # fmt: skip

FUNCTIONS = described(_IMAGES, "keras.ops.image")
