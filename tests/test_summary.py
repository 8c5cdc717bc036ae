"""`tf.summary` against the event files that TensorFlow writes, read by TensorBoard."""

from __future__ import annotations

import inspect
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow
from PIL import Image
from tensorflow.core.util import event_pb2

import functape

PIXELS = np.random.default_rng(0).random((5, 4, 6, 3), np.float32)
VALUES = np.random.default_rng(1).normal(size=(40, 3))


def program(tf: Any, folder: Path) -> None:
    """Everything that can be written."""
    writer = tf.summary.create_file_writer(str(folder))
    assert not tf.summary.scalar("nobody listens", 1.0, step=0).numpy()
    with writer.as_default():
        tf.summary.scalar("loss", 1.5, step=3, description="the *loss*")
        tf.summary.scalar("loss", 2, step=tf.constant(4, tf.int64))
        with tf.name_scope("inner"):
            tf.summary.scalar("loss", tf.constant(2.5, tf.float64), step=5)
        tf.summary.histogram("values", VALUES, step=1)
        tf.summary.histogram("few buckets", VALUES.astype(np.float32), step=1, buckets=4)
        tf.summary.histogram("one value", np.ones(3), step=1)
        tf.summary.histogram("nothing", np.zeros(0), step=1)
        tf.summary.image("pictures", PIXELS, step=1)
        tf.summary.image("bytes", np.arange(24, dtype=np.uint8).reshape(1, 4, 6, 1), step=1)
        tf.summary.image("too bright", PIXELS * 3 - 1, step=1, max_outputs=1)
        tf.summary.text("word", "hello", step=1)
        tf.summary.text("words", tf.constant([["a", "b"]]), step=1)
        tf.summary.audio("sound", np.sin(np.arange(20, dtype=np.float32)).reshape(1, 20, 1), sample_rate=100, step=1)
        tf.summary.write("raw", tf.constant([1, 2]), step=7)
        with tf.summary.record_if(False):
            assert not tf.summary.scalar("left out", 1.0, step=1).numpy()
        with tf.summary.record_if(lambda: tf.constant(True)):
            assert tf.summary.scalar("not left out", 1.0, step=1).numpy()
        step = tf.Variable(9, dtype=tf.int64)
        tf.summary.experimental.set_step(step)

        @tf.function
        def traced(x: Any) -> Any:
            tf.summary.scalar("traced", tf.reduce_sum(x))
            return x * 2

        for number in range(2):
            traced(tf.constant([1.0, 2.0]) * float(number))
            step.assign_add(1)
        tf.summary.experimental.set_step(None)
    with writer.as_default(step=12):
        tf.summary.scalar("with a step", 1.0)
    assert tf.summary.experimental.get_step() is None
    writer.close()


def events(folder: Path) -> list[Any]:
    """What is in the file of a folder, without times and the encoding of pictures."""
    (path,) = folder.glob("events.out.tfevents.*.v2")
    found = []
    for record in tensorflow.data.TFRecordDataset(str(path)):
        event = event_pb2.Event.FromString(record.numpy())
        for value in event.summary.value:
            tensor = tensorflow.make_ndarray(value.tensor)
            if tensor.dtype == object:
                tensor = np.array([decoded(each) for each in tensor.reshape(-1)], object)
            metadata = (value.metadata.plugin_data.plugin_name, value.metadata.summary_description)
            found.append((event.step, value.tag, *metadata, tensor.dtype, tensor.tolist()))
    return found


def decoded(text: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(text))).tolist() if text.startswith(b"\x89PNG") else text


def test_event_files_are_tensorflows(tmp_path: Path) -> None:
    for tf in (functape, tensorflow):
        program(tf, tmp_path / tf.__name__)
    ours, theirs = (events(tmp_path / tf.__name__) for tf in (functape, tensorflow))
    assert [each[:5] for each in ours] == [each[:5] for each in theirs]
    for mine, wanted in zip(ours, theirs, strict=True):
        assert mine == wanted, wanted[1]


def test_tensorboard_reads_them(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    writer = functape.summary.create_file_writer(tmp_path)
    with writer.as_default():
        for step in range(5):
            functape.summary.scalar("loss", 1.0 / (step + 1), step=step)
    writer.flush()
    events = EventAccumulator(str(tmp_path)).Reload()
    points = [(each.step, float(tensorflow.make_ndarray(each.tensor_proto))) for each in events.Tensors("loss")]
    np.testing.assert_allclose(points, [(step, 1.0 / (step + 1)) for step in range(5)], rtol=1e-6)
    writer.close()


def mistakes(tf: Any, folder: Path) -> list[str]:
    writer = tf.summary.create_file_writer(str(folder))
    found = []
    with writer.as_default():
        for attempt in (
            lambda: tf.summary.scalar("a", 1.0),
            lambda: tf.summary.scalar("a", [1.0], step=0),
            lambda: tf.summary.image("a", np.zeros((4, 6, 1)), step=0),
            lambda: tf.summary.text("a", 3.0, step=0),
            lambda: tf.summary.create_file_writer(None),
        ):
            with pytest.raises(Exception) as caught:
                attempt()
            found.append(type(caught.value).__name__)
    writer.close()
    with pytest.raises(RuntimeError), writer.as_default():
        pass
    return found


def test_mistakes_raise_what_tensorflow_raises(tmp_path: Path) -> None:
    assert mistakes(functape, tmp_path / "ours") == mistakes(tensorflow, tmp_path / "theirs")


def test_signatures_are_tensorflows() -> None:
    names = ("audio create_file_writer create_noop_writer flush graph histogram image record_if scalar "
             "should_record_summaries text trace_export trace_off trace_on write")  # fmt: skip
    for name in names.split():
        ours, theirs = (inspect.signature(getattr(tf.summary, name)) for tf in (functape, tensorflow))
        assert [(each.name, each.default) for each in ours.parameters.values()] == [
            (each.name, each.default) for each in theirs.parameters.values()
        ]


def test_a_profile_is_written(tmp_path: Path) -> None:
    functape.summary.trace_on(graph=True, profiler=True, profiler_outdir=str(tmp_path))
    (functape.ones([8, 8]) @ functape.ones([8, 8])).numpy()
    functape.summary.trace_export("profile", step=0)
    assert list(tmp_path.rglob("*.xplane.pb"))


def test_an_abandoned_writer_loses_nothing(tmp_path: Path) -> None:
    writer = functape.summary.create_file_writer(tmp_path)
    with writer.as_default():
        functape.summary.scalar("loss", 1.0, step=0)
    del writer
    assert [each[1] for each in events(tmp_path)] == ["loss"]
