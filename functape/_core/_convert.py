"""Making tensors of what users pass for them."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from functape._core import _values as values
from functape._core._arrange import arrange
from functape._core._conversions import registered_conversion
from functape._core._holding import from_jax, from_numpy, is_tensor_like
from functape._core._text import as_bytes_array
from functape._engine import _dtypes as dtypes
from functape._engine._compat import is_symbolic
from functape._engine._dtypes import DType
from functape._engine._errors import UnimplementedError
from functape._engine._op import Op
from functape._engine._recorder import Cell, local, new_tensor, record
from functape._engine._scalars import default_dtype, scalar_aval
from functape._engine._tensor import BaseTensor
from functape._ops._lengths import LENGTHS, has_open, has_symbolic
from functape._ops._operators import CAST, IDENTITY, PACK


def convert(value: Any, dtype: DType | None = None, hint: DType | None = None) -> Any:
    """The tensor that `value` stands for.

    **Arguments:**
    - `value`: a tensor, variable, Python number, string, sequence of these, NumPy or JAX array.
    - `dtype`: the dtype it must have.
    - `hint`: the dtype it takes if it can, where it has none of its own.

    **Raises:** `TypeError` or `ValueError`, as TensorFlow does, if it cannot be a tensor of that dtype.
    """
    if isinstance(value, BaseTensor):
        return _checked(value, dtype)
    if isinstance(value, Cell):
        return _checked(record(IDENTITY, (), (value,)), dtype)
    if dtype is None and hint is not None:
        try:
            return convert(value, hint)
        except (TypeError, ValueError):
            return convert(value)
    kind = value.__class__
    if kind is float or kind is int or kind is bool:
        return _from_number(value, dtype)
    if isinstance(value, np.ndarray | np.generic):
        return from_numpy(values.from_array(np.asarray(value), dtype))
    if isinstance(value, jax.Array):
        tensor = from_jax(value)
        if dtype is None or tensor.aval.dtype is dtype:
            return tensor
        return from_numpy(values.from_array(np.asarray(value), dtype))
    made = registered_conversion(value, dtype)
    if made is not NotImplemented:
        return made
    if isinstance(value, str | bytes):
        if dtype is not None and dtype is not dtypes.string:
            raise values.misfit(value, dtype)
        return from_numpy(as_bytes_array(np.array(value, object)))
    if isinstance(value, complex):
        if dtype is not None and not dtype.is_complex:
            raise values.misfit(value, dtype)
        return from_numpy(values.from_array(np.asarray(value), dtype))
    if isinstance(value, list | tuple | range | bytearray | memoryview):
        return _from_sequence(list(value) if isinstance(value, bytearray | memoryview) else value, dtype)
    if hasattr(value, "__tf_tensor__"):
        return _checked(value.__tf_tensor__(dtype=dtype), dtype)
    if hasattr(value, "to_dense_tensor"):
        return _checked(value.to_dense_tensor(), dtype)
    if hasattr(value, "as_list") and hasattr(value, "is_fully_defined"):
        return _from_shape(value, dtype)
    if is_symbolic(value):
        tensor = from_lengths(value, dtypes.int32.as_numpy_dtype)
        return tensor if dtype in (None, dtypes.int32) else record(CAST, (dtype.as_numpy_dtype,), (tensor,))
    if hasattr(value, "__array__") or hasattr(value, "__array_interface__"):
        return from_numpy(values.from_array(np.asarray(value), dtype))
    if hasattr(value, "__len__") and hasattr(value, "__getitem__") and not hasattr(value, "keys"):
        return _from_sequence(list(value), dtype)
    raise ValueError(f"Attempt to convert a value ({value!r}) with an unsupported type ({type(value)}) to a Tensor.")


def _checked(tensor: Any, dtype: DType | None) -> Any:
    if dtype is not None and tensor.aval.dtype is not dtype:
        raise ValueError(
            f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {tensor.aval.dtype.name}: {tensor!r}"
        )
    return tensor


def _from_number(value: Any, dtype: DType | None) -> Any:
    if dtype is None:
        dtype = default_dtype(value)
        if value.__class__ is float:
            values.check_default_range(value)
    value = values.from_number(value, dtype)
    if dtype.is_complex:
        return from_numpy(np.asarray(value, dtype.as_numpy_dtype))
    tensor = new_tensor()
    tensor.home = None
    tensor.aval = scalar_aval(dtype)
    tensor.value = value
    return tensor


def _from_shape(shape: Any, dtype: DType | None) -> Any:
    if not shape.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape {shape} to a Tensor.")
    if dtype not in (None, dtypes.int32, dtypes.int64):
        raise TypeError(f"Cannot convert a TensorShape to dtype {dtype.name}.")  # type: ignore[union-attr]
    return from_lengths(tuple(shape.as_list()), (dtype or dtypes.int32).as_numpy_dtype)


def from_lengths(lengths: Any, dtype: Any) -> Any:
    """A tensor of one length, or of a tuple of them; they may be left open while a program is exported."""
    several = lengths if isinstance(lengths, tuple) else (lengths,)
    if has_symbolic(several) or (local.recorder.tracing and has_open(several)):
        return record(LENGTHS, (lengths, np.dtype(dtype).type), ())
    return from_numpy(np.array(lengths, dtype))


def _from_sequence(sequence: Any, dtype: DType | None) -> Any:
    if holds_tensors(sequence):
        inferred = _first_tensor_dtype(sequence)
        if dtype not in (None, inferred) and dtypes.string in (dtype, inferred):
            raise UnimplementedError(
                message="Casting between numbers and strings is not supported. Use tf.strings.as_string or to_number."
            )
        return _pack(sequence, dtype or inferred, dtype not in (None, inferred))
    leaves: list[Any] = []
    shape = values.measure(sequence, leaves)
    return from_numpy(values.from_sequence(sequence, leaves, shape, dtype))


def holds_tensors(value: Any) -> bool:
    """Whether there are tensors or variables in nested lists and tuples."""
    if isinstance(value, list | tuple):
        return any(map(holds_tensors, value))
    return isinstance(value, BaseTensor | Cell)


def _pack(sequence: Any, dtype: Any, casts: bool) -> Any:
    """A sequence with tensors in it, stacked; the values beside them take their dtype.

    **Arguments:**
    - `casts`: whether tensors of another dtype are cast.
    """
    if isinstance(sequence, list | tuple):
        return arrange(PACK, (0,), tuple(_pack(each, dtype, casts) for each in sequence))
    if not is_tensor_like(sequence):
        return convert(sequence, dtype)
    if casts and sequence.aval.dtype is not dtype:
        return record(CAST, (dtype.as_numpy_dtype,), (sequence,))
    return sequence


def _first_tensor_dtype(value: Any) -> DType | None:
    if is_tensor_like(value):
        return value.aval.dtype
    if isinstance(value, list | tuple):
        for each in value:
            found = _first_tensor_dtype(each)
            if found is not None:
                return found
    return None


def convert_arguments(op: Op, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments of an op as tensors, the others taking the dtype of the first tensor among them."""
    if all(is_tensor_like(arg) or arg.__class__ in (float, int, bool) for arg in args):
        raise TypeError(f"The op {op.name} cannot be recorded with arguments {args!r}.")
    hint = next((found for arg in args if (found := _first_tensor_dtype(arg)) is not None), None)
    if hint is None:
        first = convert(args[0])
        return (first, *(convert(arg, hint=first.aval.dtype) for arg in args[1:]))
    return tuple(arg if is_tensor_like(arg) else convert(arg, hint=hint) for arg in args)
