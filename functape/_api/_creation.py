"""Tensors from shapes and numbers."""

from __future__ import annotations

import math
from typing import Any

import jax
import numpy as np

from functape._api._static import array_of, as_axis, as_int, as_shape, invalid, no_layout, operand
from functape._core._arrange import arrange
from functape._core._cast import cast
from functape._core._convert import from_numpy
from functape._core._dispatch import composite
from functape._core._layered import layered
from functape._engine import _dtypes as dtypes
from functape._engine._compat import is_symbolic
from functape._engine._dtypes import DType, as_dtype
from functape._engine._recorder import record
from functape._engine._trace import ValueNeeded
from functape._ops._lengths import LENGTH_RANGE
from functape._ops._shaping import EYE, FILL, FULL, LINSPACE


@layered("zeros")
def zeros(shape: Any, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None) -> Any:
    """A tensor of zeros (`tf.zeros`).

    **Arguments:**
    - `shape`: a list of ints, a `TensorShape` or an integer vector.
    - `dtype`: the dtype; False for bool, empty strings for string.
    - `name`: accepted for compatibility; ops have no names here.
    - `layout`: DTensor layouts are not supported.

    **Raises:** `InvalidArgumentError` if a length is negative; `TypeError` if one is no integer.

    ```python
    >>> import functape as tf
    >>> tf.zeros([2])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([0., 0.], dtype=float32)>

    ```
    """
    no_layout(layout)
    return _full(as_shape(shape, "shape", TypeError), as_dtype(dtype), 0)


@layered("ones")
def ones(shape: Any, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None) -> Any:
    """A tensor of ones (`tf.ones`).

    **Arguments:**
    - `shape`: a list of ints, a `TensorShape` or an integer vector.
    - `dtype`: a numeric dtype or bool.
    - `name`: accepted for compatibility; ops have no names here.
    - `layout`: DTensor layouts are not supported.

    **Raises:** `InvalidArgumentError` if a length is negative; `TypeError` if one is no integer, or for strings.

    ```python
    >>> import functape as tf
    >>> tf.ones([2], tf.int32)
    <tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 1], dtype=int32)>

    ```
    """
    no_layout(layout)
    return _full(as_shape(shape, "shape", TypeError), as_dtype(dtype), 1)


@layered("zeros_like")
@composite
def zeros_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Any:
    """Zeros of the shape, and unless told otherwise the dtype, of a tensor (`tf.zeros_like`).

    **Arguments:**
    - `input`: a tensor of any shape.
    - `dtype`: the dtype; that of `input` by default.
    - `name`: accepted for compatibility; ops have no names here.
    - `layout`: DTensor layouts are not supported.

    ```python
    >>> import functape as tf
    >>> tf.zeros_like([1.0, 2.0]).numpy()
    array([0., 0.], dtype=float32)

    ```
    """
    no_layout(layout)
    return _like(input, dtype, 0)


@layered("ones_like")
@composite
def ones_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Any:
    """Ones of the shape, and unless told otherwise the dtype, of a tensor (`tf.ones_like`).

    **Arguments:**
    - `input`: a tensor of any shape.
    - `dtype`: the dtype; that of `input` by default.
    - `name`: accepted for compatibility; ops have no names here.
    - `layout`: DTensor layouts are not supported.

    ```python
    >>> import functape as tf
    >>> tf.ones_like([1.0, 2.0]).numpy()
    array([1., 1.], dtype=float32)

    ```
    """
    no_layout(layout)
    return _like(input, dtype, 1)


@layered("fill")
def fill(dims: Any, value: Any, name: str | None = None, layout: Any = None) -> Any:
    """A tensor with one value everywhere (`tf.fill`).

    **Arguments:**
    - `dims`: the shape: a list of ints or an integer vector.
    - `value`: a scalar, whose gradient is the sum over the result. It may change from step to step.
    - `name`: accepted for compatibility; ops have no names here.
    - `layout`: DTensor layouts are not supported.

    **Raises:** `InvalidArgumentError` if `value` is no scalar or a length is negative.

    ```python
    >>> import functape as tf
    >>> tf.fill([2], 7).numpy()
    array([7, 7], dtype=int32)

    ```
    """
    no_layout(layout)
    scalar = operand(value)
    if scalar.aval.ndim:
        raise invalid(f"value must be a scalar. Received a tensor of shape {scalar.aval.shape} [Op:Fill]")
    return arrange(FILL, (as_shape(dims, "dims"),), (scalar,))


@layered("eye")
def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Any:
    """An identity matrix, or a batch of them (`tf.eye`).

    **Arguments:**
    - `num_rows`: the number of rows.
    - `num_columns`: the number of columns; `num_rows` by default.
    - `batch_shape`: the shape of the batch; none by default.
    - `dtype`: the dtype of the elements.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[*batch_shape, num_rows, num_columns]`.

    **Raises:** `InvalidArgumentError` if a length is negative.

    ```python
    >>> import functape as tf
    >>> tf.eye(2, dtype=tf.int32).numpy()
    array([[1, 0],
           [0, 1]], dtype=int32)

    ```
    """
    rows = as_int(num_rows, "num_rows")
    columns = rows if num_columns is None else as_int(num_columns, "num_columns")
    batch = () if batch_shape is None else as_shape(batch_shape, "batch_shape")
    if rows < 0 or columns < 0:
        raise invalid(f"Arguments `num_rows` and `num_columns` must be non-negative. Received: {rows}, {columns}")
    return record(EYE, ((*batch, rows, columns), as_dtype(dtype).as_numpy_dtype), ())


_RANGE_ORDER: tuple[DType, ...] = (dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64)


@layered("range")
def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range") -> Any:
    """Numbers at equal distances (`tf.range`).

    **Arguments:**
    - `start`: the first number; with `limit` left out, the end, and 0 is the first.
    - `limit`: the end, itself left out.
    - `delta`: the distance.
    - `dtype`: the dtype; by default the widest of the arguments' in the order int32, int64, float32, float64.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[ceil((limit - start) / delta)]`. The arguments' values are needed at once, since they decide
    its length; where a function being traced does not know them, what is returned can only be looped over.

    **Raises:** `InvalidArgumentError` if `delta` is 0 or leads away from `limit`, or an argument is no scalar.

    ```python
    >>> import functape as tf
    >>> tf.range(1, 10, 3).numpy()
    array([1, 4, 7], dtype=int32)

    ```
    """
    if limit is None:
        start, limit = 0, start
    wanted = None if dtype is None else as_dtype(dtype)
    try:
        numbers = [_bound(each, wanted) for each in (start, limit, delta)]
    except ValueNeeded:
        from functape.function._range import dynamic_range

        return dynamic_range(start, limit, delta, wanted)
    if any(each.dtype == object for each in numbers):
        first, end, step = (each.item() for each in numbers)
        return _length_range(first, end, step, wanted or dtypes.int32)
    if wanted is None:
        known = [as_dtype(each.dtype) for each in numbers]
        unknown = [each for each in known if each not in _RANGE_ORDER]
        if unknown:
            if any(each is not unknown[0] for each in known):
                raise ValueError(f"tf.range takes numbers of {_RANGE_ORDER}. Received dtypes: {known}. Pass `dtype`.")
            wanted = unknown[0]
        else:
            wanted = max(known, key=_RANGE_ORDER.index)
    for each, what in zip(numbers, ("start", "limit", "delta"), strict=True):
        if each.ndim > 1 or each.size != 1:
            raise invalid(f"{what} must be a scalar, not shape {list(each.shape)} [Op:Range]")
    kind = wanted.as_numpy_dtype
    first, end, step = (each.astype(kind).item() for each in numbers)
    if step == 0:
        raise invalid(f"Requires delta != 0: {step} [Op:Range]")
    if (end - first) * step < 0:
        relation = "start <= limit when delta > 0" if step > 0 else "start >= limit when delta < 0"
        raise invalid(f"Requires {relation}: {first}/{end} [Op:Range]")
    if wanted.is_integer:
        return from_numpy(np.arange(first, end, step, dtype=kind))
    count = math.ceil(abs((end - first) / step))
    return from_numpy((first + np.arange(count) * step).astype(kind))


def _length_range(first: Any, end: Any, step: Any, dtype: DType) -> Any:
    """A range whose length is left open, or not known yet."""
    if any(map(is_symbolic, (first, end, step))):
        if is_symbolic(step) or step <= 0:
            raise invalid(f"A range to an open length must have a positive delta. Received: {step} [Op:Range]")
        count = jax.core.max_dim((end - first + step - 1) // step, 0)
    else:
        count = max(math.ceil((end - first) / step), 0)
    return record(LENGTH_RANGE, (first, step, count, dtype.as_numpy_dtype), ())


def _bound(value: Any, dtype: DType | None) -> np.ndarray[Any, Any]:
    if dtype is not None and not hasattr(value, "dtype"):
        return array_of(operand(value, hint=dtype))
    return array_of(value)


@layered("linspace")
def linspace(start: Any, stop: Any, num: Any, name: str | None = None, axis: Any = 0) -> Any:
    """Evenly spaced numbers from `start` to `stop`, both included (`tf.linspace`).

    **Arguments:**
    - `start`: a floating tensor; integers become float64.
    - `stop`: a tensor of its dtype whose shape broadcasts with it.
    - `num`: how many; a static integer.
    - `name`: accepted for compatibility; ops have no names here.
    - `axis`: where the new axis goes.

    **Returns:** a tensor of the broadcast shape with an axis of length `num` more.

    **Raises:** `InvalidArgumentError` if `num` is negative.

    ```python
    >>> import functape as tf
    >>> tf.linspace(0.0, 1.0, 3).numpy()
    array([0. , 0.5, 1. ], dtype=float32)

    ```
    """
    first = operand(start)
    last = operand(stop, first.aval.dtype)
    if first.aval.dtype.is_integer:
        first = cast(first, dtypes.float64)
        last = cast(last, dtypes.float64)
    rank = max(first.aval.ndim, last.aval.ndim) + 1
    return record(LINSPACE, (as_int(num, "num"), as_axis(axis, rank, "LinSpace")), (first, last))


def _full(shape: tuple[int, ...], dtype: DType, value: int) -> Any:
    if dtype is dtypes.string:
        if value:
            raise TypeError("A string tensor cannot be filled with ones. Use tf.fill(shape, text).")
        return from_numpy(np.full(shape, b"", object))
    return record(FULL, (shape, dtype.as_numpy_dtype, value), ())


def _like(value: Any, dtype: Any, number: int) -> Any:
    aval = operand(value).aval
    return _full(aval.shape, aval.dtype if dtype is None else as_dtype(dtype), number)
