"""`tf.register_tensor_conversion_function`: how objects of users' classes become tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Conversion = Callable[..., Any]
_BUILT_IN = (int, float, bool, complex, np.generic, np.ndarray)
SEQUENCES = 100
"""The priority of the conversions of sequences and strings: a class of these is converted before them from below."""

_registered: list[tuple[int, tuple[type, ...], Conversion]] = []
"""Priority, classes and function of each, the first to be tried first."""


def register_tensor_conversion_function(base_type: Any, conversion_func: Conversion, priority: int = 100) -> None:
    """Have objects of a class converted to tensors (`tf.register_tensor_conversion_function`).

    **Arguments:**
    - `base_type`: the class, or a tuple of classes; subclasses count.
    - `conversion_func`: a function `(value, dtype, name, as_ref)` that returns a tensor, or `NotImplemented` where
      another should try. `dtype` is None if any will do.
    - `priority`: of several functions the one with the smallest number is asked first.

    **Raises:** `TypeError` if `base_type` is no class, or one of Python's or NumPy's numbers, or the function cannot be
    called.

    ```python
    >>> import functape as tf
    >>> class Celsius:
    ...     def __init__(self, degrees):
    ...         self.degrees = degrees
    >>> def convert(value, dtype=None, name=None, as_ref=False):
    ...     return tf.constant(value.degrees, dtype)
    >>> tf.register_tensor_conversion_function(Celsius, convert)
    >>> print(tf.add(Celsius(20.5), 1.0).numpy())
    21.5

    ```
    """
    classes = base_type if isinstance(base_type, tuple) else (base_type,)
    for each in classes:
        if not isinstance(each, type):
            raise TypeError(f"Argument `base_type` must be a type or a tuple of types. Received: {base_type!r}")
    if any(issubclass(each, _BUILT_IN) for each in classes):
        raise TypeError(
            "Cannot register conversions for Python numeric types and NumPy scalars and arrays. "
            f"Received: {base_type!r}"
        )
    if not callable(conversion_func):
        raise TypeError(f"Argument `conversion_func` must be callable. Received: {conversion_func!r}")
    _registered.append((priority, classes, conversion_func))
    _registered.sort(key=lambda entry: entry[0])


def registered_conversion(value: Any, dtype: Any) -> Any:
    """The tensor that a registered function makes of a value, or `NotImplemented`.

    **Arguments:**
    - `value`: any object.
    - `dtype`: the dtype it must have, or None.

    **Raises:** `RuntimeError` if a function returns something else.
    """
    sequence = isinstance(value, str | bytes | list | tuple)
    for priority, classes, function in _registered:
        if isinstance(value, classes) and not (sequence and priority >= SEQUENCES):
            made = function(value, dtype=dtype, name=None, as_ref=False)
            if made is NotImplemented:
                continue
            if not hasattr(made, "aval") or (dtype is not None and made.aval.dtype is not dtype):
                raise RuntimeError(
                    f"The conversion function {function!r} for {type(value).__name__} must return a tensor"
                    f"{'' if dtype is None else f' of dtype {dtype.name}'}. Returned: {made!r}"
                )
            return made
    return NotImplemented
