"""A classifier's training step, as tape code made a pure function and by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import functape as tf

STEPS = 1000
RATE = 1e-3


class Classifier(tf.keras.Model):
    """A hidden layer and ten classes, subclassed."""

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__(name="my_model")
        self.dense_1 = tf.keras.layers.Dense(32, activation="relu")
        self.dense_2 = tf.keras.layers.Dense(num_classes)

    def call(self, inputs: Any) -> Any:
        return self.dense_2(self.dense_1(inputs))


def batch() -> tuple[Any, Any]:
    """A batch of 64 examples of 32 numbers, each with the probabilities of ten classes."""
    draw = np.random.RandomState(0)
    targets = draw.random_sample((64, 10))
    return draw.random_sample((64, 32)).astype(np.float32), (targets / targets.sum(1, keepdims=True)).astype(np.float32)


def functionalized() -> tuple[Callable[..., Any], Any, Any]:
    """The tape step with a loss, an optimizer and a metric, its state, and its trainable variables by layer."""
    model = Classifier()
    optimizer = tf.keras.optimizers.SGD(learning_rate=RATE)
    loss_function = tf.keras.losses.CategoricalCrossentropy(from_logits=True)
    accuracy = tf.keras.metrics.CategoricalAccuracy()

    def train_step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = model(x)
            loss = loss_function(y, logits)
        gradients = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
        accuracy.update_state(y, logits)
        return loss

    x, y = batch()
    model(x)
    step, state = tf.functionalize(train_step, x, y)
    return step, state, [jnp.asarray(each.numpy()) for each in model.trainable_weights]


def hand_written(parameters: Any) -> tuple[Callable[..., Any], Any]:
    """The same step written for JAX, and its state."""

    def loss_and_logits(parameters: Any, x: Any, y: Any) -> Any:
        kernel_1, bias_1, kernel_2, bias_2 = parameters
        logits = jax.nn.relu(x @ kernel_1 + bias_1) @ kernel_2 + bias_2
        return jnp.mean(-jnp.sum(y * jax.nn.log_softmax(logits), axis=-1)), logits

    def step(state: Any, x: Any, y: Any) -> Any:
        parameters, count, total, seen = state
        (loss, logits), gradients = jax.value_and_grad(loss_and_logits, has_aux=True)(parameters, x, y)
        parameters = jax.tree.map(lambda value, gradient: value - RATE * gradient, parameters, gradients)
        right = jnp.sum((jnp.argmax(y, -1) == jnp.argmax(logits, -1)).astype(jnp.float32))
        return (parameters, count + 1, total + right, seen + len(x)), loss

    return step, (parameters, jnp.int32(0), jnp.float32(0.0), jnp.float32(0.0))


def many(step: Callable[..., Any]) -> Callable[..., Any]:
    """A thousand steps on one batch as one compiled program, from the state to the losses."""

    def run(state: Any, x: Any, y: Any) -> Any:
        return jax.lax.scan(lambda state, _: step(state, x, y), state, None, length=STEPS)

    return jax.jit(run)
