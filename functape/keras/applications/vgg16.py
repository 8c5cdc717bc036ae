"""`tf.keras.applications.VGG16`."""

from __future__ import annotations

from functools import partial
from typing import Any

from functape.keras.applications import imagenet_utils
from functape.keras.applications._classifier import classifier
from functape.keras.applications._vgg import vgg
from functape.keras.applications.imagenet_utils import decode_predictions

__all__ = ["VGG16", "decode_predictions", "preprocess_input"]

_HASHES = ("64373286793e3c8b2b4e3219cbf3544b", "6d6bbae143d832006294945121d1f1fc")

VGG16 = classifier(
    "VGG16", __name__, partial(vgg, counts=(2, 2, 3, 3, 3), hashes=_HASHES), "((None, 1, 1, 512), 14714688)"
)


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Images with values from 0 to 255 as the model takes them: blue, green, red, less the means of ImageNet.

    **Arguments:**
    - `x`, `data_format`: as for `tf.keras.applications.imagenet_utils.preprocess_input`.
    """
    return imagenet_utils.preprocess_input(x, data_format=data_format, mode="caffe")
