"""What the classifiers have in common: how they begin, how they end, and where their weights come from."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from functape.keras import activations
from functape.keras._configuration import image_data_format
from functape.keras._symbolic import KerasTensor
from functape.keras.datasets._files import cached
from functape.keras.layers.core._input import Input
from functape.keras.models._functional import Functional
from functape.keras.models._model import Model

ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/"
_SMALLEST = 32


class Stored(NamedTuple):
    """A file of weights trained on ImageNet."""

    name: str
    folder: str
    """Its folder on the server."""
    md5: str | None = None


def channel_axis() -> int:
    """The axis of the channels in a batch of images."""
    return 3 if image_data_format() == "channels_last" else 1


def check_weights(weights: Any, include_top: bool, classes: int) -> None:
    """Reject weights that are neither None, `"imagenet"` nor a file, or that do not go with the other arguments.

    **Raises:** `ValueError`.
    """
    if weights not in ("imagenet", None) and not os.path.exists(weights):
        raise ValueError(
            "The `weights` argument should be either `None` (random initialization), 'imagenet' (pre-training on "
            f"ImageNet), or the path to the weights file to be loaded.  Received: weights={weights}"
        )
    if weights == "imagenet" and include_top and classes != 1000:
        raise ValueError(
            "If using `weights='imagenet'` with `include_top=True`, `classes` should be 1000.  Received "
            f"classes={classes}"
        )


def full_input_shape(given: Any, default_size: int, include_top: bool, weights: Any) -> tuple[int | None, ...]:
    """The shape of an image.

    **Arguments:**
    - `given`: as the user says; None for the default.
    - `default_size`: the height and width of the images of ImageNet.
    - `include_top`: whether the length of the features must be known.
    - `weights`: as given to the model.

    **Raises:** `ValueError` for a shape that cannot be, or that the weights are not for.
    """
    first = image_data_format() == "channels_first"
    channels_at = 0 if first else -1
    channels = 3
    if weights != "imagenet" and given and len(given) == 3:
        channels = given[channels_at]
        if channels not in (1, 3):
            warnings.warn(
                "This model usually expects 1 or 3 input channels. However, it was passed an input_shape with "
                f"{channels} input channels.",
                stacklevel=4,
            )
    default = (channels, default_size, default_size) if first else (default_size, default_size, channels)
    if weights == "imagenet" and include_top:
        if given is not None and tuple(given) != default:
            raise ValueError(
                "When setting `include_top=True` and loading `imagenet` weights, `input_shape` should be "
                f"{default}.  Received: input_shape={given}"
            )
        return default
    if not given:
        return default if include_top else (3, None, None) if first else (None, None, 3)
    if len(given) != 3:
        raise ValueError(f"`input_shape` must be a tuple of three integers. Received: input_shape={given}")
    if given[channels_at] != 3 and weights == "imagenet":
        raise ValueError(f"The input must have 3 channels; Received `input_shape={given}`")
    lengths = given[1:] if first else given[:2]
    if any(each is not None and each < _SMALLEST for each in lengths):
        raise ValueError(f"Input size must be at least {_SMALLEST}x{_SMALLEST}; Received: input_shape={given}")
    if include_top and None in given:
        raise ValueError(
            f"If `include_top` is True, you should specify a static `input_shape`. Received: input_shape={given}"
        )
    return tuple(given)


def begin(input_tensor: Any, input_shape: tuple[int | None, ...]) -> KerasTensor:
    """The symbolic tensor that a model begins with."""
    if input_tensor is None:
        return Input(shape=input_shape)
    if not isinstance(input_tensor, KerasTensor):
        raise ValueError(
            f"`input_tensor` must be a symbolic tensor, such as tf.keras.Input returns. Received: {input_tensor!r}"
        )
    return input_tensor


def finish(begun: KerasTensor, x: KerasTensor, name: str, weights: Any, stored: Callable[[], Stored]) -> Any:
    """The model, with its weights.

    **Arguments:**
    - `begun`: what `begin` returned.
    - `x`: the output.
    - `name`: the model's name.
    - `weights`: as given to the model.
    - `stored`: tells the file of weights trained on ImageNet.

    **Raises:** `FileNotFoundError` that says which file to put where, if those weights are not in Keras's cache and
    cannot be fetched.
    """
    model = Model(_sources(begun), x, name=name)
    assert isinstance(model, Functional)
    if weights == "imagenet":
        file = stored()
        weights = cached(file.name, f"{ADDRESS}{file.folder}/{file.name}", file.md5, "models")
    if weights is not None:
        model.load_weights(weights)
    return model


def _sources(tensor: KerasTensor) -> Any:
    """The inputs a symbolic tensor is computed from."""
    found: dict[int, KerasTensor] = {}
    waiting, seen = [tensor], set()
    while waiting:
        each = waiting.pop()
        node = each._node
        if node is None or node.is_input:
            found[id(each)] = each
        elif id(node) not in seen:
            seen.add(id(node))
            waiting += node.input_tensors
    inputs = list(found.values())
    return inputs[0] if len(inputs) == 1 else inputs


def check_activation(activation: Any, weights: Any) -> None:
    """Reject an activation that trained weights are not for.

    **Raises:** `ValueError`.
    """
    if weights is None:
        return
    if activations.get(activation) not in (activations.get("softmax"), activations.get(None)):
        raise ValueError(
            "Only `None` and `softmax` activations are allowed for the `classifier_activation` argument when using "
            f"pretrained weights, with `include_top=True`; Received: classifier_activation={activation}"
        )
