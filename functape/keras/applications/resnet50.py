"""`tf.keras.applications.resnet50`: as `tf.keras.applications.resnet`."""

from __future__ import annotations

from functape.keras.applications.resnet import ResNet50, decode_predictions, preprocess_input

__all__ = ["ResNet50", "decode_predictions", "preprocess_input"]
