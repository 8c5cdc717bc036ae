"""Random numbers under Keras's names (`tf.keras.random`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras.random._draws import (
    beta,
    binomial,
    categorical,
    dropout,
    gamma,
    normal,
    randint,
    shuffle,
    truncated_normal,
    uniform,
)
from functape.keras.random._seeds import SeedGenerator

__all__ = [
    "SeedGenerator", "beta", "binomial", "categorical", "dropout", "gamma", "normal", "randint", "shuffle",
    "truncated_normal", "uniform",
]  # fmt: skip

__getattr__ = lazy(__name__, {}, lambda: __all__)
