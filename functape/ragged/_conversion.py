"""Ragged tensors from dense and sparse ones, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._shaping import reshape
from functape._core._convert import convert
from functape._core._known import read
from functape._core._masking import take_rows
from functape._engine._dtypes import DType
from functape.ragged import _rows as rows
from functape.ragged._tensor import RaggedTensor, is_ragged, make


def from_tensor(tensor: Any, lengths: Any, padding: Any, ragged_rank: int, dtype: DType) -> Any:
    """As `RaggedTensor.from_tensor`."""
    dense = convert(tensor)
    if lengths is not None and padding is not None:
        raise ValueError("Specify argument `lengths` or `padding`, but not both.")
    if not isinstance(ragged_rank, int):
        raise TypeError(f"Argument `ragged_rank` must be an int. Received: {ragged_rank}")
    shape = dense.aval.shape
    if ragged_rank <= 0:
        raise ValueError(f"Argument `ragged_rank` must be greater than 0. Received: {ragged_rank}")
    if ragged_rank >= len(shape):
        raise ValueError(f"Argument `ragged_rank` must be less than the rank of `tensor`. Received: {ragged_rank}")
    if isinstance(lengths, list | tuple) and len(lengths) and not isinstance(lengths[0], int | np.integer):
        return RaggedTensor.from_nested_row_lengths(_kept(dense, lengths), lengths).with_row_splits_dtype(dtype)
    if ragged_rank > 1:
        outer = shape[0]
        inner = reshape(dense, (outer * shape[1], *shape[2:]))
        if lengths is not None:
            raise ValueError("`lengths` must be a list of vectors where ragged_rank is larger than 1.")
        nested = from_tensor(inner, None, padding, ragged_rank - 1, dtype)
        return make(nested, np.arange(outer + 1, dtype=np.int64) * shape[1], dtype, shape[1])
    height, width = shape[:2]
    if padding is not None:
        counts = _without_padding(dense, padding)
    elif lengths is not None:
        given = rows.host(lengths, "lengths")
        if given.ndim != 1 or len(given) != height:
            raise ValueError(f"Shapes ({given.shape}) and ({height},) are incompatible: `lengths` needs one a row.")
        counts = np.clip(given, 0, width)
    else:
        counts = np.full(height, width, np.int64)
    flat = reshape(dense, (height * width, *shape[2:]))
    if lengths is None and padding is None:
        return make(flat, rows.splits_of(counts), dtype, width)
    places = rows.spans(np.arange(height, dtype=np.int64) * width, counts)
    return make(take_rows(flat, places), rows.splits_of(counts), dtype)


def _without_padding(dense: Any, padding: Any) -> rows.Numbers:
    """How much of each row is left when the padding at its end is taken off."""
    filler = read(convert(padding, dense.dtype))
    shape = dense.aval.shape
    if filler.shape != shape[2:]:
        raise ValueError(f"The shape of `padding`, {filler.shape}, must be that of an element, {shape[2:]}.")
    other = np.asarray(dense) != filler
    other = other.reshape((shape[0], shape[1], -1)).any(-1)
    return np.where(other, np.arange(1, shape[1] + 1), 0).max(1, initial=0).astype(np.int64)


def _kept(dense: Any, lengths: Any) -> Any:
    """The elements of a tensor within nested lengths."""
    shape = dense.aval.shape
    starts = np.zeros(1, np.int64)
    width = 1
    for axis, each in enumerate(lengths, 1):
        counts = rows.host(each, "lengths")
        if axis == 1:
            starts = np.arange(shape[0], dtype=np.int64)
        if len(counts) != len(starts):
            raise ValueError(f"`lengths[{axis - 1}]` needs one length for each of {len(starts)} rows.")
        starts = rows.spans(starts * shape[axis], counts)
        width = axis + 1
    flat = reshape(dense, (int(np.prod(shape[:width])), *shape[width:]))
    return take_rows(flat, starts)


def from_sparse(sparse: Any, dtype: DType) -> Any:
    """As `RaggedTensor.from_sparse`."""
    if not hasattr(sparse, "dense_shape"):
        raise TypeError(f"Argument `st_input` must be of type SparseTensor, but is of type {type(sparse).__name__}.")
    shape = read(convert(sparse.dense_shape))
    if len(shape) != 2:
        raise ValueError(f"rank(st_input) must be 2. Received: {len(shape)}")
    found = read(convert(sparse.indices))
    counts = np.bincount(found[:, 0], minlength=int(shape[0])).astype(np.int64)
    splits = rows.splits_of(counts)
    if np.any(found[:, 0] != rows.rows_of(splits)) or np.any(found[:, 1] != rows.places_of(splits)):
        raise rows.refuse("SparseTensor is not right-ragged: rows must be filled from their beginning, in order.")
    return make(sparse.values, splits, dtype)


def coordinates(ragged: Any) -> list[rows.Numbers]:
    """For each ragged axis and the one before, the coordinates of the innermost values."""
    outer = rows.rows_of(ragged._splits)
    place = rows.places_of(ragged._splits)
    if not is_ragged(ragged.values):
        return [outer, place]
    inner = coordinates(ragged.values)
    return [outer[inner[0]], place[inner[0]], *inner[1:]]


def to_sparse(ragged: Any) -> Any:
    """As `RaggedTensor.to_sparse`."""
    from functape.sparse import SparseTensor

    values = ragged.flat_values
    places = np.stack(coordinates(ragged), -1)
    inner = values.aval.shape[1:]
    if inner:
        grid = np.indices(inner).reshape(len(inner), -1).T
        places = np.concatenate([np.repeat(places, len(grid), 0), np.tile(grid, (len(places), 1))], 1)
        values = reshape(values, (-1,))
    bounds = np.array(ragged._bounds(), np.int64)
    return SparseTensor(convert(places.astype(np.int64)), values, convert(bounds))
