"""The backend's cross-entropies, for each element or over an axis, and dropout."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api import _elementwise as elementwise
from functape._api import _reductions as reductions
from functape._api._activations import softmax
from functape._api._clipping import clip_by_value
from functape._api._cross_entropies import sigmoid_cross_entropy_with_logits
from functape._api._nn import dropout
from functape._api._static import operand
from functape.keras._configuration import epsilon
from functape.keras.backend._table import described
from functape.keras.losses import categorical_crossentropy, sparse_categorical_crossentropy


def _inside(output: Any) -> Any:
    return clip_by_value(output, epsilon(), 1.0 - epsilon())


def _binary(target: Any, output: Any, from_logits: bool) -> Any:
    predicted = operand(output)
    wanted = operand(target, hint=predicted.aval.dtype)
    if from_logits:
        return sigmoid_cross_entropy_with_logits(labels=wanted, logits=predicted)
    predicted = _inside(predicted)
    entropy = wanted * elementwise.log(predicted + epsilon())
    return -(entropy + (1.0 - wanted) * elementwise.log(1.0 - predicted + epsilon()))


def _binary_focal(
    target: Any, output: Any, apply_class_balancing: bool, alpha: float, gamma: float, from_logits: bool
) -> Any:
    predicted = operand(output)
    wanted = operand(target, hint=predicted.aval.dtype)
    probability = elementwise.sigmoid(predicted) if from_logits else predicted
    right = wanted * probability + (1.0 - wanted) * (1.0 - probability)
    loss = elementwise.pow(1.0 - right, gamma) * _binary(wanted, predicted, from_logits)
    return loss * (wanted * alpha + (1.0 - wanted) * (1.0 - alpha)) if apply_class_balancing else loss


def _categorical_focal(target: Any, output: Any, alpha: Any, gamma: float, from_logits: bool, axis: int) -> Any:
    predicted = operand(output)
    wanted = operand(target, hint=predicted.aval.dtype)
    probability = softmax(predicted, axis) if from_logits else predicted
    probability = _inside(probability / reductions.reduce_sum(probability, axis, keepdims=True))
    weight = elementwise.pow(1.0 - probability, gamma) * alpha
    return reductions.reduce_sum(weight * (-wanted * elementwise.log(probability)), axis)


def _dropout(x: Any, level: float, noise_shape: Any, seed: Any) -> Any:
    return dropout(x, level, noise_shape, int(np.random.randint(int(10e6))) if seed is None else seed)


FUNCTIONS = described(
    {
        "binary_crossentropy": (
            "The cross-entropy of each element",
            lambda target, output, from_logits=False: _binary(target, output, from_logits),
        ),
        "binary_focal_crossentropy": (
            "The focal cross-entropy of each element",
            lambda target, output, apply_class_balancing=False, alpha=0.25, gamma=2.0, from_logits=False: _binary_focal(
                target, output, apply_class_balancing, alpha, gamma, from_logits
            ),
        ),
        "categorical_crossentropy": (
            "The cross-entropy between distributions",
            lambda target, output, from_logits=False, axis=-1: categorical_crossentropy(
                target, output, from_logits, axis=axis
            ),
        ),
        "categorical_focal_crossentropy": (
            "The focal cross-entropy between distributions",
            lambda target, output, alpha=0.25, gamma=2.0, from_logits=False, axis=-1: _categorical_focal(
                target, output, alpha, gamma, from_logits, axis
            ),
        ),
        "sparse_categorical_crossentropy": (
            "The cross-entropy between classes and distributions",
            lambda target, output, from_logits=False, axis=-1, ignore_class=None: sparse_categorical_crossentropy(
                target, output, from_logits, ignore_class, axis
            ),
        ),
        "dropout": (
            "A tensor with elements set to zero at random",
            lambda x, level, noise_shape=None, seed=None: _dropout(x, level, noise_shape, seed),
        ),
    },
    "functape.keras.backend",
)
