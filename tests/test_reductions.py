"""The reductions and running sums of `tf.math` against TensorFlow's."""

from __future__ import annotations

import numpy as np
from oracle import Case, check, check_raises, each

INF, NAN = float("inf"), float("nan")

FLOATING = ("sum", "mean", "prod", "max", "min", "logsumexp", "std", "variance", "euclidean_norm")
NUMERIC = ("sum", "mean", "prod", "max", "min", "euclidean_norm")
RUNNING = ("cumsum", "cumprod", "cumulative_logsumexp")

MATRIX = np.array([[0.5, -1.5, 2.0], [1.25, 0.75, -0.25]], np.float32)
CUBE = np.linspace(-1.0, 2.0, 24).reshape(2, 3, 4)
TIES = np.array([[2.0, 2.0, 1.0], [1.0, 1.0, 1.0]], np.float32)
ZEROS = np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 1.5]], np.float32)
SPECIALS = np.array([[1.0, INF], [-INF, -INF], [NAN, 2.0]], np.float32)
INTEGERS = np.array([[-7, 2, 3], [1, -4, 2]], np.int32)
EMPTY = np.zeros((0, 3), np.float32)

ROUGH = {("euclidean_norm", "empty-list"): {"loosen": 5.0, "because": "terms as large as 4 cancel"}}

AXES = {
    "none": {},
    "first": {"axis": 0},
    "last": {"axis": -1},
    "list": {"axis": [0, 1]},
    "tuple": {"axis": (-2,)},
    "empty-list": {"axis": []},
    "array": {"axis": np.array([1])},
    "keepdims": {"keepdims": True},
    "axis-keepdims": {"axis": 1, "keepdims": True},
}


def reduced(name, **options):
    return lambda tf, x: getattr(tf.math, f"reduce_{name}")(x, **options)


def floating_cases():
    for name in FLOATING:
        for described, options in AXES.items():
            yield Case(f"{name}-{described}", reduced(name, **options), (MATRIX,), **ROUGH.get((name, described), {}))
        # TensorFlow's second derivative of a product is not right where an element is 0, infinite or NaN.
        gradients = 1 if name == "prod" else 2
        yield Case(f"{name}-cube", reduced(name, axis=[0, -1]), (CUBE,))
        yield Case(f"{name}-ties", reduced(name, axis=1), (TIES,))
        yield Case(f"{name}-zeros", reduced(name, axis=1), (ZEROS,), gradients)
        yield Case(f"{name}-specials", reduced(name, axis=1), (SPECIALS,), gradients)
        yield Case(f"{name}-empty", reduced(name), (EMPTY,))
        yield Case(f"{name}-empty-rows", reduced(name, axis=0), (EMPTY,))
        yield Case(f"{name}-empty-columns", reduced(name, axis=1), (EMPTY,))
        yield Case(f"{name}-scalar", reduced(name), (np.float32(1.5),))
        yield Case(
            f"{name}-tensor-axis", lambda tf, x, n=name: getattr(tf.math, f"reduce_{n}")(x, tf.constant(0)), (MATRIX,)
        )
        half = MATRIX.astype(np.float16)
        yield Case(f"{name}-float16", reduced(name, axis=1), (half,), 1, 2.0, "TensorFlow rounds each step to 16 bits")
    values = np.array([[1 + 2j, -0.5j], [2 - 1j, 0.25 + 0j]])
    for name in ("sum", "mean", "prod", "variance", "std"):
        yield Case(f"{name}-complex", reduced(name, axis=0), (values,))


def integer_cases():
    for name in NUMERIC:
        for dtype in (np.int32, np.int64, np.int8, np.uint8):
            yield Case(f"{name}-{dtype.__name__}", reduced(name, axis=1), (np.abs(INTEGERS).astype(dtype),))
        yield Case(f"{name}-signed", reduced(name), (INTEGERS,))
        yield Case(f"{name}-of-list", lambda tf, n=name: getattr(tf.math, f"reduce_{n}")([[1, 2], [3, 5]], 0))
        if name != "euclidean_norm":
            yield Case(f"{name}-empty-int", reduced(name), (np.zeros(0, np.int32),))
    for dtype in ("uint8", "int8", "uint16", "int16", "int32", "uint32", "int64", "uint64"):
        bounds = np.iinfo(dtype)
        many = np.random.default_rng(1).integers(bounds.min, bounds.max, (3, 700), dtype, endpoint=True)
        for kind, x in {"many": many, "largest": np.full_like(many, bounds.max)}.items():
            for axis in (None, 0, 1):
                yield Case(f"mean-{kind}-{dtype}-{axis}", reduced("mean", axis=axis), (x,))
            yield Case(f"sum-{kind}-{dtype}", reduced("sum", axis=1), (x,))
        if dtype in ("int32", "int64"):
            yield Case(f"moments-{dtype}", lambda tf, x: tf.nn.moments(x, [1]), (many // 2**15,))
        if dtype not in ("uint16", "uint32", "uint64"):
            ids = np.arange(2100) % 7
            yield Case(
                f"segments-{dtype}",
                lambda tf, x, ids=ids: tf.math.unsorted_segment_mean(tf.reshape(x, [-1]), ids, 8),
                (many,),
            )
    truth = np.array([[True, False], [True, True]])
    for name in ("any", "all"):
        for described, options in AXES.items():
            yield Case(f"{name}-{described}", reduced(name, **options), (truth,))
        yield Case(f"{name}-empty", reduced(name), (np.zeros(0, bool),))


def index_cases():
    for name in ("argmax", "argmin"):

        def call(tf, x, *arguments, name=name, **options):
            return getattr(tf, name)(x, *arguments, **options)

        yield Case(f"{name}-default", call, (MATRIX,))
        yield Case(f"{name}-last", lambda tf, x, f=call: f(tf, x, -1), (MATRIX,))
        yield Case(f"{name}-int32", lambda tf, x, f=call: f(tf, x, 1, tf.int32), (MATRIX,))
        yield Case(f"{name}-ties", lambda tf, x, f=call: f(tf, x, 1), (TIES,))
        yield Case(f"{name}-integers", lambda tf, x, f=call: f(tf, x, axis=1), (INTEGERS,))
        yield Case(f"{name}-bool", call, (np.array([False, True, False]),))
        yield Case(f"{name}-nan", call, (np.array([NAN, 1.0, NAN, 2.0], np.float32),))
        yield Case(f"{name}-all-nan", call, (np.array([NAN, NAN], np.float32),))
        yield Case(f"{name}-tensor-axis", lambda tf, x, f=call: f(tf, x, tf.constant(1)), (MATRIX,))
        yield Case(f"{name}-no-rows", lambda tf, x, f=call: f(tf, x, 1), (EMPTY,))
    yield Case("argmax-uint16", lambda tf, x: tf.argmax(x, 1, tf.uint16), (MATRIX,))


def count_cases():
    for described, options in AXES.items():
        yield Case(f"count-{described}", lambda tf, x, o=options: tf.math.count_nonzero(x, **o), (ZEROS,))
    for dtype in ("float32", "int32", "bool"):
        yield Case(f"count-{dtype}", lambda tf, x, d=dtype: tf.math.count_nonzero(x, dtype=getattr(tf, d)), (ZEROS,))
    yield Case("count-strings", lambda tf: tf.math.count_nonzero(["a", "", "b"]))
    yield Case("count-bools", lambda tf, x: tf.math.count_nonzero(x, 0), (np.array([[True], [False]]),))
    yield Case("zero_fraction-empty", lambda tf, x: tf.math.zero_fraction(x), (np.zeros(0, np.float32),))


def running_cases():
    variants = {
        "plain": {},
        "exclusive": {"exclusive": True},
        "reverse": {"reverse": True},
        "both": {"exclusive": True, "reverse": True},
        "last": {"axis": -1},
    }
    for name in RUNNING:

        def call(tf, x, name=name, **options):
            return getattr(tf.math, name)(x, **options)

        for described, options in variants.items():
            yield Case(f"{name}-{described}", lambda tf, x, f=call, o=options: f(tf, x, **o), (CUBE,))
        yield Case(f"{name}-empty", lambda tf, x, f=call: f(tf, x, exclusive=True), (EMPTY,))
        yield Case(f"{name}-tensor-axis", lambda tf, x, f=call: f(tf, x, axis=tf.constant(1)), (MATRIX,))
    for name in ("cumsum", "cumprod"):
        yield Case(f"{name}-int", lambda tf, x, n=name: getattr(tf.math, n)(x, 1, exclusive=True), (INTEGERS,))


@each([*floating_cases(), *integer_cases()])
def test_reductions(case):
    check(case)


@each([*index_cases(), *count_cases()])
def test_places_and_counts(case):
    check(case)


@each(running_cases())
def test_running(case):
    check(case)


def wrong():
    text = np.array(["a", "b"])
    for name in (*FLOATING, "any", "all"):
        x = np.array([[True]]) if name in ("any", "all") else MATRIX
        yield Case(f"{name}-axis-too-large", reduced(name, axis=2), (x,))
        yield Case(f"{name}-axis-too-small", reduced(name, axis=-3), (x,))
        yield Case(f"{name}-axis-twice", reduced(name, axis=[0, -2]), (x,))
        yield Case(f"{name}-axis-float", reduced(name, axis=1.0), (x,))
        yield Case(f"{name}-axis-text", reduced(name, axis="a"), (x,))
        yield Case(f"{name}-strings", reduced(name), (text,))
        yield Case(f"{name}-none", lambda tf, n=name: getattr(tf.math, f"reduce_{n}")(None))
    for name in NUMERIC:
        yield Case(f"{name}-bool", reduced(name), (np.array([True]),))
    for name in ("logsumexp", "std", "variance", "any", "all"):
        yield Case(f"{name}-int", reduced(name), (INTEGERS,))
    for name in ("max", "min"):
        yield Case(f"{name}-complex", reduced(name), (np.array([1j]),))
    for name in ("argmax", "argmin"):

        def call(tf, x, *arguments, name=name):
            return getattr(tf, name)(x, *arguments)

        yield Case(f"{name}-empty", call, (np.zeros(0, np.float32),))
        yield Case(f"{name}-scalar", call, (np.float32(1),))
        yield Case(f"{name}-axis", lambda tf, x, f=call: f(tf, x, 2), (MATRIX,))
        yield Case(f"{name}-axes", lambda tf, x, f=call: f(tf, x, [1]), (MATRIX,))
        yield Case(f"{name}-float32", lambda tf, x, f=call: f(tf, x, 1, tf.float32), (MATRIX,))
        yield Case(f"{name}-complex", call, (np.array([1j]),))
    yield Case("argmin-int16", lambda tf, x: tf.argmin(x, 1, tf.int16), (MATRIX,))
    for name in RUNNING:
        yield Case(f"{name}-axis", lambda tf, x, n=name: getattr(tf.math, n)(x, 2), (MATRIX,))
        yield Case(f"{name}-axes", lambda tf, x, n=name: getattr(tf.math, n)(x, [0]), (MATRIX,))
        yield Case(f"{name}-scalar", lambda tf, x, n=name: getattr(tf.math, n)(x), (np.float32(1),))
        yield Case(f"{name}-bool", lambda tf, x, n=name: getattr(tf.math, n)(x), (np.array([True]),))


@each(wrong())
def test_errors(case):
    check_raises(case)
