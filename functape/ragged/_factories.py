"""The functions of `tf.ragged`."""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from functape._api._static import array_of, as_int
from functape._core._convert import convert
from functape._core._known import read
from functape._engine._dtypes import DType, as_dtype, int32, int64
from functape.ragged import _rows as rows
from functape.ragged._joining import stack as stack_any
from functape.ragged._tensor import RaggedTensor, count, is_ragged, make, ragged_or_dense, take


def constant(
    pylist: Any, dtype: Any = None, ragged_rank: int | None = None, inner_shape: Any = None, name: str | None = None,
    row_splits_dtype: Any = int64,
) -> Any:  # fmt: skip
    """The ragged tensor of nested lists (`tf.ragged.constant`).

    **Arguments:**
    - `pylist`: nested lists, tuples or arrays, all scalars in one depth.
    - `dtype`: the elements' dtype; found from them by default.
    - `ragged_rank`: how many axes are ragged; all but the first by default, and those of `inner_shape`.
    - `inner_shape`: the shape of the innermost values.
    - `name`: accepted for compatibility.
    - `row_splits_dtype`: int32 or int64.

    **Returns:** a ragged tensor; a tensor if no axis is ragged.

    **Raises:** `ValueError` if the scalars are not all in one depth, or the shapes do not fit.

    ```python
    >>> import functape as tf
    >>> tf.ragged.constant([[1, 2], [3]])
    <tf.RaggedTensor [[1, 2], [3]]>

    ```
    """
    splits_dtype = rows.splits_dtype(row_splits_dtype)
    wanted = None if dtype is None else as_dtype(dtype)
    depths = _depths(pylist)
    if len({depth for depth, scalar in depths if scalar}) > 1:
        raise ValueError("all scalar values must have the same nesting depth")
    scalars = [depth for depth, scalar in depths if scalar]
    depth = scalars[0] if scalars else max((each for each, _ in depths), default=0)
    if scalars and any(each > depth for each, scalar in depths if not scalar):
        raise ValueError("all scalar values must have the same nesting depth")
    if inner_shape is not None:
        inner_shape = tuple(int(each) for each in np.ravel(array_of(inner_shape))) if inner_shape != () else ()
    if ragged_rank is None:
        ragged_rank = max(depth - 1 - len(inner_shape or ()), 0) if depth else 0
        fixed = inner_shape if inner_shape is not None else ()
    else:
        if not 0 <= ragged_rank < max(depth, 1):
            raise ValueError(f"Invalid pylist={pylist!r}: incompatible with ragged_rank={ragged_rank}")
        fixed = inner_shape if inner_shape is not None else None
    if depth == 0 and not isinstance(pylist, list | tuple | np.ndarray):
        if ragged_rank or inner_shape:
            raise ValueError(f"Invalid pylist={pylist!r}: incompatible with ragged_rank={ragged_rank}")
        return convert(pylist, wanted)
    lengths: list[list[int]] = []
    level: list[Any] = [pylist]
    for _ in builtins.range(ragged_rank):
        level = list(itertools.chain.from_iterable(level))
        lengths.append([len(each) for each in level])
    flat = list(itertools.chain.from_iterable(level))
    values = _flat(flat, wanted, fixed, bool(scalars))
    for each in reversed(lengths):
        values = make(values, rows.splits_of(np.array(each, np.int64)), splits_dtype)
    return values


def _flat(flat: list[Any], dtype: DType | None, inner: tuple[int, ...] | None, filled: bool) -> Any:
    if not filled and dtype is None:
        dtype = as_dtype(np.float32)
    if inner:
        values = convert(flat, dtype) if filled else convert(np.zeros((len(flat), *inner), dtype.as_numpy_dtype))  # type: ignore[union-attr]
        if values.aval.shape[1:] != tuple(inner):
            raise ValueError(f"The innermost values have shape {values.aval.shape[1:]}, not inner_shape={inner}.")
        return values
    return convert(flat, dtype)


def _depths(value: Any) -> set[tuple[int, bool]]:
    """The depths in which scalars, and empty lists, stand."""
    if isinstance(value, np.ndarray):
        return {(value.ndim, bool(value.size))}
    if not isinstance(value, list | tuple):
        return {(np.ndim(value), True)}
    if not len(value):
        return {(1, False)}
    return {(depth + 1, scalar) for each in value for depth, scalar in _depths(each)}


def range(
    starts: Any, limits: Any = None, deltas: Any = 1, dtype: Any = None, name: str | None = None,
    row_splits_dtype: Any = int64,
) -> Any:  # fmt: skip
    """Rows that are sequences of numbers (`tf.ragged.range`).

    **Arguments:**
    - `starts`, `limits`, `deltas`: as for `tf.range`, each a vector with an entry a row or a scalar for all; `limits`
      alone if it stands first.
    - `dtype`: the elements' dtype.
    - `name`: accepted for compatibility.
    - `row_splits_dtype`: int32 or int64.

    ```python
    >>> import functape as tf
    >>> tf.ragged.range([2, 0, 3])
    <tf.RaggedTensor [[0, 1], [], [0, 1, 2]]>

    ```
    """
    if limits is None:
        starts, limits = 0, starts
    given = [read(convert(each)) for each in (starts, limits, deltas)]
    kind = as_dtype(dtype) if dtype is not None else None
    if kind is None:
        floats = [each.dtype for each in given if each.dtype.kind == "f"]
        kind = as_dtype(max(floats, key=lambda each: each.itemsize)) if floats else (
            int64 if any(each.dtype == np.int64 for each in given) else int32
        )  # fmt: skip
    if any(each.ndim > 1 for each in given):
        raise ValueError("starts, limits and deltas must be scalars or vectors.")
    number = next((len(each) for each in given if each.ndim), 1)
    first, last, step = (np.broadcast_to(each.astype(kind.as_numpy_dtype), (number,)) for each in given)
    if np.any(step == 0):
        raise rows.refuse("deltas must not hold 0")
    sequences = [np.arange(*each, dtype=kind.as_numpy_dtype) for each in zip(first, last, step, strict=True)]
    lengths = np.array([len(each) for each in sequences], np.int64)
    values = np.concatenate(sequences) if sequences else np.zeros(0, kind.as_numpy_dtype)
    return make(convert(values), rows.splits_of(lengths), rows.splits_dtype(row_splits_dtype))


def boolean_mask(data: Any, mask: Any, name: str | None = None) -> Any:
    """The elements where `mask` is True, still in their rows (`tf.ragged.boolean_mask`).

    **Arguments:**
    - `data`: a tensor or ragged tensor.
    - `mask`: a bool tensor or ragged tensor over the first axes of `data`.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.ragged.boolean_mask([[1, 2], [3, 4]], [[True, False], [True, True]])
    <tf.RaggedTensor [[1], [3, 4]]>

    ```
    """
    values, chosen = ragged_or_dense(data), ragged_or_dense(mask)
    if not chosen.dtype.is_bool:
        raise TypeError(f"Expected mask to be a bool tensor. Received: {chosen.dtype!r}")
    if not chosen.shape.rank:
        raise ValueError("mask cannot be scalar.")
    return _masked(values, chosen)


def _masked(values: Any, mask: Any) -> Any:
    from functape.ragged._joining import _as_ragged

    if not is_ragged(mask) and mask.shape.rank == 1:
        places = np.flatnonzero(read(mask))
        if count(values) != count(mask):
            raise rows.refuse(f"mask of length {count(mask)} does not fit {count(values)} rows")
        return take(values, places)
    lists, inside = _as_ragged(values, 1), _as_ragged(mask, 1)
    if not np.array_equal(lists._splits, inside._splits):
        raise rows.refuse("mask and data have different row partitions")
    kept = _masked(lists.values, inside.values)
    if is_ragged(inside.values) or inside.values.shape.rank > 1:
        return make(kept, lists._splits, lists._splits_dtype)
    counts = np.bincount(rows.rows_of(inside._splits)[read(inside.values)], minlength=count(inside))
    return make(kept, rows.splits_of(counts), lists._splits_dtype)


def map_flat_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """`op` of the innermost values, in the rows of the ragged arguments (`tf.ragged.map_flat_values`).

    **Arguments:**
    - `op`: a function that keeps the length of the first axis.
    - `args`, `kwargs`: its arguments; ragged ones must have the same rows.

    **Raises:** `ValueError` if their rows differ, or what `op` returns does not fit.

    ```python
    >>> import functape as tf
    >>> tf.ragged.map_flat_values(tf.square, tf.ragged.constant([[1, 2], [3]]))
    <tf.RaggedTensor [[1, 4], [9]]>

    ```
    """
    found: list[Any] = []

    def flat(value: Any) -> Any:
        if is_ragged(value):
            found.append(value)
            return value.flat_values
        if isinstance(value, list | tuple) and any(map(is_ragged, value)):
            return [flat(each) for each in value]
        return value

    plain = [flat(each) for each in args]
    named = {key: flat(each) for key, each in kwargs.items()}
    result = op(*plain, **named)
    if not found:
        return result
    first = found[0]
    for other in found[1:]:
        same = len(other.nested_row_splits) == len(first.nested_row_splits) and all(
            np.array_equal(read(one), read(two))
            for one, two in zip(other.nested_row_splits, first.nested_row_splits, strict=True)
        )
        if not same:
            raise rows.refuse("Inputs must have identical ragged splits")
    if not hasattr(result, "shape") or not result.shape.rank or count(result) != count(first.flat_values):
        raise ValueError(
            f"tf.ragged.map_flat_values requires that the output of `op` have the same outer-dimension size as "
            f"flat_values of any ragged inputs, {count(first.flat_values)}. Received: {result!r}"
        )
    return first.with_flat_values(result)


def stack(values: Any, axis: Any = 0, name: str | None = None) -> Any:
    """Tensors and ragged tensors of one rank, one beside the other (`tf.ragged.stack`).

    **Arguments:**
    - `values`: tensors or ragged tensors; their rows may differ in length.
    - `axis`: where the new axis stands.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.ragged.stack([[1, 2], [3]])
    <tf.RaggedTensor [[1, 2], [3]]>

    ```
    """
    if not isinstance(values, list | tuple):
        values = [values]
    result = stack_any(values, axis)
    if not is_ragged(result) and len(result.aval.shape) > 1:
        from functape.ragged._joining import _as_ragged

        return _as_ragged(result, 1)
    return result


def stack_dynamic_partitions(data: Any, partitions: Any, num_partitions: Any, name: str | None = None) -> Any:
    """The rows of each partition, one partition after the other (`tf.ragged.stack_dynamic_partitions`).

    **Arguments:**
    - `data`: a tensor or ragged tensor.
    - `partitions`: the partition of each row, or element.
    - `num_partitions`: how many there are.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.ragged.stack_dynamic_partitions([1, 2, 3], [1, 0, 1], 2)
    <tf.RaggedTensor [[2], [1, 3]]>

    ```
    """
    values, chosen = ragged_or_dense(data), ragged_or_dense(partitions)
    number = as_int(num_partitions, "num_partitions")
    while is_ragged(chosen) or chosen.shape.rank > 1:
        from functape.ragged._joining import _as_ragged

        chosen, values = _as_ragged(chosen, 1).values, _as_ragged(values, 1).values
    ids = rows.host(chosen, "partitions")
    if ids.size and (ids.min() < 0 or ids.max() >= number):
        raise rows.refuse(f"partitions must be in [0, {number}). Received: {ids}")
    order = np.argsort(ids, kind="stable")
    return make(take(values, order), rows.splits_of(np.bincount(ids, minlength=number)), rows.dtype_of(chosen))


def row_splits_to_segment_ids(splits: Any, name: str | None = None, out_type: Any = None) -> Any:
    """The row of each value (`tf.ragged.row_splits_to_segment_ids`).

    **Arguments:**
    - `splits`: row splits.
    - `name`: accepted for compatibility.
    - `out_type`: int32 or int64; that of `splits`, int64 for a list.

    ```python
    >>> import functape as tf
    >>> tf.ragged.row_splits_to_segment_ids([0, 2, 3]).numpy()
    array([0, 0, 1])

    ```
    """
    numbers = rows.host(splits, "splits")
    if numbers.ndim != 1 or not numbers.size:
        raise ValueError("Invalid row_splits: []" if not numbers.size else f"Shape {numbers.shape} must have rank 1")
    return rows.tensor(rows.rows_of(numbers), _out_type(splits, out_type))


def segment_ids_to_row_splits(
    segment_ids: Any, num_segments: Any = None, out_type: Any = None, name: str | None = None
) -> Any:
    """The row splits of values that belong to these rows (`tf.ragged.segment_ids_to_row_splits`).

    **Arguments:**
    - `segment_ids`: the row of each value, which never decreases.
    - `num_segments`: the number of rows, if the last ones are empty.
    - `out_type`: int32 or int64; that of `segment_ids`, int64 for a list.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.ragged.segment_ids_to_row_splits([0, 0, 1]).numpy()
    array([0, 2, 3])

    ```
    """
    ids = rows.host(segment_ids, "segment_ids")
    number = (int(ids[-1]) + 1 if len(ids) else 0) if num_segments is None else as_int(num_segments, "num_segments")
    return rows.tensor(rows.splits_of(np.bincount(ids, minlength=number)[:number]), _out_type(segment_ids, out_type))


def _out_type(value: Any, out_type: Any) -> DType:
    return rows.dtype_of(value) if out_type is None else rows.splits_dtype(out_type)


def cross(inputs: Any, name: str | None = None) -> Any:
    """For each row, all combinations of its elements in several tensors, joined by `_X_` (`tf.ragged.cross`).

    **Arguments:**
    - `inputs`: ragged, sparse or dense tensors of integers or strings with two axes and the same number of rows.
    - `name`: accepted for compatibility.

    **Returns:** a ragged tensor of strings.

    ```python
    >>> import functape as tf
    >>> tf.ragged.cross([tf.ragged.constant([["a"], ["b", "c"]]), [["d"], ["e"]]])
    <tf.RaggedTensor [[b'a_X_d'], [b'b_X_e', b'c_X_e']]>

    ```
    """
    lists = [_texts(each) for each in inputs]
    if len({len(each) for each in lists}) > 1:
        raise ValueError(f"Inputs have different numbers of rows: {[len(each) for each in lists]}")
    joined = [[b"_X_".join(parts) for parts in itertools.product(*each)] for each in zip(*lists, strict=True)]
    lengths = np.array([len(each) for each in joined], np.int64)
    flat = np.array([*itertools.chain.from_iterable(joined), None], object)[:-1]
    return make(convert(flat) if len(flat) else convert([], as_dtype("string")), rows.splits_of(lengths))


def _texts(value: Any) -> list[list[bytes]]:
    if hasattr(value, "dense_shape"):
        value = RaggedTensor.from_sparse(value)
    rows_of = ragged_or_dense(value)
    nested = rows_of.to_list() if is_ragged(rows_of) else rows_of.numpy().tolist()
    return [[each if isinstance(each, bytes) else str(each).encode() for each in row] for row in nested]
