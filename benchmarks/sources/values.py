"""Inputs, labels and parameters of the workloads: the same numbers each time and for each way of writing them."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np


def _normal(random: np.random.Generator, shape: tuple[int, ...], fan_in: float) -> np.ndarray:
    return (random.normal(size=shape) / np.sqrt(fan_in)).astype(np.float32)


def perceptron(widths: tuple[int, ...], batch: int) -> tuple[Any, Any, list[Any], list[Any]]:
    """Inputs, one-hot labels, kernels and biases of a perceptron."""
    random = np.random.default_rng(0)
    inputs = random.normal(size=(batch, widths[0])).astype(np.float32)
    labels = np.eye(widths[-1], dtype=np.float32)[random.integers(0, widths[-1], batch)]
    kernels = [_normal(random, shape, shape[0]) for shape in itertools.pairwise(widths)]
    return inputs, labels, kernels, [np.zeros(width, np.float32) for width in widths[1:]]


def convolutional(batch: int) -> tuple[Any, Any, list[Any]]:
    """Images, one-hot labels and parameters of a net with two convolutions."""
    random = np.random.default_rng(0)
    inputs = random.normal(size=(batch, 28, 28, 1)).astype(np.float32)
    labels = np.eye(10, dtype=np.float32)[random.integers(0, 10, batch)]
    parameters = []
    for shape in ((3, 3, 1, 32), (3, 3, 32, 64), (1600, 10)):
        parameters.append(_normal(random, shape, float(np.prod(shape[:-1]))))
        parameters.append(np.zeros(shape[-1], np.float32))
    return inputs, labels, parameters


def recurrent(steps: int, batch: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Sequences of 32 features, and the weights of an LSTM of 64 units."""
    random = np.random.default_rng(0)
    features, units = 32, 64
    shapes = [(features, 4 * units), (units, 4 * units), (4 * units,)]
    weights = [random.normal(0, 0.1, shape).astype(np.float32) for shape in shapes]
    return random.normal(size=(batch, steps, features)).astype(np.float32), weights


HEADS, MODEL, INNER = 4, 128, 512
"""The transformer's attention heads, features, and features of its inner layer."""


def transformer(layers: int, steps: int, batch: int) -> tuple[np.ndarray, np.ndarray, list[list[list[np.ndarray]]]]:
    """Inputs, targets, and by layer the weights of the attention, the first norm, two dense layers, the second norm."""
    random = np.random.default_rng(0)
    split = (MODEL, HEADS, MODEL // HEADS)
    parameters = []
    for _ in range(layers):
        attention = []
        for _ in range(3):
            attention += [_normal(random, split, MODEL), np.zeros(split[1:], np.float32)]
        attention += [_normal(random, (*split[1:], MODEL), MODEL), np.zeros(MODEL, np.float32)]
        dense = [
            [_normal(random, shape, shape[0]), np.zeros(shape[1], np.float32)]
            for shape in ((MODEL, INNER), (INNER, MODEL))
        ]
        norms = [[np.ones(MODEL, np.float32), np.zeros(MODEL, np.float32)] for _ in range(2)]
        parameters.append([attention, norms[0], *dense, norms[1]])
    shape = (batch, steps, MODEL)
    return (
        random.normal(size=shape).astype(np.float32),
        random.normal(size=shape).astype(np.float32),
        parameters,
    )


def embedding(rows: int, width: int, looked_up: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows to look up, and what they should be; the table begins with zeros."""
    random = np.random.default_rng(0)
    return random.integers(0, rows, looked_up).astype(np.int32), _normal(random, (looked_up, width), 1.0)


def sigmoid_layer() -> tuple[Any, Any, Any]:
    """A batch of 8, a 64 x 64 kernel and an offset."""
    random = np.random.default_rng(1)
    return _normal(random, (8, 64), 1.0), _normal(random, (64, 64), 64), np.zeros(64, np.float32)


def tanh_net() -> tuple[Any, list[Any], list[Any]]:
    """A batch of 256, the kernels of two layers, and a direction in their space."""
    random = np.random.default_rng(2)
    shapes = ((128, 256), (256, 64))
    kernels = [_normal(random, shape, 256) for shape in shapes]
    directions = [_normal(random, shape, 1.0) for shape in shapes]
    return _normal(random, (256, 128), 1.0), kernels, directions


def small_net() -> tuple[Any, Any]:
    """A batch of 1,024 with 6 numbers each, and 64 parameters: a layer of 8, an offset, and one of 1."""
    random = np.random.default_rng(3)
    return _normal(random, (1024, 6), 1.0), _normal(random, (64,), 9)


def large_kernels(width: int, count: int) -> Any:
    """One kernel at a time, so that nothing but the program that takes them holds them."""
    for number in range(count):
        yield np.full((width, width), (number + 1) / width, np.float32)
