"""Images as arrays and as files (`tf.keras.preprocessing.image`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras.utils._images import array_to_img, img_to_array, load_img, save_img

__all__ = ["array_to_img", "img_to_array", "load_img", "save_img"]

__getattr__ = lazy(__name__, {}, lambda: __all__)
