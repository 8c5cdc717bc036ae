"""TensorFlow's printed forms of tensors and variables, made of NumPy values."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._engine._dtypes import DType


def tensor_str(value: Any, shape: tuple[int, ...], dtype: DType) -> str:
    """What `str(tensor)` and `print(tensor)` show.

    **Arguments:**
    - `value`: the value as a NumPy array, or a NumPy scalar (bytes for a string) for shape `()`.
    - `shape`: its shape.
    - `dtype`: its dtype.

    ```python
    >>> import numpy as np
    >>> from functape._core._format import tensor_str
    >>> from functape._engine._dtypes import float32
    >>> print(tensor_str(np.float32(10), (), float32))
    tf.Tensor(10.0, shape=(), dtype=float32)

    ```
    """
    return f"tf.Tensor({_on_own_lines(str(value))}, shape={shape}, dtype={dtype.name})"


def tensor_repr(value: Any, shape: tuple[int, ...], dtype: DType) -> str:
    """What `repr(tensor)` and a notebook cell show. The arguments are as for `tensor_str`."""
    return f"<tf.Tensor: shape={shape}, dtype={dtype.name}, numpy={_value_repr(value)}>"


def variable_repr(value: Any, name: str, shape: tuple[int, ...], dtype: DType) -> str:
    """What `repr(variable)`, `str(variable)` and a notebook cell show.

    **Arguments:**
    - `value`: the value as a NumPy array or scalar.
    - `name`: the variable's full name, `w:0`.
    - `shape`: its shape.
    - `dtype`: its dtype.
    """
    return f"<tf.Variable '{name}' shape={shape} dtype={dtype.name}, numpy={_value_repr(value)}>"


def format_spec(value: Any, spec: str) -> str:
    """What `format(tensor, spec)` and `f"{tensor:spec}"` give: NumPy's own formatting of the value.

    **Raises:** `TypeError` if a spec is given for an array that is not a scalar.
    """
    return value.__format__(spec)


def _value_repr(value: Any) -> str:
    if isinstance(value, np.generic) and not isinstance(value, bytes):
        return _on_own_lines(repr(value.item()))
    return _on_own_lines(repr(value))


def _on_own_lines(text: str) -> str:
    """Text of several lines begins on a line of its own, so that NumPy's alignment holds."""
    return "\n" + text if "\n" in text else text
