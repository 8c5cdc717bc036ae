"""`tf.keras.layers.TimeDistributed`."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from functape._api._joining import stack
from functape._api._shaping import broadcast_to, expand_dims, reshape
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_calls import calls, leaves_of, map_leaves
from functape.keras.layers.core._wrapper import Wrapper

_FAMILIES = ("convolutional", "pooling", "reshaping", "core", "embedding", "activation", "merging", "normalization")
"""Packages whose layers do the same to each example, whichever others there are, unless they know of training."""


def _at(step: int, each: Any) -> Any:
    return each[:, step]


class TimeDistributed(Wrapper):
    """A layer applied to every step of a sequence (`tf.keras.layers.TimeDistributed`).

    **Arguments:**
    - `layer`: the layer; its inputs are the steps `[batch, ...]`.

    **Raises:** `ValueError` for something that is no layer, inputs without steps, or a mask of another shape.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.TimeDistributed(tf.keras.layers.Dense(4))(tf.ones((2, 5, 3))).shape
    TensorShape([2, 5, 4])

    ```
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Please initialize `TimeDistributed` layer with a `keras.layers.Layer` instance. Received: {layer}"
            )
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any = None) -> None:
        """Build the layer for a step."""
        super().build(map_leaves(_of_step, input_shape))

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The layer's outputs, with the time axis where it was.

        **Arguments:**
        - `inputs`: `[batch, time, ...]`, or a structure of such tensors.
        - `mask`: `[batch, time, ...]`, passed on if the layer takes it.
        """
        tensors = [leaf for leaf in leaves_of(inputs) if leaf is not None]
        batch, time = tensors[0].aval.shape[:2]
        if mask is not None:
            _check_mask(mask, tensors[0])
        spec = self.layer._spec
        kwargs = {"training": training} if spec.takes_training else {}
        masked = mask is not None and spec.takes_mask
        if not masked and does_each_alone(self.layer):
            outputs = self.layer(map_leaves(_flattened, inputs), **kwargs)
            return map_leaves(lambda each: reshape(each, (batch, time, *each.aval.shape[1:])), outputs)
        if calls.abstract:
            given = {**kwargs, "mask": mask[:, 0]} if masked else kwargs
            outputs = self.layer(map_leaves(lambda each: each[:, 0], inputs), **given)
            return map_leaves(lambda each: _spread(each, time), outputs)
        steps = []
        for index in range(time):
            given = {**kwargs, "mask": mask[:, index]} if masked else kwargs
            steps.append(self.layer(map_leaves(partial(_at, index), inputs), **given))
        columns = [stack(list(column), 1) for column in zip(*map(leaves_of, steps), strict=True)]
        following = iter(columns)
        return map_leaves(lambda _: next(following), steps[0])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the inputs."""
        return mask

    def _masks_nothing(self) -> bool:
        return True


def does_each_alone(layer: Any) -> bool:
    """Whether a layer does the same to each example, whichever others there are, and draws no random numbers."""
    inner = layer.__dict__.get("_tracked") and getattr(layer, "layers", None)
    if inner and type(layer).__module__.startswith("functape.keras.models."):
        return all(map(does_each_alone, inner))
    parts = type(layer).__module__.split(".")
    if parts[:3] != ["functape", "keras", "layers"] or len(parts) < 4 or parts[3] not in _FAMILIES:
        return False
    if type(layer).__name__ in ("SpectralNormalization", "Lambda", "FlaxLayer", "Masking"):
        return False
    return not layer._spec.takes_training and layer.activity_regularizer is None


def _of_step(shape: Any) -> Any:
    lengths = tuple(shape)
    if len(lengths) < 3:
        raise ValueError(
            f"`TimeDistributed` Layer should be passed an `input_shape` with at least 3 dimensions, received: {lengths}"
        )
    return type(shape)((lengths[0], *lengths[2:]))


def _flattened(tensor: Any) -> Any:
    shape = tensor.aval.shape
    return reshape(tensor, (math.prod(shape[:2]), *shape[2:]))


def _spread(tensor: Any, time: int) -> Any:
    shape = tensor.aval.shape
    return broadcast_to(expand_dims(tensor, 1), (shape[0], time, *shape[1:]))


def _check_mask(mask: Any, inputs: Any) -> None:
    shape, wanted = mask.aval.shape, inputs.aval.shape
    if len(shape) < 2:
        raise ValueError(
            "The `mask` passed to the `TimeDistributed` layer must be at least 2D (e.g., `(batch_size, timesteps)`), "
            f"but it has {len(shape)} dimension(s) with shape {tuple(shape)}."
        )
    if shape[:2] != wanted[:2]:
        raise ValueError(
            f"The `mask` passed to the `TimeDistributed` layer has a shape {tuple(shape)} that is incompatible with "
            f"the input shape {tuple(wanted)}. Its first two axes must be {tuple(wanted[:2])}."
        )
