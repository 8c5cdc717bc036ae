"""Keras's operations (`tf.keras.ops`), under its argument names and with its dtypes.

```python
>>> import functape as tf
>>> ops = tf.keras.ops
>>> ops.mean([1, 2, 4]).dtype, ops.add(tf.constant(1, tf.int8), 0.5).dtype
(tf.float32, tf.float32)

```
"""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras.ops import (
    _control,
    _creation,
    _elementwise,
    _networks,
    _products,
    _reductions,
    _selecting,
    _shaping,
    _signals,
    _windows,
)

_PARTS = (
    _control, _creation, _elementwise, _networks, _products, _reductions, _selecting, _shaping, _signals, _windows,
)  # fmt: skip
_FUNCTIONS = {name: function for part in _PARTS for name, function in part.FUNCTIONS.items()}
globals().update(_FUNCTIONS)

_LAZY = {name: f"functape.keras.ops.{name}" for name in ("image", "linalg", "nn", "numpy")}

__all__ = [*_FUNCTIONS]
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
