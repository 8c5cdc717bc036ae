"""Prices of houses in California (`tf.keras.datasets.california_housing`)."""

from __future__ import annotations

from typing import Any

from functape._namespace import lazy
from functape.keras.datasets._files import arrays, cached, split_at_random

__all__ = ["load_data"]

_HASH = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
_ROWS = {"small": 600, "large": None}


def load_data(
    version: str = "large", path: str = "california_housing.npz", test_split: float = 0.2, seed: int = 113
) -> Any:
    """20,640 districts with 8 numbers each, and their prices (`tf.keras.datasets.california_housing.load_data`).

    **Arguments:**
    - `version`: `"large"`, or `"small"` for the first 600.
    - `path`: the file in Keras's cache, `~/.keras/datasets`, or elsewhere.
    - `test_split`: the share to test with.
    - `seed`: decides which.

    **Returns:** `(x_train, y_train), (x_test, y_test)`: float32 `[n, 8]` and `[n]`.

    **Raises:** `FileNotFoundError` that says which file to put where; `ValueError` for another version or share.
    """
    if version not in _ROWS:
        raise ValueError(f"Argument `version` must be one of 'small', 'large'. Received: version={version}")
    if not 0 <= test_split < 1:
        raise ValueError(f"Invalid `test_split` argument: {test_split}. It must be between 0 and 1 (exclusive of 1).")
    x, y = arrays(cached(path, file_hash=_HASH), "x", "y")
    return split_at_random(x[: _ROWS[version]], y[: _ROWS[version]], test_split, seed)


__getattr__ = lazy(__name__, {}, lambda: __all__)
