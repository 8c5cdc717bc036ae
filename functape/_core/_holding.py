"""Tensors that hold a given array."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from functape._engine import _dtypes as dtypes
from functape._engine._avals import Kind, aval
from functape._engine._compat import enable_x64, is_tracer
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import Cell, new_tensor
from functape._engine._scalars import scalar_aval
from functape._engine._tensor import BaseTensor


def is_tensor_like(value: Any) -> bool:
    """Whether `value` is a tensor or a variable."""
    return isinstance(value, BaseTensor | Cell)


def from_numpy(array: np.ndarray[Any, Any]) -> Any:
    """A tensor that owns `array`; the caller gives it up."""
    tensor = new_tensor()
    tensor.home = None
    if array.dtype == object:
        tensor.aval = aval(array.shape, dtypes.string, Kind.HOST)
        tensor.value = array
    elif array.ndim:
        tensor.aval = aval(array.shape, array.dtype.type)
        tensor.value = array
    else:
        tensor.aval = scalar_aval(as_dtype(array.dtype.type))
        tensor.value = array.item() if array.dtype.kind in "biufc" and array.dtype.itemsize > 2 else array[()]
    return tensor


def from_jax(array: jax.Array) -> Any:
    """A tensor that shares a JAX array's buffer."""
    if is_tracer(array):
        raise TypeError(
            "A functape op received a JAX tracer, which exists only while jax.jit, jax.grad or jax.vmap traces a "
            f"function. Received: {array}. Call the functape code outside the transformed function, or write that "
            "function with jax.numpy."
        )
    if array.weak_type:
        with enable_x64(True):
            array = jax.lax.convert_element_type(array, array.dtype)
    tensor = new_tensor()
    tensor.home = None
    tensor.aval = aval(array.shape, array.dtype.type)
    tensor.value = array
    return tensor
