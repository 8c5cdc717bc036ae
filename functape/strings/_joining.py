"""Strings put together."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._static import array_of, as_int, as_ints, invalid
from functape._core._convert import convert
from functape._core._holding import from_numpy
from functape._core._host import texts
from functape._engine._errors import OutOfRangeError
from functape.ragged._elementwise import reduce_along
from functape.ragged._tensor import is_ragged


def _separator(separator: Any) -> bytes:
    if not isinstance(separator, str | bytes):
        raise TypeError(f"Expected string for argument 'separator' not {separator!r}.")
    return separator.encode() if isinstance(separator, str) else separator


def join(inputs: Any, separator: Any = "", name: str | None = None) -> Any:
    """Strings of several tensors joined, element by element (`tf.strings.join`).

    **Arguments:**
    - `inputs`: a list of string tensors of one shape, scalars among them, or ragged tensors of the same rows.
    - `separator`: what stands between them.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` if the shapes differ.

    ```python
    >>> import functape as tf
    >>> tf.strings.join([["a", "b"], ["c", "d"]], separator="-").numpy()
    array([b'a-c', b'b-d'], dtype=object)

    ```
    """
    if isinstance(inputs, str | bytes):
        raise TypeError(f"Expected list for 'inputs' argument to 'string_join' Op, not {inputs!r}.")
    given, between = list(inputs), _separator(separator)
    leader = next((each for each in given if is_ragged(each)), None)
    if leader is not None:
        for each in given:
            if is_ragged(each) and not _same_rows(each, leader):
                raise invalid("The ragged tensors that are joined must have the same rows [Op:StringJoin]")
        flat = [each.flat_values if is_ragged(each) else each for each in given]
        return leader.with_flat_values(join(flat, between))
    arrays = [texts(each, "StringJoin", place) for place, each in enumerate(given)]
    shapes = [each.shape for each in arrays if each.ndim]
    for shape in shapes:
        if shape != shapes[0]:
            raise invalid(f"Input shapes do not match: {list(shapes[0])} vs. {list(shape)} [Op:StringJoin]")
    whole = shapes[0] if shapes else ()
    columns = [np.broadcast_to(each, whole).reshape(-1) for each in arrays]
    joined = [between.join(parts) for parts in zip(*columns, strict=True)] if columns else [b""]
    return from_numpy(np.fromiter(joined, np.dtype(object), len(joined)).reshape(whole))


def _same_rows(left: Any, right: Any) -> bool:
    while is_ragged(left) and is_ragged(right):
        if not np.array_equal(left._splits, right._splits):
            return False
        left, right = left.values, right.values
    return not is_ragged(left) and not is_ragged(right)


def reduce_join(
    inputs: Any, axis: Any = None, keepdims: bool = False, separator: str = "", name: str | None = None
) -> Any:
    """The strings along some axes joined (`tf.strings.reduce_join`).

    **Arguments:**
    - `inputs`: strings, of any shape or ragged.
    - `axis`: one axis or several, the first of which changes fastest; all, row by row, by default.
    - `keepdims`: whether these axes stay, with length 1.
    - `separator`: what stands between the strings.
    - `name`: accepted for compatibility.

    **Raises:** `OutOfRangeError` if there is no such axis, `InvalidArgumentError` if one is named twice.

    ```python
    >>> import functape as tf
    >>> tf.strings.reduce_join([["a", "b"], ["c", "d"]], axis=-1).numpy()
    array([b'ab', b'cd'], dtype=object)

    ```
    """
    between = _separator(separator)
    if is_ragged(inputs):
        return reduce_along(inputs, axis, bool(keepdims), _Joined(between))  # type: ignore[arg-type]
    array = texts(convert(inputs), "ReduceJoin")
    axes = tuple(reversed(range(array.ndim))) if axis is None else as_ints(axis, "axis")
    for each in axes:
        if not -array.ndim <= each < array.ndim:
            raise OutOfRangeError(
                message=f"Invalid reduction dimension {each} for input with {array.ndim} dimension(s) [Op:ReduceJoin]"
            )
    places = [each % array.ndim for each in axes]
    if len(set(places)) < len(places):
        raise invalid(f"Duplicate reduction dimension. Received: axis={list(axes)} [Op:ReduceJoin]")
    kept = [each for each in range(array.ndim) if each not in places]
    moved = array.transpose(kept + places[::-1])
    shape = tuple(array.shape[each] for each in kept)
    rows = moved.reshape(int(np.prod(shape)), int(np.prod([array.shape[each] for each in places])))
    joined = np.fromiter((between.join(row) for row in rows), np.dtype(object), len(rows)).reshape(shape)
    if keepdims:
        joined = joined.reshape([1 if each in places else length for each, length in enumerate(array.shape)])
    return from_numpy(joined)


class _Joined:
    """Joining as a reduction of ragged tensors."""

    row = None

    def __init__(self, separator: bytes) -> None:
        self._separator = separator

    def whole(self, values: Any) -> Any:
        """All strings."""
        return reduce_join(values, separator=self._separator)  # type: ignore[arg-type]

    def within(self, values: Any, axis: int) -> Any:
        """The strings along an axis of a dense tensor."""
        return reduce_join(values, axis, separator=self._separator)  # type: ignore[arg-type]

    def segment(self, values: Any, ids: Any, number: int) -> Any:
        """The strings of each segment."""
        return unsorted_segment_join(values, ids, number, self._separator)  # type: ignore[arg-type]


def unsorted_segment_join(
    inputs: Any, segment_ids: Any, num_segments: Any, separator: str = "", name: str | None = None
) -> Any:
    """The strings of each segment joined (`tf.strings.unsorted_segment_join`).

    **Arguments:**
    - `inputs`: a string tensor.
    - `segment_ids`: the segment of each string: an integer tensor whose shape is how the shape of `inputs` begins.
    - `num_segments`: how many segments there are.
    - `separator`: what stands between the strings.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for a segment that there is not, or a shape that does not fit.

    ```python
    >>> import functape as tf
    >>> tf.strings.unsorted_segment_join(["a", "b", "c"], [0, 1, 0], 2, separator=":").numpy()
    array([b'a:c', b'b'], dtype=object)

    ```
    """
    between = _separator(separator)
    array, ids, number = (
        texts(inputs, "UnsortedSegmentJoin"),
        array_of(segment_ids),
        as_int(num_segments, "num_segments"),
    )
    if number < 0:
        raise invalid(f"Number of segments must be non-negative but got {number} [Op:UnsortedSegmentJoin]")
    if array.shape[: ids.ndim] != ids.shape:
        raise invalid(
            f"segment_ids of shape {list(ids.shape)} do not fit inputs of shape {list(array.shape)}, which must begin "
            "with it [Op:UnsortedSegmentJoin]"
        )
    if ids.size and (ids.min() < 0 or ids.max() >= number):
        raise invalid(
            "segment_ids are not allowed to exceed num_segments or to have negative values. [Op:UnsortedSegmentJoin]"
        )
    inner = array.shape[ids.ndim :]
    found: list[list[list[bytes]]] = [[[] for _ in range(int(np.prod(inner)))] for _ in range(number)]
    for segment, row in zip(ids.reshape(-1).tolist(), array.reshape(ids.size, -1) if ids.size else [], strict=True):
        for place, each in enumerate(row):
            found[segment][place].append(each)
    joined = [between.join(parts) for segment in found for parts in segment]
    return from_numpy(np.fromiter(joined, np.dtype(object), len(joined)).reshape(number, *inner))
