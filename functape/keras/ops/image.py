"""The operations on images (`tf.keras.ops.image`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras.ops import _images, _pixels

_FUNCTIONS = {name: function for part in (_images, _pixels) for name, function in part.FUNCTIONS.items()}
globals().update(_FUNCTIONS)

__all__ = [*_FUNCTIONS]
__getattr__ = lazy(__name__, {}, lambda: __all__)
