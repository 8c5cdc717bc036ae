"""Tables that change (`tf.lookup.experimental`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.lookup._mutable import DenseHashTable, MutableHashTable

__all__ = ["DenseHashTable", "MutableHashTable"]
__getattr__ = lazy(__name__, {}, lambda: __all__)
