"""Clipping: `tf.clip_by_value`, `tf.clip_by_norm`, `tf.clip_by_global_norm`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from functape._api._reductions import as_axes
from functape._core._convert import convert, is_tensor_like
from functape._core._dispatch import composite
from functape._core._slices import IndexedSlices
from functape._engine._recorder import record, record_multiple
from functape._engine._tensor import BaseTensor
from functape._ops import _clipping as rows
from functape._ops._elementwise import CLIP


@composite
def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """The elements of a tensor, moved to the nearer bound where they are beyond one (`tf.clip_by_value`).

    At a bound the gradient is that of `t`; beyond it, that of the bound.

    **Arguments:**
    - `t`: a real tensor, or IndexedSlices.
    - `clip_value_min`, `clip_value_max`: the bounds, whose shapes broadcast to that of `t`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the shape of `t`, or IndexedSlices where `t` is one.

    **Raises:** `ValueError` if the bounds broadcast to more than the shape of `t`; `InvalidArgumentError` if they do
    not broadcast.

    ```python
    >>> import functape as tf
    >>> print(tf.clip_by_value([-2.0, 0.5, 2.0], -1.0, 1.0).numpy())
    [-1.   0.5  1. ]

    ```
    """
    if isinstance(t, IndexedSlices):
        return IndexedSlices(clip_by_value(t.values, clip_value_min, clip_value_max), t.indices, t.dense_shape)
    if not is_tensor_like(t):
        t = convert(t)
    result = record(CLIP, (), (t, clip_value_min, clip_value_max))
    _same_shape(t, result)
    return result


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """A tensor scaled down to a norm, where its own is larger (`tf.clip_by_norm`).

    **Arguments:**
    - `t`: a floating tensor, or IndexedSlices.
    - `clip_norm`: the largest norm to keep.
    - `axes`: the axes to take the norm over; all by default.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the shape of `t`, or IndexedSlices where `t` is one.

    **Raises:** `ValueError` if `clip_norm` broadcasts to more than the shape of `t`; `InvalidArgumentError` for other
    dtypes than floating ones.

    ```python
    >>> import functape as tf
    >>> print(tf.clip_by_norm([3.0, 4.0], 1.0).numpy())
    [0.6 0.8]

    ```
    """
    if isinstance(t, IndexedSlices):
        return IndexedSlices(clip_by_norm(t.values, clip_norm, axes), t.indices, t.dense_shape)
    if not is_tensor_like(t):
        t = convert(t)
    result = record(rows.CLIP_BY_NORM, (as_axes(axes),), (t, clip_norm))
    _same_shape(t, result)
    return result


def global_norm(t_list: Any, name: str | None = None) -> Any:
    """The norm of all elements of several tensors (`tf.linalg.global_norm`).

    **Arguments:**
    - `t_list`: a sequence of floating tensors, IndexedSlices or None, which is passed over.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of shape `()`; 0 for no tensors.

    **Raises:** `TypeError` if `t_list` is no sequence; `InvalidArgumentError` if the dtypes differ.

    ```python
    >>> import functape as tf
    >>> print(tf.linalg.global_norm([[3.0], None, [4.0]]).numpy())
    5.0

    ```
    """
    dense = [_values(each) for each in _sequence(t_list) if each is not None]
    return record(rows.GLOBAL_NORM, (), tuple(dense)) if dense else convert(np.float32(0))


def clip_by_global_norm(
    t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list[Any], Any]:
    """Several tensors scaled down together to a norm, where that of all is larger (`tf.clip_by_global_norm`).

    **Arguments:**
    - `t_list`: a sequence of floating tensors, IndexedSlices or None, which stays None.
    - `clip_norm`: the largest norm to keep.
    - `use_norm`: the norm, if it is known already.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** the list of scaled tensors, and the norm before scaling. An infinite norm makes every element NaN.

    **Raises:** `TypeError` if `t_list` is no sequence; `InvalidArgumentError` if the dtypes differ.

    ```python
    >>> import functape as tf
    >>> clipped, norm = tf.clip_by_global_norm([[3.0], [4.0]], 1.0)
    >>> print(clipped[0].numpy(), clipped[1].numpy(), norm.numpy())
    [0.6] [0.8] 5.0

    ```
    """
    given = list(_sequence(t_list))
    norm = global_norm(given) if use_norm is None else convert(use_norm)
    places = [place for place, each in enumerate(given) if each is not None]
    if places:
        if not is_tensor_like(clip_norm):
            clip_norm = convert(clip_norm, norm.dtype)
        dense = tuple(_values(given[place]) for place in places)
        for place, scaled in zip(
            places, record_multiple(rows.CLIP_BY_GLOBAL_NORM, (), (clip_norm, norm, *dense)), strict=True
        ):
            each = given[place]
            sparse = isinstance(each, IndexedSlices)
            given[place] = IndexedSlices(scaled, each.indices, each.dense_shape) if sparse else scaled
    return given, norm


def _sequence(t_list: Any) -> Sequence[Any]:
    if not isinstance(t_list, Sequence) or isinstance(t_list, str | BaseTensor):
        raise TypeError(f"`t_list` should be a sequence of tensors. Received {type(t_list)}. Put the tensor in a list.")
    return t_list


def _values(value: Any) -> Any:
    if isinstance(value, IndexedSlices):
        return value.values
    return value if is_tensor_like(value) else convert(value)


def _same_shape(t: Any, result: Any) -> None:
    if t.shape != result.shape:
        raise ValueError(
            f"Shapes {t.shape} and {result.shape} are incompatible: "
            "a bound must not have more elements than the tensor."
        )
