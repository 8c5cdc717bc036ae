"""Picking elements by condition, and tensors that say which."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._static import array_of, as_axis, as_int, invalid, operand, operands
from functape._core._convert import from_numpy, is_tensor_like
from functape._core._dispatch import composite
from functape._core._known import read
from functape._core._layered import layered
from functape._engine import _dtypes as dtypes
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import record
from functape._ops._gathering import ONE_HOT, SELECT, SEQUENCE_MASK


@composite
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


@layered("one_hot")
@composite
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


@layered("sequence_mask")
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
