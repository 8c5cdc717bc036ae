"""The elementwise functions of `tf.experimental.numpy`."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from functape._api import _elementwise as kernels
from functape._api._activations import relu
from functape._api._choosing import where as choose
from functape._api._creation import ones_like, zeros_like
from functape._core._cast import cast
from functape._engine._recorder import record
from functape._ops import _operators as operators
from functape._ops._integers import GCD, LCM
from functape.experimental.numpy._rows import binary, comparison, logical, unary
from functape.experimental.numpy._types import as_tensor, float_dtype, is_inexact, promoted


def _row(op: Any) -> Any:
    return lambda *tensors: record(op, (), tensors)


def _scaled(factor: float) -> Any:
    return lambda x: x * factor


def _angle(x: Any) -> Any:
    if x.dtype.is_complex:
        return kernels.angle(x)
    # TensorFlow's angle of a real number is a float32, whatever it is of.
    return choose(kernels.less(x, zeros_like(x)), np.float32(np.pi), np.float32(0))


def _cube_root(x: Any) -> Any:
    root = kernels.pow(kernels.abs(x), as_tensor(1 / 3, x.dtype))
    return choose(kernels.less(x, zeros_like(x)), -root, root)


def _towards_zero(x: Any) -> Any:
    return choose(kernels.less(x, zeros_like(x)), kernels.ceil(x), kernels.floor(x))


def _sinc(x: Any) -> Any:
    scaled = x * math.pi
    return choose(kernels.equal(x, zeros_like(x)), ones_like(x), kernels.sin(scaled) / scaled)


def _heaviside(x1: Any, x2: Any) -> Any:
    zero = zeros_like(x1)
    steps = choose(kernels.less(x1, zero), zeros_like(x2), choose(kernels.greater(x1, zero), ones_like(x2), x2))
    return steps if is_inexact(steps.dtype) else cast(steps, float_dtype())


def _integers(op: Any, name: str) -> Any:
    def kernel(x1: Any, x2: Any) -> Any:
        if not x1.dtype.is_integer:
            raise ValueError(f"Arguments to {name} must be integers. Received: {x1.dtype.name}")
        return record(op, (), (x1, x2))

    return kernel


def _no_sign(x: Any) -> Any:
    return zeros_like(x)


# One array, of any dtype the kernel takes
absolute = unary("absolute", kernels.abs, "The absolute value")
abs = unary("abs", kernels.abs, "The absolute value")
fabs = unary("fabs", kernels.abs, "The absolute value")
negative = unary("negative", kernels.negative, "Zero less `x`")
positive = unary("positive", lambda x: x, "`x` itself")
reciprocal = unary("reciprocal", kernels.reciprocal, "One over `x`")
square = unary("square", kernels.square, "`x` times `x`")
conj = unary("conj", kernels.conj, "The complex conjugate")
conjugate = unary("conjugate", kernels.conj, "The complex conjugate")
signbit = unary("signbit", lambda x: kernels.less(x, zeros_like(x)), "Whether `x` is below 0", on_bool=_no_sign)
bitwise_not = unary("bitwise_not", _row(operators.INVERT), "Each bit inverted", on_bool=kernels.logical_not)

# One array, as floats
log = unary("log", kernels.log, "The natural logarithm", floats=True)
log1p = unary("log1p", kernels.log1p, "The natural logarithm of `1 + x`", floats=True)
exp = unary("exp", kernels.exp, "e to the power `x`", floats=True)
expm1 = unary("expm1", kernels.expm1, "e to the power `x`, less 1", floats=True)
sqrt = unary("sqrt", kernels.sqrt, "The square root", floats=True)
cbrt = unary("cbrt", _cube_root, "The cube root", floats=True)
ceil = unary("ceil", kernels.ceil, "The smallest integer not below `x`", floats=True)
floor = unary("floor", kernels.floor, "The largest integer not above `x`", floats=True)
fix = unary("fix", _towards_zero, "The next integer towards 0", floats=True)
sin = unary("sin", kernels.sin, "The sine", floats=True)
cos = unary("cos", kernels.cos, "The cosine", floats=True)
tan = unary("tan", kernels.tan, "The tangent", floats=True)
sinh = unary("sinh", kernels.sinh, "The hyperbolic sine", floats=True)
cosh = unary("cosh", kernels.cosh, "The hyperbolic cosine", floats=True)
tanh = unary("tanh", kernels.tanh, "The hyperbolic tangent", floats=True)
arcsin = unary("arcsin", kernels.asin, "The inverse sine", floats=True)
arccos = unary("arccos", kernels.acos, "The inverse cosine", floats=True)
arctan = unary("arctan", kernels.atan, "The inverse tangent", floats=True)
arcsinh = unary("arcsinh", kernels.asinh, "The inverse hyperbolic sine", floats=True)
arccosh = unary("arccosh", kernels.acosh, "The inverse hyperbolic cosine", floats=True)
arctanh = unary("arctanh", kernels.atanh, "The inverse hyperbolic tangent", floats=True)
deg2rad = unary("deg2rad", _scaled(math.pi / 180), "Degrees in radians", floats=True)
sinc = unary("sinc", _sinc, "The normalized sinc function", floats=True)
isnan = unary("isnan", kernels.is_nan, "Whether an element is not a number", floats=True)
isfinite = unary("isfinite", kernels.is_finite, "Whether an element is neither infinite nor NaN", floats=True)

# Two arrays of one dtype
add = binary("add", kernels.add, "`x1 + x2`", kernels.logical_or)
subtract = binary("subtract", kernels.subtract, "`x1 - x2`")
multiply = binary("multiply", kernels.multiply, "`x1 * x2`", kernels.logical_and)
true_divide = binary("true_divide", kernels.truediv, "`x1 / x2`", "float")
divide = binary("divide", kernels.truediv, "`x1 / x2`", "float")
floor_divide = binary("floor_divide", kernels.floordiv, "`x1 / x2` rounded down", "int8")
mod = binary("mod", kernels.floormod, "What `floor_divide` leaves", "int8")
remainder = binary("remainder", kernels.floormod, "What `floor_divide` leaves", "int8")
power = binary("power", kernels.pow, "`x1` to the power `x2`")
float_power = binary("float_power", kernels.pow, "`x1` to the power `x2`")
minimum = binary("minimum", kernels.minimum, "The smaller of the two", kernels.logical_and)
arctan2 = binary("arctan2", kernels.atan2, "The angle of the point `(x2, x1)`")
nextafter = binary("nextafter", kernels.nextafter, "The next number after `x1` towards `x2`")
heaviside = binary("heaviside", _heaviside, "0 for negative `x1`, 1 for positive, `x2` for 0")
gcd = binary("gcd", _integers(GCD, "gcd"), "The greatest common divisor")
lcm = binary("lcm", _integers(LCM, "lcm"), "The least common multiple")
bitwise_and = binary("bitwise_and", _row(operators.BITWISE_AND), "The bits that both have", kernels.logical_and)
bitwise_or = binary("bitwise_or", _row(operators.BITWISE_OR), "The bits that either has", kernels.logical_or)
bitwise_xor = binary("bitwise_xor", _row(operators.BITWISE_XOR), "The bits that one has", kernels.logical_xor)
_maximum = binary("maximum", kernels.maximum, "The larger of the two", kernels.logical_or)

# Comparison and logic
equal = comparison("equal", kernels.equal, "Whether `x1` is `x2`", ordered=False)
not_equal = comparison("not_equal", kernels.not_equal, "Whether `x1` is not `x2`", ordered=False)
greater = comparison("greater", kernels.greater, "Whether `x1` is above `x2`")
greater_equal = comparison("greater_equal", kernels.greater_equal, "Whether `x1` is not below `x2`")
less = comparison("less", kernels.less, "Whether `x1` is below `x2`")
less_equal = comparison("less_equal", kernels.less_equal, "Whether `x1` is not above `x2`")
logical_and = logical("logical_and", kernels.logical_and, "Whether both are true")
logical_or = logical("logical_or", kernels.logical_or, "Whether either is true")
logical_xor = logical("logical_xor", kernels.logical_xor, "Whether one is true")


def logical_not(x: Any) -> Any:
    """Whether `x` is false (`tf.experimental.numpy.logical_not`)."""
    return kernels.logical_not(as_tensor(x, bool))


def maximum(x1: Any, x2: Any) -> Any:
    """The larger of the two (`tf.experimental.numpy.maximum`); with the number 0 it is `relu`, as its gradient is."""
    number = isinstance(x2, int | float) and not isinstance(x2, bool) and x2 == 0
    if number and hasattr(x1, "aval") and not x1.dtype.is_bool:
        return relu(x1)
    return _maximum(x1, x2)


def divmod(x1: Any, x2: Any) -> tuple[Any, Any]:
    """`floor_divide` and `mod` (`tf.experimental.numpy.divmod`)."""
    return floor_divide(x1, x2), mod(x1, x2)


def rad2deg(x: Any) -> Any:
    """Radians in degrees (`tf.experimental.numpy.rad2deg`)."""
    return multiply(x, 180 / math.pi)


def angle(z: Any, deg: bool = False) -> Any:
    """The angle of a complex number, in radians or degrees (`tf.experimental.numpy.angle`)."""
    tensor = as_tensor(z)
    made = _angle(tensor if is_inexact(tensor.dtype) else cast(tensor, float_dtype()))
    return rad2deg(made) if deg else made


def exp2(x: Any) -> Any:
    """2 to the power `x` (`tf.experimental.numpy.exp2`)."""
    tensor = as_tensor(x)
    tensor = tensor if is_inexact(tensor.dtype) else cast(tensor, float_dtype())
    return kernels.pow(as_tensor(2, tensor.dtype), tensor)


def log2(x: Any) -> Any:
    """The logarithm to base 2 (`tf.experimental.numpy.log2`)."""
    return true_divide(log(x), np.log(2))


def log10(x: Any) -> Any:
    """The logarithm to base 10 (`tf.experimental.numpy.log10`)."""
    return true_divide(log(x), np.log(10))


def hypot(x1: Any, x2: Any) -> Any:
    """The length of the hypotenuse (`tf.experimental.numpy.hypot`)."""
    return sqrt(add(square(x1), square(x2)))


def logaddexp(x1: Any, x2: Any) -> Any:
    """The logarithm of the sum of exponentials (`tf.experimental.numpy.logaddexp`)."""
    return _log_of_sum(x1, x2, exp, 1)


def logaddexp2(x1: Any, x2: Any) -> Any:
    """The logarithm to base 2 of the sum of powers of 2 (`tf.experimental.numpy.logaddexp2`)."""
    return _log_of_sum(x1, x2, exp2, np.log(2))


def _log_of_sum(x1: Any, x2: Any, power: Any, scale: Any) -> Any:
    delta = subtract(x1, x2)
    tail = log1p(power(negative(abs(delta))))
    rest = tail if builtins.isinstance(scale, int) else true_divide(tail, scale)
    # The difference is NaN for infinities of the same sign.
    first, second = promoted(add(x1, x2), add(maximum(x1, x2), rest))
    return choose(isnan(delta), first, second)


def sign(x: Any, out: Any = None, where: Any = None, **kwargs: Any) -> Any:
    """-1, 0 or 1 (`tf.experimental.numpy.sign`); `out` and `where` must be None."""
    for name, value in {"out": out, "where": where, **kwargs}.items():
        if value or name in kwargs:
            raise ValueError(f"tf.numpy doesnt support setting {name}. Received: {name}={value!r}")
    return kernels.sign(as_tensor(x))


def around(a: Any, decimals: int = 0) -> Any:
    """Rounded to so many decimals (`tf.experimental.numpy.around`)."""
    tensor = as_tensor(a)
    working = tensor.dtype if is_inexact(tensor.dtype) else float_dtype()
    factor = as_tensor(math.pow(10, decimals), working)
    return cast(kernels.divide(kernels.round(kernels.multiply(cast(tensor, working), factor)), factor), tensor.dtype)


def round(a: Any, decimals: int = 0) -> Any:
    """Rounded to so many decimals (`tf.experimental.numpy.round`)."""
    return around(a, decimals)


def clip(a: Any, a_min: Any, a_max: Any) -> Any:
    """Elements outside of an interval moved to its ends (`tf.experimental.numpy.clip`); None for no end."""
    from functape._api._clipping import clip_by_value

    if a_min is None and a_max is None:
        raise ValueError("Not more than one of `a_min` and `a_max` may be `None`.")
    if a_min is None:
        return minimum(a, a_max)
    if a_max is None:
        return maximum(a, a_min)
    return clip_by_value(*broadcast_arrays(*promoted(a, a_min, a_max)))


def broadcast_arrays(*args: Any, **kwargs: Any) -> list[Any]:
    """The arrays in the shape they broadcast to (`tf.experimental.numpy.broadcast_arrays`)."""
    from functape._api._shaping import broadcast_to

    if kwargs.pop("subok", False):
        raise ValueError("subok=True is not supported.")
    if kwargs:
        raise ValueError(f"Received unsupported arguments {kwargs.keys()}")
    tensors = [as_tensor(each) for each in args]
    shape = np.broadcast_shapes(*(each.aval.shape for each in tensors))
    return [broadcast_to(each, shape) for each in tensors]


def isinf(x: Any) -> Any:
    """Whether an element is infinite (`tf.experimental.numpy.isinf`); False, as one bool, for other dtypes."""
    return kernels.is_inf(x) if x.dtype.is_floating else False


def isneginf(x: Any) -> Any:
    """Whether an element is negative infinity (`tf.experimental.numpy.isneginf`)."""
    return equal(x, as_tensor(-np.inf, x.dtype)) if x.dtype.is_floating else False


def isposinf(x: Any) -> Any:
    """Whether an element is positive infinity (`tf.experimental.numpy.isposinf`)."""
    return equal(x, as_tensor(np.inf, x.dtype)) if x.dtype.is_floating else False


def real(val: Any) -> Any:
    """The real part (`tf.experimental.numpy.real`)."""
    return kernels.real(as_tensor(val))


def imag(val: Any) -> Any:
    """The imaginary part (`tf.experimental.numpy.imag`)."""
    tensor = as_tensor(val)
    return zeros_like(tensor) if tensor.dtype.is_bool else kernels.imag(tensor)


def iscomplex(x: Any) -> Any:
    """Whether an element has an imaginary part (`tf.experimental.numpy.iscomplex`)."""
    return not_equal(imag(x), 0)


def isreal(x: Any) -> Any:
    """Whether an element has no imaginary part (`tf.experimental.numpy.isreal`)."""
    return equal(imag(x), 0)


def iscomplexobj(x: Any) -> bool:
    """Whether the dtype is complex (`tf.experimental.numpy.iscomplexobj`)."""
    return bool(as_tensor(x).dtype.is_complex)


def isrealobj(x: Any) -> bool:
    """Whether the dtype is not complex (`tf.experimental.numpy.isrealobj`)."""
    return not iscomplexobj(x)


def isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    """Whether elements are as good as equal (`tf.experimental.numpy.isclose`)."""
    first, second = promoted(a, b)
    if not is_inexact(first.dtype):
        return kernels.equal(first, second)
    size = kernels.abs(second)
    bound = as_tensor(atol, size.dtype) + as_tensor(rtol, size.dtype) * size
    near = kernels.less_equal(kernels.abs(first - second), bound)
    if not equal_nan:
        return near
    return kernels.logical_or(near, kernels.logical_and(kernels.is_nan(first), kernels.is_nan(second)))


def array_equal(a1: Any, a2: Any) -> Any:
    """Whether shapes and elements are equal (`tf.experimental.numpy.array_equal`)."""
    from functape._api._reductions import reduce_all

    first, second = promoted(a1, a2)
    if first.aval.shape != second.aval.shape:
        return as_tensor(False)
    return reduce_all(kernels.equal(first, second))


def polyval(p: Any, x: Any) -> Any:
    """A polynomial's value, the highest power first (`tf.experimental.numpy.polyval`)."""
    from functape._api._combining import polyval as evaluated
    from functape._api._joining import unstack
    from functape._api._shaping import broadcast_to, reshape

    coefficients, points = promoted(p, x)
    if not coefficients.aval.shape:
        coefficients = reshape(coefficients, [1])
    value = evaluated(unstack(coefficients), points)
    return broadcast_to(value, points.aval.shape) if coefficients.aval.shape[0] == 1 else value
