"""Pipelines of `tf.data` against TensorFlow: elements, order, dtypes, shapes, specs and cardinality."""

from __future__ import annotations

import collections
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow

import functape

Point = collections.namedtuple("Point", ["x", "y"])
VALUES = np.arange(12, dtype=np.float32).reshape(6, 2)
LABELS = np.array([3, 1, 4, 1, 5, 9])


def ragged(tf: Any) -> Any:
    def generate() -> Any:
        for size in (1, 3, 2, 4):
            yield list(range(size))

    return tf.data.Dataset.from_generator(generate, output_signature=tf.TensorSpec([None], tf.int32))


def options(tf: Any) -> Any:
    chosen = tf.data.Options()
    chosen.deterministic = False
    chosen.threading.private_threadpool_size = 2
    return tf.data.Dataset.range(3).with_options(chosen)


def halve_even(each: Any) -> Any:
    if each % 2 == 0:  # noqa: SIM108
        result = each // 2
    else:
        result = each * 10
    return result


def scaled(tf: Any) -> Any:
    scale = tf.Variable(3, dtype=tf.int64)
    dataset = tf.data.Dataset.range(3).map(lambda each: each * scale)
    scale.assign(5)
    return dataset


PIPELINES: dict[str, Callable[[Any], Any]] = {
    "slices": lambda tf: tf.data.Dataset.from_tensor_slices(VALUES),
    "slices of a list": lambda tf: tf.data.Dataset.from_tensor_slices([1, 2, 3]),
    "slices of strings": lambda tf: tf.data.Dataset.from_tensor_slices(["a", "bc", ""]),
    "slices of a pair": lambda tf: tf.data.Dataset.from_tensor_slices((VALUES, LABELS)),
    "slices of a dict": lambda tf: tf.data.Dataset.from_tensor_slices({"b": VALUES, "a": LABELS}),
    "slices of a named tuple": lambda tf: tf.data.Dataset.from_tensor_slices(Point(VALUES, {"z": LABELS})),
    "slices of booleans": lambda tf: tf.data.Dataset.from_tensor_slices(LABELS > 2),
    "slices of tensors": lambda tf: tf.data.Dataset.from_tensor_slices(tf.constant([[1, 2], [3, 4]])),
    "slices of half": lambda tf: tf.data.Dataset.from_tensor_slices(VALUES.astype(np.float16)),
    "one element": lambda tf: tf.data.Dataset.from_tensors((VALUES, "x")),
    "one list": lambda tf: tf.data.Dataset.from_tensors([1, 2]),
    "range": lambda tf: tf.data.Dataset.range(5),
    "range from": lambda tf: tf.data.Dataset.range(2, 5),
    "range down": lambda tf: tf.data.Dataset.range(5, 1, -2),
    "range of floats": lambda tf: tf.data.Dataset.range(3, output_type=tf.float32),
    "empty range": lambda tf: tf.data.Dataset.range(0),
    "generator": lambda tf: tf.data.Dataset.from_generator(
        lambda: iter([(1, 2.0), (3, 4.0)]), output_types=(tf.int32, tf.float32)
    ),
    "generator with shapes": lambda tf: tf.data.Dataset.from_generator(
        lambda: iter([[1, 2], [3, 4]]), tf.int64, tf.TensorShape([2])
    ),
    "generator with arguments": lambda tf: tf.data.Dataset.from_generator(
        lambda n: iter(range(int(n))), tf.int32, args=(4,)
    ),
    "generator of dicts": lambda tf: tf.data.Dataset.from_generator(
        lambda: iter([{"a": 1, "b": "x"}]),
        output_signature={"a": tf.TensorSpec((), tf.int32), "b": tf.TensorSpec((), tf.string)},
    ),
    "ragged generator": ragged,
    "take": lambda tf: tf.data.Dataset.range(5).take(3),
    "take more than there is": lambda tf: tf.data.Dataset.range(5).take(30),
    "take all": lambda tf: tf.data.Dataset.range(5).take(-1),
    "take none": lambda tf: tf.data.Dataset.range(5).take(0),
    "take of a tensor": lambda tf: tf.data.Dataset.range(5).take(tf.constant(2, tf.int64)),
    "skip": lambda tf: tf.data.Dataset.range(5).skip(3),
    "skip all": lambda tf: tf.data.Dataset.range(5).skip(-1),
    "shard": lambda tf: tf.data.Dataset.range(10).shard(3, 1),
    "repeat": lambda tf: tf.data.Dataset.range(3).repeat(2),
    "repeat without end": lambda tf: tf.data.Dataset.range(3).repeat(),
    "repeat never": lambda tf: tf.data.Dataset.range(3).repeat(0),
    "repeat nothing without end": lambda tf: tf.data.Dataset.range(0).repeat(),
    "repeat a generator": lambda tf: ragged(tf).repeat(2),
    "concatenate": lambda tf: tf.data.Dataset.range(3).concatenate(tf.data.Dataset.range(7, 9)),
    "concatenate other shapes": lambda tf: tf.data.Dataset.from_tensors([1, 2]).concatenate(
        tf.data.Dataset.from_tensors([1, 2, 3])
    ),
    "enumerate": lambda tf: tf.data.Dataset.from_tensor_slices(VALUES).enumerate(start=5),
    "zip": lambda tf: tf.data.Dataset.zip((tf.data.Dataset.range(3), tf.data.Dataset.range(10, 15))),
    "zip arguments": lambda tf: tf.data.Dataset.zip(tf.data.Dataset.range(3), tf.data.Dataset.range(4)),
    "zip a dict": lambda tf: tf.data.Dataset.zip({"a": tf.data.Dataset.range(3), "b": ragged(tf)}),
    "zip one": lambda tf: tf.data.Dataset.zip((tf.data.Dataset.range(3),)),
    "zip and batch": lambda tf: tf.data.Dataset.zip(
        (tf.data.Dataset.range(5), tf.data.Dataset.from_tensor_slices(VALUES))
    ).batch(2),
    "batch": lambda tf: tf.data.Dataset.from_tensor_slices((VALUES, LABELS)).batch(4),
    "batch and drop": lambda tf: tf.data.Dataset.from_tensor_slices((VALUES, LABELS)).batch(4, drop_remainder=True),
    "batch of strings": lambda tf: tf.data.Dataset.from_tensor_slices(["a", "bc", ""]).batch(2),
    "batch of batches": lambda tf: tf.data.Dataset.range(7).batch(2, drop_remainder=True).batch(2),
    "batch of a generator": lambda tf: tf.data.Dataset.from_generator(
        lambda: iter([b"x", b"yy", b"z"]), tf.string
    ).batch(2),
    "padded batch": lambda tf: ragged(tf).padded_batch(2),
    "padded batch of a shape": lambda tf: ragged(tf).padded_batch(3, padded_shapes=[5], padding_values=-1),
    "padded batch of a pair": lambda tf: tf.data.Dataset.zip((ragged(tf), tf.data.Dataset.range(4))).padded_batch(
        3, padded_shapes=([None], []), padding_values=(7, tf.constant(0, tf.int64)), drop_remainder=True
    ),
    "unbatch": lambda tf: tf.data.Dataset.from_tensors((VALUES, LABELS)).unbatch(),
    "rebatch": lambda tf: tf.data.Dataset.range(10).batch(4).rebatch(3),
    "cache": lambda tf: tf.data.Dataset.range(4).cache(),
    "prefetch": lambda tf: tf.data.Dataset.range(4).prefetch(tf.data.AUTOTUNE),
    "options": options,
    "random": lambda tf: tf.data.Dataset.random(seed=3).take(5),
    "shuffle": lambda tf: tf.data.Dataset.range(20).shuffle(6, seed=4),
    "shuffle from a global seed": lambda tf: tf.data.Dataset.range(20).shuffle(6),
    "shuffle once": lambda tf: tf.data.Dataset.range(20).shuffle(50, seed=4, reshuffle_each_iteration=False),
    "shuffle a generator": lambda tf: ragged(tf).shuffle(2, seed=1),
    "shuffle, repeat, batch": lambda tf: (
        tf.data.Dataset.from_tensor_slices((VALUES, LABELS)).shuffle(4, seed=2).repeat(3).batch(5)
    ),
    "repeat, shuffle": lambda tf: tf.data.Dataset.range(5).repeat(3).shuffle(7, seed=2),
    "shuffle, skip, shard": lambda tf: tf.data.Dataset.range(30).shuffle(9, seed=2).skip(3).shard(2, 1),
    "map": lambda tf: tf.data.Dataset.from_tensor_slices(VALUES).map(lambda row: row * 2 + 1),
    "map a pair": lambda tf: tf.data.Dataset.from_tensor_slices((VALUES, LABELS)).map(
        lambda row, label: (tf.reduce_sum(row), tf.cast(label, tf.float32) / 2)
    ),
    "map to a dict": lambda tf: tf.data.Dataset.from_tensor_slices((VALUES, LABELS)).map(
        lambda row, label: {"x": row, "y": tf.one_hot(label, 10)}
    ),
    "map a dict": lambda tf: tf.data.Dataset.from_tensor_slices({"a": LABELS}).map(lambda each: each["a"] + 1),
    "map to a list": lambda tf: tf.data.Dataset.range(3).map(lambda each: [each, each + 1]),
    "map to a number": lambda tf: tf.data.Dataset.range(3).map(lambda each: 7),
    "map to a constant and a name": lambda tf: tf.data.Dataset.range(3).map(lambda each: (each, 1.5)),
    "map with conditions": lambda tf: tf.data.Dataset.range(6).map(halve_even),
    "map in parallel": lambda tf: tf.data.Dataset.range(9).map(lambda each: each**2, num_parallel_calls=3),
    "map, shuffle, batch": lambda tf: tf.data.Dataset.range(9).map(lambda e: e * 10).shuffle(4, seed=1).batch(4),
    "map batches": lambda tf: tf.data.Dataset.range(10).batch(4).map(lambda batch: tf.reduce_sum(batch)),
    "map batches to batches": lambda tf: tf.data.Dataset.from_tensor_slices(VALUES).batch(4).map(lambda b: b / 256.0),
    "map a generator": lambda tf: ragged(tf).map(lambda each: tf.reduce_sum(each)),
    "map to a reshaped": lambda tf: ragged(tf).map(lambda each: tf.expand_dims(each, 0)),
    "map with a variable": lambda tf: scaled(tf),
    "map numpy_function": lambda tf: tf.data.Dataset.range(4).map(
        lambda each: tf.numpy_function(lambda value: value * 2, [each], tf.int64)
    ),
    "filter": lambda tf: tf.data.Dataset.range(20).filter(lambda each: each % 3 == 0),
    "filter a pair": lambda tf: (
        tf.data.Dataset.from_tensor_slices((VALUES, LABELS)).filter(lambda x, y: y > 2).batch(2)
    ),
    "filter a generator": lambda tf: ragged(tf).filter(lambda each: tf.size(each) > 1),
    "shuffle, windows one after the other": lambda tf: (
        tf.data.Dataset.range(12).shuffle(5, seed=3).window(3, drop_remainder=True).flat_map(lambda each: each.batch(3))
    ),
    "shuffle, interleave": lambda tf: (
        tf.data.Dataset.range(5).shuffle(4, seed=3).interleave(lambda each: tf.data.Dataset.range(each), cycle_length=2)
    ),
    "shuffle, groups": lambda tf: (
        tf.data.Dataset.range(9)
        .shuffle(4, seed=3)
        .group_by_window(lambda each: each % 2, lambda _, group: group.batch(4), 4)
    ),
    "shuffle, scan": lambda tf: (
        tf.data.Dataset.range(6).shuffle(4, seed=3).scan(tf.constant(0, tf.int64), lambda old, new: (old + new, old))
    ),
    "shuffle, a Python function": lambda tf: (
        tf.data.Dataset.range(6)
        .shuffle(4, seed=3)
        .map(lambda each: tf.py_function(lambda value: value * 2, [each], tf.int64))
    ),
    "filter, map, shuffle": lambda tf: (
        tf.data.Dataset.range(30).filter(lambda each: each % 2 == 0).map(lambda each: each + 1).shuffle(5, seed=3)
    ),
    "take while": lambda tf: tf.data.Dataset.range(20).take_while(lambda each: each < 5),
    "flat map": lambda tf: tf.data.Dataset.range(3).flat_map(lambda each: tf.data.Dataset.from_tensors(each).repeat(2)),
    "flat map of rows": lambda tf: tf.data.Dataset.from_tensors(VALUES).flat_map(tf.data.Dataset.from_tensor_slices),
    "windows of three": lambda tf: (
        tf.data.Dataset.range(7).window(3, shift=1, drop_remainder=True).flat_map(lambda window: window.batch(3))
    ),
    "interleave": lambda tf: tf.data.Dataset.range(1, 6).interleave(
        lambda each: tf.data.Dataset.from_tensors(each).repeat(6), cycle_length=2, block_length=4
    ),
    "interleave unequal": lambda tf: tf.data.Dataset.range(1, 6).interleave(
        lambda each: tf.data.Dataset.range(each), cycle_length=3, block_length=2
    ),
    "scan": lambda tf: tf.data.Dataset.range(6).scan(tf.constant(0, tf.int64), lambda s, e: (s + e, s * 2)),
    "group by window": lambda tf: tf.data.Dataset.range(10).group_by_window(
        lambda each: each % 2, lambda key, group: group.batch(3), window_size=3
    ),
    "bucket by length": lambda tf: ragged(tf).bucket_by_sequence_length(lambda each: tf.size(each), [2, 4], [2, 2, 1]),
    "unique": lambda tf: tf.data.Dataset.from_tensor_slices([1, 2, 1, 3, 2]).unique(),
    "choose": lambda tf: tf.data.Dataset.choose_from_datasets(
        [tf.data.Dataset.range(3), tf.data.Dataset.range(10, 13)],
        tf.data.Dataset.from_tensor_slices(np.array([0, 1, 1, 0, 0, 0, 1])),
    ),
    "map, map, batch, map": lambda tf: (
        tf.data.Dataset.range(7)
        .map(lambda each: tf.cast(each, tf.float32))
        .map(lambda each: (each, each * 2))
        .batch(3)
        .map(lambda left, right: left + right)
    ),
    "map after enumerate": lambda tf: tf.data.Dataset.from_tensor_slices(VALUES).enumerate().map(lambda i, row: i),
    "map nested structures": lambda tf: tf.data.Dataset.from_tensor_slices(((VALUES, LABELS), LABELS)).map(
        lambda pair, label: (pair[0], {"z": pair[1] + label})
    ),
    "map named tuples": lambda tf: tf.data.Dataset.from_tensor_slices(Point(VALUES, LABELS)).map(
        lambda point: Point(point.y, point.x)
    ),
    "apply": lambda tf: tf.data.Dataset.range(5).apply(lambda dataset: dataset.take(2)),
}

MISTAKES: dict[str, Callable[[Any], Any]] = {
    "slices of a scalar": lambda tf: tf.data.Dataset.from_tensor_slices(3),
    "slices of different lengths": lambda tf: tf.data.Dataset.from_tensor_slices(([1, 2], [1, 2, 3])),
    "range without bounds": lambda tf: tf.data.Dataset.range(),
    "zip of a list": lambda tf: tf.data.Dataset.zip([tf.data.Dataset.range(3)]),
    "zip of numbers": lambda tf: tf.data.Dataset.zip((1, 2)),
    "zip of nothing": lambda tf: tf.data.Dataset.zip(),
    "batch of different shapes": lambda tf: list(ragged(tf).batch(2)),
    "batch of size zero": lambda tf: list(tf.data.Dataset.range(3).batch(0)),
    "a batch too large for its padding": lambda tf: list(ragged(tf).padded_batch(4, [2])),
    "concatenate other dtypes": lambda tf: tf.data.Dataset.range(3).concatenate(tf.data.Dataset.from_tensors(1.0)),
    "a generator that cannot be called": lambda tf: tf.data.Dataset.from_generator([1], tf.int32),
    "a generator without a signature": lambda tf: tf.data.Dataset.from_generator(lambda: iter([1])),
    "length of an infinite one": lambda tf: len(tf.data.Dataset.range(3).repeat()),
    "length of an unknown one": lambda tf: len(ragged(tf)),
    "a single element of two": lambda tf: tf.data.Dataset.range(2).get_single_element(),
    "a single element of none": lambda tf: tf.data.Dataset.range(0).get_single_element(),
    "a shard beyond the last": lambda tf: list(tf.data.Dataset.range(2).shard(2, 2)),
    "a shuffle of nothing": lambda tf: list(tf.data.Dataset.range(2).shuffle(0)),
    "the next of none": lambda tf: iter(tf.data.Dataset.range(0)).get_next(),
    "a filter that is no predicate": lambda tf: tf.data.Dataset.range(3).filter(lambda each: each + 1),
    "a map that cannot be": lambda tf: tf.data.Dataset.range(3).map(lambda each: each + tf.constant([1.0, 2.0])),
    "a map with a bug": lambda tf: tf.data.Dataset.range(3).map(lambda each: each.missing),
    "a map of other arguments": lambda tf: tf.data.Dataset.range(3).map(lambda left, right: left),
    "a map in no threads": lambda tf: list(tf.data.Dataset.range(3).map(lambda each: each, num_parallel_calls=0)),
    "a reduction to another dtype": lambda tf: tf.data.Dataset.range(3).reduce(0, lambda s, e: s + 1.0),
    "windows as NumPy arrays": lambda tf: tf.data.Dataset.range(3).window(2).as_numpy_iterator(),
    "unbatch a scalar": lambda tf: tf.data.Dataset.range(3).unbatch(),
    "an option that is none": lambda tf: setattr(tf.data.Options(), "speed", 3),
    "a slice that is no number": lambda tf: tf.data.Dataset.from_tensor_slices(object()),
}


def passes(tf: Any, pipeline: Callable[[Any], Any]) -> Any:
    """All that can be seen of a pipeline: its description, and two passes over (the beginning of) it."""
    tf.random.set_seed(11)
    dataset = pipeline(tf)
    seen = [[(leaf_of(each)) for each in dataset.take(25)] for _ in range(2)]
    packed = [describe(each) for each in dataset.take(3).as_numpy_iterator()]
    return str(dataset.element_spec), int(dataset.cardinality()), seen, packed


def leaf_of(element: Any) -> Any:
    """An element with its tensors as comparable values."""
    if isinstance(element, dict):
        return {key: leaf_of(value) for key, value in element.items()}
    if isinstance(element, tuple):
        return (type(element).__name__, *map(leaf_of, element))
    return element.dtype.name, tuple(element.shape), np.asarray(element.numpy()).tolist()


def describe(element: Any) -> Any:
    if isinstance(element, dict):
        return {key: describe(value) for key, value in element.items()}
    if isinstance(element, tuple):
        return tuple(map(describe, element))
    return type(element).__name__, np.asarray(element).tolist()


@pytest.mark.parametrize("name", PIPELINES)
def test_pipelines_are_tensorflows(name: str) -> None:
    assert passes(functape, PIPELINES[name]) == passes(tensorflow, PIPELINES[name])


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_raise_what_tensorflow_raises(name: str) -> None:
    with pytest.raises(Exception) as theirs:
        MISTAKES[name](tensorflow)
    with pytest.raises(Exception) as ours:
        MISTAKES[name](functape)
    kinds = [each.__name__ for each in type(ours.value).__mro__]
    assert type(theirs.value).__name__ in kinds, f"{theirs.value!r} against {ours.value!r}"


def test_windows_are_datasets() -> None:
    def windows(tf: Any, *args: Any) -> Any:
        dataset = tf.data.Dataset.from_tensor_slices(({"a": LABELS}, VALUES)).window(*args)
        seen = [
            ([int(each) for each in numbers["a"]], [each.numpy().tolist() for each in rows.batch(2)])
            for numbers, rows in dataset
        ]
        return seen, int(dataset.cardinality())

    for args in ((3,), (3, 1), (3, 1, 1, True), (2, 4), (2, 1, 2), (2, 1, 2, True), (3, 7, 1, True)):
        assert windows(functape, *args) == windows(tensorflow, *args), args


def test_a_dataset_keeps_its_own_copy() -> None:
    values = np.zeros(3)
    dataset = functape.data.Dataset.from_tensor_slices(values).batch(3)
    values[:] = 1
    assert next(iter(dataset)).numpy().tolist() == [0, 0, 0]


def test_an_element_never_comes_earlier_than_the_buffer_allows() -> None:
    order = [int(each) for each in functape.data.Dataset.range(200).shuffle(10)]
    assert sorted(order) == list(range(200))
    assert all(element < place + 10 for place, element in enumerate(order))
    assert order != list(range(200))


def test_an_abandoned_pass_closes_its_generator() -> None:
    closed = []

    def generate() -> Any:
        try:
            yield from range(100)
        finally:
            closed.append(True)

    elements = iter(functape.data.Dataset.from_generator(generate, functape.int32).batch(2))
    next(elements)
    assert not closed
    del elements
    assert closed


def test_an_exception_in_a_generator_arrives() -> None:
    def generate() -> Any:
        yield 1
        raise KeyError("lost")

    elements = iter(functape.data.Dataset.from_generator(generate, functape.int32))
    assert int(next(elements)) == 1
    with pytest.raises(KeyError, match="lost"):
        next(elements)


def test_reductions_are_tensorflows() -> None:
    def reduced(tf: Any) -> Any:
        dataset = tf.data.Dataset.range(5)
        total = dataset.reduce(np.int64(0), lambda state, each: state + each)
        pair = dataset.reduce((0, 1.0), lambda state, each: (state[0] + 1, state[1] * 2))
        return leaf_of(total), leaf_of(pair)

    assert reduced(functape) == reduced(tensorflow)


def test_a_map_is_traced_once_and_its_side_effects_happen_then() -> None:
    def traces(tf: Any) -> int:
        seen = []

        def function(each: Any) -> Any:
            seen.append(each)
            return each + 1

        dataset = tf.data.Dataset.range(10).map(function)
        for _ in range(2):
            list(dataset)
        return len(seen)

    assert traces(functape) == traces(tensorflow) == 1


def test_random_choices_follow_their_weights() -> None:
    parts = [functape.data.Dataset.from_tensors(number).repeat() for number in range(3)]
    chosen = functape.data.Dataset.sample_from_datasets(parts, weights=[0.2, 0.5, 0.3], seed=1)
    counts = np.bincount([int(each) for each in chosen.take(4000)], minlength=3) / 4000
    np.testing.assert_allclose(counts, [0.2, 0.5, 0.3], atol=0.03)
    again = [int(each) for each in chosen.take(50)]
    assert again == [int(each) for each in chosen.take(50)]


def test_an_exception_in_a_map_arrives_with_its_own_traceback() -> None:
    def fails(text: Any) -> Any:
        raise LookupError(f"nothing under {text}")

    for workers in (None, 2):
        dataset = functape.data.Dataset.from_tensor_slices(["a", "b"]).map(fails, num_parallel_calls=workers)
        with pytest.raises(LookupError, match="nothing under") as caught:
            list(dataset)
        assert any(entry.name == "fails" for entry in caught.traceback)


def test_an_abandoned_parallel_map_leaves_no_thread() -> None:
    dataset = functape.data.Dataset.from_tensor_slices(["a", "b"] * 50).map(lambda text: text, num_parallel_calls=2)
    elements = iter(dataset)
    next(elements)
    assert any(thread.name.startswith("functape-map") for thread in threading.enumerate())
    del elements
    assert not any(thread.name.startswith("functape-map") for thread in threading.enumerate())
