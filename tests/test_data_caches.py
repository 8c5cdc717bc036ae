"""What a cached dataset repeats, and after which passes, against TensorFlow."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest
import tensorflow

import functape


def numbers(tf: Any) -> Any:
    """Another order in each pass, so that a pass that is not from the cache shows."""
    return tf.data.Dataset.range(12).shuffle(100, seed=1)


CACHED: dict[str, Callable[[Any, str], Any]] = {
    "in memory": lambda tf, file: numbers(tf).batch(4, drop_remainder=True).cache(),
    "in a file": lambda tf, file: numbers(tf).batch(4, drop_remainder=True).cache(file),
    "before batches": lambda tf, file: numbers(tf).cache().batch(4),
    "of an unknown number": lambda tf, file: numbers(tf).batch(4).filter(lambda x: tf.reduce_sum(x) >= 0).cache(),
    "of no elements": lambda tf, file: numbers(tf).take(0).batch(4).cache(),
}
AFTER: dict[str, Callable[[Any, Any], Any]] = {
    "nothing": lambda tf, dataset: dataset,
    "prefetch": lambda tf, dataset: dataset.prefetch(2),
    "map": lambda tf, dataset: dataset.map(lambda x: x + 1),
    "a map of Python": lambda tf, dataset: dataset.map(lambda x: tf.py_function(lambda y: y, [x], tf.int64)).prefetch(
        1
    ),
    "unbatch and batch": lambda tf, dataset: dataset.unbatch().batch(3),
    "repeat": lambda tf, dataset: dataset.repeat(2),
    "take all": lambda tf, dataset: dataset.take(3),
    "take too many": lambda tf, dataset: dataset.take(5).prefetch(2),
    "take some": lambda tf, dataset: dataset.take(2),
    "skip": lambda tf, dataset: dataset.skip(1),
    "shuffle": lambda tf, dataset: dataset.shuffle(3, seed=2),
    "enumerate": lambda tf, dataset: dataset.enumerate().map(lambda place, x: x),
}


def nothing_ahead(tf: Any, dataset: Any) -> Any:
    """The dataset without the prefetching that TensorFlow adds, by which a partial pass is a whole one now and then."""
    if tf is functape:
        return dataset
    options = tf.data.Options()
    options.experimental_optimization.inject_prefetch = False
    return dataset.with_options(options)


@pytest.mark.parametrize("after", AFTER)
@pytest.mark.parametrize("cached", CACHED)
@pytest.mark.parametrize("count", [None, 3, 2], ids=["whole", "all and no more", "partial"])
def test_passes_repeat_what_has_been_cached(cached, after, count, tmp_path):
    if count is not None and after not in (
        "nothing",
        "repeat",
        "take all",
        "take some",
        "unbatch and batch",
        "shuffle",
    ):
        pytest.skip("how far TensorFlow reads ahead is a matter of time")
    if cached == "in a file" and (count == 3 or after.startswith("take")):
        pytest.skip("only what reads ahead makes TensorFlow's file of elements whole")
    if cached == "of no elements" and after == "a map of Python":
        pytest.skip("what Python returns is known from an element")
    found = []
    for tf in (tensorflow, functape):
        dataset = nothing_ahead(tf, AFTER[after](tf, CACHED[cached](tf, str(tmp_path / tf.__name__))))
        found.append([[each.numpy().tolist() for each in itertools.islice(dataset, count)] for _ in range(3)])
    assert found[0] == found[1]


@pytest.mark.parametrize("after", AFTER)
@pytest.mark.parametrize("cached", ["in memory", "in a file", "before batches"])
@pytest.mark.parametrize("steps", [None, 2, 3])
def test_fit_repeats_what_has_been_cached(cached, after, steps, tmp_path):
    if after in ("unbatch and batch", "shuffle", "repeat", "take some", "skip") and steps:
        pytest.skip("runs out of data, which warns")
    if cached == "in a file" and after == "take all":
        pytest.skip("only what reads ahead makes TensorFlow's file of elements whole")
    found = []
    for tf in (tensorflow, functape):
        seen: list[Any] = []

        class Model(tf.keras.Model):  # type: ignore[name-defined, misc]
            def train_step(self, data, seen=seen, tf=tf):
                seen.append(data.numpy().tolist())
                # TensorFlow's threads reach the end of the elements meanwhile, and only then is its file whole.
                time.sleep(0.02 if cached == "in a file" and tf is tensorflow else 0.0)
                return {"loss": tf.constant(0.0)}

        model = Model()
        model.compile(run_eagerly=True)
        model.fit(
            AFTER[after](tf, CACHED[cached](tf, str(tmp_path / tf.__name__))).repeat(2 if steps else 1),
            epochs=2,
            steps_per_epoch=steps,
            verbose=0,
        )
        found.append(seen)
    assert found[0] == found[1]
