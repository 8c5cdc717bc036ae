"""`experimental_enable_numpy_behavior`: NumPy's methods, promotion and indexing on tensors."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from functape._core._cast import cast
from functape._core._tensor import Operators, Tensor
from functape._engine._recorder import local
from functape.experimental.numpy import _elementwise as elementwise
from functape.experimental.numpy import _products as products
from functape.experimental.numpy import _reductions as reductions
from functape.experimental.numpy import _shaping as shaping
from functape.experimental.numpy._indexing import index_like_numpy
from functape.experimental.numpy._types import promoted, settings

logger = logging.getLogger("functape")

_ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
_OTHERS = ("lt", "le", "gt", "ge", "eq", "ne")
_before: dict[tuple[type, str], Any] = {}
"""What the classes had under the names that were set, for `disable`."""


def experimental_enable_numpy_behavior(prefer_float32: bool = False, dtype_conversion_mode: str = "legacy") -> None:
    """Have tensors behave as NumPy's arrays (`tf.experimental.numpy.experimental_enable_numpy_behavior`).

    They get methods and attributes of arrays (`T`, `reshape`, `ravel`, `astype`, ...); operators promote dtypes as
    NumPy does; and indexing takes lists, arrays and masks.

    **Arguments:**
    - `prefer_float32`: whether Python floats count as float32 in `tf.experimental.numpy`.
    - `dtype_conversion_mode`: `"legacy"` for NumPy's promotion, `"off"` for none.

    **Raises:** `NotImplementedError` for the modes `"safe"` and `"all"`; `ValueError` for any other.

    ```python
    >>> import functape as tf
    >>> from functape.experimental.numpy._behavior import disable
    >>> tf.experimental.numpy.experimental_enable_numpy_behavior()
    >>> x = tf.constant([[1, 2, 3], [4, 5, 6]])
    >>> (x.T.reshape(-1) * 0.5)[[0, 5]].numpy()
    array([0.5, 3. ])
    >>> disable()

    ```
    """
    if dtype_conversion_mode not in ("off", "legacy", "safe", "all"):
        raise ValueError(
            "dtype_conversion_mode must be 'off', 'legacy', 'safe' or 'all'. "
            f"Received: dtype_conversion_mode={dtype_conversion_mode!r}"
        )
    if dtype_conversion_mode in ("safe", "all"):
        raise NotImplementedError(
            f"The conversion mode {dtype_conversion_mode!r}, with weak types, is not supported: use 'legacy'. "
            f"Received: dtype_conversion_mode={dtype_conversion_mode!r}"
        )
    disable()
    settings.prefer_float32 = prefer_float32
    for name, value in _MEMBERS.items():
        _set(Tensor, name, value)
    _set(Operators, "__getitem__", index_like_numpy)
    if dtype_conversion_mode == "legacy":
        for name in _ARITHMETIC:
            _set(Operators, f"__{name}__", _promoting(getattr(Operators, f"__{name}__")))
            _set(Operators, f"__r{name}__", _promoting(getattr(Operators, f"__r{name}__")))
        for name in _OTHERS:
            _set(Operators, f"__{name}__", _promoting(getattr(Operators, f"__{name}__")))
        _set(Operators, "__matmul__", lambda self, other: products.matmul(self, other))
        _set(Operators, "__rmatmul__", lambda self, other: products.matmul(other, self))


def disable() -> None:
    """Undo `experimental_enable_numpy_behavior`."""
    for (owner, name), value in _before.items():
        if value is None:
            delattr(owner, name)
        else:
            setattr(owner, name, value)
    _before.clear()
    settings.prefer_float32 = False


def _set(owner: type, name: str, value: Any) -> None:
    _before.setdefault((owner, name), vars(owner).get(name))
    setattr(owner, name, value)


def _promoting(method: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operator's method whose operands take the dtype they have together."""

    @functools.wraps(method)
    def operator(self: Any, other: Any) -> Any:
        if other is None or getattr(other, "__array_priority__", 0) > self.__array_priority__:
            return method(self, other)
        if getattr(other, "dtype", None) is self.dtype:
            return method(self, other)
        try:
            mine, others = promoted(self, other)
        except (TypeError, ValueError):
            return method(self, other)
        return method(mine, others)

    return operator


def _reshape(self: Any, *newshape: Any, **kwargs: Any) -> Any:
    """The elements in another shape: a shape, or its lengths."""
    order = kwargs.pop("order", "C")
    if kwargs:
        raise ValueError(f"Unsupported arguments: {kwargs.keys()}")
    whole = len(newshape) == 1 and not isinstance(newshape[0], int)
    return shaping.reshape(self, newshape[0] if whole else newshape, order)


def _tolist(self: Any) -> Any:
    """The elements as nested lists."""
    if local.recorder.tracing and not hasattr(self, "value"):
        raise ValueError("Symbolic Tensors do not support the tolist API.")
    return np.asarray(self.numpy()).tolist()


_MEMBERS: dict[str, Any] = {
    "T": property(shaping.transpose),
    "size": property(lambda self: np.prod(self.aval.shape, dtype=int)),
    "data": property(lambda self: self),
    "__pos__": lambda self: self,
    "__round__": elementwise.around,
    "tolist": _tolist,
    "transpose": shaping.transpose,
    "flatten": shaping.flatten,
    "reshape": _reshape,
    "ravel": shaping.ravel,
    "clip": elementwise.clip,
    "astype": cast,
    "max": reductions.amax,
    "mean": reductions.mean,
    "min": reductions.amin,
}
