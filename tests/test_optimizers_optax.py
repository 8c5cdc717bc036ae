"""Optax transformations as optimizers, against optax itself."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import optax
import pytest

import functape as tf
from functape._engine._cache import cache

Optax = tf.keras.optimizers.Optax


def _decayed_matrices(parameters: Any) -> Any:
    return jax.tree.map(lambda each: each.ndim > 1, parameters)


TRANSFORMATIONS: dict[str, Callable[[], Any]] = {
    "lion": lambda: optax.lion(1e-2),
    "sgd": lambda: optax.sgd(0.1),
    "adamw": lambda: optax.adamw(0.05, weight_decay=0.1),
    "adamw of matrices": lambda: optax.adamw(0.05, weight_decay=0.1, mask=_decayed_matrices),
    "chain": lambda: optax.chain(optax.clip_by_global_norm(0.5), optax.adam(0.05), optax.add_decayed_weights(1e-3)),
    "schedule": lambda: optax.adam(optax.warmup_cosine_decay_schedule(0.0, 0.1, 5, 20)),
    "masked by list": lambda: optax.masked(optax.scale(-0.5), [True, False]),
    "partitioned": lambda: optax.multi_transform({"a": optax.sgd(0.1), "b": optax.adam(0.1)}, ["a", "b"]),
    "injected": lambda: optax.inject_hyperparams(optax.adam)(learning_rate=0.1),
    "every third": lambda: optax.MultiSteps(optax.adam(0.1), every_k_schedule=3),
    "adafactor": lambda: optax.adafactor(0.1, min_dim_size_to_factor=1),
    "lookahead free": lambda: optax.contrib.schedule_free_adamw(0.1),
    "finite": lambda: optax.apply_if_finite(optax.sgd(0.1), 3),
    "noise": lambda: optax.add_noise(0.1, 0.5, jax.random.key(0)),
    "ema": lambda: optax.chain(optax.ema(0.9), optax.scale(-0.1)),
    "muon": lambda: optax.contrib.muon(0.05),
}
START = [np.array([[1.0, 2.0], [3.0, 4.5]], np.float32), np.array([1.0, -1.0], np.float32)]


def _gradients(step: int) -> list[np.ndarray]:
    generator = np.random.default_rng(step)
    return [generator.normal(size=each.shape).astype(np.float32) for each in START]


def _reference(transformation: Any, steps: int) -> list[list[np.ndarray]]:
    values: Any = [jax.numpy.asarray(each) for each in START]
    state = transformation.init(values)
    path = []
    for step in range(steps):
        updates, state = transformation.update(_gradients(step), state, values)
        values = optax.apply_updates(values, updates)
        path.append([np.asarray(each) for each in values])
    return path


@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_any_transformation(name: str) -> None:
    optimizer = Optax(TRANSFORMATIONS[name]())
    variables = [tf.Variable(each) for each in START]
    for step, wanted in enumerate(_reference(TRANSFORMATIONS[name](), 12)):
        optimizer.apply_gradients((tf.constant(g), v) for g, v in zip(_gradients(step), variables, strict=True))
        if step == 1:
            before = cache.compiled
        for variable, value in zip(variables, wanted, strict=True):
            np.testing.assert_allclose(variable.numpy(), value, rtol=2e-5, atol=2e-6, err_msg=f"step {step}")
    assert cache.compiled == before
    assert int(optimizer.iterations) == 12


def test_the_tolerance_tells_learning_rates_apart() -> None:
    """A negative control."""
    near, far = _reference(optax.adam(0.05), 12), _reference(optax.adam(0.0501), 12)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(near[-1][0], far[-1][0], rtol=2e-5, atol=2e-6)


def test_inside_a_tape() -> None:
    w = tf.Variable([1.0, -2.0])
    optimizer = Optax(optax.adam(0.1))
    for _ in range(100):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(w * w)
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
    assert abs(w.numpy()).max() < 0.1
    optimizer.minimize(lambda: tf.reduce_sum(w * w), [w])
    optimizer.apply([w * 1.0])


def test_state_is_read_written_and_copied() -> None:
    variables = [tf.Variable(each) for each in START]
    first = Optax(optax.chain(optax.clip_by_global_norm(1.0), optax.adam(0.1)))
    for step in range(3):
        first.apply_gradients((tf.constant(g), v) for g, v in zip(_gradients(step), variables, strict=True))
    names = [each.name for each in first.variables]
    assert names[0] == "iteration:0"
    assert all(name.startswith("Optax/") for name in names[1:])
    assert len(names) == 6
    copies = [tf.Variable(each.numpy()) for each in variables]
    second = Optax(optax.chain(optax.clip_by_global_norm(1.0), optax.adam(0.1)))
    second.build(copies)
    second.set_weights(first.get_weights())
    held = copy.deepcopy({"variables": variables, "optimizer": first})
    for step in range(3, 6):
        for optimizer, own in ((first, variables), (second, copies), (held["optimizer"], held["variables"])):
            optimizer.apply_gradients((tf.constant(g), v) for g, v in zip(_gradients(step), own, strict=True))
    for own in (copies, held["variables"]):
        for left, right in zip(variables, own, strict=True):
            np.testing.assert_array_equal(left.numpy(), right.numpy())


def test_an_injected_learning_rate_is_assigned() -> None:
    w = tf.Variable([1.0])
    optimizer = Optax(optax.inject_hyperparams(optax.sgd)(learning_rate=0.5))
    optimizer.apply_gradients([(tf.constant([1.0]), w)])
    assert float(optimizer.learning_rate) == 0.5
    optimizer.learning_rate = 0.25
    before = cache.compiled
    optimizer.apply_gradients([(tf.constant([1.0]), w)])
    assert cache.compiled == before
    assert w.numpy() == 0.25
    assert list(optimizer.hyperparams) == ["learning_rate"]
    with pytest.raises(AttributeError, match="inject_hyperparams"):
        _ = Optax(optax.sgd(0.1)).learning_rate


def test_further_arguments() -> None:
    w = tf.Variable([2.0])
    optimizer = Optax(optax.chain(optax.sgd(1.0), optax.contrib.reduce_on_plateau(factor=0.5, patience=1)))
    for _ in range(6):
        loss = tf.reduce_sum(w * 0.0) + 1.0
        optimizer.apply_gradients([(tf.constant([0.0]), w)], value=loss)
    optimizer.apply_gradients([(tf.constant([1.0]), w)], value=1.0)
    assert 1.0 < w.numpy()[0] < 2.0


def test_variables_by_name() -> None:
    w, b = tf.Variable([1.0], name="kernel"), tf.Variable([1.0], name="bias")
    labels = {"kernel": "train", "bias": "freeze"}
    transformation = optax.multi_transform({"train": optax.sgd(0.5), "freeze": optax.set_to_zero()}, labels)
    optimizer = Optax(transformation, by_name=True)
    optimizer.apply_gradients([(w * 1.0, w), (b * 1.0, b)])
    assert (w.numpy(), b.numpy()) == (0.5, 1.0)


def test_a_variable_without_gradient_stays() -> None:
    w, b = tf.Variable([1.0]), tf.Variable([1.0])
    optimizer = Optax(optax.sgd(0.5, momentum=0.9))
    optimizer.apply_gradients([(w * 1.0, w), (b * 1.0, b)])
    optimizer.apply_gradients([(w * 1.0, w), (None, b)])
    optimizer.apply_gradients([(w * 1.0, w)])
    assert b.numpy() == 0.5
    assert w.numpy() != 0.5
    with pytest.raises(ValueError, match="Unknown variable"):
        optimizer.apply_gradients([(w * 1.0, w), (tf.constant(1.0), tf.Variable(1.0, name="late"))])


def test_dtypes_and_constraints() -> None:
    wide, narrow = tf.Variable([1.0], dtype=tf.float64), tf.Variable([1.0], dtype=tf.bfloat16)
    bounded = tf.Variable([0.1], constraint=lambda value: tf.maximum(value, 0.0))
    optimizer = Optax(optax.adam(0.5))
    for _ in range(2):
        optimizer.apply_gradients([(each * 1.0, each) for each in (wide, narrow, bounded)])
    assert [each.dtype.name for each in (wide, narrow, bounded)] == ["float64", "bfloat16", "float32"]
    assert bounded.numpy() == 0.0
    assert optimizer.variables[2].dtype.name == "float64"


def test_what_is_no_transformation() -> None:
    with pytest.raises(TypeError, match="optax transformation"):
        Optax(3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="shape"):
        w = tf.Variable([1.0, 2.0])
        Optax(optax.sgd(0.1)).apply_gradients([(tf.constant([1.0, 2.0, 3.0]), w)])
    assert isinstance(tf.keras.optimizers.get(optax.sgd(0.1)), Optax)
