"""`tf.keras.applications`' residual networks, version 2."""

from __future__ import annotations

from functools import partial
from typing import Any

from functape.keras.applications import imagenet_utils
from functape.keras.applications._classifier import classifier
from functape.keras.applications._residual import residual_network
from functape.keras.applications.imagenet_utils import decode_predictions

__all__ = ["ResNet50V2", "ResNet101V2", "ResNet152V2", "decode_predictions", "preprocess_input"]

ResNet50V2 = classifier(
    "ResNet50V2", __name__, partial(residual_network, counts=(3, 4, 6, 3), version=2), "((None, 1, 1, 2048), 23564800)"
)
ResNet101V2 = classifier("ResNet101V2", __name__, partial(residual_network, counts=(3, 4, 23, 3), version=2))
ResNet152V2 = classifier("ResNet152V2", __name__, partial(residual_network, counts=(3, 8, 36, 3), version=2))


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Images with values from 0 to 255 as the model takes them: from -1 to 1.

    **Arguments:**
    - `x`, `data_format`: as for `tf.keras.applications.imagenet_utils.preprocess_input`.
    """
    return imagenet_utils.preprocess_input(x, data_format=data_format, mode="tf")
