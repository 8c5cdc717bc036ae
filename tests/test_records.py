"""Examples and records against TensorFlow: messages, parsing, TFRecord files."""

from __future__ import annotations

import gzip
import pickle
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow
from expressions import assert_same, described
from oracle import check_signature

import functape


def feature(messages: Any, values: list[Any]) -> Any:
    if not values:
        return messages.Feature(int64_list=messages.Int64List(value=[]))
    if isinstance(values[0], bytes):
        return messages.Feature(bytes_list=messages.BytesList(value=values))
    if isinstance(values[0], float):
        return messages.Feature(float_list=messages.FloatList(value=values))
    return messages.Feature(int64_list=messages.Int64List(value=values))


def example(messages: Any, **features: list[Any]) -> Any:
    found = {name: feature(messages, values) for name, values in features.items()}
    found["n"] = messages.Feature()
    return messages.Example(features=messages.Features(feature=found))


def sequence(messages: Any, context: dict[str, list[Any]], **lists: list[list[Any]]) -> Any:
    return messages.SequenceExample(
        context=messages.Features(feature={name: feature(messages, values) for name, values in context.items()}),
        feature_lists=messages.FeatureLists(
            feature_list={
                name: messages.FeatureList(feature=[feature(messages, values) for values in steps])
                for name, steps in lists.items()
            }
        ),
    )


def messages_of(messages: Any) -> dict[str, Any]:
    return {
        "ex1": example(
            messages, a=[1, -2], b=[b"x", b"yy"], c=[1.5, 2.5, 3.5], e=[], ix=[3, 1, 4], iy=[0, 1, 2],
            val=[1.0, 2.0, 3.0], v=[1, 2, 3, 4], rs=[0, 1, 4], rl=[1, 3], vr=[0, 1, 1, 1], st=[0, 1], li=[1, 4],
        ),
        "ex2": example(
            messages, b=[b"z"], v=[5, 6], rs=[0, 0, 2], rl=[0, 2], vr=[1, 1], st=[0, 0], li=[0, 2], ix=[7], val=[9.0]
        ),
        "sq1": sequence(messages, {"a": [1, 2]}, t=[[1], [2], [3]], u=[[1.0, 2.0], [3.0]]),
        "sq2": sequence(messages, {"c": [1.0]}, t=[[7]], u=[[4.0], [5.0, 6.0], [7.0]]),
    }  # fmt: skip


def names(tf: Any) -> dict[str, Any]:
    features = {
        "Fixed": "FixedLen",
        "Steps": "FixedLenSequence",
        "Any": "VarLen",
        "Sparse": "Sparse",
        "Ragged": "Ragged",
    }
    return {
        "io": tf.io,
        "one": tf.io.parse_single_example,
        "batch": tf.io.parse_example,
        "one_sequence": tf.io.parse_single_sequence_example,
        "sequences": tf.io.parse_sequence_example,
        "i64": tf.int64,
        "f32": tf.float32,
        "text": tf.string,
        **{short: getattr(tf.io, f"{name}Feature") for short, name in features.items()},
        **{name: each.SerializeToString() for name, each in messages_of(tf.train).items()},
    }


EXPRESSIONS = [
    "one(ex1, {'a': Fixed([2], i64)})",
    "one(ex1, {'a': Fixed([], i64)})",
    "one(ex1, {'a': Fixed([3], i64)})",
    "one(ex1, {'a': Fixed([2], f32)})",
    "one(ex1, {'a': Fixed([2], tf.int32)})",
    "one(ex1, {'z': Fixed([2], i64)})",
    "one(ex1, {'z': Fixed([2], i64, 7)})",
    "one(ex1, {'z': Fixed([2], i64, [7, 8])})",
    "one(ex1, {'z': Fixed([], text, 'd')})",
    "one(ex1, {'z': Fixed([], i64, 1.5)})",
    "one(ex1, {'e': Fixed([], i64, 3)})",
    "one(ex1, {'e': Fixed([], i64)})",
    "one(ex1, {'n': Fixed([], i64, 3)})",
    "one(ex1, {'n': Fixed([0], i64)})",
    "one(ex1, {'a': Fixed([None], i64)})",
    "one(ex1, {'a': Fixed(2, i64)})",
    "one(ex1, {'a': Fixed(None, i64)})",
    "one(ex1, {'a': Fixed([1, 2, 1], i64)})",
    "one(ex1, {'b': Any(text)})",
    "one(ex1, {'z': Any(text)})",
    "one(ex1, {'a': Any(text)})",
    "one(ex1, {'a': Any(tf.bool)})",
    "one(ex1, {'c': Steps([], f32, allow_missing=True)})",
    "one(ex1, {'c': Steps([], f32)})",
    "one(ex1, {'a': Steps([2], i64, allow_missing=True)})",
    "one(ex1, {'a': Steps([3], i64, allow_missing=True)})",
    "one(ex1, {'z': Steps([3], i64, allow_missing=True)})",
    "one(ex1, {'s': Sparse('ix', 'val', f32, 10)})",
    "one(ex1, {'s': Sparse('ix', 'val', f32, 10, True)})",
    "one(ex1, {'s': Sparse(['ix', 'iy'], 'val', f32, [10, 5])})",
    "one(ex1, {'s': Sparse(['ix', 'iy'], 'val', f32, [10])})",
    "one(ex1, {'s': Sparse('ix', 'val', f32, 2)})",
    "one(ex1, {'s': Sparse('ix', 'c', f32, 10)})",
    "one(ex1, {'s': Sparse('ix', 'val', f32, 10), 'val': Any(f32)})",
    "one(ex1, {'a': Ragged(i64)})",
    "one(ex1, {'q': Ragged(i64, value_key='a')})",
    "one(ex1, {'v': Ragged(i64, value_key='v', partitions=[Ragged.RowSplits('rs')])})",
    "one(ex1, {'v': Ragged(i64, partitions=[Ragged.RowLengths('rl')])})",
    "one(ex1, {'v': Ragged(i64, partitions=[Ragged.RowLengths('rl'), Ragged.UniformRowLength(1)])})",
    "one(ex1, {'v': Ragged(i64, partitions=[Ragged.ValueRowIds('vr')])})",
    "one(ex1, {'v': Ragged(i64, partitions=[Ragged.RowStarts('st')])})",
    "one(ex1, {'v': Ragged(i64, partitions=[Ragged.RowLimits('li')])})",
    "one(ex1, {'v': Ragged(i64, partitions=[Ragged.UniformRowLength(2)])})",
    "one(ex1, {'v': Ragged(i64, partitions=[Ragged.RowSplits('rs')], row_splits_dtype=i64)})['v'].row_splits.dtype",
    "one(ex1, {'v': Ragged(i64, partitions=[Ragged.RowSplits('rs')])})['v'].row_splits.dtype",
    "one(ex1, {'z': Ragged(i64)})",
    "one(ex1, {'v': Ragged(i64, partitions=[3])})",
    "batch([ex1, ex2], {'v': Ragged(i64, partitions=[Ragged.RowLengths('rl')])})",
    "batch([ex1, ex2], {'v': Ragged(i64, partitions=[Ragged.RowSplits('rs')])})",
    "batch([ex1, ex2], {'v': Ragged(i64, partitions=[Ragged.ValueRowIds('vr')])})",
    "batch([ex1, ex2], {'v': Ragged(i64, partitions=[Ragged.RowStarts('st')])})",
    "batch([ex1, ex2], {'v': Ragged(i64, partitions=[Ragged.RowLimits('li')])})",
    "batch([ex1, ex2], {'v': Ragged(i64, partitions=[Ragged.UniformRowLength(2)])})",
    "batch([ex1, ex2], {'v': Ragged(i64)})",
    "batch([ex1, ex2], {'v': Ragged(i64)})['v'].row_splits.dtype",
    "batch([ex1, ex2], {'a': Fixed([2], i64)})",
    "batch([ex1, ex2], {'a': Fixed([2], i64, [5, 6])})",
    "batch([ex1, ex1], {'a': Fixed([2], i64)})",
    "batch([ex1, ex2], {'v': Any(i64)})",
    "batch([ex1, ex2], {'v': Steps([], i64, allow_missing=True)})",
    "batch([ex1, ex2], {'v': Steps([], i64, allow_missing=True, default_value=-1)})",
    "batch([ex1, ex2], {'v': Steps([2], i64, allow_missing=True, default_value=-1)})",
    "batch([ex1, ex2], {'b': Steps([], text, allow_missing=True)})",
    "batch([ex1, ex2], {'s': Sparse('ix', 'val', f32, 10)})",
    "batch(ex1, {'a': Fixed([2], i64)})",
    "batch([ex1], {})",
    "batch([ex1], {'a': 3})",
    "batch([ex1, ex2], {'a': Fixed([2], i64)}, example_names=['n1', 'n2'])",
    "one([ex1, ex2], {'a': Fixed([2], i64)})",
    "one(ex1, {})",
    "sorted(batch([ex1], {'c': Fixed([3], f32), 'b': Fixed([2], text), 'a': Any(i64)}))",
    "list(batch([ex1], {'c': Fixed([3], f32), 'b': Fixed([2], text), 'a': Any(i64)}))",
    "Fixed([2], i64)",
    "Any(i64)",
    "Ragged(i64)",
    "Sparse('a', 'b', i64, 3)",
    "Steps([], i64)",
    "Ragged.RowSplits('x')",
    "one_sequence(sq1, {'a': Fixed([2], i64)}, {'t': Steps([], i64)})",
    "one_sequence(sq1, None, {'t': Steps([1], i64)})",
    "one_sequence(sq1, None, {'t': Steps([2], i64)})",
    "one_sequence(sq1, None, {'u': Any(f32)})",
    "one_sequence(sq1, None, {'u': Ragged(f32)})",
    "one_sequence(sq1, None, {'u': Steps([], f32)})",
    "one_sequence(sq1, None, {'zz': Steps([], f32)})",
    "one_sequence(sq1, None, {'zz': Steps([], f32, allow_missing=True)})",
    "one_sequence(sq1, None, {'zz': Any(f32)})",
    "one_sequence(sq1, None, {'zz': Ragged(f32)})",
    "one_sequence(sq1, None, {'t': Steps([], f32)})",
    "one_sequence(sq1, {'t': Any(i64)}, None)",
    "one_sequence(sq1, None, None)",
    "one_sequence(sq1, {'zz': Fixed([], i64)})",
    "one_sequence(sq1, {'zz': Fixed([], i64, 3)})",
    "one_sequence(sq1, None, {'t': Fixed([], i64)})",
    "one_sequence(sq1, {'a': Steps([], i64, allow_missing=True)})",
    "one_sequence([sq1], {'a': Fixed([2], i64)})",
    "sequences([sq1, sq2], {'a': Fixed([2], i64, [0, 0])}, {'t': Steps([], i64)})",
    "sequences([sq1, sq2], None, {'t': Steps([], i64, allow_missing=True)})",
    "sequences([sq1, sq2], None, {'u': Any(f32)})",
    "sequences([sq1, sq2], None, {'u': Ragged(f32)})",
    "sequences([sq1, sq2], {'a': Ragged(i64)}, {'u': Ragged(f32)})",
    "sequences([sq1, sq2], {'a': Any(i64)}, {'t': Ragged(i64)})",
    "sequences([sq1, sq2], {'a': Fixed([2], i64)}, None)",
    "sequences([sq1, sq1], {'a': Fixed([2], i64)}, {'t': Any(i64)})",
    "sequences(sq1, {'a': Fixed([2], i64)}, {'t': Any(i64)})",
    "one_sequence(b'\\xff\\xff', {'a': Fixed([2], i64)})",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str):
    assert_same(expression, names)


@pytest.mark.parametrize("name", ["ex1", "ex2", "sq1", "sq2"])
def test_messages_have_tensorflows_wire_format(name: str):
    ours, theirs = (messages_of(tf.train)[name] for tf in (functape, tensorflow))
    assert str(ours) == str(theirs)
    assert ours.SerializeToString(deterministic=True) == theirs.SerializeToString(deterministic=True)
    assert type(ours).FromString(theirs.SerializeToString()) == ours
    assert type(theirs).FromString(ours.SerializeToString()) == theirs


def test_a_message_can_be_pickled_and_changed():
    message = pickle.loads(pickle.dumps(messages_of(functape.train)["ex1"]))
    message.features.feature["a"].int64_list.value[0] = 7
    assert message.features.feature["a"].int64_list.value == [7, -2]


def options(tf: Any) -> dict[str, Any]:
    kinds = tf.io.TFRecordOptions
    return {
        "none": None,
        "text": "GZIP",
        "zlib": kinds("ZLIB"),
        "level": kinds("GZIP", compression_level=9),
        "window": kinds("ZLIB", window_bits=10, mem_level=5, compression_strategy=2),
        "empty": kinds(None),
    }


RECORDS = [b"one", b"", bytes(range(256)) * 20]


@pytest.mark.parametrize("kind", ["none", "text", "zlib", "level", "window", "empty"])
def test_records_are_read_by_the_other(kind: str, tmp_path: Path):
    compression = {"text": "GZIP", "level": "GZIP", "zlib": "ZLIB", "window": "ZLIB"}.get(kind, "")
    contents = []
    for writer, reader in ((functape, tensorflow), (tensorflow, functape), (functape, functape)):
        path = str(tmp_path / writer.__name__)
        with writer.io.TFRecordWriter(path, options(writer)[kind]) as file:
            for record in RECORDS:
                file.write(record)
            file.flush()
        assert [each.numpy() for each in reader.data.TFRecordDataset(path, compression)] == RECORDS
        content = Path(path).read_bytes()
        contents.append(gzip.decompress(content) if compression == "GZIP" else content)
        contents[-1] = zlib.decompress(content) if compression == "ZLIB" else contents[-1]
    assert contents[0] == contents[1]


WRITERS = [
    "io.TFRecordWriter('/no/such/folder/x')",
    "io.TFRecordWriter('/tmp/x', 'X')",
    "io.TFRecordOptions('X')",
    "io.TFRecordOptions('GZIP').compression_type",
    "io.TFRecordWriter('/dev/null').write(1)",
    "[w := io.TFRecordWriter('/dev/null'), w.close(), w.close(), w.write(b'x')]",
    "[w := io.TFRecordWriter('/dev/null'), w.close(), w.flush()]",
]


@pytest.mark.parametrize("expression", WRITERS)
def test_writer(expression: str):
    assert_same(expression, names)


def pipeline(tf: Any, path: str) -> Any:
    features = {
        "x": tf.io.FixedLenFeature([2], tf.float32),
        "y": tf.io.FixedLenFeature([], tf.int64),
        "w": tf.io.VarLenFeature(tf.string),
    }

    def parse(record: Any) -> Any:
        found = tf.io.parse_single_example(record, features)
        return found["x"] * 2.0, found["y"], tf.sparse.to_dense(found["w"])

    records = tf.data.TFRecordDataset(path)
    single = records.map(parse, num_parallel_calls=tf.data.AUTOTUNE).padded_batch(2)
    batches = records.batch(2).map(lambda batch: tf.io.parse_example(batch, features))
    sparse = records.map(lambda record: tf.io.parse_single_example(record, features)).batch(3)
    again = records.map(parse).map(lambda x, y, words: tf.reshape(x, [2, 1]) + tf.cast(y, tf.float32)).batch(2)
    return [list(single), list(batches), list(sparse), list(again)]


def test_pipeline(tmp_path: Path):
    path = str(tmp_path / "records")
    with functape.io.TFRecordWriter(path) as file:
        for number in range(5):
            file.write(
                example(
                    functape.train,
                    x=[float(number), 0.5],
                    y=[number],
                    w=[b"w%d" % each for each in range(number % 3 + 1)],
                ).SerializeToString()
            )
    assert described(pipeline(functape, path)) == described(pipeline(tensorflow, path))


@pytest.mark.parametrize(
    "name",
    ["TFRecordOptions", "TFRecordWriter", "FixedLenFeature", "FixedLenSequenceFeature", "RaggedFeature",
     "SparseFeature", "VarLenFeature", "parse_example", "parse_single_example", "parse_sequence_example",
     "parse_single_sequence_example", "decode_json_example"],
)  # fmt: skip
def test_signature(name: str):
    check_signature(getattr(functape.io, name), getattr(tensorflow.io, name))


def test_an_example_written_as_json():
    text = '{"features": {"feature": {"a": {"int64List": {"value": [7, 8]}}}}}'
    messages = [tf.io.decode_json_example([text, "{}"]).numpy().tolist() for tf in (functape, tensorflow)]
    ours, theirs = ([tensorflow.train.Example.FromString(each) for each in found] for found in messages)
    assert ours == theirs
    for tf in (functape, tensorflow):
        with pytest.raises(tf.errors.InvalidArgumentError):
            tf.io.decode_json_example('{"features": 3}')


def test_what_is_no_example_is_refused():
    features = {"a": functape.io.FixedLenFeature([], functape.int64)}
    with pytest.raises(functape.errors.InvalidArgumentError, match="no serialized Example"):
        functape.io.parse_example([b"\xff\xff"], features)
    assert functape.io.parse_example(np.array([], object), features)["a"].shape == (0,)
