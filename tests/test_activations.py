"""`tf.keras.activations`: Keras's values and derivatives, names and configurations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
import tf_keras
from both_sides import Table, assert_same_error
from oracle import Case, check, each

import functape

X = np.array([-200.0, -4.0, -3.0, -1.5, -1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0, 1.5, 3.0, 4.0, 6.0, 7.0], np.float32)
ROWS = np.random.default_rng(3).normal(size=(3, 6)).astype(np.float32)
CANCELS = {
    "loosen": 8.0,
    "because": "terms of order one cancel in single precision; the float64 cases hold at full precision",
}
PLAIN = [
    "celu",
    "elu",
    "exponential",
    "gelu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
]


def _case(name: str, *inputs: Any, gradients: int = 2, loosen: float = 1, because: str = "", **kwargs: Any) -> Case:
    activation = name.split(",")[0]
    return Case(
        name,
        lambda tf, *given: getattr(tf.keras.activations, activation)(*given, **kwargs),
        inputs,
        gradients,
        loosen,
        because,
    )


CASES = [
    *(_case(f"{name}, float32", X, **CANCELS) for name in PLAIN),
    *(_case(f"{name}, float64", X.astype(np.float64)) for name in PLAIN),
    *(_case(f"{name}, rows", ROWS, **CANCELS) for name in ("softmax", "log_softmax", "glu")),
    _case("glu, columns", ROWS.T, axis=0),
    _case("softmax, columns", ROWS, axis=0, **CANCELS),
    _case("softmax, all", ROWS, axis=None, **CANCELS),
    _case("softmax, two axes", ROWS.reshape(3, 2, 3), axis=(0, 2), **CANCELS),
    _case("log_softmax, two axes", ROWS.reshape(3, 2, 3), axis=(1, 2), **CANCELS),
    _case("relu, slope", X, negative_slope=0.3),
    _case("relu, bounded", X, max_value=4.0),
    _case("relu, six", X, max_value=6),
    _case("relu, threshold", X, threshold=1.0),
    _case("relu, all", X, negative_slope=0.3, max_value=4.0, threshold=1.0),
    _case("relu, slope and bound", X, negative_slope=0.3, max_value=6.0),
    _case("relu, ints", np.array([-3, 0, 3], np.int32)),
    _case("elu, alpha", X, alpha=2.0),
    _case("celu, alpha", X, alpha=0.5),
    _case("gelu, approximate", X[3:12], approximate=True, **CANCELS),
    _case("leaky_relu, slope", X, negative_slope=0.05),
    _case("hard_shrink, threshold", X, threshold=1.0),
    _case("soft_shrink, threshold", X, threshold=1.0),
    _case("squareplus, b", X, b=1),
    _case("threshold, float", X, threshold=1.0, default_value=7.0),
]


@each(CASES)
def test_as_keras(case: Case) -> None:
    check(case)


def test_lists() -> None:
    assert functape.keras.activations.relu([-1.0, 2.0]).numpy().tolist() == [0, 2]
    assert functape.keras.activations.elu([-1.0, 2.0], alpha=2).dtype == functape.float32


def test_keras_2_names() -> None:
    theirs = tf_keras.activations.relu(tensorflow.constant(X), alpha=0.3, max_value=4.0, threshold=1.0)
    ours = functape.keras.activations.relu(functape.constant(X), alpha=0.3, max_value=4.0, threshold=1.0)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)
    assert functape.keras.activations.leaky_relu([-1.0], alpha=0.5).numpy() == -0.5


def test_one_op_each() -> None:
    from functape._engine._recorder import local

    x = functape.constant(X) + 0.0
    before = len(local.recorder.outputs)
    functape.keras.activations.relu(x, 0.3, 4.0, 1.0)
    assert len(local.recorder.outputs) == before + 1


def test_nothing_is_missing() -> None:
    for module in (tensorflow.keras.activations, tf_keras.activations):
        assert {name for name in dir(module) if not name.startswith("_")} <= set(functape.keras.activations.__all__)


@pytest.mark.parametrize("name", sorted({*PLAIN, "softmax", "log_softmax", "sparsemax", "glu", "threshold"}))
def test_names(name: str) -> None:
    theirs, ours = (tf.keras.activations for tf in (tensorflow, functape))
    assert ours.get(name) is getattr(ours, name)
    assert ours.serialize(ours.get(name)) == theirs.serialize(theirs.get(name))
    assert ours.deserialize(ours.serialize(ours.get(name))) is ours.get(name)
    stored = tensorflow.keras.utils.serialize_keras_object(theirs.get(name))
    assert functape.keras.utils.deserialize_keras_object(stored) is ours.get(name)


def test_identifiers() -> None:
    get = functape.keras.activations.get
    assert get(None) is functape.keras.activations.linear
    assert get(functape.nn.relu) is functape.nn.relu

    @functape.keras.utils.register_keras_serializable("mine")
    def double(x: Any) -> Any:
        return 2 * x

    stored = functape.keras.activations.serialize(double)
    assert stored["config"] == "mine>double"
    assert get(stored) is double
    assert get("mine>double") is double
    with functape.keras.utils.custom_object_scope({"third": double}):
        assert get("third") is double


wrong = Table()


@wrong
def no_such_name(tf: Any) -> Any:
    return tf.keras.activations.get("no such thing")


@wrong
def a_number(tf: Any) -> Any:
    return tf.keras.activations.get(7)


@wrong
def glu_of_odd_length(tf: Any) -> Any:
    return tf.keras.activations.glu(tf.zeros([2, 3]))


@wrong.each()
def test_raises_as_keras(program: Any) -> None:
    assert_same_error(program)


def test_a_softmax_over_one_element_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="sigmoid"):
        functape.keras.activations.softmax(functape.zeros([3, 1]))


@pytest.mark.parametrize("axis", [0, -1])
def test_sparsemax_is_the_nearest_point_of_the_simplex(axis: int) -> None:
    tf = functape
    given = np.asarray(ROWS, np.float64)
    x = tf.constant(given)
    with tf.GradientTape() as tape:
        tape.watch(x)
        made = tf.keras.activations.sparsemax(x, axis)
        weighed = tf.reduce_sum(made * tf.constant(np.cos(np.arange(given.size)).reshape(given.shape)))
    found = made.numpy()
    np.testing.assert_allclose(found.sum(axis), 1.0, 1e-12)
    # Nearest where the way back to x is the same for every share that is not zero, and no longer for the others.
    way = given - found
    level = np.where(found > 0, way, -np.inf).max(axis, keepdims=True)
    np.testing.assert_allclose(np.where(found > 0, way, level), np.broadcast_to(level, way.shape), 0, 1e-12)
    assert (way <= level + 1e-12).all()
    towards = np.cos(np.arange(given.size)).reshape(given.shape)
    kept = found > 0
    mean = (towards * kept).sum(axis, keepdims=True) / kept.sum(axis, keepdims=True)
    np.testing.assert_allclose(tape.gradient(weighed, x).numpy(), np.where(kept, towards - mean, 0), 1e-9, 1e-12)
