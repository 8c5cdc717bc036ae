"""Small pictures of ten kinds (`tf.keras.datasets.cifar10`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._namespace import lazy
from functape.keras._configuration import image_data_format
from functape.keras.datasets._files import unpacked, unpickle

__all__ = ["load_data"]

_ADDRESS = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
_HASH = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
_INSIDE = "cifar-10-batches-py"


def load_data() -> Any:
    """50,000 pictures of ten kinds to train with and 10,000 to test (`tf.keras.datasets.cifar10.load_data`).

    The files are in `~/.keras/datasets`.

    **Returns:** `(x_train, y_train), (x_test, y_test)`: uint8 `[n, 32, 32, 3]` and `[n, 1]`.

    **Raises:** `FileNotFoundError` that says which file to put where.
    """
    folder = unpacked(("cifar-10-batches-py-target", "cifar-10-batches-py"), _ADDRESS, _HASH, _INSIDE)
    parts = [pictures(unpickle(folder / f"data_batch_{number}"), "labels") for number in range(1, 6)]
    train = tuple(np.concatenate([part[place] for part in parts]) for place in (0, 1))
    return train, pictures(unpickle(folder / "test_batch"), "labels")


def pictures(batch: dict[str, Any], labels: str) -> tuple[Any, Any]:
    """Pictures and labels of a file."""
    images = np.asarray(batch["data"], np.uint8).reshape(-1, 3, 32, 32)
    if image_data_format() == "channels_last":
        images = images.transpose(0, 2, 3, 1)
    return images, np.asarray(batch[labels]).reshape(-1, 1).astype(np.uint8)


__getattr__ = lazy(__name__, {}, lambda: __all__)
