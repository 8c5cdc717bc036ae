"""Row partitions on the host: which values belong to which row. They decide shapes, so their numbers are known."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._core._convert import convert, from_numpy
from functape._core._known import read
from functape._engine._dtypes import DType, as_dtype, int32, int64
from functape._engine._errors import InvalidArgumentError

Numbers = np.ndarray[Any, Any]


def host(value: Any, name: str) -> Numbers:
    """The numbers of an integer tensor, as int64; a copy.

    **Raises:** `TypeError` if it holds none.
    """
    numbers = read(convert(value)) if not isinstance(value, np.ndarray) else value
    if numbers.dtype.kind not in "iu" and numbers.size:
        raise TypeError(f"The argument `{name}` must hold integers. Received: {value!r}")
    return np.array(numbers, np.int64)


def splits_dtype(dtype: Any) -> DType:
    """The dtype of row splits.

    **Raises:** `ValueError` for another than int32 and int64.
    """
    wanted = as_dtype(dtype)
    if wanted not in (int32, int64):
        raise ValueError(f"Expected row_splits dtype to be int32 or int64, got {wanted!r}")
    return wanted


def dtype_of(value: Any) -> DType:
    """The dtype that row splits made of `value` have."""
    found = getattr(value, "dtype", None)
    return int32 if found is not None and as_dtype(found) is int32 else int64


def refuse(message: str) -> InvalidArgumentError:
    """The error for numbers that form no partition."""
    return InvalidArgumentError(message=f"Arguments to from_row_partition do not form a valid RaggedTensor: {message}")


def tensor(numbers: Numbers, dtype: DType) -> Any:
    """Host numbers as a tensor."""
    return from_numpy(np.array(numbers, dtype.as_numpy_dtype))


def lengths_of(splits: Numbers) -> Numbers:
    """How many values each row has."""
    return splits[1:] - splits[:-1]


def splits_of(lengths: Numbers) -> Numbers:
    """Where rows of these lengths begin, and the end."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


def rows_of(splits: Numbers) -> Numbers:
    """The row that each value belongs to."""
    return np.repeat(np.arange(len(splits) - 1, dtype=np.int64), lengths_of(splits))


def places_of(splits: Numbers) -> Numbers:
    """The place of each value in its row."""
    return np.arange(splits[-1], dtype=np.int64) - np.repeat(splits[:-1], lengths_of(splits))


def spans(starts: Numbers, lengths: Numbers, steps: Any = 1) -> Numbers:
    """The numbers of the values in spans of rows, one span after the other."""
    within = places_of(splits_of(lengths))
    return np.repeat(starts, lengths) + within * (np.repeat(steps, lengths) if np.ndim(steps) else steps)


def check_splits(splits: Numbers, count: int) -> None:
    """Refuse splits that do not partition `count` values.

    **Raises:** `InvalidArgumentError`.
    """
    if splits.ndim != 1 or not splits.size:
        raise refuse(f"row_splits must be a vector with at least one element. Received: {splits}")
    if splits[0] != 0 or np.any(splits[1:] < splits[:-1]):
        raise refuse(f"row_splits must begin with 0 and never decrease. Received: {splits}")
    if splits[-1] != count:
        raise refuse(f"row_splits must end with the number of values, {count}. Received: {splits}")
