"""Shapes as values. Shapes are known as soon as an op is recorded, so nothing needs to run for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._static import array_of, operand
from functape._core._convert import from_lengths, from_numpy
from functape._core._dispatch import composite
from functape._core._layered import layered
from functape._core._shape import TensorShape
from functape._engine import _dtypes as dtypes
from functape._engine._dtypes import as_dtype
from functape._engine._errors import InvalidArgumentError
from functape._engine._recorder import record
from functape._ops._operators import IDENTITY


@layered("shape")
@composite
def shape(input: Any, out_type: Any = None, name: str | None = None) -> Any:
    """The shape of a tensor, as a tensor (`tf.shape`).

    **Arguments:**
    - `input`: a tensor of rank n.
    - `out_type`: int32, the default, or int64.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[n]`.

    ```python
    >>> import functape as tf
    >>> tf.shape([[1, 2, 3]]).numpy()
    array([1, 3], dtype=int32)

    ```
    """
    return from_lengths(operand(input).aval.shape, _integer(out_type))


@layered("shape_n")
def shape_n(input: Any, out_type: Any = dtypes.int32, name: str | None = None) -> list[Any]:
    """The shapes of several tensors (`tf.shape_n`).

    **Arguments:**
    - `input`: a list of tensors.
    - `out_type`: int32 or int64.
    - `name`: accepted for compatibility; ops have no names here.

    ```python
    >>> import functape as tf
    >>> [each.numpy().tolist() for each in tf.shape_n([[1, 2], [[3]]])]
    [[2], [1, 1]]

    ```
    """
    return [shape(each, out_type) for each in input]


@layered("size")
@composite
def size(input: Any, out_type: Any = None, name: str | None = None) -> Any:
    """The number of elements of a tensor, as a tensor (`tf.size`).

    **Arguments:**
    - `input`: a tensor of any shape.
    - `out_type`: int32, the default, or int64.
    - `name`: accepted for compatibility; ops have no names here.

    ```python
    >>> import functape as tf
    >>> tf.size([[1, 2, 3]])
    <tf.Tensor: shape=(), dtype=int32, numpy=3>

    ```
    """
    return from_lengths(operand(input).aval.size, _integer(out_type))


@composite
def rank(input: Any, name: str | None = None) -> Any:
    """The number of axes of a tensor, as a tensor (`tf.rank`).

    **Arguments:**
    - `input`: a tensor of any shape.
    - `name`: accepted for compatibility; ops have no names here.

    ```python
    >>> import functape as tf
    >>> tf.rank([[1, 2, 3]])
    <tf.Tensor: shape=(), dtype=int32, numpy=2>

    ```
    """
    return from_numpy(np.array(operand(input).aval.ndim, np.int32))


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Any:
    """`x`, once its shape is found to agree with `shape` (`tf.ensure_shape`).

    **Arguments:**
    - `x`: a tensor of any shape.
    - `shape`: lengths, None for those that may be anything.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if the shapes do not agree.

    ```python
    >>> import functape as tf
    >>> tf.ensure_shape([1, 2], [None]).shape
    TensorShape([2])

    ```
    """
    values = operand(x)
    wanted = TensorShape(shape)
    if not wanted.is_compatible_with(values.aval.shape):
        raise InvalidArgumentError(
            message=f"Shape of tensor {list(values.aval.shape)} is not compatible with expected shape {wanted} "
            "[Op:EnsureShape]"
        )
    return values if values.aval.dtype is dtypes.string else record(IDENTITY, (), (values,))


def broadcast_static_shape(shape_x: TensorShape, shape_y: TensorShape) -> TensorShape:
    """The shape two shapes broadcast to (`tf.broadcast_static_shape`).

    **Arguments:**
    - `shape_x`: a `TensorShape`.
    - `shape_y`: a `TensorShape`.

    **Raises:** `ValueError` if they do not broadcast.

    ```python
    >>> import functape as tf
    >>> tf.broadcast_static_shape(tf.TensorShape([2, 1]), tf.TensorShape([3]))
    TensorShape([2, 3])

    ```
    """
    first, second = TensorShape(shape_x), TensorShape(shape_y)
    if first.rank is None or second.rank is None:
        return TensorShape(None)
    longest = max(len(first), len(second))
    padded: list[list[Any]] = [[1] * (longest - len(each)) + each.as_list() for each in (first, second)]
    return TensorShape([_length(a, b, first, second) for a, b in zip(*padded, strict=True)])


def _length(a: int | None, b: int | None, first: TensorShape, second: TensorShape) -> int | None:
    if a == 1 or b == 1:
        return b if a == 1 else a
    if a is None or b is None:
        return b if a is None else a
    if a != b:
        raise ValueError(f"Incompatible shapes for broadcasting: {first} and {second}")
    return a


def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Any:
    """The shape two shapes given as tensors broadcast to, as a tensor (`tf.broadcast_dynamic_shape`).

    **Arguments:**
    - `shape_x`: an integer vector.
    - `shape_y`: an integer vector.

    **Raises:** `InvalidArgumentError` if they do not broadcast.

    ```python
    >>> import functape as tf
    >>> tf.broadcast_dynamic_shape([2, 1], [3]).numpy()
    array([2, 3], dtype=int32)

    ```
    """
    first, second = array_of(shape_x), array_of(shape_y)
    try:
        lengths = np.broadcast_shapes(tuple(first.tolist()), tuple(second.tolist()))
    except ValueError:
        raise InvalidArgumentError(
            message=f"Incompatible shapes for broadcasting: {first.tolist()} and {second.tolist()} [Op:BroadcastArgs]"
        ) from None
    return from_numpy(np.array(lengths, first.dtype))


def _integer(dtype: Any) -> Any:
    found = dtypes.int32 if dtype is None else as_dtype(dtype)
    if found not in (dtypes.int32, dtypes.int64):
        raise InvalidArgumentError(message=f"`out_type` must be tf.int32 or tf.int64. Received: {found!r}")
    return found.as_numpy_dtype
