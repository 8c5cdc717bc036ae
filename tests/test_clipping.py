"""Clipping by value and by norm against TensorFlow's."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow
from oracle import Case, check, check_raises, check_signature, each

import functape

INF, NAN = float("inf"), float("nan")

X = np.array([-2.0, -1.0, 0.5, 1.0, 3.0], np.float32)
MATRIX = np.array([[3.0, 4.0], [0.0, 0.0], [0.3, -0.4]], np.float32)
LOW, HIGH = np.float32(-1.0), np.float32(1.0)


def value_cases():
    yield Case("numbers", lambda tf, x: tf.clip_by_value(x, -1.0, 1.0), (X,))
    yield Case("ints", lambda tf, x: tf.clip_by_value(x, -1, 1), (X,))
    yield Case("tensor-bounds", lambda tf, x, low, high: tf.clip_by_value(x, low, high), (X, LOW, HIGH))
    yield Case("bounds-of-each", lambda tf, x, low: tf.clip_by_value(x, low, 1.0), (X, np.full(5, -1.0, np.float32)))
    yield Case(
        "bounds-broadcast", lambda tf, x, low: tf.clip_by_value(x, low, 2.0), (MATRIX, np.array([0.0, 1], np.float32))
    )
    yield Case("bounds-crossed", lambda tf, x, low, high: tf.clip_by_value(x, high, low), (X, LOW, HIGH))
    yield Case("special", lambda tf, x: tf.clip_by_value(x, -1.0, 1.0), (np.array([NAN, INF, -INF], np.float32),))
    yield Case("float64", lambda tf, x: tf.clip_by_value(x, -1.0, 1.0), (X.astype(np.float64),))
    yield Case("int32", lambda tf, x: tf.clip_by_value(x, 2, 3), (np.array([1, 5], np.int32),))
    yield Case("list", lambda tf: tf.clip_by_value([1.0, 5.0], 2.0, 3.0))
    yield Case("empty", lambda tf, x: tf.clip_by_value(x, -1.0, 1.0), (np.zeros(0, np.float32),))
    yield Case("variable", lambda tf: tf.clip_by_value(tf.Variable([1.0, 5.0]), 2.0, 3.0))

    def sparse(tf, x):
        slices = tf.IndexedSlices(x, tf.constant([0, 2, 4]), tf.constant([5, 2]))
        clipped = tf.clip_by_value(slices, -0.1, 1.0), tf.clip_by_norm(slices, 1.0)
        return [[each.values, each.indices, each.dense_shape] for each in clipped]

    yield Case("indexed-slices", sparse, (MATRIX,))


def norm_cases():
    for name, clip in (("inside", 10.0), ("outside", 1.0), ("int", 1), ("zero", 0.0), ("negative", -1.0)):
        yield Case(f"norm-{name}", lambda tf, x, c=clip: tf.clip_by_norm(x, c), (MATRIX,))
    yield Case("norm-axes", lambda tf, x: tf.clip_by_norm(x, 1.0, axes=1), (MATRIX,))
    yield Case("norm-axes-list", lambda tf, x: tf.clip_by_norm(x, 1.0, axes=[0]), (MATRIX,))
    yield Case("norm-tensor", lambda tf, x, clip: tf.clip_by_norm(x, clip), (MATRIX, np.float32(2.0)))
    yield Case("norm-at-bound", lambda tf, x, clip: tf.clip_by_norm(x, clip), (MATRIX[0], np.float32(5.0)))
    yield Case("norm-zeros", lambda tf, x: tf.clip_by_norm(x, 1.0), (np.zeros(3, np.float32),))
    yield Case("norm-infinite", lambda tf, x: tf.clip_by_norm(x, 1.0), (np.array([3.0, INF], np.float32),), 0)


def global_cases():
    parts = [MATRIX, X]
    yield Case("global_norm", lambda tf, parts: tf.linalg.global_norm(parts), (parts,))
    yield Case("global_norm-none", lambda tf, x: tf.linalg.global_norm([x, None]), (X,))
    yield Case("global_norm-nothing", lambda tf: tf.linalg.global_norm([]))
    for name, clip in (("inside", 100.0), ("outside", 1.0), ("int", 2)):
        yield Case(f"global-{name}", lambda tf, parts, c=clip: tf.clip_by_global_norm(parts, c), (parts,))
    yield Case("global-tensor", lambda tf, parts, clip: tf.clip_by_global_norm(parts, clip), (parts, np.float32(1.5)))
    yield Case("global-given", lambda tf, x, norm: tf.clip_by_global_norm([x], 1.0, norm), (X, np.float32(2.0)))
    yield Case("global-tuple-none", lambda tf, x: tf.clip_by_global_norm((x, None), 1.0), (X,))
    yield Case("global-zeros", lambda tf, x: tf.clip_by_global_norm([x], 1.0), (np.zeros(2, np.float32),))
    yield Case("global-infinite", lambda tf, x: tf.clip_by_global_norm([x], 1.0), (np.array([1, INF], np.float32),), 0)
    yield Case("global-nothing", lambda tf: tf.clip_by_global_norm([], 1.0))
    yield Case("global-float64", lambda tf, x: tf.clip_by_global_norm([x], 1.0), (X.astype(np.float64),))

    def sparse(tf, x):
        slices = tf.IndexedSlices(x, tf.constant([0, 2, 4]))
        (first, second), norm = tf.clip_by_global_norm([slices, x], 1.0)
        return first.values, first.indices, second, norm

    yield Case("global-indexed-slices", sparse, (MATRIX,))


@each([*value_cases(), *norm_cases(), *global_cases()])
def test_clipping(case):
    check(case)


def wrong():
    i = np.array([1, 5], np.int32)
    yield Case("float-bound-of-int", lambda tf, i: tf.clip_by_value(i, 2, 3.5), (i,))
    yield Case("bounds-too-wide", lambda tf, x: tf.clip_by_value(x, [[2.0]], 3.0), (X,))
    yield Case("bounds-of-a-scalar", lambda tf, x: tf.clip_by_value(x, [2.0, 3.0], 4.0), (np.float32(1.0),))
    yield Case("bounds-incompatible", lambda tf, x: tf.clip_by_value(x, [2.0, 3.0], 4.0), (X,))
    yield Case("mixed", lambda tf, x, i: tf.clip_by_value(x, i[0], 4.0), (X, i))
    yield Case("bool", lambda tf, x: tf.clip_by_value(x, False, True), (np.array([True]),))
    yield Case("norm-of-int", lambda tf, i: tf.clip_by_norm(i, 1), (i,))
    yield Case("norm-too-wide", lambda tf, x: tf.clip_by_norm(x, tf.ones((2, 5))), (X,))
    yield Case("norm-axis", lambda tf, x: tf.clip_by_norm(x, 1.0, axes=1), (X,))
    yield Case("global_norm-tensor", lambda tf, x: tf.linalg.global_norm(x), (X,))
    yield Case("global_norm-mixed", lambda tf, x, y: tf.linalg.global_norm([x, y]), (X, X.astype(np.float64)))
    yield Case("global-tensor", lambda tf, x: tf.clip_by_global_norm(x, 1.0), (X,))
    yield Case("global-dict", lambda tf, x: tf.clip_by_global_norm({"a": x}, 1.0), (X,))
    yield Case("global-mixed", lambda tf, x, y: tf.clip_by_global_norm([x, y], 1.0), (X, X.astype(np.float64)))


@each(wrong())
def test_errors(case):
    check_raises(case)


@pytest.mark.parametrize("name", ["clip_by_value", "clip_by_norm", "clip_by_global_norm", "complex"])
def test_signatures(name):
    check_signature(getattr(tensorflow, name), getattr(functape, name))
