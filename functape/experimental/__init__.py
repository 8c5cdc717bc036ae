"""`tf.experimental`: NumPy's interface, DLPack, and names whose place is not settled yet."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {
    "Optional": "functape.data.experimental:Optional",
    "dlpack": "functape.experimental.dlpack",
    "numpy": "functape.experimental.numpy",
}
__all__ = sorted(_LAZY)
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
