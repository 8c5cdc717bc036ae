"""The optimizers of TensorFlow before 2.11 (`tf.keras.optimizers.legacy`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras.optimizers.legacy._base import Optimizer
from functape.keras.optimizers.legacy._optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    Ftrl,
    Nadam,
    RMSprop,
)

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "Ftrl", "Nadam", "Optimizer", "RMSprop"]

__getattr__ = lazy(__name__, {}, lambda: __all__)
