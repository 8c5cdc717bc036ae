"""Making tensors, and asking what they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api import _creation as kernels
from functape._api import _shaping as shaping
from functape._api._arrays import saturate_cast
from functape._api._elementwise import equal, pow
from functape._api._joining import identity as same
from functape._api._joining import meshgrid as grid
from functape._api._joining import stop_gradient
from functape._api._measuring import size
from functape._api._static import as_int
from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._core._tensor import Tensor
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import record
from functape._ops import _array_functions as rows
from functape.experimental.numpy import _creation as numpy_creation
from functape.keras._configuration import floatx, standardize_dtype
from functape.keras._symbolic import KerasTensor
from functape.keras.ops._table import Rows, described
from functape.keras.ops._types import common, result, tensor


def _tensor(x: Any, dtype: Any, sparse: Any = None, ragged: Any = None) -> Any:
    for name, value in (("sparse", sparse), ("ragged", ragged)):
        if value:
            raise ValueError(f"{name}=True is not supported: pass a dense value. Received: {name}={value!r}")
    if isinstance(x, bool | int | float) or not is_tensor_like(x):
        return tensor(x, dtype)
    made = tensor(x, dtype)
    return made if isinstance(made, Tensor | KerasTensor) else convert(made)


def _array(x: Any) -> Any:
    if isinstance(x, KerasTensor):
        x.numpy()
    return np.asarray(x.numpy() if is_tensor_like(x) else x)


def _named(dtype: Any) -> Any:
    return as_dtype(standardize_dtype(floatx() if dtype is None else dtype))


def _lengths(shape: Any) -> Any:
    return [shape] if isinstance(shape, int) else shape


def _shape(x: Any) -> tuple[Any, ...]:
    given = tensor(x)
    if isinstance(given, KerasTensor):
        return tuple(given.shape)
    return tuple(given.aval.shape)


def _like(make: Any) -> Any:
    return lambda x, dtype=None: make(tensor(x), None if dtype is None else as_dtype(standardize_dtype(dtype)))


def _full(shape: Any, fill_value: Any, dtype: Any) -> Any:
    value = tensor(fill_value, _named(dtype))
    return shaping.broadcast_to(value, _lengths(shape))


def _full_like(x: Any, fill_value: Any, dtype: Any) -> Any:
    given = tensor(x)
    value = tensor(fill_value, given.aval.dtype if dtype is None else dtype)
    return kernels.zeros_like(given, value.aval.dtype) + value if not value.aval.dtype.is_bool else _bools(given, value)


def _bools(given: Any, value: Any) -> Any:
    return equal(kernels.zeros_like(given, as_dtype("bool")), equal(value, False))


def _diagonal_ones(rows_: Any, columns: Any, k: Any, dtype: Any) -> Any:
    height = as_int(rows_, "N")
    width = height if columns is None else as_int(columns, "M")
    return convert(np.eye(height, width, as_int(k, "k"), _named(dtype).as_numpy_dtype))


def _triangle_of_ones(rows_: Any, columns: Any, k: Any, dtype: Any) -> Any:
    return convert(np.tri(as_int(rows_, "N"), None if columns is None else as_int(columns, "M"), as_int(k, "k"),
                          _named(dtype).as_numpy_dtype))  # fmt: skip


def _range(start: Any, stop: Any, step: Any, dtype: Any) -> Any:
    if dtype is None:
        given = [each for each in (start, stop, step) if each is not None]
        kinds = [each.aval.dtype if is_tensor_like(each) else getattr(each, "dtype", type(each)) for each in given]
        wanted = result(*kinds)
    else:
        wanted = _named(dtype)
    first, last = (0, start) if stop is None else (start, stop)
    working = wanted if wanted.name not in ("bool", "float16", "bfloat16") else as_dtype("float32")
    made = kernels.range(*(tensor(each, working) for each in (first, last, 1 if step is None else step)))
    return cast(made, wanted)


def _ends(start: Any, stop: Any, dtype: Any) -> tuple[Any, Any, Any]:
    """Two ends of the dtype to compute in, and the dtype of the result."""
    first, last = common((start, stop), float)
    return first, last, first.aval.dtype if dtype is None else _named(dtype)


def _spaced(start: Any, stop: Any, num: Any, endpoint: bool, retstep: bool, dtype: Any, axis: int) -> Any:
    first, last, wanted = _ends(start, stop, dtype)
    count = as_int(num, "num")
    if count < 0:
        raise ValueError(f"`num` must be a non-negative integer. Received: num={num}")
    parts = count - 1 if endpoint else count
    step = (last - first) / parts if parts > 0 else first * np.nan
    if not endpoint and count > 1:
        last = last - step
    made = cast(kernels.linspace(first, last, count, axis=axis), wanted)
    return (made, step) if retstep else made


def _powers(start: Any, stop: Any, num: Any, endpoint: bool, base: Any, dtype: Any, axis: int) -> Any:
    first, last, wanted = _ends(start, stop, dtype)
    exponents = _spaced(first, last, num, endpoint, False, None, axis)
    return cast(pow(tensor(base, exponents.aval.dtype), exponents), wanted)


def _ratios(start: Any, stop: Any, num: Any, endpoint: bool, dtype: Any, axis: int) -> Any:
    first, last, wanted = _ends(start, stop, dtype)
    return cast(numpy_creation.geomspace(first, last, num, endpoint, first.aval.dtype, axis), wanted)


def _vandermonde(x: Any, count: Any, increasing: bool) -> Any:
    given = tensor(x)
    length = given.aval.shape[0] if count is None else as_int(count, "N")
    powers = np.arange(length) if increasing else np.arange(length)[::-1]
    dtype = result(given.aval.dtype, "int32") if not given.aval.dtype.is_integer else given.aval.dtype
    return pow(shaping.reshape(cast(given, dtype), [-1, 1]), tensor(powers.copy(), dtype))


def _axes_of_grid(*x: Any, indexing: Any = "xy") -> Any:
    return grid(*map(tensor, x), indexing=indexing)


def _saturated(x: Any, dtype: Any) -> Any:
    return saturate_cast(tensor(x), _named(dtype))


def _bits(x: Any, dtype: Any) -> Any:
    given = tensor(x)
    return given if dtype is None else record(rows.VIEW, (np.dtype(_named(dtype).as_numpy_dtype),), (given,))


def _passed(variable: Any) -> Any:
    return stop_gradient(tensor(variable))


_MAKING: Rows = {
    "array": ("A tensor of a value", lambda x, dtype=None: _tensor(x, dtype)),
    "convert_to_tensor": (
        "A tensor of a value",
        lambda x, dtype=None, sparse=None, ragged=None: _tensor(x, dtype, sparse, ragged),
    ),
    "convert_to_numpy": ("The value of a tensor as an array", lambda x: _array(x)),
    "copy": ("A tensor of the same value", lambda x: same(tensor(x))),
    "zeros": ("Zeros", lambda shape, dtype=None: kernels.zeros(_lengths(shape), _named(dtype))),
    "ones": ("Ones", lambda shape, dtype=None: kernels.ones(_lengths(shape), _named(dtype))),
    "empty": ("Zeros", lambda shape, dtype=None: kernels.zeros(_lengths(shape), _named(dtype))),
    "zeros_like": ("Zeros of the shape of `x`", _like(kernels.zeros_like)),
    "ones_like": ("Ones of the shape of `x`", _like(kernels.ones_like)),
    "empty_like": ("Zeros of the shape of `x`", _like(kernels.zeros_like)),
    "full": ("One value everywhere", lambda shape, fill_value, dtype=None: _full(shape, fill_value, dtype)),
    "full_like": (
        "One value in the shape of `x`",
        lambda x, fill_value, dtype=None: _full_like(x, fill_value, dtype),
    ),
    "eye": ("Ones on a diagonal", lambda N, M=None, k=0, dtype=None: _diagonal_ones(N, M, k, dtype)),
    "identity": ("Ones on the diagonal of a square", lambda n, dtype=None: _diagonal_ones(n, None, 0, dtype)),
    "tri": (
        "Ones on and below a diagonal",
        lambda N, M=None, k=0, dtype=None: _triangle_of_ones(N, M, k, dtype),
    ),
    "arange": (
        "Numbers from `start` to below `stop`",
        lambda start, stop=None, step=None, dtype=None: _range(start, stop, step, dtype),
    ),
    "linspace": (
        "Numbers at equal distances",
        lambda start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0: _spaced(
            start, stop, num, endpoint, retstep, dtype, axis
        ),
    ),
    "logspace": (
        "Powers whose exponents are at equal distances",
        lambda start, stop, num=50, endpoint=True, base=10, dtype=None, axis=0: _powers(
            start, stop, num, endpoint, base, dtype, axis
        ),
    ),
    "geomspace": (
        "Numbers at equal ratios",
        lambda start, stop, num=50, endpoint=True, dtype=None, axis=0: _ratios(start, stop, num, endpoint, dtype, axis),
    ),
    "vander": (
        "Powers of a vector's elements as columns",
        lambda x, N=None, increasing=False: _vandermonde(x, N, increasing),
    ),
    "meshgrid": ("Coordinates over a grid", lambda *x, indexing="xy": _axes_of_grid(*x, indexing=indexing)),
    "stop_gradient": ("The same value, through which no gradient flows", lambda variable: _passed(variable)),
}

_ASKING: Rows = {
    "cast": ("`x` in another dtype", lambda x, dtype: tensor(x, dtype)),
    "saturate_cast": ("`x` in another dtype, moved to its limits", lambda x, dtype: _saturated(x, dtype)),
    "view": ("The bits read as another dtype", lambda x, dtype=None: _bits(x, dtype)),
    "dtype": ("The dtype's name", lambda x: tensor(x).aval.dtype.name),
    "shape": ("The shape, as a tuple", lambda x: _shape(x)),
    "ndim": ("The number of axes", lambda x: tensor(x).aval.ndim),
    "size": ("The number of elements", lambda x: size(tensor(x))),
    "is_tensor": ("Whether a value is a tensor", lambda x: isinstance(x, Tensor | KerasTensor)),
}


FUNCTIONS = described(_MAKING | _ASKING)
