"""The reductions of `tf.math`."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._functions import reduction
from functape._api._static import array_of
from functape._core._convert import convert
from functape._engine._dtypes import DType, as_dtype, int64
from functape._engine._dtypes import string as string_dtype
from functape._engine._errors import InvalidArgumentError
from functape._engine._recorder import record
from functape._ops import _reductions as rows


def _make(row: Any, name: str, purpose: str, argument: str, result: str) -> Any:
    return reduction(row, as_axes, name, purpose, f"print(tf.math.{name}({argument}, axis=1).numpy())\n{result}")


def as_axes(axis: Any) -> Any:
    """Axes as a reduction's attribute: None, an int or a tuple of ints.

    **Arguments:**
    - `axis`: an int, a list or an integer tensor.

    **Raises:** `TypeError` for a float.
    """
    if axis is None or axis.__class__ is int:
        return axis
    array = array_of(axis)
    if array.dtype.kind == "f" and array.size:
        raise TypeError(f"Cannot convert {axis!r} to EagerTensor of dtype int32: an axis is an integer.")
    if array.dtype.kind not in "iubf":
        raise InvalidArgumentError(message=f"An axis must be an integer. Received: axis={axis!r}")
    return int(array) if array.ndim == 0 else tuple(int(each) for each in array.reshape(-1))


reduce_sum = _make(rows.SUM, "reduce_sum", "The sum of elements", "[[1, 2], [3, 4]]", "[3 7]")
reduce_mean = _make(
    rows.MEAN, "reduce_mean", "The mean of elements; that of integers is an integer", "[[1.0, 2.0]]", "[1.5]"
)
reduce_prod = _make(rows.PRODUCT, "reduce_prod", "The product of elements", "[[1, 2], [3, 4]]", "[ 2 12]")
reduce_max = _make(
    rows.MAXIMUM,
    "reduce_max",
    "The largest of elements; those that tie share the gradient",
    "[[1, 2], [3, 4]]",
    "[2 4]",
)
reduce_min = _make(
    rows.MINIMUM,
    "reduce_min",
    "The smallest of elements; those that tie share the gradient",
    "[[1, 2], [3, 4]]",
    "[1 3]",
)
reduce_any = _make(rows.ANY, "reduce_any", "Whether any element is true", "[[True, False]]", "[ True]")
reduce_all = _make(rows.ALL, "reduce_all", "Whether all elements are true", "[[True, False]]", "[False]")
reduce_logsumexp = _make(
    rows.LOG_SUM_EXP, "reduce_logsumexp", "The logarithm of the sum of exponentials", "[[0.0, -100.0]]", "[0.]"
)
reduce_std = _make(rows.STANDARD_DEVIATION, "reduce_std", "The standard deviation of elements", "[[1.0, 3.0]]", "[1.]")
reduce_variance = _make(rows.VARIANCE, "reduce_variance", "The variance of elements", "[[1.0, 5.0]]", "[4.]")
reduce_euclidean_norm = _make(
    rows.EUCLIDEAN_NORM, "reduce_euclidean_norm", "The root of the sum of squares", "[[3.0, 4.0]]", "[5.]"
)


def count_nonzero(
    input: Any, axis: Any = None, keepdims: bool | None = None, dtype: Any = int64, name: str | None = None
) -> Any:
    """How many elements are not zero, or not the empty string (`tf.math.count_nonzero`).

    **Arguments:**
    - `input`: a tensor of any shape and dtype.
    - `axis`: the axes to count along; all by default.
    - `keepdims`: whether those axes stay, with length 1.
    - `dtype`: the dtype of the result.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of `dtype`.

    **Raises:** `InvalidArgumentError` for an axis that is not there.

    ```python
    >>> import functape as tf
    >>> print(tf.math.count_nonzero([[1, 0], [2, 3]], axis=1).numpy())
    [1 2]

    ```
    """
    tensor = convert(input)
    if tensor.aval.dtype is string_dtype:
        tensor = convert(np.asarray(tensor.numpy() != b""))
    return record(rows.COUNT_NONZERO, (as_axes(axis), bool(keepdims), as_dtype(dtype).as_numpy_dtype), (tensor,))


def zero_fraction(value: Any, name: str | None = None) -> Any:
    """The share of elements that are zero (`tf.math.zero_fraction`).

    **Arguments:**
    - `value`: a numeric tensor of any shape.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a float32 tensor of shape `()`; NaN for an empty tensor.

    ```python
    >>> import functape as tf
    >>> print(tf.math.zero_fraction([0, 1, 0, 2]).numpy())
    0.5

    ```
    """
    return record(rows.ZERO_FRACTION, (), (value,))


def argmax(input: Any, axis: Any = None, output_type: Any = int64, name: str | None = None) -> Any:
    """The place of the largest element along an axis, the first of those that tie (`tf.math.argmax`).

    **Arguments:**
    - `input`: a tensor with at least one axis; NaNs are passed over.
    - `axis`: the axis to look along; the first by default.
    - `output_type`: the dtype of the result: int16, uint16, int32 or int64.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of `output_type`, without that axis.

    **Raises:** `InvalidArgumentError` for an axis that is not there or is empty; `TypeError` for several axes.

    ```python
    >>> import functape as tf
    >>> print(tf.argmax([[1, 3, 2]], axis=1).numpy())
    [1]

    ```
    """
    return _index(rows.ARGMAX, input, axis, output_type, ("int16", "uint16", "int32", "int64"))


def argmin(input: Any, axis: Any = None, output_type: Any = int64, name: str | None = None) -> Any:
    """The place of the smallest element along an axis, the first of those that tie (`tf.math.argmin`).

    **Arguments:**
    - `input`: a tensor with at least one axis; NaNs are passed over.
    - `axis`: the axis to look along; the first by default.
    - `output_type`: the dtype of the result: int32 or int64.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of `output_type`, without that axis.

    **Raises:** `InvalidArgumentError` for an axis that is not there or is empty, or for several axes.

    ```python
    >>> import functape as tf
    >>> print(tf.argmin([[1, 3, 2]], axis=1).numpy())
    [0]

    ```
    """
    return _index(rows.ARGMIN, input, axis, output_type, ("int32", "int64"))


def _index(row: Any, input: Any, axis: Any, output_type: DType, allowed: tuple[str, ...]) -> Any:
    axis = as_axes(0 if axis is None else axis)
    if not isinstance(axis, int):
        message = f"axis must be an int or a tensor of shape () [Op:{row.name}]. Received: axis={axis!r}"
        raise TypeError(message) if row is rows.ARGMAX else InvalidArgumentError(message=message)
    dtype = as_dtype(output_type)
    if dtype.name not in allowed:
        raise InvalidArgumentError(
            message=f"Value for attr 'output_type' of {dtype.spoken} is not in the list of allowed values: "
            f"{', '.join(allowed)} [Op:{row.name}]"
        )
    return record(row, (axis, dtype.as_numpy_dtype), (input,))
