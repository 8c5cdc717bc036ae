"""Python's operators on tensors and variables against TensorFlow's."""

from __future__ import annotations

import operator

import numpy as np
from oracle import Case, check, check_raises, each

NAN = float("nan")

ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
ORDER = ("lt", "le", "gt", "ge")
BITS = ("and_", "or_", "xor")

X = np.array([1.5, -2.0, 0.5], np.float32)
Y = np.array([2.0, 3.0, -1.0], np.float32)
POSITIVE = np.abs(X)
I = np.array([7, -7, 2], np.int32)  # noqa: E741
J = np.array([2, 3, 5], np.int32)
TRUTH, OTHER = np.array([True, True, False]), np.array([True, False, False])


def arithmetic_cases():
    for name in (*ARITHMETIC, *ORDER, "eq", "ne"):
        operate = getattr(operator, name)
        x = POSITIVE if name == "pow" else X
        yield Case(f"{name}-floats", lambda tf, a, b, o=operate: o(a, b), (x, Y))
        yield Case(f"{name}-broadcast", lambda tf, a, b, o=operate: o(a, b), (x, Y[:, None]))
        yield Case(f"{name}-float64", lambda tf, a, b, o=operate: o(a, b), (x.astype(np.float64), Y.astype(np.float64)))
        yield Case(f"{name}-ints", lambda tf, a, b, o=operate: o(a, b), (I, J))
        yield Case(f"{name}-int64", lambda tf, a, b, o=operate: o(a, b), (I.astype(np.int64), J.astype(np.int64)))
        for described, number in (("int", 2), ("float", 2.5), ("bool", True)):
            yield Case(f"{name}-{described}", lambda tf, a, o=operate, n=number: o(a, n), (x,))
            yield Case(f"{name}-reflected-{described}", lambda tf, a, o=operate, n=number: o(n, a), (POSITIVE,))
        yield Case(f"{name}-int-by-int", lambda tf, a, o=operate: o(a, 2), (I,))
        yield Case(f"{name}-reflected-int-by-int", lambda tf, a, o=operate: o(2, a), (J,))
        yield Case(f"{name}-array", lambda tf, a, o=operate: o(a, np.array([1.0, 2.0, 3.0])), (x,))
        yield Case(f"{name}-reflected-array", lambda tf, a, o=operate: o(np.array([1.0, 2.0, 3.0]), a), (x,))
        yield Case(f"{name}-number-of-numpy", lambda tf, a, o=operate: o(a, np.float32(2)), (x,))
        yield Case(f"{name}-reflected-number-of-numpy", lambda tf, a, o=operate: o(np.float64(2), a), (POSITIVE,))
        yield Case(f"{name}-list", lambda tf, a, o=operate: o(a, [1.0, 2.0, 3.0]), (x,))
        yield Case(f"{name}-reflected-list", lambda tf, a, o=operate: o([1.0, 2.0, 3.0], a), (x,))
        yield Case(f"{name}-variable", lambda tf, a, o=operate: o(tf.Variable([1.0, 2.0, 3.0]), a), (x,))
        yield Case(f"{name}-by-variable", lambda tf, a, o=operate: o(a, tf.Variable([1.0, 2.0, 3.0])), (x,))
        yield Case(f"{name}-itself", lambda tf, a, o=operate: o(a, a), (POSITIVE,))


def unary_cases():
    edges = np.array([0.0, -0.0, 1.0, NAN], np.float32)
    yield Case("neg", lambda tf, a: -a, (X,))
    yield Case("neg-int", lambda tf, a: -a, (I,))
    yield Case("pos-variable-neg", lambda tf: -tf.Variable([1.0]))
    yield Case("abs", lambda tf, a: abs(a), (X,))
    yield Case("abs-edges", lambda tf, a: abs(a), (edges,))
    yield Case("abs-complex", lambda tf, a: abs(a), (np.array([3 + 4j, -1j]),))
    yield Case("abs-complex-zero", lambda tf, a: abs(a), (np.array([0j]),), 1)
    yield Case("invert-bool", lambda tf, a: ~a, (TRUTH,))
    yield Case("invert-int", lambda tf, a: ~a, (I,))


def bit_cases():
    for name in BITS:
        operate = getattr(operator, name)
        yield Case(f"{name}-bools", lambda tf, a, b, o=operate: o(a, b), (TRUTH, OTHER))
        yield Case(f"{name}-bool", lambda tf, a, o=operate: o(a, True), (TRUTH,))
        yield Case(f"{name}-reflected-bool", lambda tf, a, o=operate: o(True, a), (TRUTH,))
        yield Case(f"{name}-ints", lambda tf, a, b, o=operate: o(a, b), (I, J))
        yield Case(f"{name}-int", lambda tf, a, o=operate: o(a, 3), (I,))
        yield Case(
            f"{name}-uint8", lambda tf, a, b, o=operate: o(a, b), (J.astype(np.uint8), J.astype(np.uint8)[::-1].copy())
        )
    yield Case("mul-bools", lambda tf, a, b: a * b, (TRUTH, OTHER))


def power_cases():
    base = np.array([0.0, 1.0, -2.0, 3.0], np.float32)
    for exponent in (0, 1, 2, 3, 0.5, -1, 2.0):
        yield Case(f"power-{exponent}", lambda tf, a, e=exponent: a**e, (base,), 1)
    yield Case("power-int-2", lambda tf, a: a**2, (I,))
    yield Case("power-int-3", lambda tf, a: a**3, (I,))
    yield Case("power-reflected", lambda tf, a: 2**a, (X,))
    yield Case(
        "power-of-zero", lambda tf, a, b: a**b, (np.zeros(3, np.float32), np.array([0.0, 1.0, 2.0], np.float32)), 1
    )
    yield Case("mod-signs", lambda tf, a: (a % 3.0, a % -3.0), (np.array([5.5, -5.5, 3.0], np.float32),))
    yield Case("mod-zero", lambda tf, a: a % 0.0, (X,), 0)
    yield Case("floordiv-zero", lambda tf, a: a // 0.0, (X,))
    yield Case("truediv-zero", lambda tf, a: a / 0.0, (X,), 1)
    yield Case("truediv-int-zero", lambda tf, a: a / 0, (I,))
    yield Case("truediv-int8", lambda tf, a: a / 2, (I.astype(np.int8),))


def matrix_cases():
    a, b = np.arange(6.0, dtype=np.float32).reshape(2, 3), np.linspace(-1, 1, 12).astype(np.float32).reshape(3, 4)
    batch = np.linspace(-1, 1, 24).reshape(2, 4, 3)
    yield Case("matmul", lambda tf, a, b: a @ b, (a, b))
    yield Case("matmul-array", lambda tf, a: a @ b, (a,))
    yield Case("matmul-reflected-array", lambda tf, b: a @ b, (b,))
    yield Case("matmul-list", lambda tf, a: a @ [[1.0], [2.0], [3.0]], (a,))
    yield Case("matmul-batch", lambda tf, c: c @ tf.transpose(c, [0, 2, 1]), (batch,))
    yield Case("matmul-batch-broadcast", lambda tf, c, d: c @ d, (batch, batch[0].T.copy()))
    yield Case("matmul-int", lambda tf, a: a @ a, (np.arange(4, dtype=np.int32).reshape(2, 2),))
    yield Case("matmul-complex", lambda tf, a: a @ a, (np.array([[1 + 1j, 2], [0.5j, -1]]),))
    yield Case("matmul-variable", lambda tf, a: a @ tf.Variable(b), (a,))


def comparison_cases():
    x = np.array([1.0, NAN, 2.0], np.float32)
    for name in (*ORDER, "eq", "ne"):
        yield Case(f"{name}-nan", lambda tf, a, n=name: getattr(operator, n)(a, a), (x,))
    yield Case("eq-shapes", lambda tf, a: a == [1.0, 2.0], (X,))
    yield Case("ne-shapes", lambda tf, a: a != [1.0, 2.0], (X,))
    yield Case("eq-bools", lambda tf, a, b: a == b, (TRUTH, OTHER))
    yield Case("eq-none", lambda tf, a: (a == None, a != None), (X,))  # noqa: E711
    yield Case("eq-strings", lambda tf: tf.constant(["a", "b"]) == ["a", "c"])


def chains():
    yield Case("polynomial", lambda tf, a: 3 * a**3 - 2.5 * a / 4 + 1, (X,))
    yield Case("mixed", lambda tf, a, b: ((a + 1) * (b - 2.0) / (1 + abs(a)) - -b) % 3.0, (X, Y))
    yield Case("scalars", lambda tf, a: (a * 2 + 1) / 3 - 1 / a, (np.float32(1.5),))


@each([*arithmetic_cases()])
def test_arithmetic(case):
    check(case)


@each([*unary_cases(), *bit_cases(), *power_cases(), *matrix_cases(), *comparison_cases(), *chains()])
def test_operators(case):
    check(case)


def wrong():
    text = np.array(["a"])
    for name in (*ARITHMETIC, *ORDER):
        operate = getattr(operator, name)
        yield Case(f"{name}-mixed", lambda tf, a, b, o=operate: o(a, b), (X, I))
        yield Case(f"{name}-doubles", lambda tf, a, b, o=operate: o(a, b), (X, X.astype(np.float64)))
        yield Case(f"{name}-shapes", lambda tf, a, b, o=operate: o(a, b), (X, X[:2]))
        yield Case(f"{name}-none", lambda tf, a, o=operate: o(a, None), (X,))
        yield Case(f"{name}-reflected-float", lambda tf, a, o=operate: o(1.5, a), (I,))
        if name not in ("add", "mul"):
            yield Case(f"{name}-bools", lambda tf, a, b, o=operate: o(a, b), (TRUTH, OTHER))
        if name != "add":
            yield Case(f"{name}-float-by-int", lambda tf, a, o=operate: o(a, 1.5), (I,))
            yield Case(f"{name}-complex-number", lambda tf, a, o=operate: o(a, 1j), (X,))
        if name not in ("add", "truediv"):
            yield Case(f"{name}-strings", lambda tf, a, b, o=operate: o(a, b), (text, text))
    for name in BITS:
        operate = getattr(operator, name)
        yield Case(f"{name}-floats", lambda tf, a, b, o=operate: o(a, b), (X, Y))
        yield Case(f"{name}-bool-by-int", lambda tf, a, o=operate: o(a, 1), (TRUTH,))
        yield Case(f"{name}-mixed", lambda tf, a, b, o=operate: o(a, b), (I, TRUTH))
    yield Case("invert-float", lambda tf, a: ~a, (X,))
    yield Case("neg-bool", lambda tf, a: -a, (TRUTH,))
    yield Case("neg-uint8", lambda tf, a: -a, (J.astype(np.uint8),))
    yield Case("abs-bool", lambda tf, a: abs(a), (TRUTH,))
    yield Case("matmul-vectors", lambda tf, a, b: a @ b, (X, Y))
    yield Case("matmul-lengths", lambda tf, a: a @ a, (np.zeros((2, 3), np.float32),))
    yield Case("matmul-number", lambda tf, a: a @ 2.0, (np.zeros((2, 2), np.float32),))
    yield Case("matmul-mixed", lambda tf, a, b: a @ b, (np.zeros((2, 2), np.float32), np.zeros((2, 2), np.int32)))
    yield Case("eq-mixed", lambda tf, a, b: a == b, (X, I))
    yield Case("eq-float-of-int", lambda tf, a: a == 1.5, (I,))
    yield Case("eq-string-of-float", lambda tf, a: a == "a", (X,))
    yield Case("eq-object", lambda tf, a: a == object(), (X,))
    yield Case("ne-object", lambda tf, a: a != object(), (X,))


@each(wrong())
def test_errors(case):
    check_raises(case)
