"""Small pictures of a hundred kinds (`tf.keras.datasets.cifar100`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._namespace import lazy
from functape.keras.datasets._files import unpacked, unpickle
from functape.keras.datasets.cifar10 import pictures

__all__ = ["load_data"]

_ADDRESS = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
_HASH = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"
_INSIDE = "cifar-100-python"


def load_data(label_mode: str = "fine") -> Any:
    """50,000 pictures of a hundred kinds to train with and 10,000 to test (`tf.keras.datasets.cifar100.load_data`).

    The files are in `~/.keras/datasets`.

    **Arguments:**
    - `label_mode`: `"fine"` for a hundred kinds, `"coarse"` for twenty groups of them.

    **Returns:** `(x_train, y_train), (x_test, y_test)`: uint8 `[n, 32, 32, 3]` and int64 `[n, 1]`.

    **Raises:** `FileNotFoundError` that says which file to put where; `ValueError` for another `label_mode`.
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(f'`label_mode` must be one of `"fine"`, `"coarse"`. Received: label_mode={label_mode}.')
    folder = unpacked(("cifar-100-python-target", "cifar-100-python"), _ADDRESS, _HASH, _INSIDE)
    parts = [pictures(unpickle(folder / name), f"{label_mode}_labels") for name in ("train", "test")]
    train, test = ((images, labels.astype(np.int64)) for images, labels in parts)
    return train, test


__getattr__ = lazy(__name__, {}, lambda: __all__)
