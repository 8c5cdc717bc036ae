"""Complex-valued differentiation has TensorFlow's convention in every mode."""

from __future__ import annotations

import numpy as np
import pytest
from both_sides import Table, assert_same_outcome

import functape

CASES = Table()
Z = np.array([1 + 2j, 0.5 - 1j, -0.25 + 0.75j], np.complex64)
W = np.array([0.5 - 1j, 2 + 0.25j, 1 + 1j], np.complex64)

FUNCTIONS = {
    "a square": lambda tf, z: z * z,
    "a quotient": lambda tf, z: z / (z * z + 2.0),
    "an exponential": lambda tf, z: tf.exp(z),
    "a sine": lambda tf, z: tf.sin(z) * tf.cos(z),
    "a logarithm": lambda tf, z: tf.math.log(z),
    "a root": lambda tf, z: tf.sqrt(z),
    "the conjugate": lambda tf, z: tf.math.conj(z) * z * z,
    "the real part": lambda tf, z: tf.math.real(z * z),
    "the imaginary part": lambda tf, z: tf.math.imag(z * z * z),
    "the absolute value": lambda tf, z: tf.abs(z * z),
    "the angle": lambda tf, z: tf.math.angle(z),
    "a sum": lambda tf, z: tf.reduce_sum(z * z[::-1]),
    "made of two parts": lambda tf, z: tf.complex(tf.math.imag(z), tf.math.real(z) ** 2) * z,
    "a cast": lambda tf, z: tf.cast(tf.math.real(z) ** 2, tf.complex64) * z,
    "a product of matrices": lambda tf, z: tf.linalg.matvec(z[:, None] * z[None, :], z),
}


def both(tf, function, order):
    z = tf.constant(Z)
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(z)
        with tf.GradientTape(persistent=True) as inner:
            inner.watch(z)
            y = function(tf, z)
        gradient = inner.gradient(y, z)
    if order == "gradient":
        return y, gradient
    if order == "weighted":
        weights = tf.cast(tf.reshape(tf.constant(W)[: int(np.prod(y.shape)) or 1], y.shape), y.dtype)
        return inner.gradient(y, z, weights)
    if order == "jacobian":
        return inner.jacobian(y, z)
    return outer.gradient(gradient, z)


@pytest.mark.parametrize("order", ["gradient", "weighted", "jacobian", "second"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_as_tensorflow(name, order):
    def program(tf):
        return both(tf, FUNCTIONS[name], order)

    assert_same_outcome(program, loosen=4.0)


@CASES
def two_arguments(tf):
    z, w = tf.constant(Z), tf.Variable(W)
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = tf.abs(z * tf.math.conj(w)) + tf.math.real(w)
    return tape.gradient(y, [z, w])


@CASES
def a_step_downhill(tf):
    w = tf.Variable(W)
    for _ in range(3):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.abs(w * tf.constant(Z) - 1.0) ** 2)
        w.assign_sub(0.1 * tape.gradient(loss, w))
    return tf.convert_to_tensor(w), loss


@CASES
def changes(tf):
    z = tf.constant(Z)
    with tf.autodiff.ForwardAccumulator(z, tf.constant(W)) as accumulator:
        y = tf.exp(z) * z
    return accumulator.jvp(y)


@CASES.each()
def test_programs_as_tensorflow(program):
    assert_same_outcome(program, loosen=4.0)


def test_a_step_along_the_gradient_goes_downhill():
    w = functape.Variable(W)
    with functape.GradientTape() as tape:
        loss = functape.reduce_sum(functape.abs(w) ** 2)
    gradient = tape.gradient(loss, w)
    np.testing.assert_allclose(gradient.numpy(), 2 * W, rtol=1e-6)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(gradient.numpy(), 2 * W.conj(), rtol=1e-6)
