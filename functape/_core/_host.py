"""Arguments and results of the functions that compute on the host: strings, files, tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from functape._core._convert import convert, is_tensor_like
from functape._core._holding import from_numpy
from functape._core._known import read
from functape._engine._dtypes import DType, as_dtype, string
from functape._engine._errors import InvalidArgumentError

Array = np.ndarray[Any, Any]


def texts(value: Any, op: str, place: int = 0) -> Array:
    """The strings of an argument, as an object array of bytes that must not be written to.

    **Arguments:**
    - `value`: a string tensor, or what converts to one.
    - `op`: the op's name, for messages.
    - `place`: which of the op's inputs it is.

    **Raises:** `InvalidArgumentError` for a tensor of numbers, `TypeError` for other numbers.
    """
    return array_of(value, string, op, place)


def array_of(value: Any, dtype: DType, op: str, place: int = 0) -> Array:
    """The value of an argument that must have a dtype, as `texts` otherwise.

    **Raises:** `ValueNeeded` where a function is traced and the value is not known: the function then runs as Python.
    """
    tensor = value if is_tensor_like(value) else convert(value, dtype)
    if tensor.aval.dtype is not dtype:
        raise InvalidArgumentError(
            message=f"cannot compute {op} as input #{place}(zero-based) was expected to be a {dtype.spoken} tensor but "
            f"is a {tensor.aval.dtype.spoken} tensor [Op:{op}]"
        )
    return read(tensor)


def text(value: Any, op: str, place: int = 0) -> bytes:
    """The one string of an argument.

    **Raises:** `InvalidArgumentError` if it is no scalar.
    """
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    found = texts(value, op, place)
    if found.ndim:
        raise InvalidArgumentError(
            message=f"The input #{place} of {op} must be a scalar string. Received a tensor of shape {found.shape} "
            f"[Op:{op}]"
        )
    return found.item()  # type: ignore[no-any-return]


def each(array: Array, function: Callable[[Any], Any], dtype: DType = string) -> Array:
    """A function of one element, of all elements of an array."""
    kind = as_dtype(dtype).as_numpy_dtype
    return np.fromiter(map(function, array.reshape(-1)), np.dtype(kind), array.size).reshape(array.shape)


def strings(values: list[bytes]) -> Any:
    """A string vector."""
    return from_numpy(np.fromiter(values, np.dtype(object), len(values)))
