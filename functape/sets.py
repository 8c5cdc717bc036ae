"""Sets along the last axis, under TensorFlow's names (`tf.sets`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._static import invalid
from functape._core._convert import convert
from functape._core._holding import from_numpy
from functape._core._known import read
from functape._engine._dtypes import int8, int16, int32, int64, string, uint8, uint16
from functape._namespace import lazy
from functape.sparse._tensor import SparseTensor, lengths_of, linear, places_of

__all__ = ["difference", "intersection", "size", "union"]
__getattr__ = lazy(__name__, {}, lambda: __all__)

_DTYPES = (int8, int16, int32, int64, uint8, uint16, string)


def size(a: Any, validate_indices: bool = True) -> Any:
    """How many different elements each set has (`tf.sets.size`).

    **Arguments:**
    - `a`: a sparse tensor whose last axis holds the sets.
    - `validate_indices`: whether its order is checked.

    **Returns:** int32 numbers, an axis less than `a`.

    **Raises:** `TypeError` if it is no sparse tensor.

    ```python
    >>> import functape as tf
    >>> tf.sets.size(tf.sparse.from_dense([[1, 2, 2], [3, 0, 0]])).numpy()
    array([2, 1], dtype=int32)

    ```
    """
    if not isinstance(a, SparseTensor):
        raise TypeError(f"Expected `SparseTensor`, got {a!r}. Use tf.sparse.from_dense.")
    sets, lead = _sets(a, "a", validate_indices, "SetSize")
    return from_numpy(np.array([len(each) for each in sets], np.int32).reshape(lead))


def intersection(a: Any, b: Any, validate_indices: bool = True) -> Any:
    """The elements that are in both sets (`tf.sets.intersection`).

    **Arguments:**
    - `a`, `b`: tensors or sparse tensors of at least two axes, whose last axis holds the sets; of integers or strings.
      All but their last axes are alike.
    - `validate_indices`: whether the order of sparse tensors is checked.

    **Returns:** a sparse tensor, each set's elements in order.

    **Raises:** `TypeError` for other dtypes or two different ones; `InvalidArgumentError` for shapes that do not fit.

    ```python
    >>> import functape as tf
    >>> tf.sparse.to_dense(tf.sets.intersection([[1, 2, 3]], [[2, 3, 4]])).numpy()
    array([[2, 3]], dtype=int32)

    ```
    """
    return _combined(a, b, validate_indices, set.intersection)


def union(a: Any, b: Any, validate_indices: bool = True) -> Any:
    """The elements that are in either set (`tf.sets.union`); as `intersection` otherwise.

    ```python
    >>> import functape as tf
    >>> tf.sparse.to_dense(tf.sets.union([[1, 2]], [[2, 3]])).numpy()
    array([[1, 2, 3]], dtype=int32)

    ```
    """
    return _combined(a, b, validate_indices, set.union)


def difference(a: Any, b: Any, aminusb: bool = True, validate_indices: bool = True) -> Any:
    """The elements that are in the first set only (`tf.sets.difference`); as `intersection` otherwise.

    **Arguments:**
    - `a`, `b`, `validate_indices`: as there.
    - `aminusb`: False for those that are in the second only.

    ```python
    >>> import functape as tf
    >>> tf.sparse.to_dense(tf.sets.difference([[1, 2]], [[2, 3]])).numpy()
    array([[1]], dtype=int32)

    ```
    """
    return _combined(a, b, validate_indices, set.difference if aminusb else lambda left, right: right - left)


def _combined(a: Any, b: Any, validate: bool, combine: Any) -> SparseTensor:
    first, second = (each if isinstance(each, SparseTensor) else convert(each) for each in (a, b))
    if first.dtype not in _DTYPES:
        listed = ", ".join(repr(each) for each in _DTYPES)
        raise TypeError(f"'a' has invalid dtype `{first.dtype}` not in supported dtypes: {listed}.")
    if first.dtype is not second.dtype:
        raise TypeError(f"Types don't match, {first.dtype} vs {second.dtype}. Cast one of them.")
    left, lead = _sets(first, "a", validate, "SetOperation")
    right, other = _sets(second, "b", validate, "SetOperation")
    if lead != other:
        raise invalid(f"Mismatched shapes {list(lead)} vs {list(other)} [Op:SetOperation]")
    found = [sorted(combine(x, y)) for x, y in zip(left, right, strict=True)]
    rows = np.stack(np.unravel_index(np.arange(len(found)), lead), 1) if found else np.zeros((0, len(lead)), np.int64)
    counts = [len(each) for each in found]
    place = np.concatenate([*(np.arange(count) for count in counts), np.zeros(0, np.int64)])
    places = np.concatenate([np.repeat(rows, counts, 0), place[:, None]], 1).astype(np.int64)
    values = [each for one in found for each in one]
    kind = np.dtype(first.dtype.as_numpy_dtype)
    shape = np.array([*lead, max(counts, default=0)], np.int64)
    return SparseTensor(from_numpy(places), from_numpy(np.fromiter(values, kind, len(values))), from_numpy(shape))


def _sets(value: Any, name: str, validate: bool, op: str) -> tuple[list[set[Any]], tuple[int, ...]]:
    """The sets in a tensor, row by row, and the shape without the last axis.

    **Raises:** `InvalidArgumentError` if there is only one axis, or a sparse tensor is out of order.
    """
    sparse = isinstance(value, SparseTensor)
    shape = lengths_of(value) if sparse else value.aval.shape
    if len(shape) < 2:
        raise invalid(
            f"The argument `{name}` needs at least two axes. Shape {list(shape)} has rank {len(shape)} < 2 [Op:{op}]"
        )
    lead = shape[:-1]
    if not sparse:
        return [set(row.tolist()) for row in read(value).reshape(int(np.prod(lead)), shape[-1])], lead
    places = places_of(value)
    order = linear(places, shape)
    if validate and np.any(np.diff(order) <= 0):
        raise invalid(
            f"The indices of `{name}` are out of order. Many sparse ops require sorted indices. Use "
            f"`tf.sparse.reorder` to create a correctly ordered copy [Op:{op}]"
        )
    found: list[set[Any]] = [set() for _ in range(int(np.prod(lead)))]
    for row, each in zip(linear(places[:, :-1], lead).tolist(), read(value.values).tolist(), strict=True):
        found[row].add(each)
    return found, lead
