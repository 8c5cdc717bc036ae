"""Images as arrays and as files, and changed at random (`tf.keras.preprocessing.image`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras.preprocessing._image_generator import ImageDataGenerator
from functape.keras.preprocessing._image_transforms import (
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
    random_brightness,
    random_channel_shift,
    random_rotation,
    random_shear,
    random_shift,
    random_zoom,
)
from functape.keras.utils._images import array_to_img, img_to_array, load_img, save_img
from functape.keras.utils._resizing import smart_resize

__all__ = [
    "ImageDataGenerator", "apply_affine_transform", "apply_brightness_shift", "apply_channel_shift", "array_to_img",
    "img_to_array", "load_img", "random_brightness", "random_channel_shift", "random_rotation", "random_shear",
    "random_shift", "random_zoom", "save_img", "smart_resize",
]  # fmt: skip

__getattr__ = lazy(__name__, {}, lambda: __all__)
