"""`Embedding`, against Keras 3 and Keras 2."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow
import tf_keras

import functape

NUMBERS = np.array([[1, 2, 0], [3, 1, 0]])
KERAS_3, KERAS_2 = tensorflow.keras, tf_keras


def made(k):
    k.utils.set_random_seed(2)
    layer = k.layers.Embedding(5, 4, mask_zero=True, embeddings_regularizer="l2")
    return layer, layer(NUMBERS)


def test_rows_masks_losses_and_configuration_are_keras_3s():
    KERAS_3.utils.clear_session(free_memory=False)
    functape.keras.backend.reset_uids()
    (theirs, wanted), (ours, got) = made(KERAS_3), made(functape.keras)
    np.testing.assert_array_equal(got.numpy(), wanted.numpy())
    np.testing.assert_array_equal(got._keras_mask.numpy(), wanted._keras_mask.numpy())
    np.testing.assert_allclose(float(ours.losses[0]), float(theirs.losses[0]), rtol=1e-5)
    assert ours.get_config() == theirs.get_config()
    assert ours.weights[0].name == "embedding/embeddings:0"


def test_gradients_are_rows():
    found = []
    for tf, k in ((tensorflow, KERAS_3), (functape, functape.keras)):
        layer, _ = made(k)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(tf.constant(NUMBERS)) ** 2)
        found.append(tape.gradient(loss, layer.trainable_variables)[0])
    assert isinstance(found[1], functape.IndexedSlices)
    wanted, got = tensorflow.convert_to_tensor(found[0]), functape.convert_to_tensor(found[1])
    np.testing.assert_allclose(got.numpy(), wanted.numpy(), rtol=1e-6)


def test_the_matrix_may_be_given():
    matrix = np.arange(20, dtype=np.float32).reshape(5, 4)
    for weights in (matrix, [matrix]):
        layer = functape.keras.layers.Embedding(5, 4, weights=weights)
        np.testing.assert_array_equal(layer(NUMBERS).numpy(), matrix[NUMBERS])
    with pytest.warns(UserWarning, match="input_length"):
        layer = functape.keras.layers.Embedding(5, 4, input_length=3)
    np.testing.assert_array_equal(layer(NUMBERS.astype(np.float32)).shape, (2, 3, 4))


@pytest.mark.parametrize("arguments", [(0, 4), (5, -1), (5, True), (2.5, 3)])
def test_errors_are_keras_3s(arguments):
    with pytest.raises(Exception) as theirs:
        KERAS_3.layers.Embedding(*arguments)
    with pytest.raises(theirs.type):
        functape.keras.layers.Embedding(*arguments)
