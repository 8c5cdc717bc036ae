"""Datasets from files and to files, random functions, threads, memory: against TensorFlow."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow
from oracle import check_signature

import functape

BOTH = (functape, tensorflow)
TEXT = b"first\r\nsecond\n\nlast without end"
TABLE = b'a,b,c,d\n1,2.5,"x, y",7\n3,,z,8\n-4,1e3,,9999999999\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_bytes(TEXT)
    (tmp_path / "b.txt").write_bytes(b"other\nlines\n")
    (tmp_path / "t.csv").write_bytes(TABLE)
    (tmp_path / "a.gz").write_bytes(gzip.compress(TEXT))
    (tmp_path / "a.z").write_bytes(zlib.compress(TEXT))
    (tmp_path / "fixed").write_bytes(b"HH" + bytes(range(12)) + b"F")
    with tensorflow.io.TFRecordWriter(str(tmp_path / "r")) as file:
        for each in (b"", b"one", bytes(1000)):
            file.write(each)
    (tmp_path / "cut").write_bytes((tmp_path / "r").read_bytes()[:-5])
    damaged = bytearray((tmp_path / "r").read_bytes())
    damaged[30] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    return tmp_path


PIPELINES: dict[str, Any] = {
    "lines": lambda tf, at: tf.data.TextLineDataset(at + "/a.txt"),
    "lines of two": lambda tf, at: tf.data.TextLineDataset([at + "/a.txt", at + "/b.txt"]),
    "lines of two in turn": lambda tf, at: tf.data.TextLineDataset(
        [at + "/a.txt", at + "/b.txt"], num_parallel_reads=2
    ),
    "lines of a dataset": lambda tf, at: tf.data.TextLineDataset(
        tf.data.Dataset.list_files(at + "/*.txt", shuffle=False)
    ),
    "lines compressed": lambda tf, at: tf.data.TextLineDataset(at + "/a.gz", compression_type="GZIP"),
    "lines compressed by zlib": lambda tf, at: tf.data.TextLineDataset(at + "/a.z", compression_type="ZLIB"),
    "lines skipped and batched": lambda tf, at: tf.data.TextLineDataset(at + "/a.txt").skip(1).batch(2),
    "records": lambda tf, at: tf.data.TFRecordDataset([at + "/r"]),
    "pieces": lambda tf, at: tf.data.FixedLengthRecordDataset(at + "/fixed", 3, header_bytes=2, footer_bytes=1),
    "files in order": lambda tf, at: tf.data.Dataset.list_files(at + "/*.txt", shuffle=False),
    "files shuffled": lambda tf, at: tf.data.Dataset.list_files(at + "/*", seed=4),
    "files of patterns": lambda tf, at: tf.data.Dataset.list_files([at + "/a.*", at + "/b*"], shuffle=False),
    "interleaved lines": lambda tf, at: tf.data.Dataset.list_files(at + "/*.txt", shuffle=False).interleave(
        tf.data.TextLineDataset, cycle_length=2
    ),
    "table": lambda tf, at: tf.data.experimental.CsvDataset(
        at + "/t.csv", [tf.int32, [0.5], tf.constant(["none"]), tf.int64], header=True
    ),
    "some columns": lambda tf, at: tf.data.experimental.CsvDataset(
        at + "/t.csv", [tf.int32, ""], header=True, select_cols=[0, 2]
    ),
    "batches of a table": lambda tf, at: tf.data.experimental.make_csv_dataset(
        at + "/t.csv", 2, label_name="a", num_epochs=1, shuffle=False
    ),
    "cached in a file": lambda tf, at: (
        tf.data.Dataset.range(5).map(lambda x: (x, x * 2)).cache(at + "/c" + tf.__name__)
    ),
    "counted": lambda tf, at: tf.data.Dataset.counter(3, 2).take(4),
    "asserted": lambda tf, at: (
        tf.data.Dataset.range(5).filter(lambda x: x < 3).apply(tf.data.experimental.assert_cardinality(3))
    ),
    "from a list": lambda tf, at: tf.data.experimental.from_list([(1, "a"), (2, "b")]),
    "uniform random": lambda tf, at: tf.data.Dataset.range(40).map(lambda x: tf.random.uniform([2])),
    "seeded random": lambda tf, at: tf.data.Dataset.range(5).map(lambda x: tf.random.uniform([], seed=3)),
    "two kinds of random": lambda tf, at: tf.data.Dataset.range(5).map(
        lambda x: tf.random.uniform([], maxval=100, dtype=tf.int32) + tf.cast(x, tf.int32)
    ),
    "random filter": lambda tf, at: tf.data.Dataset.range(30).filter(lambda x: tf.random.uniform([]) < 0.5),
}

MISTAKES: dict[str, Any] = {
    "no such text": lambda tf, at: list(tf.data.TextLineDataset(at + "/none")),
    "no such records": lambda tf, at: list(tf.data.TFRecordDataset(at + "/none")),
    "no such files": lambda tf, at: tf.data.Dataset.list_files(at + "/none*"),
    "cut off records": lambda tf, at: list(tf.data.TFRecordDataset(at + "/cut")),
    "damaged records": lambda tf, at: list(tf.data.TFRecordDataset(at + "/damaged")),
    "pieces that do not fit": lambda tf, at: list(tf.data.FixedLengthRecordDataset(at + "/fixed", 4)),
    "numbers for names": lambda tf, at: tf.data.TextLineDataset([1, 2]),
    "a field that is missing": lambda tf, at: list(
        tf.data.experimental.CsvDataset(at + "/t.csv", [tf.int32, tf.float32, "", tf.int64], header=True)
    ),
    "a field that is no number": lambda tf, at: list(
        tf.data.experimental.CsvDataset(at + "/t.csv", [tf.int32, 0.0, 0.0, tf.int64], header=True)
    ),
    "fewer elements than said": lambda tf, at: list(
        tf.data.Dataset.range(5).apply(tf.data.experimental.assert_cardinality(6))
    ),
    "nothing was saved": lambda tf, at: list(tf.data.Dataset.load(at + "/nothing")),
}


def seen(tf: Any, pipeline: Any, at: str) -> Any:
    tf.random.set_seed(7)
    dataset = pipeline(tf, at)
    passes = [[tf_values(each) for each in dataset] for _ in range(2)]
    return repr(dataset.element_spec), int(dataset.cardinality()), passes


def tf_values(element: Any) -> Any:
    if isinstance(element, dict):
        return {key: tf_values(each) for key, each in element.items()}
    if isinstance(element, tuple):
        return tuple(map(tf_values, element))
    return element.dtype.name, np.asarray(element.numpy()).tolist()


@pytest.mark.parametrize("name", PIPELINES)
def test_pipelines_are_tensorflows(name: str, folder: Path) -> None:
    assert seen(functape, PIPELINES[name], str(folder)) == seen(tensorflow, PIPELINES[name], str(folder))


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_raise_what_tensorflow_raises(name: str, folder: Path) -> None:
    kinds = []
    for tf in BOTH:
        with pytest.raises(Exception) as caught:
            MISTAKES[name](tf, str(folder))
        kinds.append(type(caught.value).__name__)
    assert kinds[0] == kinds[1]


def test_signatures_and_names_are_tensorflows() -> None:
    for name in [each for each in dir(tensorflow.data.Dataset) if not each.startswith("_") and each != "fingerprint"]:
        theirs, ours = getattr(tensorflow.data.Dataset, name), getattr(functape.data.Dataset, name)
        if callable(theirs):
            check_signature(theirs, ours)
    for name in ("TextLineDataset", "TFRecordDataset", "FixedLengthRecordDataset"):
        check_signature(getattr(tensorflow.data, name).__init__, getattr(functape.data, name).__init__)
    for name in functape.data.experimental.__all__:
        assert hasattr(tensorflow.data.experimental, name), name


def test_descriptions_are_tensorflows() -> None:
    def described(tf: Any) -> list[str]:
        numbers = tf.data.Dataset.range(4)
        return [
            repr(each)
            for each in (
                numbers, numbers.map(lambda x: x), numbers.batch(2), numbers.shuffle(2), numbers.prefetch(1),
                numbers.enumerate(), numbers.cache(), numbers.with_options(tf.data.Options()), numbers.window(2),
                tf.data.Dataset.zip((numbers, numbers)), tf.data.Dataset.from_tensors([1.0]),
            )
        ]  # fmt: skip

    assert described(functape) == described(tensorflow)


def test_saved_elements_come_back(tmp_path: Path) -> None:
    rows = {"x": np.arange(6, dtype=np.float32).reshape(3, 2), "t": np.array([b"a", b"", b"\xff"], object)}
    dataset = functape.data.Dataset.from_tensor_slices((rows, np.arange(3))).batch(2)
    for compression in (None, "GZIP"):
        dataset.save(tmp_path / "saved", compression=compression)
        loaded = functape.data.Dataset.load(tmp_path / "saved")
        assert loaded.element_spec == dataset.element_spec and len(loaded) == 2
        assert [tf_values(each) for each in loaded] == [tf_values(each) for each in dataset]


def test_a_prefetching_thread_ends_with_its_pass() -> None:
    def slow() -> Any:
        for number in range(1000):
            time.sleep(0.001)
            yield number

    elements = iter(functape.data.Dataset.from_generator(slow, functape.int64).prefetch(4))
    assert int(next(elements)) == 0
    assert any(each.name == "functape-prefetch" for each in threading.enumerate())
    del elements
    assert not any(each.name == "functape-prefetch" for each in threading.enumerate())


def test_an_exception_passes_through_a_prefetching_thread() -> None:
    def fails() -> Any:
        yield 1
        raise KeyError("lost")

    elements = iter(functape.data.Dataset.from_generator(fails, functape.int64).prefetch(2))
    assert int(next(elements)) == 1
    with pytest.raises(KeyError, match="lost") as caught:
        next(elements)
    assert any(entry.name == "fails" for entry in caught.traceback)


def test_a_dataset_in_a_function() -> None:
    def total(tf: Any) -> Any:
        dataset = tf.data.Dataset.range(7).batch(3)

        @tf.function
        def add_up(numbers: Any) -> Any:
            found = tf.constant(0, tf.int64)
            for batch in numbers:
                found += tf.reduce_sum(batch) * tf.cast(tf.shape(batch)[0], tf.int64)
            return found

        return [int(add_up(dataset)), int(add_up(dataset))]

    assert total(functape) == total(tensorflow)


STREAMING = """
import resource, numpy as np, functape as tf
def rows():
    for number in range(4000):
        yield np.full((256, 256), number, np.float32)
dataset = tf.data.Dataset.from_generator(rows, output_signature=tf.TensorSpec((256, 256), tf.float32))
dataset = dataset.map(lambda x: x * 2).shuffle(8).batch(4).prefetch(2)
start = None
for number, batch in enumerate(dataset):
    if number == 50:
        start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start) // 1024)
"""


def test_a_generator_streams_at_constant_memory() -> None:
    made = subprocess.run([sys.executable, "-c", STREAMING], capture_output=True, text=True, check=True)
    assert int(made.stdout) < 60, "a gigabyte of rows went through"
