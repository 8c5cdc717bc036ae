"""A training loop in its steady state compiles nothing, whatever changes from step to step."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest

import functape as tf
from functape._engine._compat import COMPILE_EVENT

WIDTHS = (8, 16, 3)


class Events:
    """Counts the programs that JAX hands to XLA."""

    def __init__(self):
        self.count = 0
        jax.monitoring.register_event_duration_secs_listener(self._heard)

    def _heard(self, event, duration, **details):
        self.count += event == COMPILE_EVENT


EVENTS = Events()


class Training:
    """A perceptron in plain ops, with everything that may change from step to step."""

    def __init__(self, batch=32):
        random = np.random.default_rng(1)
        self.x = random.normal(size=(100, WIDTHS[0])).astype(np.float32)
        self.y = np.eye(WIDTHS[-1], dtype=np.float32)[random.integers(0, WIDTHS[-1], 100)]
        self.kernels = [
            tf.Variable(random.normal(size=shape).astype(np.float32) * 0.3) for shape in itertools.pairwise(WIDTHS)
        ]
        self.optimizer = tf.keras.optimizers.Adam(0.01)
        self.batch = batch

    def step(self, x, y, weight=1.0):
        with tf.GradientTape() as tape:
            hidden = tf.nn.relu(tf.constant(x) @ self.kernels[0])
            losses = tf.nn.softmax_cross_entropy_with_logits(tf.constant(y), hidden @ self.kernels[1])
            loss = tf.reduce_mean(losses) * weight
        gradients = tape.gradient(loss, self.kernels)
        self.optimizer.apply_gradients(zip(gradients, self.kernels, strict=True))
        return loss

    def epoch(self, rows=96, seen=None, every=10):
        for step, start in enumerate(range(0, rows, self.batch)):
            part = slice(start, min(start + self.batch, rows))
            loss = self.step(self.x[part], self.y[part])
            if seen is not None and step % every == 0:
                seen.append(float(loss))


def compiled_in(action):
    """How many programs `action` compiles, by JAX's events; functape's own counter must agree."""
    events, counted = EVENTS.count, tf.config.counters().programs_compiled
    action()
    assert tf.config.counters().programs_compiled - counted == EVENTS.count - events
    return EVENTS.count - events


def test_learning_rate_and_scalars_change_each_step():
    training = Training()
    x, y = training.x[:32], training.y[:32]

    def steps(count):
        for step in range(count):
            training.optimizer.learning_rate = 0.01 / (step + 1)
            training.step(x, y, weight=1.0 + step)

    steps(2)
    assert compiled_in(lambda: steps(200)) == 0
    assert training.optimizer.iterations.numpy() == 202


def test_the_first_step_is_the_only_program():
    training = Training(batch=17)
    assert compiled_in(lambda: training.epoch(rows=17 * 5)) == 1


def test_a_short_last_batch_is_one_program_more():
    training = Training(batch=24)
    training.epoch(rows=96)
    assert compiled_in(lambda: training.epoch(rows=100)) == 1
    assert compiled_in(lambda: [training.epoch(rows=100) for _ in range(50)]) == 0


@pytest.mark.parametrize("look", [float, str, lambda loss: f"{loss:.3f}", lambda loss: loss.numpy()])
def test_values_looked_at_every_tenth_step(look):
    training = Training()
    x, y = training.x[:32], training.y[:32]

    def steps(count):
        for step in range(count):
            loss = training.step(x, y)
            if step % 10 == 0:
                look(loss)

    steps(11)
    assert compiled_in(lambda: steps(200)) == 0


def test_a_step_that_does_change_shape_is_counted():
    training = Training()
    training.epoch()
    assert compiled_in(lambda: training.step(training.x[:7], training.y[:7])) == 1


@pytest.mark.parametrize("decorate", [False, True])
def test_every_step_is_taken_in_place(decorate):
    """Each array of the state keeps its buffer: none is copied, and none takes another's place."""
    weights = [tf.Variable(np.full((256, 256), scale, np.float32)) for scale in (0.001, 0.002)]
    optimizer = tf.keras.optimizers.Adam(0.01)
    x = tf.ones([4, 256])

    def step():
        with tf.GradientTape() as tape:
            hidden = x
            for each in weights:
                hidden = tf.nn.relu(hidden @ each)
            loss = tf.reduce_mean(hidden**2)
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))

    def places():
        slots = [each for leaves in optimizer._slots.arrays().values() for each in leaves]
        return [each.unsafe_buffer_pointer() for each in [*(each.tensor.value for each in weights), *slots]]

    step = tf.function(step) if decorate else step
    for _ in range(3):
        step()
    before = places()
    for _ in range(3):
        step()
    assert places() == before
