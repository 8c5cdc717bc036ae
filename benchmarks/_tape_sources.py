"""The workloads as tape code, written once and run under TensorFlow and under functape: `tf` is either."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np


def scalar_quadratic(tf: Any) -> Any:
    """One SGD step on `a x**2 + b x + c`."""
    x = tf.Variable(0.0)
    a, b, c = tf.constant(1.0), tf.constant(-2.0), tf.constant(1.0)
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.01)

    def step() -> Any:
        with tf.GradientTape() as tape:
            y = a * x**2 + b * x + c
        dy_dx = tape.gradient(y, x)
        optimizer.apply_gradients([(dy_dx, x)])
        return y

    return step


def perceptron(tf: Any, widths: tuple[int, ...], batch: int) -> Any:
    """One Adam step of a multi-layer perceptron with ReLU and softmax cross-entropy, in plain ops."""
    inputs, labels, weights, biases = perceptron_values(widths, batch)
    x, y = tf.constant(inputs), tf.constant(labels)
    kernels = [tf.Variable(value) for value in weights]
    offsets = [tf.Variable(value) for value in biases]
    layers = list(zip(kernels, offsets, strict=True))
    variables = [each for layer in layers for each in layer]
    optimizer = tf.keras.optimizers.Adam(learning_rate=0.001)

    def forward(hidden: Any) -> Any:
        for kernel, offset in layers[:-1]:
            hidden = tf.nn.relu(hidden @ kernel + offset)
        kernel, offset = layers[-1]
        return hidden @ kernel + offset

    def step() -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, forward(x)))
        gradients = tape.gradient(loss, variables)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return loss

    return step


def perceptron_values(widths: tuple[int, ...], batch: int) -> tuple[Any, Any, list[Any], list[Any]]:
    """Inputs, one-hot labels, kernels and biases of a perceptron; the same each time."""
    random = np.random.default_rng(0)
    inputs = random.normal(size=(batch, widths[0])).astype(np.float32)
    labels = np.eye(widths[-1], dtype=np.float32)[random.integers(0, widths[-1], batch)]
    weights = [
        (random.normal(size=(fan_in, fan_out)) / np.sqrt(fan_in)).astype(np.float32)
        for fan_in, fan_out in itertools.pairwise(widths)
    ]
    return inputs, labels, weights, [np.zeros(width, np.float32) for width in widths[1:]]
