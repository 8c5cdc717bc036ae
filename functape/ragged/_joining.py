"""What dense functions such as `tf.concat` do with ragged tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api import _choosing, _gathering, _joining, _measuring, _nn, _shaping
from functape._api._static import array_of, as_int
from functape._core._convert import convert, from_numpy
from functape._core._dispatch import handles
from functape._engine._dtypes import as_dtype, int32, int64
from functape.ragged import _rows as rows
from functape.ragged._tensor import RaggedTensor, count, is_ragged, make, ragged_or_dense, take


def _as_ragged(value: Any, depth: int) -> Any:
    """A tensor as a ragged one of at least `depth` ragged axes."""
    if not depth:
        return value
    if not is_ragged(value):
        shape = value.aval.shape
        if len(shape) < 2:
            raise ValueError("All elements must have the same rank.")
        flat = _shaping.reshape(value, (shape[0] * shape[1], *shape[2:]))
        value = make(flat, np.arange(shape[0] + 1, dtype=np.int64) * shape[1], int64, shape[1])
    inner = _as_ragged(value.values, depth - 1)
    return value if inner is value.values else make(inner, value._splits, value._splits_dtype, value._uniform)


def _alike(values: Any) -> list[Any]:
    """Tensors and ragged tensors, all with as many ragged axes as the deepest."""
    given = [ragged_or_dense(each) for each in values]
    ranks = {each.shape.rank for each in given}
    if len(ranks) > 1:
        raise ValueError(f"All elements must have the same rank. Received ranks: {sorted(ranks)}")
    depth = max(each.ragged_rank if is_ragged(each) else 0 for each in given)
    return [_as_ragged(each, depth) for each in given]


def _axis(axis: Any, rank: int, name: str = "axis") -> int:
    place = as_int(axis, name)
    if not -rank <= place < rank:
        raise ValueError(f"{name}={place} out of bounds: expected {-rank}<={name}<{rank}")
    return place % rank


@handles("concat")
def concat(values: Any, axis: Any, name: str | None = None) -> Any:
    """`tf.concat` of ragged tensors."""
    given = _alike(values if isinstance(values, list | tuple) else [values])
    place = _axis(axis, given[0].shape.rank or 0)
    return given[0] if len(given) == 1 else _concat(given, place)


def _concat(given: list[Any], axis: int) -> Any:
    if not is_ragged(given[0]):
        return _joining.concat(given, axis)
    dtype = int64 if any(each._splits_dtype is int64 for each in given) else int32
    if axis == 0:
        values = _concat([each.values for each in given], 0)
        lengths = np.concatenate([rows.lengths_of(each._splits) for each in given])
        return make(values, rows.splits_of(lengths), dtype)
    numbers = {count(each) for each in given}
    if len(numbers) > 1:
        raise rows.refuse(f"Input tensors have incompatible shapes: they have {sorted(numbers)} rows")
    if axis == 1:
        values = _concat([each.values for each in given], 0)
        offsets = np.cumsum([0, *(int(each._splits[-1]) for each in given[:-1])])
        starts = np.stack([each._splits[:-1] + start for each, start in zip(given, offsets, strict=True)], 1).reshape(
            -1
        )
        lengths = np.stack([rows.lengths_of(each._splits) for each in given], 1)
        return make(take(values, rows.spans(starts, lengths.reshape(-1))), rows.splits_of(lengths.sum(1)), dtype)
    first = given[0]
    if any(not np.array_equal(each._splits, first._splits) for each in given):
        raise rows.refuse("Inputs must have identical ragged splits along the axes before the one joined")
    return make(_concat([each.values for each in given], axis - 1), first._splits, dtype, first._uniform)


@handles("stack")
def stack(values: Any, axis: Any = 0, name: str = "stack") -> Any:
    """`tf.stack` of ragged tensors; also `tf.ragged.stack`, of rows of different lengths."""
    given = [ragged_or_dense(each) for each in values]
    if not given:
        raise ValueError("`values` must hold at least one tensor.")
    ranks = {each.shape.rank for each in given}
    if len(ranks) > 1:
        raise ValueError(f"Shape {given[1].shape} must have rank {given[0].shape.rank}")
    rank = given[0].shape.rank or 0
    place = _axis(axis, rank + 1)
    if not rank:
        return _joining.stack(given)
    if place == 0:
        depth = max(each.ragged_rank if is_ragged(each) else 0 for each in given)
        joined = _concat([_as_ragged(each, depth) for each in given], 0)
        return make(joined, rows.splits_of(np.array([count(each) for each in given])), _splits_dtype(given))
    return concat([expand_dims(each, place) for each in given], place)


def _splits_dtype(given: list[Any]) -> Any:
    kinds = {each._splits_dtype for each in given if is_ragged(each)}
    return int64 if int64 in kinds else int32


@handles("expand_dims")
def expand_dims(input: Any, axis: Any = None, name: str | None = None) -> Any:
    """`tf.expand_dims` of a ragged tensor."""
    value = ragged_or_dense(input)
    if not is_ragged(value):
        return _shaping.expand_dims(value, axis)
    place = _axis(axis, (value.shape.rank or 0) + 1)
    if place == 0:
        return make(value, np.array([0, count(value)], np.int64), value._splits_dtype, count(value))
    if place == 1:
        return make(value, np.arange(count(value) + 1, dtype=np.int64), value._splits_dtype, 1)
    return make(expand_dims(value.values, place - 1), value._splits, value._splits_dtype, value._uniform)


@handles("squeeze")
def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Any:
    """`tf.squeeze` of a ragged tensor; the axes must be named."""
    if axis is None:
        raise ValueError("Ragged.squeeze must have an axis argument.")
    value = input
    rank = value.shape.rank or 0
    for place in sorted((_axis(each, rank) for each in np.ravel(axis)), reverse=True):
        value = _squeeze(value, place)
    return value


def _squeeze(value: Any, axis: int) -> Any:
    if not is_ragged(value):
        return _shaping.squeeze(value, [axis])
    if axis == 0:
        if count(value) != 1:
            raise rows.refuse(f"Cannot squeeze axis 0, which has {count(value)} rows")
        return value.values
    if axis == 1:
        if np.any(rows.lengths_of(value._splits) != 1):
            raise rows.refuse("Cannot squeeze axis 1, whose rows are not all of length 1")
        return value.values
    return value.with_values(_squeeze(value.values, axis - 1))


@handles("gather")
def gather(
    params: Any, indices: Any, validate_indices: Any = None, axis: Any = None, batch_dims: int = 0, name: Any = None
) -> Any:
    """`tf.gather` of the rows of a ragged tensor, or by ragged indices."""
    place = 0 if axis is None else as_int(axis, "axis")
    if is_ragged(indices) and not batch_dims and place == 0:
        return indices.with_flat_values(gather(params, indices.flat_values)) if is_ragged(params) else (
            indices.with_flat_values(_gathering.gather(params, indices.flat_values))
        )  # fmt: skip
    if batch_dims == 1 and place in (0, 1) and is_ragged(params):
        return _gather_within(params, ragged_or_dense(indices))
    if place or batch_dims or not is_ragged(params):
        raise ValueError(f"tf.gather takes ragged tensors with axis 0 only. Received: axis={axis}, {batch_dims=}")
    wanted = rows.host(indices, "indices")
    if wanted.size and (wanted.min() < 0 or wanted.max() >= count(params)):
        raise rows.refuse(f"indices are not in [0, {count(params)}). Received: {wanted.tolist()}")
    picked = take(params, wanted.reshape(-1))
    if wanted.ndim == 0:
        return picked[0]
    for length in reversed(wanted.shape[1:]):
        number = count(picked) // length if length else int(np.prod(wanted.shape[:-1]))
        picked = make(picked, np.arange(number + 1, dtype=np.int64) * length, params._splits_dtype)
    return picked


@handles("embedding_lookup")
def embedding_lookup(params: Any, ids: Any, max_norm: Any = None, name: Any = None) -> Any:
    """`tf.nn.embedding_lookup` by ragged ids."""
    return ids.with_flat_values(_nn.embedding_lookup(params, ids.flat_values, max_norm)) if is_ragged(ids) else (
        NotImplemented
    )  # fmt: skip


def _gather_within(params: Any, indices: Any) -> Any:
    """Gather from each row by that row's indices."""
    lists = indices if is_ragged(indices) else _as_ragged(indices, 1)
    inside = rows.host(lists.values, "indices")
    row = rows.rows_of(lists._splits)
    if inside.size and np.any((inside < 0) | (inside >= rows.lengths_of(params._splits)[row])):
        raise rows.refuse(f"indices are out of range for their rows. Received: {inside.tolist()}")
    return make(take(params.values, params._splits[:-1][row] + inside), lists._splits, params._splits_dtype)


@handles("tile")
def tile(input: Any, multiples: Any, name: str | None = None) -> Any:
    """`tf.tile` of a ragged tensor."""
    times = [int(each) for each in array_of(multiples)]
    if len(times) != input.shape.rank:
        raise ValueError(f"multiples must have a number for each of {input.shape.rank} axes. Received: {times}")
    result = input
    for axis in reversed(range(len(times))):
        copies = [result] * times[axis]
        result = _concat(copies, axis) if copies else take(result, np.zeros(0, np.int64))
    return result


@handles("reverse")
def reverse(tensor: Any, axis: Any, name: str | None = None) -> Any:
    """`tf.reverse` of a ragged tensor."""
    rank = tensor.shape.rank or 0
    result = tensor
    for place in (_axis(each, rank) for each in np.ravel(array_of(axis))):
        result = result[(slice(None),) * place + (slice(None, None, -1),)]
    return result


@handles("size")
def size(input: Any, out_type: Any = int32, name: str | None = None) -> Any:
    """`tf.size` of a ragged tensor."""
    if not is_ragged(input):
        return NotImplemented
    return _measuring.size(input.flat_values, out_type)


@handles("rank")
def rank(input: Any, name: str | None = None) -> Any:
    """`tf.rank` of a ragged tensor."""
    if not is_ragged(input):
        return NotImplemented
    return from_numpy(np.array(input.shape.rank, np.int32))


@handles("clip_by_value")
def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """`tf.clip_by_value` of a ragged tensor."""
    from functape._ops._elementwise import CLIP
    from functape.ragged._elementwise import apply

    bounds = (each if is_ragged(each) else convert(each, hint=t.dtype) for each in (clip_value_min, clip_value_max))
    return apply(CLIP, (), (t, *bounds))


@handles("where")
def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """`tf.where` with a ragged condition or ragged values."""
    from functape.ragged._conversion import coordinates
    from functape.ragged._elementwise import apply

    if x is None and y is None:
        places = np.stack(coordinates(condition), -1)
        return convert(places[np.asarray(condition.flat_values.numpy(), bool)])
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    from functape._ops._gathering import SELECT

    hint = x.dtype if hasattr(x, "dtype") else getattr(y, "dtype", None)
    x, y = (each if is_ragged(each) else convert(each, hint=hint) for each in (x, y))
    return apply(SELECT, (), (condition if is_ragged(condition) else convert(condition), x, y))


def _on_values(name: str, function: Any) -> None:
    def handler(*args: Any, **kwargs: Any) -> Any:
        first = args[0] if args else next(iter(kwargs.values()))
        if not is_ragged(first):
            return NotImplemented
        if args:
            return first.with_flat_values(function(first.flat_values, *args[1:], **kwargs))
        key = next(iter(kwargs))
        return first.with_flat_values(function(**(kwargs | {key: first.flat_values})))

    handles(name)(handler)


_on_values("one_hot", lambda *args, **kwargs: _choosing.one_hot(*args, **kwargs))


@handles("ones_like")
def ones_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Any:
    """`tf.ones_like` of a ragged tensor."""
    return _filled(input, dtype, np.ones)


@handles("zeros_like")
def zeros_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Any:
    """`tf.zeros_like` of a ragged tensor."""
    return _filled(input, dtype, np.zeros)


def _filled(ragged: Any, dtype: Any, function: Any) -> Any:
    if not is_ragged(ragged):
        return NotImplemented
    wanted = ragged.dtype if dtype is None else as_dtype(dtype)
    return ragged.with_flat_values(from_numpy(function(ragged.flat_values.aval.shape, wanted.as_numpy_dtype)))


@handles("cast")
def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """`tf.cast` of a ragged tensor."""
    from functape._core._cast import cast as cast_dense

    return x.with_flat_values(cast_dense(x.flat_values, dtype)) if is_ragged(x) else NotImplemented


@handles("identity")
def identity(input: Any, name: str | None = None) -> Any:
    """`tf.identity` of a ragged tensor."""
    return input.with_flat_values(_joining.identity(input.flat_values)) if is_ragged(input) else NotImplemented


@handles("boolean_mask")
def _boolean_mask(tensor: Any, mask: Any, axis: Any = None, name: str = "boolean_mask") -> Any:
    from functape.ragged._factories import boolean_mask

    return boolean_mask(tensor, mask)


@handles("unstack")
def unstack(value: Any, num: int | None = None, axis: Any = 0, name: str = "unstack") -> Any:
    """`tf.unstack` of a ragged tensor into its rows."""
    return list(value) if is_ragged(value) and not int(axis) else NotImplemented


@handles("split")
def split(value: Any, num_or_size_splits: Any, axis: Any = 0, num: Any = None, name: str = "split") -> Any:
    """`tf.split` of a ragged tensor between rows."""
    if not is_ragged(value) or int(axis):
        return NotImplemented
    sizes = array_of(num_or_size_splits)
    if sizes.ndim == 0:
        if count(value) % int(sizes):
            raise rows.refuse(f"{count(value)} rows do not divide into {int(sizes)} parts")
        sizes = np.full(int(sizes), count(value) // int(sizes))
    ends = np.cumsum(sizes)
    return [value[int(end - each) : int(end)] for each, end in zip(sizes, ends, strict=True)]


__all__ = ["RaggedTensor", "concat", "expand_dims", "gather", "squeeze", "stack", "tile"]
