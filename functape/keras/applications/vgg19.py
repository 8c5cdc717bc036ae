"""`tf.keras.applications.VGG19`."""

from __future__ import annotations

from functools import partial
from typing import Any

from functape.keras.applications import imagenet_utils
from functape.keras.applications._classifier import classifier
from functape.keras.applications._vgg import vgg
from functape.keras.applications.imagenet_utils import decode_predictions

__all__ = ["VGG19", "decode_predictions", "preprocess_input"]

_HASHES = ("cbe5617147190e668d6c5d5026f83318", "253f8cb515780f3b799900260a226db6")

VGG19 = classifier(
    "VGG19", __name__, partial(vgg, counts=(2, 2, 4, 4, 4), hashes=_HASHES), "((None, 1, 1, 512), 20024384)"
)


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Images with values from 0 to 255 as the model takes them: blue, green, red, less the means of ImageNet.

    **Arguments:**
    - `x`, `data_format`: as for `tf.keras.applications.imagenet_utils.preprocess_input`.
    """
    return imagenet_utils.preprocess_input(x, data_format=data_format, mode="caffe")
