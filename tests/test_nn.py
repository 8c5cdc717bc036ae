"""`tf.nn` against TensorFlow: values, first and second gradients, dtypes, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from oracle import Case, check, check_raises, check_signature, each, run

import functape

f32, f64, f16 = np.float32, np.float64, np.float16
EDGES = np.array([-50.0, -3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0, 6.0, 7.0, 50.0, np.nan, np.inf, -np.inf], f32)
PLAIN = np.array([[-1.5, 0.25, 2.0], [0.5, -0.75, 1.25]], f32)
LABELS = np.array([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]], f32)
SUM_OVER_ONE = np.array([[0.7, 0.9, 0.5], [2.0, 1.0, 0.0]], f32)
LARGE = np.array([[1000.0, 0.0, -1000.0], [-500.0, 500.0, 0.0]], f32)

CANCELS = "the second derivative is a sum of terms of order one that nearly cancel"
ELEMENTWISE = ["relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "softsign", "sigmoid", "tanh"]
DTYPES = [f64, f16]


def _call(name: str, **arguments: Any) -> Any:
    return lambda tf, *inputs: getattr(tf.nn, name)(*inputs, **arguments)


CASES = [
    *(
        Case(name, _call(name), (EDGES,), gradients=1 if name == "softsign" else 2)
        for name in ELEMENTWISE
        if name not in ("silu", "tanh")
    ),
    *(
        Case(
            name, _call(name), (EDGES,), loosen=3, because="near 6 the derivative is a difference of nearly equal terms"
        )
        for name in ("silu", "tanh")
    ),
    *(
        Case(f"{name} {dtype.__name__}", _call(name), (PLAIN.astype(dtype),), gradients=1)
        for name in [*ELEMENTWISE, "softmax", "log_softmax", "l2_loss", "l2_normalize"]
        for dtype in DTYPES
    ),
    Case("gelu approximate float64", _call("gelu", approximate=True), (PLAIN.astype(f64),), gradients=1),
    Case("swish", _call("swish"), (PLAIN,)),
    Case("silu with beta", lambda tf, x: tf.nn.silu(x, beta=1.5), (PLAIN,)),
    Case("gelu approximate", _call("gelu", approximate=True), (PLAIN,)),
    Case("leaky_relu with alpha", _call("leaky_relu", alpha=0.4), (EDGES,)),
    Case("leaky_relu of ints", _call("leaky_relu", alpha=0.5), (np.array([-2, 0, 3]),), gradients=0),
    Case("relu of ints", _call("relu"), (np.array([-2, 0, 3]),), gradients=0),
    Case("relu6 of ints", _call("relu6"), (np.array([-2, 0, 9]),), gradients=0),
    Case("crelu", _call("crelu"), (PLAIN,)),
    Case("crelu along the first axis", _call("crelu", axis=0), (PLAIN,)),
    Case("relu of a list", lambda tf: tf.nn.relu([-1.0, 2.0]), gradients=0),
    Case("relu of a number", lambda tf: tf.nn.relu(0.5), gradients=0),
    Case("softmax", _call("softmax"), (PLAIN,)),
    Case("softmax of large numbers", _call("softmax"), (LARGE,)),
    Case("softmax along the first axis", _call("softmax", axis=0), (PLAIN,), loosen=3, because=CANCELS),
    Case("log_softmax", _call("log_softmax"), (PLAIN,), loosen=3, because=CANCELS),
    Case("log_softmax of large numbers", _call("log_softmax"), (LARGE,)),
    Case("log_softmax along the first axis", _call("log_softmax", axis=0), (PLAIN,)),
    Case("softmax cross-entropy", _call("softmax_cross_entropy_with_logits"), (LABELS, PLAIN), gradients=1),
    Case("softmax cross-entropy, large", _call("softmax_cross_entropy_with_logits"), (LABELS, LARGE), gradients=1),
    Case(
        "softmax cross-entropy of labels that do not sum to one",
        _call("softmax_cross_entropy_with_logits"),
        (SUM_OVER_ONE, PLAIN),
        gradients=1,
    ),
    Case(
        "softmax cross-entropy, second gradient of the logits",
        lambda tf, logits: tf.nn.softmax_cross_entropy_with_logits(LABELS, logits),
        (PLAIN,),
    ),
    Case(
        "softmax cross-entropy, axis", _call("softmax_cross_entropy_with_logits", axis=0), (LABELS, PLAIN), gradients=1
    ),
    Case(
        "softmax cross-entropy, three axes",
        _call("softmax_cross_entropy_with_logits", axis=1),
        (np.abs(np.stack([LABELS, SUM_OVER_ONE])), np.stack([PLAIN, -PLAIN])),
        gradients=1,
    ),
    Case(
        "softmax cross-entropy of ints",
        lambda tf, labels, logits: tf.nn.softmax_cross_entropy_with_logits(labels, logits),
        (np.array([[0, 1, 0], [1, 0, 0]]), PLAIN),
    ),
    Case(
        "softmax cross-entropy, broadcast", _call("softmax_cross_entropy_with_logits"), (LABELS[:1], PLAIN), gradients=0
    ),
    Case("sparse softmax cross-entropy", _call("sparse_softmax_cross_entropy_with_logits"), (np.array([2, 0]), PLAIN)),
    Case(
        "sparse softmax cross-entropy, int64, three axes",
        _call("sparse_softmax_cross_entropy_with_logits"),
        (np.array([[2, 0]], np.int64), PLAIN[None]),
    ),
    Case("sigmoid cross-entropy", _call("sigmoid_cross_entropy_with_logits"), (LABELS, PLAIN)),
    Case(
        "sigmoid cross-entropy at edges",
        _call("sigmoid_cross_entropy_with_logits"),
        (np.full(6, 0.3, f32), np.array([-100.0, -1.0, 0.0, -0.0, 1.0, 100.0], f32)),
    ),
    Case(
        "weighted cross-entropy",
        lambda tf, labels, logits, weight: tf.nn.weighted_cross_entropy_with_logits(labels, logits, weight),
        (LABELS, PLAIN, f32(1.7)),
        gradients=1,
    ),
    Case(
        "weighted cross-entropy at edges",
        lambda tf, labels, logits: tf.nn.weighted_cross_entropy_with_logits(labels, logits, 2.0),
        (np.full(5, 0.3, f32), np.array([-100.0, -1.0, 0.0, 1.0, 100.0], f32)),
        gradients=1,
    ),
    Case("l2_loss", _call("l2_loss"), (PLAIN,)),
    Case("l2_normalize", _call("l2_normalize"), (PLAIN,)),
    Case("l2_normalize along an axis", _call("l2_normalize", axis=1), (PLAIN,)),
    Case("l2_normalize along two", _call("l2_normalize", axis=[0, 1]), (PLAIN,)),
    Case("l2_normalize of zeros", _call("l2_normalize"), (np.zeros(3, f32),), gradients=1),
    Case("l2_normalize with epsilon", _call("l2_normalize", epsilon=10.0), (PLAIN,), gradients=1),
    Case("l2_normalize by its old name", _call("l2_normalize", dim=0), (PLAIN,), gradients=1),
    Case("moments", _call("moments", axes=[0]), (PLAIN,)),
    Case("moments that keep axes", _call("moments", axes=[0, 1], keepdims=True), (PLAIN,)),
    Case("moments with a shift", _call("moments", axes=[-1], shift=1.0), (PLAIN,), gradients=1),
    Case("moments of ints", _call("moments", axes=[0]), (np.array([[1, 2], [4, 8]]),), gradients=0),
    Case("moments of half precision", _call("moments", axes=[0]), (PLAIN.astype(f16),), gradients=0),
    Case("bias_add", _call("bias_add"), (PLAIN, np.array([1.0, 2.0, 3.0], f32))),
    Case("bias_add NCHW", _call("bias_add", data_format="NCHW"), (np.ones((2, 3, 1, 2), f32), np.arange(3, dtype=f32))),
    Case("bias_add NHWC", _call("bias_add", data_format="NHWC"), (np.ones((2, 1, 2, 3), f32), np.arange(3, dtype=f32))),
    Case("embedding_lookup", _call("embedding_lookup"), (PLAIN, np.array([[0, 1, 1]])), gradients=1),
    Case(
        "embedding_lookup with max_norm",
        _call("embedding_lookup", max_norm=1.0),
        (PLAIN, np.array([[0, 1, 1]])),
        gradients=1,
    ),
    Case(
        "embedding_lookup in two tables",
        lambda tf, first, second: tf.nn.embedding_lookup([first, second], [3, 0, 2]),
        (PLAIN, PLAIN * 2),
        gradients=1,
    ),
    Case("top_k", lambda tf, x: list(tf.nn.top_k(x, 2)), (PLAIN,), gradients=1),
    Case("zero_fraction", _call("zero_fraction"), (np.array([0.0, 1.0, 0.0, 3.0], f32),), gradients=0),
    Case(
        "batch_normalization",
        lambda tf, x, mean, variance, offset, scale: tf.nn.batch_normalization(x, mean, variance, offset, scale, 1e-3),
        (PLAIN, f32(0.1) * PLAIN[0], f32(1) + PLAIN[1] ** 2, PLAIN[0], PLAIN[1]),
    ),
    Case(
        "batch_normalization, bare",
        lambda tf, x: tf.nn.batch_normalization(x, 0.5, 2.0, None, None, 1e-3),
        (PLAIN,),
        gradients=1,
    ),
]


@each(CASES)
def test_agrees_with_tensorflow(case: Case) -> None:
    check(case)


WRONG = [
    *(
        Case(f"{name} of ints", _call(name), (np.array([1, 2]),))
        for name in [
            "elu",
            "selu",
            "gelu",
            "silu",
            "softplus",
            "softsign",
            "sigmoid",
            "tanh",
            "softmax",
            "log_softmax",
            "l2_loss",
        ]
    ),
    Case("softmax of a scalar", _call("softmax"), (f32(1),)),
    Case("log_softmax of a scalar", _call("log_softmax"), (f32(1),)),
    Case("softmax axis", _call("softmax", axis=2), (PLAIN,)),
    Case("softmax cross-entropy shapes", _call("softmax_cross_entropy_with_logits"), (LABELS[:, :2], PLAIN)),
    Case("sparse label too large", _call("sparse_softmax_cross_entropy_with_logits"), (np.array([0, 3]), PLAIN)),
    Case("sparse label negative", _call("sparse_softmax_cross_entropy_with_logits"), (np.array([0, -1]), PLAIN)),
    Case(
        "sparse labels floating", _call("sparse_softmax_cross_entropy_with_logits"), (np.array([0.0, 1.0], f32), PLAIN)
    ),
    Case("sparse labels' shape", _call("sparse_softmax_cross_entropy_with_logits"), (np.array([0, 1, 1]), PLAIN)),
    Case("sparse labels' rank", _call("sparse_softmax_cross_entropy_with_logits"), (np.array([[0, 1]]), PLAIN)),
    Case("sigmoid cross-entropy shapes", _call("sigmoid_cross_entropy_with_logits"), (LABELS[:1], PLAIN)),
    Case("sigmoid cross-entropy alone", _call("sigmoid_cross_entropy_with_logits"), (LABELS,)),
    Case(
        "weighted cross-entropy shapes",
        _call("weighted_cross_entropy_with_logits", pos_weight=1.0),
        (LABELS[:1], PLAIN),
    ),
    Case("bias_add length", _call("bias_add"), (PLAIN, np.ones(2, f32))),
    Case("bias_add of a vector", _call("bias_add"), (np.ones(3, f32), np.ones(3, f32))),
    Case("bias_add format", _call("bias_add", data_format="HW"), (PLAIN, np.ones(3, f32))),
    Case("dropout of all", _call("dropout", rate=1.0), (PLAIN,)),
    Case("dropout beyond", _call("dropout", rate=1.5), (PLAIN,)),
    Case("dropout below", _call("dropout", rate=-0.5), (PLAIN,)),
    Case("dropout of ints", _call("dropout", rate=0.5), (np.array([1, 2]),)),
    Case("embedding_lookup out of range", _call("embedding_lookup"), (PLAIN, np.array([2]))),
    Case("top_k too many", lambda tf, x: tf.nn.top_k(x, 9), (PLAIN,)),
    Case("l2_normalize by both names", _call("l2_normalize", axis=0, dim=0), (PLAIN,)),
]


@each(WRONG)
def test_raises_as_tensorflow(case: Case) -> None:
    check_raises(case)


DROPOUTS = {
    "plain": {"rate": 0.5},
    "seeded": {"rate": 0.3, "seed": 7},
    "noise shape": {"rate": 0.5, "noise_shape": [1, 40]},
    "noise shape with None": {"rate": 0.5, "noise_shape": [None, 1]},
    "rate 0": {"rate": 0},
}


@pytest.mark.parametrize("name", DROPOUTS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_dropout_makes_tensorflows_choices(name: str, dtype: str) -> None:
    def draw(tf: Any) -> list[Any]:
        tf.random.set_seed(11)
        x = tf.reshape(tf.cast(tf.range(1, 81), dtype), [2, 40])
        results = []
        for _ in range(2):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.nn.dropout(x, **DROPOUTS[name])
            results += [y.numpy(), tape.gradient(y, x).numpy()]
        return [*results, tf.random.uniform([2]).numpy()]

    for ours, theirs in zip(draw(functape), draw(tensorflow), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3 if dtype == "float16" else 2e-7)


def test_dropout_rates_that_change_compile_nothing() -> None:
    from functape._engine._cache import cache

    x = functape.ones([4])
    for step in range(10):
        functape.nn.dropout(x, 0.1 + 0.01 * step).numpy()
        if step == 1:
            before = cache.compiled
    assert cache.compiled == before


def test_a_rate_may_be_a_tensor() -> None:
    def draw(tf: Any) -> Any:
        tf.random.set_seed(3)
        return tf.nn.dropout(tf.ones([20]), tf.constant(0.25)).numpy()

    np.testing.assert_allclose(draw(functape), draw(tensorflow), rtol=2e-7)


@pytest.mark.parametrize("name", [name for name in functape.nn.__all__ if name != "experimental"])
def test_signatures_are_tensorflows(name: str) -> None:
    check_signature(getattr(tensorflow.nn, name), getattr(functape.nn, name))


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name in ("leaky_relu", "relu", "gelu")], ids=lambda case: case.name
)
def test_the_tolerances_tell_wrong_gradients_apart(case: Case) -> None:
    """A negative control: a gradient that is off at one point, or a value in the fifth digit, fails."""
    from oracle import compare

    theirs, ours = run(tensorflow, case), run(functape, case)
    compare(theirs, ours, case)
    spoiled = [np.array(each) for each in ours.gradients]
    spoiled[0][4] += 1e-5
    ours.gradients = spoiled
    with pytest.raises(AssertionError):
        compare(theirs, ours, case)
