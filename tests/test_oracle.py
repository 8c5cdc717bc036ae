"""The comparison with TensorFlow is itself tested: what is slightly wrong must be caught."""

from __future__ import annotations

from typing import Any

import numpy as np
import oracle
import pytest
import tensorflow
from oracle import Case, check, check_raises, check_signature

import functape

X = np.array([0.5, -1.25, 3.0], np.float32)
WIDE = X.astype(np.float64)


def on_our_side(tf: Any, wrong: Any, right: Any) -> Any:
    return wrong if tf is functape else right


@pytest.mark.parametrize("x", [X, WIDE, X.astype(np.float16)], ids=lambda x: x.dtype.name)
def test_agreement_passes(x: Any) -> None:
    check(Case("cube", lambda tf, x: x * x * x, (x,)))


@pytest.mark.parametrize(("x", "error"), [(X, 1e-5), (WIDE, 1e-11), (X.astype(np.float16), 1e-2)])
def test_slightly_wrong_value_fails(x: Any, error: float) -> None:
    case = Case("value", lambda tf, x: x + on_our_side(tf, error, 0.0), (x,))
    with pytest.raises(AssertionError, match="value 0"):
        check(case)


def test_slightly_wrong_gradient_fails() -> None:
    # x + stop(x) has the value of 2x, and half its gradient.
    def function(tf: Any, x: Any) -> Any:
        frozen = tf.constant(x.numpy() * np.float32(1e-5))
        return x + on_our_side(tf, frozen, x * 1e-5)

    with pytest.raises(AssertionError, match="gradient 0"):
        check(Case("gradient", function, (X,)))


def test_slightly_wrong_second_gradient_fails() -> None:
    def function(tf: Any, x: Any) -> Any:
        small = tf.constant(x.numpy() * np.float32(2e-5))
        flat = x * small - tf.constant(x.numpy() ** 2 * np.float32(1e-5))
        return x * x + on_our_side(tf, flat, x * x * 1e-5)

    check(Case("first only", function, (X,), gradients=1))
    with pytest.raises(AssertionError, match="second gradient 0"):
        check(Case("second", function, (X,)))


def test_second_gradient_of_a_linear_function() -> None:
    check(Case("linear", lambda tf, x: 3.0 * x, (X,)))
    with pytest.raises(AssertionError, match="second gradient present"):
        check(Case("nearly", lambda tf, x: on_our_side(tf, 3.0 * x + 1e-30 * x * x, 3.0 * x), (X,)))


def test_wrong_dtype_fails() -> None:
    with pytest.raises(AssertionError, match="dtypes"):
        check(Case("dtype", lambda tf, x: on_our_side(tf, tf.constant(X), tf.constant(WIDE)), (X,)))


def test_wrong_shape_fails() -> None:
    with pytest.raises(AssertionError, match="shapes"):
        check(Case("shape", lambda tf, x: on_our_side(tf, tf.constant(X[:, None]), tf.constant(X)), (X,)))


def test_gradient_that_should_be_none_fails() -> None:
    with pytest.raises(AssertionError, match="gradient present"):
        check(Case("none", lambda tf, x: on_our_side(tf, x * 0.0, tf.constant(X * 0)), (X,)))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_misplaced_nan_or_infinity_fails(wrong: float) -> None:
    with pytest.raises(AssertionError, match="value 0"):
        check(Case("special", lambda tf: tf.constant([on_our_side(tf, wrong, 1.0), 2.0])))


def test_wrong_integer_fails() -> None:
    with pytest.raises(AssertionError, match="value 0"):
        check(Case("integer", lambda tf: tf.constant([100_000_000 + on_our_side(tf, 1, 0)])))


def test_python_values_are_compared() -> None:
    check(Case("python", lambda tf: {"a": [1, "b"], "c": (None, True)}))
    with pytest.raises(AssertionError, match="value 0"):
        check(Case("python", lambda tf: on_our_side(tf, 1, 2)))


def test_loosened_tolerance_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="must say why"):
        Case("loose", lambda tf: None, loosen=10)


def test_cases_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        oracle.each([Case("a", lambda tf: None), Case("a", lambda tf: None)])


def raising(ours: Any, theirs: Any) -> Any:
    def function(tf: Any) -> None:
        error = on_our_side(tf, ours, theirs)
        if error is not None:
            raise error

    return function


def test_exceptions_are_compared_by_name() -> None:
    right = tensorflow.errors.InvalidArgumentError(None, None, "wrong")
    check_raises(Case("same", raising(ValueError("a"), ValueError("b"))))
    for ours, theirs in [
        (TypeError("a"), ValueError("a")),
        (None, right),
        (ValueError("a"), None),
        (ValueError(""), right),
    ]:
        with pytest.raises(AssertionError):
            check_raises(Case("different", raising(ours, theirs)))


def test_signatures_are_compared() -> None:
    check_signature(lambda x, axis=None: x, lambda x, axis=None: x)
    for wrong in (lambda x, axis=0: x, lambda y, axis=None: y, lambda x: x, lambda x, *, axis=None: x):
        with pytest.raises(AssertionError):
            check_signature(lambda x, axis=None: x, wrong)
