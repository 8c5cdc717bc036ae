"""`functape.testing`, each assertion with a case in which it must fail."""

from __future__ import annotations

import jax
import numpy as np
import pytest
import tensorflow
from test_functionalize import descent

import functape as tf


def test_equivalent_steps_and_one_slightly_wrong():
    step, _ = descent()
    pure, state = tf.functionalize(step, 3.0)
    tf.testing.assert_equivalent((pure, state), step, [(3.0,)] * 3)

    def wrong(state, x):
        state, loss = pure(state, x)
        return {"w": state["w"] * (1 + 1e-4)}, loss

    with pytest.raises(AssertionError, match="state after step 0: w departs"):
        tf.testing.assert_equivalent((wrong, state), (pure, state), [(3.0,)], gradients=False)


def test_tensorflow_is_a_side():
    theirs = tensorflow.Variable(2.0)

    def step(x):
        theirs.assign_sub(0.1 * x)
        return theirs * 1.0

    ours = tf.Variable(2.0)

    def mine(x):
        ours.assign_sub(0.1 * x)
        return ours * 1.0

    tf.testing.assert_equivalent((mine, [ours]), (step, [theirs]), [(1.0,), (2.0,)])
    theirs.assign_add(1e-3)
    with pytest.raises(AssertionError, match="first state"):
        tf.testing.assert_equivalent((mine, [ours]), (step, [theirs]), [(1.0,)])


def test_the_first_op_that_departs_is_named():
    def make(power):
        w = tf.Variable(2.0, name="w")
        return tf.functionalize(lambda x: (w * x) * power, 3.0)

    with pytest.raises(AssertionError, match="first op to depart is Mul"):
        tf.testing.assert_equivalent(make(1.0), make(1.001), [(3.0,)], gradients=False)


def test_retracing_is_found():
    function = jax.jit(lambda x: x * 2)
    tf.testing.assert_no_retrace(function, [(np.ones(3),)] * 4)
    with pytest.raises(AssertionError, match="compiled"):
        tf.testing.assert_no_retrace(jax.jit(lambda x: x * 3), [(np.ones(n),) for n in range(11, 16)])


def test_a_leak_is_found():
    kept = []
    tf.testing.assert_no_leak(lambda x: tf.sin(x).numpy(), [(np.ones(3, np.float32),)] * 5)
    with pytest.raises(AssertionError, match="more arrays"):
        tf.testing.assert_no_leak(lambda x: kept.append(jax.numpy.sin(x)), [(np.ones(3),)] * 5)


def test_a_wrong_gradient_is_found():
    @tf.custom_gradient
    def wrong(x):
        return tf.sin(x), lambda dy: dy * tf.cos(x) * 1.05

    x = np.float32([0.3, 0.7])
    tf.testing.check_gradients(tf.sin, (x,))
    with pytest.raises(AssertionError):
        tf.testing.check_gradients(wrong, (x,), order=1)


def keras_step(tf, rate=0.05):
    """A step of a Keras model, with the variables that it changes."""
    tf.keras.utils.set_random_seed(0)
    layers = tf.keras.layers
    model = tf.keras.Sequential([tf.keras.Input((3,)), layers.Dense(4, activation="tanh"), layers.Dense(2)])
    optimizer = tf.keras.optimizers.SGD(rate, momentum=0.9)
    loss_function = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def step(x, y):
        with tf.GradientTape() as tape:
            loss = loss_function(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return step, model.trainable_variables


def batches(count):
    draw = np.random.default_rng(0)
    return [(draw.normal(size=(5, 3)).astype(np.float32), draw.integers(0, 2, 5)) for _ in range(count)]


def test_a_keras_step_and_tensorflows():
    tf.testing.assert_equivalent(keras_step(tf), keras_step(tensorflow), batches(3), rtol=1e-4)
    with pytest.raises(AssertionError, match=r"the state after step 0: .* departs"):
        tf.testing.assert_equivalent(keras_step(tf, 0.0501), keras_step(tensorflow), batches(1))


def test_departures_of_every_kind_are_found():
    w = tf.Variable([1.0, 2.0], name="w")
    pure, state = tf.functionalize(lambda x: tf.reduce_sum(w * x), np.float32([1.0, 2.0]))
    inputs = [(np.float32([3.0, -1.0]),)]

    def other(change):
        def step(state, x):
            return state, change(jax.numpy.sum(state["w"] * x), state)

        return step, state

    tf.testing.assert_equivalent((pure, state), other(lambda y, _: y), inputs)
    for change, message in {
        "outputs": (lambda y, _: y + 0.001, "outputs of step 0"),
        "shape": (lambda y, _: y[None], "shape"),
        "dtype": (lambda y, _: y.astype(jax.numpy.bfloat16), "dtype"),
        "gradients": (lambda y, s: y + 0.0 * y + s["w"][0] - jax.lax.stop_gradient(s["w"][0]), "gradients"),
    }.values():
        with pytest.raises(AssertionError, match=message):
            tf.testing.assert_equivalent((pure, state), other(change), inputs)


def test_wrong_second_derivatives_are_found():
    @tf.custom_gradient
    def wrong(x):
        @tf.custom_gradient
        def cosine(x):
            return tf.cos(x), lambda dy: -dy * tf.sin(x) * 1.05

        return tf.sin(x), lambda dy: dy * cosine(x)

    x = np.float32([0.3, 0.7])
    tf.testing.check_gradients(wrong, (x,), order=1)
    with pytest.raises(AssertionError):
        tf.testing.check_gradients(wrong, (x,), order=2)
