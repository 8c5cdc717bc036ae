"""Keras 2's serialization under Keras 3's names (`tf.keras.legacy`)."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {"saving": "functape.keras.utils.legacy"}

__getattr__ = lazy(__name__, _LAZY, list)
