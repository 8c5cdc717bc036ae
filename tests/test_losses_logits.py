"""Cross-entropies of what Keras's sigmoid and softmax made: those of the logits, which do not saturate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow
from oracle import assert_close

import functape

ONE = np.array([[-200.0], [30.0], [0.5]], np.float32)
WIDE = np.array([[-200.0, 100.0, 0.0], [30.0, 0.0, 1.0]], np.float32)
YES = np.array([[1.0], [0.0], [1.0]], np.float32)
HOT = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], np.float32)
CLASSES = np.array([0, 1])

CASES: dict[str, tuple[Callable[[Any, Any, Any], Any], Any]] = {
    "sigmoid": (lambda tf, k, z: k.losses.BinaryCrossentropy()(YES, k.activations.sigmoid(z)), ONE),
    "sigmoid, function": (lambda tf, k, z: k.losses.binary_crossentropy(YES, k.activations.sigmoid(z)), ONE),
    "sigmoid, smoothed and weighted": (
        lambda tf, k, z: k.losses.BinaryCrossentropy(label_smoothing=0.1)(
            YES, k.activations.sigmoid(z), tf.constant([1.0, 2.0, 3.0])
        ),
        ONE,
    ),
    "sigmoid, focal": (lambda tf, k, z: k.losses.BinaryFocalCrossentropy()(YES, k.activations.sigmoid(z)), ONE),
    "logits, focal": (lambda tf, k, z: k.losses.BinaryFocalCrossentropy(from_logits=True)(YES, z), ONE),
    "softmax": (lambda tf, k, z: k.losses.CategoricalCrossentropy()(HOT, k.activations.softmax(z)), WIDE),
    "softmax, classes": (
        lambda tf, k, z: k.losses.SparseCategoricalCrossentropy()(CLASSES, k.activations.softmax(z)),
        WIDE,
    ),
    "softmax, layer": (lambda tf, k, z: k.losses.CategoricalCrossentropy()(HOT, k.layers.Softmax()(z)), WIDE),
    "softmax, activation": (
        lambda tf, k, z: k.losses.CategoricalCrossentropy()(HOT, k.layers.Activation("softmax")(z)),
        WIDE,
    ),
    "dense": (
        lambda tf, k, z: k.losses.SparseCategoricalCrossentropy()(
            CLASSES, k.layers.Dense(3, activation="softmax", kernel_initializer="identity")(z)
        ),
        WIDE,
    ),
    "a sigmoid for exclusive classes": (
        lambda tf, k, z: k.losses.CategoricalCrossentropy()(HOT, k.activations.sigmoid(z)),
        WIDE,
    ),
    "a softmax for classes that are not": (
        lambda tf, k, z: k.losses.BinaryCrossentropy()(HOT, k.activations.softmax(z)),
        WIDE,
    ),
    "tensorflow's sigmoid": (lambda tf, k, z: k.losses.BinaryCrossentropy()(YES, tf.nn.sigmoid(z)), ONE),
    "tensorflow's softmax": (lambda tf, k, z: k.losses.CategoricalCrossentropy()(HOT, tf.nn.softmax(z)), WIDE),
    "a sigmoid that is changed": (
        lambda tf, k, z: k.losses.BinaryCrossentropy()(YES, k.activations.sigmoid(z) * 1.0),
        ONE,
    ),
    "an axis that is dropped": (
        lambda tf, k, z: k.losses.BinaryCrossentropy()(YES, k.activations.sigmoid(z)[..., None]),
        ONE,
    ),
    "an axis of the label that is added": (
        lambda tf, k, z: k.losses.BinaryCrossentropy()(YES[:, 0], k.activations.sigmoid(z)),
        ONE,
    ),
    "an axis that is added": (
        lambda tf, k, z: k.losses.BinaryCrossentropy()(YES, k.activations.sigmoid(z[:, 0])),
        ONE,
    ),
    "half precision": (
        lambda tf, k, z: k.losses.BinaryCrossentropy()(YES, k.activations.sigmoid(tf.cast(z, tf.float16))),
        ONE,
    ),
}


def _run(tf: Any, k: Any, name: str) -> Any:
    compute, start = CASES[name]
    z = tf.constant(start)
    with tf.GradientTape() as tape:
        tape.watch(z)
        loss = compute(tf, k, z)
    return loss.numpy(), tape.gradient(loss, z).numpy()


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients(name: str) -> None:
    for ours, theirs in zip(
        _run(functape, functape.keras, name), _run(tensorflow, tensorflow.keras, name), strict=True
    ):
        assert_close(ours, theirs, name, loosen=8)


def test_in_a_function() -> None:
    tf = functape

    @tf.function
    def loss(z: Any) -> Any:
        return tf.keras.losses.BinaryCrossentropy()(YES, tf.keras.activations.sigmoid(z))

    assert_close(loss(tf.constant(ONE)).numpy(), _run(tensorflow, keras, "sigmoid")[0])


def test_a_look_at_the_probabilities_changes_nothing() -> None:
    tf = functape
    z = tf.Variable(ONE)
    with tf.GradientTape() as tape:
        made = tf.keras.activations.sigmoid(z)
        made.numpy()
        loss = tf.keras.losses.BinaryCrossentropy()(YES, made)
    assert_close(tape.gradient(loss, z).numpy(), _run(tensorflow, keras, "sigmoid")[1], loosen=8)


def test_logits_that_are_none_warn() -> None:
    for tf, k in ((tensorflow, keras), (functape, functape.keras)):
        with pytest.warns(UserWarning, match="Was this intended"):
            k.losses.BinaryCrossentropy(from_logits=True)(YES, k.activations.sigmoid(tf.constant(ONE)))


def test_a_metric() -> None:
    found = []
    for tf, k in ((tensorflow, keras), (functape, functape.keras)):
        metric = k.metrics.BinaryCrossentropy()
        metric.update_state(tf.constant(YES), k.activations.sigmoid(tf.constant(ONE)))
        found.append(metric.result().numpy())
    assert_close(found[1], found[0], loosen=8)


def test_a_model_that_begins_saturated_learns() -> None:
    histories = []
    for tf, k in ((tensorflow, keras), (functape, functape.keras)):
        model = k.Sequential([k.Input((1,)), k.layers.Dense(1, activation="sigmoid", kernel_initializer="ones")])
        model.compile(k.optimizers.SGD(0.01), "binary_crossentropy", metrics=["binary_crossentropy"])
        inputs, labels = tf.constant([[-200.0], [30.0]]), tf.constant([[1.0], [0.0]])
        histories.append(model.fit(inputs, labels, batch_size=2, epochs=3, verbose=0).history)
    for name in histories[0]:
        np.testing.assert_allclose(histories[1][name], histories[0][name], 1e-4)
