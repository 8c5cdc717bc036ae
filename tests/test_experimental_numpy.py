"""`tf.experimental.numpy`, row by row against TensorFlow's: values, dtypes, gradients, errors; and NumPy's behavior."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow
from _sampling import sampled
from both_sides import Table, assert_same_outcome
from oracle import Case, check, check_signature, each, flatten
from tensorflow.python.framework import ops as tensorflow_ops

import functape
from functape._missing import tensorflow_names
from functape.experimental.numpy import _behavior

tnp = functape.experimental.numpy
THEIRS = tensorflow.experimental.numpy
RANDOM = np.random.default_rng(3)
SUMS = "sums and powers of several terms, in another order"


def draw(*shape: int, dtype: Any = np.float64, low: float = 0.2, high: float = 1.8) -> Any:
    return RANDOM.uniform(low, high, shape).astype(dtype)


@pytest.fixture(autouse=True)
def numpy_behavior() -> Iterator[None]:
    """TensorFlow's functions themselves count on it being on; afterwards it is as before."""
    members = dict(vars(tensorflow.Tensor))
    for module in (tensorflow, functape):
        module.experimental.numpy.experimental_enable_numpy_behavior()
    yield
    _behavior.disable()
    for name in set(vars(tensorflow.Tensor)) - set(members):
        delattr(tensorflow.Tensor, name)
    for name in ("__round__", "ndim"):
        if name in members:
            setattr(tensorflow.Tensor, name, members[name])
    tensorflow_ops.set_dtype_conversion_mode("off")
    tensorflow_ops._numpy_style_slicing = False


def call(name: str, *arguments: Any, **options: Any) -> Any:
    def function(tf: Any, *inputs: Any) -> Any:
        made = getattr(tf.experimental.numpy, name)(*inputs, *arguments, **options)
        return list(made) if isinstance(made, tuple) else made

    return function


def outcome(tf: Any, function: Any, inputs: Any) -> Any:
    """What a function makes of inputs: dtypes, shapes and values, or the word that it failed."""
    try:
        made = function(tf, *[tf.constant(each) if isinstance(each, np.ndarray) else each for each in inputs])
        values = [np.asarray(leaf) for leaf in flatten(made)]
    except Exception as error:
        return type(error).__name__
    return [(value.dtype.name, value.shape) for value in values], values


WIDER = {
    "dot", "inner", "kron", "linspace", "logaddexp", "logaddexp2", "matmul", "rad2deg", "trace", "tril", "triu",
    "vander", "vdot",
}  # fmt: skip
"""What takes dtypes or sequences that TensorFlow's function fails for."""


def assert_alike(name: str, inputs: Any) -> None:
    function = call(name)
    with np.errstate(all="ignore"):
        theirs, ours = (outcome(tf, function, inputs) for tf in (tensorflow, functape))
        if isinstance(theirs, str) and name in WIDER and not isinstance(ours, str):
            # Then NumPy is the judge, but for the dtype, which is NumPy's promotion without its wider accumulators.
            theirs = ours[0], [np.asarray(getattr(np, name)(*inputs)).astype(ours[1][0].dtype)]
    if isinstance(theirs, str):
        # Which of its errors TensorFlow raises for a dtype depends on the kernel that is reached first.
        assert isinstance(ours, str), f"TensorFlow raises {theirs}; functape returns {ours}"
        return
    assert not isinstance(ours, str), f"functape raises {ours}; TensorFlow returns {theirs}"
    assert ours[0] == theirs[0]
    for mine, wanted in zip(ours[1], theirs[1], strict=True):
        if wanted.dtype.kind in "fc":
            # Some results of a float32 are float64.
            sizes = [each.dtype.itemsize for each in inputs if isinstance(each, np.ndarray) and each.dtype.kind == "f"]
            tight = {2: 2e-3, 4: 3e-6, 8: 1e-12}[min([wanted.real.dtype.itemsize, *sizes])]
            np.testing.assert_allclose(mine, wanted, rtol=tight, atol=tight)
        else:
            np.testing.assert_array_equal(mine, wanted)


_UNARY = """
    abs absolute fabs negative positive reciprocal square conj conjugate signbit bitwise_not log log1p exp expm1 sqrt
    cbrt ceil floor fix sin cos tan sinh cosh tanh arcsin arccos arctan arcsinh arccosh arctanh deg2rad rad2deg sinc
    isnan isfinite isinf isneginf isposinf logical_not exp2 log2 log10 angle real imag iscomplex isreal iscomplexobj
    isrealobj sign around round ravel copy array asarray asanyarray ascontiguousarray zeros_like ones_like empty_like
    sum prod mean amax amin max min ptp std var all any nansum nanprod nanmean argmax argmin cumsum cumprod
    count_nonzero average sort argsort flatten transpose squeeze flip atleast_1d atleast_2d atleast_3d nonzero diff
    diag diagflat ndim isscalar size vander trace diagonal tril triu rot90 flipud fliplr
"""
UNARY = _UNARY.split()
INPUTS: dict[str, Any] = {
    "float32": np.array([0.5, -1.5, 0.0, 2.5], np.float32),
    "float64": np.array([[0.25, np.nan], [np.inf, -0.75]]),
    "float16": np.array([0.5, 0.25], np.float16),
    "int32": np.array([[3, -1], [0, 2]], np.int32),
    "uint8": np.array([3, 1, 200], np.uint8),
    "int64": np.array([1, 1, 2]),
    "bool": np.array([[True, False], [True, True]]),
    "complex64": np.array([1 + 2j, -3 + 0j], np.complex64),
    "list": [1, 2.5],
    "integers": [[1, 2], [3, 4]],
    "number": 0.5,
    "integer": 3,
}


@pytest.mark.parametrize(
    "name, kind", sampled("numpy unary", itertools.product(UNARY, INPUTS), 130), ids=lambda each: str(each)
)
def test_one_array(name: str, kind: str):
    assert_alike(name, [INPUTS[kind]])


_BINARY = """
    add subtract multiply true_divide divide floor_divide mod remainder divmod power float_power maximum minimum
    arctan2 nextafter heaviside hypot logaddexp logaddexp2 gcd lcm bitwise_and bitwise_or bitwise_xor logical_and
    logical_or logical_xor equal not_equal greater greater_equal less less_equal isclose allclose array_equal dot inner
    outer vdot matmul kron append polyval
"""
BINARY = _BINARY.split()
PAIRS: dict[str, Any] = {
    "float32 float32": (np.array([1.5, 2.0, -0.5], np.float32), np.array([2.0, 2.0, 0.5], np.float32)),
    "int32 float32": (np.array([1, 2, 3], np.int32), np.array([2.0, 0.5, 1.0], np.float32)),
    "int64 int64": (np.array([6, 9, -4]), np.array([4, 3, 6])),
    "int8 int32": (np.array([6, 9, 4], np.int8), np.array([4, 3, 6], np.int32)),
    "uint8 int8": (np.array([6, 9, 4], np.uint8), np.array([4, 3, 6], np.int8)),
    "bool bool": (np.array([True, False, True]), np.array([True, True, False])),
    "bool int32": (np.array([True, False, True]), np.array([1, 2, 3], np.int32)),
    "float32 number": (np.array([1.5, 2.0, -0.5], np.float32), 2.0),
    "int32 number": (np.array([1, 2, 3], np.int32), 2.5),
    "int32 integer": (np.array([1, 2, 3], np.int32), 2),
    "float32 zero": (np.array([1.5, 0.0, -0.5], np.float32), 0),
    "number float64": (2, np.array([1.5, 2.0, 0.5])),
    "lists": ([1, 2, 3], [4.0, 5.0, 6.0]),
    "complex64 float64": (np.array([1 + 1j, 2j], np.complex64), np.array([1.0, 3.0])),
}


@pytest.mark.parametrize(
    "name, kind",
    [
        (name, kind)
        for name, kind in sampled("numpy binary", itertools.product(BINARY, PAIRS), 130)
        # A division of integers by zero is an error in TensorFlow, once it is run.
        if kind != "bool bool" or name not in ("floor_divide", "mod", "remainder", "divmod")
    ],
    ids=str,
)
def test_two_arrays(name: str, kind: str):
    assert_alike(name, PAIRS[kind])


M, V, C = draw(3, 4), draw(4), draw(2, 3, 4)
N = np.array([[2, 0], [1, 3], [0, 0]])
CALLS: list[tuple[str, Any]] = [
    ("zeros", ([2, 3],)), ("zeros", (3, np.int32)), ("zeros", ([2], None)), ("ones", ([2, 3],)), ("ones", ((), bool)),
    ("empty", ([2],)), ("full", ([2, 2], 3)), ("full", (2, [1, 2.5])), ("full_like", (M, 2)),
    ("full_like", (M, 2, np.int32)), ("zeros_like", ([1, 2], float)), ("eye", (3,)), ("eye", (2, 4, 1)),
    ("eye", (3, 2, -1, np.int32)), ("eye", (2, 2, 5)), ("identity", (2, np.float32)), ("tri", (3,)),
    ("tri", (2, 4, 1, bool)), ("tri", (4, 2, -2)), ("arange", (5,)), ("arange", (1, 5)), ("arange", (0, 1, 0.25)),
    ("arange", (5, 1)), ("arange", (5, 1, -2)), ("arange", (3, None, 1, np.float32)), ("arange", (0.5, 3)),
    ("linspace", (0, 1, 5)), ("linspace", (0.0, 3.0, 4, False)), ("linspace", (0, 3, 4, True, True)),
    ("linspace", ([0, 1], [3, 4], 3)), ("linspace", (np.float32(0), np.float32(1), 3)), ("linspace", (0, 1, 1)),
    ("linspace", (0, 1, 3, False, False, None)), ("logspace", (0, 2, 3)), ("logspace", (0, 2, 3, False, 2.0)),
    ("geomspace", (1, 8, 4)), ("geomspace", (-1.0, -8.0, 4)), ("geomspace", (1, 1000, 4, True, np.float32)),
    ("vander", ([1, 2, 3],)), ("vander", ([1.0, 2.0], 3, True)), ("diag_indices", (3,)), ("diag_indices", (2, 3)),
    ("meshgrid", ([1, 2], [3.0, 4.0, 5.0])), ("ix_", ([0, 2], [True, False, True])), ("size", (M,)), ("ndim", (C,)),
    ("array", ([1, 2], np.float32, True, 3)), ("array", ([[1, 2.5], [3, 4j]],)), ("array", ([True, 2],)),
    ("array", (3,)), ("array", (2.5,)), ("asarray", ([], None)), ("asarray", (M, np.int64)),
    ("ascontiguousarray", (3.0,)), ("diff", ([1, 4, 9], 2)), ("diff", ([True, False, False],)),
    ("sum", (N, 0)), ("sum", (N, 0, np.float32)), ("sum", (N, -1, None, True)), ("sum", ([True, True],)),
    ("sum", ([True, True], None, bool)), ("sum", (np.array([200, 100], np.uint8),)), ("prod", (N, 1)),
    ("mean", (N,)), ("mean", (N, 0, np.float32)), ("amax", (N, 0)), ("amin", (N, (0, 1))), ("std", (N, 0)),
    ("var", (N, 0, np.float32)), ("var", (M, 0, np.float64, None, 1)), ("all", (N, 1)), ("any", (N, 0, True)),
    ("cumsum", (np.array([[1, 2], [3, 4]], np.int8), 1)), ("cumprod", ([1, 2, 3], None, np.float32)),
    ("average", (N, 0)), ("average", (M, 1, [1, 2, 3, 4], True)), ("average", ([1, 2], None, [1, 3])),
    ("argmax", (M, 0)), ("argmin", (M, -1)), ("count_nonzero", (N, 0)), ("reshape", (M, (2, -1), "F")),
    ("reshape", (M, 12)), ("ravel", (M,)), ("flatten", (M, "F")), ("expand_dims", (M, -1)),
    ("squeeze", (np.ones((1, 2, 1)), 0)), ("transpose", (C, (2, 0, 1))), ("swapaxes", (C, 0, -1)),
    ("moveaxis", (C, 0, -1)), ("moveaxis", (C, (0, 1), (-1, 0))), ("flip", (C, 1)), ("flip", (M,)),
    ("rot90", (M,)), ("rot90", (M, 2)), ("rot90", (C, 3, (1, 2))), ("roll", (M, 2)), ("roll", (M, 1, 0)),
    ("roll", (M, (1, 2), (0, 1))), ("pad", (M, [(1, 0), (0, 2)], "constant")),
    ("pad", (M, [(1, 1), (2, 0)], "reflect")), ("pad", (M, [(1, 1), (2, 0)], "symmetric")),
    ("repeat", (M, 2)), ("repeat", (M, 2, 1)), ("repeat", ([1, 2], [2, 3])), ("tile", (M, 2)), ("tile", (V, (2, 2))),
    ("tile", (C, (2,))), ("atleast_1d", (3, [1, 2])), ("atleast_3d", (V, M)), ("concatenate", ([[1, 2], [3.5]],)),
    ("concatenate", ([M, M], 1)), ("append", (M, 3)), ("stack", ([[1, 2], [3.0, 4.0]], 1)), ("stack", (M, 1)),
    ("vstack", ([[1, 2], [3.0, 4.0]],)), ("hstack", ([[1, 2], [3.0]],)), ("hstack", ([M, M],)),
    ("dstack", ([[1, 2], [3, 4]],)), ("split", (M, 2, 1)), ("split", (V, [1, 3])), ("split", (V, [1, 9])),
    ("vsplit", (M, 3)), ("hsplit", (M, 2)), ("hsplit", (V, [1])), ("dsplit", (C, 2)),
    ("take", (M, [1, 5])), ("take", (M, [0, 9], 1)), ("take", (M, [-1, 4], 1, None, "wrap")),
    ("take_along_axis", (M, N, 1)), ("take_along_axis", (M, [[-1, 0, 1, 2]], 0)), ("take_along_axis", (V, [1], None)),
    ("select", ([[True, False], [True, True]], [[1, 2], [3.5, 4]], 9)), ("compress", ([True, False, True], M)),
    ("compress", ([False, True], M, 1)), ("nonzero", (N,)), ("where", ([[True, False], [True, True]],)),
    ("sort", (M, 0)), ("sort", (M, None)), ("argsort", (M,)), ("argsort", (M, None)), ("argsort", (M, 0, "stable")),
    ("diag", (V,)), ("diag", (V, 1)), ("diag", (M, -1)), ("diag", (M, 9)), ("diag", ([], 2)), ("diagflat", (M, 1)),
    ("diagonal", (C,)), ("diagonal", (C, 1, 1, 2)), ("diagonal", (C, 9)), ("trace", (M,)), ("trace", (C, 1, 0, 2)),
    ("trace", (N, 0, 0, 1, np.float32)), ("tril", (C, 1)), ("triu", (N, -1)), ("kron", (M, V)),
    ("dot", (M, V)), ("dot", (M, 2)), ("dot", (C, draw(4, 2))), ("inner", (M, V)), ("outer", ([1, 2], V)),
    ("tensordot", (C, M, [[1, 2], [0, 1]])), ("tensordot", (M, draw(4, 2), 1)), ("vdot", ([1j, 2], [3j, 1])),
    ("matmul", (C, draw(2, 4, 5))), ("matmul", (V, draw(4, 3))), ("matmul", (N, [1, 2])),
    ("cross", ([1.0, 2, 3], [4, 5, 6])), ("cross", ([1.0, 2], [3.0, 4])), ("cross", ([1.0, 2], [3, 4, 5])),
    ("cross", (draw(3, 2), draw(3, 2), 0, 0)), ("einsum", ("ij,j->i", M, V)), ("einsum", ("ij,jk", N, N.T)),
    ("divmod", ([True, False], [True, True])), ("where", ([True, False], [1, 2], 0.5)),
    ("clip", (N, 1, 2)), ("clip", (N, None, 1.5)), ("clip", (M, 0.5, None)), ("clip", (M, 0.5, [1, 2, 0, 1])),
    ("around", (M, 1)), ("round", ([1.5, 2.5],)),
    ("isclose", ([1.0, np.nan], [1.0 + 1e-9, np.nan])), ("isclose", ([np.nan], [np.nan], 0, 0, True)),
    ("array_equal", ([1, 2], [1, 2, 3])), ("array_equal", ([1, 2], [1, 2.0])), ("polyval", ([1, 2, 3], [1.0, 2.0])),
    ("polyval", (2, [1.0, 2.0])), ("broadcast_to", ([1, 2], (3, 2))), ("broadcast_arrays", ([1, 2], [[3], [4]])),
    ("angle", ([1j, -1], True)), ("angle", (np.float32([-1, 1]), True)), ("nanmean", ([[1, np.nan], [3, 4]], 0)),
    ("nansum", ([[1, np.nan], [3, 4]], 1, np.float32)), ("result_type", (np.float32, 1)), ("shape", (M,)),
    ("promote_types", (np.int32, np.float32)), ("isscalar", (3,)),
]  # fmt: skip


@pytest.mark.parametrize("name, arguments", CALLS, ids=lambda each: each if isinstance(each, str) else None)
def test_calls(name: str, arguments: Any):
    if name in ("result_type", "promote_types", "shape"):
        theirs, ours = (getattr(module, name)(*arguments) for module in (THEIRS, tnp))
        assert str(ours) == str(theirs)
        return
    assert_alike(name, arguments)


def test_dtypes_for_prefer_float32():
    for module in (tensorflow, functape):
        module.experimental.numpy.experimental_enable_numpy_behavior(prefer_float32=True)
    try:
        for name, arguments in [
            ("array", (1.5,)), ("zeros", ([2],)), ("zeros", ([2], None)), ("mean", ([1, 2],)),
            ("log", ([1, 2],)), ("add", (np.array([1]), 1.5)), ("linspace", (0.0, 1.0, 3)), ("arange", (0.0, 2.0)),
        ]:  # fmt: skip
            assert_alike(name, arguments)
    finally:
        THEIRS.experimental_enable_numpy_behavior()


X, Y, Z = draw(3, 4), draw(3, 4), draw(4)
SMOOTH = """
    abs square log log1p exp expm1 sqrt cbrt sin cos tan sinh cosh tanh arctan arcsinh deg2rad rad2deg sinc exp2
    log2 log10 real sign ravel sum prod mean amax amin std var nansum nanmean cumsum cumprod sort transpose flip
    diff average ptp tril triu rot90 trace
"""
SMOOTH_PAIRS = """
    add subtract multiply true_divide power maximum minimum arctan2 hypot logaddexp logaddexp2 inner outer vdot kron
    append
"""
DIFFERENTIATED = [
    *(Case(name, call(name), (X,), 2) for name in SMOOTH.split()),
    *(Case(name, call(name), (X, Y), 2) for name in SMOOTH_PAIRS.split()),
    Case("ties", lambda tf, x: [call("maximum")(tf, x, x), call("amax")(tf, x * 0)], (X,), 1),
    Case("relu", lambda tf, x: call("maximum")(tf, x - 1, 0), (np.append(X, 1.0),), 1),
    Case("matmul", lambda tf, x, z: call("matmul")(tf, x, z), (X, Z), 2),
    Case("dot", lambda tf, x, z: call("dot")(tf, x, z), (X, Z), 2),
    Case("einsum", lambda tf, x, z: call("einsum")(tf, "ij,j->ij", x, z), (X, Z), 2),
    Case("clip", lambda tf, x: call("clip")(tf, x, 0.5, 1.0), (np.append(X, [0.5, 1.0]),), 1),
    Case("where", lambda tf, x, y: call("where")(tf, x > y, x, y * y), (X, Y), 2),
    Case("take", lambda tf, x: call("take")(tf, x * x, [2, 0, 0], 1), (X,), 2),
    Case("take_along_axis", lambda tf, x: call("take_along_axis")(tf, x * x, N, 1), (X,), 2),
    Case("promotion", lambda tf, x: x * tf.constant([1, 2, 3, 4]) + 1.5, (X.astype(np.float32),), 2),
    Case("methods", lambda tf, x: (x.T.reshape(2, 6).astype(tf.float64).clip(0.3, 9.0) ** 2).mean(axis=0), (X,), 2),
    Case("indexing", lambda tf, x: [x[[0, 2]] ** 2, x[:, [1, 1]], x[[0, 1], [2, 3]], x[1]], (X,), 2),
]  # fmt: skip


@each([Case(case.name, case.function, case.inputs, case.gradients, 20, SUMS) for case in DIFFERENTIATED])
def test_derivatives(case: Case):
    check(case)


PROGRAMS = Table()


@PROGRAMS
def members(tf):
    x = tf.constant([[1, 2, 3], [4, 5, 6]])
    return [
        x.T, x.ndim, int(x.size), x.data, +x, x.tolist(), x.transpose(), x.transpose([1, 0]), x.flatten("F"),
        x.reshape(3, 2), x.reshape([-1]), x.reshape(6, order="F"), x.ravel(), x.clip(2, 4), x.astype(tf.float32),
        x.max(), x.max(axis=0), x.min(1), x.mean(), x.mean(axis=1, keepdims=True), round(tf.constant([1.26]), 1),
    ]  # fmt: skip


@PROGRAMS
def operators(tf):
    i, f, d = tf.constant([1, 2]), tf.constant([0.5, 2.5]), tf.constant([0.25, 4.0], tf.float64)
    b = tf.constant([3, 4], tf.int8)
    return [
        i + f, i * d, f - d, d / i, i / 2, i // 2.5, f % i, i ** 0.5, 2.5 + i, 3 - b, i + b, i < d, f >= 1, i == f,
        i != 1.0, f + 1, f * np.float64(2), i + np.array([0.5, 1.5]), [1.5, 2.5] * i, i @ f, tf.Variable(f) + i,
        -f, abs(i - f),
    ]  # fmt: skip


@PROGRAMS
def indexing(tf):
    x = tf.reshape(tf.range(24), [2, 3, 4])
    return [
        x[[1, 0]], x[:, [0, 2]], x[0, [1, 2], [3, 0]], x[..., [1, 3]], x[:, [0, 2], 1:3], x[[0, 1], :, [1, 2]],
        x[np.array([[0, 1], [1, 0]])], x[tf.constant([1])], x[x > 20], x[[True, False]], x[:, [True, False, True]],
        x[1, -1, ::2], x[None, [0]], x[[-1], [0, -2]], x[0], x[:, 1],
    ]  # fmt: skip


@PROGRAMS
def seeded(tf):
    random = tf.experimental.numpy.random
    random.seed(7)
    return [
        random.randn(2, 3), random.rand(2), random.uniform(1, [2, 3]), random.uniform(size=[2]), random.random([2]),
        random.randint(5, size=[4]), random.randint(2, 9, 3), random.randint(2, 9, dtype=np.int32),
        random.standard_normal(), random.standard_normal([2]), tf.zeros_like(random.poisson(3.0, [2])),
    ]  # fmt: skip


@PROGRAMS
def in_a_function(tf):
    tnp = tf.experimental.numpy

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tnp.sum(tnp.tanh(x) * tnp.arange(3)) / x.size
        return y, tape.gradient(y, x), x.T.reshape(-1)[[0, 2]]

    return step(tf.constant([[0.5, 1.0, 2.0]]))


@PROGRAMS.each()
def test_programs(program: Any):
    assert_same_outcome(program)


def test_rounding_to_tens():
    """TensorFlow makes the factor 0.1 a float32 on the way, and 13 / 0.1 less than 130."""
    np.testing.assert_array_equal(tnp.around([125, 136], -1), np.around([125, 136], -1))


def test_it_can_be_off():
    _behavior.disable()
    assert tnp.add([1], 2.5).dtype is functape.float64
    with pytest.raises(AttributeError, match="reshape"):
        functape.constant([1]).reshape(1)
    with pytest.raises(functape.errors.InvalidArgumentError):
        functape.constant([1]) + functape.constant([1.0])


def test_modes():
    with pytest.raises(NotImplementedError, match="weak"):
        tnp.experimental_enable_numpy_behavior(dtype_conversion_mode="all")
    with pytest.raises(ValueError, match="dtype_conversion_mode"):
        tnp.experimental_enable_numpy_behavior(dtype_conversion_mode="some")


@each(
    [
        Case("clip", call("clip", [1], None, None)),
        Case("gcd", call("gcd", [1.0], [2])),
        Case("lengths", call("select", [[True]], [])),
        Case("nothing", call("concatenate", [])),
        Case("step", call("arange", 0, 3, 0)),
        Case("num", call("linspace", 0, 1, -1)),
        Case("order", call("reshape", [1], [1], "K")),
        Case("mode", call("pad", [1], [(1, 1)], "wrap")),
        Case("take", call("take", [1], [0], None, None, "raise")),
        Case("tril", call("tril", [1])),
        Case("matmul", call("matmul", [[1.0]], [[1.0, 2.0], [3.0, 4.0]])),
        Case("sort", call("sort", [1], 0, "heapsort")),
        Case("boundaries", call("split", [1, 2, 3], [2, 1])),
        Case("division", call("hsplit", np.array([1, 2, 3]), 2)),
        Case("one", call("where", [True], [1])),
        Case("axis", call("average", [1], [0])),
        Case("sign", call("sign", [1], out=[2])),
        Case("randint", lambda tf: tf.experimental.numpy.random.randint(3, dtype=np.int8)),
        Case("seed", lambda tf: tf.experimental.numpy.random.seed([1])),
        Case("index", lambda tf: tf.constant([1, 2])[[0.5]]),
    ]
)
def test_errors(case: Case):
    theirs, ours = (outcome(tf, case.function, ()) for tf in (tensorflow, functape))
    assert isinstance(theirs, str)
    assert ours == theirs


def test_every_name_is_compared():
    """A function without a row in the tables above would not be compared with TensorFlow's."""
    compared = {*UNARY, *BINARY, *(name for name, _ in CALLS), *(case.name for case in DIFFERENTIATED)}
    functions = {
        name
        for name in tensorflow_names()["experimental.numpy"]
        if not isinstance(getattr(tnp, name), type | float | type(None) | type(functape))
    }
    assert functions - compared == {
        "experimental_enable_numpy_behavior", "finfo", "issubdtype", "random",
    } & functions  # fmt: skip
    assert tnp.finfo(functape.float32).max == THEIRS.finfo(tensorflow.float32).max


@pytest.mark.parametrize("name", sorted(tensorflow_names()["experimental.numpy"]))
def test_names(name: str):
    theirs, ours = getattr(THEIRS, name), getattr(tnp, name)
    if isinstance(theirs, type) and theirs.__module__ == "numpy":
        assert ours is theirs
    elif isinstance(theirs, float | type(None)):
        assert ours == theirs
    elif not isinstance(theirs, type) and callable(theirs):
        check_signature(theirs, ours)
