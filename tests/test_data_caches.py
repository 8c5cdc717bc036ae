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


EXACT = ("nothing", "repeat", "take all", "take some", "unbatch and batch", "shuffle")
"""After which it is no matter of time how far TensorFlow reads ahead in a partial pass."""
COUNTS = {"whole": None, "all and no more": 3, "partial": 2}


def fills_its_file(cached: str, after: str, count: int | None) -> bool:
    """Whether TensorFlow asks past the last element, which alone makes its file whole, without reading ahead."""
    return cached != "in a file" or (count != 3 and not after.startswith("take"))


PASSES = [
    pytest.param(cached, after, count, id=f"{cached}-{after}-{name}")
    for (name, count), cached, after in itertools.product(COUNTS.items(), CACHED, AFTER)
    if (count is None or after in EXACT) and fills_its_file(cached, after, count)
    # What Python returns is known from an element.
    if (cached, after) != ("of no elements", "a map of Python")
]


@pytest.mark.parametrize(("cached", "after", "count"), PASSES)
def test_passes_repeat_what_has_been_cached(cached, after, count, tmp_path):
    found = []
    for tf in (tensorflow, functape):
        dataset = nothing_ahead(tf, AFTER[after](tf, CACHED[cached](tf, str(tmp_path / tf.__name__))))
        found.append([[each.numpy().tolist() for each in itertools.islice(dataset, count)] for _ in range(3)])
    assert found[0] == found[1]


SHORT = ("unbatch and batch", "shuffle", "repeat", "take some", "skip")
"""After which a fixed number of steps runs out of data, or into the next pass."""
FITS = [
    (cached, after, steps)
    for steps, cached, after in itertools.product((None, 2, 3), ("in memory", "in a file", "before batches"), AFTER)
    if not (steps and after in SHORT) and (cached, after) != ("in a file", "take all")
]


@pytest.mark.parametrize(("cached", "after", "steps"), FITS)
def test_fit_repeats_what_has_been_cached(cached, after, steps, tmp_path):
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
