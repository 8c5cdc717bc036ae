"""The elementwise functions of `tf.math`."""

from __future__ import annotations

from typing import Any

from functape._api._functions import binary, unary
from functape._core._convert import convert
from functape._engine._recorder import record
from functape._ops import _elementwise as rows
from functape._ops import _operators as operators


def _one(row: Any, name: str, purpose: str, argument: str, result: str, parameter: str = "x") -> Any:
    return unary(row, name, purpose, _example(name, argument, result), parameter)


def _two(
    row: Any, name: str, purpose: str, arguments: str, result: str, parameters: tuple[str, str] = ("x", "y")
) -> Any:
    return binary(row, name, purpose, _example(name, arguments, result), parameters)


def _example(name: str, arguments: str, result: str) -> str:
    """A doctest; a result that does not look like an array is one number, to be rounded."""
    if result.startswith("[") or result in ("True", "False"):
        return f"print(tf.math.{name}({arguments}).numpy())\n{result}"
    return f"print(round(float(tf.math.{name}({arguments})), 4))\n{result}"


# Powers, exponentials and logarithms
square = _one(operators.SQUARE, "square", "`x` times `x`", "[1.0, -3.0]", "[1. 9.]")
sqrt = _one(rows.SQRT, "sqrt", "The square root", "[1.0, 9.0]", "[1. 3.]")
rsqrt = _one(rows.RSQRT, "rsqrt", "One over the square root", "[1.0, 4.0]", "[1.  0.5]")
exp = _one(rows.EXP, "exp", "e to the power `x`", "[0.0]", "[1.]")
expm1 = _one(rows.EXPM1, "expm1", "e to the power `x`, less 1, exact near 0", "0.5", "0.6487")
log = _one(rows.LOG, "log", "The natural logarithm", "[1.0, 0.0]", "[  0. -inf]")
log1p = _one(rows.LOG1P, "log1p", "The natural logarithm of `1 + x`, exact near 0", "0.5", "0.4055")
reciprocal = _one(rows.RECIPROCAL, "reciprocal", "One over `x`", "[2.0, 4.0]", "[0.5  0.25]")
reciprocal_no_nan = _one(
    rows.RECIPROCAL_NO_NAN, "reciprocal_no_nan", "One over `x`, and 0 where `x` is 0", "[2.0, 0.0]", "[0.5 0. ]"
)

# Circular and hyperbolic functions
sin = _one(rows.SIN, "sin", "The sine of an angle in radians", "[0.0]", "[0.]")
cos = _one(rows.COS, "cos", "The cosine of an angle in radians", "[0.0]", "[1.]")
tan = _one(rows.TAN, "tan", "The tangent of an angle in radians", "[0.0]", "[0.]")
asin = _one(rows.ASIN, "asin", "The angle in radians whose sine is `x`", "[0.0]", "[0.]")
acos = _one(rows.ACOS, "acos", "The angle in radians whose cosine is `x`", "[1.0]", "[0.]")
atan = _one(rows.ATAN, "atan", "The angle in radians whose tangent is `x`", "[0.0]", "[0.]")
sinh = _one(rows.SINH, "sinh", "The hyperbolic sine", "[0.0]", "[0.]")
cosh = _one(rows.COSH, "cosh", "The hyperbolic cosine", "[0.0]", "[1.]")
tanh = _one(rows.TANH, "tanh", "The hyperbolic tangent", "[0.0, 100.0]", "[0. 1.]")
asinh = _one(rows.ASINH, "asinh", "The inverse hyperbolic sine", "[0.0]", "[0.]")
acosh = _one(rows.ACOSH, "acosh", "The inverse hyperbolic cosine", "[1.0]", "[0.]")
atanh = _one(rows.ATANH, "atanh", "The inverse hyperbolic tangent", "[0.0]", "[0.]")
atan2 = _two(rows.ATAN2, "atan2", "The angle in radians of the point `(x, y)`", "[0.0], [1.0]", "[0.]", ("y", "x"))

# Special functions
sigmoid = _one(rows.SIGMOID, "sigmoid", "One over `1 + exp(-x)`", "[0.0]", "[0.5]")
log_sigmoid = _one(rows.LOG_SIGMOID, "log_sigmoid", "The logarithm of the sigmoid", "[-100.0]", "[-100.]")
softplus = _one(rows.SOFTPLUS, "softplus", "The logarithm of `1 + exp(features)`", "[100.0]", "[100.]", "features")
erf = _one(rows.ERF, "erf", "The Gauss error function", "[0.0, 10.0]", "[0. 1.]")
erfc = _one(rows.ERFC, "erfc", "One less the Gauss error function", "[0.0]", "[1.]")
erfinv = _one(rows.ERFINV, "erfinv", "The inverse of the Gauss error function", "[0.0, 1.0]", "[ 0. inf]")
erfcinv = _one(rows.ERFCINV, "erfcinv", "The inverse of `erfc`", "[0.0]", "[inf]")
ndtri = _one(rows.NDTRI, "ndtri", "The quantile of the standard normal distribution", "[0.5]", "[0.]")
lgamma = _one(rows.LGAMMA, "lgamma", "The logarithm of the size of the gamma function", "0.5", "0.5724")
digamma = _one(rows.DIGAMMA, "digamma", "The derivative of `lgamma`", "1.0", "-0.5772")
bessel_i0 = _one(rows.BESSEL_I0, "bessel_i0", "The modified Bessel function of order 0", "0.5", "1.0635")
bessel_i0e = _one(rows.BESSEL_I0E, "bessel_i0e", "`bessel_i0` times `exp(-abs(x))`", "0.5", "0.645")
bessel_i1 = _one(rows.BESSEL_I1, "bessel_i1", "The modified Bessel function of order 1", "[0.0]", "[0.]")
bessel_i1e = _one(rows.BESSEL_I1E, "bessel_i1e", "`bessel_i1` times `exp(-abs(x))`", "[0.0]", "[0.]")
igamma = _two(
    rows.IGAMMA, "igamma", "The regularized lower incomplete gamma function", "[1.0], [0.0]", "[0.]", ("a", "x")
)
igammac = _two(
    rows.IGAMMAC, "igammac", "The regularized upper incomplete gamma function", "[1.0], [0.0]", "[1.]", ("a", "x")
)
zeta = _two(rows.ZETA, "zeta", "The Hurwitz zeta function", "2.0, 1.0", "1.6449", ("x", "q"))
polygamma = _two(rows.POLYGAMMA, "polygamma", "Derivative number `a` of `digamma`", "1.0, 1.0", "1.6449", ("a", "x"))

# Sign and rounding
abs = _one(operators.ABSOLUTE, "abs", "The absolute value, or the size of a complex number", "[-1.5, 2.0]", "[1.5 2. ]")
negative = _one(operators.NEGATIVE, "negative", "Zero less `x`", "[1, -2]", "[-1  2]")
sign = _one(rows.SIGN, "sign", "-1, 0 or 1; for a complex number its direction", "[-2.5, 0.0]", "[-1.  0.]")
round = _one(rows.ROUND, "round", "The nearest integer, halves to the even one", "[0.5, 1.5, 2.4]", "[0. 2. 2.]")
floor = _one(rows.FLOOR, "floor", "The largest integer not above `x`", "[1.5, -1.5]", "[ 1. -2.]")
ceil = _one(rows.CEIL, "ceil", "The smallest integer not below `x`", "[1.5, -1.5]", "[ 2. -1.]")
rint = _one(rows.RINT, "rint", "The nearest integer, halves to the even one", "[0.5, 1.5]", "[0. 2.]")
is_nan = _one(rows.IS_NAN, "is_nan", "Whether an element is not a number", "[float('nan'), 1.0]", "[ True False]")
is_inf = _one(rows.IS_INF, "is_inf", "Whether an element is infinite", "[float('inf'), 1.0]", "[ True False]")
is_finite = _one(
    rows.IS_FINITE,
    "is_finite",
    "Whether an element is neither infinite nor NaN",
    "[float('inf'), 1.0]",
    "[False  True]",
)
is_non_decreasing = _one(
    rows.IS_NON_DECREASING, "is_non_decreasing", "Whether no element is below the one before it", "[1, 1, 2]", "True"
)
is_strictly_increasing = _one(
    rows.IS_STRICTLY_INCREASING,
    "is_strictly_increasing",
    "Whether each element is above the one before it",
    "[1, 1, 2]",
    "False",
)

# Complex numbers
real = _one(rows.REAL, "real", "The real part", "[1 + 2j]", "[1.]", "input")
conj = _one(rows.CONJ, "conj", "The complex conjugate", "[1 + 2j]", "[1.-2.j]")
complex = binary(
    rows.COMPLEX,
    "complex",
    "A complex number from its parts",
    "print(tf.complex([1.0], [2.0]).numpy())\n[1.+2.j]",
    ("real", "imag"),
    "tf",
)

# Arithmetic with two arguments
add = _two(operators.ADD, "add", "`x + y`", "[1, 2], 3", "[4 5]")
subtract = _two(operators.SUBTRACT, "subtract", "`x - y`", "[1, 2], 3", "[-2 -1]")
multiply = _two(operators.MULTIPLY, "multiply", "`x * y`", "[1, 2], 3", "[3 6]")
divide = _two(operators.REAL_DIVIDE, "divide", "`x / y`; integers give floats", "[1, 3], 2", "[0.5 1.5]")
truediv = _two(operators.REAL_DIVIDE, "truediv", "`x / y`; integers give floats", "[1, 3], 2", "[0.5 1.5]")
floordiv = _two(operators.FLOOR_DIVIDE, "floordiv", "`x / y` rounded down", "[7, -7], 2", "[ 3 -4]")
floormod = _two(operators.FLOOR_MOD, "floormod", "What `floordiv` leaves, of the sign of `y`", "[7, -7], 3", "[1 2]")
mod = _two(operators.FLOOR_MOD, "mod", "What `floordiv` leaves, of the sign of `y`", "[7, -7], 3", "[1 2]")
pow = _two(operators.POWER, "pow", "`x` to the power `y`", "[2.0, 3.0], 2.0", "[4. 9.]")
maximum = _two(rows.MAXIMUM, "maximum", "The larger of the two; a tie's gradient is all `x`'s", "[1, 5], 3", "[3 5]")
minimum = _two(rows.MINIMUM, "minimum", "The smaller of the two; a tie's gradient is all `x`'s", "[1, 5], 3", "[1 3]")
squared_difference = _two(
    rows.SQUARED_DIFFERENCE, "squared_difference", "`(x - y)` times its conjugate", "[1, 5], 3", "[4 4]"
)
divide_no_nan = _two(
    rows.DIVIDE_NO_NAN, "divide_no_nan", "`x / y`, and 0 where `y` is 0", "[1.0, 1.0], [0.0, 2.0]", "[0.  0.5]"
)
multiply_no_nan = _two(
    rows.MULTIPLY_NO_NAN,
    "multiply_no_nan",
    "`x * y`, and 0 where `y` is 0, whatever `x` is",
    "[float('nan'), 2.0], [0.0, 2.0]",
    "[0. 4.]",
)
xlogy = _two(rows.XLOGY, "xlogy", "`x * log(y)`, and 0 where `x` is 0", "[0.0, 2.0], [0.0, 1.0]", "[0. 0.]")
xdivy = _two(rows.XDIVY, "xdivy", "`x / y`, and 0 where `x` is 0", "[0.0, 2.0], [0.0, 1.0]", "[0. 2.]")
xlog1py = _two(rows.XLOG1PY, "xlog1py", "`x * log1p(y)`, and 0 where `x` is 0", "[0.0], [-1.0]", "[0.]")
nextafter = _two(
    rows.NEXTAFTER, "nextafter", "The next number after `x1` towards `x2`", "[0.0], [1.0]", "[1.e-45]", ("x1", "x2")
)

# Comparison and logic
equal = _two(operators.BROADCAST_EQUAL, "equal", "Whether `x` is `y`", "[1, 2], 2", "[False  True]")
not_equal = _two(operators.BROADCAST_NOT_EQUAL, "not_equal", "Whether `x` is not `y`", "[1, 2], 2", "[ True False]")
less = _two(operators.LESS, "less", "Whether `x` is below `y`", "[1, 2], 2", "[ True False]")
less_equal = _two(operators.LESS_EQUAL, "less_equal", "Whether `x` is not above `y`", "[1, 3], 2", "[ True False]")
greater = _two(operators.GREATER, "greater", "Whether `x` is above `y`", "[1, 3], 2", "[False  True]")
greater_equal = _two(
    operators.GREATER_EQUAL, "greater_equal", "Whether `x` is not below `y`", "[1, 2], 2", "[False  True]"
)
logical_and = _two(
    operators.LOGICAL_AND, "logical_and", "Whether both are true", "[True, False], True", "[ True False]"
)
logical_or = _two(operators.LOGICAL_OR, "logical_or", "Whether either is true", "[True, False], False", "[ True False]")
logical_xor = _two(operators.LOGICAL_XOR, "logical_xor", "Whether one is true", "[True, False], True", "[False  True]")
logical_xor.__defaults__ = ("LogicalXor",)
logical_not = _one(operators.LOGICAL_NOT, "logical_not", "Whether `x` is false", "[True, False]", "[False  True]")


def imag(input: Any, name: str | None = None) -> Any:
    """The imaginary part (`tf.math.imag`).

    **Arguments:**
    - `input`: a numeric tensor; the imaginary part of a real one is zeros, which depend on nothing.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a real tensor of the shape of `input`.

    ```python
    >>> import functape as tf
    >>> print(tf.math.imag([1 + 2j]).numpy())
    [2.]

    ```
    """
    tensor = convert(input)
    return record(rows.IMAG if tensor.dtype.is_complex else rows.IMAG_OF_REAL, (), (tensor,))


def angle(input: Any, name: str | None = None) -> Any:
    """The angle of a complex number, in radians (`tf.math.angle`).

    **Arguments:**
    - `input`: a complex or floating tensor; the angle of a real number is 0 or pi, without gradient.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a floating tensor of the shape of `input`.

    **Raises:** `InvalidArgumentError` for any other dtype.

    ```python
    >>> import functape as tf
    >>> print(tf.math.angle([1 + 0j]).numpy())
    [0.]

    ```
    """
    tensor = convert(input)
    return record(rows.ANGLE if tensor.dtype.is_complex else rows.ANGLE_OF_REAL, (), (tensor,))


def betainc(a: Any, b: Any, x: Any, name: str | None = None) -> Any:
    """The regularized incomplete beta function (`tf.math.betainc`).

    **Arguments:**
    - `a`, `b`, `x`: floating tensors of one dtype whose shapes broadcast.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the broadcast shape.

    **Raises:** `InvalidArgumentError` for any other dtype or shape.

    ```python
    >>> import functape as tf
    >>> print(f"{tf.math.betainc(1.0, 1.0, 0.25).numpy():.4f}")
    0.2500

    ```
    """
    return record(rows.BETAINC, (), (a, b, x))
