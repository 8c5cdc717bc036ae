"""`tensor[...]` with TensorFlow's rules."""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

import jax
import numpy as np

from functape._core._arrange import arrange
from functape._core._convert import convert, from_lengths, from_numpy, is_tensor_like
from functape._core._known import LARGEST, host_array, read, slice_on_host
from functape._engine import _dtypes as dtypes
from functape._engine._compat import is_symbolic
from functape._engine._errors import InvalidArgumentError
from functape._ops._operators import SLICE


class Selection(NamedTuple):
    """What an index selects, split into what is static and what may change from step to step."""

    spec: tuple[Any, ...]
    """Attribute of the `StridedSlice` op: sizes, strides, reversed dimensions, final shape, place of each start."""
    starts: list[Any]
    """Where each selected dimension starts: ints, or scalar integer tensors."""
    strides: tuple[int, ...]


def index_tensor(tensor: Any, index: Any) -> Any:
    """`tensor[index]`.

    A start travels as an input of the program, so that a loop over `x[i]` or `x[i:i + n]` compiles once.

    **Raises:** `TypeError` for an index of another type; `InvalidArgumentError` for one out of bounds.
    """
    if _is_mask(index):
        return _masked(tensor, index)
    selection = select(list(tensor.aval.shape), index)
    given = [from_lengths(start, np.int32) if is_symbolic(start) else start for start in selection.starts]
    if not given:
        starts = convert(np.zeros(1, np.int32))
    elif any(is_tensor_like(start) for start in given):
        starts = convert([_int32(start) for start in given])
    else:
        places = np.array(given, np.int32)
        known = host_array(tensor)
        if known is not None and known.size <= LARGEST and known.dtype.kind in "iu":
            # What shapes are computed from stays on the host.
            return from_numpy(slice_on_host(known, places, selection.spec).copy())
        starts = convert(places)
    return arrange(SLICE, (selection.spec,), (tensor,), (starts,))


def select(shape: list[int], index: Any) -> Selection:
    """Resolve an index against a shape.

    **Raises:** as `index_tensor`.
    """
    entries = list(index) if isinstance(index, tuple | list) else [index]
    for entry in entries:
        _check_entry(entry)
    used = sum(entry is not None and entry is not Ellipsis for entry in entries)
    if sum(entry is Ellipsis for entry in entries) > 1:
        raise InvalidArgumentError(message="Multiple ellipses in slice spec not allowed [Op:StridedSlice]")
    if used > len(shape):
        raise InvalidArgumentError(
            message=f"Index out of range using input dim {len(shape)}; input has only {len(shape)} dims "
            "[Op:StridedSlice]"
        )
    if not any(entry is Ellipsis for entry in entries):
        entries.append(Ellipsis)
    starts: list[Any] = []
    sizes: list[int] = []
    strides: list[int] = []
    places: list[int | None] = []
    final: list[int] = []
    reverse: list[int] = []

    def take(start: Any, size: int, stride: int) -> None:
        places.append(len(starts))
        starts.append(start)
        sizes.append(size)
        strides.append(stride)

    for entry in entries:
        dimension = len(sizes)
        if entry is Ellipsis:
            count = len(shape) - used
            for length in shape[dimension : dimension + count]:
                places.append(None)
                sizes.append(length)
                strides.append(1)
                final.append(length)
            used = len(shape)
        elif entry is None:
            final.append(1)
        elif isinstance(entry, slice):
            length = shape[dimension]
            step = _int(entry.step)
            if step == 0:
                raise InvalidArgumentError(message=f"strides[{dimension}] must be non-zero [Op:StridedSlice]")
            start, step, count = _resolve(slice(_int(entry.start), _int(entry.stop), step), length)
            if step == 1 and count == length:
                places.append(None)
                sizes.append(length)
                strides.append(1)
            elif count == 0:
                take(0, 0, 1)
            else:
                span = (count - 1) * abs(step) + 1
                take(start if step > 0 else start + (count - 1) * step, span, abs(step))
                if step < 0:
                    reverse.append(dimension)
            final.append(count)
        else:
            take(_position(entry, shape[dimension], dimension), 1, 1)
    spec = (tuple(sizes), tuple(strides), tuple(reverse), tuple(final), tuple(places))
    return Selection(spec, starts, tuple(strides))


def _check_entry(entry: Any) -> None:
    if entry is None or entry is Ellipsis or isinstance(entry, slice | int | np.integer):
        return
    if is_tensor_like(entry) and not entry.shape.rank and entry.dtype.is_integer:
        return
    raise TypeError(
        "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors are "
        f"valid indices, got {entry!r}. To pick several rows use tf.gather(x, indices)."
    )


def _position(entry: Any, length: int, dimension: int) -> Any:
    if is_tensor_like(entry) and not hasattr(entry, "value"):
        return entry
    position = _int(entry)
    assert position is not None
    if not -length <= position < length:
        shown = position if position >= 0 else position + length
        raise InvalidArgumentError(
            message=f"slice index {shown} of dimension {dimension} out of bounds: "
            f"it has {length} elements [Op:StridedSlice]"
        )
    return position if position >= 0 else position + length


def _int(bound: Any) -> int | None:
    number = read(bound).item() if is_tensor_like(bound) else bound
    return number if number is None or is_symbolic(number) else operator.index(number)


def _resolve(bounds: slice, length: Any) -> tuple[Any, int, Any]:
    """Where a slice of an axis starts, its step, and how many elements it has."""
    if not any(map(is_symbolic, (bounds.start, bounds.stop, length))):
        start, stop, step = bounds.indices(length)
        return start, step, len(range(start, stop, step))
    step = 1 if bounds.step is None else bounds.step
    if step < 0:
        if step != -1 or bounds.start is not None or bounds.stop is not None:
            raise NotImplementedError(
                f"The slice {bounds} of an axis whose length is left open needs that length. Give the axis a length, "
                "or use x[::-1]."
            )
        return length - 1, step, length
    start, stop = (
        default if bound is None
        else jax.core.min_dim(bound, length) if is_symbolic(bound) or bound >= 0
        else jax.core.max_dim(length + bound, 0)
        for bound, default in ((bounds.start, 0), (bounds.stop, length))
    )  # fmt: skip
    return start, step, jax.core.max_dim((stop - start + step - 1) // step, 0)


def _int32(start: Any) -> Any:
    from functape._core._cast import cast

    return cast(start, dtypes.int32) if is_tensor_like(start) else start


def _is_mask(index: Any) -> bool:
    if is_tensor_like(index):
        return index.dtype.is_bool
    return isinstance(index, bool | np.bool_) or (isinstance(index, np.ndarray) and index.dtype == bool)


def _masked(tensor: Any, mask: Any) -> Any:
    from functape._core._masking import boolean_mask

    return boolean_mask(tensor, mask)
