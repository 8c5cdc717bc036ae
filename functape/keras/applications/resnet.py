"""`tf.keras.applications`' residual networks."""

from __future__ import annotations

from typing import Any

from functape.keras.applications import imagenet_utils
from functape.keras.applications._residual import residual_network
from functape.keras.applications.imagenet_utils import decode_predictions

__all__ = ["ResNet50", "ResNet101", "ResNet152", "decode_predictions", "preprocess_input"]


def ResNet50(
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "resnet50",
) -> Any:
    """The ResNet50 classifier (`tf.keras.applications.ResNet50`).

    **Arguments:**
    - `include_top`: whether to have the dense layers at the end.
    - `weights`: None for random ones, a path to a file of weights, or `"imagenet"` for those in Keras's cache.
    - `input_tensor`: a symbolic tensor to begin with.
    - `input_shape`: the shape of an image; (224, 224, 3) by default, with `include_top`.
    - `pooling`: without `include_top`, `"avg"` or `"max"` for one feature a channel; None for feature maps.
    - `classes`: the number of classes.
    - `classifier_activation`: of the last layer; None for logits.
    - `name`: the model's name.

    **Raises:** `ValueError` for arguments that do not go together; `FileNotFoundError` that says which file to put
    where, if the weights of ImageNet are not in the cache and cannot be fetched.

    ```python
    >>> import functape as tf
    >>> model = tf.keras.applications.ResNet50(weights=None, include_top=False, input_shape=(32, 32, 3))
    >>> model.output_shape, model.count_params()
    ((None, 1, 1, 2048), 23587712)

    ```
    """
    return residual_network(
        "resnet50", (3, 4, 6, 3), 1, include_top, weights, input_tensor, input_shape, pooling, classes,
        classifier_activation, name,
    )  # fmt: skip


def ResNet101(
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "resnet101",
) -> Any:
    """The ResNet101 classifier (`tf.keras.applications.ResNet101`).

    **Arguments:**
    - `include_top`: whether to have the dense layers at the end.
    - `weights`: None for random ones, a path to a file of weights, or `"imagenet"` for those in Keras's cache.
    - `input_tensor`: a symbolic tensor to begin with.
    - `input_shape`: the shape of an image; (224, 224, 3) by default, with `include_top`.
    - `pooling`: without `include_top`, `"avg"` or `"max"` for one feature a channel; None for feature maps.
    - `classes`: the number of classes.
    - `classifier_activation`: of the last layer; None for logits.
    - `name`: the model's name.

    **Raises:** `ValueError` for arguments that do not go together; `FileNotFoundError` that says which file to put
    where, if the weights of ImageNet are not in the cache and cannot be fetched.
    """
    return residual_network(
        "resnet101", (3, 4, 23, 3), 1, include_top, weights, input_tensor, input_shape, pooling, classes,
        classifier_activation, name,
    )  # fmt: skip


def ResNet152(
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "resnet152",
) -> Any:
    """The ResNet152 classifier (`tf.keras.applications.ResNet152`).

    **Arguments:**
    - `include_top`: whether to have the dense layers at the end.
    - `weights`: None for random ones, a path to a file of weights, or `"imagenet"` for those in Keras's cache.
    - `input_tensor`: a symbolic tensor to begin with.
    - `input_shape`: the shape of an image; (224, 224, 3) by default, with `include_top`.
    - `pooling`: without `include_top`, `"avg"` or `"max"` for one feature a channel; None for feature maps.
    - `classes`: the number of classes.
    - `classifier_activation`: of the last layer; None for logits.
    - `name`: the model's name.

    **Raises:** `ValueError` for arguments that do not go together; `FileNotFoundError` that says which file to put
    where, if the weights of ImageNet are not in the cache and cannot be fetched.
    """
    return residual_network(
        "resnet152", (3, 8, 36, 3), 1, include_top, weights, input_tensor, input_shape, pooling, classes,
        classifier_activation, name,
    )  # fmt: skip


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Images with values from 0 to 255 as the model takes them: blue, green, red, less the means of ImageNet.

    **Arguments:**
    - `x`, `data_format`: as for `tf.keras.applications.imagenet_utils.preprocess_input`.
    """
    return imagenet_utils.preprocess_input(x, data_format=data_format, mode="caffe")
