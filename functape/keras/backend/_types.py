"""Questions about dtypes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._engine._compat import enable_x64
from functape._engine._dtypes import as_dtype
from functape.keras._configuration import standardize_dtype


def backend() -> str:
    """The name of Keras's backend that functape stands for: `"tensorflow"` (`tf.keras.backend.backend`)."""
    return "tensorflow"


def is_float_dtype(dtype: Any) -> bool:
    """Whether a dtype is floating (`tf.keras.backend.is_float_dtype`).

    ```python
    >>> import functape as tf
    >>> tf.keras.backend.is_float_dtype("bfloat16")
    True

    ```
    """
    return as_dtype(standardize_dtype(dtype)).is_floating


def is_int_dtype(dtype: Any) -> bool:
    """Whether a dtype holds integers (`tf.keras.backend.is_int_dtype`)."""
    return as_dtype(standardize_dtype(dtype)).is_integer


def result_type(*dtypes: Any) -> str:
    """The dtype Keras computes with, given those of the arguments (`tf.keras.backend.result_type`).

    **Arguments:**
    - `dtypes`: dtypes, and the types `int` and `float` for Python's numbers, which follow the others.

    **Returns:** the dtype's name.

    ```python
    >>> import functape as tf
    >>> tf.keras.backend.result_type("int32", "float16"), tf.keras.backend.result_type("int32", float)
    ('float16', 'float32')

    ```
    """
    if not dtypes:
        return "float32"
    named = [np.dtype(as_dtype(standardize_dtype(each)).as_numpy_dtype) for each in dtypes if not _is_python(each)]
    plain = [each for each in dtypes if _is_python(each)]
    if not named:
        return "float32" if float in plain else "int32"
    with enable_x64(True):
        found = as_dtype(jnp.result_type(*named, *(each(0) for each in plain))).name
    # A Python float beside integers of any width is single precision, and a Python int beside bools has 32 bits.
    if found == "float64" and not any(each == np.float64 for each in named):
        return "float32"
    return "int32" if found == "int64" and plain and all(each == np.bool_ for each in named) else found


def _is_python(dtype: Any) -> bool:
    return dtype is int or dtype is float
