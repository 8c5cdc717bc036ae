"""The workloads as tape code in plain ops, written once and run under TensorFlow and under functape: `tf` is either."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.sources import values


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


def training(tf: Any, variables: Sequence[Any], loss_function: Callable[[], Any], optimizer: Any) -> Any:
    """One step of an optimizer, as programs write it."""

    def step() -> Any:
        with tf.GradientTape() as tape:
            loss = loss_function()
        gradients = tape.gradient(loss, variables)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return loss

    return step


def perceptron(tf: Any, widths: tuple[int, ...], batch: int) -> Any:
    """One Adam step of a multi-layer perceptron with ReLU and softmax cross-entropy."""
    inputs, labels, weights, biases = values.perceptron(widths, batch)
    x, y = tf.constant(inputs), tf.constant(labels)
    kernels = [tf.Variable(value) for value in weights]
    offsets = [tf.Variable(value) for value in biases]
    layers = list(zip(kernels, offsets, strict=True))

    def loss_function() -> Any:
        hidden = x
        for kernel, offset in layers[:-1]:
            hidden = tf.nn.relu(hidden @ kernel + offset)
        kernel, offset = layers[-1]
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, hidden @ kernel + offset))

    variables = [each for layer in layers for each in layer]
    return training(tf, variables, loss_function, tf.keras.optimizers.Adam(learning_rate=0.001))


def convolutional(tf: Any, batch: int) -> Any:
    """One Adam step of a net with two convolutions and max-pooling on 28 by 28 images."""
    inputs, labels, parameters = values.convolutional(batch)
    x, y = tf.constant(inputs), tf.constant(labels)
    variables = [tf.Variable(value) for value in parameters]
    first, first_offset, second, second_offset, kernel, offset = variables

    def loss_function() -> Any:
        hidden = tf.nn.relu(tf.nn.conv2d(x, first, 1, "VALID") + first_offset)
        hidden = tf.nn.max_pool2d(hidden, 2, 2, "VALID")
        hidden = tf.nn.relu(tf.nn.conv2d(hidden, second, 1, "VALID") + second_offset)
        hidden = tf.nn.max_pool2d(hidden, 2, 2, "VALID")
        logits = tf.reshape(hidden, [batch, -1]) @ kernel + offset
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, logits))

    return training(tf, variables, loss_function, tf.keras.optimizers.Adam(learning_rate=0.001))


def embedding(tf: Any, rows: int, width: int, looked_up: int) -> Any:
    """One SGD step on a few rows of a large table."""
    indices, wanted = map(tf.constant, values.embedding(rows, width, looked_up))
    table = tf.Variable(tf.zeros([rows, width]))

    def loss_function() -> Any:
        return tf.reduce_mean((tf.nn.embedding_lookup(table, indices) - wanted) ** 2)

    return training(tf, [table], loss_function, tf.keras.optimizers.SGD(learning_rate=0.1))


def large(tf: Any, width: int, count: int, batch: int) -> Any:
    """One Adam step of a net of large square kernels."""
    return training(tf, *_large(tf, width, count, batch))


def large_keeping(tf: Any, width: int, count: int, batch: int) -> Any:
    """As `large`, but a list keeps the gradients until the next step."""
    kernels, loss_function, optimizer = _large(tf, width, count, batch)
    kept: list[Any] = []

    def step() -> Any:
        with tf.GradientTape() as tape:
            loss = loss_function()
        kept[:] = tape.gradient(loss, kernels)
        optimizer.apply_gradients(zip(kept, kernels, strict=True))
        return loss

    return step


def _large(tf: Any, width: int, count: int, batch: int) -> tuple[Any, Callable[[], Any], Any]:
    x = tf.ones([batch, width])
    kernels = [tf.Variable(value) for value in values.large_kernels(width, count)]

    def loss_function() -> Any:
        hidden = x
        for kernel in kernels:
            hidden = tf.nn.relu(hidden @ kernel)
        return tf.reduce_mean(hidden**2)

    return kernels, loss_function, tf.keras.optimizers.Adam(learning_rate=0.001)


def loop(tf: Any, steps: int, shape: tuple[int, ...]) -> Any:
    """Many Adam steps on a quadratic in one function."""
    w = tf.Variable(np.zeros(shape, np.float32))
    wanted = tf.constant(np.ones(shape, np.float32))
    optimizer = tf.keras.optimizers.Adam(learning_rate=0.01)
    optimizer.build([w])

    def train() -> Any:
        for _ in tf.range(steps):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum((w - wanted) ** 2)
            optimizer.apply_gradients([(tape.gradient(loss, w), w)])
        return tf.reduce_sum((w - wanted) ** 2)

    return train


def many_ops(tf: Any, count: int) -> Any:
    """A derivative through a chain of ops on a scalar."""
    x, a, b = tf.Variable(0.5), tf.constant(0.999), tf.constant(0.001)

    def step() -> Any:
        with tf.GradientTape() as tape:
            y = x
            for _ in range(count // 2):
                y = y * a + b
        return tape.gradient(y, x)

    return step


def many_variables(tf: Any, count: int) -> Any:
    """One SGD step on many small variables."""
    variables = [tf.Variable(np.full(4, 1.0 + number / count, np.float32)) for number in range(count)]

    def loss_function() -> Any:
        return tf.add_n([tf.reduce_sum(each * each) for each in variables])

    return training(tf, variables, loss_function, tf.keras.optimizers.SGD(learning_rate=0.001))


def smallest_call(tf: Any) -> Any:
    """A function of one argument that does next to nothing, and its argument."""
    return lambda x: x + 1.0, (tf.constant(1.0),)


def uniforms(tf: Any, count: int) -> Any:
    """Random numbers."""
    return lambda: tf.random.uniform([count])
