"""Picking elements by number."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from functape._api._static import as_axis, as_int, as_ints, invalid, operand
from functape._core._arrange import arrange
from functape._core._convert import is_tensor_like
from functape._core._dispatch import composite
from functape._core._indexing import index_tensor
from functape._core._known import host_array, read
from functape._engine._recorder import record
from functape._ops._gathering import GATHER, GATHER_ND
from functape._ops._operators import SLICE


@composite
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
    if not 0 <= shared <= places.aval.ndim or (shared and shared >= rank):
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
    starts: Any = operand(begin) if is_tensor_like(begin) else as_ints(begin, "begin")
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
