"""Putting elements into place by coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._gathering import check_coordinates, is_lenient
from functape._api._static import array_of, as_int, as_shape, invalid, operand
from functape._core._arrange import arrange
from functape._core._convert import convert
from functape._core._known import host_array
from functape._engine._recorder import record
from functape._ops._gathering import GATHER, SCATTER_ND, TENSOR_SCATTER
from functape._ops._shaping import CONCAT, RESHAPE


def scatter_nd(indices: Any, updates: Any, shape: Any, bad_indices_policy: str = "", name: str | None = None) -> Any:
    """Zeros with `updates` added at the coordinates `indices` (`tf.scatter_nd`).

    **Arguments:**
    - `indices`: an integer tensor `[..., k]`: the last axis holds coordinates.
    - `updates`: a tensor `indices.shape[:-1] + shape[k:]`; those for one place add up.
    - `shape`: the shape of the result.
    - `bad_indices_policy`: `ERROR` (and the default) or `IGNORE`: whether coordinates out of range are an error where
      their value is known, or dropped.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if the shapes do not fit, or as told above.

    ```python
    >>> import functape as tf
    >>> tf.scatter_nd([[0], [2], [2]], [1, 2, 3], [4]).numpy()
    array([1, 0, 5, 0], dtype=int32)

    ```
    """
    places, values, lengths = operand(indices), operand(updates), as_shape(shape, "shape")
    _check_known(places, lengths, bad_indices_policy, "ScatterNd")
    return record(SCATTER_ND, (lengths,), (places, values))


def _check_known(places: Any, shape: tuple[int, ...], policy: str, op: str) -> None:
    known = None if is_lenient(policy) else host_array(places)
    if known is not None and known.size and known.dtype.kind in "iu":
        check_coordinates(known, shape, op)


def _tensor_scatter(method: str, tensor: Any, indices: Any, updates: Any, policy: str) -> Any:
    whole, places = operand(tensor), operand(indices)
    op = TENSOR_SCATTER[method]
    _check_known(places, whole.aval.shape, policy, op.name)
    return record(op, (), (whole, places, operand(updates, hint=whole.aval.dtype)))


def tensor_scatter_nd_update(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """`tensor` with other elements at some coordinates (`tf.tensor_scatter_nd_update`).

    **Arguments:**
    - `tensor`: a tensor of any shape.
    - `indices`: an integer tensor `[..., k]`: the last axis holds coordinates.
    - `updates`: a tensor `indices.shape[:-1] + tensor.shape[k:]`.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if the shapes do not fit, or a coordinate that is known is out of range.

    ```python
    >>> import functape as tf
    >>> tf.tensor_scatter_nd_update([1, 2, 3], [[1]], [9]).numpy()
    array([1, 9, 3], dtype=int32)

    ```
    """
    return _tensor_scatter("set", tensor, indices, updates, "")


def tensor_scatter_nd_add(
    tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "", name: str | None = None
) -> Any:
    """`tensor` with something added at some coordinates (`tf.tensor_scatter_nd_add`).

    **Arguments:**
    - `tensor`, `indices`, `updates`: as for `tf.tensor_scatter_nd_update`; updates for one place add up.
    - `bad_indices_policy`: as for `tf.scatter_nd`.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if the shapes do not fit, or a coordinate that is known is out of range.

    ```python
    >>> import functape as tf
    >>> tf.tensor_scatter_nd_add([1, 2, 3], [[1], [1]], [10, 20]).numpy()
    array([ 1, 32,  3], dtype=int32)

    ```
    """
    return _tensor_scatter("add", tensor, indices, updates, bad_indices_policy)


def tensor_scatter_nd_sub(
    tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "", name: str | None = None
) -> Any:
    """`tensor` with something subtracted at some coordinates (`tf.tensor_scatter_nd_sub`).

    **Arguments:**
    - `tensor`, `indices`, `updates`: as for `tf.tensor_scatter_nd_update`; updates for one place add up.
    - `bad_indices_policy`: as for `tf.scatter_nd`.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if the shapes do not fit, or a coordinate that is known is out of range.

    ```python
    >>> import functape as tf
    >>> tf.tensor_scatter_nd_sub([1, 2, 3], [[1]], [10]).numpy()
    array([ 1, -8,  3], dtype=int32)

    ```
    """
    return _tensor_scatter("subtract", tensor, indices, updates, bad_indices_policy)


def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: str | None = None) -> list[Any]:
    """The parts of `data` that belong to each of several groups (`tf.dynamic_partition`).

    **Arguments:**
    - `data`: a tensor whose shape begins with that of `partitions`.
    - `partitions`: an integer tensor: the group of each part. Its value is needed at once.
    - `num_partitions`: the number of groups.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a list of `num_partitions` tensors.

    **Raises:** `InvalidArgumentError` if the shapes do not fit, or a group is out of range.

    ```python
    >>> import functape as tf
    >>> [part.numpy().tolist() for part in tf.dynamic_partition([1, 2, 3], [1, 0, 1], 2)]
    [[2], [1, 3]]

    ```
    """
    whole, groups = operand(data), array_of(partitions)
    count, lengths = as_int(num_partitions, "num_partitions"), whole.aval.shape
    if lengths[: groups.ndim] != groups.shape:
        raise invalid(
            f"data.shape must start with partitions.shape, got data.shape = {list(lengths)}, partitions.shape = "
            f"{list(groups.shape)} [Op:DynamicPartition]"
        )
    if groups.size and not 0 <= groups.min() <= groups.max() < count:
        raise invalid(f"partitions must be in [0, {count}). Received: {groups.tolist()} [Op:DynamicPartition]")
    flat = arrange(RESHAPE, ((groups.size, *lengths[groups.ndim :]),), (whole,))
    chosen = [np.flatnonzero(groups == group).astype(np.int32) for group in range(count)]
    return [arrange(GATHER, (0, 0), (flat,), (convert(places),)) for places in chosen]


def dynamic_stitch(indices: Any, data: Any, name: str | None = None) -> Any:
    """Tensors interleaved by number (`tf.dynamic_stitch`).

    **Arguments:**
    - `indices`: a list of integer tensors: where each part of `data` goes. Their values are needed at once.
    - `data`: a list of tensors whose shapes begin with those of `indices`. Of two parts for one place the later counts.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[max(indices) + 1, ...]`.

    **Raises:** `InvalidArgumentError` if the shapes do not fit.

    ```python
    >>> import functape as tf
    >>> tf.dynamic_stitch([[0, 2], [1]], [[10, 30], [20]]).numpy()
    array([10, 20, 30], dtype=int32)

    ```
    """
    groups, parts = [array_of(each) for each in indices], [operand(each) for each in data]
    if len(groups) != len(parts):
        raise invalid(f"indices and data must have one length. Received: {len(groups)} and {len(parts)}")
    for group, part in zip(groups, parts, strict=True):
        if part.aval.shape[: group.ndim] != group.shape:
            raise invalid(
                f"data[i].shape = {list(part.aval.shape)} does not start with indices[i].shape = {list(group.shape)} "
                "[Op:DynamicStitch]"
            )
    rows = tuple(
        arrange(RESHAPE, ((group.size, *part.aval.shape[group.ndim :]),), (part,))
        for group, part in zip(groups, parts, strict=True)
    )
    whole = arrange(CONCAT, (0,), rows) if len(rows) > 1 else rows[0]
    numbers = np.concatenate([group.reshape(-1) for group in groups])
    # A place that nothing goes to reads past the end, which gives zeros.
    sources = np.full(int(numbers.max(initial=-1)) + 1, numbers.size, np.int32)
    for at, number in enumerate(numbers):
        sources[number] = at
    return arrange(GATHER, (0, 0), (whole,), (convert(sources),))
