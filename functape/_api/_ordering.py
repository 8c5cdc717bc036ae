"""Order among elements."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from functape._api._static import as_axis, invalid, operand
from functape._core._convert import from_numpy
from functape._core._known import read
from functape._engine import _dtypes as dtypes
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import record
from functape._ops._gathering import ARGSORT, SEARCH_SORTED, SORT


def sort(values: Any, axis: Any = -1, direction: str = "ASCENDING", name: str | None = None) -> Any:
    """The elements in order (`tf.sort`).

    **Arguments:**
    - `values`: a real tensor of rank at least 1.
    - `axis`: along which axis; a static integer.
    - `direction`: `ASCENDING` or `DESCENDING`.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `ValueError` for another direction or an axis there is not.

    ```python
    >>> import functape as tf
    >>> tf.sort([3, 1, 2], direction="DESCENDING").numpy()
    array([3, 2, 1], dtype=int32)

    ```
    """
    return _ordered(SORT, values, axis, direction)


def argsort(
    values: Any, axis: Any = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Any:
    """The numbers of the elements in order (`tf.argsort`).

    **Arguments:**
    - `values`: a real tensor of rank at least 1.
    - `axis`: along which axis; a static integer.
    - `direction`: `ASCENDING` or `DESCENDING`.
    - `stable`: equal elements always keep their order, as they do in TensorFlow.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** an int32 tensor of the shape of `values`.

    **Raises:** `ValueError` for another direction or an axis there is not.

    ```python
    >>> import functape as tf
    >>> tf.argsort([3, 1, 2]).numpy()
    array([1, 2, 0], dtype=int32)

    ```
    """
    return _ordered(ARGSORT, values, axis, direction)


def _ordered(op: Any, values: Any, axis: Any, direction: str) -> Any:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"Argument `direction` should be one of 'ASCENDING' or 'DESCENDING'. Received: {direction}")
    given = operand(values)
    place = as_axis(axis, max(given.aval.ndim, 1), op.name)
    if not given.aval.ndim:
        raise invalid(f"input must have at least one axis to be sorted along [Op:{op.name}]")
    return record(op, (place, direction == "DESCENDING"), (given,))


def searchsorted(
    sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = dtypes.int32, name: str | None = None
) -> Any:
    """Where each of `values` would go in a sequence in order (`tf.searchsorted`).

    **Arguments:**
    - `sorted_sequence`: a tensor `[..., n]`, in order along its last axis.
    - `values`: a tensor `[..., m]` of its dtype, with the same leading axes.
    - `side`: `left` or `right`: before or after equal elements.
    - `out_type`: int32 or int64.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the shape of `values`.

    **Raises:** `ValueError` for another side; `InvalidArgumentError` if the leading axes differ.

    ```python
    >>> import functape as tf
    >>> tf.searchsorted([1, 3, 5], [0, 3, 9]).numpy()
    array([0, 1, 3], dtype=int32)

    ```
    """
    if side not in ("left", "right"):
        raise ValueError(f"Argument `side` must be either 'right' or 'left'. Received: `side` = {side!r}.")
    sequence = operand(sorted_sequence)
    sought = operand(values, hint=sequence.aval.dtype)
    if not sequence.aval.ndim or sequence.aval.shape[:-1] != sought.aval.shape[:-1] or not sought.aval.ndim:
        raise invalid(
            f"sorted_sequence and values must agree in all axes but the last. Received shapes {sequence.aval.shape} "
            f"and {sought.aval.shape} [Op:SearchSorted]"
        )
    return record(SEARCH_SORTED, (side, as_dtype(out_type).as_numpy_dtype), (sequence, sought))


def unique(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Any:
    """The different elements of a vector, in order of appearance (`tf.unique`).

    **Arguments:**
    - `x`: a vector, whose value is needed at once.
    - `out_idx`: the dtype of the numbers, int32 or int64.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a named tuple of `y`, the elements, and `idx`, for each element of `x` its number in `y`.

    **Raises:** `InvalidArgumentError` if `x` is no vector.

    ```python
    >>> import functape as tf
    >>> y, idx = tf.unique([7, 5, 7])
    >>> y.numpy(), idx.numpy()
    (array([7, 5], dtype=int32), array([0, 1, 0], dtype=int32))

    ```
    """
    return Unique(*(from_numpy(each) for each in _distinct(x, out_idx)[:2]))


def unique_with_counts(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Any:
    """As `unique`, with how often each element appears (`tf.unique_with_counts`).

    **Arguments:**
    - `x`: a vector, whose value is needed at once.
    - `out_idx`: the dtype of the numbers, int32 or int64.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a named tuple of `y`, `idx` and `count`.

    **Raises:** `InvalidArgumentError` if `x` is no vector.

    ```python
    >>> import functape as tf
    >>> tf.unique_with_counts([7, 5, 7]).count.numpy()
    array([2, 1], dtype=int32)

    ```
    """
    return UniqueWithCounts(*(from_numpy(each) for each in _distinct(x, out_idx)))


def _distinct(x: Any, dtype: Any) -> tuple[Any, Any, Any]:
    values, kind = read(operand(x)), as_dtype(dtype).as_numpy_dtype
    if values.ndim != 1:
        raise invalid(f"unique expects a 1D vector. Received a tensor of shape {list(values.shape)} [Op:Unique]")
    found, first, inverse, counts = np.unique(values, True, True, True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    return found[order], rank[inverse.reshape(-1)].astype(kind), counts[order].astype(kind)


class Unique(NamedTuple):
    """What `tf.unique` returns."""

    y: Any
    idx: Any


class UniqueWithCounts(NamedTuple):
    """What `tf.unique_with_counts` returns."""

    y: Any
    idx: Any
    count: Any
