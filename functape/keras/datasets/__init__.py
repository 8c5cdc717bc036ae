"""Data sets, read from the files Keras keeps in `~/.keras/datasets` (`tf.keras.datasets`)."""

from __future__ import annotations

from functape._namespace import lazy

_NAMES = (
    "boston_housing", "california_housing", "cifar10", "cifar100", "fashion_mnist", "imdb", "mnist", "reuters",
)  # fmt: skip
_LAZY = {name: f"functape.keras.datasets.{name}" for name in _NAMES}

__getattr__ = lazy(__name__, _LAZY, list)
