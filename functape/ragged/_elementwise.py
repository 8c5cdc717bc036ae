"""Ops of dense tensors on ragged ones: element by element with broadcasting, and reductions along axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api import _segments as segments
from functape._api._shaping import reshape
from functape._core._convert import convert, is_tensor_like
from functape._engine._errors import InvalidArgumentError
from functape._engine._recorder import record, record_multiple
from functape._ops import _reductions as reductions
from functape.ragged import _rows as rows
from functape.ragged._conversion import coordinates
from functape.ragged._tensor import count, is_ragged, make, take


def apply(op: Any, statics: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
    """Record an op some of whose arguments are ragged.

    **Raises:** `ValueError` if the op is none that works element by element.
    """
    reduce = _REDUCTIONS.get(op.name)
    if reduce is not None:
        axis, keepdims = statics[:2]
        return reduce_along(args[0], axis, bool(keepdims), reduce)
    if statics and op.name not in _ELEMENTWISE_WITH_ATTRIBUTES or op.multiple:
        raise ValueError(f"{op.name} does not take a RaggedTensor. Use to_tensor(), or tf.ragged.map_flat_values.")
    leader = next(each for each in args if is_ragged(each))
    flat = [_beside(leader, each) for each in args]
    result = (record_multiple if op.multiple else record)(op, statics, tuple(flat))
    return leader.with_flat_values(result)


_ELEMENTWISE_WITH_ATTRIBUTES = {"Gelu", "Cast", "ClipByValue"}


def _beside(leader: Any, other: Any) -> Any:
    """The values of `other` that stand beside the innermost values of `leader`."""
    if is_ragged(other):
        first, second = leader, other
        while is_ragged(first) and is_ragged(second):
            if not np.array_equal(first._splits, second._splits):
                raise InvalidArgumentError(
                    message="The row partitions of the arguments differ: elements cannot be paired. Condition x == y "
                    f"did not hold for row_splits {first._splits} and {second._splits}."
                )
            first, second = first.values, second.values
        if is_ragged(first) or is_ragged(second):
            raise ValueError("The arguments are ragged in different numbers of axes.")
        return second
    if other.__class__ in (int, float, bool):
        return other
    dense = other if is_tensor_like(other) else convert(other, hint=leader.dtype)
    shape = tuple(dense.shape.as_list())
    rank = leader.shape.rank or 0
    inner = rank - leader.ragged_rank - 1
    if len(shape) <= inner or not shape:
        return dense
    if len(shape) > rank:
        raise ValueError(f"A tensor of rank {len(shape)} cannot be broadcast to a ragged one of rank {rank}.")
    shape = (1,) * (rank - len(shape)) + shape
    place: Any = np.zeros(len(leader.flat_values.aval.shape and coordinates(leader)[0]), np.int64)
    for axis, at in enumerate(coordinates(leader)):
        length = shape[axis]
        if length != 1 and at.size and at.max() >= length or length > 1 and axis and not _all_of(leader, axis, length):
            raise InvalidArgumentError(
                message=f"Unable to broadcast: dimension size mismatch in dimension {axis}. The tensor has {length}."
            )
        place = place * length + (at if length != 1 else 0)
    flat = reshape(dense, (int(np.prod(shape[: leader.ragged_rank + 1])), *shape[leader.ragged_rank + 1 :]))
    return take(flat, place)


def _all_of(ragged: Any, axis: int, length: int) -> bool:
    """Whether all rows along an axis have one length."""
    for _ in range(axis - 1):
        ragged = ragged.values
    return bool(np.all(rows.lengths_of(ragged._splits) == length))


# ---- reductions ------------------------------------------------------------------------------------------------------


class Reduction:
    """A reduction, for all elements and by segment."""

    def __init__(self, row: Any, by_segment: Any, as_bool: bool = False) -> None:
        self.row = row
        self.by_segment = by_segment
        self.as_bool = as_bool

    def whole(self, values: Any) -> Any:
        """Over all elements."""
        return record(self.row, (None, False), (values,))

    def within(self, values: Any, axis: int) -> Any:
        """Along an axis of a dense tensor."""
        return record(self.row, ((axis,), False), (values,))

    def segment(self, values: Any, ids: rows.Numbers, number: int) -> Any:
        """For each segment."""
        if self.as_bool:
            from functape._core._cast import cast
            from functape._engine._dtypes import bool_, int32

            found = self.by_segment(cast(values, int32), convert(ids), number)
            return cast(found > 0, bool_) if self.row is reductions.ANY else cast(found != 0, bool_)
        return self.by_segment(values, convert(ids), number)


def _mean(values: Any, ids: Any, number: int) -> Any:
    counts = np.bincount(np.asarray(ids), minlength=number)[:number]
    shape = (number,) + (1,) * (values.aval.ndim - 1)
    total = segments.unsorted_segment_sum(values, ids, number)
    return total / convert(counts.reshape(shape).astype(values.dtype.as_numpy_dtype))


def _mean_of_all(values: Any) -> Any:
    return _mean(reshape(values, (-1,)), convert(np.zeros(values.aval.size, np.int64)), 1)[0]


def _variance(values: Any, ids: Any, number: int) -> Any:
    mean = _mean(values, ids, number)
    if values.dtype.is_integer:
        raise TypeError("Input must be floating or complex: cast the RaggedTensor first.")
    away = values - take(mean, np.asarray(ids))
    return _mean(away * away, ids, number)


def _deviation(values: Any, ids: Any, number: int) -> Any:
    from functape._api._elementwise import sqrt

    return sqrt(_variance(values, ids, number))


_REDUCTIONS = {
    "Sum": Reduction(reductions.SUM, segments.unsorted_segment_sum),
    "Prod": Reduction(reductions.PRODUCT, segments.unsorted_segment_prod),
    "Max": Reduction(reductions.MAXIMUM, segments.unsorted_segment_max),
    "Min": Reduction(reductions.MINIMUM, segments.unsorted_segment_min),
    "Mean": Reduction(reductions.MEAN, _mean),
    "Any": Reduction(reductions.ANY, segments.unsorted_segment_sum, as_bool=True),
    "All": Reduction(reductions.ALL, segments.unsorted_segment_prod, as_bool=True),
    "Variance": Reduction(reductions.VARIANCE, _variance),
    "StandardDeviation": Reduction(reductions.STANDARD_DEVIATION, _deviation),
}


def reduce_along(ragged: Any, axis: Any, keepdims: bool, reduction: Reduction) -> Any:
    """Reduce a ragged tensor along some of its axes, or all if `axis` is None."""
    rank = ragged.shape.rank or 0
    if axis is None:
        values = ragged.flat_values
        found = _mean_of_all(values) if reduction.row is reductions.MEAN else reduction.whole(values)
        return reshape(found, (1,) * rank) if keepdims else found
    axes = sorted({int(each) for each in np.ravel(axis)}, reverse=True)
    axes = sorted({each + rank if each < 0 else each for each in axes}, reverse=True)
    if any(not 0 <= each < rank for each in axes):
        raise ValueError(f"Expected axis in the range [{-rank}, {rank}). Received: {axis}")
    result = ragged
    if reduction.row in (reductions.MEAN, reductions.VARIANCE, reductions.STANDARD_DEVIATION) and len(axes) > 1:
        return _together(ragged, axes, keepdims, reduction)
    for each in axes:
        result = _along(result, each, keepdims, reduction)
    return result


def _together(ragged: Any, axes: list[int], keepdims: bool, reduction: Reduction) -> Any:
    """Reduce along neighbouring axes at once, where one after the other would weigh short rows too much."""
    if axes != list(range(axes[0], axes[0] - len(axes), -1)):
        raise ValueError(f"A RaggedTensor is averaged along neighbouring axes only. Received: axis={axes}")
    if len(axes) == (ragged.shape.rank or 0):
        return reduce_along(ragged, None, keepdims, reduction)
    merged = ragged.merge_dims(axes[-1], axes[0])
    return _along(merged, axes[-1], keepdims, reduction)


def _along(value: Any, axis: int, keepdims: bool, reduction: Reduction) -> Any:
    from functape._api._shaping import expand_dims as expand_dense
    from functape.ragged._joining import expand_dims

    if not is_ragged(value):
        found = reduction.within(value, axis)
        return expand_dense(found, axis) if keepdims else found
    if axis == 0:
        found = _over(
            value.values, rows.places_of(value._splits), int(rows.lengths_of(value._splits).max(initial=0)), reduction
        )
    elif axis == 1:
        found = _over(value.values, rows.rows_of(value._splits), len(value._splits) - 1, reduction)
    else:
        return value.with_values(_along(value.values, axis - 1, keepdims, reduction))
    return expand_dims(found, axis) if keepdims else found


def _over(values: Any, ids: rows.Numbers, number: int, reduction: Reduction) -> Any:
    """Reduce the rows of one segment to one; ragged rows are as long as the longest."""
    if not is_ragged(values):
        return reduction.segment(values, ids, number)
    lengths = np.zeros(number, np.int64)
    np.maximum.at(lengths, ids, rows.lengths_of(values._splits))
    splits = rows.splits_of(lengths)
    place = splits[:-1][ids[rows.rows_of(values._splits)]] + rows.places_of(values._splits)
    inner = _over(values.values, place, int(splits[-1]), reduction)
    return make(inner, splits, values._splits_dtype)


def same_rows(first: Any, second: Any) -> bool:
    """Whether two ragged tensors have the same row partitions."""
    return count(first) == count(second) and np.array_equal(first._splits, second._splits)
