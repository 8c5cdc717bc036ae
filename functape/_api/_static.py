"""Reading arguments that decide shapes: axes, sizes, shapes, permutations."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from functape._core._convert import convert, is_tensor_like
from functape._core._known import read
from functape._core._shape import TensorShape
from functape._engine._compat import is_symbolic
from functape._engine._dtypes import DType
from functape._engine._errors import InvalidArgumentError
from functape._engine._trace import ValueNeeded


def operand(value: Any, dtype: DType | None = None, hint: DType | None = None) -> Any:
    """`value` as something that can be recorded; a variable stays one, so that reading it is recorded."""
    if is_tensor_like(value) and dtype is None:
        return value
    return convert(value, dtype, hint)


def operands(values: Any) -> tuple[Any, ...]:
    """A sequence of values as tensors of one dtype: that of the first tensor among them where they have none."""
    given = tuple(values)
    wanted = next((each.aval.dtype for each in given if is_tensor_like(each)), None)
    if wanted is None and given:
        first = convert(given[0])
        return (first, *(convert(each, first.aval.dtype) for each in given[1:]))
    return tuple(each if is_tensor_like(each) else convert(each, wanted) for each in given)


def array_of(value: Any) -> np.ndarray[Any, Any]:
    """The value of an argument that may be a tensor, as an array."""
    if is_tensor_like(value):
        return read(value)
    if isinstance(value, np.ndarray):
        return value
    return read(convert(value))


def as_int(value: Any, name: str) -> int:
    """A static integer.

    **Raises:** `TypeError` if it is none.
    """
    if value.__class__ is int:
        return value
    try:
        if is_tensor_like(value):
            value = read(value).reshape(()).item()
        return value if is_symbolic(value) else operator.index(value)
    except ValueNeeded:
        raise
    except (TypeError, ValueError):
        raise TypeError(f"The argument `{name}` must be an integer. Received: {value!r}") from None


def as_ints(value: Any, name: str, error: type[Exception] = InvalidArgumentError) -> tuple[int, ...]:
    """A static list of integers: a sequence with ints or scalar tensors in it, a shape, an array or a tensor.

    **Raises:** `error` if an entry is no integer; `ValueError` if one is None.
    """
    if value.__class__ is tuple or value.__class__ is list:
        return tuple([each if each.__class__ is int else _entry(each, name, error) for each in value])
    if value.__class__ is int:
        return (value,)
    if isinstance(value, TensorShape):
        if not value.is_fully_defined():
            raise ValueError(f"The argument `{name}` must be fully known. Received: {value}")
        return tuple(value.as_list())  # type: ignore[arg-type]
    array = array_of(value)
    if array.dtype.kind not in "iuO" and array.size:
        raise _error(error, f"The argument `{name}` must hold integers. Received: {value!r}")
    if array.dtype.kind == "O":
        return tuple([_entry(each, name, error) for each in array.reshape(-1)])
    return tuple(array.reshape(-1).tolist())


def _entry(value: Any, name: str, error: type[Exception]) -> int:
    if value is None:
        raise ValueError(f"The argument `{name}` must be fully known. Received an entry that is None.")
    try:
        return as_int(value, name)
    except ValueNeeded:
        raise
    except TypeError as failure:
        raise _error(error, str(failure)) from None


def _error(kind: type[Exception], message: str) -> Exception:
    return kind(message=message) if issubclass(kind, InvalidArgumentError) else kind(message)


def as_shape(value: Any, name: str, error: type[Exception] = InvalidArgumentError) -> tuple[int, ...]:
    """A static shape.

    **Raises:** `InvalidArgumentError` if a length is negative or the shape is no vector; `error` if one is no integer.
    """
    if is_tensor_like(value) and value.shape.rank not in (0, 1):
        raise InvalidArgumentError(
            message=f"The argument `{name}` must be a vector of lengths. Received a tensor of shape {value.shape}."
        )
    lengths = as_ints(value, name, error)
    for length in lengths:
        if length < 0:
            raise InvalidArgumentError(
                message=f"Dimension {length} must be >= 0 in the argument `{name}`. Received: {list(lengths)}"
            )
    return lengths


def as_axis(axis: Any, rank: int, op: str, error: type[Exception] = InvalidArgumentError, name: str = "axis") -> int:
    """A static axis, counted from the front.

    **Raises:** `error` if there is no such axis.
    """
    place = as_int(axis, name)
    if not -rank <= place < rank:
        raise _error(error, f"Expected `{name}` in the range [{-rank}, {rank}), but got {place} [Op:{op}].")
    return place + rank if place < 0 else place


def invalid(message: str) -> InvalidArgumentError:
    """An `InvalidArgumentError` with a message."""
    return InvalidArgumentError(message=message)


def no_layout(layout: Any) -> None:
    """Refuse a DTensor layout.

    **Raises:** `ValueError`.
    """
    if layout is not None:
        raise ValueError(
            f"The argument `layout` places a tensor on a DTensor mesh, which is not supported. Received: {layout!r}. "
            "Leave it out, and shard with functape's own distribution."
        )
