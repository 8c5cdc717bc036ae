"""Keras's names (`tf.keras`). Each part loads on first touch."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {
    "losses": "functape.keras.losses",
    "optimizers": "functape.keras.optimizers",
}
__getattr__ = lazy(__name__, _LAZY, list)
