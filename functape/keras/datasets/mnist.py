"""Handwritten digits (`tf.keras.datasets.mnist`)."""

from __future__ import annotations

from typing import Any

from functape._namespace import lazy
from functape.keras.datasets._files import arrays, cached

__all__ = ["load_data"]

_HASH = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def load_data(path: str = "mnist.npz") -> Any:
    """60,000 images of digits to train with and 10,000 to test (`tf.keras.datasets.mnist.load_data`).

    **Arguments:**
    - `path`: the file in Keras's cache, `~/.keras/datasets`, or elsewhere.

    **Returns:** `(x_train, y_train), (x_test, y_test)`: uint8 `[n, 28, 28]` and `[n]`.

    **Raises:** `FileNotFoundError` that says which file to put where.
    """
    found = arrays(cached(path, file_hash=_HASH), "x_train", "y_train", "x_test", "y_test")
    return found[:2], found[2:]


__getattr__ = lazy(__name__, {}, lambda: __all__)
