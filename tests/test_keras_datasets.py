"""`tf.keras.datasets`: small made-up files in the cache, read as Keras reads them."""

from __future__ import annotations

import gzip
import inspect
import json
import pickle
import tarfile
from typing import Any

import numpy as np
import pytest
import tensorflow

import functape

ours = functape.keras.datasets
theirs = tensorflow.keras.datasets
NUMBERS = np.random.default_rng(0)


@pytest.fixture
def cache(tmp_path: Any, monkeypatch: Any) -> Any:
    """Keras's folder of data sets, for both; Keras takes the files as they are, whatever their hash."""
    from keras.src.backend import config
    from keras.src.utils import file_utils

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(config, "_KERAS_DIR", str(tmp_path))
    monkeypatch.setattr(file_utils, "validate_file", lambda *args, **kwargs: True)
    folder = tmp_path / "datasets"
    folder.mkdir()
    return folder


def same(found: Any, wanted: Any) -> None:
    for part, other in zip(found, wanted, strict=True):
        for array, expected in zip(part, other, strict=True):
            assert array.dtype == expected.dtype
            assert array.shape == expected.shape
            assert array.tolist() == expected.tolist()


def test_mnist(cache: Any) -> None:
    images = {
        f"x_{name}": NUMBERS.integers(0, 255, (count, 28, 28), np.uint8) for name, count in (("train", 5), ("test", 2))
    }
    labels = {
        f"y_{name}": NUMBERS.integers(0, 9, count).astype(np.uint8) for name, count in (("train", 5), ("test", 2))
    }
    np.savez(cache / "mnist.npz", **images, **labels)
    same(ours.mnist.load_data(), theirs.mnist.load_data())
    same(ours.mnist.load_data(str(cache / "mnist.npz")), theirs.mnist.load_data())


def test_fashion_mnist(cache: Any) -> None:
    folder = cache / "fashion-mnist"
    folder.mkdir()
    for name, count in (("train", 4), ("t10k", 2)):
        with gzip.open(folder / f"{name}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(bytes(8) + NUMBERS.integers(0, 9, count, np.uint8).tobytes())
        with gzip.open(folder / f"{name}-images-idx3-ubyte.gz", "wb") as file:
            file.write(bytes(16) + NUMBERS.integers(0, 255, count * 784, np.uint8).tobytes())
    same(ours.fashion_mnist.load_data(), theirs.fashion_mnist.load_data())


def _pictures(folder: Any, name: str, count: int, **labels: int) -> None:
    found: dict[bytes, Any] = {b"data": NUMBERS.integers(0, 255, (count, 3072), np.uint8)}
    found |= {key.encode(): NUMBERS.integers(0, kinds, count).tolist() for key, kinds in labels.items()}
    with open(folder / name, "wb") as file:
        pickle.dump(found, file, 4)


@pytest.mark.parametrize("packed", [False, True])
def test_cifar10(cache: Any, packed: bool, tmp_path: Any) -> None:
    inner = tmp_path / "cifar-10-batches-py"
    inner.mkdir()
    for number in range(1, 6):
        _pictures(inner, f"data_batch_{number}", 3, labels=10)
    _pictures(inner, "test_batch", 2, labels=10)
    target = cache / "cifar-10-batches-py-target"
    if packed:
        with tarfile.open(f"{target}_archive", "w:gz") as file:
            file.add(inner, inner.name)
    else:
        target.mkdir()
        inner.rename(target / inner.name)
    (x_train, y_train), (x_test, y_test) = ours.cifar10.load_data()
    assert (x_train.shape, y_train.shape, x_test.shape) == ((15, 32, 32, 3), (15, 1), (2, 32, 32, 3))
    assert x_train.dtype == y_train.dtype == y_test.dtype == np.uint8
    with open(target / inner.name / "data_batch_2", "rb") as file:
        batch = pickle.load(file)
    np.testing.assert_array_equal(x_train[3:6], batch[b"data"].reshape(3, 3, 32, 32).transpose(0, 2, 3, 1))
    assert y_train[3:6, 0].tolist() == batch[b"labels"]


@pytest.mark.parametrize("label_mode", ["fine", "coarse"])
def test_cifar100(cache: Any, label_mode: str) -> None:
    folder = cache / "cifar-100-python-target" / "cifar-100-python"
    folder.mkdir(parents=True)
    (cache / "cifar-100-python-target_archive").touch()
    for name, count in (("train", 4), ("test", 2)):
        _pictures(folder, name, count, fine_labels=100, coarse_labels=20)
    same(ours.cifar100.load_data(label_mode), theirs.cifar100.load_data(label_mode))
    with pytest.raises(ValueError, match="label_mode"):
        ours.cifar100.load_data("rough")


def test_a_pickle_that_runs_code_is_refused(cache: Any) -> None:
    folder = cache / "cifar-100-python-target" / "cifar-100-python"
    folder.mkdir(parents=True)
    (folder / "train").write_bytes(pickle.dumps({b"data": print}))
    with pytest.raises(pickle.UnpicklingError, match="print"):
        ours.cifar100.load_data()


def _texts(count: int) -> Any:
    made = np.empty(count, object)
    made[:] = [NUMBERS.integers(1, 30, NUMBERS.integers(3, 12)).tolist() for _ in range(count)]
    return made


WORDS = [
    {},
    {"num_words": 12},
    {"skip_top": 5, "oov_char": None},
    {"maxlen": 9, "seed": 3},
    {"start_char": None},
    {"start_char": None, "index_from": 0, "num_words": 20},
]


@pytest.mark.parametrize("kwargs", WORDS, ids=str)
def test_texts(cache: Any, kwargs: Any) -> None:
    labels = {f"y_{name}": NUMBERS.integers(0, 2, 12) for name in ("train", "test")}
    np.savez(cache / "imdb.npz", x_train=_texts(12), x_test=_texts(12), **labels)
    np.savez(cache / "reuters.npz", x=_texts(20), y=NUMBERS.integers(0, 46, 20))
    for name in ("imdb", "reuters"):
        found, wanted = (getattr(datasets, name).load_data(**kwargs) for datasets in (ours, theirs))
        for part, other in zip(found, wanted, strict=True):
            assert [list(text) for text in part[0]] == [list(text) for text in other[0]]
            assert part[0].dtype == other[0].dtype == object
            assert np.asarray(part[1]).tolist() == np.asarray(other[1]).tolist()


def test_word_numbers(cache: Any) -> None:
    for name in ("imdb", "reuters"):
        (cache / f"{name}_word_index.json").write_text(json.dumps({"the": 1, "cat": 2}))
        assert getattr(ours, name).get_word_index() == getattr(theirs, name).get_word_index()
    assert ours.reuters.get_label_names() == theirs.reuters.get_label_names()


def test_houses(cache: Any) -> None:
    np.savez(cache / "boston_housing.npz", x=NUMBERS.normal(size=(20, 13)), y=NUMBERS.normal(size=20))
    x, y = NUMBERS.normal(size=(700, 8)).astype(np.float32), NUMBERS.normal(size=700).astype(np.float32)
    np.savez(cache / "california_housing.npz", x=x, y=y)
    same(ours.boston_housing.load_data(test_split=0.3), theirs.boston_housing.load_data(test_split=0.3))
    for kwargs in ({}, {"version": "small", "seed": 1}):
        same(ours.california_housing.load_data(**kwargs), theirs.california_housing.load_data(**kwargs))
    for call in (
        lambda: ours.boston_housing.load_data(test_split=1.0),
        lambda: ours.california_housing.load_data("tiny"),
    ):
        with pytest.raises(ValueError, match=r"test_split|version"):
            call()


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10", "cifar100", "imdb", "reuters", "boston_housing",
                                  "california_housing"])  # fmt: skip
def test_an_absent_file_is_named(cache: Any, name: str, monkeypatch: Any) -> None:
    def offline(*args: Any, **kwargs: Any) -> Any:
        raise OSError("the network is not there")

    monkeypatch.setattr("urllib.request.urlopen", offline)
    with pytest.raises(FileNotFoundError, match="KERAS_HOME") as caught:
        getattr(ours, name).load_data()
    assert str(cache) in str(caught.value)
    assert "network is not there" in str(caught.value)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10", "cifar100", "imdb", "reuters", "boston_housing",
                                  "california_housing"])  # fmt: skip
def test_arguments(name: str) -> None:
    found, wanted = (inspect.signature(getattr(datasets, name).load_data) for datasets in (ours, theirs))
    assert [(each.name, each.default) for each in found.parameters.values()] == [
        (each.name, each.default) for each in wanted.parameters.values()
    ]
