"""What dtype a Python number takes beside a tensor."""

from __future__ import annotations

from typing import Any

from functape._engine._avals import Aval, Kind, aval
from functape._engine._dtypes import DType, float32, int32, int64
from functape._engine._dtypes import bool_ as bool_dtype

_INT32 = range(-(2**31), 2**31)


def default_dtype(value: Any) -> DType:
    """The dtype a Python number has by itself: float32, int32 (int64 beyond its range) or bool."""
    if value.__class__ is bool:
        return bool_dtype
    if value.__class__ is int:
        return int32 if value in _INT32 else int64
    return float32


def scalar_aval(dtype: DType) -> Aval:
    """The aval of a host scalar."""
    return aval((), dtype, Kind.SCALAR)


def resolve_scalars(name: str, given: tuple[Any, ...], args: tuple[Any, ...]) -> tuple[Aval, ...]:
    """Avals of an op's inputs, where Python numbers take the dtype of the first tensor beside them.

    **Raises:** `TypeError` if the number does not fit that dtype (a float beside an integer tensor).
    """
    if Aval is given[0].__class__ and all(each.__class__ is Aval for each in given):
        return given
    dtype = next((each.dtype for each in given if each.__class__ is Aval), None)
    if dtype is None:
        dtype = default_dtype(args[0])
    resolved = []
    for each, arg in zip(given, args, strict=True):
        if each.__class__ is Aval:
            resolved.append(each)
            continue
        if each is float and (dtype.is_integer or dtype.is_bool) or each is int and dtype.is_bool:
            raise TypeError(
                f"Cannot convert {arg!r} to EagerTensor of dtype {dtype.name} [Op:{name}]. "
                f"Cast the tensor first: tf.cast(x, tf.float32)."
            )
        resolved.append(scalar_aval(dtype))
    return tuple(resolved)
