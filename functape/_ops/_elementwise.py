"""Rows of the elementwise ops, with TensorFlow's derivatives where they are not JAX's."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._derivatives import selecting, with_partials
from functape._ops._operators import as_floating, check_divide

floating_pair = checks.every(checks.elementwise, checks.floating)
real_floating_pair = checks.every(checks.elementwise, checks.real_floating)
real_pair = checks.every(checks.elementwise, checks.real)
double_or_single = checks.dtypes(lambda dtype: dtype.name in ("float32", "float64"), "float32 and float64")
double_or_single_pair = checks.every(checks.elementwise, double_or_single)
difference_pair = checks.every(
    checks.elementwise,
    checks.dtypes(
        lambda dtype: dtype.is_numeric and not dtype.is_unsigned and dtype.name not in ("int8", "int16"),
        "floating, complex, int32 and int64",
    ),
)
bool_pair = checks.every(checks.elementwise, checks.boolean)


def _special(name: str) -> Any:
    """A function of `jax.scipy.special`, which takes long to import and is seldom needed."""

    def function(x: Any) -> Any:
        from jax.scipy import special

        return getattr(special, name)(x)

    return function


def _check_complex(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    checks.broadcastable(name, avals)
    real, imag = (each.dtype for each in avals)
    if real is not imag or real.name not in ("float32", "float64"):
        raise TypeError(
            f"Types of real and imag must both be float32 or both float64 [Op:{name}]. "
            f"Received: real of {real.name}, imag of {imag.name}. Cast one of them."
        )


def _zero(x: Any) -> Any:
    return jnp.zeros((), x.dtype)


def _safe_quotient(x: Any, y: Any) -> Any:
    """`x / y`, and 0 where `y` is 0."""
    empty = y == 0
    return jnp.where(empty, _zero(y), x / jnp.where(empty, jnp.ones((), y.dtype), y))


def _safe_product(x: Any, y: Any) -> Any:
    """`x * y`, and 0 where `y` is 0."""
    return jnp.where(y == 0, _zero(y), x * y)


def _where_nonzero(x: Any, y: Any) -> Any:
    """`y`, and 0 where `x` is 0."""
    return jnp.where(x == 0, _zero(y), y)


def _is_nonzero(x: Any) -> Any:
    """1 where `x` is not 0, and 0 elsewhere."""
    return (x != 0).astype(x.dtype)


_divide_no_nan = with_partials(
    _safe_quotient,
    lambda output, x, y: _safe_quotient(jnp.ones((), y.dtype), y),
    lambda output, x, y: _safe_quotient(_safe_quotient(-x, y), y),
)
_multiply_no_nan = with_partials(
    _safe_product,
    lambda output, x, y: y,
    lambda output, x, y: x,
)
_xlogy: Any = with_partials(
    lambda x, y: _where_nonzero(x, x * jnp.log(y)),
    lambda output, x, y: _xlogy(_is_nonzero(x), y),
    lambda output, x, y: _xdivy(x, y),
)
_xdivy: Any = with_partials(
    lambda x, y: _where_nonzero(x, x / y),
    lambda output, x, y: _xdivy(_is_nonzero(x), y),
    lambda output, x, y: _xdivy(-x, y * y),
)
_xlog1py: Any = with_partials(
    lambda x, y: _where_nonzero(x, x * jnp.log1p(y)),
    lambda output, x, y: _xlog1py(_is_nonzero(x), y),
    lambda output, x, y: _xdivy(x, y + 1),
)
_softplus = with_partials(
    lambda x: jnp.logaddexp(x, _zero(x)),
    lambda output, x: lax.logistic(x),
)
maximum = selecting(jnp.maximum, lambda x, y: x >= y)
minimum = selecting(jnp.minimum, lambda x, y: x <= y)


_rsqrt = with_partials(lax.rsqrt, lambda output, x: output * output * output * np.asarray(-0.5, x.dtype))
# JAX takes another branch of the square root for complex numbers of negative real part.
_acosh = with_partials(lax.acosh, lambda output, x: 1 / jnp.sinh(output))
_atanh = with_partials(lax.atanh, lambda output, x: 1 / (1 - x * x))
_ndtri = with_partials(
    _special("ndtri"), lambda output, x: jnp.exp(output * output / 2) * np.asarray(math.sqrt(2 * math.pi), x.dtype)
)
_bessel_i0: Any = with_partials(_special("i0"), lambda output, x: _bessel_i1(x))
_bessel_i0e: Any = with_partials(_special("i0e"), lambda output, x: _bessel_i1e(x) - jnp.sign(x) * output)
_bessel_i1: Any = with_partials(
    _special("i1"), lambda output, x: _near_zero(x, lambda x: _bessel_i0(x) - _bessel_i1(x) / x)
)
_bessel_i1e: Any = with_partials(
    _special("i1e"),
    lambda output, x: _near_zero(x, lambda x: _bessel_i0e(x) - _bessel_i1e(x) * (jnp.sign(x) + 1 / x)),
)
_zeta: Any = with_partials(lax.zeta, None, lambda output, x, q: -x * _zeta(x + 1, q))
_polygamma: Any = with_partials(lax.polygamma, None, lambda output, a, x: _polygamma(a + 1, x))
_nextafter = with_partials(
    jnp.nextafter, lambda output, x, y: jnp.ones((), x.dtype), lambda output, x, y: jnp.zeros((), x.dtype)
)


def _near_zero(x: Any, slope: Any) -> Any:
    """The slope of an odd Bessel function, which is one half at 0."""
    away = jnp.where(x == 0, jnp.ones((), x.dtype), x)
    return jnp.where(x == 0, jnp.asarray(0.5, x.dtype), slope(away))


def _clip(t: Any, clip_value_min: Any, clip_value_max: Any) -> Any:
    return maximum(minimum(t, clip_value_max), clip_value_min)


def _angle(x: Any) -> Any:
    if jnp.issubdtype(x.dtype, jnp.complexfloating):
        return jnp.arctan2(jnp.imag(x), jnp.real(x))
    return jnp.where(x < 0, jnp.asarray(math.pi, x.dtype), _zero(x))


def _polyval(x: Any, *coefficients: Any) -> Any:
    result = coefficients[0]
    for each in coefficients[1:]:
        result = each + result * x
    return result


def _sum_of(*values: Any) -> Any:
    total = values[0]
    for each in values[1:]:
        total = total + each
    return total


def _check_sum_of(name: str, avals: tuple[Aval, ...]) -> None:
    checks.same_dtype(name, avals)
    checks.numeric(name, avals)
    for position, each in enumerate(avals):
        if each.shape != avals[0].shape:
            raise checks.InvalidArgumentError(
                message=f"Inputs to operation {name} must have the same size and shape. Input 0: "
                f"{list(avals[0].shape)} != input {position}: {list(each.shape)} [Op:{name}]. Use + where shapes "
                f"should broadcast."
            )


def _unary(name: str, function: Any, check: Any = checks.floating, differentiable: bool = True, **others: Any) -> Op:
    return Op(name, function, check=check, differentiable=differentiable, **others)


SQRT = _unary("Sqrt", lax.sqrt, absorbs_zero=True)
RSQRT = _unary("Rsqrt", _rsqrt, absorbs_zero=True)
EXP = _unary("Exp", lax.exp)
EXPM1 = _unary("Expm1", lax.expm1)
LOG = _unary("Log", lax.log)
LOG1P = _unary("Log1p", lax.log1p)
SIN = _unary("Sin", lax.sin)
COS = _unary("Cos", lax.cos)
TAN = _unary("Tan", lax.tan)
ASIN = _unary("Asin", lax.asin)
ACOS = _unary("Acos", lax.acos)
ATAN = _unary("Atan", lax.atan)
SINH = _unary("Sinh", lax.sinh)
COSH = _unary("Cosh", lax.cosh)
TANH = _unary("Tanh", lax.tanh)
ASINH = _unary("Asinh", lax.asinh)
ACOSH = _unary("Acosh", _acosh)
ATANH = _unary("Atanh", _atanh)
SIGMOID = _unary("Sigmoid", lax.logistic)
SOFTPLUS = _unary("Softplus", _softplus, checks.real_floating)
LOG_SIGMOID = _unary("LogSigmoid", lambda x: -_softplus(-x), checks.real_floating)
ERF = _unary("Erf", lax.erf, checks.real_floating)
ERFC = _unary("Erfc", lax.erfc, checks.real_floating)
ERFINV = _unary("Erfinv", lax.erf_inv, checks.real_floating)
NDTRI = _unary("Ndtri", _ndtri, checks.real_floating)
ERFCINV = _unary("Erfcinv", lambda x: -_ndtri(x / 2) * jnp.asarray(math.sqrt(0.5), x.dtype), checks.real_floating)
LGAMMA = _unary("Lgamma", lax.lgamma, checks.real_floating)
DIGAMMA = _unary("Digamma", lax.digamma, checks.real_floating)
BESSEL_I0 = _unary("BesselI0", _bessel_i0, checks.real_floating)
BESSEL_I0E = _unary("BesselI0e", _bessel_i0e, checks.real_floating)
BESSEL_I1 = _unary("BesselI1", _bessel_i1, checks.real_floating)
BESSEL_I1E = _unary("BesselI1e", _bessel_i1e, checks.real_floating)
SIGN = _unary("Sign", jnp.sign, checks.signed)
RECIPROCAL = _unary("Reciprocal", lambda x: 1 / x, absorbs_zero=True)
RECIPROCAL_NO_NAN = _unary("ReciprocalNoNan", lambda x: _divide_no_nan(jnp.ones((), x.dtype), x))
ROUND = _unary("Round", jnp.round, checks.real, differentiable=False)
FLOOR = _unary("Floor", lax.floor, checks.real_floating, differentiable=False)
CEIL = _unary("Ceil", lax.ceil, checks.real_floating, differentiable=False)
RINT = _unary("Rint", jnp.rint, checks.real_floating, differentiable=False)
IS_NAN = _unary("IsNan", jnp.isnan, checks.real_floating, differentiable=False)
IS_INF = _unary("IsInf", jnp.isinf, checks.real_floating, differentiable=False)
IS_FINITE = _unary("IsFinite", jnp.isfinite, checks.real_floating, differentiable=False)
REAL = _unary("Real", jnp.real, checks.numeric)
IMAG = _unary("Imag", jnp.imag, checks.numeric)
CONJ = _unary("Conj", jnp.conj, checks.numeric)
ANGLE = _unary("Angle", _angle)
IMAG_OF_REAL = _unary("ImagOfReal", jnp.zeros_like, checks.numeric, differentiable=False)
ANGLE_OF_REAL = _unary("AngleOfReal", _angle, checks.real_floating, differentiable=False)
IS_NON_DECREASING = _unary("IsNonDecreasing", lambda x: jnp.all(_neighbours(x, jnp.less_equal)), checks.real, False)
IS_STRICTLY_INCREASING = _unary("IsStrictlyIncreasing", lambda x: jnp.all(_neighbours(x, jnp.less)), checks.real, False)

ATAN2 = Op("Atan2", lax.atan2, check=real_floating_pair)
MAXIMUM = Op("Maximum", maximum, check=real_pair)
MINIMUM = Op("Minimum", minimum, check=real_pair)
SQUARED_DIFFERENCE = Op("SquaredDifference", lambda x, y: _squared_size(x - y), check=difference_pair)
DIVIDE_NO_NAN = Op("DivNoNan", lambda x, y: _divide_no_nan(*as_floating(x, y)), check=check_divide)
MULTIPLY_NO_NAN = Op("MulNoNan", _multiply_no_nan, check=floating_pair)
XLOGY = Op("Xlogy", _xlogy, check=floating_pair)
XDIVY = Op("Xdivy", _xdivy, check=floating_pair)
XLOG1PY = Op("Xlog1py", _xlog1py, check=floating_pair)
NEXTAFTER = Op("NextAfter", _nextafter, check=double_or_single_pair)
IGAMMA = Op("Igamma", lax.igamma, check=real_floating_pair)
IGAMMAC = Op("Igammac", lax.igammac, check=real_floating_pair)
ZETA = Op("Zeta", _zeta, check=double_or_single_pair, unconnected=(0,))
POLYGAMMA = Op("Polygamma", _polygamma, check=double_or_single_pair, unconnected=(0,))
BETAINC = Op("Betainc", lax.betainc, check=double_or_single_pair, unconnected=(0, 1))
COMPLEX = Op("Complex", lambda x, y: lax.complex(*jnp.broadcast_arrays(x, y)), check=_check_complex)
CLIP = Op("ClipByValue", _clip, check=real_pair)
"""`(t, clip_value_min, clip_value_max)`"""
POLYVAL = Op("Polyval", _polyval, check=checks.every(checks.elementwise, checks.numeric))
"""`(x, *coefficients)`, the highest power first."""
ADD_N = Op("AddN", _sum_of, check=_check_sum_of)


def _neighbours(x: Any, compare: Any) -> Any:
    flat = x.reshape(-1)
    return compare(flat[:-1], flat[1:])


def _squared_size(x: Any) -> Any:
    return x * jnp.conj(x)
