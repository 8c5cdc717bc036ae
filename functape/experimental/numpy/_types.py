"""The dtypes of `tf.experimental.numpy`: NumPy's promotion, with float64 for Python floats unless told otherwise."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from functape._core._cast import cast
from functape._core._convert import convert, holds_tensors, is_tensor_like
from functape._engine._dtypes import DType, as_dtype, string


class Settings:
    """What `experimental_enable_numpy_behavior` sets."""

    prefer_float32 = False
    """Whether Python floats count as float32 and complex numbers as complex64."""


settings = Settings()


def result_type(*arrays_and_dtypes: Any) -> DType:
    """The dtype of a computation with these arrays and dtypes (`tf.experimental.numpy.result_type`).

    **Arguments:**
    - `arrays_and_dtypes`: tensors, arrays, numbers, dtypes, and sequences of them.

    **Raises:** `TypeError` if there is none.

    ```python
    >>> import functape as tf
    >>> tnp = tf.experimental.numpy
    >>> tnp.result_type(tf.constant([1, 2]), tf.float32), tnp.result_type(tf.constant(1.0), 2.5)
    (tf.float64, tf.float32)

    ```
    """
    leaves = list(_leaves(arrays_and_dtypes))
    return as_dtype(np.result_type(*(map(_for_numpy, leaves) if leaves else (np.zeros(0),))))


def promote_types(type1: Any, type2: Any) -> np.dtype[Any]:
    """The smallest dtype that both types convert to (`tf.experimental.numpy.promote_types`)."""
    return np.promote_types(as_dtype(type1).as_numpy_dtype, as_dtype(type2).as_numpy_dtype)


def _leaves(values: Any) -> Any:
    for each in values:
        if isinstance(each, list | tuple):
            yield from _leaves(each)
        else:
            yield each


def _for_numpy(value: Any) -> Any:
    if settings.prefer_float32:
        if isinstance(value, float):
            return np.float32(value)
        if isinstance(value, complex):
            return np.complex64(value)
    if isinstance(value, numbers.Real):
        return value
    if isinstance(value, DType):
        return value.as_numpy_dtype
    dtype = getattr(value, "dtype", None)
    return dtype.as_numpy_dtype if isinstance(dtype, DType) else value


def float_dtype() -> DType:
    """What integers become where a function needs floats."""
    return result_type(float)


def default_float() -> DType:
    """The dtype of Python floats."""
    return as_dtype(np.float32 if settings.prefer_float32 else np.float64)


def given_dtype(dtype: Any) -> DType | None:
    """The dtype that an argument `dtype` names, if it names one."""
    return result_type(dtype) if dtype else None


def as_tensor(value: Any, dtype: Any = None) -> Any:
    """The tensor that a value stands for, in NumPy's dtype or a given one.

    **Arguments:**
    - `value`: a tensor, array, number, string, or nested sequence of them.
    - `dtype`: the dtype it is cast to; None for its own.
    """
    if is_tensor_like(value):
        tensor = convert(value)
        return tensor if dtype is None else cast(tensor, dtype)
    if isinstance(value, str | bytes):
        return convert(value)
    wanted = as_dtype(result_type(value) if dtype is None else dtype)
    if isinstance(value, list | tuple) and holds_tensors(value):
        return cast(convert(_alike(value, wanted)), wanted)
    array = np.asarray(value)
    if wanted is string or array.dtype.kind in "OSU":
        return cast(convert(value), wanted)
    return convert(array.astype(wanted.as_numpy_dtype))


def _alike(value: Any, dtype: DType) -> Any:
    """A nested sequence whose tensors have one dtype."""
    if isinstance(value, list | tuple):
        return [_alike(each, dtype) for each in value]
    return as_tensor(value, dtype)


def promoted(*values: Any) -> list[Any]:
    """Tensors of the dtype that the values have together."""
    dtype = result_type(*values)
    return [as_tensor(each, dtype) for each in values]


def is_inexact(dtype: DType) -> bool:
    """Whether a dtype is floating or complex."""
    return dtype.is_floating or dtype.is_complex
