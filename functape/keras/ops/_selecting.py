"""Picking and placing elements: by number, condition, order, segment or bin."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api import _arrays as arrays
from functape._api import _choosing as choosing
from functape._api import _counting as counting_kernels
from functape._api import _diagonals as diagonals
from functape._api import _elementwise as elementwise
from functape._api import _ordering as ordering
from functape._api import _reductions as reductions
from functape._api import _scattering as scattering
from functape._api import _segments as segments
from functape._api import _shaping as shaping
from functape._api._joining import stack, unstack
from functape._api._static import as_ints
from functape._core._cast import cast
from functape._engine._recorder import record
from functape._ops import _array_functions as rows
from functape.experimental.numpy._indexing import index_like_numpy
from functape.keras.ops._table import Rows, described
from functape.keras.ops._types import common, counting, tensor


def _flat(x: Any) -> Any:
    return shaping.reshape(x, [-1])


def _chosen(condition: Any, x1: Any, x2: Any) -> Any:
    asked = tensor(condition, "bool")
    if x1 is None and x2 is None:
        return _coordinates(asked)
    if x1 is None or x2 is None:
        raise ValueError("`x1` and `x2` either both should be `None` or both should have non-None value.")
    return choosing.where(asked, *common((x1, x2)))


def _coordinates(x: Any) -> Any:
    given = tensor(x, "bool")
    found = cast(choosing.where(given), "int32")
    return tuple(unstack(found, given.aval.ndim, axis=1))


def _first_that_holds(conditions: Any, choices: Any, default: Any) -> Any:
    *values, made = common((*choices, default))
    for condition, value in zip(reversed(list(conditions)), reversed(values), strict=True):
        made = choosing.where(tensor(condition, "bool"), value, made)
    return made


def _taken(x: Any, indices: Any, axis: Any) -> Any:
    given, places = tensor(x), tensor(indices)
    if not places.aval.dtype.is_integer:
        places = cast(places, "int32")
    if axis is None:
        given, axis = _flat(given), 0
    return record(rows.TAKE, (axis,), (given, places))


def _along(x: Any, indices: Any, axis: Any) -> Any:
    given, places = tensor(x), tensor(indices)
    if axis is None:
        given, places, axis = _flat(given), _flat(places), 0
    return record(rows.TAKE_ALONG, (axis,), (given, places))


def _item(x: Any, key: Any) -> Any:
    return index_like_numpy(tensor(x), key)


def _begins(start_indices: Any) -> list[Any]:
    given = start_indices
    if hasattr(given, "aval"):
        return list(unstack(given)) if given.aval.ndim else [given]
    return list(given)


def _part(inputs: Any, start_indices: Any, shape: Any) -> Any:
    from functape._api._gathering import slice as part

    begins = _begins(start_indices)
    begin = stack([tensor(each, "int32") for each in begins]) if any(hasattr(b, "aval") for b in begins) else begins
    return part(tensor(inputs), begin, [int(each) for each in as_ints(shape, "shape")])


def _part_replaced(inputs: Any, start_indices: Any, updates: Any) -> Any:
    given = tensor(inputs)
    values = tensor(updates, given.aval.dtype)
    begins = tuple(tensor(each, "int32") for each in _begins(start_indices))
    return record(rows.SLICE_UPDATE, (), (given, values, *begins))


def _scattered(indices: Any, values: Any, shape: Any) -> Any:
    return scattering.scatter_nd(tensor(indices), tensor(values), list(as_ints(shape, "shape")))


_UPDATES: dict[Any, Any] = {
    None: scattering.tensor_scatter_nd_update,
    "add": scattering.tensor_scatter_nd_add,
    "max": arrays.tensor_scatter_nd_max,
    "min": arrays.tensor_scatter_nd_min,
}


def _updated(inputs: Any, indices: Any, updates: Any, reduction: Any) -> Any:
    given, places = tensor(inputs), tensor(indices)
    values = tensor(updates, given.aval.dtype)
    if reduction == "mul":
        return record(rows.SCATTER_MULTIPLY, (), (given, places, values))
    if reduction not in _UPDATES:
        raise ValueError(f"Unsupported reduction: {reduction}. It must be None, 'add', 'mul', 'max' or 'min'.")
    return _UPDATES[reduction](given, places, values)


def _sorted(x: Any, axis: Any) -> Any:
    given = tensor(x)
    if axis is None:
        given, axis = _flat(given), 0
    if given.aval.dtype.is_bool:
        return cast(ordering.sort(cast(given, "int8"), axis), "bool")
    return ordering.sort(given, axis)


def _order(x: Any, axis: Any) -> Any:
    given = tensor(x)
    if given.aval.dtype.is_bool:
        given = cast(given, "uint8")
    if axis is None:
        given, axis = _flat(given), 0
    return ordering.argsort(given, axis, stable=True)


def _unique(
    x: Any, ascending: bool, index: bool, inverse: bool, counts: bool, axis: Any, size: Any, fill_value: Any
) -> Any:
    values = np.asarray(tensor(x).numpy())
    made = np.unique(values, True, True, True, axis)
    found, first, where, many = made[0], made[1], made[2], made[3]
    place = 0 if axis is None else axis
    if size is not None:
        missing = size - found.shape[place]
        keep = slice(None, size)
        found = found[(slice(None),) * (place % found.ndim) + (keep,)]
        first, many = first[keep], many[keep]
        if missing > 0:
            width = [(0, 0)] * found.ndim
            width[place] = (0, missing)
            found = np.pad(found, width, constant_values=0 if fill_value is None else fill_value)
            first, many = np.pad(first, (0, missing)), np.pad(many, (0, missing))
    results = [tensor(np.asarray(found, values.dtype))]
    for wanted, part in ((index, first), (inverse, where), (counts, many)):
        if wanted:
            results.append(tensor(np.asarray(part, np.int32)))
    return results[0] if len(results) == 1 else tuple(results)


def _contained(x1: Any, x2: Any, invert: bool) -> Any:
    first, second = common((x1, x2))
    found = reductions.reduce_any(elementwise.equal(shaping.expand_dims(first, -1), _flat(second)), -1)
    return elementwise.logical_not(found) if invert else found


def _places(sorted_sequence: Any, values: Any, side: str) -> Any:
    first, second = common((sorted_sequence, values))
    if first.aval.ndim != 1:
        raise ValueError(
            "`searchsorted` only supports 1-D sorted sequences. You can use `keras.ops.vectorized_map` to extend it to "
            f"N-D sequences. Received: sorted_sequence.shape={first.shape}"
        )
    flat = shaping.reshape(second, [-1])
    return shaping.reshape(ordering.searchsorted(first, flat, side=side), second.aval.shape)


def _bins(x: Any, bins: Any) -> Any:
    given, edges = common((x, bins))
    return record(rows.DIGITIZE, (), (given, edges))


def _histogram(x: Any, bins: Any, span: Any) -> Any:
    if not isinstance(bins, int) or bins <= 0:
        raise ValueError(f"Argument `bins` should be a positive integer. Received: bins={bins}")
    if span is not None and (len(span) != 2 or span[0] > span[1]):
        raise ValueError(f"Argument `range` must be a tuple of two elements in rising order. Received: range={span}")
    given = counting(x) if not tensor(x).aval.dtype.is_floating else tensor(x)
    if span:
        return record(rows.HISTOGRAM_BETWEEN, (bins, float(span[0]), float(span[1])), (given,))
    return record(rows.HISTOGRAM, (bins,), (given,))


def _counts(x: Any, weights: Any, minlength: int, sparse: bool) -> Any:
    if sparse:
        raise ValueError("sparse=True is not supported: the counts are dense. Received: sparse=True")
    given = tensor(x)
    places = given if given.aval.dtype.name in ("int32", "int64") else cast(given, "int32")
    if weights is None:
        return cast(counting_kernels.bincount(places, minlength=minlength, axis=-1), "int32")
    _, weighing = common((given, weights))
    working = weighing.aval.dtype if weighing.aval.dtype.name in ("int32", "int64", "float32", "float64") else "float32"
    made = counting_kernels.bincount(places, cast(weighing, working), minlength=minlength, axis=-1)
    return cast(made, weighing.aval.dtype)


def _unraveled(indices: Any, shape: Any) -> Any:
    given = tensor(indices)
    return tuple(record(rows.UNRAVEL, (as_ints(shape, "shape"),), (given,)))


def _segment(kernel: Any) -> Any:
    def function(data, segment_ids, num_segments=None, sorted=False):  # type: ignore[no-untyped-def]
        given, ids = tensor(data), tensor(segment_ids)
        count = num_segments
        if count is None:
            count = reductions.reduce_max(ids) + 1
        return kernel(given, ids, count)

    return function


def _in_top(targets: Any, predictions: Any, k: Any) -> Any:
    return counting_kernels.in_top_k(tensor(targets), tensor(predictions), k)


def _largest(x: Any, k: Any, sorted_: bool) -> Any:
    return counting_kernels.top_k(tensor(x), k, sorted_)


def _diagonal(x: Any, offset: int, axis1: int, axis2: int) -> Any:
    return record(rows.DIAGONAL, (offset, axis1, axis2), (tensor(x),))


def _as_diagonal(x: Any, k: int) -> Any:
    given = tensor(x)
    if given.aval.ndim == 2:
        return _diagonal(given, k, 0, 1)
    if given.aval.ndim != 1:
        raise ValueError(f"`x` must be 1-D or 2-D. Received: x.shape={given.shape}")
    return diagonals.diag(given, k=k)


def _triangle(row: Any) -> Any:
    return lambda x, k=0: record(row, (k,), (tensor(x),))


_TAKING: Rows = {
    "where": (
        "`x1` where a condition is true, else `x2`",
        lambda condition, x1=None, x2=None: _chosen(condition, x1, x2),
    ),
    "select": (
        "At each place the choice of the first condition that is true",
        lambda condlist, choicelist, default=0: _first_that_holds(condlist, choicelist, default),
    ),
    "nonzero": ("The coordinates of the elements that are not 0", lambda x: _coordinates(x)),
    "take": ("Elements or slices by number", lambda x, indices, axis=None: _taken(x, indices, axis)),
    "take_along_axis": (
        "For each line the elements whose numbers stand in the same line",
        lambda x, indices, axis=None: _along(x, indices, axis),
    ),
    "get_item": ("`x[key]`", lambda x, key: _item(x, key)),
    "slice": (
        "A part by its corner and shape",
        lambda inputs, start_indices, shape: _part(inputs, start_indices, shape),
    ),
    "slice_update": (
        "The whole with a part replaced",
        lambda inputs, start_indices, updates: _part_replaced(inputs, start_indices, updates),
    ),
    "scatter": ("Values placed among zeros", lambda indices, values, shape: _scattered(indices, values, shape)),
    "scatter_update": (
        "The whole with elements replaced or updated",
        lambda inputs, indices, updates, reduction=None: _updated(inputs, indices, updates, reduction),
    ),
    "diag": ("A diagonal matrix, or a matrix's diagonal", lambda x, k=0: _as_diagonal(x, k)),
    "diagflat": ("A diagonal matrix of all elements", lambda x, k=0: _as_diagonal(_flat(tensor(x)), k)),
    "diagonal": ("A diagonal", lambda x, offset=0, axis1=0, axis2=1: _diagonal(x, offset, axis1, axis2)),
    "trace": (
        "The sum over a diagonal",
        lambda x, offset=0, axis1=0, axis2=1: reductions.reduce_sum(_diagonal(counting(x), offset, axis1, axis2), -1),
    ),
    "tril": ("What lies on and below a diagonal", _triangle(rows.TRIL)),
    "triu": ("What lies on and above a diagonal", _triangle(rows.TRIU)),
}

_ORDERING: Rows = {
    "sort": ("In rising order", lambda x, axis=-1: _sorted(x, axis)),
    "argsort": ("The places of the elements in rising order", lambda x, axis=-1: _order(x, axis)),
    "argpartition": (
        "The places of the elements, the smallest `kth` first: here, all in rising order",
        lambda x, kth, axis=-1: _order(x, axis),
    ),
    "top_k": ("The largest elements and their places", lambda x, k, sorted=True: _largest(x, k, sorted)),
    "in_top_k": (
        "Whether targets are among the largest",
        lambda targets, predictions, k: _in_top(targets, predictions, k),
    ),
    "unique": (
        "The distinct elements",
        lambda x, sorted=True, return_index=False, return_inverse=False, return_counts=False, axis=None, size=None,
        fill_value=None: _unique(x, sorted, return_index, return_inverse, return_counts, axis, size, fill_value),
    ),
    "isin": (
        "Whether elements are among others",
        lambda x1, x2, assume_unique=False, invert=False: _contained(x1, x2, invert),
    ),
    "searchsorted": (
        "Where values belong in a rising sequence",
        lambda sorted_sequence, values, side="left": _places(sorted_sequence, values, side),
    ),
    "digitize": ("The numbers of the bins that elements fall into", lambda x, bins: _bins(x, bins)),
    "histogram": (
        "How many elements fall into each bin, and its edges",
        lambda x, bins=10, range=None: _histogram(x, bins, range),
    ),
    "bincount": (
        "How often each number occurs",
        lambda x, weights=None, minlength=0, sparse=False: _counts(x, weights, minlength, sparse),
    ),
    "unravel_index": (
        "Coordinates of positions in a flattened tensor",
        lambda indices, shape: _unraveled(indices, shape),
    ),
    "segment_sum": ("The sums of segments", _segment(segments.unsorted_segment_sum)),
    "segment_max": ("The largest of segments", _segment(segments.unsorted_segment_max)),
    "segment_min": ("The smallest of segments", _segment(segments.unsorted_segment_min)),
    "segment_prod": ("The products of segments", _segment(segments.unsorted_segment_prod)),
}  # fmt: skip

FUNCTIONS = described(_TAKING | _ORDERING)
