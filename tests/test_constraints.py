"""`tf.keras.constraints`: Keras's values and configurations."""

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

MADE = {
    "max_norm": lambda keras: keras.constraints.MaxNorm(),
    "max_norm of rows": lambda keras: keras.constraints.max_norm(0.5, axis=1),
    "max_norm of all": lambda keras: keras.constraints.MaxNorm(0.5, axis=[0, 1]),
    "min_max_norm": lambda keras: keras.constraints.MinMaxNorm(0.5, 1.0),
    "min_max_norm, part of the way": lambda keras: keras.constraints.min_max_norm(2.0, 3.0, 0.3, 1),
    "non_neg": lambda keras: keras.constraints.NonNeg(),
    "unit_norm": lambda keras: keras.constraints.UnitNorm(),
    "unit_norm of rows": lambda keras: keras.constraints.unit_norm(axis=1),
    "nothing": lambda keras: keras.constraints.Constraint(),
}


@each(
    Case(f"{name}, {w.dtype}", lambda tf, w, name=name: MADE[name](tf.keras)(w), (w,), 1)
    for name in MADE
    for w in (W, W.astype(np.float64), W.astype(np.float16))
)
def test_as_keras(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
def test_radial(size: int) -> None:
    kernel = np.random.default_rng(size).normal(size=(size, size, 2, 3)).astype(np.float32)
    if size == 1:
        # Keras has no centre to take where the kernel is one point.
        return
    theirs = tf_keras.constraints.RadialConstraint()(tensorflow.constant(kernel)).numpy()
    np.testing.assert_array_equal(functape.keras.constraints.RadialConstraint()(kernel).numpy(), theirs)


def test_a_variable_keeps_its_constraint() -> None:
    variable = functape.Variable([[3.0], [4.0]], constraint=functape.keras.constraints.UnitNorm())
    with functape.GradientTape() as tape:
        loss = functape.reduce_sum(variable)
    functape.keras.optimizers.SGD(0.0).apply_gradients([(tape.gradient(loss, variable), variable)])
    np.testing.assert_allclose(variable.numpy(), [[0.6], [0.8]], rtol=1e-6)


@pytest.mark.parametrize("name", MADE)
def test_configurations(name: str) -> None:
    theirs, ours = MADE[name](tensorflow.keras), MADE[name](functape.keras)
    assert ours.get_config() == theirs.get_config()
    stored = tensorflow.keras.constraints.serialize(theirs)
    assert functape.keras.constraints.serialize(ours) == stored
    assert functape.keras.constraints.deserialize(stored).get_config() == ours.get_config()


@pytest.mark.parametrize("name", ["max_norm", "MaxNorm", "min_max_norm", "non_neg", "unit_norm", "NonNeg"])
def test_names(name: str) -> None:
    theirs, ours = (tf.keras.constraints.get(name) for tf in (tensorflow, functape))
    assert type(ours).__name__ == type(theirs).__name__


def test_nothing_is_missing() -> None:
    for module in (tensorflow.keras.constraints, tf_keras.constraints):
        assert {name for name in dir(module) if not name.startswith("_")} <= set(functape.keras.constraints.__all__)


def test_identifiers() -> None:
    get = functape.keras.constraints.get
    assert get(None) is None
    assert get({"class_name": "MaxNorm", "config": {"max_value": 3, "axis": 1}}).max_value == 3
    assert get(abs) is abs


wrong = Table()


@wrong
def no_such_name(tf: Any) -> Any:
    return tf.keras.constraints.get("no such thing")


@wrong
def a_number(tf: Any) -> Any:
    return tf.keras.constraints.get(7)


@wrong.each()
def test_raises_as_keras(program: Any) -> None:
    assert_same_error(program)


def test_a_radial_vector_is_refused() -> None:
    with pytest.raises(ValueError, match="rank 4"):
        functape.keras.constraints.RadialConstraint()(functape.zeros([3]))
