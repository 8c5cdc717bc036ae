"""Tensors that hold a given array."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from functape._engine import _dtypes as dtypes
from functape._engine._avals import Kind, aval
from functape._engine._compat import enable_x64, is_tracer
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import Cell, local, new_tensor
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
        return _from_tracer(array)
    if array.weak_type:
        with enable_x64(True):
            array = jax.lax.convert_element_type(array, array.dtype)
    tensor = new_tensor()
    tensor.home = None
    tensor.aval = aval(array.shape, array.dtype.type)
    tensor.value = array
    return tensor


def _from_tracer(array: Any) -> Any:
    """A tensor whose value is a tracer. What is recorded with it runs as part of the transformation in progress."""
    recorder = local.recorder
    if recorder.tracing:
        raise TypeError(
            "A function being traced by functape received a JAX tracer of a transformation around it. Received: "
            f"{array}. Pass it to the function as an argument, or use functape.functionalize on the whole step."
        )
    recorder.finish_ended()
    if recorder.state.depth and not any(getattr(each, "aval", None) in _tracer_avals for each in recorder.inputs):
        # What was recorded before belongs to the code around the transformation.
        recorder.flush("a JAX transformation begins")
    if array.weak_type:
        array = jax.lax.convert_element_type(array, array.dtype)
    tensor = new_tensor()
    tensor.home = None
    tensor.aval = aval(array.shape, array.dtype.type, Kind.TRACER)
    _tracer_avals.add(tensor.aval)
    tensor.value = array
    return tensor


_tracer_avals: set[Any] = set()
"""The avals of the tracers met so far."""
