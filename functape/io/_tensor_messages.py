"""Messages that hold a tensor, in TensorFlow's wire format."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from functape._api._static import invalid
from functape._core._convert import convert, is_tensor_like
from functape._core._known import read
from functape._engine._dtypes import DType, as_dtype, string
from functape.io._messages import TensorProto

Array = np.ndarray[Any, Any]
_FIELDS = {
    "float16": "half_val", "bfloat16": "half_val", "float32": "float_val", "float64": "double_val", "int8": "int_val",
    "int16": "int_val", "int32": "int_val", "uint8": "int_val", "uint16": "int_val", "int64": "int64_val",
    "bool": "bool_val", "complex64": "scomplex_val", "complex128": "dcomplex_val", "uint32": "uint32_val",
    "uint64": "uint64_val", "string": "string_val",
}  # fmt: skip
"""Where a message holds values that are not packed as bytes."""


def to_message(array: Array, dtype: DType) -> Any:
    """The message of a tensor's value."""
    message = TensorProto(dtype=dtype.as_datatype_enum)
    message.tensor_shape.SetInParent()
    for length in array.shape:
        message.tensor_shape.dim.add(size=length)
    if dtype is string:
        message.string_val.extend(array.reshape(-1).tolist())
    else:
        message.tensor_content = np.asarray(array, dtype.as_numpy_dtype).tobytes()
    return message


def from_message(message: Any) -> Array:
    """The value of the tensor that a message holds.

    **Raises:** `InvalidArgumentError` for a type that tensors do not have, or values that do not fill the shape.
    """
    try:
        dtype = as_dtype(message.dtype)
    except TypeError:
        raise invalid(f"The serialized tensor has a type that is not supported: number {message.dtype}.") from None
    shape = tuple(dim.size for dim in message.tensor_shape.dim)
    count = int(np.prod(shape))
    kind = np.dtype(dtype.as_numpy_dtype)
    if message.tensor_content:
        values = np.frombuffer(message.tensor_content, kind)
    else:
        values = _listed(getattr(message, _FIELDS[dtype.name]), dtype, kind)
        if 0 < values.size < count:
            # What is left out equals the last one.
            values = np.concatenate([values, np.full(count - values.size, values[-1], kind)])
    if not values.size:
        values = np.full(count, b"" if dtype is string else 0, kind)
    if values.size != count:
        raise invalid(f"The serialized tensor holds {values.size} values, but its shape is {list(shape)}.")
    return values.reshape(shape).copy()


def _listed(held: Any, dtype: DType, kind: np.dtype[Any]) -> Array:
    if dtype is string:
        return np.fromiter(held, np.dtype(object), len(held))
    if dtype.is_complex:
        return np.array(held, np.float32 if dtype.size == 8 else np.float64).view(kind)
    if kind in (np.float16, ml_dtypes.bfloat16):
        return np.array(held, np.uint16).view(kind)
    return np.array(held).astype(kind)


_AS_BYTES = {
    "float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint32", "uint64",
}  # fmt: skip
"""The types that Python's message packs as bytes if there are several values."""


def make_tensor_proto(
    values: Any, dtype: Any = None, shape: Any = None, verify_shape: bool = False, allow_broadcast: bool = False
) -> Any:
    """The message of a tensor (`tf.make_tensor_proto`).

    **Arguments:**
    - `values`: numbers or strings, as for `tf.constant`.
    - `dtype`: their dtype; found from them by default.
    - `shape`: the tensor's shape; fewer values than it has are followed by the last of them.
    - `verify_shape`: whether the values must have that shape.
    - `allow_broadcast`: whether one value may stand for all.

    **Returns:** a `TensorProto`.

    **Raises:** `TypeError` for values of another dtype or shape; `ValueError` for too many, or both options.

    ```python
    >>> import functape as tf
    >>> tf.make_ndarray(tf.make_tensor_proto([1, 2])).tolist()
    [1, 2]

    ```
    """
    if allow_broadcast and verify_shape:
        raise ValueError("allow_broadcast and verify_shape are not both allowed.")
    if isinstance(values, TensorProto):
        return values
    if values is None:
        raise ValueError("None values not supported.")
    array = _values(values, None if dtype is None else as_dtype(dtype), shape)
    found = as_dtype(array.dtype)
    lengths = array.shape if shape is None else tuple(int(each) for each in shape)
    count = int(np.prod(lengths))
    if allow_broadcast and array.shape not in ((1,), ()) and array.size != count:
        raise TypeError(f"Expected Tensor's shape: {lengths}, but got {array.shape}.")
    if verify_shape and array.shape != lengths:
        raise TypeError(f"Expected Tensor's shape: {lengths}, but got {array.shape}.")
    if array.size > count:
        raise ValueError(f"Too many elements provided. Takes at most {count}, but got {array.size}.")
    message = TensorProto(dtype=found.as_datatype_enum)
    message.tensor_shape.SetInParent()
    for length in lengths:
        message.tensor_shape.dim.add(size=length)
    if array.size == count > 1 and found.name in _AS_BYTES:
        message.tensor_content = array.tobytes()
    else:
        getattr(message, _FIELDS[found.name]).extend(_listed_as(array.reshape(-1), found))
    return message


def _values(values: Any, dtype: DType | None, shape: Any) -> Array:
    if isinstance(values, np.ndarray | np.generic) or is_tensor_like(values):
        array = read(convert(values))
        return array if dtype is None else array.astype(dtype.as_numpy_dtype)
    if shape is not None and not np.prod(shape):
        return np.empty([int(each) for each in shape], np.float32 if dtype is None else dtype.as_numpy_dtype)
    return read(convert(values, dtype))


def _listed_as(values: Array, dtype: DType) -> list[Any]:
    """Values as the fields of a message hold them."""
    if dtype.is_complex:
        return values.view(np.float32 if dtype.size == 8 else np.float64).tolist()  # type: ignore[no-any-return]
    return (values.view(np.uint16) if dtype.name in ("float16", "bfloat16") else values).tolist()  # type: ignore[no-any-return]


def make_ndarray(tensor: Any) -> Array:
    """The value of a tensor that a message holds, as an array (`tf.make_ndarray`).

    **Arguments:**
    - `tensor`: a `TensorProto`.

    **Raises:** `TypeError` for a type that tensors do not have.

    ```python
    >>> import functape as tf
    >>> tf.make_ndarray(tf.make_tensor_proto([[1.0]])).tolist()
    [[1.0]]

    ```
    """
    return from_message(tensor)
