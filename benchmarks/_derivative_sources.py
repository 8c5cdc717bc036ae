"""Jacobians, Hessian-vector products and Hessians as tape code: `tf` is TensorFlow or functape."""

from __future__ import annotations

from typing import Any

import numpy as np


def sigmoid_layer_values() -> tuple[Any, Any, Any]:
    """A batch of 8, a 64 x 64 kernel and an offset."""
    random = np.random.default_rng(1)
    x, kernel = random.normal(size=(8, 64)), random.normal(size=(64, 64)) / 8
    return x.astype(np.float32), kernel.astype(np.float32), np.zeros(64, np.float32)


def sigmoid_jacobian(tf: Any) -> Any:
    """The jacobian of a sigmoid layer's 8 x 64 results with respect to its kernel."""
    x, kernel, offset = map(tf.constant, sigmoid_layer_values())
    kernel = tf.Variable(kernel)

    def step() -> Any:
        with tf.GradientTape() as tape:
            y = tf.nn.sigmoid(x @ kernel + offset)
        return tape.jacobian(y, kernel)

    return step


def tanh_net_values() -> tuple[Any, list[Any], list[Any]]:
    """A batch of 256, the kernels of two layers, and a direction in their space."""
    random = np.random.default_rng(2)
    shapes = ((128, 256), (256, 64))
    kernels = [(random.normal(size=shape) / 16).astype(np.float32) for shape in shapes]
    directions = [random.normal(size=shape).astype(np.float32) for shape in shapes]
    return random.normal(size=(256, 128)).astype(np.float32), kernels, directions


def hessian_vector_product(tf: Any) -> Any:
    """The Hessian of a two-layer tanh net's loss times a direction, forward over reverse."""
    x, kernels, directions = tanh_net_values()
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


def hessian_values() -> tuple[Any, Any]:
    """A batch of 1024 with 6 numbers each, and 64 parameters: a layer of 8, an offset, and one of 1."""
    random = np.random.default_rng(3)
    return random.normal(size=(1024, 6)).astype(np.float32), (random.normal(size=64) / 3).astype(np.float32)


def full_hessian(tf: Any) -> Any:
    """The Hessian of a small net's loss with respect to its 64 parameters: the jacobian of its gradient."""
    x, w = hessian_values()
    x, w = tf.constant(x), tf.Variable(w)

    def step() -> Any:
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                first, offset, second = tf.reshape(w[:48], [6, 8]), w[48:56], tf.reshape(w[56:], [8, 1])
                loss = tf.reduce_mean(tf.tanh(tf.tanh(x @ first + offset) @ second) ** 2)
            gradient = inner.gradient(loss, w)
        return outer.jacobian(gradient, w)

    return step
