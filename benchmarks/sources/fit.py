"""Keras's `fit`, written once: `keras` is functape's or Keras 3 on one of its backends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def perceptron(keras: Any, widths: tuple[int, ...], batch: int, steps: int) -> Callable[[], Any]:
    """An epoch of `fit` with a metric, on as many batches as `steps`."""
    layers = [keras.layers.Dense(width, activation="relu") for width in widths[1:-1]]
    return _epoch(keras, (widths[0],), [*layers, keras.layers.Dense(widths[-1])], batch, steps)


def convolutional(keras: Any, batch: int, steps: int) -> Callable[[], Any]:
    """The same of the net with two convolutions."""
    layers = [
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(64, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ]
    return _epoch(keras, (28, 28, 1), layers, batch, steps)


def _epoch(keras: Any, shape: tuple[int, ...], layers: list[Any], batch: int, steps: int) -> Callable[[], Any]:
    draw = np.random.RandomState(0)
    x = draw.rand(steps * batch, *shape).astype("float32")
    y = draw.randint(0, 10, (steps * batch,)).astype("int32")
    model = keras.Sequential([keras.layers.Input(shape), *layers])
    loss_function = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss_function, metrics=["accuracy"])

    def epoch() -> float:
        history = model.fit(x, y, batch_size=batch, epochs=1, verbose=0, shuffle=False)
        return float(history.history["loss"][-1])

    return epoch
