"""The functions of `tf.experimental.numpy` that make arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api import _creation as kernels
from functape._api._elementwise import floor, pow
from functape._api._joining import identity as same
from functape._api._joining import meshgrid as grid
from functape._api._shaping import broadcast_to as spread
from functape._api._shaping import reshape
from functape._api._static import as_shape
from functape._core._cast import cast
from functape._core._convert import convert
from functape._engine._dtypes import as_dtype
from functape.experimental.numpy._elementwise import (
    floor_divide,
    log10,
    multiply,
    real,
    sign,
    subtract,
)
from functape.experimental.numpy._types import (
    as_tensor,
    default_float,
    given_dtype,
    result_type,
)


def array(val: Any, dtype: Any = None, copy: bool = True, ndmin: int = 0) -> Any:
    """A tensor with the given value, with axes of length 1 before it up to `ndmin` (`tf.experimental.numpy.array`).

    ```python
    >>> import functape as tf
    >>> tf.experimental.numpy.array([1, 2.5]).dtype
    tf.float64

    ```
    """
    tensor = as_tensor(val, given_dtype(dtype))
    if ndmin > 32:
        raise ValueError(f"ndmin bigger than allowable number of dimensions: 32. Received: ndmin={ndmin}")
    if copy and tensor is val:
        tensor = same(tensor)
    shape = tensor.aval.shape
    return reshape(tensor, (1,) * (ndmin - len(shape)) + shape) if len(shape) < ndmin else tensor


def asarray(a: Any, dtype: Any = None) -> Any:
    """`a` as a tensor (`tf.experimental.numpy.asarray`)."""
    return array(a, dtype, copy=False)


def asanyarray(a: Any, dtype: Any = None) -> Any:
    """`a` as a tensor (`tf.experimental.numpy.asanyarray`)."""
    return asarray(a, dtype)


def ascontiguousarray(a: Any, dtype: Any = None) -> Any:
    """`a` as a tensor of at least one axis (`tf.experimental.numpy.ascontiguousarray`)."""
    return array(a, dtype, ndmin=1)


def copy(a: Any) -> Any:
    """`a` as another tensor (`tf.experimental.numpy.copy`)."""
    return array(a, copy=True)


def zeros(shape: Any, dtype: Any = float) -> Any:
    """A tensor of zeros (`tf.experimental.numpy.zeros`)."""
    return kernels.zeros(shape, given_dtype(dtype) or default_float())


def empty(shape: Any, dtype: Any = float) -> Any:
    """A tensor of zeros (`tf.experimental.numpy.empty`)."""
    return zeros(shape, dtype)


def ones(shape: Any, dtype: Any = float) -> Any:
    """A tensor of ones (`tf.experimental.numpy.ones`)."""
    return kernels.ones(shape, given_dtype(dtype) or default_float())


def zeros_like(a: Any, dtype: Any = None) -> Any:
    """Zeros of the shape of `a` (`tf.experimental.numpy.zeros_like`)."""
    return kernels.zeros_like(a, _like(a, dtype))


def empty_like(a: Any, dtype: Any = None) -> Any:
    """Zeros of the shape of `a` (`tf.experimental.numpy.empty_like`)."""
    return zeros_like(a, dtype)


def ones_like(a: Any, dtype: Any = None) -> Any:
    """Ones of the shape of `a` (`tf.experimental.numpy.ones_like`)."""
    return kernels.ones_like(a, _like(a, dtype))


def _like(a: Any, dtype: Any) -> Any:
    return given_dtype(dtype) or result_type(a)


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """A tensor of one value, or of values that broadcast (`tf.experimental.numpy.full`)."""
    lengths = as_shape([shape] if isinstance(shape, int) else shape, "shape")
    return spread(asarray(fill_value, dtype), lengths)


def broadcast_to(array: Any, shape: Any) -> Any:
    """An array repeated along new axes and those of length 1 (`tf.experimental.numpy.broadcast_to`)."""
    return full(shape, array)


def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
) -> Any:
    """One value in the shape of `a` (`tf.experimental.numpy.full_like`); `order`, `subok`, `shape` as they are."""
    for name, value, only in (("order", order, "K"), ("subok", subok, True)):
        if value != only:
            raise ValueError(f"{name} must be {only!r}. Received: {name}={value!r}")
    if shape:
        raise ValueError(f"Overriding the shape is not supported. Received: shape={shape!r}")
    tensor = asarray(a)
    return spread(asarray(fill_value, dtype or tensor.dtype), tensor.aval.shape)


def eye(N: Any, M: Any = None, k: Any = 0, dtype: Any = float) -> Any:
    """Ones on a diagonal (`tf.experimental.numpy.eye`)."""
    wanted = given_dtype(dtype) or as_dtype(np.float32)
    return convert(np.eye(int(N), int(M or N), int(k), wanted.as_numpy_dtype))


def identity(n: Any, dtype: Any = float) -> Any:
    """Ones on the diagonal of a square (`tf.experimental.numpy.identity`)."""
    return eye(n, n, dtype=dtype)


def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Any:
    """Ones on and below a diagonal (`tf.experimental.numpy.tri`)."""
    wanted = as_dtype(result_type(float if dtype is None else dtype))
    return convert(np.tri(int(N), None if M is None else int(M), int(k), wanted.as_numpy_dtype))


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Any:
    """Numbers from `start` to below `stop` (`tf.experimental.numpy.arange`).

    ```python
    >>> import functape as tf
    >>> tf.experimental.numpy.arange(3)
    <tf.Tensor: shape=(3,), dtype=int64, numpy=array([0, 1, 2])>

    ```
    """
    if not step:
        raise ValueError("step must be non-zero. Received: step=0")
    if stop is None:
        start, stop = 0, start
        wanted = given_dtype(dtype) or result_type(stop, step)
    else:
        wanted = given_dtype(dtype) or result_type(start, step, stop)
    if (step > 0 and start > stop) or (step < 0 and start < stop):
        return array([], dtype=wanted)
    return cast(kernels.range(start, stop, step), wanted)


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = float,
    axis: int = 0,
) -> Any:
    """Numbers at equal distances (`tf.experimental.numpy.linspace`), with the distance if `retstep`.

    As in TensorFlow under NumPy 2, the dtype is that of `start` and `stop` as floats, whatever `dtype` says.
    """
    wanted = _span_dtype(start, stop) if dtype else None
    first, last = as_tensor(start, wanted), as_tensor(stop, wanted)
    if num < 0:
        raise ValueError(f"Argument `num` (number of samples) must be a non-negative integer. Received: num={num}")
    step = convert(np.float32("nan"))
    if endpoint:
        if num > 1:
            step = (last - first) / as_tensor(num - 1, first.dtype)
        made = kernels.linspace(first, last, num, axis=axis)
    else:
        if num > 0:
            step = (last - first) / as_tensor(num, first.dtype)
        if num > 1:
            first, last = cast(first, step.dtype), cast(last, step.dtype) - step
        made = kernels.linspace(first, last, num, axis=axis)
    if wanted is not None:
        made = cast(floor(made) if wanted.is_integer else made, wanted)
    return (made, step) if retstep else made


def _span_dtype(start: Any, stop: Any) -> Any:
    return as_dtype(result_type([multiply(start, 1.0), multiply(stop, 1.0)]))


def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    """Numbers at equal ratios, between two powers (`tf.experimental.numpy.logspace`)."""
    wanted = _span_dtype(start, stop)
    exponents = linspace(start, stop, num, endpoint, dtype=wanted, axis=axis)
    return cast(pow(cast(base, exponents.dtype), exponents), wanted)


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """Numbers at equal ratios (`tf.experimental.numpy.geomspace`)."""
    from functape.experimental.numpy._shaping import moveaxis

    wanted = as_dtype(dtype) if dtype else result_type(start, stop, float(num), zeros((), dtype))
    working = as_dtype(np.promote_types(wanted.as_numpy_dtype, np.float32))
    first, last = asarray(start, working), asarray(stop, working)
    # As NumPy, two negative ends are taken as positive ones, and the sign put back.
    signs = [subtract(1, sign(real(each))) for each in (first, last)]
    flip = subtract(1, floor_divide(multiply(*signs), 2))
    first, last = (log10(multiply(flip, each)) for each in (first, last))
    made = multiply(flip, logspace(first, last, num, endpoint, 10.0, working, 0))
    return cast(moveaxis(made, 0, axis) if axis else made, wanted)


def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    """Powers of a vector's elements as columns (`tf.experimental.numpy.vander`)."""
    tensor = asarray(x)
    if tensor.aval.ndim != 1:
        raise ValueError(f"x must be a one-dimensional array. Received: shape {tensor.aval.shape}")
    count = tensor.aval.shape[0] if N is None else int(N)
    if count < 0:
        raise ValueError(f"N must be nonnegative. Received: N={N}")
    powers = np.arange(count) if increasing else np.arange(count)[::-1]
    return pow(reshape(tensor, [-1, 1]), convert(powers.astype(tensor.dtype.as_numpy_dtype)))


def diag_indices(n: int, ndim: int = 2) -> tuple[Any, ...]:
    """The coordinates of a diagonal (`tf.experimental.numpy.diag_indices`)."""
    for name, value in (("n", n), ("ndim", ndim)):
        if value < 0:
            raise ValueError(f"{name} argument to diag_indices must be nonnegative, got {value}")
    return (kernels.range(n),) * ndim


def meshgrid(*xi: Any, **kwargs: Any) -> Any:
    """Coordinates over a grid (`tf.experimental.numpy.meshgrid`); `indexing` is `"xy"` or `"ij"`."""
    for name, only in (("sparse", False), ("copy", True)):
        if bool(kwargs.get(name, only)) is not only:
            raise ValueError(f"Function `meshgrid` only supports {name}={only}. Received: {name}={kwargs[name]}")
    return grid(*map(asarray, xi), indexing=kwargs.get("indexing", "xy"))


def ix_(*args: Any) -> list[Any]:
    """Index vectors that broadcast to a grid (`tf.experimental.numpy.ix_`)."""
    from functape.experimental.numpy._selecting import nonzero

    made = []
    for place, each in enumerate(args):
        tensor = asarray(each)
        if tensor.aval.ndim != 1:
            raise ValueError(f"Arguments must be 1-d, got arg {place} of rank {tensor.aval.ndim}")
        if tensor.dtype.is_bool:
            tensor = nonzero(tensor)[0]
        elif not tensor.dtype.is_integer:
            raise ValueError(f"Only integer and bool dtypes are supported, got {tensor.dtype!r}")
        made.append(reshape(tensor, [-1 if axis == place else 1 for axis in range(len(args))]))
    return made


def size(x: Any, axis: Any = None) -> Any:
    """The number of elements (`tf.experimental.numpy.size`)."""
    if axis is not None:
        raise NotImplementedError(
            f"axis argument is not supported in the current `np.size` implementation. Received: axis={axis}"
        )
    if isinstance(x, int | float | np.int32 | np.int64 | np.float32):
        return 1
    return np.prod(asarray(x).aval.shape, dtype=int)


def shape(a: Any) -> Any:
    """The shape (`tf.experimental.numpy.shape`)."""
    return asarray(a).shape


def ndim(a: Any) -> int:
    """The number of axes (`tf.experimental.numpy.ndim`)."""
    return len(asarray(a).aval.shape)


def isscalar(num: Any) -> bool:
    """Whether there are no axes (`tf.experimental.numpy.isscalar`)."""
    return not ndim(num)


def finfo(dtype: Any) -> Any:
    """The limits of a floating dtype (`tf.experimental.numpy.finfo`)."""
    return np.finfo(as_dtype(dtype).as_numpy_dtype)
