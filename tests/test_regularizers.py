"""`tf.keras.regularizers`: Keras's values, derivatives and configurations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
import tf_keras
from both_sides import Table, assert_same_error
from oracle import Case, check, each

import functape

W = np.random.default_rng(3).normal(size=(4, 5)).astype(np.float32)
W[0, :2] = 0

MADE = {
    "l1": lambda keras: keras.regularizers.L1(0.3),
    "l1 by default": lambda keras: keras.regularizers.l1(),
    "l1 of nothing": lambda keras: keras.regularizers.L1(0),
    "l2": lambda keras: keras.regularizers.L2(0.3),
    "l2 by default": lambda keras: keras.regularizers.l2(),
    "both": lambda keras: keras.regularizers.L1L2(0.3, 0.2),
    "both, second only": lambda keras: keras.regularizers.L1L2(l2=0.2),
    "both, nothing": lambda keras: keras.regularizers.L1L2(None, None),
    "l1_l2": lambda keras: keras.regularizers.l1_l2(0.3, 0.2),
    "orthogonal": lambda keras: keras.regularizers.OrthogonalRegularizer(0.3),
    "orthogonal columns": lambda keras: keras.regularizers.orthogonal_regularizer(0.3, "columns"),
}


def _case(name: str, w: Any) -> Case:
    loosen = {"loosen": 4.0, "because": "a sum of ten products of sums"} if "orthogonal" in name else {}
    dtype = np.asarray(w).dtype
    return Case(f"{name}, {dtype}", lambda tf, w: MADE[name](tf.keras)(w), (w,), 2, **loosen)


@each(
    _case(name, w)
    for name in MADE
    for w in (W[1:], W[1:].astype(np.float64))
    if w.dtype == np.float32 or "orthogonal" not in name
)
def test_as_keras(case: Case) -> None:
    check(case)


def test_gradient_at_zero() -> None:
    check(Case("zeros", lambda tf, w: tf.keras.regularizers.L1L2(0.3, 0.2)(w), (W,), 1))


def test_variables_and_one_op() -> None:
    from functape._engine._recorder import local

    variable = functape.Variable(W)
    before = len(local.recorder.outputs)
    penalty = functape.keras.regularizers.L1L2(0.3, 0.2)(variable)
    assert len(local.recorder.outputs) == before + 1
    theirs = tf_keras.regularizers.L1L2(0.3, 0.2)(tensorflow.Variable(W))
    np.testing.assert_allclose(penalty.numpy(), theirs.numpy(), rtol=2e-6)


@pytest.mark.parametrize("name", MADE)
def test_configurations(name: str) -> None:
    theirs, ours = MADE[name](tensorflow.keras), MADE[name](functape.keras)
    for key, value in theirs.get_config().items():
        assert ours.get_config()[key] == pytest.approx(value, rel=1e-6) if key != "mode" else value
    stored = tensorflow.keras.regularizers.serialize(theirs)
    assert functape.keras.regularizers.serialize(ours).keys() == stored.keys()
    assert functape.keras.regularizers.serialize(ours)["class_name"] == stored["class_name"]
    assert type(functape.keras.regularizers.deserialize(stored)) is type(ours)
    legacy = functape.keras.regularizers.serialize(ours, use_legacy_format=True)
    assert functape.keras.regularizers.get(legacy).get_config() == ours.get_config()


@pytest.mark.parametrize("name", ["l1", "l2", "L1", "L2", "L1L2", "l1l2", "orthogonal_regularizer"])
def test_names(name: str) -> None:
    theirs, ours = (tf.keras.regularizers.get(name) for tf in (tensorflow, functape))
    assert type(ours).__name__ == type(theirs).__name__


def test_identifiers() -> None:
    get = functape.keras.regularizers.get
    assert get(None) is None
    assert isinstance(get("l1_l2"), functape.keras.regularizers.L1L2)
    assert isinstance(get(functape.keras.regularizers.L2), functape.keras.regularizers.L2)
    assert functape.keras.regularizers.L2(l=0.5).l2 == 0.5
    assert functape.keras.regularizers.l1_l2().get_config() == tf_keras_config()


def tf_keras_config() -> dict[str, float]:
    return {key: pytest.approx(value) for key, value in tf_keras.regularizers.l1_l2().get_config().items()}


def test_nothing_is_missing() -> None:
    for module in (tensorflow.keras.regularizers, tf_keras.regularizers):
        assert {name for name in dir(module) if not name.startswith("_")} <= set(functape.keras.regularizers.__all__)


wrong = Table()


@wrong
def negative_factor(tf: Any) -> Any:
    return tf.keras.regularizers.L2(-1.0)


@wrong
def infinite_factor(tf: Any) -> Any:
    return tf.keras.regularizers.L1(float("inf"))


@wrong
def factor_of_text(tf: Any) -> Any:
    return tf.keras.regularizers.L1L2("a lot")


@wrong
def no_such_mode(tf: Any) -> Any:
    return tf.keras.regularizers.OrthogonalRegularizer(mode="diagonals")


@wrong
def orthogonal_vector(tf: Any) -> Any:
    return tf.keras.regularizers.OrthogonalRegularizer()(tf.zeros([3]))


@wrong
def no_such_name(tf: Any) -> Any:
    return tf.keras.regularizers.get("no such thing")


@wrong
def a_number(tf: Any) -> Any:
    return tf.keras.regularizers.get(7)


@wrong
def no_configuration(tf: Any) -> Any:
    return tf.keras.regularizers.Regularizer().get_config()


@wrong.each()
def test_raises_as_keras(program: Any) -> None:
    assert_same_error(program)
