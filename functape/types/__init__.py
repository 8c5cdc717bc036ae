"""`tf.types`: types for annotations and `isinstance`."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {"experimental": "functape.types.experimental"}
__all__ = sorted(_LAZY)
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
