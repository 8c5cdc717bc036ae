"""Prices of houses in Boston (`tf.keras.datasets.boston_housing`)."""

from __future__ import annotations

from typing import Any

from functape._namespace import lazy
from functape.keras.datasets._files import arrays, cached, split_at_random

__all__ = ["load_data"]

_HASH = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


def load_data(path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113) -> Any:
    """506 districts with 13 numbers each, and their prices (`tf.keras.datasets.boston_housing.load_data`).

    **Arguments:**
    - `path`: the file in Keras's cache, `~/.keras/datasets`, or elsewhere.
    - `test_split`: the share to test with.
    - `seed`: decides which.

    **Returns:** `(x_train, y_train), (x_test, y_test)`: float64 `[n, 13]` and `[n]`.

    **Raises:** `FileNotFoundError` that says which file to put where; `ValueError` for another share.
    """
    if not 0 <= test_split < 1:
        raise ValueError(f"Invalid `test_split` argument: {test_split}. It must be between 0 and 1 (exclusive of 1).")
    x, y = arrays(cached(path, file_hash=_HASH), "x", "y")
    return split_at_random(x, y, test_split, seed)


__getattr__ = lazy(__name__, {}, lambda: __all__)
