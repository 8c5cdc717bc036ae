"""`tf.keras.utils` and `tf.keras.preprocessing`: Keras's results, printing, files and configurations."""

from __future__ import annotations

import io
import json
import pathlib
import random
import sys
import tarfile
import time
import zipfile
from typing import Any

import numpy as np
import pytest
import tensorflow
import tf_keras
from both_sides import Table, assert_same_error

import functape

utils = functape.keras.utils
sequence = functape.keras.preprocessing.sequence
text = functape.keras.preprocessing.text
BOTH = (tensorflow.keras, functape.keras)


def same(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, np.ndarray):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)
    else:
        assert ours == theirs


RESULTS: dict[str, Any] = {
    "to_categorical": lambda keras: keras.utils.to_categorical([0, 2, 1]),
    "to_categorical, classes": lambda keras: keras.utils.to_categorical(np.array([[0], [2]]), 5),
    "to_categorical, matrix": lambda keras: keras.utils.to_categorical([[0, 2], [1, 1]]),
    "normalize": lambda keras: keras.utils.normalize(np.arange(6.0).reshape(2, 3)),
    "normalize, order": lambda keras: keras.utils.normalize(np.arange(6.0).reshape(2, 3), 1, 1),
    "pad_sequences": lambda keras: keras.utils.pad_sequences([[1], [2, 3, 4], []]),
    "pad_sequences, post": lambda keras: keras.utils.pad_sequences(
        [[1], [2, 3, 4]], 2, "float32", "post", "post", -1.0
    ),
    "pad_sequences, vectors": lambda keras: keras.utils.pad_sequences([[[1, 2]], [[3, 4], [5, 6]]]),
    "pad_sequences, text": lambda keras: keras.utils.pad_sequences([["a"], ["b", "c"]], dtype=object, value="-"),
    "pad_sequences, shorter": lambda keras: keras.utils.pad_sequences([[1, 2, 3], [4]], maxlen=1, padding="post"),
    "unpack": lambda keras: [
        keras.utils.unpack_x_y_sample_weight(each) for each in (1, (1,), (1, 2), [1, 2, 3], {"a": 1})
    ],
    "pack": lambda keras: [keras.utils.pack_x_y_sample_weight(*each) for each in ((1,), ([1],), (1, 2), (1, 2, 3))],
    "img_to_array": lambda keras: keras.utils.img_to_array(np.arange(6).reshape(2, 3)),
    "img_to_array, channels first": lambda keras: keras.utils.img_to_array(
        np.arange(6).reshape(1, 2, 3), "channels_first", "uint8"
    ),
    "array_to_img": lambda keras: np.array(keras.utils.array_to_img(np.arange(12.0).reshape(2, 2, 3))),
    "array_to_img, grey": lambda keras: np.array(
        keras.utils.array_to_img(np.arange(4.0).reshape(2, 2, 1), scale=False)
    ),
}


@pytest.mark.parametrize("name", RESULTS)
def test_as_keras(name: str) -> None:
    theirs, ours = (RESULTS[name](keras) for keras in BOTH)
    same(ours, theirs)


def test_tensors() -> None:
    assert utils.to_categorical(functape.constant([0, 2]), 3).numpy().tolist() == [[1, 0, 0], [0, 0, 1]]
    theirs, ours = (keras.utils.normalize([[3.0, 4.0]]) for keras in BOTH)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)
    along = utils.normalize(np.arange(1.0, 7.0).reshape(2, 3), 0)
    np.testing.assert_allclose(along, tf_keras.utils.normalize(np.arange(1.0, 7.0).reshape(2, 3), 0))
    np.testing.assert_array_equal(utils.to_ordinal([0, 2, 1], 4), tf_keras.utils.to_ordinal([0, 2, 1], 4))


def test_images_are_files(tmp_path: Any) -> None:
    image = np.random.default_rng(1).integers(0, 255, (6, 8, 3)).astype(np.float32)
    path = str(tmp_path / "image.png")
    utils.save_img(path, image, scale=False)
    settings = (
        {},
        {"color_mode": "grayscale"},
        {"color_mode": "rgba"},
        {"target_size": (4, 4), "interpolation": "bilinear"},
        {"target_size": (4, 2), "keep_aspect_ratio": True},
    )
    for kwargs in settings:
        theirs, ours = (np.array(keras.utils.load_img(path, **kwargs)) for keras in BOTH)
        np.testing.assert_array_equal(ours, theirs)
    again = functape.keras.preprocessing.image.load_img(io.BytesIO(pathlib.Path(path).read_bytes()))
    np.testing.assert_array_equal(np.array(again), image)


class _Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def _printed(keras: Any, monkeypatch: Any, steps: Any, **kwargs: Any) -> str:
    """What a progress bar prints when each step takes a tenth of a second."""
    clock = iter(np.arange(0, 100, 0.1).tolist())
    output = _Terminal()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: next(clock))
        patch.setattr(sys, "stdout", output)
        bar = keras.utils.Progbar(**kwargs)
        for current, values in steps:
            bar.update(current, values)
    return output.getvalue()


@pytest.mark.parametrize(
    "kwargs",
    [
        {"target": 12},
        {"target": 12, "verbose": 2},
        {"target": 12, "verbose": 0},
        {"target": None},
        {"target": 12, "stateful_metrics": ["loss"], "unit_name": "sample"},
        {"target": 12, "stateless_metrics": ["loss"]},
        {"target": 12, "interval": 0.35, "width": 30},
    ],
    ids=str,
)
def test_progress_is_printed_as_by_keras(kwargs: Any, monkeypatch: Any) -> None:
    steps = [(step + 1, [("loss", 1.0 / (step + 1)), ("small", 1e-5)]) for step in range(12)]
    theirs, ours = (_printed(keras, monkeypatch, steps, **kwargs) for keras in BOTH)
    assert ours == theirs


def test_messages_can_go_to_the_log(caplog: Any, capsys: Any) -> None:
    utils.disable_interactive_logging()
    try:
        with caplog.at_level("INFO", "functape.keras"):
            utils.Progbar(1, verbose=2).update(1)
        assert not utils.is_interactive_logging_enabled()
    finally:
        utils.enable_interactive_logging()
    assert "1/1" in caplog.text
    assert capsys.readouterr().out == ""


def test_files_come_from_the_cache(tmp_path: Any, capsys: Any) -> None:
    there = tmp_path / "numbers.txt"
    there.write_text("1 2 3")
    cache = tmp_path / "cache"
    found = utils.get_file(origin=there.as_uri(), cache_dir=cache, cache_subdir="mine")
    assert found == str(cache / "mine" / "numbers.txt")
    there.write_text("4 5 6")
    assert (
        pathlib.Path(utils.get_file("numbers.txt", there.as_uri(), cache_dir=cache, cache_subdir="mine")).read_text()
        == "1 2 3"
    )
    utils.get_file(origin=there.as_uri(), cache_dir=cache, cache_subdir="mine", force_download=True)
    assert pathlib.Path(found).read_text() == "4 5 6"
    with pytest.raises(ValueError, match="hash"):
        utils.get_file(origin=there.as_uri(), cache_dir=cache, file_hash="0" * 64)
    with pytest.raises(Exception, match=r"URL fetch failure.*put the file there by hand") as caught:
        utils.get_file(origin=(tmp_path / "absent.txt").as_uri(), cache_dir=cache)
    assert str(cache / "datasets" / "absent.txt") in str(caught.value)
    assert not list(cache.rglob("*.part"))


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_archives_are_unpacked_where_keras_unpacks_them(kind: str, tmp_path: Any) -> None:
    (tmp_path / "inner.txt").write_text("inside")
    archive = tmp_path / f"archive.{kind}"
    if kind == "tar":
        with tarfile.open(archive, "w") as file:
            file.add(tmp_path / "inner.txt", "inner.txt")
    else:
        with zipfile.ZipFile(archive, "w") as file:
            file.write(tmp_path / "inner.txt", "inner.txt")
    for fname in (None, archive.name, "plain"):
        places = []
        for keras in BOTH:
            cache = tmp_path / f"{keras.__name__} {fname}"
            cache.mkdir(exist_ok=True)
            found = keras.utils.get_file(fname, archive.as_uri(), extract=True, cache_dir=str(cache))
            assert pathlib.Path(found, "inner.txt").read_text() == "inside"
            places.append(pathlib.Path(found).relative_to(cache))
        assert places[0] == places[1]


class Squares(utils.PyDataset):
    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> int:
        return index * index


def test_data_sets_as_python_objects() -> None:
    data = Squares(workers=2)
    assert (data.workers, data.use_multiprocessing, data.max_queue_size) == (2, False, 10)
    assert (list(data), data.num_batches) == ([0, 1, 4, 9, 16], 5)
    assert utils.Sequence is utils.PyDataset
    enqueuer = utils.OrderedEnqueuer(data)
    enqueuer.start(workers=2, max_queue_size=3)
    batches = enqueuer.get()
    assert [next(batches) for _ in range(7)] == [0, 1, 4, 9, 16, 0, 1]
    enqueuer.stop()
    assert not enqueuer.is_running()
    generated = utils.GeneratorEnqueuer(iter([3, 1, 2]))
    generated.start()
    assert list(generated.get()) == [3, 1, 2]
    generated.stop()
    with pytest.raises(NotImplementedError):
        utils.PyDataset()[0]


# ---- configurations ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [None, 1, "text", [1, (2, None)], {"a": [1]}, b"bytes", slice(1, None, 2), ..., np.arange(3), np.float32(2)],
    ids=str,
)  # fmt: skip
def test_plain_values_are_stored_as_by_keras(value: Any) -> None:
    stored = utils.serialize_keras_object(value)
    assert stored == tensorflow.keras.utils.serialize_keras_object(value)
    theirs, ours = (keras.utils.deserialize_keras_object(json.loads(json.dumps(stored))) for keras in BOTH)
    np.testing.assert_equal(ours, theirs)


def test_tensors_dtypes_and_shapes_are_stored_as_by_keras() -> None:
    for make in (lambda tf: tf.constant([1.0, 2.0]), lambda tf: tf.float32, lambda tf: tf.TensorShape([1, None])):
        stored = utils.serialize_keras_object(make(functape))
        assert stored == tensorflow.keras.utils.serialize_keras_object(make(tensorflow))
    again = utils.deserialize_keras_object(utils.serialize_keras_object(functape.constant([1.0, 2.0])))
    assert again.numpy().tolist() == [1, 2]


class Holder:
    def __init__(self, inner: Any = None, size: int = 1) -> None:
        self.inner, self.size = inner, size

    def get_config(self) -> dict[str, Any]:
        return {"inner": self.inner, "size": self.size}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Holder:
        return cls(utils.deserialize_keras_object(config["inner"]), config["size"])


def test_objects_of_ones_own() -> None:
    holder = Holder(functape.keras.initializers.HeNormal(seed=1), 3)
    stored = json.loads(json.dumps(utils.serialize_keras_object(holder)))
    with pytest.raises(TypeError, match="register_keras_serializable"):
        utils.deserialize_keras_object(stored)
    again = utils.deserialize_keras_object(stored, custom_objects={"Holder": Holder})
    assert (again.size, again.inner.seed) == (3, 1)
    with utils.custom_object_scope({"Holder": Holder}):
        assert utils.deserialize_keras_object(stored).size == 3
        assert utils.get_registered_object("Holder") is Holder
    registered = utils.register_keras_serializable("pack", "Other")(type("Registered", (Holder,), {}))
    assert utils.get_registered_name(registered) == "pack>Other"
    assert utils.get_custom_objects()["pack>Other"] is registered
    assert utils.deserialize_keras_object(utils.serialize_keras_object(registered(size=3))).size == 3
    assert utils.get_registered_object("nothing") is None


def test_lambdas_need_trust() -> None:
    with pytest.warns(UserWarning, match="safe_mode"):
        stored = utils.serialize_keras_object(lambda x: 2 * x)
    with pytest.raises(ValueError, match="safe_mode"):
        utils.deserialize_keras_object(stored)
    assert utils.deserialize_keras_object(stored, safe_mode=False)(3) == 6


def test_the_old_format() -> None:
    legacy = utils.legacy
    stored = legacy.serialize_keras_object(Holder(size=4))
    assert stored == {"class_name": "Holder", "config": {"inner": None, "size": 4}}
    assert legacy.deserialize_keras_object(stored, custom_objects={"Holder": Holder}).size == 4
    with pytest.raises(ValueError, match="Unknown thing"):
        legacy.deserialize_keras_object("nothing", {}, printable_module_name="thing")


# ---- sequences and texts ----------------------------------------------------------------------------------------

SERIES = np.arange(40.0).reshape(20, 2)
WINDOWS = [
    {"length": 4},
    {"length": 4, "sampling_rate": 2, "stride": 3, "batch_size": 2},
    {"length": 3, "start_index": 2, "end_index": 15, "reverse": True, "batch_size": 5},
    {"length": 3, "shuffle": True, "batch_size": 4},
]


@pytest.mark.parametrize("kwargs", WINDOWS, ids=str)
def test_windows_of_a_series(kwargs: Any) -> None:
    results = []
    for module in (tf_keras.preprocessing.sequence, sequence):
        np.random.seed(1)
        windows = module.TimeseriesGenerator(SERIES, SERIES[:, 0], **kwargs)
        results.append([windows[place] for place in range(len(windows))])
        stored = json.loads(windows.to_json())
    for theirs, ours in zip(*results, strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])
    assert stored["config"]["length"] == kwargs["length"]


@pytest.mark.parametrize("kwargs", [{}, {"window_size": 1, "categorical": True}, {"negative_samples": 0.5, "seed": 4},
                                    {"sampling_table": np.full(10, 0.7)}, {"shuffle": False}], ids=str)  # fmt: skip
def test_skipgrams(kwargs: Any) -> None:
    results = []
    for module in (tf_keras.preprocessing.sequence, sequence):
        random.seed(3)
        results.append(module.skipgrams([1, 2, 0, 3, 4, 5], 10, **kwargs))
    assert tuple(results[1]) == tuple(results[0])


def test_sampling_table() -> None:
    theirs = tf_keras.preprocessing.sequence.make_sampling_table(50, 1e-4)
    np.testing.assert_allclose(sequence.make_sampling_table(50, 1e-4), theirs, rtol=1e-14)


TEXTS = ["The cat sat on the mat.", "The dog sat on the log!", "A cat, a dog"]
TOKENIZERS = [
    {},
    {"num_words": 4},
    {"num_words": 4, "oov_token": "<oov>"},
    {"char_level": True, "lower": False},
    {"split": "-", "filters": " "},
    {"analyzer": lambda text: text.split()},
]


@pytest.mark.parametrize("kwargs", TOKENIZERS, ids=lambda kwargs: ",".join(kwargs))
def test_tokenizers(kwargs: Any) -> None:
    def results(module: Any) -> Any:
        tokenizer = module.Tokenizer(**kwargs)
        tokenizer.fit_on_texts(TEXTS)
        lists = tokenizer.texts_to_sequences([*TEXTS, "an unknown cat"])
        matrices = [tokenizer.texts_to_matrix(TEXTS, mode) for mode in ("binary", "count", "freq", "tfidf")]
        counted = dict(tokenizer.word_counts), dict(tokenizer.word_docs), dict(tokenizer.index_docs)
        return lists, tokenizer.sequences_to_texts(lists), tokenizer.word_index, counted, matrices

    theirs, ours = (results(module) for module in (tf_keras.preprocessing.text, text))
    np.testing.assert_equal(ours, theirs)


def test_tokenizers_are_stored() -> None:
    theirs, ours = (module.Tokenizer(num_words=5) for module in (tf_keras.preprocessing.text, text))
    for tokenizer in (theirs, ours):
        tokenizer.fit_on_texts(TEXTS)
    stored = json.loads(ours.to_json()), json.loads(theirs.to_json())
    for name in ("word_counts", "index_word", "word_index", "num_words", "filters"):
        assert stored[0]["config"][name] == stored[1]["config"][name]
    again = text.tokenizer_from_json(theirs.to_json())
    assert again.texts_to_sequences(TEXTS) == ours.texts_to_sequences(TEXTS)
    again.fit_on_sequences([[1, 2], [1]])


def test_words() -> None:
    for call in (
        lambda module: module.text_to_word_sequence("Hello,  World!", lower=False),
        lambda module: module.hashing_trick("hello big world", 20, hash_function="md5"),
        lambda module: module.one_hot("hello big world", 20),
    ):
        assert call(text) == call(tf_keras.preprocessing.text)


def test_nothing_is_missing() -> None:
    later = {
        "Config", "FeatureSpace", "SidecarEvaluator", "StepsPerExecutionTuner", "TimedThread",
        "audio_dataset_from_directory", "bounding_boxes", "experimental", "get_source_inputs",
        "image_dataset_from_directory", "model_to_dot", "plot_model", "split_dataset",
        "text_dataset_from_directory", "timeseries_dataset_from_array", "warmstart_embedding_matrix",
    }  # fmt: skip
    for module in (tensorflow.keras.utils, tf_keras.utils):
        public = {name for name in dir(module) if not name.startswith("_")}
        assert public - later <= {*utils.__all__, "is_keras_tensor", "legacy"}
    for ours, theirs in ((sequence, tf_keras.preprocessing.sequence), (text, tf_keras.preprocessing.text)):
        assert {name for name in dir(theirs) if not name.startswith("_")} <= set(ours.__all__)


wrong = Table()


@wrong
def numbers_are_no_sequences(tf: Any) -> Any:
    return tf.keras.utils.pad_sequences([1, 2])


@wrong
def number_is_no_list(tf: Any) -> Any:
    return tf.keras.utils.pad_sequences(3)


@wrong
def padding_sideways(tf: Any) -> Any:
    return tf.keras.utils.pad_sequences([[1], [1, 2]], padding="sideways")


@wrong
def elements_of_different_shapes(tf: Any) -> Any:
    return tf.keras.utils.pad_sequences([[[1, 2]], [[1, 2, 3]]])


@wrong
def text_among_numbers(tf: Any) -> Any:
    return tf.keras.utils.pad_sequences([[1]], value="-")


@wrong
def four_parts(tf: Any) -> Any:
    return tf.keras.utils.unpack_x_y_sample_weight((1, 2, 3, 4))


@wrong
def class_out_of_range(tf: Any) -> Any:
    return tf.keras.utils.to_categorical([3], num_classes=2)


@wrong
def both_lists_of_metrics(tf: Any) -> Any:
    return tf.keras.utils.Progbar(3, stateful_metrics=["a"], stateless_metrics=["b"])


@wrong
def no_origin(tf: Any) -> Any:
    return tf.keras.utils.get_file("name")


@wrong
def a_path_for_a_name(tf: Any) -> Any:
    return tf.keras.utils.get_file("a/b", origin="file:///nowhere")


@wrong
def an_image_of_a_vector(tf: Any) -> Any:
    return tf.keras.utils.img_to_array(np.zeros(3))


@wrong
def two_channels(tf: Any) -> Any:
    return tf.keras.utils.array_to_img(np.zeros((3, 3, 2)))


@wrong
def a_class_without_a_configuration(tf: Any) -> Any:
    return tf.keras.utils.register_keras_serializable()(type("Bare", (), {}))


@wrong
def an_object_without_a_configuration(tf: Any) -> Any:
    return tf.keras.utils.serialize_keras_object(object())


@wrong.each()
def test_raises_as_keras(program: Any) -> None:
    assert_same_error(program)
