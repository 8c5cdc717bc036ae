"""The image classifiers: the same layers and weights as TensorFlow's, and the same outputs."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow

import functape as tf

ours, theirs = tf.keras.applications, tensorflow.keras.applications
MODELS = [
    ("MobileNetV2", {"alpha": 0.35, "classes": 7}),
    ("VGG16", {"include_top": False, "pooling": "avg"}),
    ("VGG19", {"include_top": False}),
    ("ResNet50", {"include_top": False, "pooling": "max"}),
    ("ResNet50V2", {"classes": 5, "classifier_activation": None}),
]


def named(layers):
    return [layer.name for layer in layers if not layer.name.startswith(("input", "global", "max_pooling"))]


@pytest.mark.parametrize(("name", "arguments"), MODELS)
def test_the_same_architecture_and_outputs(tmp_path, name, arguments):
    arguments = {"weights": None, "input_shape": (32, 32, 3), **arguments}
    other = getattr(theirs, name)(**arguments)
    path = tmp_path / "stored.weights.h5"
    other.save_weights(path)
    model = getattr(ours, name)(**{**arguments, "weights": str(path)})
    assert (model.name, len(model.layers)) == (other.name, len(other.layers))
    assert named(model.layers) == named(other.layers)
    assert [tuple(each.shape) for each in model.weights] == [tuple(each.shape) for each in other.weights]
    x = np.random.RandomState(0).rand(2, 32, 32, 3).astype("float32")
    expected = np.asarray(other(x))
    np.testing.assert_allclose(model(x).numpy(), expected, atol=1e-5 * np.abs(expected).max(), rtol=1e-4)
    assert not np.allclose(model(x).numpy(), expected * 1.001, atol=1e-5 * np.abs(expected).max(), rtol=1e-4)


@pytest.mark.parametrize("layout", ["channels_last", "channels_first"])
@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
@pytest.mark.parametrize("rank", [3, 4])
def test_preprocess_input(mode, layout, rank):
    x = np.random.RandomState(0).uniform(0, 255, (2, 3, 3, 3)[4 - rank :]).astype("float32")
    for make, other in ((np.array, np.array), (tf.constant, tensorflow.constant)):
        found = ours.imagenet_utils.preprocess_input(make(x), layout, mode)
        expected = theirs.imagenet_utils.preprocess_input(other(x), layout, mode)
        np.testing.assert_allclose(np.asarray(found), np.asarray(expected), atol=1e-4, rtol=1e-6)


@pytest.mark.parametrize("arguments", [
    {"weights": "no such file"}, {"weights": None, "input_shape": (16, 16, 3)}, {"weights": "imagenet", "classes": 3},
    {"weights": None, "input_shape": (32, 32)}, {"weights": None, "input_shape": (None, None, 3)},
])  # fmt: skip
def test_errors_are_those_of_keras(arguments):
    for module in (ours, theirs):
        with pytest.raises(ValueError):
            module.VGG16(**arguments)


def test_weights_of_imagenet_that_are_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: (_ for _ in ()).throw(OSError("no network")))
    with pytest.raises(FileNotFoundError, match=r"vgg16_weights_tf_dim_ordering_tf_kernels_notop\.h5"):
        ours.VGG16(include_top=False)
    with pytest.raises(FileNotFoundError, match=r"imagenet_class_index\.json"):
        ours.vgg16.decode_predictions(np.zeros((1, 1000)))
    with pytest.raises(ValueError, match="batch of predictions"):
        ours.vgg16.decode_predictions(np.zeros((1, 10)))
