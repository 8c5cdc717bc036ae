"""Arithmetic, comparison and logic, element by element."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from functape._api import _clipping as clipping
from functape._api import _elementwise as kernels
from functape._api._choosing import where as choose
from functape._api._creation import ones_like, zeros_like
from functape._core._cast import cast
from functape._engine._recorder import record
from functape._ops import _array_functions as rows
from functape._ops import _operators as operators
from functape._ops._integers import GCD, LCM
from functape.bitwise import left_shift, right_shift
from functape.keras._configuration import floatx
from functape.keras.ops._table import (
    BOTH,
    Rows,
    binary,
    binary_of_floats,
    bitwise,
    described,
    logical,
    negated,
    of_floats,
    unary,
)
from functape.keras.ops._types import common, floats, is_inexact, result, tensor, wide_floats


def _row(op: Any) -> Any:
    return lambda *tensors: record(op, (), tensors)


def _same(x: Any) -> Any:
    return kernels.real(x) if not x.aval.dtype.is_bool else x


def _ordered(compare: Any) -> Any:
    """A comparison in which bools count as 0 and 1."""
    return binary(compare, "int32")


def _cube_root(x: Any) -> Any:
    root = kernels.pow(kernels.abs(x), 1 / 3)
    return choose(kernels.less(x, zeros_like(x)), -root, root)


def _sinc(x: Any) -> Any:
    zero = kernels.equal(x, zeros_like(x))
    scaled = choose(zero, ones_like(x), x) * math.pi
    return choose(zero, ones_like(x), kernels.sin(scaled) / scaled)


def _truncated(x: Any) -> Any:
    if not x.aval.dtype.is_floating:
        return x
    return choose(kernels.less(x, zeros_like(x)), kernels.ceil(x), kernels.floor(x))


def _angle(x: Any) -> Any:
    if x.aval.dtype.is_complex:
        return kernels.angle(x)
    flipped = choose(kernels.less(x, zeros_like(x)), zeros_like(x) + math.pi, zeros_like(x))
    return choose(kernels.is_nan(x), x, flipped)


def _imaginary(x: Any) -> Any:
    return kernels.imag(x) if x.aval.dtype.is_complex else zeros_like(x)


def _is_real(x: Any) -> Any:
    return kernels.equal(_imaginary(x), zeros_like(_imaginary(x)))


def _signed_zero(x: Any) -> Any:
    """Whether the sign is minus, also that of a zero."""
    if not x.aval.dtype.is_floating:
        return kernels.less(x, zeros_like(x)) if not x.aval.dtype.is_bool else zeros_like(x)
    below_one_over = kernels.less(kernels.reciprocal(x), zeros_like(x))
    return choose(kernels.equal(x, zeros_like(x)), below_one_over, kernels.less(x, zeros_like(x)))


def _only_of_floats(kernel: Any) -> Any:
    """A test of elements which those of no floating dtype do not pass."""
    return lambda x: kernel(x) if is_inexact(x.aval.dtype) else cast(zeros_like(x), "bool")


def _infinite(sign: int) -> Any:
    return _only_of_floats(lambda x: kernels.equal(x, zeros_like(x) + sign * math.inf))


def _heaviside(x1: Any, x2: Any) -> Any:
    dtype = result(tensor(x1).aval.dtype, tensor(x2).aval.dtype)
    if dtype.is_integer and dtype.name != "uint64":
        dtype = result("float64" if dtype.name == "int64" else floatx())
    first, second = tensor(x1, dtype), tensor(x2, dtype)
    zero = zeros_like(first)
    above = choose(kernels.greater(first, zero), ones_like(first), second)
    return choose(kernels.less(first, zero), zero, above)


def _hypotenuse(x1: Any, x2: Any) -> Any:
    given = common((tensor(x1), tensor(x2)))
    first, second = (kernels.abs(wide_floats(each)) for each in given)
    larger, smaller = kernels.maximum(first, second), kernels.minimum(first, second)
    ratio = kernels.divide_no_nan(smaller, larger)
    return larger * kernels.sqrt(ratio * ratio + 1.0)


def _log_of_sum(base: float) -> Any:
    """The logarithm, to a base, of the sum of powers of it."""
    scale = math.log(base)

    def kernel(x1: Any, x2: Any) -> Any:
        delta = x1 - x2
        rest = kernels.log1p(kernels.exp(-kernels.abs(delta) * scale)) / scale
        # The difference is NaN for infinities of the same sign.
        return choose(kernels.is_nan(delta), x1 + x2, kernels.maximum(x1, x2) + rest)

    return kernel


def _following(x1: Any, x2: Any) -> Any:
    first, second = common((x1, x2), float)
    dtype = first.aval.dtype
    wide = dtype if dtype.size >= 4 else "float32"
    return cast(kernels.nextafter(cast(first, wide), cast(second, wide)), dtype)


def _unsigned_kept(kernel: Any, instead: Any) -> Any:
    """A function of signed numbers, and what it is of unsigned ones."""
    return lambda x: instead(x) if x.aval.dtype.is_unsigned else kernel(x)


def _skipping_nan(kernel: Any) -> Any:
    """The larger or smaller of two elements, or the one that is a number."""

    def function(x1: Any, x2: Any) -> Any:
        if not x1.aval.dtype.is_floating:
            return kernel(x1, x2)
        return choose(kernels.is_nan(x1), x2, choose(kernels.is_nan(x2), x1, kernel(x1, x2)))

    return function


def _remainder(x1: Any, x2: Any) -> Any:
    """What division leaves, with the sign of the dividend."""
    if x1.aval.dtype.is_unsigned:
        return kernels.floormod(x1, x2)
    rest = kernels.floormod(kernels.abs(x1), kernels.abs(x2))
    return choose(kernels.less(x1, zeros_like(x1)), -rest, rest)


def _rounded(x: Any, decimals: int) -> Any:
    given = tensor(x)
    dtype = given.aval.dtype
    if dtype.is_bool or (dtype.is_integer and decimals >= 0):
        return given
    working = given if is_inexact(dtype) else cast(given, floatx())
    if not decimals:
        return kernels.round(working)
    factor = math.pow(10, decimals)
    return cast(kernels.round(working * factor) / factor, dtype)


def _clipped(x: Any, low: Any, high: Any) -> Any:
    given = tensor(x)
    if given.aval.dtype.is_bool:
        given = cast(given, "int32")
    return clipping.clip_by_value(given, tensor(low, given.aval.dtype), tensor(high, given.aval.dtype))


def _close(x1: Any, x2: Any, rtol: float, atol: float, equal_nan: bool) -> Any:
    first, second = common((x1, x2))
    if not is_inexact(first.aval.dtype):
        return kernels.equal(first, second)
    near = kernels.less_equal(kernels.abs(first - second), atol + rtol * kernels.abs(second))
    near = kernels.logical_or(near, kernels.equal(first, second))
    if not equal_nan:
        return near
    return kernels.logical_or(near, kernels.logical_and(kernels.is_nan(first), kernels.is_nan(second)))


def _numbers_for_nan(x: Any, nan: Any, posinf: Any, neginf: Any) -> Any:
    given = tensor(x)
    if not given.aval.dtype.is_floating:
        return given
    limits = np.finfo(given.aval.dtype.as_numpy_dtype) if given.aval.dtype.name != "bfloat16" else None
    largest = float(limits.max) if limits is not None else 3.3895313892515355e38
    made = choose(kernels.is_nan(given), zeros_like(given) + nan, given)
    for sign, instead in ((1, largest if posinf is None else posinf), (-1, -largest if neginf is None else neginf)):
        made = choose(kernels.equal(made, zeros_like(given) + sign * math.inf), zeros_like(given) + instead, made)
    return made


def _scaled_power(x1: Any, x2: Any) -> Any:
    first = floats(x1)
    exponents = tensor(x2)
    if not exponents.aval.dtype.is_integer:
        raise TypeError(f"ldexp exponent must be an integer type. Received: x2 dtype={exponents.aval.dtype.name}")
    return first * kernels.pow(tensor(2, first.aval.dtype), cast(exponents, first.aval.dtype))


def _from_polar(length: Any, angle: Any) -> Any:
    return kernels.complex(length * kernels.cos(angle), length * kernels.sin(angle))


_ONE: Rows = {
    **{
        name: (f"The {purpose}", of_floats(kernel))
        for name, purpose, kernel in (
            ("arccos", "inverse cosine", kernels.acos),
            ("arccosh", "inverse hyperbolic cosine", kernels.acosh),
            ("arcsin", "inverse sine", kernels.asin),
            ("arcsinh", "inverse hyperbolic sine", kernels.asinh),
            ("arctan", "inverse tangent", kernels.atan),
            ("arctanh", "inverse hyperbolic tangent", kernels.atanh),
            ("angle", "angle of a complex number", _angle),
            ("ceil", "smallest integer not below `x`", kernels.ceil),
            ("cos", "cosine", kernels.cos),
            ("cosh", "hyperbolic cosine", kernels.cosh),
            ("erf", "error function", kernels.erf),
            ("erfc", "complement of the error function", kernels.erfc),
            ("erfinv", "inverse of the error function", kernels.erfinv),
            ("exp", "exponential", kernels.exp),
            ("exp2", "power of 2", lambda x: kernels.pow(tensor(2, x.aval.dtype), x)),
            ("expm1", "exponential less 1", kernels.expm1),
            ("floor", "largest integer not above `x`", kernels.floor),
            ("log", "natural logarithm", kernels.log),
            ("log10", "logarithm to base 10", lambda x: kernels.log(x) / math.log(10)),
            ("log1p", "natural logarithm of `1 + x`", kernels.log1p),
            ("log2", "logarithm to base 2", lambda x: kernels.log(x) / math.log(2)),
            ("rsqrt", "reciprocal of the square root", kernels.rsqrt),
            ("sin", "sine", kernels.sin),
            ("sinc", "normalized sinc function", _sinc),
            ("sinh", "hyperbolic sine", kernels.sinh),
            ("sqrt", "square root", kernels.sqrt),
            ("tan", "tangent", kernels.tan),
            ("tanh", "hyperbolic tangent", kernels.tanh),
        )
    },
    "cbrt": ("The cube root", of_floats(_cube_root, wide_floats)),
    "deg2rad": ("Degrees in radians", of_floats(lambda x: x * (math.pi / 180), wide_floats)),
    "rad2deg": ("Radians in degrees", of_floats(lambda x: x * (180 / math.pi), wide_floats)),
    "i0": ("The modified Bessel function of order 0", of_floats(_row(rows.I0), wide_floats)),
    "abs": ("The absolute value", unary(_unsigned_kept(kernels.abs, lambda x: x), lambda x: x)),
    "absolute": ("The absolute value", unary(_unsigned_kept(kernels.abs, lambda x: x), lambda x: x)),
    "fabs": ("The absolute value, as a float", of_floats(kernels.abs)),
    "bitwise_invert": ("Each bit inverted", unary(_row(operators.INVERT), kernels.logical_not)),
    "bitwise_not": ("Each bit inverted", unary(_row(operators.INVERT), kernels.logical_not)),
    "conj": ("The complex conjugate", unary(kernels.conj, lambda x: x)),
    "conjugate": ("The complex conjugate", unary(kernels.conj, lambda x: x)),
    "imag": ("The imaginary part", unary(_imaginary)),
    "real": ("The real part", unary(_same)),
    "isreal": ("Whether there is no imaginary part", unary(_is_real)),
    "isnan": ("Whether an element is not a number", unary(_only_of_floats(kernels.is_nan))),
    "isinf": ("Whether an element is infinite", unary(_only_of_floats(kernels.is_inf))),
    "isneginf": ("Whether an element is negative infinity", unary(_infinite(-1))),
    "isposinf": ("Whether an element is positive infinity", unary(_infinite(1))),
    "isfinite": ("Whether an element is a finite number", unary(lambda x: kernels.is_finite(floats(x)))),
    "logical_not": ("Whether an element is false", lambda x: negated(x)),
    "negative": ("Zero less `x`", unary(kernels.negative)),
    "reciprocal": ("One over `x`", unary(kernels.reciprocal)),
    "sign": ("-1, 0 or 1", unary(_unsigned_kept(kernels.sign, lambda x: kernels.minimum(x, ones_like(x))))),
    "signbit": ("Whether the sign is minus", unary(_signed_zero)),
    "square": ("`x` times `x`", unary(kernels.square, "int32")),
    "trunc": ("The next integer towards 0", unary(_truncated)),
    "round": ("Rounded to so many decimals", lambda x, decimals=0: _rounded(x, decimals)),
    "clip": ("Elements moved into an interval", lambda x, x_min, x_max: _clipped(x, x_min, x_max)),
    "nan_to_num": (
        "Numbers in the place of NaN and infinities",
        lambda x, nan=0.0, posinf=None, neginf=None: _numbers_for_nan(x, nan, posinf, neginf),
    ),
}

_TWO: Rows = {
    "add": ("`x1 + x2`", binary(kernels.add, kernels.logical_or)),
    "subtract": ("`x1 - x2`", binary(kernels.subtract)),
    "multiply": ("`x1 * x2`", binary(kernels.multiply, kernels.logical_and)),
    "divide": ("`x1 / x2`", binary_of_floats(kernels.divide)),
    "true_divide": ("`x1 / x2`", binary_of_floats(kernels.divide)),
    "divide_no_nan": ("`x1 / x2`, and 0 where `x2` is 0", binary_of_floats(kernels.divide_no_nan)),
    "floor_divide": ("`x1 / x2` rounded down", binary(kernels.floordiv, "int32")),
    "mod": ("What `floor_divide` leaves", binary(kernels.floormod, "int32", BOTH)),
    "fmod": ("What division leaves, with the sign of `x1`", binary(_remainder, "int32", BOTH)),
    "power": ("`x1` to the power `x2`", binary(kernels.pow, "int32")),
    "maximum": ("The larger of the two", binary(kernels.maximum, kernels.logical_or)),
    "minimum": ("The smaller of the two", binary(kernels.minimum, kernels.logical_and)),
    "fmax": ("The larger of the two, NaN aside", binary(_skipping_nan(kernels.maximum), kernels.logical_or)),
    "fmin": ("The smaller of the two, NaN aside", binary(_skipping_nan(kernels.minimum), kernels.logical_and)),
    "arctan2": ("The angle of the point `(x2, x1)`", binary_of_floats(kernels.atan2, True)),
    "hypot": ("The length of the hypotenuse", lambda x1, x2: _hypotenuse(x1, x2)),
    "logaddexp": ("The logarithm of the sum of exponentials", binary_of_floats(_log_of_sum(math.e), True)),
    "logaddexp2": ("The logarithm to base 2 of the sum of powers of 2", binary_of_floats(_log_of_sum(2.0), True)),
    "nextafter": ("The next number after `x1` towards `x2`", lambda x1, x2: _following(x1, x2)),
    "heaviside": ("0 for negative `x1`, 1 for positive, `x2` for 0", lambda x1, x2: _heaviside(x1, x2)),
    "ldexp": ("`x1` times 2 to the power `x2`", lambda x1, x2: _scaled_power(x1, x2)),
    "gcd": ("The greatest common divisor", binary(_row(GCD), None, BOTH)),
    "lcm": ("The least common multiple", binary(_row(LCM), None, BOTH)),
    "equal": ("Whether `x1` is `x2`", binary(kernels.equal)),
    "not_equal": ("Whether `x1` is not `x2`", binary(kernels.not_equal)),
    "greater": ("Whether `x1` is above `x2`", _ordered(kernels.greater)),
    "greater_equal": ("Whether `x1` is not below `x2`", _ordered(kernels.greater_equal)),
    "less": ("Whether `x1` is below `x2`", _ordered(kernels.less)),
    "less_equal": ("Whether `x1` is not above `x2`", _ordered(kernels.less_equal)),
    "logical_and": ("Whether both are true", logical(kernels.logical_and)),
    "logical_or": ("Whether either is true", logical(kernels.logical_or)),
    "logical_xor": ("Whether one is true", logical(kernels.logical_xor)),
    "bitwise_and": ("The bits that both have", bitwise(_row(operators.BITWISE_AND), kernels.logical_and)),
    "bitwise_or": ("The bits that either has", bitwise(_row(operators.BITWISE_OR), kernels.logical_or)),
    "bitwise_xor": ("The bits that one has", bitwise(_row(operators.BITWISE_XOR), kernels.logical_xor)),
    "bitwise_left_shift": ("Bits moved up", bitwise(left_shift, "int32", (0,))),
    "left_shift": ("Bits moved up", bitwise(left_shift, "int32", (0,))),
    "bitwise_right_shift": ("Bits moved down", bitwise(right_shift, "int32", (0,))),
    "right_shift": ("Bits moved down", bitwise(right_shift, "int32", (0,))),
    "isclose": (
        "Whether elements are as good as equal",
        lambda x1, x2, rtol=1e-05, atol=1e-08, equal_nan=False: _close(x1, x2, rtol, atol, equal_nan),
    ),
    "polar": (
        "The complex number of a length and an angle",
        lambda abs_, angle: _from_polar(*common((abs_, angle), float)),
    ),
}

FUNCTIONS = described(_ONE | _TWO)
