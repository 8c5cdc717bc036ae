"""Random numbers under TensorFlow's names (`tf.random`)."""

from __future__ import annotations

from functape._api._random import normal, shuffle, truncated_normal, uniform
from functape._api._stateless_random import stateless_normal, stateless_truncated_normal, stateless_uniform
from functape._namespace import lazy
from functape._seeds import set_seed

__all__ = [
    "normal",
    "set_seed",
    "shuffle",
    "stateless_normal",
    "stateless_truncated_normal",
    "stateless_uniform",
    "truncated_normal",
    "uniform",
]

__getattr__ = lazy(__name__, {}, lambda: __all__)
