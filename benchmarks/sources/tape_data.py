"""Pipelines of `tf.data`, written once for TensorFlow and functape, and the mapped one for grain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.sources import values
from benchmarks.sources.tape import training


def epoch(tf: Any, rows: int, width: int) -> Callable[[], int]:
    """An epoch of float32 rows through `shuffle(1024).batch(64)`; how many batches it had."""
    generator = np.random.default_rng(0)
    slices = generator.random((rows, width), np.float32), generator.integers(0, 10, rows)
    dataset = tf.data.Dataset.from_tensor_slices(slices).shuffle(1024).batch(64)
    return lambda: sum(1 for _ in dataset)


def decode(number: Any) -> Any:
    """A stand-in for decoding a picture: Python and NumPy work of about a tenth of a millisecond."""
    picture = np.random.default_rng(int(number)).integers(0, 256, (32, 32, 3), np.uint8)
    return (picture.astype(np.float32) / np.float32(255.0) - np.float32(0.5)).astype(np.float32)


def mapped(tf: Any, count: int) -> Callable[[], int]:
    """A Python function mapped over pictures by four threads; how many came."""

    def load(number: Any) -> Any:
        return tf.numpy_function(decode, [number], tf.float32)

    dataset = tf.data.Dataset.range(count).map(load, num_parallel_calls=4).prefetch(16)
    return lambda: sum(1 for _ in dataset)


def mapped_by_grain(count: int) -> Callable[[], int]:
    """As `mapped`, by grain alone."""
    import grain

    options = grain.ReadOptions(num_threads=4, prefetch_buffer_size=16)
    dataset = grain.MapDataset.range(count).map(decode).to_iter_dataset(options)
    return lambda: sum(1 for _ in dataset)


def steps_on_dataset(tf: Any, steps: int) -> Callable[[], Any]:
    """Adam steps of a 784-512-512-10 perceptron on the batches of a shuffled dataset."""
    return _fed(tf, steps, from_dataset=True)


def steps_on_one_batch(tf: Any, steps: int) -> Callable[[], Any]:
    """The same steps on one batch again and again."""
    return _fed(tf, steps, from_dataset=False)


def _fed(tf: Any, steps: int, from_dataset: bool) -> Callable[[], Any]:
    inputs, labels, weights, biases = values.perceptron((784, 512, 512, 10), 128)
    variables = [tf.Variable(each) for layer in zip(weights, biases, strict=True) for each in layer]
    optimizer = tf.keras.optimizers.Adam(learning_rate=0.001)
    rows, targets = np.tile(inputs, (steps, 1)), np.tile(labels, (steps, 1))
    dataset = tf.data.Dataset.from_tensor_slices((rows, targets)).shuffle(1024).batch(128)
    batches: Any = dataset if from_dataset else [(tf.constant(inputs), tf.constant(labels))] * steps

    def loss_function(x: Any, y: Any) -> Any:
        for kernel, offset in zip(variables[:-2:2], variables[1:-2:2], strict=True):
            x = tf.nn.relu(x @ kernel + offset)
        return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, x @ variables[-2] + variables[-1]))

    def pass_over() -> Any:
        for x, y in batches:
            loss = training(tf, variables, lambda x=x, y=y: loss_function(x, y), optimizer)()
        return loss

    return pass_over
