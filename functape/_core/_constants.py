"""Tensors from Python and NumPy values."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._core._convert import convert, from_numpy, holds_tensors, is_tensor_like
from functape._core._dispatch import Composite
from functape._core._shape import TensorShape
from functape._core._tensor import Tensor
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import Cell


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const") -> Tensor:
    """A tensor with the given value (`tf.constant`).

    **Arguments:**
    - `value`: a number, string, nested sequence, NumPy array or tensor.
    - `dtype`: the dtype of the result; by default what TensorFlow infers (float32 for Python floats, int32 for ints).
    - `shape`: the shape of the result; a single value is repeated, several are reshaped.
    - `name`: accepted for compatibility; eager tensors have no names.

    **Raises:** `TypeError` if the value does not fit `dtype` or `shape`; `ValueError` if it is no tensor at all.

    ```python
    >>> import functape as tf
    >>> tf.constant([[1.0, 2.0]])
    <tf.Tensor: shape=(1, 2), dtype=float32, numpy=array([[1., 2.]], dtype=float32)>

    ```
    """
    wanted = None if dtype is None else as_dtype(dtype)
    if isinstance(value, Tensor) and wanted is not None and value.dtype is not wanted:
        raise TypeError(
            f"Expected tensor {value} with dtype {wanted!r}, but got dtype {value.dtype!r}. "
            f"Use tf.cast(x, {wanted!r}) to change the dtype of a tensor."
        )
    tensor = convert(_plain(value), wanted)
    if shape is None:
        return tensor
    lengths: Any = tuple(TensorShape(shape).as_list())
    count = int(np.prod(lengths))
    if tensor.aval.shape == lengths:
        return tensor
    array = np.asarray(tensor.numpy(), tensor.aval.dtype.as_numpy_dtype)
    if array.size == count:
        return from_numpy(array.reshape(lengths))
    if array.size == 1:
        return from_numpy(np.full(lengths, array.reshape(-1)[0], array.dtype))
    raise TypeError(
        f"Eager execution of tf.constant with unsupported shape. Tensor {array} (converted from {value!r}) has "
        f"{array.size} elements, but got `shape` {lengths} with {count} elements."
    )


def _plain(value: Any) -> Any:
    """What `tf.constant` makes a tensor of: a variable and a shape count as the numbers they hold.

    **Raises:** `ValueError` for tensors inside lists, and for slices.
    """
    if isinstance(value, Cell):
        return np.asarray(value)
    if isinstance(value, TensorShape) and value.is_fully_defined():
        return value.as_list()
    if (isinstance(value, list | tuple) and holds_tensors(value)) or hasattr(value, "to_dense_tensor"):
        raise ValueError(
            "tf.constant takes Python and NumPy values, not tensors inside a list. Use tf.stack(values) or "
            f"tf.convert_to_tensor(values). Received: {value!r}"
        )
    return value


def convert_to_tensor(
    value: Any,
    dtype: Any = None,
    dtype_hint: Any = None,
    name: str | None = None,
) -> Tensor:
    """The tensor that `value` stands for (`tf.convert_to_tensor`).

    **Arguments:**
    - `value`: a tensor, variable, number, string, nested sequence, NumPy or JAX array.
    - `dtype`: the dtype it must have. A tensor of another dtype is an error; Python values are converted.
    - `dtype_hint`: the dtype for a value that has none of its own, if it fits.
    - `name`: accepted for compatibility.

    **Raises:** `ValueError` for a tensor of another dtype or a value that is no tensor; `TypeError` for a Python value
    that does not fit `dtype`.

    ```python
    >>> import functape as tf
    >>> tf.convert_to_tensor([1, 2]).dtype
    tf.int32

    ```
    """
    return convert(
        value, None if dtype is None else as_dtype(dtype), None if dtype_hint is None else as_dtype(dtype_hint)
    )


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor or variable of functape's own (`tf.is_tensor`).

    ```python
    >>> import functape as tf
    >>> tf.is_tensor(tf.constant(1)), tf.is_tensor(1)
    (True, False)

    ```
    """
    return is_tensor_like(x) or hasattr(x, "__tf_tensor__") or isinstance(x, Composite) or hasattr(x, "dense_shape")
