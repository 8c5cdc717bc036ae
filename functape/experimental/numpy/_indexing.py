"""`tensor[...]` by NumPy's rules: lists, arrays and masks among the indices."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._core._convert import convert, is_tensor_like
from functape._core._indexing import index_tensor
from functape._core._masking import boolean_mask
from functape._engine._recorder import record
from functape._ops._selecting import AT


def index_like_numpy(tensor: Any, index: Any) -> Any:
    """`tensor[index]`, where indices may be lists, arrays or vectors of bools.

    **Raises:** `IndexError` for an index of another kind; `NotImplementedError` for a mask of more axes among others.
    """
    if isinstance(index, bool | np.bool_) or (_is_array(index) and np.dtype(bool) == _dtype(index)):
        return boolean_mask(convert(tensor), index)
    entries = list(index) if isinstance(index, tuple) else [index]
    if isinstance(index, list) and any(each is None or each is Ellipsis or _is_sequence(each) for each in index):
        entries = list(index)
    if not any(map(_is_sequence, entries)):
        return index_tensor(tensor, index if isinstance(index, tuple) else tuple(entries))
    spec: list[Any] = []
    places: list[Any] = []
    for entry in entries:
        if entry is None or entry is Ellipsis or isinstance(entry, int | np.integer):
            spec.append(entry)
        elif isinstance(entry, slice):
            spec.append(("slice", *(None if each is None else int(each) for each in _parts(entry))))
        else:
            spec.append("array")
            places.append(_numbers(entry))
    return record(AT, (tuple(spec),), (convert(tensor), *places))


def _parts(entry: slice) -> tuple[Any, Any, Any]:
    return entry.start, entry.stop, entry.step


def _is_array(value: Any) -> bool:
    return is_tensor_like(value) or isinstance(value, np.ndarray)


def _is_sequence(value: Any) -> bool:
    return isinstance(value, list | tuple) or (
        _is_array(value) and bool(np.shape(value) if isinstance(value, np.ndarray) else value.aval.shape)
    )


def _dtype(value: Any) -> Any:
    return value.dtype if isinstance(value, np.ndarray) else value.dtype.as_numpy_dtype


def _numbers(entry: Any) -> Any:
    """An index as integers: of a mask the places where it is true."""
    tensor = convert(entry) if not isinstance(entry, list | tuple) or entry else convert(np.zeros(0, np.int32))
    if tensor.dtype.is_bool:
        if tensor.aval.ndim != 1:
            raise NotImplementedError(f"Need rank 1 for bool index {entry}")
        return convert(np.flatnonzero(tensor.numpy()))
    if not tensor.dtype.is_integer:
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are "
            f"valid indices, got {entry!r}"
        )
    return tensor
