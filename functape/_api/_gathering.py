"""Picking elements by number or condition."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from functape._api._static import array_of, as_axis, as_int, as_ints, invalid, operand, operands
from functape._core._arrange import arrange
from functape._core._convert import from_numpy, is_tensor_like
from functape._core._indexing import index_tensor
from functape._core._known import host_array, read
from functape._engine import _dtypes as dtypes
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import record
from functape._ops._gathering import GATHER, GATHER_ND, ONE_HOT, SELECT, SEQUENCE_MASK
from functape._ops._operators import SLICE


def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    axis: Any = None,
    batch_dims: Any = 0,
    name: str | None = None,
) -> Any:
    """Parts of `params` by number (`tf.gather`).

    **Arguments:**
    - `params`: a tensor of rank at least 1.
    - `indices`: an integer tensor of any shape.
    - `validate_indices`: deprecated in TensorFlow, without effect.
    - `axis`: the axis of `params` to pick along; `batch_dims` by default.
    - `batch_dims`: how many leading axes `params` and `indices` share.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:]`.

    **Raises:** `InvalidArgumentError` if an index is out of range, where its value is known; one that is only computed
    later gives zeros, as TensorFlow does on a GPU.

    ```python
    >>> import functape as tf
    >>> tf.gather([10, 20, 30], [2, 0]).numpy()
    array([30, 10], dtype=int32)

    ```
    """
    source, places = operand(params), operand(indices)
    rank = source.aval.ndim
    shared = as_int(batch_dims, "batch_dims")
    shared += places.aval.ndim if shared < 0 else 0
    if not 0 <= shared <= places.aval.ndim or shared and shared >= rank:
        raise invalid(
            f"Expected batch_dims in the range [0, {min(rank - 1, places.aval.ndim)}], but got {shared} [Op:GatherV2]"
        )
    along = as_axis(batch_dims if axis is None else axis, max(rank, 1), "GatherV2")
    if along < shared:
        raise invalid(f"batch_dims ({shared}) must be less than or equal to axis ({along}) [Op:GatherV2]")
    known = host_array(places)
    if known is not None and known.size and rank and known.dtype.kind in "iu":
        _check_range(known, source.aval.shape[along], "GatherV2")
    return arrange(GATHER, (along, shared), (source,), (places,))


def gather_nd(
    params: Any, indices: Any, batch_dims: Any = 0, name: str | None = None, bad_indices_policy: str = ""
) -> Any:
    """Parts of `params` by coordinates (`tf.gather_nd`).

    **Arguments:**
    - `params`: a tensor of rank n.
    - `indices`: an integer tensor `[..., k]` with k <= n: the last axis holds coordinates.
    - `batch_dims`: how many leading axes `params` and `indices` share.
    - `name`: accepted for compatibility; ops have no names here.
    - `bad_indices_policy`: `ERROR` (and the default) or `IGNORE`: whether coordinates out of range are an error where
      their value is known, or give zeros.

    **Returns:** a tensor `indices.shape[:-1] + params.shape[k:]`.

    **Raises:** `InvalidArgumentError` as told above; `ValueError` for another policy.

    ```python
    >>> import functape as tf
    >>> tf.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]).numpy()
    array([2, 3], dtype=int32)

    ```
    """
    source, places = operand(params), operand(indices)
    ignore = is_lenient(bad_indices_policy)
    shared = as_int(batch_dims, "batch_dims")
    known = None if ignore else host_array(places)
    if known is not None and known.size and known.dtype.kind in "iu":
        check_coordinates(known, source.aval.shape[shared:], "GatherNd")
    return arrange(GATHER_ND, (shared,), (source,), (places,))


def is_lenient(policy: str) -> bool:
    """Whether coordinates out of range are to be ignored.

    **Raises:** `ValueError` for a policy there is not.
    """
    if policy not in ("", "DEFAULT", "ERROR", "IGNORE"):
        raise ValueError(f"`bad_indices_policy` must be 'ERROR', 'IGNORE' or ''. Received: {policy!r}")
    return policy == "IGNORE"


def check_coordinates(places: np.ndarray[Any, Any], shape: tuple[int, ...], op: str) -> None:
    """Check coordinates that are known.

    **Raises:** `InvalidArgumentError` if one is out of range.
    """
    for at in range(min(places.shape[-1], len(shape))):
        _check_range(places[..., at], shape[at], op)


def _check_range(places: np.ndarray[Any, Any], length: int, op: str) -> None:
    least, most = places.min(), places.max()
    if least < 0 or most >= length:
        raise invalid(f"indices = {least if least < 0 else most} is not in [0, {length}) [Op:{op}]")


def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:
    """A block of a tensor (`tf.slice`).

    **Arguments:**
    - `input_`: a tensor of rank n.
    - `begin`: n integers: where the block begins. They may change from step to step.
    - `size`: n integers: its lengths; -1 for all that is left.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if the block is not inside the tensor.

    ```python
    >>> import functape as tf
    >>> tf.slice([1, 2, 3, 4], [1], [2]).numpy()
    array([2, 3], dtype=int32)

    ```
    """
    whole, lengths = operand(input_), as_ints(size, "size")
    starts = operand(begin) if is_tensor_like(begin) else as_ints(begin, "begin")
    count = starts.aval.size if is_tensor_like(starts) else len(starts)
    rank = whole.aval.ndim
    if count != rank or len(lengths) != rank:
        raise invalid(
            f"Expected begin and size arguments to be 1-D tensors of size {rank}, but got {count} and {len(lengths)} "
            "[Op:Slice]"
        )
    if is_tensor_like(starts) and (host_array(starts) is not None or -1 in lengths):
        starts = tuple(read(starts).tolist())
    if is_tensor_like(starts):
        return record(SLICE, ((lengths, (1,) * rank, (), lengths, tuple(range(rank))),), (whole, starts))
    entries = []
    for at, (start, length, available) in enumerate(zip(starts, lengths, whole.aval.shape, strict=True)):
        end = available if length == -1 else start + length
        if not 0 <= start <= available or not start <= end <= available:
            raise invalid(
                f"Expected begin[{at}] in [0, {available}] and size[{at}] in [-1, {available - start}], but got "
                f"{start} and {length} [Op:Slice]"
            )
        entries.append(builtins.slice(start, end))
    return index_tensor(whole, tuple(entries))


def strided_slice(
    input_: Any, begin: Any, end: Any, strides: Any = None, begin_mask: int = 0, end_mask: int = 0,
    ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0, var: Any = None, name: str | None = None,
) -> Any:  # fmt: skip
    """What `input_[begin:end:strides]` selects (`tf.strided_slice`).

    **Arguments:**
    - `input_`: a tensor.
    - `begin`, `end`: integers for each entry of the index.
    - `strides`: the steps; all 1 by default.
    - `begin_mask`, `end_mask`: bit i: entry i has no begin, or no end.
    - `ellipsis_mask`: bit i: entry i stands for all axes not named.
    - `new_axis_mask`: bit i: entry i is a new axis of length 1.
    - `shrink_axis_mask`: bit i: entry i picks the one element at its begin and drops the axis.
    - `var`: the variable that was sliced, so that the result can be assigned.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` for a step of 0 or an element that is not there.

    ```python
    >>> import functape as tf
    >>> tf.strided_slice([1, 2, 3, 4], [0], [4], [2]).numpy()
    array([1, 3], dtype=int32)

    ```
    """
    starts, ends = as_ints(begin, "begin"), as_ints(end, "end")
    steps = (1,) * len(starts) if strides is None else as_ints(strides, "strides")
    if not len(starts) == len(ends) == len(steps):
        raise invalid(f"begin, end and strides must have one length. Received: {starts}, {ends}, {steps}")
    entries: list[Any] = []
    for at, (start, stop, step) in enumerate(zip(starts, ends, steps, strict=True)):
        bit = 1 << at
        if ellipsis_mask & bit:
            entries.append(Ellipsis)
        elif new_axis_mask & bit:
            entries.append(None)
        elif shrink_axis_mask & bit:
            entries.append(start)
        else:
            entries.append(builtins.slice(None if begin_mask & bit else start, None if end_mask & bit else stop, step))
    if var is not None:
        return var[tuple(entries)]
    return index_tensor(operand(input_), tuple(entries))


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """Elements of `x` where `condition` is True, of `y` elsewhere; or where it is True (`tf.where`).

    **Arguments:**
    - `condition`: a bool tensor; with `x` and `y` left out also a numeric one.
    - `x`, `y`: tensors of one dtype; both or neither. The three shapes broadcast.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the broadcast shape; with `x` and `y` left out the coordinates of the elements that are
    True, int64 `[n, rank]`, for which the value of `condition` is needed at once.

    **Raises:** `ValueError` if only one of `x` and `y` is given; `InvalidArgumentError` if dtypes or shapes do not fit.

    ```python
    >>> import functape as tf
    >>> tf.where([True, False], [1, 2], 0).numpy()
    array([1, 0], dtype=int32)

    ```
    """
    if x is None and y is None:
        chosen = operand(condition)
        if not chosen.aval.ndim:
            raise invalid(
                "tf.where needs a tensor of rank at least 1 to tell coordinates of. Received a scalar [Op:Where]"
            )
        if chosen.aval.dtype is dtypes.string:
            raise invalid("tf.where needs a bool or numeric tensor. Received strings; compare them first [Op:Where]")
        return from_numpy(np.argwhere(read(chosen)).astype(np.int64))
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    first, second = operands([x, y])
    return record(SELECT, (), (_condition(condition), first, second))


def _condition(value: Any) -> Any:
    return value if is_tensor_like(value) else operand(value, dtypes.bool_)


def one_hot(
    indices: Any, depth: Any, on_value: Any = None, off_value: Any = None, axis: Any = None, dtype: Any = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Vectors with one element set (`tf.one_hot`).

    **Arguments:**
    - `indices`: an integer tensor; one out of range gives a vector without a set element.
    - `depth`: the length of the vectors; a static integer.
    - `on_value`, `off_value`: the element set and the others, 1 and 0 by default. They may change from step to step.
    - `axis`: where the new axis goes; the end by default.
    - `dtype`: the dtype; that of the values by default, float32 without any.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `TypeError` if the values' dtypes differ from each other or from `dtype`; `InvalidArgumentError` if
    `indices` are no integers.

    ```python
    >>> import functape as tf
    >>> tf.one_hot([1, 3], 3).numpy()
    array([[0., 1., 0.],
           [0., 0., 0.]], dtype=float32)

    ```
    """
    numbers = operand(indices)
    wanted = None if dtype is None else as_dtype(dtype)
    on, off = (None if each is None else operand(each, hint=wanted) for each in (on_value, off_value))
    for each, what in ((on, "on_value"), (off, "off_value")):
        if each is not None and wanted is not None and each.aval.dtype is not wanted:
            raise TypeError(f"dtype {each.aval.dtype.name} of {what} does not match dtype parameter {wanted.name}")
    if on is not None and off is not None and on.aval.dtype is not off.aval.dtype:
        raise TypeError(
            f"dtype {on.aval.dtype.name} of on_value does not match dtype {off.aval.dtype.name} of off_value"
        )
    given = on if on is not None else off
    wanted = wanted or (dtypes.float32 if given is None else given.aval.dtype)
    on = operand(1, wanted) if on is None else on
    off = operand(0, wanted) if off is None else off
    rank = numbers.aval.ndim
    place = as_axis(-1 if axis is None else axis, rank + 1, "OneHot")
    return record(ONE_HOT, (as_int(depth, "depth"), place), (numbers, on, off))


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = dtypes.bool_, name: str | None = None) -> Any:
    """For each length, a vector that is True that far (`tf.sequence_mask`).

    **Arguments:**
    - `lengths`: an integer tensor of any shape.
    - `maxlen`: the length of the vectors; the largest of `lengths` by default, whose value is then needed at once.
    - `dtype`: the dtype of the result.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `lengths.shape + [maxlen]`.

    **Raises:** `ValueError` if `maxlen` is no scalar.

    ```python
    >>> import functape as tf
    >>> tf.sequence_mask([1, 2], 3, tf.int32).numpy()
    array([[1, 0, 0],
           [1, 1, 0]], dtype=int32)

    ```
    """
    counts = operand(lengths)
    if maxlen is None:
        longest = int(max(read(counts).max(initial=0), 0))
    elif np.ndim(array_of(maxlen)):
        raise ValueError(f"Argument `maxlen` must be scalar for sequence_mask. Received: {maxlen!r}")
    else:
        longest = as_int(maxlen, "maxlen")
    return record(SEQUENCE_MASK, (longest, as_dtype(dtype).as_numpy_dtype), (counts,))
