"""Derivatives, up to the third, of loops whose number of iterations is not known while tracing."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow

import functape


def until_large(tf):
    @tf.function
    def f(x, w):
        y = x
        while tf.reduce_sum(y * y) < 100.0:
            y = tf.sin(w * y) + x * y + w
        return tf.reduce_sum(y)

    return f, ([1.1, 0.7], 1.3)


def with_branches(tf):
    @tf.function
    def f(x, w):
        y = x
        for i in tf.range(tf.cast(w[0] * 6.0, tf.int32)):
            y = y * tf.sin(x) + w[1] if i % 2 == 0 else y * x
        return y

    return f, (1.3, [1.2, 0.3])


def left_early(tf):
    @tf.function
    def f(x, w):
        y = x
        for row in w:
            y = y * row + tf.sin(y)
            if y > 9.0:
                break
        return y

    return f, (1.3, [1.2, 1.9, 2.0, 3.0, 4.0])


def derivatives(tf, build):
    f, values = build(tf)
    x, w = (tf.Variable(np.asarray(value, np.float64)) for value in values)
    with tf.GradientTape() as third:
        with tf.GradientTape() as second:
            with tf.GradientTape() as first:
                y = f(x, w)
            gradients = first.gradient(y, [x, w])
            total = sum(tf.reduce_sum(each**2) for each in gradients)
        again = second.gradient(total, [x, w])
        total = sum(tf.reduce_sum(tf.sin(each)) for each in again)
    return [y, *gradients, *again, *third.gradient(total, [x, w])]


@pytest.mark.parametrize("build", [until_large, with_branches, left_early])
def test_derivatives(build):
    theirs, ours = ([each.numpy() for each in derivatives(tf, build)] for tf in (tensorflow, functape))
    for mine, wanted in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-8, atol=1e-10)


def test_a_hessian_and_forward_derivatives_agree():
    f, (value, w) = until_large(functape)
    x, w = functape.constant(value), functape.constant(w)
    with functape.GradientTape() as outer:
        outer.watch(x)
        with functape.GradientTape() as inner:
            inner.watch(x)
            y = f(x, w)
        gradient = inner.gradient(y, x)
    hessian = outer.jacobian(gradient, x).numpy()
    direction = functape.constant([1.0, -0.5])
    with functape.autodiff.ForwardAccumulator(x, direction) as accumulator:
        with functape.GradientTape() as tape:
            tape.watch(x)
            y = f(x, w)
        gradient = tape.gradient(y, x)
    np.testing.assert_allclose(accumulator.jvp(gradient), hessian @ direction.numpy(), rtol=1e-4)
    np.testing.assert_allclose(accumulator.jvp(y), np.sum(gradient.numpy() * direction.numpy()), rtol=1e-5)
