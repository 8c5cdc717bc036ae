"""`ragged[...]` with TensorFlow's rules."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._shaping import expand_dims
from functape._core._convert import is_tensor_like
from functape._core._known import read
from functape.ragged import _rows as rows
from functape.ragged._tensor import is_ragged, make, take


def index(ragged: Any, key: Any) -> Any:
    """`ragged[key]`.

    **Raises:** `ValueError` for a number that would pick from a ragged axis; `IndexError` for a row out of range.
    """
    if is_ragged(key):
        from functape.ragged._factories import boolean_mask

        return boolean_mask(ragged, key)
    keys = list(key) if isinstance(key, tuple | list) else [key]
    if sum(each is Ellipsis for each in keys) > 1:
        raise ValueError("An index can hold only one ellipsis (...).")
    if any(each is Ellipsis for each in keys):
        place = next(position for position, each in enumerate(keys) if each is Ellipsis)
        used = sum(each is not None for each in keys) - 1
        keys[place : place + 1] = [slice(None)] * ((ragged.shape.rank or 0) - used)
    return _index(ragged, keys)


def _index(value: Any, keys: list[Any]) -> Any:
    """`value[keys]`, of a tensor or ragged tensor."""
    if not keys:
        return value
    if not is_ragged(value):
        return value[tuple(keys)]
    first, rest = keys[0], keys[1:]
    if first is None:
        inner = _index(value, rest)
        from functape.ragged._joining import expand_dims as expand

        return expand(inner, 0) if is_ragged(inner) else expand_dims(inner, 0)
    total = len(value._splits) - 1
    if isinstance(first, slice):
        chosen = np.arange(total)[slice(*map(_number, (first.start, first.stop, first.step)))]
        picked = value if len(chosen) == total and first.step in (None, 1) else take(value, chosen)
        return _inner(picked, rest)
    position = _number(first)
    if position is None or not -total <= position < total:
        raise IndexError(f"Row key {position} out of bounds: there are {total} rows.")
    start, end = value._splits[position % total], value._splits[position % total + 1]
    return _index(_rows(value.values, int(start), int(end)), rest)


def _rows(values: Any, start: int, end: int) -> Any:
    if is_ragged(values):
        return take(values, np.arange(start, end))
    return values[start:end]


def _inner(ragged: Any, keys: list[Any]) -> Any:
    """Apply `keys` to the axes after the first."""
    if not keys:
        return ragged
    first, rest = keys[0], keys[1:]
    if first is None:
        length = np.arange(len(ragged._splits), dtype=np.int64)
        return make(_index(ragged, [slice(None), *rest]), length, ragged._splits_dtype, 1)
    if not isinstance(first, slice):
        if ragged._uniform is not None:
            position = _number(first)
            if position is None or not -ragged._uniform <= position < ragged._uniform:
                raise IndexError(f"Index {position} is out of bounds for rows of {ragged._uniform}.")
            return _index(take(ragged.values, ragged._splits[:-1] + position % ragged._uniform), [slice(None), *rest])
        raise ValueError("Cannot index into an inner ragged dimension.")
    begin, stop, step = (_number(each) for each in (first.start, first.stop, first.step))
    if (begin, stop, step) in ((None, None, None), (None, None, 1)):
        return make(_index(ragged.values, [slice(None), *rest]), ragged._splits, ragged._splits_dtype, ragged._uniform)
    if step == 0:
        raise ValueError("slice step cannot be zero")
    ranges = [range(*slice(begin, stop, step).indices(int(each))) for each in rows.lengths_of(ragged._splits)]
    starts = ragged._splits[:-1] + np.array([each.start for each in ranges], np.int64)
    lengths = np.array([len(each) for each in ranges], np.int64)
    values = take(ragged.values, rows.spans(starts, lengths, step or 1))
    same = int(lengths[0]) if ragged._uniform is not None and len(lengths) else None
    return make(_index(values, [slice(None), *rest]), rows.splits_of(lengths), ragged._splits_dtype, same)


def _number(value: Any) -> int | None:
    if value is None:
        return None
    if is_tensor_like(value):
        return int(read(value))
    try:
        return value.__index__()
    except AttributeError:
        raise TypeError(
            f"Slice offsets must be integers, None or scalar integer tensors. Received: {value!r}"
        ) from None
