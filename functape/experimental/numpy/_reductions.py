"""The reductions of `tf.experimental.numpy`, and what runs along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api import _cumulative as cumulative
from functape._api import _reductions as kernels
from functape._api._choosing import where as choose
from functape._api._elementwise import conj, divide, is_nan, logical_not
from functape._api._elementwise import multiply as times
from functape._api._elementwise import real as real_part
from functape._api._matrix import tensordot
from functape._api._shaping import broadcast_to, reshape
from functape._core._cast import cast
from functape._engine._dtypes import as_dtype
from functape.experimental.numpy._elementwise import equal, isclose, isnan, subtract, true_divide
from functape.experimental.numpy._rows import reduced, wide_integers
from functape.experimental.numpy._types import (
    as_tensor,
    float_dtype,
    given_dtype,
    is_inexact,
    result_type,
)


def sum(a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = None) -> Any:
    """The sum of elements, of integers in 64 bits (`tf.experimental.numpy.sum`)."""
    return reduced(kernels.reduce_sum, a, axis, dtype, keepdims, on_bool=kernels.reduce_any)


def prod(a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = None) -> Any:
    """The product of elements, of integers in 64 bits (`tf.experimental.numpy.prod`)."""
    return reduced(kernels.reduce_prod, a, axis, dtype, keepdims, on_bool=kernels.reduce_all)


def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = None) -> Any:
    """The mean of elements (`tf.experimental.numpy.mean`); `out` must be None."""
    _no_out(out)
    return reduced(kernels.reduce_mean, a, axis, dtype, keepdims, "float")


def amax(a: Any, axis: Any = None, out: Any = None, keepdims: Any = None) -> Any:
    """The largest of elements (`tf.experimental.numpy.amax`); `out` must be None."""
    _no_out(out)
    return reduced(kernels.reduce_max, a, axis, None, keepdims, None, kernels.reduce_any, keeps_bool=True)


def amin(a: Any, axis: Any = None, out: Any = None, keepdims: Any = None) -> Any:
    """The smallest of elements (`tf.experimental.numpy.amin`); `out` must be None."""
    _no_out(out)
    return reduced(kernels.reduce_min, a, axis, None, keepdims, None, kernels.reduce_all, keeps_bool=True)


def max(a: Any, axis: Any = None, keepdims: Any = None) -> Any:
    """The largest of elements (`tf.experimental.numpy.max`)."""
    return amax(a, axis, None, keepdims)


def min(a: Any, axis: Any = None, keepdims: Any = None) -> Any:
    """The smallest of elements (`tf.experimental.numpy.min`)."""
    return amin(a, axis, None, keepdims)


def ptp(a: Any, axis: Any = None, keepdims: Any = None) -> Any:
    """The largest less the smallest of elements (`tf.experimental.numpy.ptp`)."""
    return subtract(amax(a, axis, None, keepdims), amin(a, axis, None, keepdims))


def std(a: Any, axis: Any = None, keepdims: Any = None) -> Any:
    """The standard deviation (`tf.experimental.numpy.std`)."""
    return reduced(kernels.reduce_std, a, axis, None, keepdims, "float")


def var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: int = 0, keepdims: Any = None) -> Any:
    """The variance (`tf.experimental.numpy.var`), the sum of squares divided by the number less `ddof`."""
    _no_out(out)
    working = result_type(a, dtype) if dtype else None
    kernel = _variance_less(ddof) if ddof else kernels.reduce_variance
    made = reduced(kernel, a, axis, working, keepdims, "float")
    return cast(made, dtype) if dtype else made


def _variance_less(ddof: int) -> Any:
    def kernel(x: Any, axis: Any, keepdims: bool) -> Any:
        centred = x - kernels.reduce_mean(x, axis, True)
        squares = cast(real_part(times(centred, conj(centred))), x.dtype)
        axes = range(x.aval.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
        count = int(np.prod([x.aval.shape[each] for each in axes]))
        return divide(kernels.reduce_sum(squares, axis, keepdims), as_tensor(count - ddof, x.dtype))

    return kernel


def all(a: Any, axis: Any = None, keepdims: Any = None) -> Any:
    """Whether all elements are true (`tf.experimental.numpy.all`)."""
    return kernels.reduce_all(as_tensor(a, bool), axis, bool(keepdims))


def any(a: Any, axis: Any = None, keepdims: Any = None) -> Any:
    """Whether any element is true (`tf.experimental.numpy.any`)."""
    return kernels.reduce_any(as_tensor(a, bool), axis, bool(keepdims))


def allclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    """Whether all elements are as good as equal (`tf.experimental.numpy.allclose`)."""
    return all(isclose(a, b, rtol, atol, equal_nan))


def count_nonzero(a: Any, axis: Any = None) -> Any:
    """How many elements are not zero (`tf.experimental.numpy.count_nonzero`)."""
    return kernels.count_nonzero(as_tensor(a), axis)


def nansum(a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> Any:
    """The sum of elements, NaN counting as 0 (`tf.experimental.numpy.nansum`)."""
    return sum(_without_nan(a, 0), axis, dtype, keepdims)


def nanprod(a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> Any:
    """The product of elements, NaN counting as 1 (`tf.experimental.numpy.nanprod`)."""
    return prod(_without_nan(a, 1), axis, dtype, keepdims)


def nanmean(a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = None) -> Any:
    """The mean of the elements that are not NaN (`tf.experimental.numpy.nanmean`)."""
    tensor = as_tensor(a)
    if not is_inexact(tensor.dtype):
        return mean(tensor, axis, dtype, None, keepdims)
    wanted = tensor.dtype if dtype is None else dtype
    count = sum(logical_not(isnan(tensor)), axis, wanted, keepdims)
    return true_divide(nansum(tensor, axis, wanted, keepdims), count)


def _without_nan(a: Any, instead: int) -> Any:
    tensor = as_tensor(a)
    if not is_inexact(tensor.dtype):
        return tensor
    return choose(is_nan(tensor), as_tensor(instead, tensor.dtype), tensor)


def argmax(a: Any, axis: Any = None) -> Any:
    """The place of the largest element (`tf.experimental.numpy.argmax`)."""
    return _place(kernels.argmax, a, axis)


def argmin(a: Any, axis: Any = None) -> Any:
    """The place of the smallest element (`tf.experimental.numpy.argmin`)."""
    return _place(kernels.argmin, a, axis)


def _place(kernel: Any, a: Any, axis: Any) -> Any:
    tensor = as_tensor(a)
    if axis is None or not tensor.aval.shape:
        tensor = reshape(tensor, [-1])
    return kernel(tensor, axis)


def cumsum(a: Any, axis: Any = None, dtype: Any = None) -> Any:
    """The sums of all elements up to each (`tf.experimental.numpy.cumsum`)."""
    return _accumulated(cumulative.cumsum, a, axis, dtype)


def cumprod(a: Any, axis: Any = None, dtype: Any = None) -> Any:
    """The products of all elements up to each (`tf.experimental.numpy.cumprod`)."""
    return _accumulated(cumulative.cumprod, a, axis, dtype)


def _accumulated(kernel: Any, a: Any, axis: Any, dtype: Any) -> Any:
    tensor = as_tensor(a, given_dtype(dtype))
    if dtype is None:
        tensor = wide_integers(tensor)
    if axis is None:
        return kernel(reshape(tensor, [-1]), 0)
    return kernel(tensor, axis)


def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """The differences of neighbours, taken `n` times (`tf.experimental.numpy.diff`)."""
    tensor = as_tensor(a)
    rank = tensor.aval.ndim
    if not -rank <= axis < rank:
        raise ValueError(f"Argument `axis` (received axis={axis}) is out of bounds for input {a} of rank {rank}.")
    if n < 0:
        raise ValueError(f"Argument `n` must be a non-negative integer. Received: n={n}")
    place = axis % rank
    for _ in range(n):
        later, earlier = (tensor[(slice(None),) * place + (part,)] for part in (slice(1, None), slice(None, -1)))
        tensor = logical_not(equal(later, earlier)) if tensor.dtype.is_bool else subtract(later, earlier)
    return tensor


def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False) -> Any:
    """The weighted mean, with the sum of weights if `returned` (`tf.experimental.numpy.average`)."""
    if axis is not None and not isinstance(axis, int):
        raise ValueError(f"Argument `axis` must be an integer. Received axis={axis} (of type {type(axis)})")
    tensor = as_tensor(a)
    if weights is None:
        if not is_inexact(tensor.dtype):
            tensor = as_tensor(tensor, result_type(tensor.dtype, float_dtype()))
        made = kernels.reduce_mean(tensor, axis)
        shape = tensor.aval.shape
        total = as_tensor(int(np.prod(shape)) if axis is None else shape[axis], tensor.dtype)
    else:
        kinds = (tensor.dtype, weights) if is_inexact(tensor.dtype) else (tensor.dtype, weights, float_dtype())
        dtype = as_dtype(result_type(*kinds))
        tensor, given = cast(tensor, dtype), as_tensor(weights, dtype)
        if given.aval.ndim == tensor.aval.ndim or axis is None:
            if given.aval.shape != tensor.aval.shape:
                raise _invalid(f"weights must have the shape {tensor.aval.shape}. Received: {given.aval.shape}")
            total = kernels.reduce_sum(given, axis)
            made = kernels.reduce_sum(tensor * given, axis) / total
        else:
            if given.aval.ndim != 1:
                raise _invalid(f"weights must be a vector, or of the shape of `a`. Received: {given.aval.shape}")
            total = kernels.reduce_sum(given)
            made = tensordot(tensor, given, [[axis], [0]]) / total
    return (made, broadcast_to(total, made.aval.shape)) if returned else made


def _invalid(message: str) -> Exception:
    from functape._api._static import invalid

    return invalid(message)


def _no_out(out: Any) -> None:
    if out is not None:
        raise ValueError(f"Setting out is not supported. Received: out={out!r}")
