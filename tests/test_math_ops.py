"""The elementwise functions of `tf.math` against TensorFlow's: values, dtypes, gradients of two orders, errors."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow
from oracle import Case, check, check_raises, check_signature, each

import functape

INF, NAN = float("inf"), float("nan")

GENERIC = (-2.3, -0.7, 0.4, 1.3)
POSITIVE = (0.2, 0.9, 1.4, 3.7)
WITHIN_ONE = (-0.8, -0.3, 0.25, 0.7)
SPECIAL = (0.0, -0.0, 1.0, -1.0, INF, -INF, NAN)
LARGE = (-90.0, -30.0, 30.0, 90.0)

# Name: points at which to compare, and the edge points.
UNARY = {
    "square": (GENERIC, SPECIAL),
    "sqrt": (POSITIVE, SPECIAL),
    "rsqrt": (POSITIVE, SPECIAL),
    "exp": (GENERIC, SPECIAL),
    "expm1": (GENERIC, (*SPECIAL, 1e-6)),
    "log": (POSITIVE, SPECIAL),
    "log1p": (POSITIVE, (*SPECIAL, 1e-6)),
    "sin": (GENERIC, SPECIAL),
    "cos": (GENERIC, SPECIAL),
    "tan": (GENERIC, SPECIAL),
    "asin": (WITHIN_ONE, SPECIAL),
    "acos": (WITHIN_ONE, SPECIAL),
    "atan": (GENERIC, SPECIAL),
    "sinh": (GENERIC, SPECIAL),
    "cosh": (GENERIC, SPECIAL),
    "tanh": (GENERIC, (*SPECIAL, *LARGE)),
    "asinh": (GENERIC, SPECIAL),
    "acosh": ((1.1, 1.9, 3.0, 20.0), SPECIAL),
    "atanh": (WITHIN_ONE, SPECIAL),
    "sigmoid": (GENERIC, (*SPECIAL, *LARGE)),
    "log_sigmoid": (GENERIC, (*SPECIAL, *LARGE)),
    "softplus": (GENERIC, (*SPECIAL, *LARGE)),
    "erf": (GENERIC, SPECIAL),
    "erfc": (GENERIC, SPECIAL),
    "erfinv": (WITHIN_ONE, SPECIAL),
    "erfcinv": (POSITIVE[:3], (0.0, 1.0, 2.0, NAN)),
    "ndtri": (POSITIVE[:2], (0.0, 1.0, 0.5, NAN)),
    "lgamma": (POSITIVE, (0.0, -0.0, 1.0, -1.0, NAN)),
    "digamma": (POSITIVE, (1.0, 2.0, NAN)),
    # At 0 the derivative of bessel_i1 is 1/2; TensorFlow takes it for 1.
    "bessel_i0": (GENERIC, (1.0, NAN)),
    "bessel_i0e": (GENERIC, (1.0, NAN)),
    "bessel_i1": (GENERIC, (1.0, NAN)),
    "bessel_i1e": (GENERIC, (1.0, NAN)),
    "abs": (GENERIC, SPECIAL),
    "negative": (GENERIC, SPECIAL),
    "sign": (GENERIC, SPECIAL),
    "reciprocal": (GENERIC, SPECIAL),
    "reciprocal_no_nan": (GENERIC, SPECIAL),
    "round": (GENERIC, (*SPECIAL, 0.5, 1.5, 2.5, -0.5)),
    "floor": (GENERIC, SPECIAL),
    "ceil": (GENERIC, SPECIAL),
    "rint": (GENERIC, (*SPECIAL, 0.5, 1.5, 2.5, -0.5)),
    "is_nan": (GENERIC, SPECIAL),
    "is_inf": (GENERIC, SPECIAL),
    "is_finite": (GENERIC, SPECIAL),
    "real": (GENERIC, SPECIAL),
    "imag": (GENERIC, SPECIAL),
    "conj": (GENERIC, SPECIAL),
    "angle": (GENERIC, SPECIAL),
    "is_non_decreasing": (GENERIC, SPECIAL),
    "is_strictly_increasing": (GENERIC, SPECIAL),
    "zero_fraction": (GENERIC, SPECIAL),
}

COMPLEX = (
    "square",
    "sqrt",
    "rsqrt",
    "exp",
    "expm1",
    "log",
    "log1p",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "sigmoid",
    "abs",
    "negative",
    "reciprocal",
    "reciprocal_no_nan",
    "real",
    "imag",
    "conj",
    "angle",
)

# Name: pairs of points, and edge pairs.
BINARY = {
    "add": (GENERIC, SPECIAL),
    "subtract": (GENERIC, SPECIAL),
    "multiply": (GENERIC, SPECIAL),
    "divide": (GENERIC, SPECIAL),
    "truediv": (GENERIC, SPECIAL),
    "floordiv": (GENERIC, (1.0, -1.0, 0.0)),
    "floormod": (GENERIC, (1.0, -1.0)),
    "mod": (GENERIC, (1.0, -1.0)),
    "pow": (POSITIVE, (0.0, 1.0, 2.0, 3.0)),
    "atan2": (GENERIC, (0.0, 1.0, -1.0, INF)),
    "maximum": (GENERIC, SPECIAL),
    "minimum": (GENERIC, SPECIAL),
    "squared_difference": (GENERIC, SPECIAL),
    "divide_no_nan": (GENERIC, SPECIAL),
    "multiply_no_nan": (GENERIC, SPECIAL),
    "xlogy": (POSITIVE, (0.0, 1.0, -1.0, INF)),
    "xdivy": (POSITIVE, (0.0, 1.0, -1.0, INF)),
    "xlog1py": (POSITIVE, (0.0, 1.0, -1.0, INF)),
    "equal": (GENERIC, SPECIAL),
    "not_equal": (GENERIC, SPECIAL),
    "less": (GENERIC, SPECIAL),
    "less_equal": (GENERIC, SPECIAL),
    "greater": (GENERIC, SPECIAL),
    "greater_equal": (GENERIC, SPECIAL),
    "nextafter": (GENERIC, (0.0, 1.0, -1.0, NAN)),
    "igamma": (POSITIVE, (1.0, 2.0)),
    "igammac": (POSITIVE, (1.0, 2.0)),
    "zeta": ((1.5, 2.5, 4.0), (2.0, 3.0)),
    "polygamma": ((1.0, 2.0, 3.0), (1.0, 2.0)),
}

_APPROXIMATION = "XLA's approximation is off by 5e-7 where the function is near its root"
ROUGH = {name: {"loosen": 5.0, "because": _APPROXIMATION} for name in ("lgamma", "digamma")}

ONCE = ("igamma", "igammac", "zeta")
"""Neither TensorFlow nor JAX has the whole second derivative."""

OTHER_DTYPES = (
    "real", "imag", "conj", "angle", "is_non_decreasing", "is_strictly_increasing", "erfcinv", "zero_fraction",
)  # fmt: skip
"""Functions that take more dtypes, or refuse others in ways of their own."""

LOGICAL = ("logical_and", "logical_or", "logical_xor")


def call(name):
    return lambda tf, *inputs: getattr(tf.math, name)(*inputs)


def grid(points):
    """Every pair of the points."""
    first, second = np.meshgrid(points, points)
    return first.reshape(-1), second.reshape(-1)


def unary_cases():
    for name, (points, edges) in UNARY.items():
        loosen = ROUGH.get(name, {})
        yield Case(f"{name}-generic", call(name), (np.array(points, np.float32),), **loosen)
        yield Case(f"{name}-edges", call(name), (np.array(edges, np.float32),), **loosen)
        yield Case(f"{name}-float64", call(name), (np.array(points, np.float64),))


def complex_cases():
    values = np.array([0.3 + 0.4j, -1.2 + 0.7j, 0.6 - 1.1j, -0.4 - 0.2j])
    for name in COMPLEX:
        yield Case(f"{name}-complex128", call(name), (values,))


def binary_cases():
    for name, (points, edges) in BINARY.items():
        gradients = 1 if name in ONCE else 2
        x, y = grid(points)
        yield Case(f"{name}-generic", call(name), (x.astype(np.float32), (y * 1.07).astype(np.float32)), gradients)
        x, y = grid(edges)
        yield Case(f"{name}-edges", call(name), (x.astype(np.float32), y.astype(np.float32)), gradients)
        column, row = np.array(points)[:, None], np.array(points)[None, :2] * 1.1
        yield Case(f"{name}-broadcast-float64", call(name), (column, row), gradients)


def integer_cases():
    x, y = np.array([7, -7, 5, -9], np.int32), np.array([2, 2, -3, -4], np.int32)
    for name in ("square", "abs", "negative", "sign", "round", "real", "conj"):
        yield Case(f"{name}-int32", call(name), (x,))
    for name in BINARY:
        if name in ("atan2", "multiply_no_nan", "xlogy", "xdivy", "xlog1py", "nextafter", "igamma", "igammac"):
            continue
        if name not in ("pow", "zeta", "polygamma"):
            for dtype in (np.int32, np.int64):
                yield Case(f"{name}-{dtype.__name__}", call(name), (x.astype(dtype), y.astype(dtype)))
    yield Case("pow-int32", call("pow"), (x, np.abs(y)))
    yield Case("divide-int8", call("divide"), (x.astype(np.int8), y.astype(np.int8)))
    yield Case("add-uint8-wraps", call("add"), (np.array([250], np.uint8), np.array([10], np.uint8)))
    yield Case("multiply-int32-wraps", call("multiply"), (np.array([2**30], np.int32), np.array([4], np.int32)))


def half_cases():
    for name in ("square", "sqrt", "exp", "log1p", "tanh", "sigmoid", "softplus", "erf", "abs", "floor"):
        yield Case(f"{name}-float16", call(name), (np.array(POSITIVE, np.float16),), gradients=1)
    for name in ("add", "multiply", "divide", "maximum", "pow"):
        x = np.array(POSITIVE, np.float16)
        yield Case(f"{name}-float16", call(name), (x, x[::-1].copy()), gradients=1)


def number_cases():
    """Python numbers, lists and NumPy arrays beside tensors."""
    x, i = np.array([1.5, -2.0], np.float32), np.array([3, -4], np.int32)
    for name in (
        "add",
        "subtract",
        "multiply",
        "divide",
        "pow",
        "maximum",
        "minimum",
        "floordiv",
        "mod",
        "less",
        "equal",
    ):
        function = call(name)
        yield Case(f"{name}-tensor-int", lambda tf, x, f=function: f(tf, x, 2), (x,))
        yield Case(f"{name}-tensor-float", lambda tf, x, f=function: f(tf, x, 2.0), (x,))
        yield Case(f"{name}-int-tensor", lambda tf, x, f=function: f(tf, 2, x), (np.abs(i),))
        yield Case(f"{name}-list", lambda tf, x, f=function: f(tf, x, [2.0, 3.0]), (x,))
        yield Case(f"{name}-array", lambda tf, x, f=function: f(tf, x, np.array([2.0, 3.0])), (x,))
        yield Case(f"{name}-two-ints", lambda tf, f=function: f(tf, 7, 2))
        yield Case(f"{name}-two-floats", lambda tf, f=function: f(tf, 7.5, 2.5))
    yield Case("exp-float", lambda tf: tf.exp(1.5))
    yield Case("abs-int", lambda tf: tf.abs(-3))
    yield Case("square-list", lambda tf: tf.square([1.0, 2.0]))
    yield Case("complex-floats", lambda tf: tf.complex(1.0, 2.0))


def other_cases():
    x, y = np.array([1.5, -2.0], np.float32), np.array([[0.5], [0.25]], np.float32)
    z = np.array([3 + 4j, 0j])
    truth, other = np.array([True, True, False, False]), np.array([True, False, True, False])
    yield Case("complex", lambda tf, x, y: tf.complex(x, y), (x, y))
    yield Case("complex-float64", lambda tf, x: tf.complex(x, x * x), (np.array([1.5, -2.0]),))
    yield Case("sign-complex", lambda tf, z: tf.sign(z), (z,), gradients=0)
    yield Case("polyval", lambda tf, x, y: tf.math.polyval([y, 2.0, x], x), (x, y))
    yield Case("polyval-one", lambda tf, x: tf.math.polyval([2.5], x), (x,), gradients=0)
    yield Case("polyval-none", lambda tf, x: tf.math.polyval([], x), (x,), gradients=0)
    yield Case("add_n", lambda tf, a: tf.add_n(a), ([x, x * 2, x * 3],))
    yield Case("add_n-tensor", lambda tf, y: tf.add_n(y), (y,))
    yield Case("accumulate_n", lambda tf, a: tf.math.accumulate_n(a, shape=[2], tensor_dtype=tf.float32), ([x, x * 2],))
    yield Case("scalar_mul", lambda tf, s, x: tf.scalar_mul(s, x), (np.float32(3), x))
    yield Case("scalar_mul-int", lambda tf, x: tf.scalar_mul(3, x), (x,))
    yield Case(
        "betainc", lambda tf, a: tf.math.betainc(a, a + 1.0, 0.3), (np.array([0.5, 2.0], np.float32),), gradients=0
    )
    yield Case("is_non_decreasing-empty", lambda tf: tf.math.is_non_decreasing(np.zeros(0, np.float32)))
    yield Case("logical_not", lambda tf, a: tf.logical_not(a), (truth,))
    for name in LOGICAL:
        yield Case(name, call(name), (truth, other))
        yield Case(f"{name}-bool", lambda tf, a, name=name: getattr(tf.math, name)(a, True), (truth,))
    yield Case("scalar", lambda tf, x: tf.exp(x) * tf.sin(x), (np.float32(0.3),))
    yield Case("empty", lambda tf, x: tf.exp(x) + tf.maximum(x, 0.0), (np.zeros((0, 3), np.float32),))
    yield Case("same-input-twice", lambda tf, x: tf.maximum(x, x) * tf.minimum(x, x), (x,))


@each([*unary_cases(), *complex_cases()])
def test_unary(case):
    check(case)


@each(binary_cases())
def test_binary(case):
    check(case)


@each([*integer_cases(), *half_cases(), *number_cases(), *other_cases()])
def test_dtypes_and_forms(case):
    check(case)


def wrong_dtypes():
    i, b, s = np.array([1, 2], np.int32), np.array([True, False]), np.array(["a", "b"])
    u, z = np.array([1, 2], np.uint8), np.array([1j, 2j])
    for name in UNARY:
        if name not in (*OTHER_DTYPES, "square", "abs", "negative", "sign", "round", "reciprocal"):
            yield Case(f"{name}-int32", call(name), (i,))
        if name not in (*OTHER_DTYPES, "reciprocal_no_nan"):
            yield Case(f"{name}-bool", call(name), (b,))
            yield Case(f"{name}-string", call(name), (s,))
        if name not in (*COMPLEX, "sign", "zero_fraction", "round"):
            yield Case(f"{name}-complex", call(name), (z,))
    for name in ("abs", "negative", "sign"):
        yield Case(f"{name}-uint8", call(name), (u,))
    for name in BINARY:
        if name not in ("equal", "not_equal", "multiply"):
            yield Case(f"{name}-two-bools", call(name), (b, b))
    yield Case("logical_and-ints", call("logical_and"), (i, i))
    yield Case("logical_not-int", call("logical_not"), (i,))
    yield Case("complex-ints", lambda tf, i: tf.complex(i, i), (i,))


def wrong_arguments():
    x, i, long = (np.array(v, d) for v, d in [([1, 2], np.float32), ([1, 2], np.int32), ([1, 2, 3], np.float32)])
    for name in BINARY:
        if name not in ("multiply_no_nan",):
            yield Case(f"{name}-mixed", call(name), (x, i))
        yield Case(f"{name}-shapes", call(name), (x, long))
        yield Case(f"{name}-none", lambda tf, x, name=name: getattr(tf.math, name)(x, None), (x,))
        if name != "add":
            yield Case(f"{name}-int-and-float", lambda tf, i, name=name: getattr(tf.math, name)(i, 1.5), (i,))
    yield Case("exp-none", lambda tf: tf.exp(None))
    yield Case("exp-object", lambda tf: tf.exp(object()))
    yield Case("sqrt-python-int", lambda tf: tf.sqrt(4))
    yield Case("complex-mixed", lambda tf, x: tf.complex(x, tf.cast(x, tf.float64)), (x,))
    yield Case("add_n-empty", lambda tf: tf.add_n([]))
    yield Case("add_n-number", lambda tf: tf.add_n(3))
    yield Case("add_n-shapes", lambda tf, a: tf.add_n(a), ([x, long],))
    yield Case("add_n-dtypes", lambda tf, a: tf.add_n(a), ([x, i],))
    yield Case("accumulate_n-shapes", lambda tf, a: tf.math.accumulate_n(a), ([x, long],))
    yield Case("accumulate_n-shape", lambda tf, x: tf.math.accumulate_n([x], shape=[3]), (x,))
    yield Case("accumulate_n-dtype", lambda tf, x: tf.math.accumulate_n([x], tensor_dtype=tf.int32), (x,))
    yield Case("scalar_mul-vector", lambda tf, x: tf.scalar_mul(x, x), (x,))
    yield Case("scalar_mul-float-by-int", lambda tf, i: tf.scalar_mul(2.5, i), (i,))
    yield Case("polyval-tuple", lambda tf, x: tf.math.polyval((1.0, 2.0), x), (x,))
    yield Case("polyval-mixed", lambda tf, x: tf.math.polyval([1, 2], x), (x,))


@each([*wrong_dtypes(), *wrong_arguments()])
def test_errors(case):
    check_raises(case)


@pytest.mark.parametrize("name", [name for name in functape.math.__all__ if name != "special"])
def test_signatures(name):
    check_signature(getattr(tensorflow.math, name), getattr(functape.math, name))


@pytest.mark.parametrize("name", [name for name in functape.math.__all__ if name != "special"])
def test_top_level_names_are_those_of_math(name):
    assert hasattr(functape, name) == hasattr(tensorflow, name)
    if hasattr(functape, name):
        assert getattr(functape, name) is getattr(functape.math, name)


def test_a_number_that_changes_compiles_nothing():
    x = functape.constant([1.0, 2.0])

    def step(number):
        return float(functape.reduce_sum(functape.maximum(functape.clip_by_value(x * number, -number, number), number)))

    step(0.25)
    step(0.5)
    before = functape.config.counters().programs_compiled
    for number in np.linspace(1.0, 2.0, 5).tolist():
        step(number)
    assert functape.config.counters().programs_compiled == before


@pytest.mark.parametrize("name", ["sqrt", "rsqrt", "reciprocal"])
def test_a_gradient_of_zero_stays_zero_where_the_derivative_is_infinite(name):
    def masked(tf, x):
        function = getattr(tf.math, name)
        return tf.where(x > 0.0, function(x), 0.0)

    check(Case(f"masked {name}", masked, (np.float32([-1.0, 0.0, 0.25, 4.0]),), gradients=1))
