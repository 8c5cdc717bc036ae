"""Functions of one string that give several values: they become the rows of a ragged tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from functape._core._dispatch import Composite
from functape._core._holding import from_numpy
from functape._core._host import texts
from functape._engine._dtypes import DType
from functape.ragged import _rows as rows
from functape.ragged._tensor import RaggedTensor, make
from functape.strings._elements import on_flat_values


def vector(values: list[Any], dtype: DType) -> Any:
    """A vector of values, strings among them."""
    return from_numpy(np.fromiter(values, np.dtype(dtype.as_numpy_dtype), len(values)))


def in_rows(input: Any, op: str, function: Callable[[bytes], list[Any]], dtype: DType) -> Any:
    """A function from one string to several values, of each string in a tensor or ragged tensor.

    **Arguments:**
    - `input`: strings.
    - `op`: the op's name, for messages.
    - `function`: what it gives for one string.
    - `dtype`: the type of the values.

    **Returns:** a ragged tensor with the values in a new last axis; a vector for one string.
    """
    if isinstance(input, Composite):
        return on_flat_values(input, lambda values: in_rows(values, op, function, dtype))
    array = texts(input, op)
    if not array.ndim:
        return vector(function(array.item()), dtype)
    parts = [function(each) for each in array.reshape(-1)]
    lengths = np.fromiter(map(len, parts), np.int64, len(parts))
    found = make(vector([value for part in parts for value in part], dtype), rows.splits_of(lengths))
    if array.ndim == 1:
        return found
    return RaggedTensor.from_tensor(from_numpy(array), ragged_rank=array.ndim - 1).with_flat_values(found)
