"""The workloads as tape code with Keras's layers, written once: `tf` is TensorFlow or functape."""

from __future__ import annotations

from typing import Any

from benchmarks.sources import values
from benchmarks.sources.tape import training


def perceptron(tf: Any, widths: tuple[int, ...], batch: int) -> Any:
    """One Adam step of a subclassed model, with a Keras loss and the model's own list of variables."""
    inputs, labels, weights, biases = values.perceptron(widths, batch)
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
    return _training(tf, model, lambda: loss_function(y, model(x)))


def convolutional(tf: Any, batch: int) -> Any:
    """One Adam step of a Sequential model with two convolutions and max-pooling."""
    inputs, labels, parameters = values.convolutional(batch)
    x, y = tf.constant(inputs), tf.constant(labels)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    model(x)
    model.set_weights(parameters)
    loss_function = tf.keras.losses.CategoricalCrossentropy(from_logits=True)
    return _training(tf, model, lambda: loss_function(y, model(x, training=True)))


def recurrent(tf: Any, steps: int, batch: int) -> Any:
    """One Adam step of an LSTM layer over sequences, for the mean square of its last output."""
    inputs, weights = values.recurrent(steps, batch)
    x = tf.constant(inputs)
    layer = tf.keras.layers.LSTM(weights[1].shape[0])
    layer(x)
    layer.set_weights(weights)
    return _training(tf, layer, lambda: tf.reduce_mean(layer(x) ** 2))


def transformer(tf: Any, layers: int, steps: int, batch: int) -> Any:
    """One Adam step of transformer blocks: attention and two dense layers, each added to its input and normalized."""
    inputs, targets, parameters = values.transformer(layers, steps, batch)
    x, wanted = tf.constant(inputs), tf.constant(targets)

    class Block(tf.keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.attention = tf.keras.layers.MultiHeadAttention(values.HEADS, values.MODEL // values.HEADS)
            self.first_norm = tf.keras.layers.LayerNormalization()
            self.inner = tf.keras.layers.Dense(values.INNER, activation="relu")
            self.outer = tf.keras.layers.Dense(values.MODEL)
            self.second_norm = tf.keras.layers.LayerNormalization()

        def call(self, x: Any) -> Any:
            x = self.first_norm(x + self.attention(x, x))
            return self.second_norm(x + self.outer(self.inner(x)))

    model = tf.keras.Sequential([Block() for _ in range(layers)])
    model(x)
    for block, weights in zip(model.layers, parameters, strict=True):
        parts = (block.attention, block.first_norm, block.inner, block.outer, block.second_norm)
        for part, each in zip(parts, weights, strict=True):
            part.set_weights(each)
    return _training(tf, model, lambda: tf.reduce_mean((model(x) - wanted) ** 2))


def _training(tf: Any, model: Any, loss_function: Any) -> Any:
    return training(tf, model.trainable_variables, loss_function, tf.keras.optimizers.Adam(learning_rate=0.001))
