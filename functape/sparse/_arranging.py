"""Sparse tensors made, cut, joined and put in order."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._gathering import gather, gather_nd
from functape._api._joining import concat as concat_dense
from functape._api._scattering import tensor_scatter_nd_update
from functape._api._static import array_of, as_int, as_ints, as_shape, invalid
from functape._core._convert import convert
from functape._core._known import host_array, read
from functape._core._masking import take_rows
from functape._engine._dtypes import as_dtype, bool_, float32
from functape._engine._recorder import record
from functape._ops._gathering import SCATTER_ND
from functape.sparse._tensor import Numbers, SparseTensor, as_sparse, lengths_of, linear, made, places_of


def _taken(sparse: SparseTensor, order: Numbers, places: Numbers, lengths: Any) -> SparseTensor:
    return made(places[order], take_rows(sparse.values, order), lengths)


def _axis(axis: Any, rank: int) -> int:
    place = as_int(axis, "axis")
    if not -rank <= place < rank:
        raise invalid(f"Axis must be in the range [{-rank}, {rank}). Received: {place}")
    return place % rank


def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """The elements of a tensor that are not zero (`tf.sparse.from_dense`).

    **Arguments:**
    - `tensor`: a tensor, whose value decides the shape of the result.
    - `name`: accepted for compatibility.
    """
    dense = convert(tensor)
    known = read(dense)
    places = np.argwhere(known != (b"" if dense.dtype.name == "string" else 0)).reshape(-1, max(known.ndim, 0))
    if dense.dtype.name == "string":
        return made(places, convert(known[tuple(places.T)]), known.shape)
    return made(places, gather_nd(dense, convert(places.astype(np.int64))), known.shape)


def to_dense(sp_input: Any, default_value: Any = None, validate_indices: bool = True, name: str | None = None) -> Any:
    """The dense tensor (`tf.sparse.to_dense`).

    **Arguments:**
    - `sp_input`: a sparse tensor.
    - `default_value`: what stands where nothing is given; 0 by default.
    - `validate_indices`: whether places out of order or given twice are an error.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` as told above.
    """
    sparse = as_sparse(sp_input)
    lengths = lengths_of(sparse)
    known = host_array(sparse.indices)
    if known is not None:
        outside = (known < 0) | (known >= np.array(lengths))
        if outside.any():
            raise invalid(f"indices[{int(np.argmax(outside.any(1)))}] is out of bounds: need 0 <= index < {lengths}")
        number = linear(known, lengths)
        if validate_indices and np.any(np.diff(number) <= 0):
            at = int(np.argmax(np.diff(number) <= 0)) + 1
            what = "repeated" if number[at] == number[at - 1] else "out of order"
            raise invalid(f"indices[{at}] = {known[at].tolist()} is {what}. Use tf.sparse.reorder for the order.")
    if sparse.dtype.name == "string":
        dense = np.full(lengths, b"" if default_value is None else convert(default_value).numpy(), object)
        dense[tuple(places_of(sparse).T)] = sparse.values.numpy()
        return convert(dense)
    if sparse.dtype.is_bool or default_value is not None:
        filler = convert(0 if default_value is None else default_value, None if default_value is None else sparse.dtype)
        base = np.zeros(lengths, sparse.dtype.as_numpy_dtype)
        if default_value is not None:
            from functape._api._shaping import broadcast_to

            return tensor_scatter_nd_update(broadcast_to(filler, lengths), sparse.indices, sparse.values)
        return tensor_scatter_nd_update(convert(base), sparse.indices, sparse.values)
    return record(SCATTER_ND, (lengths,), (sparse.indices, sparse.values))


def eye(num_rows: Any, num_columns: Any = None, dtype: Any = float32, name: str | None = None) -> SparseTensor:
    """Ones on the diagonal (`tf.sparse.eye`).

    **Arguments:**
    - `num_rows`, `num_columns`: the lengths; square by default.
    - `dtype`: the elements' dtype.
    - `name`: accepted for compatibility.
    """
    height = as_int(num_rows, "num_rows")
    width = height if num_columns is None else as_int(num_columns, "num_columns")
    count = min(height, width)
    places = np.stack([np.arange(count)] * 2, 1)
    return made(places, convert(np.ones(count, as_dtype(dtype).as_numpy_dtype)), (height, width))


def reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The elements in the order of their rows (`tf.sparse.reorder`)."""
    sparse = as_sparse(sp_input)
    places, lengths = places_of(sparse), lengths_of(sparse)
    number = linear(places, lengths)
    if np.all(np.diff(number) >= 0):
        return sparse
    return _taken(sparse, np.argsort(number, kind="stable"), places, lengths)


def reshape(sp_input: Any, shape: Any, name: str | None = None) -> SparseTensor:
    """The elements in another shape (`tf.sparse.reshape`); one length may be -1."""
    sparse = as_sparse(sp_input)
    places, lengths = places_of(sparse), lengths_of(sparse)
    wanted = list(as_ints(shape, "shape"))
    total = int(np.prod(lengths))
    if wanted.count(-1) > 1:
        raise invalid(f"only one output dimension may be -1. Received: {wanted}")
    if -1 in wanted:
        rest = int(np.prod([each for each in wanted if each != -1]))
        if not rest or total % rest:
            raise invalid(f"Input to reshape has {total} elements, which {wanted} does not divide")
        wanted[wanted.index(-1)] = total // rest
    if int(np.prod(wanted)) != total:
        raise invalid(f"Input to reshape is a tensor with {total} dense values, but the requested shape has "
                      f"{int(np.prod(wanted))}")  # fmt: skip
    moved = (
        np.stack(np.unravel_index(linear(places, lengths), wanted), 1) if len(places) else np.zeros((0, len(wanted)))
    )
    return made(moved, sparse.values, wanted)


def reset_shape(sp_input: Any, new_shape: Any = None) -> SparseTensor:
    """The same elements in a larger shape, or the smallest that holds them (`tf.sparse.reset_shape`)."""
    sparse = as_sparse(sp_input)
    places, lengths = places_of(sparse), lengths_of(sparse)
    if new_shape is None:
        wanted = tuple((places.max(0, initial=-1) + 1).tolist())
    else:
        wanted = as_shape(new_shape, "new_shape")
        if len(wanted) != len(lengths):
            raise ValueError(f"`new_shape` must have rank {len(lengths)}. Received: {wanted}")
        if any(new < old for new, old in zip(wanted, lengths, strict=True)):
            raise ValueError(f"`new_shape` must be at least {lengths} everywhere. Received: {wanted}")
    return made(places, sparse.values, wanted)


def transpose(sp_input: Any, perm: Any = None, name: str | None = None) -> SparseTensor:
    """The axes in another order, reversed by default (`tf.sparse.transpose`)."""
    sparse = as_sparse(sp_input)
    places, lengths = places_of(sparse), lengths_of(sparse)
    order = list(reversed(range(len(lengths)))) if perm is None else [int(each) for each in array_of(perm)]
    if sorted(order) != list(range(len(lengths))):
        raise invalid(f"`perm` must be a permutation of the axes of rank {len(lengths)}. Received: {order}")
    return reorder(made(places[:, order], sparse.values, np.array(lengths)[order]))


def expand_dims(sp_input: Any, axis: Any = None, name: str | None = None) -> SparseTensor:
    """With a new axis of length 1, the last by default (`tf.sparse.expand_dims`)."""
    sparse = as_sparse(sp_input)
    places, lengths = places_of(sparse), lengths_of(sparse)
    place = _axis(-1 if axis is None else axis, len(lengths) + 1)
    return made(np.insert(places, place, 0, axis=1), sparse.values, np.insert(lengths, place, 1))


def slice(sp_input: Any, start: Any, size: Any, name: str | None = None) -> SparseTensor:
    """The elements of a box (`tf.sparse.slice`).

    **Arguments:**
    - `sp_input`: a sparse tensor.
    - `start`, `size`: where the box begins and its lengths; what lies beyond the tensor is cut off.
    - `name`: accepted for compatibility.
    """
    sparse = as_sparse(sp_input)
    places, lengths = places_of(sparse), np.array(lengths_of(sparse))
    begin, extent = (np.array(as_ints(each, "start")) for each in (start, size))
    end = np.minimum(begin + extent, lengths)
    kept = np.flatnonzero(np.all((places >= begin) & (places < end), 1))
    return _taken(sparse, kept, places - begin, np.maximum(end - begin, 0))


def index(sparse: SparseTensor, key: Any) -> SparseTensor:
    """`sparse[key]` with slices of step 1."""
    lengths = lengths_of(sparse)
    keys = list(key) if isinstance(key, tuple) else [key]
    if Ellipsis in keys:
        at = keys.index(Ellipsis)
        keys[at : at + 1] = [_EVERYTHING] * (len(lengths) - len(keys) + 1)
    if any(not hasattr(each, "indices") for each in keys) or len(keys) > len(lengths):
        raise ValueError(f"A SparseTensor is indexed by slices, one an axis. Received: {key!r}. Use tf.sparse.slice.")
    keys += [_EVERYTHING] * (len(lengths) - len(keys))
    bounds = [each.indices(length) for each, length in zip(keys, lengths, strict=True)]
    if any(step != 1 for _, _, step in bounds):
        raise ValueError(f"A SparseTensor is indexed by slices of step 1. Received: {key!r}")
    return slice(sparse, [begin for begin, _, _ in bounds], [max(end - begin, 0) for begin, end, _ in bounds])


def _everything() -> Any:
    import builtins

    return builtins.slice(None)


_EVERYTHING = _everything()


def concat(axis: Any, sp_inputs: Any, expand_nonconcat_dims: bool = False, name: str | None = None) -> SparseTensor:
    """Sparse tensors one after the other along an axis (`tf.sparse.concat`).

    **Arguments:**
    - `axis`: the axis.
    - `sp_inputs`: sparse tensors of one rank and dtype.
    - `expand_nonconcat_dims`: whether the other lengths may differ; the largest counts.
    - `name`: accepted for compatibility.
    """
    given = [as_sparse(each, "sp_inputs") for each in sp_inputs]
    if len(given) == 1:
        return given[0]
    every = [np.array(lengths_of(each)) for each in given]
    if len({len(each) for each in every}) > 1:
        raise invalid(f"Ranks of all input tensors should match. Received shapes: {[each.tolist() for each in every]}")
    place = _axis(axis, len(every[0]))
    total = np.max(every, 0)
    others = np.arange(len(total)) != place
    if not expand_nonconcat_dims and any(np.any(each[others] != total[others]) for each in every):
        raise invalid(f"Input shapes should match: expected {total[others]} besides axis {place}")
    total[place] = sum(each[place] for each in every)
    moved, offset = [], 0
    for each, lengths in zip(given, every, strict=True):
        places = places_of(each).copy()
        places[:, place] += offset
        offset += lengths[place]
        moved.append(places)
    return reorder(made(np.concatenate(moved), concat_dense([each.values for each in given], 0), total))


def split(sp_input: Any = None, num_split: Any = None, axis: Any = None, name: str | None = None) -> list[SparseTensor]:
    """Parts along an axis, the first ones longer by 1 if it does not divide (`tf.sparse.split`)."""
    if num_split is None or axis is None:
        raise ValueError("num_split and axis are required.")
    sparse = as_sparse(sp_input)
    lengths = list(lengths_of(sparse))
    place, number = _axis(axis, len(lengths)), as_int(num_split, "num_split")
    if not 1 <= number <= lengths[place]:
        raise invalid(f"Input num_split should be between 1 and the splitting dimension size ({lengths[place]})")
    short, longer = divmod(lengths[place], number)
    parts, begin = [], 0
    for position in range(number):
        extent = short + (position < longer)
        start, size = [0] * len(lengths), list(lengths)
        start[place], size[place] = begin, extent
        parts.append(slice(sparse, start, size))
        begin += extent
    return parts


def retain(sp_input: Any, to_retain: Any) -> SparseTensor:
    """The elements for which `to_retain` is True (`tf.sparse.retain`)."""
    sparse = as_sparse(sp_input)
    kept = read(convert(to_retain))
    if kept.shape != sparse.values.aval.shape:
        raise ValueError(f"`to_retain` must have an entry for each of {sparse.values.aval.shape[0]} values.")
    return _taken(sparse, np.flatnonzero(kept), places_of(sparse), lengths_of(sparse))


def mask(a: Any, mask_indices: Any, name: str | None = None) -> Any:
    """`tf.IndexedSlices` without the rows named (`tf.sparse.mask`)."""
    from functape._core._slices import IndexedSlices

    rows = np.flatnonzero(~np.isin(read(convert(a.indices)), array_of(mask_indices)))
    chosen = convert(rows)
    return IndexedSlices(gather(a.values, chosen), gather(a.indices, chosen), a.dense_shape)


def fill_empty_rows(sp_input: Any, default_value: Any, name: str | None = None) -> tuple[SparseTensor, Any]:
    """With an element in column 0 of each row that has none, and which those were (`tf.sparse.fill_empty_rows`)."""
    sparse = as_sparse(sp_input)
    places, lengths = places_of(sparse), lengths_of(sparse)
    empty = np.bincount(places[:, 0], minlength=lengths[0])[: lengths[0]] == 0
    added = np.zeros((int(empty.sum()), len(lengths)), np.int64)
    added[:, 0] = np.flatnonzero(empty)
    from functape._api._shaping import broadcast_to

    filler = broadcast_to(convert(default_value, sparse.dtype), (len(added),))
    values = concat_dense([sparse.values, filler], 0)
    every = np.concatenate([places, added])
    order = np.argsort(every[:, 0], kind="stable")
    filled = made(every[order], take_rows(values, order), lengths)
    return filled, convert(empty)


def to_indicator(sp_input: Any, vocab_size: Any, name: str | None = None) -> Any:
    """A dense bool tensor that is True at each value, along a new last axis (`tf.sparse.to_indicator`)."""
    sparse = as_sparse(sp_input)
    size = as_int(vocab_size, "vocab_size")
    places, values = places_of(sparse), read(sparse.values)
    found = np.zeros((*lengths_of(sparse)[:-1], size), bool)
    found[(*places[:, :-1].T, values)] = True
    return convert(found, bool_)
