"""Making tensors of what users pass for them."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from functape._core._text import as_bytes_array
from functape._engine import _dtypes as dtypes
from functape._engine._avals import Kind, aval
from functape._engine._compat import enable_x64, is_tracer
from functape._engine._dtypes import DType, as_dtype
from functape._engine._op import Op
from functape._engine._recorder import Cell, new_tensor, record
from functape._engine._scalars import default_dtype, scalar_aval
from functape._engine._tensor import BaseTensor
from functape._ops._operators import IDENTITY, PACK


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


def convert(value: Any, dtype: DType | None = None, hint: DType | None = None) -> Any:
    """The tensor that `value` stands for.

    **Arguments:**
    - `value`: a tensor, variable, Python number, string, sequence of these, NumPy or JAX array.
    - `dtype`: the dtype it must have.
    - `hint`: the dtype it takes where it has none of its own.

    **Raises:** `TypeError` or `ValueError`, as TensorFlow does, if it cannot be a tensor of that dtype.
    """
    if isinstance(value, BaseTensor):
        return _checked(value, dtype)
    if isinstance(value, Cell):
        return _checked(record(IDENTITY, (), (value,)), dtype)
    wanted = dtype or hint
    kind = value.__class__
    if kind is float or kind is int or kind is bool:
        return _from_number(value, dtype, hint)
    if isinstance(value, np.ndarray | np.generic):
        return _from_array(np.asarray(value), wanted)
    if isinstance(value, jax.Array):
        tensor = from_jax(value)
        return tensor if wanted is None or tensor.aval.dtype is wanted else _checked(tensor, dtype)
    if isinstance(value, str | bytes):
        if wanted is not None and wanted is not dtypes.string:
            raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {wanted.spoken}")
        return from_numpy(as_bytes_array(np.array(value, object)))
    if isinstance(value, complex):
        return _from_array(np.asarray(value), wanted)
    if hasattr(value, "__tf_tensor__"):
        return _checked(value.__tf_tensor__(dtype=dtype), dtype)
    if hasattr(value, "to_dense_tensor"):
        return _checked(value.to_dense_tensor(), dtype)
    if hasattr(value, "as_list") and hasattr(value, "is_fully_defined"):
        return _from_shape(value, dtype)
    if isinstance(value, list | tuple | range) or hasattr(value, "__len__") and hasattr(value, "__getitem__"):
        if hasattr(value, "__array__"):
            return _from_array(np.asarray(value), wanted)
        if not hasattr(value, "keys"):
            return _from_sequence(value, dtype, hint)
    if hasattr(value, "__array__"):
        return _from_array(np.asarray(value), wanted)
    raise ValueError(f"Attempt to convert a value ({value!r}) with an unsupported type ({type(value)}) to a Tensor.")


def _checked(tensor: Any, dtype: DType | None) -> Any:
    if dtype is not None and tensor.aval.dtype is not dtype:
        raise ValueError(
            f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {tensor.aval.dtype.name}: {tensor!r}"
        )
    return tensor


def _from_number(value: Any, dtype: DType | None, hint: DType | None) -> Any:
    natural = default_dtype(value)
    if dtype is None:
        dtype = hint if hint is not None and _holds(hint, natural) else natural
    if not _holds(dtype, natural):
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.spoken}")
    if dtype.is_integer and not natural.is_bool:
        bits = 8 * dtype.size
        value = value % 2**bits
        if not dtype.is_unsigned and value >= 2 ** (bits - 1):
            value -= 2**bits
    if dtype.is_complex:
        return from_numpy(np.asarray(value, dtype.as_numpy_dtype))
    tensor = new_tensor()
    tensor.home = None
    tensor.aval = scalar_aval(dtype)
    tensor.value = value
    return tensor


def _holds(dtype: DType, natural: DType) -> bool:
    """Whether TensorFlow lets a Python value of dtype `natural` become a tensor of `dtype`."""
    if dtype is dtypes.string:
        return False
    if natural.is_bool:
        return True
    if natural.is_integer:
        return not dtype.is_bool
    return dtype.is_floating or dtype.is_complex


def _from_array(array: np.ndarray[Any, Any], dtype: DType | None) -> Any:
    if array.dtype.kind in "USO":
        if array.dtype.kind == "O" and not all(isinstance(each, str | bytes) for each in array.flat):
            return _from_sequence(array.tolist(), dtype, None)
        if dtype is not None and dtype is not dtypes.string:
            raise TypeError(f"Cannot convert {array.tolist()!r} to EagerTensor of dtype {dtype.spoken}")
        return from_numpy(as_bytes_array(array))
    try:
        natural = as_dtype(array.dtype)
    except TypeError:
        raise ValueError(f"Failed to convert a NumPy array to a Tensor (Unsupported numpy type {array.dtype}).") from None
    if dtype is dtypes.string or dtype is not None and natural.is_complex and not dtype.is_complex:
        raise TypeError(f"Cannot convert {array!r} to EagerTensor of dtype {dtype.spoken}")
    return from_numpy(np.array(array, (dtype or natural).as_numpy_dtype, order="C"))


def _from_shape(shape: Any, dtype: DType | None) -> Any:
    if not shape.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape {shape} to a Tensor.")
    if dtype not in (None, dtypes.int32, dtypes.int64):
        raise TypeError(f"Cannot convert a TensorShape to dtype {dtype.name}.")  # type: ignore[union-attr]
    return from_numpy(np.array(shape.as_list(), (dtype or dtypes.int32).as_numpy_dtype))


def _from_sequence(values: Any, dtype: DType | None, hint: DType | None) -> Any:
    leaves: list[Any] = []
    shape = _measure(values, leaves)
    if any(is_tensor_like(leaf) for leaf in leaves):
        return _pack(values, dtype, hint)
    natural = _common_dtype(leaves)
    if dtype is None:
        dtype = hint if hint is not None and leaves and _holds(hint, natural) else natural
    elif leaves and not _compatible(dtype, natural, leaves):
        raise TypeError(f"Cannot convert {values!r} to EagerTensor of dtype {dtype.spoken}")
    if dtype is dtypes.string:
        return from_numpy(as_bytes_array(np.array([*leaves, None], object)[:-1].reshape(shape)))
    if any(isinstance(leaf, np.ndarray) for leaf in leaves):
        stacked = np.array([np.asarray(leaf) for leaf in leaves])
        return from_numpy(stacked.astype(dtype.as_numpy_dtype).reshape(shape + stacked.shape[1:]))
    try:
        array = np.array(leaves, dtype.as_numpy_dtype)
    except OverflowError:
        bits = 8 * dtype.size
        array = np.array([int(leaf) % 2**bits for leaf in leaves], f"u{dtype.size}").view(dtype.as_numpy_dtype)
    return from_numpy(array.reshape(shape))


def _measure(values: Any, leaves: list[Any]) -> tuple[int, ...]:
    """The shape of nested sequences; appends their leaves."""
    if not isinstance(values, list | tuple | range):
        leaves.append(np.asarray(values) if isinstance(values, jax.Array) else values)
        return ()
    inner = None
    for each in values:
        shape = _measure(each, leaves)
        if inner is not None and shape != inner:
            raise ValueError("Can't convert non-rectangular Python sequence to Tensor.")
        inner = shape
    if inner is not None and leaves and isinstance(leaves[-1], np.ndarray | BaseTensor) and not inner:
        lengths = {np.shape(leaf) if not isinstance(leaf, BaseTensor) else leaf.aval.shape for leaf in leaves}
        if len(lengths) > 1 and all(isinstance(leaf, np.ndarray) for leaf in leaves):
            raise ValueError("Can't convert non-rectangular Python sequence to Tensor.")
    return (len(values), *(inner or ()))


def _common_dtype(leaves: list[Any]) -> DType:
    natural: DType | None = None
    for leaf in leaves:
        each = _leaf_dtype(leaf)
        if natural is None or natural is each:
            natural = each
        elif natural.is_integer and each.is_floating or each.is_complex and natural.is_numeric:
            natural = each
        elif natural.is_integer and each.is_integer:
            natural = natural if natural.size >= each.size else each
        elif not (natural.is_numeric and each.is_numeric):
            raise ValueError("Can't convert Python sequence with mixed types to Tensor.")
    return natural or dtypes.float32


def _leaf_dtype(leaf: Any) -> DType:
    if isinstance(leaf, bool | int | float):
        return default_dtype(leaf) if leaf.__class__ in (bool, int, float) else as_dtype(np.asarray(leaf).dtype)
    if isinstance(leaf, str | bytes):
        return dtypes.string
    if isinstance(leaf, complex):
        return dtypes.complex128
    if isinstance(leaf, np.ndarray | np.generic):
        return as_dtype(leaf.dtype)
    raise ValueError(f"Attempt to convert a value ({leaf!r}) with an unsupported type ({type(leaf)}) to a Tensor.")


def _compatible(dtype: DType, natural: DType, leaves: list[Any]) -> bool:
    if dtype is natural:
        return True
    if dtype is dtypes.string or natural is dtypes.string:
        return False
    if all(isinstance(leaf, np.ndarray | np.generic) for leaf in leaves):
        return True
    return _holds(dtype, natural) or natural.is_complex and dtype.is_complex


def _pack(values: Any, dtype: DType | None, hint: DType | None) -> Any:
    """A sequence with tensors in it, stacked; numbers beside them take the first tensor's dtype."""
    if dtype is None:
        dtype = _first_tensor_dtype(values) or hint
    if not isinstance(values, list | tuple):
        return convert(values, dtype)
    parts = tuple(_pack(each, dtype, None) for each in values)
    shapes = {part.aval.shape for part in parts}
    if len(shapes) > 1:
        raise ValueError(f"Can't convert tensors of different shapes to one Tensor. Received shapes: {sorted(shapes)}")
    return record(PACK, (0,), parts)


def _first_tensor_dtype(values: Any) -> DType | None:
    if is_tensor_like(values):
        return (values.tensor if isinstance(values, Cell) else values).aval.dtype
    if isinstance(values, list | tuple):
        for each in values:
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
