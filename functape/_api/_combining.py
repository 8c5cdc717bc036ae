"""Functions of `tf.math` that combine several tensors."""

from __future__ import annotations

from typing import Any

from functape._core._convert import convert
from functape._core._slices import IndexedSlices
from functape._engine._recorder import record
from functape._ops import _elementwise as rows
from functape._ops import _operators as operators


def polyval(coeffs: Any, x: Any, name: str | None = None) -> Any:
    """A polynomial's value (`tf.math.polyval`).

    **Arguments:**
    - `coeffs`: a list of coefficients, that of the highest power first, whose shapes broadcast with `x`.
    - `x`: a numeric tensor.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the broadcast shape.

    **Raises:** `ValueError` if `coeffs` is no list.

    ```python
    >>> import functape as tf
    >>> print(tf.math.polyval([1.0, 0.0, -1.0], [3.0]).numpy())
    [8.]

    ```
    """
    if not isinstance(coeffs, list):
        raise ValueError(
            f"Argument coeffs must be list type. Received type {type(coeffs)}. Pass tf.unstack(coeffs) for a tensor."
        )
    x = convert(x)
    if not coeffs:
        return record(operators.MULTIPLY, (), (x, 0))
    return record(rows.POLYVAL, (), (x, *(convert(each) for each in coeffs)))


def add_n(inputs: Any, name: str | None = None) -> Any:
    """The sum of several tensors of one shape (`tf.math.add_n`).

    **Arguments:**
    - `inputs`: a list of numeric tensors, or IndexedSlices, of one shape and dtype.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of that shape.

    **Raises:** `TypeError` or `ValueError` if `inputs` is no list or empty; `InvalidArgumentError` if shapes or
    dtypes differ.

    ```python
    >>> import functape as tf
    >>> print(tf.add_n([[1, 2], [3, 4]]).numpy())
    [4 6]

    ```
    """
    inputs = list(inputs)
    if not inputs:
        raise ValueError(
            "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape. "
            "Received an empty one."
        )
    return record(rows.ADD_N, (), tuple(convert(each) for each in inputs))


def accumulate_n(inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None) -> Any:
    """The sum of several tensors of one shape (`tf.math.accumulate_n`).

    **Arguments:**
    - `inputs`: a list of tensors of one shape and dtype.
    - `shape`: the shape they must have.
    - `tensor_dtype`: the dtype they must have.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `ValueError` or `TypeError` if they do not.

    ```python
    >>> import functape as tf
    >>> print(tf.math.accumulate_n([[1, 2], [3, 4]]).numpy())
    [4 6]

    ```
    """
    wrong = ValueError(
        f"inputs must be a list of at least one Tensor with the same dtype and shape. Received: {inputs!r}"
    )
    if not isinstance(inputs, list | tuple) or not inputs:
        raise wrong
    tensors = [convert(each) for each in inputs]
    if any(each.dtype is not tensors[0].dtype or each.aval.shape != tensors[0].aval.shape for each in tensors):
        raise wrong
    if tensor_dtype is not None and tensor_dtype != tensors[0].dtype:
        raise TypeError(f"tensor_dtype is {tensor_dtype}, but input is of type {tensors[0].dtype}")
    if shape is not None:
        tensors[0].set_shape(shape)
    return record(rows.ADD_N, (), tuple(tensors))


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """A number times a tensor or the rows of IndexedSlices (`tf.math.scalar_mul`).

    **Arguments:**
    - `scalar`: a number or tensor of shape `()`.
    - `x`: a numeric tensor or IndexedSlices.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor, or IndexedSlices where `x` is one.

    **Raises:** `ValueError` if `scalar` is not of shape `()`.

    ```python
    >>> import functape as tf
    >>> print(tf.scalar_mul(2, [1.0, 2.0]).numpy())
    [2. 4.]

    ```
    """
    if isinstance(x, IndexedSlices):
        return IndexedSlices(scalar_mul(scalar, x.values), x.indices, x.dense_shape)
    x = convert(x)
    scalar = convert(scalar, x.dtype)
    if len(scalar.shape):
        raise ValueError(f"The input scalar must be a 0-D value. Received shape {scalar.shape}.")
    return record(operators.MULTIPLY, (), (scalar, x))
