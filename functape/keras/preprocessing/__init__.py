"""Preparing images, sequences and texts (`tf.keras.preprocessing`)."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {name: f"functape.keras.preprocessing.{name}" for name in ("image", "sequence", "text")}

__getattr__ = lazy(__name__, _LAZY, list)
