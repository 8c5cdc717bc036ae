"""Sums, products and reductions of sparse tensors."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from functape._api import _segments as segments
from functape._api._elementwise import abs as absolute
from functape._api._elementwise import conj, exp
from functape._api._gathering import gather
from functape._api._joining import concat as concat_dense
from functape._api._matrix import adjoint
from functape._api._scattering import tensor_scatter_nd_add
from functape._api._shaping import expand_dims as expand_dense
from functape._api._shaping import reshape as reshape_dense
from functape._api._static import array_of, as_int, as_ints, invalid
from functape._core._cast import cast
from functape._core._convert import convert
from functape._core._known import read
from functape._engine._dtypes import as_dtype, float32, int64
from functape.sparse._arranging import retain
from functape.sparse._tensor import Numbers, SparseTensor, as_sparse, lengths_of, linear, made, places_of


def add(a: Any, b: Any, threshold: Any = 0) -> Any:
    """The sum of two sparse tensors, or of a sparse and a dense one (`tf.sparse.add`).

    **Arguments:**
    - `a`, `b`: sparse or dense tensors of one shape and dtype, at least one of them sparse.
    - `threshold`: elements of the sum smaller than this in size are left out.

    **Returns:** a sparse tensor if both are; else a dense one.
    """
    if not isinstance(a, SparseTensor) and not isinstance(b, SparseTensor):
        raise TypeError("At least one input should be SparseTensor; do you mean to use tf.add()?")
    if not isinstance(a, SparseTensor) or not isinstance(b, SparseTensor):
        sparse, dense = (a, b) if isinstance(a, SparseTensor) else (b, a)
        return tensor_scatter_nd_add(convert(dense, sparse.dtype), sparse.indices, sparse.values)
    if lengths_of(a) != lengths_of(b):
        raise invalid(f"Operands' shapes do not match: {lengths_of(a)} vs. {lengths_of(b)}")
    if a.dtype is not b.dtype:
        raise invalid(f"Operands' dtypes do not match: {a.dtype!r} vs. {b.dtype!r}. Cast one of them.")
    places, ids, number = _union(a, b)
    values = segments.unsorted_segment_sum(concat_dense([a.values, b.values], 0), convert(ids), number)
    total = made(places, values, lengths_of(a))
    limit = array_of(threshold).item()
    if not limit:
        return total
    # Only what was added up is compared, as in TensorFlow.
    alone = np.bincount(ids, minlength=number) == 1
    return retain(total, alone | (read(absolute(values)) >= limit))


def _union(a: SparseTensor, b: SparseTensor) -> tuple[Numbers, Numbers, int]:
    """The places that either has, in order, and for each element of `a`, then of `b`, which of them is its own."""
    both = np.concatenate([places_of(a), places_of(b)])
    _, first, ids = np.unique(linear(both, lengths_of(a)), return_index=True, return_inverse=True)
    return both[first], ids.reshape(-1).astype(np.int64), len(first)


def _pairwise(sp_a: Any, sp_b: Any, larger: bool) -> SparseTensor:
    from functape._api._elementwise import maximum as maximum_dense
    from functape._api._elementwise import minimum as minimum_dense

    a, b = as_sparse(sp_a, "sp_a"), as_sparse(sp_b, "sp_b")
    if lengths_of(a) != lengths_of(b):
        raise invalid(f"Operands' shapes do not match: {lengths_of(a)} vs. {lengths_of(b)}")
    places, ids, number = _union(a, b)
    count = a.values.aval.shape[0]
    left = segments.unsorted_segment_sum(a.values, convert(ids[:count]), number)
    right = segments.unsorted_segment_sum(b.values, convert(ids[count:]), number)
    return made(places, (maximum_dense if larger else minimum_dense)(left, right), lengths_of(a))


def maximum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The larger element at each place that either has; what is not given counts as 0 (`tf.sparse.maximum`)."""
    return _pairwise(sp_a, sp_b, True)


def minimum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The smaller element at each place that either has; what is not given counts as 0 (`tf.sparse.minimum`)."""
    return _pairwise(sp_a, sp_b, False)


def sparse_dense_matmul(
    sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None
) -> Any:
    """The product of a sparse and a dense matrix, in either order (`tf.sparse.sparse_dense_matmul`).

    **Arguments:**
    - `sp_a`, `b`: two matrices of one dtype, one of them sparse.
    - `adjoint_a`, `adjoint_b`: whether to transpose and conjugate it first.
    - `name`: accepted for compatibility.

    **Returns:** a dense matrix. Gradients reach the sparse one's values and the dense one.
    """
    if isinstance(b, SparseTensor):
        return adjoint(sparse_dense_matmul(b, sp_a, not adjoint_b, not adjoint_a))
    sparse = as_sparse(sp_a, "sp_a")
    dense = convert(b, hint=sparse.dtype)
    lengths = lengths_of(sparse)
    if len(lengths) != 2 or dense.aval.ndim != 2:
        raise invalid(f"Both must be matrices. Received shapes {lengths} and {dense.aval.shape}")
    if sparse.dtype is not dense.dtype:
        raise invalid(f"Both must have one dtype. Received: {sparse.dtype!r} and {dense.dtype!r}. Cast one of them.")
    values = conj(sparse.values) if adjoint_a and sparse.dtype.is_complex else sparse.values
    row, column = (1, 0) if adjoint_a else (0, 1)
    right = adjoint(dense) if adjoint_b else dense
    if lengths[column] != right.aval.shape[0]:
        raise invalid(
            f"Cannot multiply A and B because inner dimension does not match: {lengths[column]} vs. "
            f"{right.aval.shape[0]}. Did you forget a transpose?"
        )
    products = expand_dense(values, 1) * gather(right, sparse.indices[:, column])
    return segments.unsorted_segment_sum(products, sparse.indices[:, row], lengths[row])


def _reduced(sp_input: Any, axis: Any, keepdims: Any, output_is_sparse: bool, largest: bool) -> Any:
    sparse = as_sparse(sp_input)
    places, lengths = places_of(sparse), lengths_of(sparse)
    rank = len(lengths)
    axes = tuple(range(rank)) if axis is None else as_ints(axis, "axis")
    if any(not -rank <= each < rank for each in axes):
        raise invalid(f"Invalid reduction dimension in {axes} for a tensor of rank {rank}")
    away = {each % rank for each in axes}
    left = [each for each in range(rank) if each not in away]
    shape = tuple(lengths[each] for each in left)
    ids = linear(places[:, left], shape) if left else np.zeros(len(places), np.int64)
    number = int(np.prod(shape)) if left else 1
    kept = tuple(1 if each in away else lengths[each] for each in range(rank)) if keepdims else shape
    function = segments.unsorted_segment_max if largest else segments.unsorted_segment_sum
    present, ids_present = np.unique(ids, return_inverse=True)
    compact = function(sparse.values, convert(ids_present.reshape(-1).astype(np.int64)), len(present))
    if output_is_sparse:
        coordinates = np.stack(np.unravel_index(present, kept), 1) if kept else np.zeros((len(present), 0))
        return made(coordinates, compact, kept)
    dense = segments.unsorted_segment_sum(compact, convert(present), number)
    return reshape_dense(dense, kept)


def reduce_sum(
    sp_input: Any, axis: Any = None, keepdims: Any = None, output_is_sparse: bool = False, name: str | None = None
) -> Any:
    """The sum along some axes, or of all elements (`tf.sparse.reduce_sum`).

    **Arguments:**
    - `sp_input`: a sparse tensor.
    - `axis`: the axes; all by default.
    - `keepdims`: whether they stay, with length 1.
    - `output_is_sparse`: whether the result is sparse.
    - `name`: accepted for compatibility.
    """
    return _reduced(sp_input, axis, keepdims, output_is_sparse, False)


def reduce_max(
    sp_input: Any, axis: Any = None, keepdims: Any = None, output_is_sparse: bool = False, name: str | None = None
) -> Any:
    """The largest of the given elements along some axes, 0 where none is (`tf.sparse.reduce_max`).

    The arguments are as for `reduce_sum`.
    """
    return _reduced(sp_input, axis, keepdims, output_is_sparse, True)


def softmax(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The softmax of the given elements of each row (`tf.sparse.softmax`)."""
    sparse = as_sparse(sp_input)
    places, lengths = places_of(sparse), lengths_of(sparse)
    if len(lengths) < 2:
        raise invalid(f"Input should have rank >= 2. Received shape {lengths}")
    _, ids = np.unique(linear(places[:, :-1], lengths[:-1]), return_inverse=True)
    ids = ids.reshape(-1).astype(np.int64)
    number, chosen = int(ids.max(initial=-1)) + 1, convert(ids)
    from functape._api._joining import stop_gradient

    largest = gather(stop_gradient(segments.unsorted_segment_max(sparse.values, chosen, number)), chosen)
    powers = exp(sparse.values - largest)
    return sparse.with_values(powers / gather(segments.unsorted_segment_sum(powers, chosen, number), chosen))


def map_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """`op` of the given elements, in their places (`tf.sparse.map_values`).

    **Arguments:**
    - `op`: a function that keeps the number of elements.
    - `args`, `kwargs`: its arguments; the sparse ones must have the same places.
    """
    found = [each for each in (*args, *kwargs.values()) if isinstance(each, SparseTensor)]
    if not found:
        raise ValueError("No SparseTensor in argument list of map_values")
    for other in found[1:]:
        if not np.array_equal(places_of(other), places_of(found[0])):
            raise invalid("All SparseTensors must have the same indices.")
    plain = [each.values if isinstance(each, SparseTensor) else each for each in args]
    named = {key: each.values if isinstance(each, SparseTensor) else each for key, each in kwargs.items()}
    return found[0].with_values(op(*plain, **named))


def _segment(kind: Any) -> Callable[..., Any]:
    def function(data: Any, indices: Any, segment_ids: Any, num_segments: Any) -> Any:
        rows = gather(convert(data), convert(indices))
        if num_segments is None:
            known = array_of(segment_ids)
            number = int(known[-1]) + 1 if known.size else 0
        else:
            number = as_int(num_segments, "num_segments")
        return kind(rows, convert(segment_ids), number)

    return function


_sum, _mean, _sqrt_n = map(
    _segment, (segments.unsorted_segment_sum, segments.unsorted_segment_mean, segments.unsorted_segment_sqrt_n)
)


def segment_sum(
    data: Any, indices: Any, segment_ids: Any, num_segments: Any = None, name: str | None = None,
    sparse_gradient: bool = False,
) -> Any:  # fmt: skip
    """The sum of the chosen rows of each segment (`tf.sparse.segment_sum`).

    **Arguments:**
    - `data`: a tensor.
    - `indices`: the rows chosen.
    - `segment_ids`: the segment of each of them, which never decreases.
    - `num_segments`: how many there are.
    - `name`: accepted for compatibility.
    - `sparse_gradient`: accepted: gradients are dense.
    """
    return _sum(data, indices, segment_ids, num_segments)


def segment_mean(
    data: Any, indices: Any, segment_ids: Any, num_segments: Any = None, name: str | None = None,
    sparse_gradient: bool = False,
) -> Any:  # fmt: skip
    """The mean of the chosen rows of each segment (`tf.sparse.segment_mean`); as `segment_sum` otherwise."""
    return _mean(data, indices, segment_ids, num_segments)


def segment_sqrt_n(
    data: Any, indices: Any, segment_ids: Any, num_segments: Any = None, name: str | None = None,
    sparse_gradient: bool = False,
) -> Any:  # fmt: skip
    """The sum of the chosen rows of each segment over the root of their number (`tf.sparse.segment_sqrt_n`).

    The arguments are as for `segment_sum`.
    """
    return _sqrt_n(data, indices, segment_ids, num_segments)


def bincount(
    values: Any, weights: Any = None, axis: Any = 0, minlength: Any = None, maxlength: Any = None,
    binary_output: bool = False, name: str | None = None,
) -> SparseTensor:  # fmt: skip
    """How often each integer occurs, as a sparse tensor (`tf.sparse.bincount`).

    **Arguments:**
    - `values`: integers: a tensor, ragged or sparse tensor of one or two axes.
    - `weights`: what each occurrence counts, in the same form.
    - `axis`: 0 to count all together, -1 to count each row.
    - `minlength`, `maxlength`: bounds for the integers counted, and the length of the result.
    - `binary_output`: whether an occurrence counts once only.
    - `name`: accepted for compatibility.
    """
    if weights is not None and binary_output:
        raise ValueError("Arguments `binary_output` and `weights` are mutually exclusive.")
    if axis not in (0, -1):
        raise ValueError(f"Unsupported value for argument axis={axis}. Only 0 and -1 are currently supported.")
    rows, numbers = _rows_and_numbers(values)
    amounts = None if weights is None else _rows_and_numbers(weights)[1]
    height = int(rows.max(initial=-1)) + 1 if rows is not None else None
    if rows is not None and hasattr(values, "shape") and values.shape.rank:
        height = values.shape[0]
    if axis == 0 or rows is None:
        rows = np.zeros(len(numbers), np.int64)
    limit = None if maxlength is None else int(array_of(maxlength))
    if limit is not None:
        kept = numbers < limit
        rows, numbers = rows[kept], numbers[kept]
        amounts = None if amounts is None else amounts[kept]
    width = max(int(numbers.max(initial=-1)) + 1, 0 if minlength is None else int(array_of(minlength)))
    if limit is not None:
        width = limit
    flat = axis == 0 or height is None
    present, ids, counts = np.unique(rows * max(width, 1) + numbers, return_inverse=True, return_counts=True)
    if amounts is not None:
        totals = np.zeros(len(present), amounts.dtype)
        np.add.at(totals, ids.reshape(-1), amounts)
    else:
        totals = np.asarray(np.ones(len(present)) if binary_output else counts).astype(numbers.dtype)
    places = present[:, None] if flat else np.stack(np.divmod(present, max(width, 1)), 1)
    return made(places, convert(totals), (width,) if flat else (height, width))


def _rows_and_numbers(values: Any) -> tuple[Numbers | None, Numbers]:
    if isinstance(values, SparseTensor):
        places = places_of(values)
        return (places[:, 0] if places.shape[1] > 1 else None), read(values.values)
    if hasattr(values, "value_rowids"):
        return read(values.value_rowids()), read(values.values)
    known = read(convert(values))
    rows = np.repeat(np.arange(len(known)), known.shape[1]) if known.ndim == 2 else None
    return rows, known.reshape(-1)


def cross(inputs: Any, name: str | None = None, separator: Any = None) -> SparseTensor:
    """For each row, all combinations of its elements in several tensors, joined (`tf.sparse.cross`).

    **Arguments:**
    - `inputs`: sparse, ragged or dense tensors of integers or strings with two axes and the same number of rows.
    - `name`: accepted for compatibility.
    - `separator`: what stands between them; `_X_` by default.
    """
    between = b"_X_" if separator is None else separator.encode() if isinstance(separator, str) else bytes(separator)
    lists = [_texts(each) for each in inputs]
    if len({len(each) for each in lists}) > 1:
        raise ValueError(f"Inputs have different numbers of rows: {[len(each) for each in lists]}")
    joined = [[between.join(parts) for parts in itertools.product(*each)] for each in zip(*lists, strict=True)]
    places = [(row, column) for row, each in enumerate(joined) for column in range(len(each))]
    flat = np.array([*itertools.chain.from_iterable(joined), None], object)[:-1]
    width = max((len(each) for each in joined), default=0)
    texts = convert(flat) if len(flat) else convert([], as_dtype("string"))
    return made(np.array(places, np.int64).reshape(-1, 2), texts, (len(joined), width))


def _texts(value: Any) -> list[list[bytes]]:
    if isinstance(value, SparseTensor):
        lists: list[list[Any]] = [[] for _ in range(lengths_of(value)[0])]
        for (row, *_), each in zip(places_of(value), value.values.numpy().tolist(), strict=True):
            lists[row].append(each)
    else:
        lists = value.to_list() if hasattr(value, "to_list") else convert(value).numpy().tolist()
    return [[each if isinstance(each, bytes) else str(each).encode() for each in row] for row in lists]


def sampled_addmm(
    indices: Any, values: Any, dense_shape: Any, mat1: Any, mat2: Any, beta: Any = 1.0, alpha: Any = 1.0,
    output_type: Any = float32,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """The product of two matrices at some places, added to a sparse matrix (`tf.sparse.sampled_addmm`).

    **Arguments:**
    - `indices`, `values`, `dense_shape`: the parts of a sparse matrix.
    - `mat1`, `mat2`: the matrices.
    - `beta`, `alpha`: what the sparse matrix and the product are multiplied by.
    - `output_type`: the dtype of the result.

    **Returns:** the parts of a sparse matrix with the same places.
    """
    from functape._api._reductions import reduce_sum as sum_dense

    places, wanted = convert(indices, int64), as_dtype(output_type)
    left = gather(convert(mat1, wanted), places[:, -2])
    right = gather(adjoint(convert(mat2, wanted)), places[:, -1])
    product = sum_dense(left * right, axis=-1)
    total = cast(convert(values), wanted) * convert(beta, wanted) + product * convert(alpha, wanted)
    return places, total, convert(dense_shape)
