"""Layers that prepare numbers and images, against Keras 3: seeded ones give its very images."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow

import functape

RANDOM = np.random.default_rng(8)
IMAGES = RANDOM.uniform(0, 255, (3, 8, 10, 3)).astype(np.float32)
BYTES = IMAGES.astype(np.uint8)
NUMBERS = RANDOM.normal(size=(6, 4)).astype(np.float32)
KERAS_3 = tensorflow.keras


def adapted(layer, data=NUMBERS):
    layer.adapt(data)
    return layer


CASES = {
    "flip": (lambda L: L.RandomFlip(), IMAGES),
    "flip bytes": (lambda L: L.RandomFlip("vertical", seed=3), BYTES),
    **{
        f"rotation {mode}": ((lambda L, mode=mode: L.RandomRotation(0.3, fill_mode=mode)), IMAGES)
        for mode in ("reflect", "wrap", "constant", "nearest")
    },
    "rotation nearest pixel": (lambda L: L.RandomRotation((-0.2, 0.4), interpolation="nearest"), IMAGES),
    "zoom": (lambda L: L.RandomZoom(0.4), IMAGES),
    "zoom both": (lambda L: L.RandomZoom((-0.5, 0.2), 0.7, fill_mode="constant", fill_value=3.0), IMAGES),
    "translation": (lambda L: L.RandomTranslation(0.4, (-0.2, 0.3)), IMAGES),
    "translation of one": (lambda L: L.RandomTranslation(0.4, 0.9, fill_mode="wrap"), IMAGES[0]),
    "crop": (lambda L: L.RandomCrop(4, 5), IMAGES),
    "crop of one": (lambda L: L.RandomCrop(4, 5, seed=2), IMAGES[0]),
    "crop larger": (lambda L: L.RandomCrop(12, 5), IMAGES),
    "center crop": (lambda L: L.CenterCrop(4, 5), BYTES),
    "center crop larger": (lambda L: L.CenterCrop(12, 5), IMAGES),
    "contrast": (lambda L: L.RandomContrast(0.4), IMAGES),
    "brightness": (lambda L: L.RandomBrightness(0.4), IMAGES),
    "resize": (lambda L: L.Resizing(5, 13), IMAGES),
    "resize bytes": (lambda L: L.Resizing(5, 13), BYTES),
    "resize nearest": (lambda L: L.Resizing(13, 4, "nearest"), BYTES),
    "resize antialias": (lambda L: L.Resizing(4, 4, antialias=True), IMAGES),
    "resize lanczos": (lambda L: L.Resizing(4, 14, "lanczos3"), IMAGES),
    "resize cropping": (lambda L: L.Resizing(4, 4, crop_to_aspect_ratio=True), IMAGES),
    "resize padding": (lambda L: L.Resizing(6, 6, pad_to_aspect_ratio=True, fill_value=7.0), IMAGES),
    "rescaling": (lambda L: L.Rescaling(1 / 255.0, offset=-0.5), BYTES),
    "normalization": (lambda L: adapted(L.Normalization()), NUMBERS),
    "normalization of all": (lambda L: adapted(L.Normalization(axis=None)), NUMBERS),
    "normalization given": (lambda L: L.Normalization(mean=3.0, variance=2.0), NUMBERS),
    "normalization inverted": (lambda L: adapted(L.Normalization(axis=1, invert=True)), NUMBERS),
    "normalization of batches": (lambda L: adapted(L.Normalization(), [NUMBERS[:4], NUMBERS[4:]]), NUMBERS),
    "categories": (lambda L: L.CategoryEncoding(4), np.array([[0, 1], [3, 3]])),
    "categories one hot": (lambda L: L.CategoryEncoding(4, "one_hot"), np.array([0, 3])),
    "categories count": (lambda L: L.CategoryEncoding(4, "count"), np.array([[0, 1], [3, 3]])),
    "bins": (lambda L: L.Discretization([-0.5, 0.5]), NUMBERS),
    "bins one hot": (lambda L: L.Discretization([-0.5, 0.5], output_mode="one_hot"), NUMBERS[:, 0]),
}


@pytest.fixture(autouse=True)
def fresh_names():
    KERAS_3.utils.clear_session(free_memory=False)
    functape.keras.backend.reset_uids()


def outcome(k, make, x):
    k.utils.set_random_seed(3)
    layer = make(k.layers)
    made = [layer(x)]
    if "random" in layer.name:
        made += [layer(x, training=True), layer(x, training=False)]
    return layer.get_config(), [np.asarray(each) for each in made]


@pytest.mark.parametrize("name", CASES)
def test_outputs_and_configurations_are_keras_3s(name):
    (their_config, wanted), (our_config, got) = (outcome(k, *CASES[name]) for k in (KERAS_3, functape.keras))
    for a, b in zip(got, wanted, strict=True):
        assert a.dtype == b.dtype and a.shape == b.shape
        # A pixel's place is computed in single precision: 1e-6 of a pixel times steps of 255 between pixels.
        np.testing.assert_allclose(a.astype(float), b.astype(float), rtol=1e-5, atol=5e-4)
    assert our_config == their_config


def test_another_seed_would_be_found():
    layers = [functape.keras.layers.RandomZoom(0.4, seed=seed) for seed in (1, 2)]
    first, second = (layer(IMAGES).numpy() for layer in layers)
    assert abs(first - second).max() > 0.1


def test_labels_and_masks_go_along():
    layer = functape.keras.layers.RandomFlip("horizontal", seed=1)
    data = {"images": IMAGES, "labels": np.arange(3), "segmentation_masks": IMAGES}
    made = layer(data)
    np.testing.assert_array_equal(made["images"].numpy(), made["segmentation_masks"].numpy())
    np.testing.assert_array_equal(np.asarray(made["labels"]), np.arange(3))
    with pytest.raises(NotImplementedError, match="bounding boxes"):
        layer({"images": IMAGES, "bounding_boxes": {}})


def test_models_and_functions_hold_them():
    k = functape.keras
    model = k.Sequential(
        [k.Input((8, 10, 3)), k.layers.RandomFlip(), k.layers.Resizing(4, 4), k.layers.RandomCrop(2, 3)]
    )
    assert tuple(model.output_shape) == (None, 2, 3, 3)
    assert model(IMAGES, training=True).shape == (3, 2, 3, 3)
    layer = k.layers.RandomRotation(0.2, seed=4)
    inside = functape.function(lambda x: layer(x, training=True))
    first, second = inside(functape.constant(IMAGES)).numpy(), inside(functape.constant(IMAGES)).numpy()
    assert abs(first - second).max() > 0.1


@pytest.mark.parametrize("writing, reading", [("ours", "ours"), ("theirs", "ours"), ("ours", "theirs")])
def test_adapted_bins_are_stored(writing, reading, tmp_path):
    k = {"ours": functape.keras, "theirs": KERAS_3}
    layer = adapted(k[writing].layers.Discretization(num_bins=3))
    copied = type(layer).from_config(layer.get_config())
    assert copied.get_config() == layer.get_config()
    k[writing].Sequential([k[writing].Input((4,)), layer]).save(tmp_path / "bins.keras")
    loaded = k[reading].models.load_model(tmp_path / "bins.keras")
    for again in (loaded, copied):
        np.testing.assert_array_equal(again(NUMBERS), layer(NUMBERS))


ERRORS = {
    "factor out of range": lambda L: L.RandomRotation(2.0),
    "factor of three": lambda L: L.RandomZoom((0.1, 0.2, 0.3)),
    "a mode there is not": lambda L: L.RandomTranslation(0.1, 0.1, fill_mode="mirror"),
    "a matrix": lambda L: L.RandomFlip()(NUMBERS),
    "mean alone": lambda L: L.Normalization(mean=1.0),
    "axis out of range": lambda L: L.Normalization(axis=3)(NUMBERS),
    "no categories": lambda L: L.CategoryEncoding(),
    "no bins": lambda L: L.Discretization(),
    "bins not yet found": lambda L: L.Discretization(num_bins=3)(NUMBERS),
    "interpolation there is not": lambda L: L.Resizing(2, 2, "cubist")(IMAGES),
    "range of one": lambda L: L.RandomBrightness(0.1, value_range=(1,)),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_keras_3s(name):
    with pytest.raises(Exception) as theirs:
        ERRORS[name](KERAS_3.layers)
    with pytest.raises(theirs.type):
        ERRORS[name](functape.keras.layers)
