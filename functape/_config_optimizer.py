"""`tf.config.optimizer`: options of graph optimization."""

from __future__ import annotations

from functape._config_devices import (
    get_experimental_options,
    get_jit,
    set_experimental_options,
    set_jit,
)
from functape._namespace import lazy

__all__ = [
    "get_experimental_options",
    "get_jit",
    "set_experimental_options",
    "set_jit",
]
__getattr__ = lazy(__name__, {}, lambda: __all__)
