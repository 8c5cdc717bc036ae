"""Layers that differ in training: dropouts, noise, moving statistics, and what wraps a kernel."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow
import tf_keras
from layer_cases import IMAGES, SEQUENCE, VECTOR, VOLUMES
from oracle import assert_close

import functape

RANDOM_LAYERS = {
    "dropout": (lambda k: k.Dropout(0.4), SEQUENCE),
    "dropout by seed": (lambda k: k.Dropout(0.4, seed=3), SEQUENCE),
    "dropout of rows": (lambda k: k.Dropout(0.4, noise_shape=(None, 1, None)), SEQUENCE),
    "dropout of everything": (lambda k: k.Dropout(1), SEQUENCE),
    "spatial 1d": (lambda k: k.SpatialDropout1D(0.5), SEQUENCE),
    "spatial 2d": (lambda k: k.SpatialDropout2D(0.5, seed=2), IMAGES),
    "spatial 3d": (lambda k: k.SpatialDropout3D(0.5), VOLUMES),
    "spatial first": (lambda k: k.SpatialDropout2D(0.5, data_format="channels_first"), IMAGES),
    "gaussian dropout": (lambda k: k.GaussianDropout(0.3), SEQUENCE),
    "gaussian noise": (lambda k: k.GaussianNoise(0.3, seed=5), SEQUENCE),
    "alpha dropout": (lambda k: k.AlphaDropout(0.3), SEQUENCE),
    "alpha dropout of rows": (lambda k: k.AlphaDropout(0.3, noise_shape=(3, 1, 4)), SEQUENCE),
}


def drawn(tf, make, x):
    """Three outputs in training, the gradient of the last, and an output at inference."""
    tf.keras.utils.set_random_seed(11)
    layer = make(tf.keras.layers)
    x = tf.constant(x)
    outputs = [layer(x, training=True) for _ in range(2)]
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs.append(layer(x, training=True))
        loss = tf.reduce_sum(outputs[-1] * outputs[-1])
    return [*outputs, tape.gradient(loss, x), layer(x)], layer


@pytest.mark.parametrize("name", RANDOM_LAYERS)
def test_seeded_layers_draw_keras_3s_numbers(name):
    make, x = RANDOM_LAYERS[name]
    wanted, theirs = drawn(tensorflow, make, x)
    got, ours = drawn(functape, make, x)
    for a, b in zip(got, wanted, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert_close(a.numpy(), b.numpy(), name, 4)
    # Names count what was made before, which is not the same on both sides.
    assert ours.get_config() | {"name": ""} == theirs.get_config() | {"name": ""}
    assert ours.weights == [] and theirs.weights == []
    if name != "dropout of everything":
        assert not np.array_equal(got[0].numpy(), got[1].numpy())


def test_draws_go_on_inside_a_function():
    layer = functape.keras.layers.Dropout(0.5, seed=1)
    x = functape.ones((4, 50))
    plain = [layer(x, training=True).numpy() for _ in range(3)]
    layer = functape.keras.layers.Dropout(0.5, seed=1)
    staged = functape.function(lambda x: layer(x, training=True))
    for wanted in plain:
        np.testing.assert_array_equal(staged(x).numpy(), wanted)


def test_symbolic_calls_draw_nothing():
    layer = functape.keras.layers.Dropout(0.5, seed=1)
    layer(functape.keras.Input((3,)), training=True)
    assert layer.seed_generator.state.numpy().tolist() == [1, 0]


def test_batch_normalization_frozen_and_at_inference_leaves_its_statistics():
    layer = functape.keras.layers.BatchNormalization(name="norm")
    layer(IMAGES)
    before = layer.moving_mean.numpy()
    frozen = layer(IMAGES).numpy()
    np.testing.assert_array_equal(layer.moving_mean.numpy(), before)
    layer.trainable = False
    np.testing.assert_array_equal(layer(IMAGES, training=True).numpy(), frozen)
    np.testing.assert_array_equal(layer.moving_mean.numpy(), before)
    layer.trainable = True
    assert not np.allclose(layer(IMAGES, training=True).numpy(), frozen)
    assert not np.array_equal(layer.moving_mean.numpy(), before)
    assert [w.name for w in layer.trainable_weights] == ["norm/gamma:0", "norm/beta:0"]


def test_batch_normalization_inside_a_function_moves_its_statistics():
    plain, staged = (functape.keras.layers.BatchNormalization() for _ in range(2))
    step = functape.function(lambda x: staged(x, training=True))
    for _ in range(3):
        wanted, got = plain(IMAGES, training=True), step(functape.constant(IMAGES))
        assert_close(got.numpy(), wanted.numpy(), "outputs", 8)
    assert_close(staged.moving_variance.numpy(), plain.moving_variance.numpy(), "moving variance", 8)


def test_keras_2s_fused_argument_asks_for_its_kernels_variance():
    theirs, ours = tf_keras.layers.BatchNormalization(fused=True), functape.keras.layers.BatchNormalization(fused=True)
    for _ in range(2):
        wanted, got = theirs(IMAGES, training=True), ours(IMAGES, training=True)
        assert_close(got.numpy(), wanted.numpy(), "outputs", 8)
    assert_close(ours.moving_variance.numpy(), theirs.moving_variance.numpy(), "moving variance", 8)


@pytest.mark.parametrize("iterations", [1, 3])
def test_spectral_normalization(iterations):
    sides = []
    for tf in (tensorflow, functape):
        k = tf.keras.layers
        layer = k.SpectralNormalization(k.Dense(3), power_iterations=iterations)
        layer(VECTOR)
        random = np.random.default_rng(4)
        layer.set_weights([random.normal(size=w.shape).astype(np.float32) for w in layer.weights])
        outputs = [layer(VECTOR), layer(VECTOR, training=True), layer(VECTOR, training=True), layer(VECTOR)]
        sides.append([*(each.numpy() for each in outputs), *layer.get_weights()])
    for theirs, ours in zip(*sides, strict=True):
        assert_close(ours, theirs, "spectral", 16)


def test_scaling_by_the_variance_only():
    sides = []
    for keras in (tensorflow.keras, functape.keras):
        with pytest.warns(UserWarning, match="rms_scaling"):
            layer = keras.layers.LayerNormalization(rms_scaling=True)
        sides.append(layer(SEQUENCE).numpy())
        assert len(layer.weights) == 1
    assert_close(sides[1], sides[0], "rms scaling", 8)


MASKS = [np.arange(7) < np.array([[7], [3], [1]]), np.arange(7) % 2 == np.array([[0], [1], [0]])]


@pytest.mark.parametrize("given", [(0, 1), (0, None), (None, None)], ids=str)
@pytest.mark.parametrize("name", ["Add", "Multiply", "Concatenate", "Concatenate steps", "Dot"])
def test_masks_of_merges(name, given):
    sides = []
    for tf in (tensorflow, functape):
        make = {"Concatenate steps": lambda k: k.Concatenate(axis=1), "Dot": lambda k: k.Dot(2)}
        layer = make.get(name, lambda k: getattr(k, name)())(tf.keras.layers)
        masks = [None if each is None else tf.constant(MASKS[each]) for each in given]
        mask = layer.compute_mask([tf.constant(SEQUENCE)] * 2, masks)
        sides.append(None if mask is None else np.asarray(mask))
    assert (sides[0] is None) == (sides[1] is None)
    if sides[0] is not None:
        np.testing.assert_array_equal(sides[1], sides[0])


@pytest.mark.parametrize(
    "name, others",
    [("add", {}), ("subtract", {}), ("multiply", {}), ("average", {}), ("maximum", {}), ("minimum", {}),
     ("concatenate", {"axis": 1}), ("dot", {"axes": 1}), ("dot", {"axes": 1, "normalize": True})],
)  # fmt: skip
def test_merging_functions(name, others):
    values = [VECTOR, VECTOR[::-1] * 2]
    wanted = getattr(tensorflow.keras.layers, name)([tensorflow.constant(each) for each in values], **others)
    got = getattr(functape.keras.layers, name)([functape.constant(each) for each in values], **others)
    assert_close(got.numpy(), wanted.numpy(), name, 4)


def test_aliases_are_the_same_classes():
    for theirs in (tensorflow.keras.layers, tf_keras.layers):
        for name in dir(theirs):
            kind = getattr(theirs, name)
            if isinstance(kind, type) and kind.__name__ != name and hasattr(theirs, kind.__name__):
                ours = functape.keras.layers
                if kind.__name__ in dir(ours) and name in dir(ours):
                    assert getattr(ours, name) is getattr(ours, kind.__name__), name


def test_unknown_lengths_pass_through_layers():
    k = functape.keras
    x = k.Input((None, None, 3))
    for layer in (
        k.layers.Conv2D(4, 3), k.layers.ZeroPadding2D(1), k.layers.BatchNormalization(), k.layers.MaxPooling2D(2),
        k.layers.AveragePooling2D(2, padding="same"), k.layers.DepthwiseConv2D(3), k.layers.UpSampling2D(2),
        k.layers.Cropping2D(1), k.layers.SeparableConv2D(5, 3, padding="same"), k.layers.Conv2DTranspose(4, 3),
    ):  # fmt: skip
        x = layer(x)
        assert tuple(x.shape)[:3] == (None, None, None), layer
    for _ in range(4):
        x = k.layers.MaxPooling2D(2)(x)
        assert tuple(x.shape) == (None, None, None, 4)
    assert tuple(k.layers.GlobalAveragePooling2D()(x).shape) == (None, 4)
