"""Jacobians, Hessian-vector products and Hessians as tape code: `tf` is TensorFlow or functape."""

from __future__ import annotations

from typing import Any

from benchmarks.sources import values


def jacobian(tf: Any) -> Any:
    """The jacobian of a sigmoid layer's 8 x 64 results with respect to its kernel."""
    x, kernel, offset = map(tf.constant, values.sigmoid_layer())
    kernel = tf.Variable(kernel)

    def step() -> Any:
        with tf.GradientTape() as tape:
            y = tf.nn.sigmoid(x @ kernel + offset)
        return tape.jacobian(y, kernel)

    return step


def hessian_vector_product(tf: Any) -> Any:
    """The Hessian of a two-layer tanh net's loss times a direction, forward over reverse."""
    x, kernels, directions = values.tanh_net()
    x = tf.constant(x)
    variables = [tf.Variable(kernel) for kernel in kernels]
    tangents = [tf.constant(direction) for direction in directions]

    def step() -> Any:
        with tf.autodiff.ForwardAccumulator(variables, tangents) as accumulator:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.tanh(tf.tanh(x @ variables[0]) @ variables[1]) ** 2)
            gradients = tape.gradient(loss, variables)
        return accumulator.jvp(gradients)

    return step


def hessian(tf: Any) -> Any:
    """The Hessian of a small net's loss with respect to its 64 parameters: the jacobian of its gradient."""
    x, w = values.small_net()
    x, w = tf.constant(x), tf.Variable(w)

    def step() -> Any:
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                first, offset, second = tf.reshape(w[:48], [6, 8]), w[48:56], tf.reshape(w[56:], [8, 1])
                loss = tf.reduce_mean(tf.tanh(tf.tanh(x @ first + offset) @ second) ** 2)
            gradient = inner.gradient(loss, w)
        return outer.jacobian(gradient, w)

    return step
