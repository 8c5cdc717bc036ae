"""Losses under Keras's names (`tf.keras.losses`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras.losses._functions import (
    binary_crossentropy,
    categorical_crossentropy,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_crossentropy,
)

MSE = mse = mean_squared_error
MAE = mae = mean_absolute_error

__all__ = [
    "MAE",
    "MSE",
    "binary_crossentropy",
    "categorical_crossentropy",
    "mae",
    "mean_absolute_error",
    "mean_squared_error",
    "mse",
    "sparse_categorical_crossentropy",
]

__getattr__ = lazy(__name__, {}, lambda: __all__)
