"""Keras's dtypes: what arguments become before an operation is computed."""

from __future__ import annotations

import functools
from typing import Any

from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._engine._dtypes import DType, as_dtype
from functape.keras._configuration import floatx, standardize_dtype
from functape.keras.backend._types import result_type

_result = functools.lru_cache(1024)(result_type)


def tensor(value: Any, dtype: Any = None) -> Any:
    """The tensor that a value stands for, cast to a dtype if one is given."""
    if is_tensor_like(value):
        return value if dtype is None else cast(value, as_dtype(standardize_dtype(dtype)))
    if dtype is None:
        return convert(value)
    wanted = as_dtype(standardize_dtype(dtype))
    if value.__class__ is int or value.__class__ is float:
        return convert(bool(value) if wanted.is_bool else int(value) if wanted.is_integer else value, wanted)
    return cast(convert(value), wanted)


def _kind(value: Any) -> Any:
    """What a value counts as in the promotion: a dtype, or the type of a Python number."""
    if value.__class__ is int or value.__class__ is float:
        return value.__class__
    return value.aval.dtype


def common(values: Any, *others: Any) -> list[Any]:
    """Tensors of the dtype that the values have together with other dtypes; Python numbers follow the rest."""
    given = [each if each.__class__ is int or each.__class__ is float else tensor(each) for each in values]
    kinds = [_kind(each) for each in given]
    dtype = result(*kinds, *others)
    return [each if kind is dtype else tensor(each, dtype) for each, kind in zip(given, kinds, strict=True)]


def result(*dtypes: Any) -> DType:
    """The dtype of a computation with these."""
    return as_dtype(_result(*dtypes))


def is_inexact(dtype: DType) -> bool:
    """Whether a dtype is floating or complex."""
    return bool(dtype.is_floating or dtype.is_complex)


def floats(value: Any) -> Any:
    """A tensor whose integers and bools are made floats."""
    given = tensor(value)
    return given if is_inexact(given.aval.dtype) else cast(given, floatx())


def wide_floats(value: Any) -> Any:
    """As `floats`, with double precision for integers of 64 bits."""
    given = tensor(value)
    return cast(given, "float64") if given.aval.dtype.name == "int64" else floats(given)


def without_bools(value: Any) -> Any:
    """A tensor whose bools are made integers."""
    given = tensor(value)
    return cast(given, "int32") if given.aval.dtype.is_bool else given


def counting(value: Any) -> Any:
    """A tensor whose bools and small integers are made integers of 32 bits, as sums and products need."""
    given = tensor(value)
    dtype = given.aval.dtype
    if dtype.is_bool or (dtype.is_integer and dtype.size < 4):
        return cast(given, "uint32" if dtype.is_unsigned else "int32")
    return given
