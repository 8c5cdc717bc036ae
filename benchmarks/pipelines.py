"""`python -m benchmarks.pipelines`: pipelines of tf.data here, under TensorFlow and under grain, side by side."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

import functape
from benchmarks._tape_sources import perceptron_values
from benchmarks._timing import Timing, Way, interleave


def nothing() -> None:
    """There is nothing to wait for."""


def epoch_of_rows(tf: Any) -> Callable[[], int]:
    """An epoch of 60,000 x 784 float32 through `shuffle(1024).batch(64)`."""
    generator = np.random.default_rng(0)
    rows = generator.random((60_000, 784), np.float32)
    labels = generator.integers(0, 10, 60_000)
    dataset = tf.data.Dataset.from_tensor_slices((rows, labels)).shuffle(1024).batch(64)
    return lambda: sum(1 for _ in dataset)


def decode(number: Any) -> Any:
    """A stand-in for decoding a picture: Python and NumPy work of about a tenth of a millisecond."""
    picture = np.random.default_rng(int(number)).integers(0, 256, (32, 32, 3), np.uint8)
    return (picture.astype(np.float32) / np.float32(255.0) - np.float32(0.5)).astype(np.float32)


def mapped_pictures(tf: Any, count: int) -> Callable[[], int]:
    """A Python function mapped over pictures by four threads."""

    def load(number: Any) -> Any:
        return tf.numpy_function(decode, [number], tf.float32)

    dataset = tf.data.Dataset.range(count).map(load, num_parallel_calls=4).prefetch(16)
    return lambda: sum(1 for _ in dataset)


def grain_pictures(count: int) -> Callable[[], int]:
    """The same by grain alone."""
    import grain

    options = grain.ReadOptions(num_threads=4, prefetch_buffer_size=16)
    dataset = grain.MapDataset.range(count).map(decode).to_iter_dataset(options)
    return lambda: sum(1 for _ in dataset)


def fed_step(source: str) -> Callable[[], None]:
    """40 undecorated Adam steps of a 784-512-512-10 perceptron, on one batch again and again or on a dataset."""
    tf = functape
    inputs, labels, weights, biases = perceptron_values((784, 512, 512, 10), 128)
    kernels, offsets = [tf.Variable(each) for each in weights], [tf.Variable(each) for each in biases]
    variables = [each for pair in zip(kernels, offsets, strict=True) for each in pair]
    optimizer = tf.keras.optimizers.Adam(learning_rate=0.001)
    rows, targets = np.tile(inputs, (40, 1)), np.tile(labels, (40, 1))
    dataset = tf.data.Dataset.from_tensor_slices((rows, targets)).shuffle(1024).batch(128)
    held = tf.constant(inputs), tf.constant(labels)

    def forward(hidden: Any) -> Any:
        for kernel, offset in list(zip(kernels, offsets, strict=True))[:-1]:
            hidden = tf.nn.relu(hidden @ kernel + offset)
        return hidden @ kernels[-1] + offsets[-1]

    def epoch() -> None:
        for x, y in dataset if source == "dataset" else [held] * 40:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, forward(x)))
            gradients = tape.gradient(loss, variables)
            optimizer.apply_gradients(zip(gradients, variables, strict=True))
        loss.numpy()

    return epoch


def show(title: str, timings: list[Timing]) -> None:
    """Print what was measured."""
    print(title)
    for each in timings:
        print(
            f"  {each.name:<24} {each.median * 1e3:9.1f} ms  (quartiles {each.low * 1e3:.1f} to {each.high * 1e3:.1f})"
        )


def main() -> None:
    """Run the workloads and print the times."""
    import tensorflow

    began = time.perf_counter()
    epochs = [Way(tf.__name__, epoch_of_rows(tf), nothing) for tf in (functape, tensorflow)]
    show("an epoch of 60,000 x 784 through shuffle(1024).batch(64)", interleave(epochs, 1, 5, 1))
    steps = [Way(f"steps on {source}", fed_step(source), nothing) for source in ("one batch", "dataset")]
    show("40 Adam steps, 784-512-512-10, batch 128", interleave(steps, 1, 9, 1))
    pictures = [
        Way("functape", mapped_pictures(functape, 10_000), nothing),
        Way("grain", grain_pictures(10_000), nothing),
        Way("tensorflow", mapped_pictures(tensorflow, 10_000), nothing),
    ]
    show("a Python map over 10,000 pictures, 4 threads", interleave(pictures, 1, 3, 1))
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
