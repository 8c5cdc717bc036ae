"""`tf.losses`: another name of `tf.keras.losses`."""

from functape._namespace import lazy
from functape.keras.losses import (
    MAE,
    MSE,
    binary_crossentropy,
    categorical_crossentropy,
    mae,
    mean_absolute_error,
    mean_squared_error,
    mse,
    sparse_categorical_crossentropy,
)

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
