"""The products of `tf.experimental.numpy`."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api import _matrix as kernels
from functape._api._elementwise import conj
from functape._api._shaping import broadcast_to, pad, reshape
from functape._engine._errors import InvalidArgumentError
from functape.experimental.numpy._shaping import moveaxis, ravel
from functape.experimental.numpy._types import as_tensor, promoted


def dot(a: Any, b: Any) -> Any:
    """The sum of products over the last axis of `a` and the last but one of `b` (`tf.experimental.numpy.dot`)."""
    first, second = promoted(a, b)
    if not first.aval.shape or not second.aval.shape:
        return first * second
    return kernels.tensordot(first, second, [[-1], [-1 if second.aval.ndim == 1 else -2]])


def matmul(x1: Any, x2: Any) -> Any:
    """The matrix product, of stacks of matrices one by one (`tf.experimental.numpy.matmul`).

    **Raises:** `ValueError` for shapes that do not fit.

    ```python
    >>> import functape as tf
    >>> float(tf.experimental.numpy.matmul([1, 2], [3, 4.5]))
    12.0

    ```
    """
    first, second = promoted(x1, x2)
    try:
        if second.aval.ndim == 1:
            return kernels.tensordot(first, second, 1)
        if first.aval.ndim == 1:
            return kernels.tensordot(first, second, [[0], [-2]])
        return kernels.matmul(first, second)
    except InvalidArgumentError as error:
        raise ValueError(str(error)) from error


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum of products over some axes (`tf.experimental.numpy.tensordot`)."""
    first, second = promoted(a, b)
    return kernels.tensordot(first, second, axes)


def inner(a: Any, b: Any) -> Any:
    """The sum of products over the last axes (`tf.experimental.numpy.inner`)."""
    first, second = promoted(a, b)
    if not first.aval.shape or not second.aval.shape:
        return first * second
    return kernels.tensordot(first, second, [[-1], [-1]])


def outer(a: Any, b: Any) -> Any:
    """The products of each element with each (`tf.experimental.numpy.outer`)."""
    first, second = promoted(a, b)
    return reshape(first, [-1, 1]) * reshape(second, [-1])


def vdot(a: Any, b: Any) -> Any:
    """The sum of products of all elements, those of `a` conjugated (`tf.experimental.numpy.vdot`)."""
    first, second = (ravel(each) for each in promoted(a, b))
    return dot(conj(first) if first.dtype.is_complex else first, second)


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Any:
    """The cross product of vectors of 2 or 3 elements (`tf.experimental.numpy.cross`).

    `axisa`, `axisb` and `axisc` are where the vectors lie in the arguments and the result; `axis` is for all three.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    first, second = promoted(a, b)
    vectors = [moveaxis(first, axisa, -1), moveaxis(second, axisb, -1)]
    flat = all(each.aval.shape[-1] == 2 for each in vectors)
    vectors = [
        pad(each, [[0, 0]] * (each.aval.ndim - 1) + [[0, 1]]) if each.aval.shape[-1] == 2 else each for each in vectors
    ]
    shape = np.broadcast_shapes(*(each.aval.shape for each in vectors))
    made = kernels.cross(*(broadcast_to(each, shape) for each in vectors))
    return made[..., 2] if flat else moveaxis(made, -1, axisc)


def einsum(subscripts: Any, *operands: Any, **kwargs: Any) -> Any:
    """Einstein's sum (`tf.experimental.numpy.einsum`).

    `casting="no"` leaves the dtypes as they are; `optimize` is True, False, `"greedy"` or `"optimal"`.
    """
    casting, optimize = kwargs.get("casting", "safe"), kwargs.get("optimize", False)
    if casting not in ("safe", "no"):
        raise ValueError(f"Expected casting='safe' or casting='no'. Received: casting={casting}")
    if optimize not in (True, False, "greedy", "optimal"):
        raise ValueError(f"Expected one of True, False, 'greedy', 'optimal'. Received: optimize={optimize}")
    tensors = promoted(*operands) if casting == "safe" else [as_tensor(each) for each in operands]
    return kernels.einsum(subscripts, *tensors, optimize="optimal" if optimize == "optimal" else "greedy")
