"""`tf.keras.applications.MobileNetV2`."""

from __future__ import annotations

import warnings
from typing import Any

from functape.keras import layers
from functape.keras._configuration import image_data_format
from functape.keras.applications import imagenet_utils
from functape.keras.applications._assembly import (
    Stored,
    begin,
    channel_axis,
    check_activation,
    check_weights,
    finish,
    full_input_shape,
)
from functape.keras.applications.imagenet_utils import decode_predictions

__all__ = ["MobileNetV2", "decode_predictions", "preprocess_input"]

_SIZES = (96, 128, 160, 192, 224)
_WIDTHS = (0.35, 0.50, 0.75, 1.0, 1.3, 1.4)
_STAGES = ((16, 1, 1), (24, 2, 2), (32, 2, 3), (64, 2, 4), (96, 1, 3), (160, 2, 3), (320, 1, 1))
"""For each stage: filters, stride of its first block, number of blocks."""
_NORMALIZATION = {"epsilon": 1e-3, "momentum": 0.999}


def MobileNetV2(
    input_shape: Any = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Any:
    """The MobileNetV2 classifier (`tf.keras.applications.MobileNetV2`).

    **Arguments:**
    - `include_top`: whether to have the dense layer at the end.
    - `weights`: None for random ones, a path to a file of weights, or `"imagenet"` for those in Keras's cache.
    - `input_tensor`: a symbolic tensor to begin with.
    - `input_shape`: the shape of an image; (224, 224, 3) by default, with `include_top`.
    - `pooling`: without `include_top`, `"avg"` or `"max"` for one feature a channel; None for feature maps.
    - `alpha`: how wide the layers are.
    - `classes`: the number of classes.
    - `classifier_activation`: of the last layer; None for logits.
    - `name`: the model's name.

    **Raises:** `ValueError` for arguments that do not go together; `FileNotFoundError` that says which file to put
    where, if the weights of ImageNet are not in the cache and cannot be fetched.

    ```python
    >>> import functape as tf
    >>> model = tf.keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(32, 32, 3))
    >>> model.output_shape, model.count_params()
    ((None, 1, 1, 1280), 2257984)

    ```
    """
    check_weights(weights, include_top, classes)
    first = image_data_format() == "channels_first"
    size = _default_size(input_shape, input_tensor, first)
    input_shape = full_input_shape(input_shape, size, include_top, weights)
    rows, columns = input_shape[1:] if first else input_shape[:2]
    if weights == "imagenet":
        rows = _size_of_weights(alpha, rows, columns)
    x = begun = begin(input_tensor, input_shape)
    x = layers.Conv2D(
        _divisible(32 * alpha), kernel_size=3, strides=(2, 2), padding="same", use_bias=False, name="Conv1"
    )(x)
    x = layers.BatchNormalization(axis=_axis(), name="bn_Conv1", **_NORMALIZATION)(x)
    x = layers.ReLU(6.0, name="Conv1_relu")(x)
    number = 0
    for filters, stride, count in _STAGES:
        for place in range(count):
            x = _block(x, number, _divisible(int(filters * alpha)), stride if place == 0 else 1)
            number += 1
    x = layers.Conv2D(_divisible(1280 * alpha) if alpha > 1.0 else 1280, kernel_size=1, use_bias=False, name="Conv_1")(
        x
    )
    x = layers.BatchNormalization(axis=_axis(), name="Conv_1_bn", **_NORMALIZATION)(x)
    x = layers.ReLU(6.0, name="out_relu")(x)
    if include_top:
        x = layers.GlobalAveragePooling2D()(x)
        check_activation(classifier_activation, weights)
        x = layers.Dense(classes, activation=classifier_activation, name="predictions")(x)
    elif pooling == "avg":
        x = layers.GlobalAveragePooling2D()(x)
    elif pooling == "max":
        x = layers.GlobalMaxPooling2D()(x)

    def stored() -> Stored:
        end = "" if include_top else "_no_top"
        return Stored(f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{rows}{end}.h5", "mobilenet_v2")

    return finish(begun, x, name or f"mobilenetv2_{alpha:0.2f}_{rows}", weights, stored)


def _block(inputs: Any, number: int, filters: int, stride: int) -> Any:
    """An expansion to six times the channels, a convolution of each for itself, and a projection."""
    channels = inputs.shape[_axis()]
    prefix, x = f"block_{number}_", inputs
    if number:
        x = layers.Conv2D(6 * channels, kernel_size=1, padding="same", use_bias=False, name=f"{prefix}expand")(x)
        x = layers.BatchNormalization(axis=_axis(), name=f"{prefix}expand_BN", **_NORMALIZATION)(x)
        x = layers.ReLU(6.0, name=f"{prefix}expand_relu")(x)
    else:
        prefix = "expanded_conv_"
    if stride == 2:
        x = layers.ZeroPadding2D(padding=_margins(x), name=f"{prefix}pad")(x)
    x = layers.DepthwiseConv2D(
        kernel_size=3,
        strides=stride,
        use_bias=False,
        padding="same" if stride == 1 else "valid",
        name=f"{prefix}depthwise",
    )(x)
    x = layers.BatchNormalization(axis=_axis(), name=f"{prefix}depthwise_BN", **_NORMALIZATION)(x)
    x = layers.ReLU(6.0, name=f"{prefix}depthwise_relu")(x)
    x = layers.Conv2D(filters, kernel_size=1, padding="same", use_bias=False, name=f"{prefix}project")(x)
    x = layers.BatchNormalization(axis=_axis(), name=f"{prefix}project_BN", **_NORMALIZATION)(x)
    if channels == filters and stride == 1:
        return layers.Add(name=f"{prefix}add")([inputs, x])
    return x


def _axis() -> int:
    return 1 if channel_axis() == 1 else -1


def _margins(x: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """The zeros around an image that make a 3x3 convolution with stride 2 meet its last row and column."""
    start = 2 if channel_axis() == 1 else 1
    rows, columns = x.shape[start : start + 2]
    if rows is None:
        return ((0, 1), (0, 1))
    return ((rows % 2, 1), (columns % 2, 1))


def _divisible(count: float) -> int:
    """The multiple of 8 nearest to a number of channels, and not less than nine tenths of it."""
    nearest = max(8, int(count + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * count else nearest


def _default_size(input_shape: Any, input_tensor: Any, first: bool) -> int:
    shape = input_shape
    if shape is None and input_tensor is not None:
        shape = tuple(input_tensor.shape)[1:]
    if shape is None:
        return 224
    rows, columns = shape[1:3] if first else shape[:2]
    return rows if rows == columns and rows in _SIZES else 224


def _size_of_weights(alpha: float, rows: int | None, columns: int | None) -> int:
    """The size of the images that the weights to load were trained on."""
    if alpha not in _WIDTHS:
        raise ValueError(
            "If imagenet weights are being loaded, alpha must be one of `0.35`, `0.50`, `0.75`, `1.0`, `1.3` or `1.4` "
            f"only; Received `alpha={alpha}`"
        )
    if rows == columns and rows in _SIZES:
        return rows
    warnings.warn(
        "`input_shape` is undefined or non-square, or `rows` is not in [96, 128, 160, 192, 224]. Weights for input "
        "shape (224, 224) will be loaded as the default.",
        stacklevel=3,
    )
    return 224


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Images with values from 0 to 255 as the model takes them: from -1 to 1.

    **Arguments:**
    - `x`, `data_format`: as for `tf.keras.applications.imagenet_utils.preprocess_input`.
    """
    return imagenet_utils.preprocess_input(x, data_format=data_format, mode="tf")
