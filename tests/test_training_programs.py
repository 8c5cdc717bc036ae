"""Whole programs as courses have them: a small model and one tape step, and a loop over a dataset with metrics."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

import functape as ft

SIDES = (tf, ft)


def _one_step(side):
    """Whole numbers as inputs and labels, a persistent tape, one Adam step."""
    side.keras.utils.set_random_seed(11)
    inputs = np.arange(12).reshape(3, 4) + 1
    labels = np.array([0, 1, 1])
    model = side.keras.Sequential(
        [side.keras.layers.Dense(5, input_shape=(4,)), side.keras.layers.Dense(1, activation="sigmoid")]
    )
    loss_function = side.keras.losses.BinaryCrossentropy()
    with side.GradientTape(persistent=True) as tape:
        loss = loss_function(labels, model(inputs))
    gradients = tape.gradient(loss, model.trainable_weights)
    side.keras.optimizers.Adam().apply_gradients(zip(gradients, model.trainable_weights, strict=True))
    return [float(loss), *(each.numpy() for each in gradients), *(each.numpy() for each in model.trainable_weights)]


def _loop(side):
    """A subclassed model on float64 arrays, a shuffled dataset, metrics read and reset once an epoch."""
    side.keras.utils.set_random_seed(11)
    draw = np.random.RandomState(0)
    data, labels = draw.random_sample((300, 16)), draw.random_sample((300, 5))

    class Net(side.keras.Model):
        def __init__(self, classes):
            super().__init__(name="net")
            self.first = side.keras.layers.Dense(12, activation="relu")
            self.last = side.keras.layers.Dense(classes)

        def call(self, inputs):
            return self.last(self.first(inputs))

    model = Net(5)
    optimizer = side.keras.optimizers.SGD(learning_rate=1e-2)
    loss_function = side.keras.losses.CategoricalCrossentropy(from_logits=True)
    accuracy = side.keras.metrics.CategoricalAccuracy()
    batches = side.data.Dataset.from_tensor_slices((data, labels)).shuffle(buffer_size=512).batch(64)
    seen = []
    for _ in range(3):
        for step, (x, y) in enumerate(batches):
            with side.GradientTape() as tape:
                outputs = model(x, training=True)
                loss = loss_function(y, outputs)
            gradients = tape.gradient(loss, model.trainable_weights)
            optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
            accuracy(y, outputs)
            if step % 2 == 0:
                seen.append(float(loss))
        seen.append(float(accuracy.result()))
        accuracy.reset_state()
    return [*seen, *(each.numpy() for each in model.trainable_variables)]


@pytest.mark.parametrize("program", [_one_step, _loop])
@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`")
def test_program(program):
    theirs, mine = map(program, SIDES)
    for left, right in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-5)


def test_names_and_results_of_keras_2():
    class MyModel(ft.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense_1 = ft.keras.layers.Dense(2)

        def call(self, inputs):
            return self.dense_1(inputs)

    model = MyModel()
    model(np.ones((1, 3)))
    assert model.name.startswith("my_model") and model.trainable_variables[0].name.endswith("/kernel:0")
    applied = ft.keras.optimizers.SGD().apply_gradients([(ft.ones([3, 2]), model.trainable_variables[0])])
    assert "UnreadVariable" in repr(applied)
    metric = ft.keras.metrics.CategoricalAccuracy()
    metric.update_state([[0.0, 1.0]], [[0.2, 0.8]])
    metric.reset_states()
    assert float(metric.result()) == 0.0
