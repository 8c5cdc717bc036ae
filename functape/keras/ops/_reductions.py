"""Reductions, what runs along an axis, and statistics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functape._api import _cumulative as cumulative
from functape._api import _reductions as kernels
from functape._api._choosing import where as choose
from functape._api._creation import ones_like, zeros_like
from functape._api._elementwise import divide, is_nan, logical_not, maximum, minimum, not_equal
from functape._api._matrix import tensordot
from functape._api._shaping import expand_dims, reshape
from functape._core._cast import cast
from functape._engine._recorder import record
from functape._ops import _array_functions as rows
from functape.keras._configuration import floatx
from functape.keras.ops._elementwise import FUNCTIONS as elementwise
from functape.keras.ops._table import Rows, accumulation, described, reduction
from functape.keras.ops._types import common, counting, floats, tensor, wide_floats


def _flat(x: Any) -> Any:
    return reshape(x, [-1])


def _truths(x: Any) -> Any:
    return tensor(x, "bool")


def _axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def _extreme(reduce: Any, of_two: Any, of_bools: Any) -> Callable[..., Any]:
    def function(x, axis=None, keepdims=False, initial=None):  # type: ignore[no-untyped-def]
        given = tensor(x)
        if given.aval.dtype.is_bool:
            made = of_bools(given, axis, bool(keepdims))
        else:
            made = reduce(given, axis, bool(keepdims))
        return made if initial is None else of_two(made, tensor(initial, made.aval.dtype))

    return function


_max = _extreme(kernels.reduce_max, maximum, kernels.reduce_any)
_min = _extreme(kernels.reduce_min, minimum, kernels.reduce_all)


def _place(kernel: Any) -> Callable[..., Any]:
    def function(x, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
        given = tensor(x)
        rank = given.aval.ndim
        made = cast(kernel(_flat(given) if axis is None else given, 0 if axis is None else axis), "int32")
        if not keepdims:
            return made
        return reshape(made, [1] * rank) if axis is None else expand_dims(made, axis)

    return function


def _product(x: Any, axis: Any, keepdims: Any, dtype: Any) -> Any:
    return kernels.reduce_prod(counting(x) if dtype is None else tensor(x, dtype), axis, bool(keepdims))


def _average(x: Any, axis: Any, weights: Any) -> Any:
    if weights is None:
        return kernels.reduce_mean(floats(x), axis)
    given, weighing = common((x, weights), float)
    if axis is None:
        given, weighing = _flat(given), _flat(weighing)
    if weighing.aval.ndim == 1 and given.aval.ndim > 1:
        return tensordot(given, weighing, [[axis], [0]]) / kernels.reduce_sum(weighing)
    return kernels.reduce_sum(given * weighing, axis) / kernels.reduce_sum(weighing, axis)


def _quantile(scale: float, ignore_nan: bool) -> Callable[..., Any]:
    def function(x, q, axis=None, method="linear", keepdims=False):  # type: ignore[no-untyped-def]
        given = floats(x)
        shares = tensor(q, given.aval.dtype) / scale if scale != 1 else tensor(q, given.aval.dtype)
        return record(rows.QUANTILE, (_axes(axis), method, bool(keepdims), ignore_nan), (given, shares))

    return function


def _median(ignore_nan: bool) -> Callable[..., Any]:
    quantile = _quantile(1, ignore_nan)
    return lambda x, axis=None, keepdims=False: quantile(x, 0.5, axis, "linear", keepdims)


def _instead_of_nan(x: Any, number: int) -> Any:
    given = counting(x)
    if not given.aval.dtype.is_floating:
        return given
    filling = ones_like(given) if number else zeros_like(given)
    return choose(is_nan(given), filling, given)


def _skipping(reduce: Any, number: int) -> Callable[..., Any]:
    return reduction(reduce, lambda x: _instead_of_nan(x, number))


def _mean_without_nan(x: Any, axis: Any, keepdims: bool) -> Any:
    missing = is_nan(x)
    count = kernels.reduce_sum(cast(logical_not(missing), x.aval.dtype), axis, keepdims)
    return divide(kernels.reduce_sum(choose(missing, zeros_like(x), x), axis, keepdims), count)


def _of_numbers(row: Any, largest: bool, otherwise: Any) -> Callable[..., Any]:
    """The reduction by a row that leaves NaN out, where there can be any."""

    def function(x, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
        given = tensor(x)
        if not given.aval.dtype.is_floating:
            return otherwise(given, axis, keepdims)
        return record(row, (largest, _axes(axis), bool(keepdims)), (given,))

    return function


def _moment_without_nan(root: bool) -> Callable[..., Any]:
    return lambda x, axis=None, keepdims=False: record(
        rows.NAN_MOMENT, (root, _axes(axis), bool(keepdims)), (floats(x),)
    )


def _running_without_nan(kernel: Any, number: int) -> Callable[..., Any]:
    running = accumulation(kernel, _flat)

    def function(x, axis=None, dtype=None):  # type: ignore[no-untyped-def]
        given = tensor(x)
        if given.aval.dtype.is_floating:
            given = _instead_of_nan(given, number)
        return running(given, axis, dtype)

    return function


def _differences(a: Any, n: int, axis: int) -> Any:
    given = tensor(a)
    place = axis % given.aval.ndim
    for _ in range(n):
        later, earlier = (given[(slice(None),) * place + (part,)] for part in (slice(1, None), slice(None, -1)))
        given = not_equal(later, earlier) if given.aval.dtype.is_bool else later - earlier
    return given


def _trapezoid(y: Any, x: Any, dx: Any, axis: int) -> Any:
    given = floats(y)
    if x is None:
        return record(rows.TRAPEZOID_EVEN, (axis,), (given, tensor(dx, given.aval.dtype)))
    heights, places = common((given, x), float)
    return record(rows.TRAPEZOID, (axis,), (heights, places))


def _correlated(x1: Any, x2: Any, mode: str) -> Any:
    first, second = common((x1, x2))
    if not first.aval.dtype.is_floating:
        first, second = (cast(each, floatx()) for each in (first, second))
    return record(rows.CORRELATE, (mode,), (first, second))


def _nonzero(x: Any, axis: Any) -> Any:
    return cast(kernels.count_nonzero(tensor(x), axis), "int32")


def _moments(x: Any, axes: Any, keepdims: bool, synchronized: bool) -> Any:
    from functape._api._nn import moments

    if synchronized:
        raise NotImplementedError(
            "Argument synchronized=True is not supported: compute the moments under jax.shard_map with jax.lax.pmean."
        )
    given = tensor(x)
    made = moments(cast(given, "float32") if given.aval.dtype.name == "float16" else given, axes, keepdims=keepdims)
    return tuple(cast(each, given.aval.dtype) for each in made)


_argmax, _argmin = _place(kernels.argmax), _place(kernels.argmin)
_sum = reduction(kernels.reduce_sum, counting)

_REDUCTIONS: Rows = {
    "all": ("Whether all elements are true", reduction(kernels.reduce_all, _truths)),
    "any": ("Whether any element is true", reduction(kernels.reduce_any, _truths)),
    "sum": ("The sum of elements", _sum),
    "mean": ("The mean of elements", reduction(kernels.reduce_mean, floats)),
    "std": ("The standard deviation", reduction(kernels.reduce_std, floats)),
    "var": ("The variance", reduction(kernels.reduce_variance, floats)),
    "prod": (
        "The product of elements",
        lambda x, axis=None, keepdims=False, dtype=None: _product(x, axis, keepdims, dtype),
    ),
    "max": ("The largest of elements", _max),
    "min": ("The smallest of elements", _min),
    "amax": ("The largest of elements", lambda x, axis=None, keepdims=False: _max(x, axis, keepdims)),
    "amin": ("The smallest of elements", lambda x, axis=None, keepdims=False: _min(x, axis, keepdims)),
    "ptp": (
        "The largest less the smallest of elements",
        lambda x, axis=None, keepdims=False: _max(x, axis, keepdims) - _min(x, axis, keepdims),
    ),
    "argmax": ("The place of the largest element", _argmax),
    "argmin": ("The place of the smallest element", _argmin),
    "logsumexp": ("The logarithm of the sum of exponentials", reduction(kernels.reduce_logsumexp)),
    "count_nonzero": ("How many elements are not 0", lambda x, axis=None: _nonzero(x, axis)),
    "average": ("The weighted mean", lambda x, axis=None, weights=None: _average(x, axis, weights)),
    "moments": (
        "The mean and the variance over axes",
        lambda x, axes, keepdims=False, synchronized=False: _moments(x, axes, keepdims, synchronized),
    ),
    "allclose": (
        "Whether all elements are as good as equal",
        lambda x1, x2, rtol=1e-05, atol=1e-08, equal_nan=False: kernels.reduce_all(
            elementwise["isclose"](x1, x2, rtol, atol, equal_nan)
        ),
    ),
}

_WITHOUT_NAN: Rows = {
    "nansum": ("The sum of the elements that are numbers", _skipping(kernels.reduce_sum, 0)),
    "nanprod": ("The product of the elements that are numbers", _skipping(kernels.reduce_prod, 1)),
    "nanmean": ("The mean of the elements that are numbers", reduction(_mean_without_nan, floats)),
    "nanstd": ("The standard deviation of the elements that are numbers", _moment_without_nan(True)),
    "nanvar": ("The variance of the elements that are numbers", _moment_without_nan(False)),
    "nanmax": ("The largest of the elements that are numbers", _of_numbers(rows.NAN_EXTREME, True, _max)),
    "nanmin": ("The smallest of the elements that are numbers", _of_numbers(rows.NAN_EXTREME, False, _min)),
    "nanargmax": ("The place of the largest number, -1 if there is none", _of_numbers(rows.NAN_PLACE, True, _argmax)),
    "nanargmin": ("The place of the smallest number, -1 if there is none", _of_numbers(rows.NAN_PLACE, False, _argmin)),
    "nancumsum": ("The sums up to each element, NaN counting as 0", _running_without_nan(cumulative.cumsum, 0)),
    "nancumprod": ("The products up to each element, NaN counting as 1", _running_without_nan(cumulative.cumprod, 1)),
    "nanmedian": ("The median of the elements that are numbers", _median(True)),
    "nanquantile": ("Quantiles of the elements that are numbers", _quantile(1, True)),
    "nanpercentile": ("Percentiles of the elements that are numbers", _quantile(100, True)),
}

_ALONG: Rows = {
    "median": ("The median", _median(False)),
    "quantile": ("Quantiles", _quantile(1, False)),
    "percentile": ("Percentiles", _quantile(100, False)),
    "cumsum": ("The sums up to each element", accumulation(cumulative.cumsum, _flat)),
    "cumprod": ("The products up to each element", accumulation(cumulative.cumprod, _flat)),
    "diff": ("The differences of neighbours, taken `n` times", lambda a, n=1, axis=-1: _differences(a, n, axis)),
    "trapezoid": (
        "The integral by trapezoids",
        lambda y, x=None, dx=1.0, axis=-1: _trapezoid(y, x, dx, axis),
    ),
    "corrcoef": ("The correlation coefficients of rows", lambda x: record(rows.CORRCOEF, (), (wide_floats(x),))),
    "correlate": ("The correlation of two vectors", lambda x1, x2, mode="valid": _correlated(x1, x2, mode)),
}

FUNCTIONS = described(_REDUCTIONS | _WITHOUT_NAN | _ALONG)
