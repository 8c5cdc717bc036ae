"""`tf.keras.applications`' residual networks."""

from __future__ import annotations

from functools import partial
from typing import Any

from functape.keras.applications import imagenet_utils
from functape.keras.applications._classifier import classifier
from functape.keras.applications._residual import residual_network
from functape.keras.applications.imagenet_utils import decode_predictions

__all__ = ["ResNet50", "ResNet101", "ResNet152", "decode_predictions", "preprocess_input"]

ResNet50 = classifier(
    "ResNet50", __name__, partial(residual_network, counts=(3, 4, 6, 3), version=1), "((None, 1, 1, 2048), 23587712)"
)
ResNet101 = classifier("ResNet101", __name__, partial(residual_network, counts=(3, 4, 23, 3), version=1))
ResNet152 = classifier("ResNet152", __name__, partial(residual_network, counts=(3, 8, 36, 3), version=1))


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Images with values from 0 to 255 as the model takes them: blue, green, red, less the means of ImageNet.

    **Arguments:**
    - `x`, `data_format`: as for `tf.keras.applications.imagenet_utils.preprocess_input`.
    """
    return imagenet_utils.preprocess_input(x, data_format=data_format, mode="caffe")
