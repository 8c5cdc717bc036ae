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


def recurrent(tf: Any, steps: int, batch: int) -> Any:
    """One Adam step of a Keras LSTM layer over sequences, for the mean square of its last output."""
    inputs, weights = recurrent_values(steps, batch)
    x = tf.constant(inputs)
    layer = tf.keras.layers.LSTM(weights[1].shape[0])
    layer(x)
    layer.set_weights(weights)
    optimizer = tf.keras.optimizers.Adam(learning_rate=0.001)

    def step() -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(layer(x) ** 2)
        gradients = tape.gradient(loss, layer.trainable_variables)
        optimizer.apply_gradients(zip(gradients, layer.trainable_variables, strict=True))
        return loss

    return step


def recurrent_values(steps: int, batch: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Sequences of 32 features, and the weights of an LSTM of 64 units."""
    random = np.random.default_rng(0)
    features, units = 32, 64
    shapes = [(features, 4 * units), (units, 4 * units), (4 * units,)]
    weights = [random.normal(0, 0.1, shape).astype(np.float32) for shape in shapes]
    return random.normal(size=(batch, steps, features)).astype(np.float32), weights


def keras_perceptron(tf: Any, widths: tuple[int, ...], batch: int) -> Any:
    """As `perceptron`, with a Keras model, a Keras loss and the model's own list of variables."""
    inputs, labels, weights, biases = perceptron_values(widths, batch)
    x, y = tf.constant(inputs), tf.constant(labels)

    class Perceptron(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = [tf.keras.layers.Dense(width, activation="relu") for width in widths[1:-1]]
            self.logits = tf.keras.layers.Dense(widths[-1])

        def call(self, inputs: Any) -> Any:
            for layer in self.hidden:
                inputs = layer(inputs)
            return self.logits(inputs)

    model = Perceptron()
    model(x)
    model.set_weights([value for layer in zip(weights, biases, strict=True) for value in layer])
    loss_function = tf.keras.losses.CategoricalCrossentropy(from_logits=True)
    optimizer = tf.keras.optimizers.Adam(learning_rate=0.001)

    def step() -> Any:
        with tf.GradientTape() as tape:
            loss = loss_function(y, model(x))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return step


def convolutional(tf: Any, batch: int) -> Any:
    """One Adam step of a net with two convolutions and max-pooling on 28 by 28 images, in plain ops."""
    inputs, labels, values = convolutional_values(batch)
    x, y = tf.constant(inputs), tf.constant(labels)
    variables = [tf.Variable(value) for value in values]
    first, first_offset, second, second_offset, kernel, offset = variables
    optimizer = tf.keras.optimizers.Adam(learning_rate=0.001)

    def forward(images: Any) -> Any:
        hidden = tf.nn.relu(tf.nn.conv2d(images, first, 1, "VALID") + first_offset)
        hidden = tf.nn.max_pool2d(hidden, 2, 2, "VALID")
        hidden = tf.nn.relu(tf.nn.conv2d(hidden, second, 1, "VALID") + second_offset)
        hidden = tf.nn.max_pool2d(hidden, 2, 2, "VALID")
        return tf.reshape(hidden, [batch, -1]) @ kernel + offset

    def step() -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, forward(x)))
        gradients = tape.gradient(loss, variables)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return loss

    return step


def keras_convolutional(tf: Any, batch: int) -> Any:
    """One Adam step of the convolutional net as a Keras model, written as people write it."""
    inputs, labels, values = convolutional_values(batch)
    x, y = tf.constant(inputs), tf.constant(labels)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            layers.Conv2D(32, 3, activation="relu", input_shape=(28, 28, 1)),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    model.set_weights(values)
    optimizer = tf.keras.optimizers.Adam(learning_rate=0.001)
    loss_function = tf.keras.losses.CategoricalCrossentropy(from_logits=True)

    def step() -> Any:
        with tf.GradientTape() as tape:
            loss = loss_function(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return step


def convolutional_values(batch: int) -> tuple[Any, Any, list[Any]]:
    """Images, one-hot labels and parameters of the convolutional net; the same each time."""
    random = np.random.default_rng(0)
    inputs = random.normal(size=(batch, 28, 28, 1)).astype(np.float32)
    labels = np.eye(10, dtype=np.float32)[random.integers(0, 10, batch)]
    shapes = [(3, 3, 1, 32), (3, 3, 32, 64), (1600, 10)]
    values = []
    for shape in shapes:
        values.append((random.normal(size=shape) / np.sqrt(np.prod(shape[:-1]))).astype(np.float32))
        values.append(np.zeros(shape[-1], np.float32))
    return inputs, labels, values


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
