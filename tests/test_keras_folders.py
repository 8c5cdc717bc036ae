"""Datasets from folders and arrays, image generators, pictures of models, structures: as Keras's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow
import tf_keras
from both_sides import compare, described
from PIL import Image

import functape

SIDES = {"theirs": (keras, tensorflow), "ours": (functape.keras, functape)}
PIXELS = np.random.default_rng(0).integers(0, 256, (7, 5, 6, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("images")
    for number, pixels in enumerate(PIXELS):
        place = root / ("cats" if number % 2 else "dogs")
        place.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(place / f"{number}.png")
        (place / f"{number}.txt").write_text(f"text {number}")
    return root


def _elements(dataset: Any) -> Any:
    if isinstance(dataset, list):
        return [_elements(each) for each in dataset]
    return [described(each) for each in dataset]


def _specs(tf: Any, datasets: list[Any]) -> Any:
    specs = [spec for dataset in datasets for spec in tf.nest.flatten(dataset.element_spec)]
    return [(spec.shape.as_list(), spec.dtype.name) for spec in specs]


def _both(run: Callable[[Any, Any], Any]) -> None:
    theirs, ours = (described(run(*SIDES[side])) for side in ("theirs", "ours"))
    compare(ours, theirs, "dataset", 16)


FOLDERS: dict[str, dict[str, Any]] = {
    "plain": {"shuffle": False},
    "one hot, by size": {"shuffle": False, "label_mode": "categorical", "image_size": 4, "batch_size": 3},
    "binary, grey": {"shuffle": False, "label_mode": "binary", "color_mode": "grayscale", "interpolation": "nearest"},
    "no labels": {"shuffle": False, "labels": None, "batch_size": None},
    "cropped": {"shuffle": False, "crop_to_aspect_ratio": True, "image_size": (4, 8)},
    "padded": {"shuffle": False, "pad_to_aspect_ratio": True, "image_size": (8, 4), "interpolation": "nearest"},
    "own labels": {"shuffle": False, "labels": [4, 3, 2, 1, 0, 0, 1]},
    "two parts": {"shuffle": False, "validation_split": 0.4, "subset": "both"},
    "chosen": {"shuffle": False, "class_names": ["dogs", "cats"], "validation_split": 0.3, "subset": "validation"},
    "channels first": {"shuffle": False, "data_format": "channels_first"},
}


@pytest.mark.parametrize("name", FOLDERS)
def test_images(folder: Path, name: str) -> None:
    def run(keras: Any, tf: Any) -> Any:
        made = keras.utils.image_dataset_from_directory(
            folder, **{"image_size": (5, 6), "verbose": False} | FOLDERS[name]
        )
        parts = made if isinstance(made, list) else [made]
        names = [each.class_names for each in parts]
        return [_elements(made), _specs(tf, parts), names, [each.file_paths for each in parts]]

    _both(run)


def test_a_random_order_is_that_of_the_seed(folder: Path) -> None:
    def run(keras: Any, tf: Any) -> Any:
        made = keras.utils.image_dataset_from_directory(folder, image_size=(2, 2), seed=3, verbose=False)
        return made.file_paths

    _both(run)


def test_texts(folder: Path) -> None:
    def run(keras: Any, tf: Any) -> Any:
        whole = keras.utils.text_dataset_from_directory(folder, shuffle=False, verbose=False)
        short = keras.preprocessing.text_dataset_from_directory(folder, labels=None, shuffle=False, max_length=3)
        return [_elements(whole), _specs(tf, [whole, short]), whole.class_names, _elements(short)]

    _both(run)


SERIES: dict[str, Any] = {
    "plain": lambda keras: keras.utils.timeseries_dataset_from_array(np.arange(10.0), None, 3),
    "targets": lambda keras: keras.utils.timeseries_dataset_from_array(
        np.arange(20.0).reshape(10, 2), np.arange(8), 3, sampling_rate=2, sequence_stride=2, batch_size=2
    ),
    "a part": lambda keras: keras.utils.timeseries_dataset_from_array(
        np.arange(10.0), np.arange(10), 2, start_index=2, end_index=8, batch_size=None
    ),
    "split": lambda keras: list(keras.utils.split_dataset(np.arange(7.0), left_size=0.4)),
    "split of pairs": lambda keras: list(
        keras.utils.split_dataset((np.arange(6.0), np.arange(12.0).reshape(6, 2)), left_size=2, right_size=3)
    ),
}


@pytest.mark.parametrize("name", SERIES)
def test_arrays(name: str) -> None:
    _both(lambda keras, tf: _elements(SERIES[name](keras)))


ERRORS: dict[str, Callable[[Any, Any], Any]] = {
    "a mode": lambda keras, path: keras.utils.image_dataset_from_directory(path, label_mode="words"),
    "a colour": lambda keras, path: keras.utils.image_dataset_from_directory(path, color_mode="red"),
    "a seed": lambda keras, path: keras.utils.image_dataset_from_directory(path, validation_split=0.5, subset="both"),
    "a subset": lambda keras, path: keras.utils.image_dataset_from_directory(path, subset="training"),
    "names": lambda keras, path: keras.utils.image_dataset_from_directory(path, class_names=["fish"]),
    "labels": lambda keras, path: keras.utils.text_dataset_from_directory(path, labels=[1, 2]),
    "a rate": lambda keras, path: keras.utils.timeseries_dataset_from_array(np.arange(3), None, 2, sampling_rate=0),
    "a size": lambda keras, path: keras.utils.split_dataset(np.arange(3), left_size=1.5),
    "no size": lambda keras, path: keras.utils.split_dataset(np.arange(3)),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", ERRORS)
def test_errors(folder: Path, name: str) -> None:
    for module in (keras, functape.keras):
        with pytest.raises(ValueError):
            ERRORS[name](module, folder)


GENERATORS: dict[str, dict[str, Any]] = {
    "turned and moved": {"rotation_range": 30, "width_shift_range": 0.2, "height_shift_range": [1, 2], "cval": 3.0},
    "zoomed and sheared": {"zoom_range": 0.3, "shear_range": 10, "fill_mode": "constant"},
    "coloured": {"channel_shift_range": 20.0, "brightness_range": (0.5, 1.5), "rescale": 1 / 255},
    "mirrored": {"horizontal_flip": True, "vertical_flip": True, "samplewise_std_normalization": True},
    "normalized": {"featurewise_std_normalization": True},
    "whitened": {"zca_whitening": True},
    "by a function": {"preprocessing_function": lambda image: image[::-1], "validation_split": 0.4},
}


@pytest.mark.parametrize("name", GENERATORS)
def test_image_generator(folder: Path, name: str) -> None:
    def run(image: Any) -> Any:
        generator = image.ImageDataGenerator(**GENERATORS[name])
        images = PIXELS.astype(np.float32)
        generator.fit(images, seed=1)
        flow = generator.flow(images, np.arange(7), batch_size=3, seed=5, sample_weight=np.ones(7))
        found = [next(flow) for _ in range(4)] + [flow[1]]
        for mode in ("categorical", "sparse", None):
            files = generator.flow_from_directory(
                folder, (5, 6), batch_size=4, class_mode=mode, seed=2,
                subset="training" if "validation_split" in GENERATORS[name] else None,
            )  # fmt: skip
            found += [next(files), files.class_indices, len(files), list(files.filenames)]
        return found

    theirs, ours = run(tf_keras.preprocessing.image), run(functape.keras.preprocessing.image)
    compare(described(ours), described(theirs), name, 64)


def test_random_image_functions() -> None:
    def run(image: Any) -> Any:
        x = PIXELS[0].astype(np.float32)
        axes = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}
        np.random.seed(4)
        return [
            image.random_rotation(x, 40, **axes),
            image.random_shift(x, 0.2, 0.3, **axes),
            image.random_shear(x, 20, **axes),
            image.random_zoom(x, (0.5, 1.5), **axes),
            image.random_channel_shift(x, 30.0, 2),
            image.random_brightness(x, (0.5, 2.0)),
            image.smart_resize(x, (3, 3)),
        ]

    compare(run(functape.keras.preprocessing.image), run(tf_keras.preprocessing.image), "image", 64)


def test_a_model_learns_from_a_generator(folder: Path) -> None:
    tf = functape
    flow = tf.keras.preprocessing.image.ImageDataGenerator(rescale=1 / 255).flow_from_directory(folder, (4, 4))
    model = tf.keras.Sequential([tf.keras.Input((4, 4, 3)), tf.keras.layers.Flatten(), tf.keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    history = model.fit(flow, epochs=2, steps_per_epoch=1, verbose=0)
    assert history.history["loss"][1] < history.history["loss"][0]


def test_pictures_of_models(tmp_path: Path) -> None:
    keras = functape.keras
    inputs = keras.Input((3,), name="in")
    left = keras.layers.Dense(2, activation="relu", name="left")(inputs)
    model = keras.Model(inputs, keras.layers.Add(name="sum")([left, keras.layers.Dense(2, name="right")(inputs)]))
    path = tmp_path / "model.svg"
    keras.utils.plot_model(model, path, show_shapes=True, show_layer_names=True, show_layer_activations=True)
    drawn = path.read_text()
    assert drawn.startswith("<svg")
    assert all(f"{name} (" in drawn for name in ("in", "left", "right", "sum"))
    assert "relu" in drawn
    assert "(None, 2)" in drawn
    assert drawn.count("<rect") == 4
    for attempt in (
        lambda: keras.utils.plot_model(model, tmp_path / "model.png"),
        lambda: keras.utils.model_to_dot(model),
    ):
        with pytest.raises(ImportError, match="pydot"):
            attempt()
    with pytest.raises(ValueError, match="not yet been built"):
        keras.utils.plot_model(keras.Sequential([keras.layers.Dense(2)]), path)


STRUCTURES: dict[str, Callable[[Any], Any]] = {
    "map": lambda tree: tree.map_structure(lambda x, y: x + y, {"a": [1], "b": (2,)}, {"a": [3], "b": (4,)}),
    "map, no leaf": lambda tree: tree.map_structure(lambda x: x + 1, [1, None], none_is_leaf=False),
    "flatten": lambda tree: tree.flatten({"b": 1, "a": [2, (3,)]}),
    "flatten_with_path": lambda tree: tree.flatten_with_path({"b": 1, "a": [2, (3,)]}),
    "is_nested": lambda tree: [tree.is_nested(each) for each in ([1], {"a": 1}, 1, "a")],
    "lists_to_tuples": lambda tree: tree.lists_to_tuples({"a": [1, [2]]}),
    "map_shape_structure": lambda tree: tree.map_shape_structure(len, {"a": (1, None), "b": [(2,), (3, 4, 5)]}),
    "map_structure_up_to": lambda tree: tree.map_structure_up_to([0, 0], len, [[1, 2], [3]]),
    "pack_sequence_as": lambda tree: tree.pack_sequence_as({"a": 0, "b": [0]}, [1, 2]),
    "traverse": lambda tree: tree.traverse(lambda x: tuple(x) if isinstance(x, list) else None, {"a": [1, 2]}),
    "traverse from below": lambda tree: tree.traverse(
        lambda x: tree.MAP_TO_NONE if x == 1 else None, {"a": [1, 2]}, top_down=False
    ),
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_structures(name: str) -> None:
    assert STRUCTURES[name](functape.keras.tree) == STRUCTURES[name](keras.tree)


def test_random_classes() -> None:
    logits = np.log([[0.2, 0.3, 0.5]]).astype(np.float32)
    _both(lambda keras, tf: keras.random.categorical(logits, 9, seed=3))
