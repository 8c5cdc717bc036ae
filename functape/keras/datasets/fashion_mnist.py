"""Pictures of clothes (`tf.keras.datasets.fashion_mnist`)."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np

from functape._namespace import lazy
from functape.keras.datasets._files import cached

__all__ = ["load_data"]

_FOLDER = "datasets/fashion-mnist"


def load_data() -> Any:
    """60,000 pictures of clothes to train with and 10,000 to test (`tf.keras.datasets.fashion_mnist.load_data`).

    The files are in `~/.keras/datasets/fashion-mnist`.

    **Returns:** `(x_train, y_train), (x_test, y_test)`: uint8 `[n, 28, 28]` and `[n]`.

    **Raises:** `FileNotFoundError` that says which file to put where.
    """
    return _part("train"), _part("t10k")


def _part(name: str) -> tuple[Any, Any]:
    labels = _bytes(f"{name}-labels-idx1-ubyte.gz", 8)
    images = _bytes(f"{name}-images-idx3-ubyte.gz", 16)
    return images.reshape(len(labels), 28, 28), labels


def _bytes(name: str, offset: int) -> np.ndarray[Any, Any]:
    with gzip.open(cached(name, folder=_FOLDER)) as file:
        return np.frombuffer(file.read(), np.uint8, offset=offset)


__getattr__ = lazy(__name__, {}, lambda: __all__)
